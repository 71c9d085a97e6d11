/** A new study: the form becomes a request, the service says what that would be, then it is started. */

import { element, fetchJson, pageData, setText, si } from "./base.js";
import { fillRequest, readRequest, wireRows } from "./request.js";
import { words } from "./words.js";

const WAIT_MS = 350;
const JOINS = " A study of this name asks for just the same: starting goes on with it.";
const form = document.querySelector("#new");
const start = document.querySelector("#start");
const fill = pageData("fill");
let point = fill.point;
let known = null;
let timer = 0;
let asked = 0;
let spaceNow = null;
let beginning = false;

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", later);
form.addEventListener("change", later);
document.querySelector("#no-point").addEventListener("click", () => {
  point = {};
  showPoint();
});
start.addEventListener("click", begin);

wireRows(form, later);
fillRequest(form, fill.request);
showPoint();
look();
choices();

async function choices() {
  known = await fetchJson("/api/new").catch(() => null);
  if (!known) return;
  for (const input of known.groups.flatMap((group) => group.inputs)) {
    const select = form.querySelector(`[data-name="${input.name}"] select[data-value]`);
    if (select && input.name !== "space") offer(select, input.choices);
    const list = document.querySelector(`#d-${CSS.escape(input.name)}`);
    if (list) list.replaceChildren(...input.choices.map((each) => element("option", { value: each.value }, each.about)));
  }
  suggest();
  abouts();
}

/** Give a choice its values; what was chosen stays. */
function offer(select, choices) {
  const chosen = select.value;
  const kept = [...select.options];
  for (const each of choices) {
    const option = kept.find((one) => one.value === each.value) ?? element("option", { value: each.value }, each.value);
    option.dataset.about = each.about;
    if (!select.contains(option)) select.append(option);
  }
  select.value = chosen;
}

/** Objectives that the evaluator can give. */
function suggest() {
  const told = known?.metrics[readRequest(form).evaluator ?? "train"] ?? [];
  const first = told[0] ?? "params";
  const offers = [first, `${first},macs`, `${first},params`, ...told.slice(1), ...(told.length ? [] : ["params,macs"])];
  const list = document.querySelector("#d-objective");
  list.replaceChildren(...offers.map((each) => element("option", { value: each })));
}

function abouts() {
  for (const box of form.querySelectorAll('.ask[data-kind="choice"][data-name]')) {
    const said = box.querySelector("select").selectedOptions[0]?.dataset.about;
    const about = box.querySelector(".about");
    about.dataset.usual ??= about.textContent;
    setText(about, said || about.dataset.usual);
  }
}

function later() {
  abouts();
  suggest();
  clearTimeout(timer);
  timer = setTimeout(look, WAIT_MS);
}

async function look() {
  const mine = (asked += 1);
  const request = readRequest(form);
  if (request.space !== spaceNow) spaces(request.space);
  const pasted = request.space === undefined;
  form.querySelector('[data-name="space"] select').disabled = pasted;
  setText(document.querySelector("#preview-state"), "looking…");
  try {
    const found = await fetchJson("/api/studies/preview", { json: request });
    if (mine === asked) show(found);
  } catch (error) {
    if (mine === asked) refuse(error.message, error.field);
  }
  if (mine === asked) setText(document.querySelector("#preview-state"), "");
}

/** Profiles of the chosen space, and the names that may be set. */
async function spaces(name) {
  spaceNow = name;
  if (name === undefined) return;
  const found = await fetchJson(`/api/spaces/${encodeURIComponent(name)}`).catch(() => null);
  if (!found || name !== spaceNow) return;
  const select = form.querySelector('[data-name="profile"] select');
  const chosen = select.value;
  const about = Object.fromEntries((found.view?.profiles ?? []).map((each) => [each.name, each.about]));
  select.replaceChildren(element("option", { value: "" }, "as usual"));
  for (const each of found.profiles) select.append(element("option", { value: each, "data-about": about[each] }, each));
  select.value = found.profiles.includes(chosen) ? chosen : "";
  abouts();
}

function show(found) {
  clearFields();
  if (!found.ok) return refuse(found.error, found.field, found);
  const verdict = document.querySelector("#verdict");
  const none = found.acceptance === 0;
  verdict.dataset.is = none ? "bad" : "good";
  setText(verdict, none ? noneOf(found) : `${found.budget} trials of ${found.space} on ${found.data}.${found.joins ? JOINS : ""}`);
  setText(start, found.joins ? "Join the search" : "Start the search");
  start.disabled = beginning;
  priced(found);
  setText(document.querySelector("#typed"), found.command);
  recipe(found.spec.recipe ?? {});
}

/** What was drawn and what it costs; `found` without draws: what is there is of another request. */
function priced(found) {
  stale(!found?.draws);
  if (!found?.draws) return;
  facts(found);
  ranges(found.envelope);
  examples(found);
}

