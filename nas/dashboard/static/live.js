/** Events of the service, and what happened meanwhile. */

import { setText } from "./elements.js";
import { away, clearAway, refused } from "./requests.js";

/** How long a page may be out of sight and still listen. */
const UNSEEN_MS = 20000;

/**
 * Server-sent events of `url`: `handlers` by event name get the parsed data. While the service or its store is
 * away a banner says so; `handlers.back` runs when events come again after that. A page that nobody sees does
 * not listen: browsers share six connections between all pages of a service.
 */
export function live(url, handlers) {
  let source = null;
  let waited_ms = 1000;
  let timer = 0;
  let lost = false;

  function open() {
    clearTimeout(timer);
    if (source && source.readyState !== EventSource.CLOSED) return;
    source = new EventSource(url);
    source.addEventListener("open", () => {
      waited_ms = 1000;
      pulse("live");
      clearAway();
      if (lost) handlers.back?.();
      lost = false;
    });
    source.addEventListener("error", failed);
    source.addEventListener("away", () => {
      pulse("away");
      away("live", "The store does not answer.");
    });
    source.addEventListener("back", () => {
      pulse("live");
      clearAway();
      handlers.back?.();
    });
    for (const [name, handle] of Object.entries(handlers)) {
      if (name !== "back") source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
    }
  }

  async function failed() {
    lost = true;
    pulse("away");
    away("live", "The service does not answer.");
    if (source.readyState !== EventSource.CLOSED || (await refused())) return;
    timer = setTimeout(open, waited_ms);
    waited_ms = Math.min(waited_ms * 2, 30000);
  }

  function close() {
    clearTimeout(timer);
    source?.close();
    lost = true;
  }

  let hidden = 0;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(close, UNSEEN_MS);
    else open();
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => event.persisted && open());
  open();
}

function pulse(is) {
  const place = document.getElementById("pulse");
  place.hidden = false;
  place.dataset.is = is;
  setText(place, is);
}
