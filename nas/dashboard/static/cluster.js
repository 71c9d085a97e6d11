/** The cluster's page renews itself while it is looked at, and stands still when asked to. */

import { swap } from "./swap.js";

const EVERY_MS = 5000;
const hold = document.querySelector("#hold");

hold.addEventListener("click", () => {
  const held = hold.getAttribute("aria-pressed") !== "true";
  hold.setAttribute("aria-pressed", String(held));
  hold.textContent = held ? "Go on" : "Hold still";
  if (!held) renew();
});

async function renew() {
  if (document.hidden || hold.getAttribute("aria-pressed") === "true") return;
  await swap("#cluster", window.location.href, { push: false, quiet: true });
}

setInterval(renew, EVERY_MS);
document.addEventListener("visibilitychange", renew);
