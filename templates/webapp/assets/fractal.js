// The explorer: the stage and what stands around it.

import { WHEEL, Survey, evenly, readStops, scheme, wheel, writeStops } from "./fractal_color.js";
import { hands } from "./fractal_hands.js";
import { julia } from "./fractal_julia.js";
import { Look } from "./fractal_look.js";
import { poster } from "./fractal_poster.js";
import { Tiles, nameOf } from "./fractal_tiles.js";
import { TILE, View, automaticLimit, log2, rung } from "./fractal_view.js";

/** How far up a stand-in for a missing tile is looked for. */
const ANCESTORS = 8;
const SETTLED_AFTER = 350;
const TURNS_A_SECOND = 0.15;

const one = (selector) => document.querySelector(selector);
const explorer = one("#explorer");
const stage = one("#stage");
const canvas = one("#canvas");
const pen = canvas.getContext("2d", { alpha: false });
const form = one("#place");
const status = one("#status");
const { tiles: base, deepest } = explorer.dataset;
const DEEPEST = Number(deepest) - 1;

const say = (text, wrong = false) => {
  status.textContent = text;
  status.classList.toggle("problem", wrong);
};

// What is shown, and what was shown before.

let palettes = [];
let view;
let cycling = 0;
let drawn = false;
let measured;
let troubled = false;
const colors = new Look();
const past = [];
const future = [];

const size = () => [stage.clientWidth, stage.clientHeight];
const scale = () => Math.min(2, window.devicePixelRatio || 1);
const zoomFor = (level, factor = scale()) => Math.max(0, Math.min(DEEPEST, Math.round(level + Math.log2(factor))));
const limitFor = (zoom) => {
  const wish = form.iterations.value.trim();
  return wish === "auto" || wish === "" ? automaticLimit(zoom) : rung(Number(wish) || 256);
};

const tiles = new Tiles(base, () => redraw());

// Colours.

function palette() {
  const chosen = form.palette.value;
  const own = one("#own-on").checked;
  if (own) return;
  const known = palettes.find(({ name }) => name === chosen) ?? palettes[0];
  if (!known) return;
  const stops = evenly(known.stops);
  one("#stops").value = writeStops(stops);
  one("#inside").value = known.inside;
  one("#mixing").value = known.smooth ? "linear" : "none";
  setWheel(stops);
}

function setWheel(stops) {
  colors.turnWith(wheel(stops, one("#inside").value, one("#mixing").value));
  redraw();
}

function ownColors() {
  try {
    setWheel(readStops(one("#stops").value));
    one("#stops").removeAttribute("aria-invalid");
    say("");
  } catch (error) {
    one("#stops").setAttribute("aria-invalid", "true");
    say(error.message, true);
  }
}

function schemeColors() {
  const group = (name, count) => ({ color: one(`#${name}`).value, kind: one(`#${name}-kind`).value, count });
  const groups = [group("outer", 50), group("grey", 45), group("inner", 5)];
  one("#stops").value = writeStops(scheme({ groups, shuffled: one("#shuffled").checked, seed: Number(one("#shuffle-seed").value) || 1 }));
  one("#own-on").checked = true;
  ownColors();
}

// Drawing.

/** The part of an ancestor that lies where a tile is missing. */
function standIn(tile) {
  for (let up = 1; up <= Math.min(ANCESTORS, tile.zoom); up += 1) {
    const zoom = tile.zoom - up;
    const parent = { zoom, x: tile.x >> BigInt(up), y: tile.y >> BigInt(up) };
    const found = tiles.get(nameOf(parent, limitFor(zoom))) ?? tiles.get(nameOf(parent, limitFor(tile.zoom)));
    if (found) {
      const part = TILE / 2 ** up;
      const inner = (whole, above) => Number(whole - (above << BigInt(up))) * part;
      return { source: colors.paint(found), x: inner(tile.x, parent.x), y: inner(tile.y, parent.y), part };
    }
  }
  return null;
}

