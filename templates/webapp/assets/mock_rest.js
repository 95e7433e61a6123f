// Scenarios, the OpenAPI document, data and settings of a workspace.

import { element } from "./upload.js";
import { button, choice, field } from "./mock_stubs.js";

export function scenarios({ api, attempt }) {
  const list = element("div", { className: "tool" });
  const reset = button("Back to the first state", () => attempt(async () => {
    await api.ask("POST", "/scenarios/reset");
    await refresh();
  }, "All scenarios are in their first state."));

  async function refresh() {
    const all = (await api.ask("GET", "/scenarios")).scenarios;
    const entries = all.map(({ name, state, possibleStates }) => {
      const { input, element: shown } = choice(name, possibleStates);
      input.value = state;
      input.addEventListener("change", () => attempt(() => api.ask("PUT", `/scenarios/${encodeURIComponent(name)}/state`, { state: input.value }), `${name} is now in ${input.value}.`));
      return shown;
    });
    list.replaceChildren(...(entries.length ? [...entries, element("p", {}, reset)] : [element("p", { className: "lede" }, "No stub belongs to a scenario. Give stubs a scenarioName, a requiredScenarioState and a newScenarioState, and answers change from call to call.")]));
  }
  return { element: element("section", {}, element("h2", {}, "Scenarios"), list), opened: () => attempt(refresh) };
}

export function content({ api, attempt, dataset }) {
  const document_ = element("pre", {}, element("code", {}));
  const data = element("textarea", { id: "mock-data", rows: 14, spellcheck: false });
  const form = element("form", { className: "tool" }, element("h2", {}, "Data"), element("div", { className: "field" }, element("label", { htmlFor: "mock-data" }, "Collections and resources by name"), data),
    element("p", { className: "inline" }, element("button", { type: "submit", className: "strong", textContent: "Save data" }), button("Read again", () => attempt(refresh))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(() => api.ask("PUT", "/data", data.value), "Saved.");
  });
  const forget = button("Remove the document", () => attempt(async () => {
    await api.ask("DELETE", "/openapi");
    await refresh();
  }, "Removed."));
  const save = button("Export everything as one file", () => attempt(async () => {
    const file = new Blob([JSON.stringify(await api.ask("GET", "/export"), null, 2)], { type: "application/json" });
    const link = element("a", { href: URL.createObjectURL(file), download: `mock-${dataset.id}.json` });
    link.click();
    URL.revokeObjectURL(link.href);
  }, "Exported. Paste it into any workspace to have it again."));

  async function refresh() {
    data.value = JSON.stringify(await api.ask("GET", "/data"), null, 2);
    const api_ = await api.ask("GET", "/openapi").catch(() => null);
    const lines = Object.entries(api_?.paths || {}).flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase().padEnd(7)} ${path}`));
    document_.firstChild.textContent = api_ ? `${api_.info?.title || "OpenAPI"}\n\n${lines.join("\n")}` : "No document. Paste one under Stubs.";
    forget.disabled = !api_;
  }
  return {
    element: element("div", { className: "bench" }, form, element("section", { className: "tool" }, element("h2", {}, "OpenAPI"), document_, element("p", { className: "inline" }, forget), element("h2", {}, "Everything"), element("p", { className: "inline" }, save))),
    opened: () => attempt(refresh),
  };
}

export function settings({ api, attempt, dataset }) {
  const kind = choice("Delay of every answer", ["none", "fixed", "uniform", "lognormal"]);
  const first = field("Milliseconds, or the lower end, or the median", { type: "number", min: "0", max: "60000", value: "0" });
  const second = field("Upper end, or sigma", { type: "number", min: "0", step: "any", value: "0" });
  const flags = { globalTemplating: "Every body is a template", echo: "Echo endpoints answer where nothing else does (/anything, /status/503, /delay/2 …)", cors: "Pages of other origins may call it (CORS)" };
  const boxes = Object.entries(flags).map(([name, label]) => {
    const input = element("input", { type: "checkbox", name });
    return { name, input, element: element("div", { className: "field" }, element("label", {}, input, ` ${label}`)) };
  });
  const seed = field("Seed of made-up values", { type: "number", min: "0", value: "0" });
  const form = element("form", { className: "tool" }, element("div", { className: "fields" }, kind.element, first.element, second.element, seed.element), ...boxes.map((box) => box.element),
    element("p", { className: "inline" }, element("button", { type: "submit", className: "strong", textContent: "Save settings" })));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = { seed: Number(seed.input.value) };
    for (const { name, input } of boxes) chosen[name] = input.checked;
    const [a, b] = [Number(first.input.value), Number(second.input.value)];
    if (kind.input.value === "fixed") chosen.fixedDelay = a;
    if (kind.input.value === "uniform") chosen.delayDistribution = { type: "uniform", lower: a, upper: b };
    if (kind.input.value === "lognormal") chosen.delayDistribution = { type: "lognormal", median: a, sigma: b };
    attempt(() => api.ask("POST", "/settings", chosen), "Saved.");
  });
  const remove = button("Delete this workspace", () => attempt(async () => {
    if (!confirm("Delete the workspace with everything in it?")) return;
    await api.ask("DELETE", "/workspace");
    location.href = dataset.mock;
  }));

  async function refresh() {
    const { settings: now } = await api.ask("GET", "/settings");
    for (const { name, input } of boxes) input.checked = Boolean(now[name]);
    seed.input.value = now.seed || 0;
    const drawn = now.delayDistribution;
    kind.input.value = drawn?.type || (now.fixedDelay ? "fixed" : "none");
    first.input.value = drawn?.lower ?? drawn?.median ?? now.fixedDelay ?? 0;
    second.input.value = drawn?.upper ?? drawn?.sigma ?? 0;
  }
  return { element: element("section", { className: "tool" }, element("h2", {}, "Settings"), form, element("h2", {}, "The end"), element("p", { className: "inline" }, remove)), opened: () => attempt(refresh) };
}
