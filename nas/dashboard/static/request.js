/** Between the form of a new study and the request it stands for; fields that are as usual are left out. */

import { element } from "./base.js";

let rows = 0;

/** The request that the form asks for. */
export function readRequest(form) {
  const request = {};
  for (const box of form.querySelectorAll(".ask[data-name]")) {
    const value = VALUES[box.dataset.kind]?.(box);
    if (value !== undefined) request[box.dataset.name] = value;
  }
  if (request.space_yaml !== undefined) delete request.space;
  const limits = readLimits(form);
  if (limits.most.length) request.most = limits.most;
  if (limits.least.length) request.least = limits.least;
  return request;
}

const text = (box) => box.querySelector("[data-value]").value.trim() || undefined;

function number(box) {
  const typed = text(box);
  if (typed === undefined) return undefined;
  const value = Number(typed.replaceAll(",", ""));
  return Number.isNaN(value) ? typed : value;
}

const VALUES = {
  text,
  long: text,
  choice: text,
  int: number,
  number,
  switch: (box) => box.querySelector("[data-value]").checked,
  settings: (box) => given(Object.fromEntries(pairs(box, "data-setting").map(([name, value]) => [name, typed(value)]))),
  recipe: (box) => given(Object.fromEntries(recipeOf(box))),
  limits: () => undefined,
};

function given(mapping) {
  return Object.keys(mapping).length ? mapping : undefined;
}

function recipeOf(box) {
  const values = [...box.querySelectorAll("[data-recipe]")].map((part) => [part.dataset.recipe, text(part)]);
  return values.filter(([, value]) => value !== undefined).map(([name, value]) => [name, typed(value)]);
}

/** A value as it is typed on the command line: numbers, yes and no, lists with commas, words. */
function typed(value) {
  if (value.includes(",") && !value.startsWith("=")) {
    const inner = value.replace(/^\[|\]$/g, "");
    try {
      return JSON.parse(`[${inner}]`);
    } catch {
      return inner.split(",").map((each) => typed(each.trim()));
    }
  }
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function pairs(box, row) {
  return [...box.querySelectorAll(`[${row}]`)]
    .map((each) => [...each.querySelectorAll("input, select")].map((control) => control.value.trim()))
    .filter((values) => values.every((value) => value !== ""));
}

function readLimits(form) {
  const found = { most: [], least: [] };
  for (const [metric, side, bound] of pairs(form, "data-limit")) found[side].push(`${metric}=${bound}`);
  return found;
}

/** Let the form show a request. */
export function fillRequest(form, request) {
  const box = (name) => form.querySelector(`.ask[data-name="${name}"]`);
  for (const [name, value] of Object.entries(request.recipe ?? {})) {
    const control = form.querySelector(`[data-recipe="${CSS.escape(name)}"] [data-value]`);
    if (control && value !== null) control.value = String(value);
  }
  for (const [name, value] of Object.entries(request.settings ?? {})) {
    addSetting(box("settings"), name, Array.isArray(value) ? JSON.stringify(value) : String(value));
  }
  for (const side of ["most", "least"]) {
    for (const pair of request[side] ?? []) addLimit(box("most"), pair.split("=")[0], side, pair.split("=")[1]);
  }
}

/** Let the buttons add rows of limits and of names; `changed()` runs when a row goes. */
export function wireRows(form, changed) {
  form.addEventListener("click", (event) => {
    const box = event.target.closest(".ask");
    if (event.target.closest("[data-add-limit]")) addLimit(box).querySelector("input").focus();
    if (event.target.closest("[data-add-setting]")) addSetting(box).querySelector("input").focus();
    const row = event.target.closest("[data-drop]")?.closest("[data-limit], [data-setting]");
    if (row) {
      row.remove();
      changed();
    }
  });
}

const SIDES = [["most", "at most"], ["least", "at least"]];
const METRICS = ["macs", "params", "activations", "train_bytes", "layers", "receptive_field", "error", "accuracy", "latency_ms"];

function addLimit(box, metric = "macs", side = "most", bound = "") {
  const names = METRICS.includes(metric) ? METRICS : [...METRICS, metric];
  const what = element("select", { "aria-label": "Cost or metric" }, ...names.map((name) => element("option", {}, name)));
  const way = element("select", { "aria-label": "Side" }, ...SIDES.map(([value, word]) => element("option", { value }, word)));
  const value = element("input", { "aria-label": "Bound", size: 8, placeholder: "600M", value: bound, autocomplete: "off" });
  [what.value, way.value] = [metric, side];
  return addRow(box.querySelector("[data-limits]"), "data-limit", [what, way, value]);
}

function addSetting(box, name = "", value = "") {
  const what = element("input", { "aria-label": "Name", size: 12, placeholder: "name", value: name, autocomplete: "off" });
  const to = element("input", { "aria-label": "Value", size: 12, placeholder: "value", value, autocomplete: "off" });
  return addRow(box.querySelector("[data-settings]"), "data-setting", [what, "=", to]);
}

function addRow(place, kind, parts) {
  rows += 1;
  const drop = element("button", { type: "button", class: "quiet", "data-drop": "", "aria-label": "Take this row away" }, "×");
  const row = element("div", { class: "row limit-row", [kind]: "", id: `row-${rows}` }, ...parts, drop);
  place.append(row);
  return row;
}
