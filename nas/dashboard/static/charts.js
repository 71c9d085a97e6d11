/**
 * Charts by Plotly in the colours of the page. Plotly is loaded beside the page (parts/charts.html); a chart is
 * drawn when it comes near the visible part, drawn again in place when its data change, and takes new colours
 * when the scheme changes. Only SVG traces: WebGL ones would need `eval`, which the pages forbid.
 */

const scheme = window.matchMedia("(prefers-color-scheme: dark)");
const drawn = new Map();

/** Okabe-Ito, in the order in which kinds get them: readable on light and on dark. */
const KINDS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a8f98"];
const KINDS_DARK = ["#56b4e9", "#ff8a3d", "#1fbf92", "#e29ac2", "#f0b541", "#7f9fe0", "#a3aeb9"];

/** The page's colours of this moment: `kinds`, `ink`, `muted`, `line`, `paper`, each state's and each cause's. */
export function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    dark: scheme.matches,
    kinds: scheme.matches ? KINDS_DARK : KINDS,
    ink: of("ink"),
    muted: of("ink-2"),
    line: of("line"),
    soft: of("line-soft"),
    paper: of("raised"),
    accent: of("accent"),
    states: {
      queued: of("fill-wait"),
      running: of("fill-run"),
      complete: of("fill-good"),
      pruned: of("fill-cut"),
      failed: of("fill-bad"),
      cancelled: of("fill-wait"),
      infeasible: of("fill-odd"),
    },
    causes: {
      error: of("fill-bad"),
      diverged: scheme.matches ? "#a6542a" : "#8f3d00",
      out_of_memory: of("fill-odd"),
      timeout: "#b8a800",
      preempted: of("fill-wait"),
      released: of("fill-wait"),
    },
  };
}

function loaded() {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  const script = document.getElementById("plotly");
  return new Promise((done, failed) => {
    script.addEventListener("load", () => done(window.Plotly));
    script.addEventListener("error", () => failed(new Error("Plotly could not be loaded")));
  });
}

/**
 * Draw a chart in `place`, or draw it again in place. `traces` and `layout` are Plotly's, or a function of
 * `colours()` that returns [traces, layout], called again when the colours change. Without any point, `empty`
 * is shown instead. Resolves once the chart is there, or known to come later (off screen).
 */
export function chart(place, traces, layout = {}, { empty = "Nothing to show yet." } = {}) {
  const make = typeof traces === "function" ? traces : () => [traces, layout];
  const known = drawn.get(place);
  const entry = known ?? { place, seen: false };
  Object.assign(entry, { make, empty });
  drawn.set(place, entry);
  if (!known) {
    watcher.observe(place);
    return Promise.resolve();
  }
  return entry.seen ? redraw(entry) : Promise.resolve();
}

const watcher = new IntersectionObserver(
  (seen) => {
    for (const { target, isIntersecting } of seen) {
      if (!isIntersecting) continue;
      watcher.unobserve(target);
      const entry = drawn.get(target);
      entry.seen = true;
      redraw(entry);
    }
  },
  { rootMargin: "0px" },
);

/** Draw a chart's newest traces; several calls while one is underway become one. */
async function redraw(entry) {
  if (entry.underway) {
    entry.again = true;
    return;
  }
  entry.underway = true;
  try {
    const Plotly = await loaded();
    do {
      entry.again = false;
      await draw(Plotly, entry);
    } while (entry.again);
  } catch (error) {
    says(entry.place, "failed", error.message);
    throw error;
  } finally {
    entry.underway = false;
  }
}

async function draw(Plotly, { place, make, empty }) {
  const now = colours();
  const [traces, layout] = make(now);
  if (!traces.some((trace) => (trace.x ?? trace.y ?? trace.values ?? []).length)) {
    if (place.classList.contains("js-plotly-plot")) Plotly.purge(place);
    return says(place, "empty", empty);
  }
  says(place, "", "");
  await Plotly.react(place, traces, themed(layout, now), { displayModeBar: false, responsive: true });
  wire(place);
}

/** Plotly takes click handlers only from a drawn chart: `place.onPoint` is called with its points' first. */
function wire(place) {
  if (place.wired) return;
  place.wired = true;
  place.on("plotly_click", (event) => place.onPoint?.(event.points[0]));
}

function says(place, is, text) {
  place.dataset.is = is;
  place.dataset.says = text;
}

/** Room for what most charts have around them: where a margin has to grow, Plotly draws the chart anew. */
const MARGIN = { l: 64, r: 18, t: 8, b: 52 };
const LEGEND_PX = 48;

function themed(layout, now) {
  const narrow = window.innerWidth < 600;
  const axis = {
    gridcolor: now.soft,
    linecolor: now.line,
    zerolinecolor: now.line,
    tickfont: { color: now.muted, size: 11 },
    title: { font: { color: now.muted, size: 12 }, standoff: 8 },
    automargin: true,
    ticklabeloverflow: "allow",
    exponentformat: "SI",
    nticks: narrow ? 5 : 8,
  };
  const axes = Object.fromEntries(
    Object.entries({ xaxis: {}, yaxis: {}, ...layout })
      .filter(([name]) => /^[xy]axis/.test(name))
      .map(([name, own]) => [name, { ...axis, ...own, ...(own.type === "log" && { tickformat: own.tickformat || WHOLE }), title: { ...axis.title, ...titled(own.title) } }]),
  );
  return {
    autosize: true,
    margin: { ...MARGIN, t: layout.showlegend ? LEGEND_PX : MARGIN.t },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: now.ink },
    colorway: now.kinds,
    hovermode: "closest",
    hoverlabel: { bgcolor: now.paper, bordercolor: now.line, font: { color: now.ink, size: 12 }, align: "left" },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { color: now.muted, size: 12 } },
    showlegend: false,
    dragmode: window.matchMedia("(pointer: coarse)").matches ? false : "zoom",
    uirevision: "kept",
    ...layout,
    ...axes,
  };
}

/** Labels of a logarithmic axis: without a format Plotly writes a lone 9 for 0.9. */
const WHOLE = "~g";

function titled(title) {
  return typeof title === "string" ? { text: plain(title) } : title;
}

/** An axis of trials or epochs: of few of them each is named once, and nothing between them. */
export function counted(title, most) {
  return { title, zeroline: false, ...(most < 10 && { tick0: 0, dtick: 1 }) };
}

/** Text as it is: Plotly takes `<b>` and links in names for markup, and `%{x}` in templates for a value. */
export function plain(text) {
  return String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("%{", "%\u200b{");
}

scheme.addEventListener("change", () => {
  for (const entry of drawn.values()) if (entry.seen) redraw(entry);
});
