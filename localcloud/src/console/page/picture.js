// The boxes, the lines between them, and requests on their way along the lines.

const COLUMNS = {
  names: "Names",
  edge: "Edge",
  rules: "Rules",
  listeners: "Listeners",
  backend_sets: "Backend sets",
  containers: "Containers",
};
const STEP = 350; // milliseconds from box to box
const MOST_MOVING = 24;
const SVG = "http://www.w3.org/2000/svg";

const picture = document.getElementById("picture");
const lines = document.getElementById("lines");
const columns = new Map();
let drawn = "";
let paths = new Map(); // "from → to" to its path
let moving = 0;

for (const [name, title] of Object.entries(COLUMNS)) {
  const column = picture.appendChild(document.createElement("div"));
  column.className = "column";
  column.appendChild(document.createElement("h2")).textContent = title;
  columns.set(name, column);
}
new ResizeObserver(() => connect(JSON.parse(drawn || "{}").links ?? [])).observe(picture);

/** Draws the boxes and lines, when they are others than before. */
export function draw(graph) {
  const text = JSON.stringify(graph);
  if (text === drawn) return;
  drawn = text;
  for (const column of columns.values()) column.querySelectorAll(".node").forEach((node) => node.remove());
  for (const node of graph.nodes) columns.get(node.column).append(box(node, graph.links));
  connect(graph.links);
}

function box(node, links) {
  const element = document.createElement("article");
  element.className = "node";
  element.dataset.id = node.id;
  element.dataset.mood = node.mood;
  element.appendChild(document.createElement("h3")).textContent = node.title;
  for (const note of node.notes) element.appendChild(document.createElement("p")).textContent = note;
  // What takes the way here is said in the box: on a line it would be in the way of others.
  for (const link of links.filter((link) => link.to === node.id && link.label)) {
    const label = element.appendChild(document.createElement("p"));
    label.className = "label";
    label.textContent = `← ${link.label}`;
  }
  return element;
}

const find = (id) => picture.querySelector(`[data-id="${CSS.escape(id)}"]`);

function connect(links) {
  lines.replaceChildren();
  paths = new Map();
  const frame = picture.getBoundingClientRect();
  const stacked = getComputedStyle(picture).gridTemplateColumns.split(" ").length === 1;
  for (const { from, to } of links) {
    const [start, end] = [find(from), find(to)];
    if (!start || !end) continue;
    const path = lines.appendChild(document.createElementNS(SVG, "path"));
    path.setAttribute("d", curve(start.getBoundingClientRect(), end.getBoundingClientRect(), frame, stacked));
    paths.set(`${from} → ${to}`, path);
  }
}

function curve(start, end, frame, stacked) {
  const x = (value) => Math.round(value - frame.left);
  const y = (value) => Math.round(value - frame.top);
  if (stacked) {
    const [x1, y1, x2, y2] = [x(start.left) + 2, y(start.top + start.height / 2), x(end.left) + 2, y(end.top + end.height / 2)];
    return `M ${x1} ${y1} C ${x1 - 12} ${y1}, ${x2 - 12} ${y2}, ${x2} ${y2}`;
  }
  const [x1, y1, x2, y2] = [x(start.right), y(start.top + start.height / 2), x(end.left), y(end.top + end.height / 2)];
  const half = (x2 - x1) / 2;
  return `M ${x1} ${y1} C ${x1 + half} ${y1}, ${x2 - half} ${y2}, ${x2} ${y2}`;
}

/** Lets a request move from box to box; with many at a time, some are not shown. */
export function move(way) {
  if (way.length === 0 || moving >= MOST_MOVING) return;
  moving += 1;
  const dot = lines.appendChild(document.createElementNS(SVG, "circle"));
  dot.setAttribute("r", "4");
  const begun = performance.now();
  const frame = (now) => {
    const step = Math.floor((now - begun) / STEP);
    if (step >= way.length) {
      dot.remove();
      moving -= 1;
      return;
    }
    way.forEach((id, index) => find(id)?.classList.toggle("met", index === step && moving > 0));
    const path = paths.get(`${way[step]} → ${way[step + 1]}`);
    path?.classList.add("taken");
    if (step > 0) paths.get(`${way[step - 1]} → ${way[step]}`)?.classList.remove("taken");
    if (path) {
      const point = path.getPointAtLength(path.getTotalLength() * (((now - begun) % STEP) / STEP));
      dot.setAttribute("cx", point.x);
      dot.setAttribute("cy", point.y);
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame((now) => {
    frame(now);
    setTimeout(() => way.forEach((id) => find(id)?.classList.remove("met")), STEP * (way.length + 1));
  });
}
