/** Requests with the service's errors, and messages at the end of the page. */

import { element } from "./elements.js";

let csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

/** What the service said when it refused: `message`, `kind`, `field`, `details`, `status`. */
export class ServiceError extends Error {
  constructor(message, { kind = "Internal", field = null, details = [], status = 0 } = {}) {
    super(message);
    this.kind = kind;
    this.field = field;
    this.details = details;
    this.status = status;
  }
}

/**
 * The JSON of a URL. Options are fetch's; `json` is sent as a body with the session's token. Readings are
 * tried again while the service or its store is away, with a banner; what cannot be read raises ServiceError.
 */
export async function fetchJson(url, { json, tries = 5, ...options } = {}) {
  const reads = (options.method ?? (json === undefined ? "GET" : "POST")) === "GET";
  for (let attempt = 1; ; attempt += 1) {
    try {
      const found = await once(url, json, options);
      clearAway("request");
      return found;
    } catch (error) {
      if (error.status === 403 && !reads && attempt === 1 && (await renewed())) continue;
      const passing = error.status === 0 || error.status === 503;
      if (error.name === "AbortError" || !reads || !passing || attempt >= tries) throw error;
      away("request", `The ${error.status === 0 ? "service" : "store"} does not answer.`);
      await pause(Math.min(1000 * 2 ** (attempt - 1), 15000));
    }
  }
}

async function once(url, json, options) {
  const headers = { Accept: "application/json", ...options.headers };
  const sent = json !== undefined || (options.method && options.method !== "GET");
  if (sent) Object.assign(headers, { "Content-Type": "application/json", "X-NAS-CSRF": csrf });
  const method = options.method ?? (sent ? "POST" : "GET");
  const body = json === undefined ? undefined : JSON.stringify(json);
  let answer;
  try {
    answer = await fetch(url, { credentials: "same-origin", ...options, method, headers, body });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServiceError("The service does not answer.");
  }
  if (answer.status === 204) return null;
  const found = await answer.json().catch(() => null);
  if (answer.ok && found !== null) return found;
  if (answer.status === 401) loggedOut();
  const said = answer.status === 401 ? { kind: "Forbidden", what: LOGGED_OUT } : (found?.error ?? {});
  throw new ServiceError(said.what ?? `The service answered ${answer.status}.`, { ...said, status: answer.status });
}

/** Whether the session has another token than this page knows: the service was started anew. */
async function renewed() {
  const before = csrf;
  csrf = (await once("/api/session", undefined, {}).catch(() => null))?.csrf ?? before;
  return csrf !== before;
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

// Banners: one for each reason, under the top of the page

/** Show a message for a reason until `clearBanner` of the same; `kind`: "bad" or "info" (goes by itself). */
export function banner(reason, text, kind = "bad") {
  const places = document.getElementById("banners");
  let place = places.querySelector(`[data-reason="${CSS.escape(reason)}"]`);
  if (!place) {
    place = element("div", { class: "banner", "data-reason": reason }, element("p"));
    const close = element("button", { type: "button", class: "quiet", "aria-label": "Close this message" }, "Close");
    close.addEventListener("click", () => place.remove());
    place.append(close);
    places.append(place);
  }
  place.dataset.kind = kind;
  const said = place.querySelector("p");
  if (said.textContent !== text) said.textContent = text;
  clearTimeout(place.timer);
  if (kind === "info") place.timer = setTimeout(() => place.remove(), 6000);
}

const missing = new Map();

/**
 * Something of the service does not answer and is asked again: `part` of the page noticed. However many
 * notice, there is one banner, which goes when all of them have been answered.
 */
export function away(part, what) {
  missing.set(part, what);
  banner("away", `${missing.values().next().value} The page shows what was known before; trying again.`);
}

/** That part of the page is answered again; without `part` all of it is. */
export function clearAway(part) {
  if (part) missing.delete(part);
  else missing.clear();
  if (!missing.size) clearBanner("away");
  clearBanner("login");
  clearBanner("silence");
}

/** Say why an action failed: until the next one, or where the service was silent until it is heard again. */
export function unanswered(error) {
  if (error.status !== 401) banner(error.status === 0 ? "silence" : "action", error.message);
}

const LOGGED_OUT = "You are logged out: log in again.";

/** The session has ended: nothing is asked again, and the way back is shown. */
export function loggedOut() {
  clearAway();
  banner("login", LOGGED_OUT);
  const place = document.querySelector('#banners [data-reason="login"]');
  if (place.querySelector("a")) return;
  const back = encodeURIComponent(window.location.pathname + window.location.search);
  place.querySelector("p").after(element("a", { class: "button", href: `/login?next=${back}` }, "Log in"));
}

/** Whether the service refuses this page for want of a session; then the page says so. */
export async function refused() {
  const answer = await fetch("/api/session").catch(() => null);
  if (answer?.status === 401) loggedOut();
  return answer?.status === 401;
}

/** Whether what was read is the page for logging in, in place of what was asked for; then this page says so. */
export function asksLogin(page) {
  const asks = page.body.dataset.page === "login";
  if (asks) loggedOut();
  return asks;
}

/** Take a reason's banner away. */
export function clearBanner(reason) {
  document.querySelector(`#banners [data-reason="${CSS.escape(reason)}"]`)?.remove();
}
