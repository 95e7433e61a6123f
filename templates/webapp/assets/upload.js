// What every page with files shares: elements, picking and dropping files, sending them, telling what came of it.

/** Makes an element; properties are set, children are appended as text or elements. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role") made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

/** What a server said no with (RFC 9457). */
export class Problem extends Error {
  constructor({ detail, title, parameter }) {
    super(detail || title || "That did not work.");
    this.parameter = parameter;
  }
}

/** Sends a form and returns the response, or throws a Problem. */
export async function send(path, form, signal) {
  let response;
  try {
    response = await fetch(path, { method: "POST", body: form, signal, headers: { Accept: "application/json" } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ detail: "The site did not answer. Is there a connection?" });
  }
  if (response.ok) return response;
  throw new Problem(await response.json().catch(() => ({ detail: `The site answered ${response.status}.` })));
}

/** Calls `each` with every line of JSON as it comes. */
export async function eachLine(response, each) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const told = JSON.parse(line);
      if (told.problem) throw new Problem(told.problem);
      each(told);
    }
  }
}

/** The name that a download asks for. */
export function nameOf(response) {
  const header = response.headers.get("content-disposition") || "";
  const encoded = header.match(/filename\*=UTF-8''([^;]+)/);
  if (encoded) return decodeURIComponent(encoded[1]);
  return header.match(/filename="([^"]*)"/)?.[1] || "result";
}

/** Bytes as people read them. */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(bytes < 1e4 ? 1 : 0)} KB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Orders names as people do: 2 before 10. */
export const naturally = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;

/** Lets files be dropped onto a label and picked with its input; calls `take` with them. */
export function takeFiles(zone, input, take) {
  const over = (is) => zone.classList.toggle("over", is);
  input.addEventListener("change", () => take([...input.files]));
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  zone.addEventListener("dragleave", () => over(false));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    take([...event.dataTransfer.files]);
  });
}

/** Says something to eyes and screen readers; problems interrupt. */
export function teller(status) {
  return {
    say(text) {
      status.className = "status";
      status.setAttribute("role", "status");
      status.textContent = text;
    },
    complain(error) {
      status.className = "status problem";
      status.setAttribute("role", "alert");
      status.textContent = error.message;
    },
  };
}

/** A link that saves what is in memory. */
export function download(blob, name, label = `Save ${name}`) {
  return element("a", { className: "button", href: URL.createObjectURL(blob), download: name }, `${label} (${size(blob.size)})`);
}
