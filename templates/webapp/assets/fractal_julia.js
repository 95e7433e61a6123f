// The Julia set of a point, small and at once, without the server.

import { WHEEL } from "./fractal_color.js";

const LIMIT = 150;
const ACROSS = 3.2;
const TURNS = 0.8;

/** Fills a canvas with the Julia set of a point. */
export function julia(canvas, re, im, { wheel, density }) {
  const { width, height } = canvas;
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let at = 0; at < pixels.length; at += 1) {
    let x = ((at % width) - width / 2) * (ACROSS / width);
    let y = (height / 2 - Math.floor(at / width)) * (ACROSS / width);
    let count = 0;
    while (count < LIMIT && x * x + y * y < 64) {
      [x, y] = [x * x - y * y + re, 2 * x * y + im];
      count += 1;
    }
    const smooth = count + 1 - Math.log2(Math.log2(x * x + y * y) / 2);
    pixels[at] = wheel[count === LIMIT ? WHEEL : (Math.log1p(Math.max(0, smooth)) * TURNS * density * WHEEL) & (WHEEL - 1)];
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}
