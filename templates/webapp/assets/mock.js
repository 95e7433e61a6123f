// The page of a workspace: tabs over its stubs, the requests as they come, scenarios, data and settings.

import { element, teller } from "./upload.js";
import { Api } from "./mock_api.js";
import { live } from "./mock_live.js";
import { content, scenarios, settings } from "./mock_rest.js";
import { stubs } from "./mock_stubs.js";

const root = document.getElementById("workspace");
if (root) open_(root);

function open_({ dataset }) {
  const token = dataset.token || location.hash.slice(1) || remembered(dataset.id);
  if (!token) return root.append(element("p", { className: "lede" }, "The token is missing: open the link that you got when the workspace was made."));
  remember(dataset.id, token);
  // The link in the address bar is the one to come back by; what is behind the # is sent to nobody.
  history.replaceState(null, "", `${dataset.page}#${token}`);
  const status = element("p", { className: "status", role: "status" });
  const page = { api: new Api(dataset.path, token), url: dataset.url, token, dataset, ...teller(status), element };
  page.attempt = attempt(page);
  const views = { Stubs: stubs(page), Live: live(page), Scenarios: scenarios(page), "OpenAPI & data": content(page), Settings: settings(page) };
  page.show = (name) => select(name);
  const tabs = Object.keys(views).map((name, place) => tab(name, place));
  const panels = Object.entries(views).map(([, view], place) => panel(view, place));
  root.append(copies(page), element("div", { className: "tabs", role: "tablist", "aria-label": "Workspace" }, ...tabs), status, ...panels);
  select("Stubs");

  function tab(name, place) {
    const made = element("button", { type: "button", id: `tab-${place}`, textContent: name, role: "tab", "aria-controls": `panel-${place}` });
    made.addEventListener("click", () => select(name));
    made.addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (!step) return;
      const next = tabs.at((place + step) % tabs.length);
      next.focus();
      next.click();
    });
    return made;
  }

  function panel(view, place) {
    return element("div", { id: `panel-${place}`, className: "panel", role: "tabpanel", "aria-labelledby": `tab-${place}`, hidden: true }, view.element);
  }

  function select(name) {
    const chosen = Object.keys(views).indexOf(name);
    tabs.forEach((made, place) => {
      made.setAttribute("aria-selected", String(place === chosen));
      made.tabIndex = place === chosen ? 0 : -1;
    });
    panels.forEach((made, place) => (made.hidden = place !== chosen));
    page.say("");
    views[name].opened?.();
  }
}

/** Runs what may be refused, and tells if it is. */
function attempt({ complain, say }) {
  return async (act, done) => {
    try {
      const result = await act();
      if (done) say(done);
      return result;
    } catch (error) {
      complain(error);
      return undefined;
    }
  };
}

function copies({ url, token, attempt, say }) {
  const copy = (label, text) => {
    const made = element("button", { type: "button", textContent: label });
    made.addEventListener("click", () => attempt(async () => {
      await navigator.clipboard.writeText(text);
      say("Copied.");
    }));
    return made;
  };
  return element("p", { className: "inline copies" }, copy("Copy address", url), copy("Copy base URL for WireMock clients", `${url}/~${token}`), copy("Copy token", token));
}

function remembered(id) {
  try {
    return sessionStorage.getItem(`mock-${id}`);
  } catch {
    return null;
  }
}

function remember(id, token) {
  try {
    sessionStorage.setItem(`mock-${id}`, token);
  } catch {
    // Without storage the link still has it.
  }
}
