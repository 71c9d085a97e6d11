/** A space: its playground, what its networks cost with the playground's point among them, samples, YAML. */

import { chart, element, fetchJson, plain, si } from "./base.js";
import { pictureOf } from "./drawing.js";
import { swapVariant } from "./variant.js";
import { words } from "./words.js";
import { colourYaml } from "./yaml.js";

const state = JSON.parse(document.querySelector("#playground-state").textContent);
const api = `/api/spaces/${encodeURIComponent(state.space)}`;
const play = document.querySelector("#playground") ? await import("./playground.js") : null;
let here = state.cost;
let found = null;
let why = "Pricing random points…";
let seed = 0;

swapVariant(document.querySelector("#variant"));
colourYaml(document.querySelector("#yaml"));
play?.onAnswer((answer) => {
  if (!answer.cost) return;
  here = answer.cost;
  if (found) drawEnvelope();
});
drawEnvelope();
whenSeen(document.querySelector("#costs"), readEnvelope);
whenSeen(document.querySelector("#samples-part"), readSamples);
document.querySelector("#again").addEventListener("click", () => {
  seed += 1;
  readSamples();
});

function variant(more = {}) {
  const query = new URLSearchParams(more);
  if (state.profile) query.set("profile", state.profile);
  if (state.data) query.set("data", state.data);
  return query;
}

/** Run once, when a part comes near. */
function whenSeen(part, run) {
  const watcher = new IntersectionObserver(
    (seen) => {
      if (!seen.some((each) => each.isIntersecting)) return;
      watcher.disconnect();
      run();
    },
    { rootMargin: "400px" },
  );
  watcher.observe(part);
}

async function readEnvelope() {
  try {
    found = await fetchJson(`${api}/envelope?${variant()}`);
  } catch (error) {
    document.querySelector("#acceptance").textContent = why = error.message;
    return drawEnvelope();
  }
  const names = ["low", "q25", "median", "q75", "high"];
  document.querySelectorAll("#quantiles tbody tr").forEach((row, index) => {
    const cells = row.querySelectorAll("td");
    cells[0].textContent = si(found.params?.[names[index]]);
    cells[1].textContent = si(found.macs?.[names[index]]);
  });
  document.querySelector("#acceptance").textContent = `Of ${found.drawn} drawn, ${found.points.length} obey all rules.`;
  drawEnvelope();
}

function drawEnvelope() {
  const place = document.querySelector("#envelope");
  const empty = found ? "No feasible point was found." : why;
  chart(place, ({ kinds, ink }) => [found ? envelopeTraces(kinds, ink) : [], ENVELOPE], {}, { empty });
  place.onPoint = (point) => {
    if (point.data.name === "sampled") play?.goTo(found.points[point.pointNumber]);
  };
}

const ENVELOPE = {
  xaxis: { title: "multiply-adds", type: "log" },
  yaxis: { title: "parameters", type: "log" },
  showlegend: true,
};

function envelopeTraces(kinds, ink) {
  const hover = "%{text}<br>%{x:.3s} multiply-adds, %{y:.3s} parameters<extra></extra>";
  const sampled = found.points.map((point) => Object.entries(point).map(([name, value]) => plain(`${name} ${words(value)}`)).join("<br>"));
  const published = found.references;
  const traces = [
    { name: "sampled", x: found.xs, y: found.ys, text: sampled, mode: "markers", marker: { size: 6, color: kinds[0], opacity: 0.45 }, hovertemplate: hover },
    {
      name: "published",
      x: published.map((each) => each.macs),
      y: published.map((each) => each.params),
      text: published.map((each) => plain(each.name)),
      mode: published.length > 8 ? "markers" : "markers+text",
      textposition: "top center",
      marker: { size: 9, symbol: "diamond", color: kinds[1] },
      hovertemplate: hover,
    },
  ];
  const mine = { name: "playground", text: ["the playground's point"], mode: "markers", hovertemplate: hover };
  if (here) traces.push({ ...mine, x: [here.macs], y: [here.params], marker: { size: 15, symbol: "star", color: kinds[4], line: { color: ink, width: 1 } } });
  return traces;
}

async function readSamples() {
  const place = document.querySelector("#samples");
  place.setAttribute("aria-busy", "true");
  try {
    const cards = await fetchJson(`${api}/samples?${variant({ count: 6, seed })}`);
    place.replaceChildren(...cards.map(sampleCard));
  } catch (error) {
    place.replaceChildren(element("li", { class: "say" }, error.message));
  }
  place.removeAttribute("aria-busy");
}

function sampleCard(sample) {
  const said = Object.entries(sample.point).map(([name, value]) => `${name} ${words(value)}`).join(" · ");
  const button = element("button", { type: "button", class: "quiet" }, "Open in the playground");
  button.addEventListener("click", () => {
    play?.goTo(sample.point);
    document.querySelector("#playground").scrollIntoView({ behavior: "smooth", block: "start" });
  });
  const drawing = element("div", { class: "drawing", tabindex: "0", role: "region", "aria-label": said });
  drawing.append(pictureOf(sample.svg) ?? "");
  const costs = element("strong", {}, `${si(sample.cost.params)} params · ${si(sample.cost.macs)} macs`);
  return element("li", { class: "card sample" }, element("header", {}, costs, button), drawing, element("p", { class: "words small muted" }, said));
}
