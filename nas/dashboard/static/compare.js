/** Studies beside each other: how their values are distributed, and their fronts. */

import { chart, pageData, plain, shown, whole } from "./base.js";

const found = pageData("comparison");
const dashes = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];
const style = (now, index) => ({ color: now.kinds[index % 7], dash: dashes[Math.floor(index / 7) % dashes.length] });

chart(document.getElementById("edf"), (now) => [
  found.studies.map((study, index) => ({
    type: "scatter",
    mode: "lines",
    name: plain(study.name),
    x: study.edf_x,
    y: study.edf_y,
    line: { shape: "hv", width: 2, ...style(now, index) },
    hovertemplate: `%{y:.0%} have ${plain(found.metric)} of %{x:.4g} or ${found.minimize ? "less" : "more"}<extra>${plain(study.name)}</extra>`,
  })),
  {
    showlegend: true,
    xaxis: { title: found.metric, zeroline: false, ...most(found.studies.flatMap((study) => study.edf_x)) },
    yaxis: { title: "share of networks", tickformat: ".0%", range: [0, 1.02] },
  },
]);

const fronts = found.fronts;
if (fronts.length) {
  document.getElementById("fronts-text").textContent = `${fronts[0].y.metric} against ${fronts[0].x.metric}: ${found.studies
    .map((study, index) => `${study.name} ${whole(fronts[index].front_numbers.length)}`)
    .join(", ")} networks that none beats`;
}
chart(document.getElementById("fronts"), (now) => [
  fronts.map((front, index) => ({
    type: "scatter",
    mode: "lines+markers",
    name: plain(found.studies[index].name),
    x: front.front_xs,
    y: front.front_ys,
    customdata: front.front_numbers,
    text: front.front_numbers.map((number, at) => `trial ${number}<br>${plain(front.x.metric)} ${shown(front.front_xs[at])}<br>${plain(front.y.metric)} ${shown(front.front_ys[at])}`),
    hovertemplate: `%{text}<extra>${plain(found.studies[index].name)}</extra>`,
    line: { shape: front.x.minimize ? "hv" : "vh", width: 2, ...style(now, index) },
    marker: { size: 6 },
  })),
  {
    showlegend: true,
    xaxis: { title: fronts[0]?.x.metric, tickformat: "~s", type: wide(fronts.flatMap((front) => front.front_xs)) },
    yaxis: { title: fronts[0]?.y.metric },
  },
], {}, { empty: "No network has both values." });
const place = document.getElementById("fronts");
place.onPoint = (point) => {
  const study = found.studies[point.curveNumber].name;
  window.location.assign(`/studies/${encodeURIComponent(study)}/trials/${point.customdata}`);
};

/** Without the far ends of the distributions; a double click shows all. */
function most(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part) => sorted[Math.round(part * (sorted.length - 1))];
  const [low, high] = [at(0.01), at(0.97)];
  return high > low ? { range: [low - 0.03 * (high - low), high + 0.03 * (high - low)] } : {};
}

function wide(values) {
  return values.length && Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) > 30 ? "log" : "linear";
}