function noneOf(found) {
  return `Nothing found: none of ${found.draws} random networks obeys all rules, which may be impossible.`;
}

/** What is known is of another request: it is put out of sight, and its place kept. */
function stale(is) {
  document.querySelector(".preview-side section").toggleAttribute("data-stale", is);
}

function facts(found) {
  const spec = found.spec;
  const aims = (spec.objectives ?? []).map(([metric, way]) => `${metric} ${way === "minimize" ? "↓" : "↑"}`);
  const rows = [["For", aims.join(", ")], ["Networks", found.points ? `${si(found.points)} points` : "more than can be counted"]];
  if (found.draws) rows.push(["Feasible", `of ${found.draws} drawn, ${Math.round(found.acceptance * found.draws)} obey all rules`]);
  if (found.limits.length) rows.push(["Rules", found.limits.join("\n")]);
  const [reason, count] = Object.entries(found.refusals)[0] ?? [];
  if (reason) rows.push(["Refused for", `${reason}: ${count} of them`]);
  if (found.first.length) rows.push(["First", found.first.join("\n")]);
  const list = document.querySelector("#preview-facts");
  list.replaceChildren(...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

function ranges(envelope) {
  const rows = Object.entries(envelope).filter(([name]) => name !== "paths");
  const body = document.querySelector("#ranges tbody");
  body.replaceChildren(
    ...rows.map(([name, range]) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, name.replaceAll("_", " ")),
        ...[range.low, range.median, range.high].map((value) => element("td", { class: "n" }, si(value))),
      ),
    ),
  );
}

function examples(found) {
  const list = document.querySelector("#examples");
  list.replaceChildren(
    ...found.examples.map((each) => {
      const query = new URLSearchParams([["data", found.data], ...Object.entries(each.point).map(pairOf)]);
      const profile = readRequest(form).profile;
      if (profile) query.set("profile", profile);
      const href = `/spaces/${encodeURIComponent(found.space)}?${query}`;
      const said = pointWords(each.point);
      const link = spaceNow === undefined ? element("span", {}, said) : element("a", { href, target: "_blank" }, said);
      return element("li", {}, link, element("span", { class: "muted small" }, ` ${si(each.cost.params)} params, ${si(each.cost.macs)} macs`));
    }),
  );
}

function pairOf([name, value]) {
  return ["set", `${name}=${Array.isArray(value) ? value.join(",") : value}`];
}

function pointWords(values) {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${words(value)}`)
    .join(" · ");
}

function recipe(resolved) {
  for (const box of form.querySelectorAll("[data-recipe]")) {
    const usual = resolved[box.dataset.recipe];
    const control = box.querySelector("[data-value]");
    if (usual === undefined) continue;
    if (control.matches("input")) control.placeholder = words(usual);
    else if (control.value === "") control.options[0].textContent = `as usual: ${words(usual)}`;
  }
  const mine = Object.keys(readRequest(form).recipe ?? {});
  setText(document.querySelector("#recipe-said"), mine.length ? `${mine.join(", ")} set` : "as the space and the data set say");
}

function refuse(message, field, found = null, details = found?.differences ?? []) {
  clearFields();
  start.disabled = true;
  setText(start, "Start the search");
  const verdict = document.querySelector("#verdict");
  verdict.dataset.is = "bad";
  priced(found);
  setText(verdict, message);
  if (details.length) verdict.append(element("ul", {}, ...details.map((each) => element("li", {}, each))));
  if (found) setText(document.querySelector("#typed"), found.command);
  const name = { least: "most" }[field] ?? field;
  const box = name && form.querySelector(`[data-name="${CSS.escape(name)}"]`);
  if (!box) return;
  box.querySelector(".why").textContent = message;
  for (const control of box.querySelectorAll("[data-value]")) control.setAttribute("aria-invalid", "true");
}

function clearFields() {
  for (const why of form.querySelectorAll(".why")) setText(why, "");
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

function showPoint() {
  const some = Object.keys(point).length > 0;
  document.querySelector("#point").hidden = !some;
  setText(document.querySelector("#point-said"), pointWords(point));
}

async function begin() {
  const said = document.querySelector("#start-said");
  start.disabled = beginning = true;
  setText(said, "Starting its driver; that may take some seconds.");
  try {
    const row = await fetchJson("/api/studies", { json: readRequest(form) });
    if (Object.keys(point).length) await enqueue(row.name);
    window.location.assign(`/studies/${encodeURIComponent(row.name)}`);
  } catch (error) {
    beginning = false;
    setText(said, "");
    refuse(error.message, error.field, null, error.details);
    start.disabled = false;
  }
}

/** The point to start from; that the study has it already, or refuses it, is no reason not to begin. */
async function enqueue(study) {
  await fetchJson(`/api/studies/${encodeURIComponent(study)}/enqueue`, { json: { point } }).catch(() => null);
}
