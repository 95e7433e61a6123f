// Requests as they come: a list that is drawn once a frame however many there are, and one of them in full.

import { element } from "./upload.js";
import { button } from "./mock_stubs.js";

const SHOWN = 200;
const PAUSE = 2000;

export function live(page) {
  const { api, attempt } = page;
  const list = element("ol", { className: "requests", "aria-label": "Requests, newest first" });
  const state = element("p", { className: "hint" }, "Connecting …");
  const detail = element("section", { className: "results", "aria-label": "The chosen request", "aria-live": "polite" });
  let waiting = [];
  let seen = 0;
  let drawing = false;

  watch();
  attempt(earlier);

  /** What came before the page was opened. */
  async function earlier() {
    const { requests } = await api.ask("GET", "/requests?limit=50");
    const shown = requests.map(({ id, request, response, stubMapping, wasMatched, timing }) => ({
      id, at: request.loggedDate, method: request.method, url: request.url, status: response.status, matched: wasMatched,
      stub: stubMapping && (stubMapping.name || stubMapping.id), why: wasMatched ? "" : "not answered by a stub", delay: timing.addedDelay,
    }));
    list.append(...shown.filter(({ id }) => !document.getElementById(`r-${id}`)).map(row));
  }

  async function watch() {
    for (;;) {
      try {
        state.textContent = "Watching: each request appears as it comes.";
        await api.watch(take);
        state.textContent = "The connection ended; connecting again …";
      } catch (error) {
        state.textContent = `${error.message} Trying again …`;
      }
      await new Promise((resume) => setTimeout(resume, PAUSE));
    }
  }

  function take(type, data) {
    if (type === "gap") waiting.push({ gap: data });
    else waiting.push(data);
    seen += type === "gap" ? data : 1;
    if (waiting.length > SHOWN) waiting = waiting.slice(-SHOWN);
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(draw);
  }

  function draw() {
    drawing = false;
    list.prepend(...waiting.reverse().map((event) => (event.gap ? element("li", { className: "hint" }, `${event.gap} more came too fast to show`) : row(event))));
    waiting = [];
    while (list.children.length > SHOWN) list.lastChild.remove();
    state.textContent = `Watching: ${seen} ${seen === 1 ? "request" : "requests"} since the page was opened.`;
  }

  function row(event) {
    const open = button("", () => attempt(() => show(event)));
    const outcome = event.fault ? event.fault.toLowerCase().replaceAll("_", " ") : String(event.status);
    open.append(element("time", {}, clock(event.at)), element("b", {}, event.method), element("code", {}, event.url), element("span", { className: event.matched ? "fits" : "misses" }, outcome),
      element("i", {}, event.matched ? named(event.stub) || event.why : "no stub"));
    return element("li", { id: `r-${event.id}` }, open);
  }

  async function show(event) {
    const served = await api.ask("GET", `/requests/${event.id}`);
    const { request, response, stubMapping } = served;
    const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`).join("\n");
    const parts = [
      element("h2", {}, `${request.method} ${request.url}`),
      element("p", { className: "lede" }, stubMapping ? `Answered by ${named(stubMapping.name || stubMapping.id)}.` : event.matched ? `Answered by ${event.why}.` : "No stub accepts it."),
      element("pre", {}, element("code", {}, headers + (request.body ? `\n\n${request.body}` : ""))),
      element("h3", {}, `Answer: ${response.status}`),
      element("pre", {}, element("code", {}, response.body || "(empty)")),
      element("p", { className: "inline" }, stubMapping ? button("Edit its stub", () => page.edit(stubMapping)) : button("Make a stub from this", () => page.edit(stubFrom(request))), button("Copy as curl", () => attempt(() => navigator.clipboard.writeText(curl(page.url, request)), "Copied."))),
    ];
    if (!stubMapping) parts.push(...(await nearest(request)));
    detail.replaceChildren(...parts);
    detail.querySelector("h2").tabIndex = -1;
    detail.querySelector("h2").focus();
  }

  /** The stubs that came closest, and in what they differ, side by side. */
  async function nearest(request) {
    const { nearMisses } = await api.ask("POST", "/near-misses/request", request);
    return nearMisses.map(({ stubMapping, matchResult }) => {
      const rows = matchResult.differences.map(({ field, expected, found }) =>
        element("tr", {}, element("th", { scope: "row" }, field), element("td", {}, element("code", {}, expected)), element("td", {}, element("code", {}, found))));
      const head = element("tr", {}, ...["Field", "The stub asks", "The request has"].map((name) => element("th", { scope: "col" }, name)));
      const { method = "ANY", ...where } = stubMapping.request || {};
      const name = stubMapping.name || `${method} ${where.url || where.urlPath || where.urlPathTemplate || where.urlPathPattern || where.urlPattern || "any URL"}`;
      const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
      const fix = button("Make this stub fit", () => page.edit(relaxed(stubMapping, request)));
      return element("div", { className: "near" }, element("h3", {}, `Nearest: ${name}`), element("div", { className: "wide", tabIndex: 0, role: "region", "aria-label": `Differences from ${name}` }, table), fix);
    });
  }

  const clear = button("Clear", () => attempt(async () => {
    await api.ask("DELETE", "/requests");
    list.replaceChildren();
    detail.replaceChildren();
  }, "Cleared."));
  return { element: element("div", { className: "bench" }, element("div", { className: "tool" }, element("h2", {}, "Requests"), state, element("p", { className: "inline" }, clear), list), detail) };
}

/** A stub by its name; an identifier says nothing to anybody. */
function named(stub) {
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(stub || "") ? "a stub without a name" : stub;
}

function clock(at) {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? "" : time.toLocaleTimeString(undefined, { hour12: false });
}

/** A stub that answers such a request. */
function stubFrom({ method, url, body }) {
  const [path, query] = url.split("?");
  const asks = { method, urlPath: path };
  if (query) asks.queryParameters = Object.fromEntries([...new URLSearchParams(query)].map(([name, value]) => [name, { equalTo: value }]));
  if (body) asks.bodyPatterns = [isJson(body) ? { equalToJson: body } : { equalTo: body }];
  return { request: asks, response: { status: 200, jsonBody: {} } };
}

/** The stub with what the request does not have taken from its demands. */
function relaxed(mapping, { method, url }) {
  const { request, ...rest } = mapping;
  const made = { ...rest, request: { ...request, method } };
  for (const kind of ["url", "urlPath", "urlPattern", "urlPathPattern", "urlPathTemplate"]) delete made.request[kind];
  made.request.urlPath = url.split("?")[0];
  for (const kind of ["headers", "queryParameters", "cookies", "formParameters", "pathParameters", "bodyPatterns"]) delete made.request[kind];
  return made;
}

function isJson(text) {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

function curl(base, { method, url, headers, body }) {
  const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;
  const dropped = /^(host|content-length|connection|accept-encoding|x-forwarded-.*|cf-.*)$/i;
  const sent = Object.entries(headers).filter(([name]) => !dropped.test(name)).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  return ["curl", "-X", method, ...sent, ...(body ? ["--data-binary", quoted(body)] : []), quoted(base + url)].join(" ");
}
