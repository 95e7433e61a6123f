// Where the explorer looks, without a document: an exact centre and how often the plane was doubled.

/** Pixels along the edge of a tile; at level 0 as many of them are as wide as 1. */
export const TILE = 256;
const LEAST_LEVEL = -2;
/** Bits of the centre below the distance of two pixels. */
const SPARE = 96;
const FARTHEST = 4n;

const digitsFor = (level) => Math.max(4, Math.ceil((level + 8) * Math.LOG10E * Math.LN2) + 4);

/** A decimal number as an integer over two to the power of `bits`. */
export function fixed(text, bits) {
  const match = /^\s*([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?\s*$/i.exec(text);
  if (!match || !(match[2] + match[3]) || text.length > 5_000) throw new RangeError(`“${text.slice(0, 20)}” is no decimal number.`);
  const [, sign, whole, part, power = "0"] = match;
  const exponent = Number(power) - part.length;
  if (Math.abs(exponent) > 5_000) throw new RangeError(`“${text.slice(0, 20)}” has too many places.`);
  const digits = BigInt(whole + part);
  const scaled = exponent >= 0 ? (digits * 10n ** BigInt(exponent)) << BigInt(bits) : (digits << BigInt(bits)) / 10n ** BigInt(-exponent);
  if (scaled > FARTHEST << BigInt(bits)) throw new RangeError("The centre must lie within 4 of 0.");
  return sign === "-" ? -scaled : scaled;
}

/** The same back, with that many digits behind the point. */
export function decimal(value, bits, digits) {
  const magnitude = value < 0n ? -value : value;
  const scaled = (magnitude * 10n ** BigInt(digits) + (1n << BigInt(bits - 1))) >> BigInt(bits);
  const text = scaled.toString().padStart(digits + 1, "0");
  const short = `${text.slice(0, -digits)}.${text.slice(-digits)}`.replace(/\.?0+$/, "");
  return value < 0n && short !== "0" ? `-${short}` : short;
}

/** The binary logarithm of a positive decimal number of any size. */
export function log2(text) {
  const match = /^\s*\+?(\d*\.?\d*)(?:e([+-]?\d+))?\s*$/i.exec(text);
  const value = match ? Math.log2(Number(match[1])) + Number(match[2] ?? 0) * Math.log2(10) : NaN;
  if (!Number.isFinite(value)) throw new RangeError(`“${text.slice(0, 20)}” is no width.`);
  return value;
}

/** Two to any power as a decimal number. */
export function power(log) {
  if (log > -12) return String(Number((2 ** log).toPrecision(6)));
  const tens = log * Math.log10(2);
  const exponent = Math.floor(tens);
  return `${(10 ** (tens - exponent)).toFixed(4)}e${exponent}`;
}

/** The limit that shows a level without much black that is not the set's. */
export function automaticLimit(level) {
  // Deeper down it depends on the place more than on the depth.
  const doublings = Math.min(700, Math.max(0, Math.round(level)));
  return rung(256 + 48 * doublings + 2 * doublings ** 2);
}

/** The least of the limits that tiles have which is not below. */
export function rung(limit) {
  return Math.min(2 ** 24, 2 ** Math.ceil(Math.log2(Math.max(256, limit))));
}

/** An immutable view. `down` is the imaginary part with the other sign, as pixels count. */
export class View {
  constructor(re, down, bits, level) {
    Object.assign(this, { re, down, bits, level });
  }

  /** As wide as `width`, a decimal number, on a stage of so many pixels. */
  static of(re, im, width, pixels, deepest) {
    const level = Math.min(deepest, Math.max(LEAST_LEVEL, Math.log2(pixels / TILE) - log2(width)));
    const bits = Math.ceil(level) + SPARE;
    return new View(fixed(re, bits), -fixed(im, bits), bits, level);
  }

  #at(re, down, level) {
    const bits = Math.ceil(level) + SPARE;
    const change = BigInt(Math.abs(bits - this.bits));
    const fit = (value) => (bits >= this.bits ? value << change : value >> change);
    const most = FARTHEST << BigInt(bits);
    const within = (value) => (value > most ? most : value < -most ? -most : value);
    return new View(within(fit(re)), within(fit(down)), bits, level);
  }

  /** That many pixels as an integer over two to the power of `bits`. */
  #length(pixels, level) {
    const whole = Math.floor(level);
    const sixteenths = BigInt(Math.round(pixels * 2 ** (16 + whole - level)));
    const shift = this.bits - 24 - whole;
    return shift >= 0 ? sixteenths << BigInt(shift) : sixteenths >> BigInt(-shift);
  }

  /** Looks so many pixels further right and down. */
  moved(right, down, level = this.level) {
    return this.#at(this.re + this.#length(right, level), this.down + this.#length(down, level), this.level);
  }

  /** So many doublings nearer; what lies that far from the middle stays where it is. */
  zoomed(by, right, down, deepest) {
    const level = Math.min(deepest, Math.max(LEAST_LEVEL, this.level + by));
    const there = this.#at(this.re, this.down, Math.max(level, this.level)).moved(right, down, this.level);
    const back = there.moved(-right, -down, level);
    return back.#at(back.re, back.down, level);
  }

  /** Real and imaginary part of what lies that far from the middle, in digits that tell pixels apart. */
  text(right = 0, down = 0) {
    const there = this.moved(right, down);
    const digits = digitsFor(this.level);
    return [decimal(there.re, there.bits, digits), decimal(-there.down, there.bits, digits)];
  }

  /** The same as numbers. */
  numbers(right = 0, down = 0) {
    return this.text(right, down).map(Number);
  }

  width(pixels) {
    return power(Math.log2(pixels / TILE) - this.level);
  }

  /** The tiles of a level that a stage of this size shows, the middle first, and where they lie on it. */
  tiles(width, height, zoom) {
    const side = TILE * 2 ** (this.level - zoom);
    const split = (value) => {
      const below = BigInt(this.bits - zoom);
      const whole = value >> below;
      return [whole, Number((value - (whole << below)) >> (below - 53n)) / 2 ** 53];
    };
    const [column, x] = split(this.re);
    const [row, y] = split(this.down);
    const most = FARTHEST << BigInt(zoom);
    const tiles = [];
    for (let j = Math.floor(y - height / 2 / side); j <= y + height / 2 / side; j += 1) {
      for (let i = Math.floor(x - width / 2 / side); i <= x + width / 2 / side; i += 1) {
        const tile = { zoom, x: column + BigInt(i), y: row + BigInt(j), left: width / 2 + (i - x) * side, top: height / 2 + (j - y) * side, side };
        if (tile.x >= -most && tile.x < most && tile.y >= -most && tile.y < most) tiles.push(tile);
      }
    }
    const distance = (tile) => Math.hypot(tile.left + side / 2 - width / 2, tile.top + side / 2 - height / 2);
    return tiles.sort((a, b) => distance(a) - distance(b));
  }
}
