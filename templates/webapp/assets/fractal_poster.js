// A view drawn larger than the stage, from tiles of a finer level; finer than the picture, they smooth its edges.

import { Tiles, nameOf } from "./fractal_tiles.js";

/** Tiles that are asked for together. */
const TOGETHER = 12;

/** All of these, as soon as they are here. */
function here(base, names, signal) {
  return new Promise((done, failed) => {
    signal.throwIfAborted();
    const store = new Tiles(base, () => {
      if (!store.missing) done(store);
    });
    signal.addEventListener("abort", () => {
      store.want([]);
      failed(signal.reason);
    });
    store.want(names);
  });
}

/** A PNG file `width` pixels wide of what `view` shows on a stage of that size; `told` hears the share that is done. */
export async function poster({ base, view, stage: [across, down], width, zoom, limit, colors }, told, signal) {
  const ratio = width / across;
  const canvas = Object.assign(document.createElement("canvas"), { width, height: Math.round(down * ratio) });
  const pen = canvas.getContext("2d", { alpha: false });
  pen.imageSmoothingQuality = "high";
  const wanted = view.tiles(across, down, zoom);
  for (let first = 0; first < wanted.length; first += TOGETHER) {
    told(first / wanted.length);
    const part = wanted.slice(first, first + TOGETHER);
    const store = await here(base, part.map((tile) => nameOf(tile, limit)), signal);
    for (const tile of part) {
      const [left, top, right, bottom] = [tile.left, tile.top, tile.left + tile.side, tile.top + tile.side].map((edge) => Math.round(edge * ratio));
      pen.drawImage(colors.paint(store.get(nameOf(tile, limit))), left, top, right - left, bottom - top);
    }
  }
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
