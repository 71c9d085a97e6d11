/**
 * The controls of a point: sliders with numbers, choices, vectors of either. The server renders them
 * (parts/controls.html); a field is an element with `data-field`, each of its values one with `data-item`.
 */

/** Values of all fields that are in use: `{maps: [4, 16], kernel: 5}`. `form`: the fields' descriptions. */
export function readPoint(root, form) {
  const point = {};
  for (const field of form) {
    const element = fieldOf(root, field.name);
    if (!element || element.dataset.unused !== undefined) continue;
    const items = [...element.querySelectorAll("[data-item]")].map((item) => readItem(item, field));
    if (items.some((value) => value === undefined)) continue;
    point[field.name] = field.kind === "vector" ? items : items[0];
  }
  return point;
}

/** Let the controls show `point`; those of parameters that it does not have are put aside, not hidden. */
export function writePoint(root, form, point) {
  for (const field of form) {
    const element = fieldOf(root, field.name);
    if (!element) continue;
    const used = field.name in point;
    element.toggleAttribute("data-unused", !used);
    for (const control of element.querySelectorAll("input, select")) control.disabled = !used;
    if (!used) continue;
    const values = field.kind === "vector" ? point[field.name] : [point[field.name]];
    fit(element, values.length);
    const items = [...element.querySelectorAll("[data-item]")];
    values.forEach((value, index) => writeItem(items[index], field, value));
  }
}

/** The element of a field. */
export function fieldOf(root, name) {
  return root.querySelector(`[data-field="${CSS.escape(name)}"]`);
}

function readItem(item, field) {
  if (field.choices) {
    const chosen = item.querySelector("select")?.value ?? item.querySelector("input:checked")?.value;
    return chosen === undefined || chosen === "" ? undefined : field.choices[Number(chosen)];
  }
  const number = item.querySelector("input[type=number]").valueAsNumber;
  return Number.isNaN(number) ? undefined : number;
}

function writeItem(item, field, value) {
  if (!field.choices) {
    const [slider, number] = [item.querySelector("input[type=range]"), item.querySelector("input[type=number]")];
    if (document.activeElement !== number) number.value = shown(value);
    if (slider && document.activeElement !== slider) slider.value = position(field, value);
    slider?.setAttribute("aria-valuetext", shown(value));
    return;
  }
  const index = String(field.choices.findIndex((each) => same(each, value)));
  const select = item.querySelector("select");
  if (select) select.value = index;
  else for (const radio of item.querySelectorAll("input")) radio.checked = radio.value === index;
}

/** Give a vector as many items as its values, from the last one it has. */
function fit(element, length) {
  const box = element.querySelector("[data-items]");
  if (!box) return;
  while (box.children.length > length) box.lastElementChild.remove();
  while (box.children.length < length) {
    const index = box.children.length;
    const item = element.querySelector("template").content.firstElementChild.cloneNode(true);
    for (const node of [item, ...item.querySelectorAll("*")]) {
      for (const name of ["id", "for", "name", "aria-label"]) {
        if (node.hasAttribute(name)) node.setAttribute(name, node.getAttribute(name).replaceAll("INDEX", index));
      }
      if (node.matches("[data-index]")) node.textContent = index;
    }
    box.append(item);
  }
}

/** After `input` on a slider or its number: let the other one follow. */
export function pair(control, field) {
  const item = control.closest("[data-item]");
  if (!field || field.choices) return;
  if (control.type === "range") {
    const value = valueAt(field, Number(control.value));
    item.querySelector("input[type=number]").value = shown(value);
    control.setAttribute("aria-valuetext", shown(value));
  } else if (control.type === "number" && !Number.isNaN(control.valueAsNumber)) {
    const slider = item.querySelector("input[type=range]");
    if (slider) slider.value = position(field, control.valueAsNumber);
  }
}

const LOG_STEPS = 200;

/** A slider's place for a value: the value itself, on a log scale its place from 0 to 200. */
function position(field, value) {
  if (!field.log) return value;
  return (LOG_STEPS * Math.log(value / field.low)) / Math.log(field.high / field.low);
}

function valueAt(field, place) {
  if (!field.log) return place;
  const value = field.low * (field.high / field.low) ** (place / LOG_STEPS);
  return field.whole ? Math.round(value) : Number(value.toPrecision(4));
}

function shown(value) {
  return String(typeof value === "number" ? Number(value.toPrecision(12)) : value);
}

function same(left, right) {
  return JSON.stringify(left) === JSON.stringify(right);
}
