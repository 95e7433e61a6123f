// A tool's form, sent in place: files can be put in order, results are shown beside it. Without this script the form
// is sent as it is, and answered with the file.

import { Problem, download, eachLine, element, nameOf, naturally, send, size, takeFiles, teller } from "./upload.js";

const form = document.querySelector("form.tool");
const input = form.querySelector("input[type=file]");
const list = form.querySelector(".chosen");
const results = document.querySelector(".results");
const { say, complain } = teller(document.querySelector(".status"));
const several = input.multiple;
let chosen = [];

takeFiles(form.querySelector(".drop"), input, (files) => {
  chosen = several ? [...chosen, ...files] : files.slice(0, 1);
  input.value = "";
  input.required = chosen.length === 0;
  show();
  preview();
});

function show() {
  list.replaceChildren(...chosen.map(entry));
  const sorts = chosen.length > 1 ? [button("Sort by name", () => arrange([...chosen].sort((a, b) => naturally(a.name, b.name))))] : [];
  list.append(...sorts.map((sort) => element("li", { className: "sort" }, sort)));
}

function entry(file, place) {
  const moves = several && [
    button("↑", () => move(place, place - 1), `Move ${file.name} up`, place === 0),
    button("↓", () => move(place, place + 1), `Move ${file.name} down`, place === chosen.length - 1),
  ];
  const remove = button("×", () => arrange(chosen.filter((other) => other !== file)), `Remove ${file.name}`);
  return element("li", {}, element("span", { className: "name" }, file.name), element("span", { className: "size" }, size(file.size)), ...(moves || []), remove);
}

function button(text, act, label = text, disabled = false) {
  const made = element("button", { type: "button", textContent: text, disabled, "aria-label": label });
  made.addEventListener("click", act);
  return made;
}

function move(from, to) {
  const files = [...chosen];
  files.splice(to, 0, ...files.splice(from, 1));
  arrange(files);
  say(`${files[to].name} is now number ${to + 1} of ${files.length}.`);
  list.children[to]?.querySelector("button:not(:disabled)")?.focus();
}

function arrange(files) {
  chosen = files;
  input.required = chosen.length === 0;
  show();
  preview();
}

function filled(files = chosen) {
  const data = new FormData(form);
  data.delete("files");
  for (const file of files) data.append("files", file, file.name);
  return data;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!chosen.length) return complain(new Problem({ detail: "Choose a file first." }));
  form.setAttribute("aria-busy", "true");
  form.querySelector("[type=submit]").disabled = true;
  const begun = performance.now();
  say("Working …");
  try {
    const response = await send(form.action, filled());
    const blob = await response.blob();
    await tell(response, blob);
    say(`Done in ${((performance.now() - begun) / 1000).toFixed(2)} s.`);
  } catch (error) {
    mark(error.parameter);
    complain(error);
  } finally {
    form.removeAttribute("aria-busy");
    form.querySelector("[type=submit]").disabled = false;
  }
});

/** Shows the option at fault. */
function mark(parameter) {
  for (const field of form.elements) field.removeAttribute("aria-invalid");
  const field = parameter && form.elements.namedItem(parameter);
  if (!field?.focus) return;
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

async function tell(response, blob) {
  for (const link of results.querySelectorAll("a[href^='blob:'], img[src^='blob:']")) URL.revokeObjectURL(link.href || link.src);
  const name = nameOf(response);
  const about = JSON.parse(response.headers.get("x-about") || "null") || {};
  const picture = blob.type.startsWith("image/") ? element("img", { src: URL.createObjectURL(blob), alt: `Result: ${name}` }) : null;
  const text = /^(text|application\/json)/.test(blob.type) ? element("pre", {}, await blob.text()) : null;
  results.replaceChildren(element("h2", {}, "Result"), element("div", { className: "result" }, picture, text, facts(about), download(blob, name)));
}

function facts(about) {
  const said = Object.entries(about).filter(([, value]) => value !== null && value !== "" && typeof value !== "object");
  const notes = Array.isArray(about.notes) ? about.notes : [];
  const pairs = said.map(([key, value]) => element("div", {}, element("dt", {}, key.replaceAll("_", " ")), element("dd", {}, String(value))));
  return element("div", {}, pairs.length ? element("dl", { className: "facts" }, ...pairs) : null, ...notes.map((note) => element("p", { className: "note" }, note)));
}

// A watermark is shown on the first page while its options are chosen.
const frame = document.querySelector(".preview");
let wait, asking, first;
let complained = false;

function preview() {
  first = null;
  if (frame) later();
}

function later() {
  clearTimeout(wait);
  wait = setTimeout(draw, 350);
}

async function draw() {
  asking?.abort();
  const mine = (asking = new AbortController());
  const [document_, ...others] = chosen;
  if (!document_ || (!others.length && !form.elements.text.value)) return frame.replaceChildren();
  try {
    first ??= await page(document_, mine.signal);
    const data = filled([first, ...others]);
    data.delete("pages");
    data.delete("passwords");
    const marked = await (await send(form.action, data, mine.signal)).blob();
    const look = new FormData();
    look.append("files", marked, "preview.pdf");
    look.append("pages", "1");
    look.append("width", "480");
    const response = await send(form.action.replace("/watermark", "/thumbnails"), look, mine.signal);
    await eachLine(response, ({ type, data }) => {
      frame.replaceChildren(element("img", { src: `data:${type};base64,${data}`, alt: "Preview of the first page" }));
    });
    if (complained) say("");
    complained = false;
  } catch (error) {
    if (error.name === "AbortError") return;
    complained = true;
    complain(error);
  }
}

async function page(file, signal) {
  const data = new FormData();
  data.append("files", file, file.name);
  data.append("pages", "1");
  for (const password of [form.elements.passwords?.value].filter(Boolean)) data.append("passwords", password);
  const response = await send(form.action.replace("/watermark", "/extract"), data, signal);
  return new File([await response.blob()], file.name);
}

if (frame) form.addEventListener("input", later);