function put(tile, { source, x, y, part }) {
  const ratio = scale();
  const [left, top] = [Math.round(tile.left * ratio), Math.round(tile.top * ratio)];
  const [right, bottom] = [Math.round((tile.left + tile.side) * ratio), Math.round((tile.top + tile.side) * ratio)];
  pen.drawImage(source, x, y, part, part, left, top, right - left, bottom - top);
}

function draw() {
  drawn = false;
  const [width, height] = size();
  const ratio = scale();
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  // Beyond the grid of tiles everything leaves at once.
  pen.fillStyle = colors.outermost;
  const zoom = zoomFor(view.level);
  if (zoom < 2) pen.fillRect(0, 0, canvas.width, canvas.height);
  const limit = limitFor(zoom);
  const wanted = view.tiles(width, height, zoom);
  let shown = 0;
  for (const tile of wanted) {
    const here = tiles.get(nameOf(tile, limit));
    const image = here ? { source: colors.paint(here), x: 0, y: 0, part: TILE } : standIn(tile);
    if (image) put(tile, image);
    shown += here ? 1 : 0;
  }
  const complete = shown === wanted.length;
  if (complete && !left && measured !== view) {
    measure();
    redraw();
    return;
  }
  // A few coarse tiles first, where there is nothing to stretch.
  const coarse = Math.max(0, zoom - 3);
  const first = complete ? [] : view.tiles(width, height, coarse).map((tile) => nameOf(tile, limitFor(coarse)));
  tiles.want([...first, ...wanted.map((tile) => nameOf(tile, limit))]);
  explorer.dataset.state = complete ? "settled" : "drawing";
  explorer.dataset.shown = `${shown}/${wanted.length}`;
  if (tiles.trouble) say(tiles.trouble, true);
  else if (troubled) say("");
  troubled = Boolean(tiles.trouble);
}

function redraw() {
  if (!drawn && view) requestAnimationFrame(draw);
  drawn = true;
}

// Where: every way to get there ends in `look`.

let settling;
let left;

function look(next) {
  left ??= view;
  view = next;
  redraw();
  clearTimeout(settling);
  settling = setTimeout(settle, SETTLED_AFTER);
  tell();
}

/** A view at which somebody stays is one to come back to. */
function settle() {
  if (left) past.push(left);
  left = null;
  future.length = 0;
  one("#undo").disabled = !past.length;
  one("#redo").disabled = true;
  write();
  redraw();
}

function write() {
  const [re, im] = view.text();
  [form.re.value, form.im.value, form.width.value] = [re, im, view.width(size()[0])];
  const query = new URLSearchParams({ re, im, width: form.width.value, iterations: form.iterations.value, palette: form.palette.value, coloring: form.coloring.value });
  history.replaceState(null, "", `?${query}`);
  one("#depth").textContent = `×${(10 ** ((view.level * Math.log10(2)) % 1)).toFixed(1)}e${Math.floor(view.level * Math.log10(2))} · limit ${limitFor(zoomFor(view.level)).toLocaleString("en")}`;
}

function step(from, to) {
  clearTimeout(settling);
  if (left) past.push(left);
  left = null;
  if (!from.length) return;
  to.push(view);
  view = from.pop();
  one("#undo").disabled = !past.length;
  one("#redo").disabled = !future.length;
  redraw();
  write();
  tell();
}

function read() {
  const { re, im, width } = form;
  return View.of(re.value, im.value, width.value, size()[0], DEEPEST);
}

function go() {
  try {
    look(read());
    say("");
  } catch (error) {
    say(error.message, true);
  }
}

/** Looks at all tiles of a view once they are here, so that its colours are those of this view however it was reached. */
function measure() {
  const zoom = zoomFor(view.level);
  const here = view.tiles(...size(), zoom).map((tile) => tiles.get(nameOf(tile, limitFor(zoom))));
  colors.survey = new Survey(here.map((tile) => tile.values), colors.survey.version + 1);
  measured = view;
}

// What the pointer is on.

let pointer = [0, 0];

