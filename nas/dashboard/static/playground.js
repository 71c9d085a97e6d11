/**
 * The playground: move a parameter, and the network's derived values, drawing and costs follow.
 *
 * At most one question is under way; what changes meanwhile is asked next, so that the latest answer is the
 * one that stays. The URL keeps the point as `set=NAME=VALUE`, as the command line writes it.
 */

import { element, fetchJson, si } from "./base.js";
import { fieldOf, pair, readPoint, writePoint } from "./controls.js";
import { showDrawing, wireDrawing } from "./drawing.js";
import { words } from "./words.js";

const root = document.querySelector("#playground");
const drawing = document.querySelector("#drawing");
const state = JSON.parse(document.querySelector("#playground-state").textContent);
const fields = new Map(state.form.map((field) => [field.name, field]));
const listeners = [];
let unfold = new Set(state.unfold);
let base = state.cost ? { label: state.reference ?? "the first point", cost: state.cost } : null;
let busy = false;
let waiting = false;
let written = 0;

/** Call `told(answer)` after every answer. */
export function onAnswer(told) {
  listeners.push(told);
}

/** Go to a point, such as that of a sampled network. */
export function goTo(point) {
  state.point = point;
  state.reference = null;
  writePoint(root, state.form, point);
  markPreset();
  ask();
}

function preset(name) {
  state.reference = name;
  markPreset();
  ask();
}

function moved(event) {
  const field = event.target.closest("[data-field]");
  if (!field) return;
  pair(event.target, fields.get(field.dataset.field));
  state.reference = null;
  state.point = readPoint(root, state.form);
  markPreset();
  ask();
}

/** Ask for the present point with the next frame, or when the question under way is answered. */
function ask() {
  waiting = true;
  if (busy) return;
  busy = true;
  requestAnimationFrame(send);
}

async function send() {
  waiting = false;
  const question = {
    profile: state.profile,
    data: state.data,
    settings: state.settings,
    point: state.reference ? {} : state.point,
    reference: state.reference,
    unfold: [...unfold],
  };
  try {
    const url = `/api/spaces/${encodeURIComponent(state.space)}/price`;
    const answer = await fetchJson(url, { json: question });
    show(answer);
  } catch (error) {
    if (!waiting) {
      refuse(error.message, error.field);
      if (error.status === 400) showNone();
    }
  }
  busy = waiting;
  if (waiting) requestAnimationFrame(send);
}

function show(answer) {
  if (!waiting) {
    state.point = answer.point;
    writePoint(root, state.form, answer.point);
  }
  if (answer.feasible) accept(answer);
  else {
    refuse(answer.reason, answer.field);
    showNetwork(answer);
  }
  showDerived(answer.derived);
  document.querySelector("#command").textContent = answer.command;
  document.querySelector("#took").textContent = `${answer.took_ms.toFixed(1)} ms`;
  keepUrl();
  listeners.forEach((told) => told(answer));
}

/** A network that breaks a rule has its costs and its drawing all the same. */
function showNetwork(answer) {
  if (!answer.cost) return showNone();
  for (const [name, value] of Object.entries(answer.cost)) showCost(name, value, answer.published[name]);
  document.querySelector("#arch-id").textContent = (answer.arch_id ?? "").slice(0, 16);
  if (answer.svg) showDrawing(drawing, answer.svg, unfold, unfolded);
}

/** There is no network: nothing of the one before stays. */
function showNone() {
  for (const cell of root.querySelectorAll("[data-cost]")) {
    cell.dataset.way = "same";
    cell.title = "";
    cell.querySelector("[data-value]").textContent = "–";
    cell.querySelector("[data-change]").textContent = "";
  }
  document.querySelector("#arch-id").textContent = "";
  drawing.replaceChildren(element("p", { class: "muted" }, "No network: mend what is marked, and it is drawn."));
}

function accept(answer) {
  clearReasons();
  root.dataset.feasible = "yes";
  document.querySelector("#play-notes").textContent = answer.notes.join("; ");
  if (state.reference) base = { label: state.reference, cost: answer.cost };
  showNetwork(answer);
  say(`${si(answer.cost.params)} parameters, ${si(answer.cost.macs)} multiply-adds`);
}

