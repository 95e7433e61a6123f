// The page organiser: documents come in as thumbnails, which are chosen, moved, turned, copied and left out; then the
// server makes one document of what is left, or does something with it. Nothing is uploaded that is not asked for.

import { Arrangement, placesOf, rangeOf } from "./pages.js";
import { Problem, download, eachLine, element, nameOf, naturally, send, takeFiles, teller } from "./upload.js";

const root = document.querySelector(".organiser");
const api = root.dataset.api;
const sheet = root.querySelector(".sheet");
const range = root.querySelector("[name=range]");
const results = root.querySelector(".results");
const { say, complain } = teller(root.querySelector(".status"));

/** How many thumbnails are asked for at once. */
const BATCH = 24;
const arrangement = new Arrangement();
const documents = [];
const cards = new Map();
let selected = new Set();
let focused = null;
let keys = 0;
const fresh = () => (keys += 1);

takeFiles(root.querySelector(".drop"), root.querySelector("input[type=file]"), async (files) => {
  for (const file of files.sort((a, b) => naturally(a.name, b.name))) await add(file);
});

async function add(file, password) {
  say(`Opening ${file.name} …`);
  try {
    const response = await send(`${api}/inspect`, upload([{ file, password }]));
    const { about } = (await response.json()).files[0];
    const number = documents.push({ file, password }) - 1;
    const pages = about.pages.map((page, index) => ({ key: fresh(), document: number, page: index + 1, turn: 0, width: page.width, height: page.height }));
    arrangement.append(pages);
    draw();
    say(`${file.name}: ${pages.length} pages.`);
    await thumbnails(number, pages.length);
  } catch (error) {
    if (error.parameter !== "passwords") return complain(error);
    ask(file, error);
  }
}

/** A locked document asks for its password in place. */
function ask(file, error) {
  complain(error);
  const field = element("input", { type: "password", required: true, autocomplete: "off", "aria-label": `Password of ${file.name}` });
  const form = element("form", { className: "unlock" }, element("span", {}, `${file.name} is locked.`), field, element("button", { className: "button" }, "Open"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.remove();
    add(file, field.value);
  });
  results.before(form);
  field.focus();
}

async function thumbnails(number, count) {
  for (let from = 1; from <= count; from += BATCH) {
    const data = upload([documents[number]]);
    data.append("pages", `${from}-${Math.min(count, from + BATCH - 1)}`);
    const response = await send(`${api}/thumbnails`, data);
    await eachLine(response, ({ about, type, data: bytes }) => {
      (documents[number].pictures ??= new Map()).set(about.page, `data:${type};base64,${bytes}`);
      for (const page of arrangement.pages) if (page.document === number && page.page === about.page) paint(page);
    });
  }
}

function upload(entries) {
  const data = new FormData();
  for (const { file } of entries) data.append("files", file, file.name);
  if (entries.some(({ password }) => password)) for (const { password } of entries) data.append("passwords", password || "-");
  return data;
}

// The sheet of pages.

function draw() {
  // A card that changes places loses the focus.
  const had = sheet.contains(document.activeElement);
  for (const [place, page] of arrangement.pages.entries()) {
    const card = cards.get(page.key) || make(page);
    if (sheet.children[place] !== card) sheet.insertBefore(card, sheet.children[place] || null);
    label(card, page, place);
  }
  while (sheet.children.length > arrangement.pages.length) sheet.lastChild.remove();
  const there = new Set(arrangement.pages.map((page) => page.key));
  selected = new Set([...selected].filter((key) => there.has(key)));
  if (!there.has(focused)) focused = arrangement.pages[0]?.key ?? null;
  root.classList.toggle("empty", there.size === 0);
  reflect();
  if (had) cards.get(focused)?.focus();
}

function make(page) {
  const card = element("li", { role: "option", tabIndex: -1 }, element("span", { className: "paper" }), element("span", { className: "place" }), element("span", { className: "from" }));
  card.dataset.key = page.key;
  cards.set(page.key, card);
  return card;
}

function label(card, page, place) {
  const of = documents[page.document].file.name;
  card.querySelector(".place").textContent = place + 1;
  card.querySelector(".from").textContent = documents.length > 1 ? `${of} · ${page.page}` : `page ${page.page}`;
  card.setAttribute("aria-label", `Place ${place + 1}: page ${page.page} of ${of}${page.turn ? `, turned by ${page.turn}°` : ""}`);
  paint(page);
}

