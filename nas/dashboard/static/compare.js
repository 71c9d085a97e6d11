/** Studies beside each other, or one: how their values are distributed, and their fronts. */

import { chart, pageData, plain, shown, whole } from "./base.js";

const { found, one, narrowed } = pageData("comparison");
const { metric, minimize } = found ?? one;
const dashes = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];
const style = (now, index) => ({ color: now.kinds[index % 7], dash: dashes[Math.floor(index / 7) % dashes.length] });
const line = (name, { x, y }) => ({ name, x, y });

if (found) {
  distributions("edf", found.studies.map((study) => ({ name: study.name, x: study.edf_x, y: study.edf_y })));
  if (found.matched) {
    const same = found.matched.studies.map((study) => ({ name: study.name, x: study.edf_x, y: study.edf_y }));
    distributions("same-cost", same, "Nothing to match.");
  }
  drawFronts(found.fronts);
} else if (narrowed) {
  const { inside, outside } = narrowed.narrowed;
  distributions("edf", [line("inside", inside), line("outside", outside), line("all", one.edf)]);
} else {
  distributions("edf", [line(one.study, one.edf)]);
  chart(document.getElementById("expected"), (now) => [
    [
      {
        type: "scatter",
        mode: "lines+markers",
        x: one.expected.map((each) => each.count),
        y: one.expected.map((each) => each.value),
        hovertemplate: `best of %{x}: ${plain(metric)} %{y:.4g}<extra></extra>`,
        line: { width: 2, color: now.kinds[0] },
        marker: { size: 6 },
      },
    ],
    { xaxis: { title: "networks", type: "log" }, yaxis: { title: plain(metric) } },
  ]);
}

/** Lines of steps: the share of networks that have at most a value. */
function distributions(id, lines, empty) {
  chart(
    document.getElementById(id),
    (now) => [
      lines.map(({ name, x, y }, index) => ({
        type: "scatter",
        mode: "lines",
        name: plain(name),
        x,
        y,
        line: { shape: "hv", width: 2, ...style(now, index) },
        hovertemplate: `%{y:.0%} have ${plain(metric)} of %{x:.4g} or less<extra>${plain(name)}</extra>`,
      })),
      {
        showlegend: true,
        xaxis: { title: metric, zeroline: false, ...most(lines.flatMap(({ x }) => x)) },
        yaxis: { title: "share of networks", tickformat: ".0%", range: [0, 1.02] },
      },
    ],
    {},
    { empty },
  );
}

/** What no other network beats, of each study. */
function drawFronts(fronts) {
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
}

/** Without the far ends of the distributions, of the worse one more; a double click shows all. */
function most(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part) => sorted[Math.round(part * (sorted.length - 1))];
  const [low, high] = minimize ? [at(0.01), at(0.97)] : [at(0.03), at(0.99)];
  return high > low ? { range: [low - 0.03 * (high - low), high + 0.03 * (high - low)] } : {};
}

function wide(values) {
  return values.length && Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) > 30 ? "log" : "linear";
}
