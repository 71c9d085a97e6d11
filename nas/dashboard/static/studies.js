/** The list of studies: rows change in place as their studies do, and go with them; ticked ones are compared. */

import { ago, element, fetchJson, live, setProgress, setState, setText, share, shown, span, whole } from "./base.js";
import { left } from "./deleted.js";

const deleted = document.getElementById("deleted");
const said = left();
deleted.hidden = !said;
setText(deleted, said ?? "");

const table = document.getElementById("studies");
const compare = document.getElementById("compare");

if (table) {
  const rows = new Map([...table.querySelectorAll("tr[data-study]")].map((row) => [row.dataset.study, row]));
  const fresh = new Set();

  const opened_s = Date.now() / 1000;

  live("/api/live", {
    studies(lines) {
      for (const line of lines) {
        const row = rows.get(line.name);
        if (row) update(row, line);
        else if (line.created_s > opened_s) fresh.add(line.name);
      }
      const more = document.getElementById("newer");
      more.hidden = fresh.size === 0;
      setText(more, `Show ${fresh.size} new ${fresh.size === 1 ? "study" : "studies"}`);
    },
    gone(names) {
      for (const name of names) {
        rows.get(name)?.remove();
        rows.delete(name);
      }
      chosen();
    },
    async back() {
      const page = await fetchJson(`/api/studies${window.location.search}`);
      for (const line of page.rows) if (rows.has(line.name)) update(rows.get(line.name), line);
    },
  });

  table.addEventListener("change", chosen);
  window.addEventListener("pageshow", chosen);
  chosen();
}

function chosen() {
  const ticked = table.querySelectorAll("input[name=study]:checked").length;
  compare.disabled = ticked < 2;
  const says = ticked === 0 ? "tick two or more studies" : ticked === 1 ? "tick one more" : `${ticked} studies`;
  setText(document.getElementById("compare-says"), says);
}

function update(row, line) {
  const home = `/studies/${encodeURIComponent(line.name)}`;
  const cell = (name) => row.querySelector(`[data-cell="${name}"]`);
  setState(row.querySelector(".state"), line.standing);
  setProgress(row.querySelector("[data-progress]"), line.counts, line.budget);
  setText(cell("eta"), line.doing ? "comparing" : line.standing === "running" ? span(line.eta_s) : "–");
  cell("eta").title = line.doing;
  if (line.objectives === 1) link(cell("best"), shown(line.best), line.best_trial && `${home}/trials/${line.best_trial}`);
  const failures = `/failures?study=${encodeURIComponent(line.name)}`;
  link(cell("failures"), whole(line.failures), line.failures ? failures : null);
  setText(cell("busy"), share(line.utilisation));
  const at = cell("changed").querySelector("time");
  at.dataset.at = line.changed_s;
  setText(at, ago(line.changed_s));
}

function link(cell, text, url) {
  if (cell.textContent === text && cell.querySelector("a")?.getAttribute("href") === (url ?? undefined)) return;
  cell.replaceChildren(url ? element("a", { href: url }, text) : text);
}
