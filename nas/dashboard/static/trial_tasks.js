/** The test of a trial and the look into its network: begun by buttons, told while they run, shown when done. */

import { element, fetchJson } from "./base.js";

const WORDS = { evaluate: "Testing", look: "Looking into it" };
const AGAIN_MS = 1000;

/** Tell how the tasks of the trial at this address stand, on its page; one that ends shows what it found. */
export function followTasks(api) {
  const places = new Map([...document.querySelectorAll("[data-task]")].map((place) => [place.dataset.task, place]));
  const running = new Set();
  let timer = 0;

  async function read() {
    clearTimeout(timer);
    const tasks = await fetchJson(`${api}/tasks`).catch(() => null);
    if (tasks?.some((task) => task.state === "done" && running.has(task.kind))) return window.location.reload();
    for (const task of tasks ?? []) show(task);
    if (running.size) timer = setTimeout(read, AGAIN_MS);
  }

  function show({ kind, state, message }) {
    const place = places.get(kind);
    const runs = state === "running";
    if (!place) return;
    running[runs ? "add" : "delete"](kind);
    for (const button of document.querySelectorAll(`[data-begins="${kind}"]`)) button.disabled = runs;
    place.hidden = state === "done";
    place.dataset.kind = state === "failed" ? "bad" : "";
    const said = runs ? `${WORDS[kind]} …` : `${WORDS[kind]} failed: ${message}`;
    place.replaceChildren(said, ...(runs && message ? [" ", element("span", { class: "muted" }, message)] : []));
  }

  document.addEventListener("done", ({ detail }) => {
    if (!places.has(detail.kind)) return;
    show(detail);
    running.add(detail.kind);
    read();
  });
  if (places.size) read();
}
