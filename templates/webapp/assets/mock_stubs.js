// Stubs: a list, a form for the simple ones, and an editor for all that WireMock's format can say.

import { element } from "./upload.js";

const METHODS = ["ANY", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const FAULTS = ["EMPTY_RESPONSE", "MALFORMED_RESPONSE_CHUNK", "RANDOM_DATA_THEN_CLOSE", "CONNECTION_RESET_BY_PEER"];
const EXAMPLE = { request: { method: "GET", urlPath: "/hello" }, response: { status: 200, jsonBody: { hello: "world" } } };

/** The view, and `edit(mapping)` that shows a stub in the editor. */
export function stubs(page) {
  const { api, attempt, say } = page;
  const list = element("ol", { className: "stubs", "aria-label": "Stubs" });
  const json = element("textarea", { id: "stub-json", rows: 16, spellcheck: false, "aria-describedby": "stub-help" });
  const simple = simpleForm();
  const remove = button("Delete", () => attempt(async () => {
    await api.ask("DELETE", `/mappings/${current}`);
    fresh();
    await refresh();
  }, "Deleted."));
  let current = null;

  const editor = element("form", { className: "tool editor" },
    element("div", { className: "field" }, element("label", { htmlFor: "stub-json" }, "The stub as JSON"), json,
      element("p", { className: "hint", id: "stub-help" }, "All of WireMock’s format. What is not supported is refused by name.")),
    element("p", { className: "inline" }, element("button", { type: "submit", className: "strong", textContent: "Save stub" }), button("New", fresh), remove));
  editor.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      const saved = current ? await api.ask("PUT", `/mappings/${current}`, json.value) : await api.ask("POST", "/mappings", json.value);
      edit(saved);
      await refresh();
    }, "Saved: it answers now.");
  });

  page.edit = (mapping) => {
    page.show("Stubs");
    edit(mapping);
    json.focus();
  };

  function edit(mapping) {
    const { id, uuid, ...shown } = mapping;
    current = id || null;
    json.value = JSON.stringify(shown, null, 2);
    remove.disabled = !current;
    simple.fill(mapping);
    mark();
  }

  function fresh() {
    edit(EXAMPLE);
  }

  function mark() {
    for (const entry of list.children) entry.firstChild?.setAttribute?.("aria-current", String(entry.dataset.id === current));
  }

  async function refresh() {
    const { mappings } = await api.ask("GET", "/mappings");
    const entries = mappings.map((mapping) => {
      const open = button("", () => edit(mapping));
      const { method = "ANY", ...where } = mapping.request || {};
      const url = where.url || where.urlPath || where.urlPathTemplate || where.urlPattern || where.urlPathPattern || "any URL";
      const answer = mapping.response?.fault || mapping.response?.status || 200;
      open.append(element("b", {}, method), element("code", {}, url), element("span", {}, String(answer)), ...(mapping.name ? [element("i", {}, mapping.name)] : []));
      return element("li", {}, open);
    });
    entries.forEach((entry, place) => (entry.dataset.id = mappings[place].id));
    list.replaceChildren(...(entries.length ? entries : [element("li", { className: "hint" }, "No stubs yet. Save the one in the editor, or paste a file.")]));
    mark();
  }

  function simpleForm() {
    const method = choice("Method", METHODS);
    const url = field("Path", { value: "/hello" });
    const status = field("Status", { type: "number", value: "200", min: "100", max: "599" });
    const delay = field("Delay in ms", { type: "number", value: "0", min: "0", max: "60000" });
    const fault = choice("Instead of an answer", ["", ...FAULTS], (name) => (name ? name.toLowerCase().replaceAll("_", " ") : "nothing breaks"));
    const apply = () => {
      const mapping = written();
      const { request, response } = mapping;
      request.method = method.input.value;
      for (const kind of ["url", "urlPathPattern", "urlPattern", "urlPathTemplate"]) delete request[kind];
      if (url.input.value.includes("?")) {
        delete request.urlPath;
        request.url = url.input.value;
      } else request.urlPath = url.input.value;
      set(response, "fault", fault.input.value);
      set(response, "fixedDelayMilliseconds", Number(delay.input.value));
      response.status = Number(status.input.value) || 200;
      json.value = JSON.stringify(mapping, null, 2);
    };
    const fields = [method, url, status, delay, fault];
    for (const { input } of fields) input.addEventListener("change", apply);
    const fill = ({ request = {}, response = {} }) => {
      method.input.value = request.method || "ANY";
      url.input.value = request.urlPath || request.url || request.urlPathTemplate || request.urlPathPattern || request.urlPattern || "";
      status.input.value = response.status || 200;
      delay.input.value = response.fixedDelayMilliseconds || 0;
      fault.input.value = response.fault || "";
    };
    return { element: element("div", { className: "fields" }, ...fields.map(({ element }) => element)), fill };
  }

  function written() {
    try {
      const mapping = JSON.parse(json.value);
      return { ...mapping, request: mapping.request || {}, response: mapping.response || {} };
    } catch {
      return structuredClone(EXAMPLE);
    }
  }

  const paste = pasteForm(page, async () => {
    await refresh();
    say("Taken: it answers now.");
  });
  editor.prepend(simple.element);
  fresh();
  return {
    element: element("div", { className: "bench" }, element("div", { className: "tool" }, element("h2", {}, "Stubs"), list, paste), editor),
    opened: () => attempt(refresh),
  };
}

/** A box for any file that the workspace understands. */
function pasteForm({ api, attempt }, done) {
  const text = element("textarea", { id: "paste", rows: 5, spellcheck: false, placeholder: "A WireMock file, OpenAPI (JSON or YAML), HAR, or a JSON array" });
  const name = field("Name of a collection", { value: "items" });
  const file = element("input", { type: "file", id: "paste-file", accept: ".json,.yaml,.yml,.har" });
  file.addEventListener("change", async () => {
    if (file.files[0]) text.value = await file.files[0].text();
  });
  const form = element("form", { className: "tool paste" }, element("h3", {}, "Paste a file"),
    element("div", { className: "field" }, element("label", { htmlFor: "paste" }, "Stubs, OpenAPI, HAR or data"), text),
    element("div", { className: "fields" }, element("div", { className: "field" }, element("label", { htmlFor: "paste-file" }, "Or choose one"), file), name.element),
    element("p", { className: "inline" }, element("button", { type: "submit", textContent: "Take it" })));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      await api.ask("POST", `/paste?name=${encodeURIComponent(name.input.value)}`, text.value);
      form.reset();
      await done();
    });
  });
  return form;
}

export function button(text, act) {
  const made = element("button", { type: "button", textContent: text });
  made.addEventListener("click", act);
  return made;
}

let count = 0;

/** A labelled input. */
export function field(label, properties = {}) {
  const input = element("input", { id: `mock-${++count}`, autocomplete: "off", ...properties });
  return { input, element: element("div", { className: "field" }, element("label", { htmlFor: input.id }, label), input) };
}

/** A labelled list to choose from. */
export function choice(label, values, shown = (value) => value) {
  const input = element("select", { id: `mock-${++count}` }, ...values.map((value) => element("option", { value }, shown(value))));
  return { input, element: element("div", { className: "field" }, element("label", { htmlFor: input.id }, label), input) };
}

function set(object, key, value) {
  if (value) object[key] = value;
  else delete object[key];
}
