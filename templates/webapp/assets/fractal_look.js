// How tiles look now, and canvases with that look, which are painted again only when it changed.

import { WHEEL, Survey, paint, places } from "./fractal_color.js";
import { TILE } from "./fractal_view.js";

export class Look {
  #version = 0;
  wheel = new Uint32Array(WHEEL + 1);
  coloring = "smooth";
  density = 1;
  /** How far the wheel is turned, of 4096. */
  shift = 0;
  survey = new Survey();

  /** Takes other colours. */
  turnWith(wheel) {
    this.wheel = wheel;
    this.#version += 1;
  }

  /** The colour of what leaves first. */
  get outermost() {
    const [red, green, blue] = new Uint8Array(this.wheel.buffer, (this.shift & (WHEEL - 1)) * 4, 3);
    return `rgb(${red} ${green} ${blue})`;
  }

  /** The canvas of a tile. */
  paint(tile) {
    const way = `${this.coloring} ${this.density} ${this.survey.version}`;
    if (tile.way !== way) {
      tile.places = places(tile.values, TILE, this.coloring, this.density, this.survey);
      Object.assign(tile, { way, look: null });
    }
    const look = `${this.#version} ${this.shift}`;
    if (tile.look !== look) {
      tile.canvas ??= Object.assign(document.createElement("canvas"), { width: TILE, height: TILE });
      tile.image ??= new ImageData(TILE, TILE);
      paint(new Uint32Array(tile.image.data.buffer), tile.places, this.wheel, this.shift);
      tile.canvas.getContext("2d").putImageData(tile.image, 0, 0);
      tile.look = look;
    }
    return tile.canvas;
  }
}
