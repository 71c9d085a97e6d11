/** A network's drawing whose stages open and close: by click, by Enter and by Space. */

/**
 * Show `svg` (text) inside `box`; `unfold` is a Set of open stages, `changed(unfold)` asks for a new drawing.
 * The stage that had the keyboard's focus keeps it, and the box its place.
 */
export function showDrawing(box, svg, unfold, changed) {
  const drawn = pictureOf(svg);
  if (!drawn) return;
  const focused = box.contains(document.activeElement) ? document.activeElement.dataset.stage : null;
  const left = box.scrollLeft;
  box.replaceChildren(drawn);
  box.scrollLeft = left;
  wireDrawing(box, unfold, changed);
  if (focused) box.querySelector(`[data-stage="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

/** The picture that is written as `svg`: parsed by HTML's rules, which know its namespace; scripts never run. */
export function pictureOf(svg) {
  const found = new DOMParser().parseFromString(svg, "text/html").querySelector("svg");
  return found && document.importNode(found, true);
}

/** Let the stages of the drawing in `box` answer. */
export function wireDrawing(box, unfold, changed) {
  const toggle = (event) => {
    const stage = event.target.closest("[data-stage]");
    if (!stage) return;
    event.preventDefault();
    changed(toggled(box, stage.dataset.stage, unfold));
  };
  box.onclick = toggle;
  box.onkeydown = (event) => {
    if (event.key === "Enter" || event.key === " ") toggle(event);
  };
}

function toggled(box, path, unfold) {
  const next = new Set(unfold);
  if (next.delete("*")) box.querySelectorAll("[data-stage]").forEach((each) => next.add(each.dataset.stage));
  if (!next.has(path)) return next.add(path);
  for (const each of [...next]) if (each === path || each.startsWith(`${path}.`)) next.delete(each);
  return next;
}
