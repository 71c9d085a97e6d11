/** The charts of a study's page: records of the service in, Plotly's traces out. */

import { chart, counted, plain, shown, span } from "./base.js";

/** From this ratio on an axis of costs is logarithmic. */
const WIDE = 30;

const DOT = { size: 6, line: { width: 0 } };
const SYMBOLS = { complete: "circle", pruned: "triangle-down-open", running: "circle-open", failed: "x" };

/** Values by trial, and the best so far. */
export function historyChart(place, found, { log }) {
  const trace = (state, now) => {
    const at = found.states.flatMap((each, index) => (each === state ? [index] : []));
    return {
      type: "scatter",
      mode: "markers",
      name: state,
      x: at.map((index) => found.numbers[index]),
      y: at.map((index) => found.values[index]),
      customdata: at.map((index) => found.numbers[index]),
      marker: {
        ...DOT,
        symbol: SYMBOLS[state] ?? "diamond-open",
        color: state === "complete" ? now.kinds[0] : now.states[state],
        opacity: state === "complete" ? 0.65 : 0.9,
      },
      hovertemplate: `trial %{x}: %{y:.4g}<extra>${state}</extra>`,
    };
  };
  const last = found.numbers.at(-1) ?? 0;
  const states = [...new Set(found.states)].sort();
  return chart(place, (now) => [
    [
      ...states.map((state) => trace(state, now)),
      {
        type: "scatter",
        mode: "lines",
        name: "best so far",
        x: [...found.best_numbers, Math.max(last, found.best_numbers.at(-1) ?? 0)],
        y: [...found.best_values, found.best_values.at(-1)],
        line: { shape: "hv", color: now.kinds[1], width: 2 },
        hovertemplate: "best so far %{y:.4g}<extra></extra>",
      },
    ],
    {
      showlegend: true,
      xaxis: { ...counted("trial", last), rangemode: "tozero" },
      yaxis: { title: found.metric, type: log ? "log" : "linear", tickformat: tick(found.values), ...spread(found, log) },
    },
  ], {}, { empty: "No trial has ended yet. Values show here as they come." });
}

/** Where most complete trials are, if some values are so far off that the others would be a line. */
function spread(found, log) {
  const values = found.values.filter((value, index) => value !== null && found.states[index] === "complete" && (!log || value > 0));
  const sorted = (log ? values.map(Math.log10) : values).sort((a, b) => a - b);
  if (sorted.length < 10) return { autorange: true };
  const at = (part) => sorted[Math.round(part * (sorted.length - 1))];
  const wide = 4 * (at(0.9) - at(0.1)) || 1;
  const told = found.values.filter((value) => value !== null && (!log || value > 0)).map((value) => (log ? Math.log10(value) : value));
  const [low, high] = [Math.min(...told), Math.max(...told)];
  const range = [Math.max(low, at(0.1) - wide), Math.min(high, at(0.9) + wide)];
  const pad = 0.06 * (range[1] - range[0]);
  return range[0] > low || range[1] < high ? { range: [range[0] - pad, range[1] + pad] } : { autorange: true };
}

/** Two metrics against each other: the front, the others, published networks. */
export function frontChart(place, found) {
  const name = { x: plain(found.x.metric), y: plain(found.y.metric) };
  const hover = (index, xs, ys, said) => `${said}<br>${name.x} ${shown(xs[index])}<br>${name.y} ${shown(ys[index])}`;
  const on = new Set(found.front_numbers);
  const rest = found.numbers.flatMap((number, index) => (on.has(number) ? [] : [index]));
  return chart(place, (now) => [
    [
      {
        type: "scatter", mode: "markers", name: "trials",
        x: rest.map((index) => found.xs[index]), y: rest.map((index) => found.ys[index]),
        customdata: rest.map((index) => found.numbers[index]),
        text: rest.map((index) => hover(index, found.xs, found.ys, `trial ${found.numbers[index]}`)),
        hovertemplate: "%{text}<extra></extra>",
        marker: { ...DOT, color: now.kinds[6], opacity: 0.55 },
      },
      {
        type: "scatter", mode: "lines+markers", name: "front",
        x: found.front_xs, y: found.front_ys, customdata: found.front_numbers,
        text: found.front_numbers.map((number, index) => hover(index, found.front_xs, found.front_ys, `trial ${number}`)),
        hovertemplate: "%{text}<extra>front</extra>",
        line: { shape: found.x.minimize ? "hv" : "vh", color: now.kinds[0], width: 1.5 },
        marker: { size: 8, color: now.kinds[0] },
      },
      {
        type: "scatter", mode: "markers+text", name: "published",
        x: found.references.map((each) => each.x), y: found.references.map((each) => each.y),
        text: found.references.map((each) => plain(each.name)), textposition: "top center",
        textfont: { color: now.muted, size: 11 },
        hovertemplate: `%{text}<br>${name.x} %{x:.3s}<br>${name.y} %{y:.4g}<extra></extra>`,
        marker: { symbol: "diamond", size: 9, color: now.kinds[1] },
      },
    ].filter((trace) => trace.x.length),
    {
      showlegend: true,
      xaxis: { title: arrow(found.x), type: scale(found.xs), tickformat: tick(found.xs) },
      yaxis: { title: arrow(found.y), type: scale(found.ys), tickformat: tick(found.ys) },
    },
  ], {}, { empty: "No complete trial has both values yet." });
}

