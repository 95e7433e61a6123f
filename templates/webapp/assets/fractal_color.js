// From counts to colours, without a document. A wheel is 4096 colours and that of what never leaves.

export const WHEEL = 4096;
const INSIDE_COUNT = 0xffffffff;
const TURNS = 0.8;
const TURNS_OF_DISTANCE = 0.12;
/** Pixels beyond which counts change too slowly to tell. */
const FAR = 24;

const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const hex = (parts) => `#${parts.map((part) => Math.round(Math.min(255, Math.max(0, part))).toString(16).padStart(2, "0")).join("")}`;
const word = ([red, green, blue]) => (0xff000000 | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;

/** How colours between two stops are mixed: from the four around the place, and how far it is along. */
const MIXED = {
  none: ([, from]) => from,
  linear: ([, from, to], t) => from.map((part, i) => part + (to[i] - part) * t),
  cubic: ([before, from, to, after], t) =>
    from.map((part, i) => {
      const [a, b, c] = [(to[i] - before[i]) / 2, to[i] - part, (after[i] - part) / 2];
      const value = part + t * (a + t * (3 * b - 2 * a - c + t * (a + c - 2 * b)));
      return Math.min(255, Math.max(0, value));
    }),
};

/** A wheel through stops (`{at, color}`, at from 0 to 1) around which it closes. */
export function wheel(stops, inside, mixing = "linear") {
  const sorted = [...stops].sort((a, b) => a.at - b.at).map(({ at, color }) => ({ at, parts: channels(color) }));
  const colors = new Uint32Array(WHEEL + 1);
  colors[WHEEL] = word(channels(inside));
  const stop = (index) => sorted[(index + 2 * sorted.length) % sorted.length];
  let index = -1;
  for (let place = 0; place < WHEEL; place += 1) {
    const at = place / WHEEL;
    while (index + 1 < sorted.length && sorted[index + 1].at <= at) index += 1;
    const [from, to] = [stop(index), stop(index + 1)];
    const span = (to.at - from.at + 1) % 1 || 1;
    const along = (((at - from.at + 1) % 1) / span) || 0;
    colors[place] = word(MIXED[mixing]([-1, 0, 1, 2].map((by) => stop(index + by).parts), along));
  }
  return colors;
}

/** Colours at equal distances. */
export const evenly = (colors) => colors.map((color, index) => ({ at: index / colors.length, color }));

/** Lines such as `0.25 #ff8800`, or bare colours at equal distances. */
export function readStops(text) {
  const lines = text.split(/[\n,;]+/).map((line) => line.trim()).filter(Boolean);
  const stops = lines.map((line, index) => {
    const match = /^(?:(\d*\.?\d+)\s+)?#?([0-9a-f]{6})$/i.exec(line);
    if (!match) throw new RangeError(`“${line.slice(0, 24)}” is no stop: write a place from 0 to 1 and a colour, as in 0.25 #ff8800.`);
    return { at: match[1] === undefined ? index / lines.length : Number(match[1]), color: `#${match[2].toLowerCase()}` };
  });
  if (stops.length < 1 || stops.length > 256) throw new RangeError("A gradient has 1 to 256 stops.");
  if (stops.some(({ at }) => at > 1)) throw new RangeError("Places lie between 0 and 1.");
  return stops;
}

export const writeStops = (stops) => stops.map(({ at, color }) => `${Number(at.toFixed(4))} ${color}`).join("\n");

/** The scheme of the first app: outer, grey and inner colours, half, 45 and 5 of a hundred. */
export function scheme({ groups, shuffled, seed = 1 }) {
  const colors = groups.flatMap(({ color, kind, count }) => {
    const parts = channels(color);
    const other = kind === "complementary" ? parts.map((part) => 255 - part) : parts.map((part) => part * 0.12);
    const mix = (t) => hex(parts.map((part, i) => part + (other[i] - part) * t));
    return Array.from({ length: count }, (_, index) => (kind === "single" ? color : mix(index / Math.max(1, count - 1))));
  });
  if (!shuffled) return evenly(colors);
  let state = seed;
  for (let last = colors.length - 1; last > 0; last -= 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const pick = state % (last + 1);
    [colors[last], colors[pick]] = [colors[pick], colors[last]];
  }
  return evenly(colors);
}

/** What is known of all tiles of a view together: the least count, and how many pixels leave sooner than any. */
export class Survey {
  static #BINS = 8192;
  static #bin = (value) => Math.min(Survey.#BINS - 1, Math.floor(Math.log2(value + 256) * 256));

  constructor(tiles = [], version = 0) {
    this.version = version;
    this.first = INSIDE_COUNT;
    this.sums = new Float64Array(Survey.#BINS);
    for (const values of tiles) {
      for (const value of values) {
        if (value === INSIDE_COUNT) continue;
        this.first = Math.min(this.first, value);
        this.sums[Survey.#bin(value)] += 1;
      }
    }
    if (this.first === INSIDE_COUNT) this.first = 0;
    let sum = 0;
    for (let bin = 0; bin < Survey.#BINS; bin += 1) [this.sums[bin], sum] = [sum, sum + this.sums[bin]];
    this.all = Math.max(1, sum);
  }

  rank(value) {
    return this.sums[Survey.#bin(value)] / this.all;
  }
}

/** Distances to the set in pixels, from how fast the counts of neighbours change. */
function distances(values, columns) {
  const result = new Float32Array(values.length);
  const slope = (at, before, after) => {
    const [has, have] = [before >= 0 && values[before] !== INSIDE_COUNT, after >= 0 && values[after] !== INSIDE_COUNT];
    if (has && have) return (values[after] - values[before]) / 512;
    return has ? (values[at] - values[before]) / 256 : have ? (values[after] - values[at]) / 256 : Infinity;
  };
  for (let at = 0; at < values.length; at += 1) {
    const column = at % columns;
    const along = slope(at, column > 0 ? at - 1 : -1, column + 1 < columns ? at + 1 : -1);
    const across = slope(at, at - columns, at + columns < values.length ? at + columns : -1);
    result[at] = Math.min(FAR, Math.LOG2E / Math.hypot(along, across));
  }
  return result;
}

/** The place on the wheel of every pixel. */
export function places(values, columns, coloring, density, survey) {
  const result = new Uint16Array(values.length);
  const far = coloring === "distance" ? distances(values, columns) : null;
  const turn = {
    smooth: (value) => Math.log1p(Math.max(0, value - survey.first) / 256) * TURNS,
    bands: (value) => Math.log1p(Math.max(0, Math.floor(value / 256) - Math.floor(survey.first / 256))) * TURNS,
    distance: (_, at) => Math.log(1 + 8 * far[at]) * TURNS_OF_DISTANCE,
    histogram: (value) => survey.rank(value),
    plain: () => 0,
  }[coloring];
  for (let at = 0; at < values.length; at += 1) {
    result[at] = values[at] === INSIDE_COUNT ? WHEEL : (turn(values[at], at) * density * WHEEL) & (WHEEL - 1);
  }
  return result;
}

/** Writes colours to pixels, turned by `shift`. */
export function paint(pixels, places, colors, shift) {
  for (let at = 0; at < places.length; at += 1) {
    pixels[at] = colors[places[at] === WHEEL ? WHEEL : (places[at] + shift) & (WHEEL - 1)];
  }
}

/** Counts from what the server sends: four planes of differences, the highest byte first. */
export function unpack(planes, columns) {
  const pixels = planes.length / 4;
  const values = new Uint32Array(pixels);
  for (let plane = 0; plane < 4; plane += 1) {
    const bytes = planes.subarray(plane * pixels, (plane + 1) * pixels);
    for (let at = 0; at < pixels; at += 1) {
      const before = at % columns ? bytes[at - 1] : at ? bytes[at - columns] : 0;
      bytes[at] += before;
      values[at] = ((values[at] << 8) | bytes[at]) >>> 0;
    }
  }
  return values;
}
