// The pages being arranged, without a document: an immutable list, what can be done with it, and what was done before.

/** The part of a list of `count` that a range such as `1-3,7,odd,r1` means, as a set of places from 0. */
export function placesOf(range, count) {
  const places = new Set();
  const number = (text) => {
    const fromEnd = text.match(/^r(\d+)$/);
    if (text === "z") return count;
    return fromEnd ? count + 1 - Number(fromEnd[1]) : /^\d+$/.test(text) ? Number(text) : NaN;
  };
  for (const part of range.split(",").map((part) => part.trim()).filter(Boolean)) {
    if (part === "odd" || part === "even") {
      for (let place = part === "odd" ? 0 : 1; place < count; place += 2) places.add(place);
      continue;
    }
    const [from, to = from] = part.split("-").map((end, index) => number(end || (index ? "z" : "1")));
    if (!(Math.min(from, to) >= 1 && Math.max(from, to) <= count)) throw new RangeError(`“${part}” is none of the pages 1 to ${count}.`);
    for (let page = Math.min(from, to); page <= Math.max(from, to); page += 1) places.add(page - 1);
  }
  return places;
}

/** The shortest range that means these places. */
export function rangeOf(places) {
  const sorted = [...places].sort((a, b) => a - b);
  const runs = [];
  for (const place of sorted) {
    const last = runs.at(-1);
    if (last && last[1] === place - 1) last[1] = place;
    else runs.push([place, place]);
  }
  return runs.map(([from, to]) => (from === to ? `${from + 1}` : `${from + 1}-${to + 1}`)).join(",");
}

/** An arrangement with its past. */
export class Arrangement {
  #past = [];
  #future = [];
  pages = [];

  /** Adds what came from outside; that is not undone. */
  append(pages) {
    this.pages = [...this.pages, ...pages];
  }

  #become(pages) {
    this.#past.push(this.pages);
    this.#future = [];
    this.pages = pages;
  }

  undo() {
    if (!this.#past.length) return false;
    this.#future.push(this.pages);
    this.pages = this.#past.pop();
    return true;
  }

  redo() {
    if (!this.#future.length) return false;
    this.#past.push(this.pages);
    this.pages = this.#future.pop();
    return true;
  }

  turn(keys, by) {
    this.#become(this.pages.map((page) => (keys.has(page.key) ? { ...page, turn: (page.turn + by + 360) % 360 } : page)));
  }

  remove(keys) {
    this.#become(this.pages.filter((page) => !keys.has(page.key)));
  }

  /** Puts copies behind the last of them; returns the copies' keys. */
  duplicate(keys, fresh) {
    const copies = this.pages.filter((page) => keys.has(page.key)).map((page) => ({ ...page, key: fresh() }));
    const behind = this.pages.findLastIndex((page) => keys.has(page.key)) + 1;
    this.#become(this.pages.toSpliced(behind, 0, ...copies));
    return new Set(copies.map((page) => page.key));
  }

  /** Moves pages together to a place among the others, from 0. */
  move(keys, place) {
    const moved = this.pages.filter((page) => keys.has(page.key));
    const others = this.pages.filter((page) => !keys.has(page.key));
    const at = Math.max(0, Math.min(others.length, place));
    this.#become(others.toSpliced(at, 0, ...moved));
    return at;
  }

  /** How many of the others stand before the first of these. */
  before(keys) {
    const first = this.pages.findIndex((page) => keys.has(page.key));
    return this.pages.slice(0, first).filter((page) => !keys.has(page.key)).length;
  }
}