/** Curves in viridis by their last value: the best is brightest and on top. */
export function curvesChart(place, found, { objectives }) {
  const aim = objectives.find((each) => each.metric === found.metric);
  const less = aim ? aim.minimize : !/accuracy|top1|top5|score|images_per_s/.test(found.metric);
  const last = (curve) => curve.values.findLast((value) => value !== null) ?? (less ? Infinity : -Infinity);
  const longest = Math.max(0, ...found.curves.map((curve) => curve.epochs.at(-1) ?? 0));
  const sorted = [...found.curves].sort((a, b) => (less ? last(b) - last(a) : last(a) - last(b)));
  return chart(place, (now) => [
    sorted.map((curve, index) => {
      const runs = curve.state === "running";
      const rank = sorted.length > 1 ? index / (sorted.length - 1) : 1;
      return {
        type: "scatter",
        mode: curve.epochs.length > 1 ? "lines" : "markers",
        name: `trial ${curve.number}`,
        x: curve.epochs,
        y: curve.values,
        customdata: curve.epochs.map(() => curve.number),
        line: { color: viridis(rank, now.dark), width: rank === 1 ? 2.5 : 1.3, dash: runs ? "dot" : "solid" },
        marker: { ...DOT, color: viridis(rank, now.dark) },
        hovertemplate: `trial ${curve.number}, epoch %{x}: %{y:.4g}<extra>${curve.state}</extra>`,
      };
    }),
    {
      xaxis: counted("epoch", longest),
      yaxis: { title: found.metric, tickformat: tick(sorted.flatMap((curve) => curve.values)) },
    },
  ], {}, { empty: "No epoch has been reported yet. Evaluators without epochs report one." });
}

/** When each worker worked on what; time counts from the beginning of the window. */
export function timelineChart(place, found) {
  const runs = found.bars.some((bar) => bar.end_s === null);
  const end_s = runs ? found.end_s : Math.max(...found.bars.map((bar) => bar.end_s), found.start_s);
  const kind = (bar) => bar.cause ?? bar.state;
  const kinds = [...new Set(found.bars.map(kind))].sort();
  const rows = new Map(found.workers.map((worker, index) => [worker, index]));
  const legend_px = 24 * Math.ceil(kinds.length / (place.clientWidth < 600 ? 2 : 8));
  place.style.height = `${Math.min(found.workers.length * 20 + 92, 480) + legend_px}px`;
  return chart(place, (now) => [
    kinds.map((word) => {
      const bars = found.bars.filter((bar) => kind(bar) === word);
      return {
        type: "bar", orientation: "h", name: word.replaceAll("_", " "),
        y: bars.map((bar) => rows.get(bar.worker)),
        base: bars.map((bar) => bar.start_s - found.start_s),
        x: bars.map((bar) => Math.max((bar.end_s ?? end_s) - bar.start_s, 0)),
        customdata: bars.map((bar) => ({ number: bar.number })),
        text: bars.map((bar) => `trial ${bar.number}, attempt ${bar.attempt}: ${span((bar.end_s ?? end_s) - bar.start_s)} on ${plain(bar.worker)}`),
        textposition: "none",
        hovertemplate: `%{text}<extra>${word.replaceAll("_", " ")}</extra>`,
        width: 0.72,
        marker: { color: now.causes[word] ?? now.states[word] ?? now.kinds[3], line: { color: now.paper, width: 0.5 } },
      };
    }),
    {
      barmode: "overlay",
      showlegend: true,
      xaxis: { title: "time since the first attempt shown", ...clock(end_s - found.start_s) },
      yaxis: {
        tickvals: found.workers.map((_, index) => index),
        ticktext: found.workers.map((worker) => plain(short(worker))),
        autorange: "reversed",
        fixedrange: true,
        nticks: undefined,
        showgrid: false,
      },
    },
  ], {}, { empty: "No attempt at a trial has begun yet." });
}

function short(worker) {
  return worker.length > 22 ? `…${worker.slice(-21)}` : worker;
}

/** Ticks at whole minutes, hours or days. */
function clock(length_s) {
  const steps = [1, 5, 15, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 86400, 7 * 86400];
  const step = steps.find((each) => length_s / each <= 9) ?? Math.ceil(length_s / 9);
  const tickvals = Array.from({ length: Math.floor(length_s / step) + 1 }, (_, index) => index * step);
  return { tickvals, ticktext: tickvals.map(span), zeroline: false, range: [0, length_s * 1.005 || 1] };
}

function arrow(axis) {
  return `${axis.metric} ${axis.minimize ? "↓" : "↑"}`;
}

function scale(values) {
  const above = values.filter((value) => value > 0);
  return above.length === values.length && above.length && Math.max(...above) / Math.min(...above) > WIDE ? "log" : "linear";
}

/** SI prefixes where numbers are large. */
function tick(values) {
  return values.some((value) => Math.abs(value) >= 1e4) ? "~s" : "";
}

const STOPS = [[68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141], [39, 173, 129], [92, 200, 99], [170, 220, 50]];
const STOPS_DARK = [[96, 78, 150], [82, 98, 160], [66, 120, 160], [52, 140, 155], [38, 160, 145], [60, 185, 125], [120, 210, 85], [253, 231, 37]];

/** Viridis at 0 … 1, without the end that the paper would swallow. */
export function viridis(part, dark) {
  const stops = dark ? STOPS_DARK : STOPS;
  const at = Math.min(Math.max(part, 0), 1) * (stops.length - 1);
  const low = Math.min(Math.floor(at), stops.length - 2);
  const mix = stops[low].map((value, index) => Math.round(value + (stops[low + 1][index] - value) * (at - low)));
  return `rgb(${mix.join(",")})`;
}
