/** One trial: its drawing unfolds, its curve changes the metric, its log is read when it is opened. */

import { banner, chart, clearBanner, counted, fetchJson, live, pageData, plain, shown } from "./base.js";
import { showDrawing, wireDrawing } from "./drawing.js";
import { followTasks } from "./trial_tasks.js";

const data = pageData("trial-data");
const drawing = document.querySelector("#drawing");
const all = document.querySelector("#unfold-all");
let unfold = new Set(data.unfold);
let asked = 0;

async function unfolded(next) {
  unfold = next;
  const mine = (asked += 1);
  const query = new URLSearchParams([...unfold].map((path) => ["unfold", path]));
  const url = `/api/studies/${encodeURIComponent(data.study)}/trials/${data.number}/drawing.svg?embedded=true&${query}`;
  const found = await fetch(url).catch(() => null);
  if (mine !== asked) return;
  if (!found?.ok) return banner("drawing", "The drawing could not be read: the service or its store does not answer. Try again.");
  clearBanner("drawing");
  showDrawing(drawing, await found.text(), unfold, unfolded);
  const page = new URL(window.location.href);
  page.search = query;
  history.replaceState(history.state, "", page);
  say();
}

function say() {
  const open = unfold.has("*");
  all.setAttribute("aria-pressed", String(open));
  all.textContent = open ? "Close all" : "Open all";
}

function curve() {
  const metric = document.querySelector("#curve-metric").value;
  const points = data.curve.filter((point) => point.metrics[metric] !== undefined);
  const [x, y] = [points.map((point) => point.epoch), points.map((point) => point.metrics[metric])];
  chart(document.querySelector("#curve"), ({ kinds }) => [
    [{ x, y, mode: "lines+markers", line: { color: kinds[0], width: 2 }, marker: { size: 6 }, hovertemplate: `epoch %{x}<br>${plain(metric)} %{y:.4g}<extra></extra>` }],
    { xaxis: counted("epoch", x.at(-1)), yaxis: { title: metric } },
  ]);
  const last = y.at(-1);
  document.querySelector("#curve-text").textContent = y.length
    ? `${metric} from ${shown(y[0])} to ${shown(last)} over ${y.length} epochs`
    : `No epoch of this trial tells ${metric}`;
}

async function readLog(box) {
  const [state, text] = [document.querySelector("#log-state"), document.querySelector("#log-text")];
  try {
    const log = await fetchJson(box.dataset.log);
    text.textContent = log.text;
    text.hidden = !log.text;
    state.textContent = log.text ? (log.truncated ? "The end of it:" : "") : "Nothing was said and nothing printed.";
  } catch (error) {
    state.textContent = error.message;
  }
}

if (drawing) {
  wireDrawing(drawing, unfold, unfolded);
  all.addEventListener("click", () => unfolded(new Set(unfold.has("*") ? [] : ["*"])));
  say();
}
document.querySelector("#curve-metric")?.addEventListener("change", curve);
if (data.curve.length > 1) curve();

followTasks(`/api/studies/${encodeURIComponent(data.study)}/trials/${data.number}`);

const log = document.querySelector("#log");
log.addEventListener("toggle", () => log.open && readLog(log));
if (window.location.hash === "#log") log.open = true;

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (typing || event.altKey || event.ctrlKey || event.metaKey) return;
  const way = { "[": "#to-prev", "]": "#to-next" }[event.key];
  if (way) document.querySelector(`a${way}`)?.click();
});

if (data.open) {
  live(`/api/studies/${encodeURIComponent(data.study)}/live?since=${data.revision}`, {
    study: (news) => {
      if (news.trials?.some((trial) => trial.number === data.number && trial.state !== data.state)) window.location.reload();
      for (const point of news.epochs ?? []) if (point.number === data.number) grow(point);
    },
  });
}

function grow(point) {
  const metric = document.querySelector("#curve-metric")?.value;
  if (data.curve.some((known) => known.epoch === point.epoch)) return;
  data.curve.push({ epoch: point.epoch, metrics: { [data.metric]: point.value } });
  if (metric) curve();
  else if (data.curve.length > 1) window.location.reload();
}