function paint(page) {
  const paper = cards.get(page.key)?.querySelector(".paper");
  const source = documents[page.document].pictures?.get(page.page);
  if (!paper || !source) return;
  const picture = paper.firstChild || paper.appendChild(element("img", { alt: "", draggable: false }));
  if (picture.src !== source) picture.src = source;
  picture.className = `turn-${page.turn}`;
}

function reflect() {
  for (const page of arrangement.pages) {
    const card = cards.get(page.key);
    card.setAttribute("aria-selected", selected.has(page.key));
    card.tabIndex = page.key === focused ? 0 : -1;
  }
  if (document.activeElement !== range) range.value = rangeOf(arrangement.pages.flatMap((page, place) => (selected.has(page.key) ? [place] : [])));
  for (const button of root.querySelectorAll("[data-needs=selection]")) button.disabled = selected.size === 0;
  for (const button of root.querySelectorAll("[data-needs=pages]")) button.disabled = arrangement.pages.length === 0;
}

function select(key, { more, upTo }) {
  const order = arrangement.pages.map((page) => page.key);
  if (upTo && focused !== null) {
    const [from, to] = [order.indexOf(focused), order.indexOf(key)].sort((a, b) => a - b);
    selected = new Set([...selected, ...order.slice(from, to + 1)]);
  } else if (more) {
    selected = new Set(selected);
    if (!selected.delete(key)) selected.add(key);
  } else {
    selected = new Set([key]);
  }
  focused = key;
  reflect();
}

// What can be done with the pages that are chosen.

const acts = {
  all: () => choose(new Set(arrangement.pages.map((page) => page.key))),
  none: () => choose(new Set()),
  left: () => change(() => arrangement.turn(selected, -90), `Turned ${count()} left.`),
  right: () => change(() => arrangement.turn(selected, 90), `Turned ${count()} right.`),
  earlier: () => shift(-1),
  later: () => shift(1),
  duplicate: () => change(() => (selected = arrangement.duplicate(selected, fresh)), "Duplicated."),
  remove: () => change(() => arrangement.remove(selected), `Left out ${count()}.`),
  undo: () => change(() => arrangement.undo(), "Undone."),
  redo: () => change(() => arrangement.redo(), "Done again."),
};

function count() {
  return selected.size === 1 ? "1 page" : `${selected.size} pages`;
}

function choose(chosen) {
  selected = chosen;
  reflect();
}

function change(act, said) {
  act();
  draw();
  say(said);
}

function shift(by) {
  place(arrangement.before(selected) + by);
}

function place(at) {
  if (!selected.size) return;
  const to = arrangement.move(selected, at);
  draw();
  say(`${count()} now from place ${to + 1} of ${arrangement.pages.length}.`);
}

root.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]")?.dataset.act;
  if (act) acts[act]();
});
root.querySelector(".to").addEventListener("submit", (event) => {
  event.preventDefault();
  place(Number(event.target.elements.place.value) - 1);
});
range.addEventListener("input", () => {
  try {
    const places = placesOf(range.value, arrangement.pages.length);
    range.removeAttribute("aria-invalid");
    choose(new Set([...places].map((place) => arrangement.pages[place].key)));
  } catch (error) {
    range.setAttribute("aria-invalid", "true");
    say(error.message);
  }
});

// By keyboard.

const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: () => -columns(), ArrowDown: () => columns(), Home: -Infinity, End: Infinity };

function columns() {
  const top = sheet.firstElementChild?.offsetTop;
  const next = [...sheet.children].findIndex((card) => card.offsetTop !== top);
  return next < 1 ? sheet.children.length : next;
}

sheet.addEventListener("keydown", (event) => {
  const command = event.ctrlKey || event.metaKey;
  const by = moves[event.key];
  if (by !== undefined) {
    event.preventDefault();
    step(typeof by === "function" ? by() : by, event);
  } else if (event.key === " " || event.key === "Enter") {
    event.preventDefault();
    select(focused, { more: true });
  } else if (event.key === "Delete" || event.key === "Backspace") acts.remove();
  else if (command && event.key.toLowerCase() === "a") (event.preventDefault(), acts.all());
  else if (command && event.key.toLowerCase() === "z") (event.preventDefault(), event.shiftKey ? acts.redo() : acts.undo());
  else if (!command && event.key === "r") acts.right();
  else if (!command && event.key === "R") acts.left();
  else if (event.key === "Escape") acts.none();
});

