// Tiles from the server: what is wanted now is fetched, the most urgent first, and what is not wanted any more is let go.

import { unpack } from "./fractal_color.js";
import { TILE } from "./fractal_view.js";

const AT_ONCE = 6;
/** Half a megabyte each. */
const KEPT = 240;

export const nameOf = ({ zoom, x, y }, limit) => `${limit}/${zoom}/${x}/${y}`;

async function counts(url, signal) {
  const response = await fetch(url, { signal });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    const wait = Number(response.headers.get("retry-after") ?? 0);
    throw Object.assign(new Error(problem.detail ?? `The server answered ${response.status}.`), { wait });
  }
  const planes = await new Response(response.body.pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
  return unpack(new Uint8Array(planes), TILE);
}

/** All tiles that are here or on their way. */
export class Tiles {
  #base;
  #changed;
  #here = new Map();
  #coming = new Map();
  #wanted = [];
  /** Why and until when nothing is asked for. */
  #pause = null;

  constructor(base, changed) {
    this.#base = base;
    this.#changed = changed;
  }

  get(name) {
    const tile = this.#here.get(name);
    if (tile) {
      this.#here.delete(name);
      this.#here.set(name, tile);
    }
    return tile;
  }

  /** How many are still to come. */
  get missing() {
    return this.#wanted.filter((name) => !this.#here.has(name)).length;
  }

  get trouble() {
    return this.#pause?.why;
  }

  /** These and no others, the first ones first. */
  want(names) {
    this.#wanted = names;
    const wanted = new Set(names);
    for (const [name, controller] of this.#coming) if (!wanted.has(name)) controller.abort();
    this.#begin();
  }

  #begin() {
    if (this.#pause) return;
    for (const name of this.#wanted) {
      if (this.#coming.size >= AT_ONCE) return;
      if (!this.#here.has(name) && !this.#coming.has(name)) this.#fetch(name);
    }
  }

  async #fetch(name) {
    const controller = new AbortController();
    this.#coming.set(name, controller);
    try {
      const values = await counts(`${this.#base}/${name}.dwell`, controller.signal);
      this.#here.set(name, { values });
      for (const oldest of this.#here.keys()) {
        if (this.#here.size <= KEPT) break;
        this.#here.delete(oldest);
      }
    } catch (error) {
      if (error.name !== "AbortError") this.#rest(error);
    } finally {
      this.#coming.delete(name);
      this.#begin();
      this.#changed();
    }
  }

  /** After trouble, waits as long as the server says before asking again. */
  #rest(error) {
    const seconds = Math.min(60, Math.max(2, error.wait || 2));
    clearTimeout(this.#pause?.timer);
    const timer = setTimeout(() => {
      this.#pause = null;
      this.#begin();
      this.#changed();
    }, seconds * 1000);
    this.#pause = { why: error.message, timer };
  }
}
