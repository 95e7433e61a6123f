// What hands do on the stage: drag, wheel, pinch, double click, a box with Shift, and keys.

const STEP = 64;

/** Calls `on.move(right, down)`, `on.zoom(doublings, right, down)`, `on.box(rectangle | null, done)`, `on.point(right, down)`,
    and the functions of `on.keys` by key. Places count from the middle of the stage. */
export function hands(stage, on) {
  const fingers = new Map();
  let box = null;
  const place = (event) => {
    const bounds = stage.getBoundingClientRect();
    return [event.clientX - bounds.left - bounds.width / 2, event.clientY - bounds.top - bounds.height / 2];
  };

  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    stage.setPointerCapture(event.pointerId);
    const at = place(event);
    if (fingers.size === 0 && (event.shiftKey || on.boxing())) box = { from: at, to: at };
    fingers.set(event.pointerId, at);
  });
  stage.addEventListener("pointermove", (event) => {
    const at = place(event);
    on.point(...at);
    const before = fingers.get(event.pointerId);
    if (!before) return;
    if (box) {
      box.to = at;
      on.box(box, false);
    } else if (fingers.size === 1) {
      on.move(before[0] - at[0], before[1] - at[1]);
    } else {
      const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
      const span = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]);
      const middle = (point) => [(point[0] + other[0]) / 2, (point[1] + other[1]) / 2];
      const [was, is] = [middle(before), middle(at)];
      on.move(was[0] - is[0], was[1] - is[1]);
      if (span(before) > 8 && span(at) > 8) on.zoom(Math.log2(span(at) / span(before)), ...is);
    }
    fingers.set(event.pointerId, at);
  });
  const lift = (event) => {
    fingers.delete(event.pointerId);
    if (box) on.box(event.type === "pointerup" ? box : null, true);
    box = null;
  };
  stage.addEventListener("pointerup", lift);
  stage.addEventListener("pointercancel", lift);
  stage.addEventListener("dblclick", (event) => on.zoom(event.shiftKey ? -1 : 1, ...place(event)));
  stage.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const pixels = event.deltaY * (event.deltaMode === 1 ? 24 : event.deltaMode === 2 ? 400 : 1);
      on.zoom(Math.max(-1, Math.min(1, -pixels / 240)), ...place(event));
    },
    { passive: false },
  );

  const arrows = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
  stage.addEventListener("keydown", (event) => {
    const combined = event.ctrlKey || event.metaKey;
    const key = combined ? `Ctrl+${event.key.toLowerCase()}${event.shiftKey ? "+Shift" : ""}` : event.key;
    const arrow = !combined && arrows[event.key];
    const action = on.keys[key];
    if (arrow) on.move(...(event.shiftKey ? arrow.map((by) => by * 4) : arrow));
    else if (action) action();
    else return;
    event.preventDefault();
  });
}
