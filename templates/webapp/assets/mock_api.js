// What a workspace's page asks of the workspace: its admin API, and the requests as they come.

import { Problem } from "./upload.js";

/** The admin API of one workspace. */
export class Api {
  constructor(path, token) {
    this.path = `${path}/__admin`;
    this.token = token;
  }

  /** Sends JSON or text and returns what is answered, or throws a Problem. */
  async ask(method, path, body) {
    const headers = { Authorization: `Bearer ${this.token}`, Accept: "application/json" };
    const sent = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    let response;
    try {
      response = await fetch(this.path + path, { method, headers, body: sent });
    } catch {
      throw new Problem({ detail: "The site did not answer. Is there a connection?" });
    }
    const text = await response.text();
    const told = parsed(text);
    if (response.ok) return told;
    const [error] = told?.errors || [];
    const where = error?.source?.pointer ? `${error.source.pointer}: ` : "";
    throw new Problem({ title: error ? where + error.detail : told?.detail || text || `The site answered ${response.status}.` });
  }

  /** Calls `each(type, data)` with every event, until `signal` ends it or the connection does. */
  async watch(each, signal) {
    const response = await fetch(`${this.path}/live`, { headers: { Authorization: `Bearer ${this.token}` }, signal });
    if (!response.ok) throw new Problem(parsed(await response.text()) || { detail: `The site answered ${response.status}.` });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const events = (rest + value).split("\n\n");
      rest = events.pop();
      for (const event of events) {
        const field = (name) => event.match(new RegExp(`^${name}: (.*)$`, "m"))?.[1];
        if (field("event")) each(field("event"), JSON.parse(field("data")));
      }
    }
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
