/** Pieces of a page, made and changed in place. Text from the service becomes text nodes, never markup. */

import { whole } from "./values.js";

/** An element with attributes and children; children that are text stay text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** A state by word, colour and sign, as parts/state.html. */
export function stateBadge(word, badge = false) {
  return element("span", { class: badge ? "state badge" : "state", "data-state": word }, word.replaceAll("_", " "));
}

/** Change a text only if it is another, so that nothing flickers and selections stay. */
export function setText(place, text) {
  if (place && place.textContent !== text) place.textContent = text;
}

/** Change a state badge in place. */
export function setState(place, word) {
  if (!place || place.dataset.state === word) return;
  place.dataset.state = word;
  place.textContent = word.replaceAll("_", " ");
}

const BUDGETED = ["complete", "pruned", "failed", "running", "queued"];

/** Change a progress bar of parts/cells.html in place. */
export function setProgress(place, counts, budget) {
  if (!place) return;
  const bar = place.querySelector("svg");
  const taken = BUDGETED.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  bar.setAttribute("viewBox", `0 0 ${Math.max(budget, taken, 1)} 8`);
  const parts = BUDGETED.map((state) => `${counts[state] ?? 0} ${state}`);
  bar.setAttribute("aria-label", `${parts.join(", ")} of ${budget}`);
  let x = 0;
  for (const state of BUDGETED) {
    const part = bar.querySelector(`.${state}`);
    part.setAttribute("x", x);
    part.setAttribute("width", counts[state] ?? 0);
    x += counts[state] ?? 0;
  }
  const done = (counts.complete ?? 0) + (counts.pruned ?? 0) + (counts.failed ?? 0);
  setText(place.querySelector("[data-done]"), whole(done));
  setText(place.querySelector("[data-budget]"), whole(budget));
}

/** The JSON in `<script type="application/json" id=…>`. */
export function pageData(id) {
  return JSON.parse(document.getElementById(id).textContent);
}
