/** A study's page: its charts, kept up to date by events; its numbers change in place. */

import { asksLogin, banner, element, fetchJson, live, pageData, setProgress, setState, setText, share, shown, span, whole } from "./base.js";
import { parallel } from "./parallel.js";
import { showActions } from "./study_actions.js";
import { curvesChart, frontChart, historyChart, timelineChart } from "./study_charts.js";

const data = pageData("study-data");
const name = document.getElementById("study").dataset.study;
const home = `/studies/${encodeURIComponent(name)}`;
const api = `/api${home}`;
const by = (id) => document.getElementById(id);

/** How often charts that need a computation are read again while trials end. */
const AGAIN_MS = 5000;

/** So many points of a chart are drawn within a tenth of a second. */
const DOTS = 1000;

/** A chart of this page: where its data are, and how they are drawn. Read when seen, and when asked again. */
class Part {
  constructor(id, query, draw) {
    Object.assign(this, { id, query, draw, place: by(id), seen: false, found: null, asked: 0 });
    new IntersectionObserver(([entry], watcher) => {
      if (!entry.isIntersecting) return;
      watcher.disconnect();
      this.seen = true;
      this.read();
    }, { rootMargin: "0px" }).observe(this.place);
  }

  get url() {
    const query = new URLSearchParams(this.query()).toString();
    return `${api}/${this.id}${query ? `?${query}` : ""}`;
  }

  async read() {
    if (!this.seen) return;
    const asked = (this.asked += 1);
    document.querySelector(`[data-twin="${this.id}"]`).href = this.url;
    try {
      const found = await fetchJson(this.url);
      if (asked !== this.asked) return;
      this.found = found;
      await this.show();
    } catch (error) {
      if (asked !== this.asked) return;
      this.place.dataset.is = "failed";
      this.place.dataset.says = error.message;
    }
  }

  async show() {
    if (this.found) await this.draw(this.found);
  }
}

/** Results told while the history was on its way, by number: what was read may be older. */
const told = new Map();
const TOLD = 500;

const history = new Part("history", () => ({ metric: by("history-metric").value, points: DOTS }), (found) => {
  for (const trial of told.values()) grow(trial);
  historyChart(by("history"), found, { log: by("history-log").checked });
  const best = found.best_values.at(-1);
  const at = found.best_numbers.at(-1);
  const seen = found.shown < found.total ? `${whole(found.shown)} of ${whole(found.total)} trials` : trials(found.total);
  says("history", best === undefined ? "no complete trial yet" : `${seen}; best ${found.metric} ${shown(best)} at trial ${at}`);
});

const front = new Part("front", () => ({ x: by("front-x").value, y: by("front-y").value, points: DOTS }), (found) => {
  frontChart(by("front"), found);
  const beside = found.references.length ? `, ${found.references.length} published beside them` : "";
  says("front", `${found.front_numbers.length} of ${trials(found.total)} on the front${beside}`);
});

const curves = new Part("curves", () => ({ metric: by("curves-metric").value, top: by("curves-top").value }), (found) => {
  curvesChart(by("curves"), found, data);
  says("curves", found.curves.length ? `${whole(found.curves.length)} of the best, and those that run` : "none yet");
});

const lines = new Part("parallel", () => ({ metric: by("parallel-metric").value }), (found) => {
  parallel(by("parallel"), found, { said: (text) => says("parallel", text), chosen: showTrials });
});

const importance = new Part("importance", () => ({ metric: by("parallel-metric").value }), (found) => {
  showImportance(found);
  if (found.pending) setTimeout(() => importance.read(), 2000);
});

const timeline = new Part("timeline", () => ({}), (found) => {
  timelineChart(by("timeline"), found);
  const seen = found.shown < found.total ? `the last ${whole(found.shown)} of ${whole(found.total)} attempts` : `${whole(found.total)} attempts`;
  says("timeline", `${seen} on ${whole(found.workers.length)} ${found.workers.length === 1 ? "worker" : "workers"}`);
});