function step(by, { altKey, shiftKey }) {
  if (altKey) {
    if (!selected.has(focused)) selected = new Set([focused]);
    return shift(by);
  }
  const at = arrangement.pages.findIndex((page) => page.key === focused);
  const to = Math.max(0, Math.min(arrangement.pages.length - 1, at + by));
  const key = arrangement.pages[to]?.key;
  if (key === undefined) return;
  if (shiftKey) select(key, { upTo: true });
  focused = key;
  reflect();
  cards.get(key).focus();
}

// By mouse, pen and finger: a page that is pressed and moved takes those that are chosen with it.

let drag = null;

sheet.addEventListener("pointerdown", (event) => {
  const card = event.target.closest("li");
  if (!card || event.button) return;
  drag = { key: Number(card.dataset.key), x: event.clientX, y: event.clientY, begun: false, touch: event.pointerType === "touch" };
});
sheet.addEventListener("pointermove", (event) => {
  if (!drag || drag.touch) return;
  if (!drag.begun && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > 8) begin(event);
  if (drag.begun) aim(event);
});
sheet.addEventListener("pointerup", (event) => {
  if (!drag) return;
  const { key, begun, to } = drag;
  end();
  if (!begun) select(key, { more: event.ctrlKey || event.metaKey || event.pointerType === "touch", upTo: event.shiftKey });
  else if (to !== undefined) place(to);
  cards.get(key)?.focus();
});
sheet.addEventListener("pointercancel", end);

function begin(event) {
  drag.begun = true;
  sheet.setPointerCapture(event.pointerId);
  if (!selected.has(drag.key)) choose(new Set([drag.key]));
  for (const key of selected) cards.get(key).classList.add("dragged");
}

function aim(event) {
  const card = document.elementFromPoint(event.clientX, event.clientY)?.closest(".sheet > li");
  for (const other of sheet.querySelectorAll(".before, .behind")) other.classList.remove("before", "behind");
  if (!card) return;
  const { left, width } = card.getBoundingClientRect();
  const behind = event.clientX > left + width / 2;
  card.classList.add(behind ? "behind" : "before");
  const at = arrangement.pages.findIndex((page) => page.key === Number(card.dataset.key)) + (behind ? 1 : 0);
  drag.to = arrangement.pages.slice(0, at).filter((page) => !selected.has(page.key)).length;
}

function end() {
  drag = null;
  for (const card of sheet.querySelectorAll(".dragged, .before, .behind")) card.classList.remove("dragged", "before", "behind");
}

// What is made of them.

const action = root.querySelector(".action");

action.elements.do.addEventListener("change", offer);
action.addEventListener("submit", async (event) => {
  event.preventDefault();
  const only = selected.size && action.elements.only.checked;
  const pages = arrangement.pages.filter((page) => !only || selected.has(page.key));
  if (!pages.length) return complain(new Problem({ detail: "There is no page to make a document of." }));
  say("Working …");
  try {
    const made = await organise(pages);
    const name = action.elements.do.value;
    const response = name === "organise" ? made : await then(name, await made.blob(), nameOf(made));
    const blob = await response.blob();
    results.replaceChildren(download(blob, nameOf(response)));
    results.firstChild.focus();
    const { pages: count } = JSON.parse(response.headers.get("x-about") || "{}");
    say(`Done: ${nameOf(response)}${count ? `, ${count} pages` : ""}.`);
  } catch (error) {
    complain(error);
  }
});

/** Shows the fields of what is to be done. */
function offer() {
  for (const fields of action.querySelectorAll("[data-for]")) fields.hidden = fields.dataset.for !== action.elements.do.value;
}

function organise(pages) {
  const used = [...new Set(pages.map((page) => page.document))].sort((a, b) => a - b);
  const data = upload(used.map((number) => documents[number]));
  data.append("pages", JSON.stringify(pages.map(({ document: number, page, turn }) => ({ file: used.indexOf(number), page, turn }))));
  return send(`${api}/organise`, data);
}

function then(name, blob, file) {
  const data = new FormData();
  data.append("files", blob, file);
  for (const field of action.querySelectorAll(`[data-for=${name}] [name]`)) if (field.value) data.append(field.name, field.value);
  return send(`${api}/${name}`, data);
}

offer();
draw();
