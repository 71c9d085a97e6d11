/**
 * Links and forms inside a part of the page load only that part: nothing else moves, and the URL stays the
 * state. Without this module they are ordinary links and forms.
 */

import { asksLogin, away, clearAway } from "./requests.js";

let underway = null;

/** Replace `selector` by what `url` has there; the latest call wins. `push`: where it led becomes the page's URL. */
export async function swap(selector, url, { push = true, quiet = false, after = () => {} } = {}) {
  underway?.abort();
  const mine = (underway = new AbortController());
  const part = document.querySelector(selector);
  if (!quiet) part.setAttribute("aria-busy", "true");
  let [page, there] = [null, url];
  try {
    const answer = await fetch(url, { signal: mine.signal, headers: { Accept: "text/html" } });
    there = answer.url;
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch (error) {
    part.removeAttribute("aria-busy");
    if (error.name !== "AbortError") failed(url, quiet);
    return;
  }
  if (quiet && asksLogin(page)) return;
  const fresh = page.body.dataset.page === document.body.dataset.page && page.querySelector(selector);
  if (!fresh) return failed(url, quiet);
  clearAway("swap");
  replace(part, fresh);
  if (push) history.pushState({ swapped: selector }, "", there);
  after(document.querySelector(selector));
}

/** A part that renews itself says that it cannot; for one that was asked for, the whole page says why. */
function failed(url, quiet) {
  if (!quiet) window.location.assign(url);
  else away("swap", "The service or its store does not answer.");
}

function replace(part, fresh) {
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  const open = [...part.querySelectorAll("details[open][id]")].map((each) => each.id);
  const scrolled = [...part.querySelectorAll("[data-scroll]")].map((each) => [each.dataset.scroll, each.scrollLeft]);
  const node = document.importNode(fresh, true);
  for (const id of open) node.querySelector(`details#${CSS.escape(id)}`)?.setAttribute("open", "");
  part.replaceWith(node);
  for (const [name, left] of scrolled) {
    const box = node.querySelector(`[data-scroll="${CSS.escape(name)}"]`);
    if (box) box.scrollLeft = left;
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

/** Let links with `data-swap` and GET forms inside `selector` swap it; `after(part)` runs after each swap. */
export function swapping(selector, after = () => {}) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-swap]");
    const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button);
    if (!link || !plain || !link.closest(selector)) return;
    event.preventDefault();
    swap(selector, link.href, { after });
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-swap]") || !form.closest(selector)) return;
    event.preventDefault();
    swap(selector, formUrl(form), { after });
  });
  window.addEventListener("popstate", () => swap(selector, window.location.href, { push: false, after }));
}

/** Where a GET form leads, without its empty fields. */
export function formUrl(form) {
  const url = new URL(form.action, window.location.href);
  url.search = "";
  for (const [name, value] of new FormData(form)) if (value !== "") url.searchParams.append(name, value);
  return url.href;
}