const computed = [front, lines, importance, timeline];

for (const [id, part] of [["history-metric", history], ["front-x", front], ["front-y", front],
  ["curves-metric", curves], ["curves-top", curves], ["parallel-metric", lines]]) {
  by(id).addEventListener("change", () => part.read());
}
by("parallel-metric").addEventListener("change", () => importance.read());
by("history-log").addEventListener("change", () => history.show());
for (const id of ["history", "front", "curves", "timeline"]) {
  by(id).onPoint = (point) => {
    const number = point.customdata?.number ?? point.customdata;
    if (Number.isInteger(number)) window.location.assign(`${home}/trials/${number}`);
  };
}

function trials(count) {
  return `${whole(count)} ${count === 1 ? "trial" : "trials"}`;
}

function says(id, text) {
  setText(by(`${id}-text`), text);
}

function showTrials(conditions) {
  const link = by("parallel-trials");
  link.hidden = conditions.length === 0;
  link.href = `${home}/trials?${new URLSearchParams(conditions.map((text) => ["where", text]))}`;
}

function showImportance(found) {
  const place = by("importance");
  if (found.pending && !found.shares.length) {
    place.replaceChildren(element("p", { class: "muted" }, "Being computed …"));
    return says("importance", "\u00a0");
  }
  if (found.why_not) {
    place.replaceChildren(element("p", { class: "muted" }, found.why_not));
    return says("importance", "\u00a0");
  }
  const most = Math.max(...found.shares.map((each) => each.share), 1e-9);
  const list = element("ul", { class: "ranks" });
  for (const each of found.shares) {
    const said = share(each.share);
    const partly = each.coverage < 0.995 ? `active in ${share(each.coverage)}` : "";
    list.append(element("li", {},
      element("span", { class: "mono" }, each.parameter),
      element("span", { class: "small muted" }, partly),
      meter(each.share / most, said),
      element("span", { class: "n" }, said)));
  }
  place.replaceChildren(list);
  return says("importance", `how much ${found.metric} depends on each, by ${found.method} over ${trials(found.used)}`);
}

function meter(part, label) {
  const space = "http://www.w3.org/2000/svg";
  const bar = document.createElementNS(space, "svg");
  for (const [key, value] of Object.entries({ class: "bar", viewBox: "0 0 100 8", preserveAspectRatio: "none", role: "img", "aria-label": label })) {
    bar.setAttribute(key, value);
  }
  const fill = document.createElementNS(space, "rect");
  fill.setAttribute("width", 100 * part);
  fill.setAttribute("height", 8);
  bar.append(fill);
  return bar;
}

// Live

let due = 0;

live(`${api}/live?since=${data.line.revision}`, {
  study({ line, trials: changed, epochs, more }) {
    if (!line) return;
    data.line = line;
    showLine(line);
    for (const trial of changed) {
      told.delete(trial.number);
      told.set(trial.number, trial);
    }
    for (const number of [...told.keys()].slice(0, Math.max(0, told.size - TOLD))) told.delete(number);
    if (more) history.read();
    else history.show();
    if (epochs.length && by("curves-metric").value === line.objective) addEpochs(epochs, changed);
    const ended = changed.some((trial) => !["running", "queued"].includes(trial.state));
    if ((ended || more) && !due) due = setTimeout(again, AGAIN_MS);
  },
  gone() {
    banner("gone", `${name} has been deleted: what this page shows is all that is left of it.`);
  },
  async back() {
    const page = await fetchJson(api);
    showLine(page.line);
    for (const part of [history, curves, ...computed]) part.read();
  },
});

async function again() {
  due = 0;
  refreshCards();
  for (const part of [history, ...computed, curves]) await part.read();
}