function tell() {
  const [right, down] = pointer;
  const [re, im] = view.text(right, down);
  const short = (text) => (text.length > 24 ? `${text.slice(0, 12)}…${text.slice(-8)}` : text);
  const zoom = zoomFor(view.level);
  const tile = view.moved(right, down).tiles(1, 1, zoom)[0];
  const here = tile && tiles.get(nameOf(tile, limitFor(zoom)));
  const inner = (edge) => Math.max(0, Math.min(TILE - 1, Math.floor(((0.5 - edge) / tile.side) * TILE)));
  const value = here?.values[inner(tile.top) * TILE + inner(tile.left)];
  const count = value === undefined ? "" : value === 0xffffffff ? " · inside" : ` · ${(value / 256).toFixed(2)} steps`;
  one("#reading").textContent = `${short(re)} ${im.startsWith("-") ? "−" : "+"} ${short(im.replace("-", ""))} i${count}`;
  if (one("#julia").hidden) return;
  julia(one("#julia-canvas"), Number(re), Number(im), colors);
  one("#julia-link").href = `${explorer.dataset.picture}?width=3.2&iterations=500&oversampling=2&re=0&palette=${form.palette.value}&julia=${Number(re)},${Number(im)}`;
}

// Actions.

const boxing = { on: false };

function frame(box, done) {
  const [width, height] = size();
  const line = one("#box");
  line.hidden = !box || done;
  if (!box) return;
  const [x, y] = [0, 1].map((axis) => [box.from[axis], box.to[axis]].sort((a, b) => a - b));
  Object.assign(line.style, { left: `${x[0] + width / 2}px`, top: `${y[0] + height / 2}px`, width: `${x[1] - x[0]}px`, height: `${y[1] - y[0]}px` });
  if (!done) return;
  toggleBox(false);
  const by = Math.log2(Math.min(width / (x[1] - x[0]), height / (y[1] - y[0])));
  if (Number.isFinite(by) && by < 12) look(view.moved((x[0] + x[1]) / 2, (y[0] + y[1]) / 2).zoomed(by, 0, 0, DEEPEST));
}

function toggleBox(on = !boxing.on) {
  boxing.on = on;
  one("#boxing").setAttribute("aria-pressed", String(on));
}

function toggleJulia() {
  const panel = one("#julia");
  panel.hidden = !panel.hidden;
  one("#toggle-julia").setAttribute("aria-pressed", String(!panel.hidden));
  tell();
}

function cycle() {
  one("#cycle").setAttribute("aria-pressed", String(!cycling));
  if (cycling) {
    cancelAnimationFrame(cycling);
    cycling = 0;
    return;
  }
  let before;
  const turn = (now) => {
    colors.shift = (colors.shift + Math.round(((now - (before ?? now)) / 1000) * TURNS_A_SECOND * WHEEL)) % WHEEL;
    before = now;
    redraw();
    cycling = requestAnimationFrame(turn);
  };
  cycling = requestAnimationFrame(turn);
}

async function minibrot() {
  const [re, im] = view.text();
  say("Looking for the nearest small copy of the set …");
  const query = new URLSearchParams({ re, im, width: view.width(Math.min(...size())) });
  try {
    const response = await fetch(`${explorer.dataset.nucleus}?${query}`);
    const found = await response.json();
    if (!response.ok) throw new Error(found.detail);
    if (Math.log2(size()[0] / TILE) - log2(found.width) > DEEPEST) throw new Error(`It is of period ${found.period} and ${found.width} wide: deeper than this explorer goes.`);
    look(View.of(found.re, found.im, found.width, size()[0], DEEPEST));
    say(`A copy of period ${found.period}.`);
  } catch (error) {
    say(error.message, true);
  }
}

async function share() {
  settle();
  try {
    await navigator.clipboard.writeText(location.href);
    say("The link to this view is on the clipboard.");
  } catch {
    say("This view has the address that the browser shows: copy it from there.");
  }
}