function showCost(name, value, published) {
  const cell = root.querySelector(`[data-cost="${name}"]`);
  if (!cell) return;
  cell.querySelector("[data-value]").textContent = si(value);
  cell.title = `${value.toLocaleString("en")}${published ? `; published: ${published.toLocaleString("en")}` : ""}`;
  const ratio = base && Number(value) / Number(base.cost[name]);
  const same = !base || !Number.isFinite(ratio) || Math.abs(ratio - 1) < 0.0005;
  cell.dataset.way = same ? "same" : ratio > 1 ? "up" : "down";
  cell.querySelector("[data-change]").textContent = same ? "" : change(ratio);
  document.querySelector("#base-label").textContent = base?.label ?? "";
}

function change(ratio) {
  if (ratio >= 2 || ratio <= 0.5) return `×${ratio.toPrecision(3)}`;
  return `${ratio > 1 ? "+" : "−"}${Math.abs(100 * (ratio - 1)).toFixed(1)} %`;
}

function showDerived(derived) {
  for (const cell of root.querySelectorAll("[data-derived]")) {
    const value = derived[cell.dataset.derived];
    const text = value === undefined ? "–" : words(value);
    cell.toggleAttribute("data-changed", cell.textContent !== text && cell.textContent !== "–");
    cell.textContent = text;
  }
}

function refuse(reason, field) {
  clearReasons();
  root.dataset.feasible = "no";
  const [name, place] = (field ?? "").split(/[[\]]/);
  const near = name && fieldOf(root, name);
  if (near) near.querySelector("[data-reason]").textContent = reason;
  document.querySelector("#verdict-reason").textContent = reason;
  const items = near ? [...near.querySelectorAll("[data-item]")] : [];
  const wrong = items[place] ? [items[place]] : items;
  for (const each of wrong.flatMap((item) => [...item.querySelectorAll("input, select")])) each.setAttribute("aria-invalid", "true");
  say(`Not feasible: ${reason}`);
}

function clearReasons() {
  document.querySelector("#verdict-reason").textContent = "";
  for (const place of root.querySelectorAll("[data-reason]")) place.textContent = "";
  for (const each of root.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
}

/** Tell those who listen, once the hand rests. */
let saying = 0;
function say(text) {
  clearTimeout(saying);
  saying = setTimeout(() => (document.querySelector("#spoken").textContent = text), 600);
}

function unfolded(next) {
  unfold = next;
  ask();
}

function keepUrl() {
  clearTimeout(written);
  written = setTimeout(() => {
    const url = new URL(window.location.href);
    for (const name of ["set", "reference", "unfold"]) url.searchParams.delete(name);
    if (state.reference) url.searchParams.set("reference", state.reference);
    else for (const [name, value] of Object.entries(state.point)) url.searchParams.append("set", setting(name, value));
    for (const [name, value] of Object.entries(state.settings)) url.searchParams.append("set", setting(name, value));
    for (const path of unfold) url.searchParams.append("unfold", path);
    history.replaceState(history.state, "", url);
    for (const link of document.querySelectorAll("[data-keeps-point]")) keepPoint(link, url);
  }, 250);
}

function keepPoint(link, url) {
  const target = new URL(link.href);
  target.searchParams.delete("set");
  for (const pair of url.searchParams.getAll("set")) target.searchParams.append("set", pair);
  link.href = target.href;
}

function setting(name, value) {
  return `${name}=${Array.isArray(value) ? value.join(",") : value}`;
}

function markPreset() {
  const choice = root.querySelector("#preset");
  if (choice) choice.value = state.reference ?? "";
  for (const preset of root.querySelectorAll("[data-reference]")) {
    preset.setAttribute("aria-pressed", String(preset.dataset.reference === state.reference));
  }
}

root.addEventListener("input", moved);
root.querySelector("#preset")?.addEventListener("change", (event) => preset(event.target.value || null));
root.addEventListener("submit", (event) => event.preventDefault());
root.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reference]");
  if (button) preset(button.dataset.reference);
  const all = event.target.closest("[data-unfold-all]");
  if (!all) return;
  unfolded(new Set(unfold.has("*") ? [] : ["*"]));
  all.setAttribute("aria-pressed", String(unfold.has("*")));
  all.textContent = unfold.has("*") ? "Close all" : "Open all";
});
wireDrawing(drawing, unfold, unfolded);
for (const link of document.querySelectorAll("[data-keeps-point]")) keepPoint(link, new URL(window.location.href));