/** Take a trial's result into the history. A thinned one leaves trials out, so only later ones are new to it. */
function grow(trial) {
  const found = history.found;
  if (trial.value === null || found.metric !== data.objectives[0].metric) return;
  if (!["complete", "pruned"].includes(trial.state) || found.numbers.includes(trial.number)) return;
  if (found.shown < found.total && trial.number < Math.max(...found.numbers)) return;
  found.numbers.push(trial.number);
  found.values.push(trial.value);
  found.states.push(trial.state);
  found.total += 1;
  found.shown += 1;
  const best = found.best_values.at(-1);
  const better = best === undefined || (found.minimize ? trial.value < best : trial.value > best);
  if (better && trial.state === "complete" && !data.limits.length) {
    found.best_numbers.push(trial.number);
    found.best_values.push(trial.value);
  }
}

function addEpochs(epochs, changed) {
  const found = curves.found;
  if (!found) return;
  const states = new Map(changed.map((trial) => [trial.number, trial.state]));
  for (const { number, epoch, value } of epochs) {
    let curve = found.curves.find((each) => each.number === number);
    if (!curve) found.curves.push((curve = { number, state: "running", epochs: [], values: [] }));
    while (curve.epochs.length && curve.epochs.at(-1) >= epoch) {
      curve.epochs.pop();
      curve.values.pop();
    }
    curve.epochs.push(epoch);
    curve.values.push(value);
  }
  for (const curve of found.curves) curve.state = states.get(curve.number) ?? curve.state;
  curves.show();
}

let stood = data.line.standing;
let driven = data.line.drivers > 0 || !by("gone").hidden;

function showLine(line) {
  const fact = (id) => document.querySelector(`[data-fact="${id}"]`);
  setState(document.querySelector("#standing .state"), line.standing);
  setProgress(document.querySelector("#facts [data-progress]"), line.counts, line.budget);
  const counted = Object.entries(line.counts).filter(([, count]) => count);
  setText(fact("counts"), counted.map(([state, count]) => `${whole(count)} ${state}`).join(", ") || "none begun");
  if (line.objectives === 1) {
    setText(fact("best"), shown(line.best));
    if (line.best_trial && fact("best-of").textContent !== `trial ${line.best_trial}`) {
      fact("best-of").replaceChildren(element("a", { href: `${home}/trials/${line.best_trial}` }, `trial ${line.best_trial}`));
      refreshCards();
    }
  }
  setText(fact("eta"), line.standing === "running" && !line.doing ? span(line.eta_s) : "–");
  by("report").hidden = !line.counts.complete;
  by("doing").hidden = !line.doing;
  setText(document.querySelector("#doing span"), line.doing);
  driven ||= line.drivers > 0;
  by("gone").hidden = line.standing !== "stopped" || !driven;
  if (line.standing !== stood) refreshCards();
  stood = line.standing;
  const asked = { pause: ", pausing", drain: ", stops after the trials that run", cancel: ", cancelling" };
  setText(fact("drivers"), `${line.drivers} ${line.drivers === 1 ? "driver" : "drivers"}${line.drivers ? (asked[line.wanted] ?? "") : ""}`);
  setText(fact("slots"), `${line.slots} ${line.slots === 1 ? "slot" : "slots"}`);
  setText(fact("busy"), share(line.utilisation));
  setText(fact("failures"), whole(line.failures));
  setText(by("failure-count"), whole(line.failures));
  setText(by("trial-count"), whole(counted.reduce((sum, [, count]) => sum + count, 0)));
  showActions(line);
}

let cards = 0;

/** The facts and the card of the best trial, as the server writes them by now. */
async function refreshCards() {
  const asked = (cards += 1);
  const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || asked !== cards) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (asked !== cards || asksLogin(page)) return;
  for (const id of ["facts", "answer", "answer-title"].filter((each) => page.getElementById(each))) {
    by(id).replaceChildren(...document.importNode(page.getElementById(id), true).childNodes);
  }
}

// Actions

showActions(data.line);

for (const place of [by("actions"), by("gone")]) place?.addEventListener("done", async ({ target }) => {
  if (target.dataset.method === "DELETE") return;
  showLine((await fetchJson(api)).line);
});