async function makePoster() {
  const width = Math.max(256, Math.min(8192, Number(one("#poster-width").value) || 3840));
  const [across, down] = size();
  const zoom = zoomFor(view.level, (width / across) * Number(one("#poster-quality").value));
  const [bar, stop] = [one("#poster-progress"), one("#poster-stop")];
  const controller = new AbortController();
  stop.onclick = () => controller.abort();
  bar.hidden = stop.hidden = false;
  try {
    const wanted = { base, view, stage: [across, down], width, zoom, limit: limitFor(zoomFor(view.level)), colors };
    const file = await poster(wanted, (share) => (bar.value = share), controller.signal);
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: "mandelbrot.png" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    say(`${width} × ${Math.round((width * down) / across)} pixels, ${(file.size / 1e6).toFixed(1)} MB.`);
  } catch (error) {
    say(controller.signal.aborted ? "No picture was made." : error.message, !controller.signal.aborted);
  } finally {
    bar.hidden = stop.hidden = true;
  }
}

// Everything together.

const zoomBy = (by) => () => look(view.zoomed(by, 0, 0, DEEPEST));
const home = () => look(View.of("-0.6", "0", "3.4", size()[0], DEEPEST));
const undo = () => step(past, future);
const redo = () => step(future, past);

const actions = { in: zoomBy(1), out: zoomBy(-1), home, undo, redo, boxing: () => toggleBox(), "toggle-julia": toggleJulia, cycle, minibrot, share, fullscreen: () => (document.fullscreenElement ? document.exitFullscreen() : explorer.requestFullscreen()) };
for (const [id, action] of Object.entries(actions)) one(`#${id}`).addEventListener("click", action);

hands(stage, {
  boxing: () => boxing.on,
  move: (right, down) => look(view.moved(right, down)),
  zoom: (by, right, down) => look(view.zoomed(by, right, down, DEEPEST)),
  box: frame,
  point: (right, down) => {
    pointer = [right, down];
    tell();
  },
  keys: { "+": zoomBy(1), "=": zoomBy(1), "-": zoomBy(-1), 0: home, Home: home, u: undo, r: redo, "Ctrl+z": undo, "Ctrl+y": redo, "Ctrl+z+Shift": redo, b: () => toggleBox(), j: toggleJulia, c: cycle, m: () => minibrot(), s: () => share(), f: actions.fullscreen, p: nextPalette },
});

function nextPalette() {
  form.palette.selectedIndex = (form.palette.selectedIndex + 1) % form.palette.options.length;
  one("#own-on").checked = false;
  palette();
  write();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  go();
  stage.focus();
});
form.palette.addEventListener("change", () => {
  one("#own-on").checked = false;
  palette();
  write();
});
form.coloring.addEventListener("change", () => {
  colors.coloring = form.coloring.value;
  redraw();
  write();
});
one("#density").addEventListener("input", () => {
  colors.density = 2 ** Number(one("#density").value);
  redraw();
});
one("#own-on").addEventListener("change", () => (one("#own-on").checked ? ownColors() : palette()));
for (const id of ["#stops", "#inside", "#mixing"]) {
  one(id).addEventListener("change", () => {
    one("#own-on").checked = true;
    ownColors();
  });
}
one("#scheme").addEventListener("click", schemeColors);
one("#poster").addEventListener("click", makePoster);
for (const link of document.querySelectorAll("#presets a")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const query = new URLSearchParams(new URL(link.href).search);
    for (const name of ["re", "im", "width", "iterations", "palette"]) form[name].value = query.get(name);
    one("#own-on").checked = false;
    palette();
    go();
    explorer.scrollIntoView();
    stage.focus();
  });
}
new ResizeObserver(redraw).observe(stage);

explorer.classList.add("live");
try {
  view = read();
} catch (error) {
  view = View.of("-0.6", "0", "3.4", size()[0], DEEPEST);
  say(error.message, true);
}
colors.coloring = form.coloring.value;
write();
tell();
redraw();
palettes = await (await fetch(explorer.dataset.palettes)).json();
palette();
