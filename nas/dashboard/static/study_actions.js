/** What is done to a study from its page: which buttons there are, and those that ask for more than a yes. */

import { action, confirmed, element, whole } from "./base.js";
import { leave } from "./deleted.js";

const actions = document.getElementById("actions");
const name = actions?.dataset.study;

/** Show the buttons that mean something as the study stands. */
export function showActions(line) {
  if (!actions) return;
  const busy = line.drivers > 0;
  const over = !busy && ["finished", "exhausted"].includes(line.standing);
  const open = busy || (!over && line.standing !== "cancelled");
  const shownWhen = { busy, idle: !busy && !over, open, left: !busy };
  for (const button of actions.querySelectorAll("[data-when]")) button.hidden = !shownWhen[button.dataset.when];
}

function own(which, asks) {
  actions?.querySelector(`[data-own="${which}"]`).addEventListener("click", ({ currentTarget }) => asks(currentTarget));
}

own("extend", async (button) => {
  const input = element("input", { type: "number", name: "more", id: "more", min: 1, max: 1000000, value: 24, required: true });
  const field = element("div", { class: "field" }, element("label", { for: "more" }, "More trials"), input);
  const given = await confirmed("Its budget grows, and it goes on.", { title: `Extend ${name}`, word: "Extend", fields: [field] });
  if (!given) return;
  button.dataset.says = `Extended by ${given.more} trials.`;
  await action(button, { more: Number(given.more) });
});

own("delete", async (button) => {
  const input = element("input", { id: "typed-name", required: true, autocomplete: "off", spellcheck: "false", autocapitalize: "off" });
  const check = () => input.setCustomValidity(input.value === name ? "" : "This is not the study's name.");
  input.addEventListener("input", check);
  check();
  const label = element("label", { for: "typed-name" }, "Type its name: ", element("strong", {}, name));
  const given = await confirmed(button.dataset.asks, {
    title: `Delete ${name}?`,
    word: "Delete the study",
    danger: true,
    fields: [element("div", { class: "field" }, label, input)],
  });
  const gone = given && (await action(button));
  if (!gone) return;
  const trials = `${whole(gone.trials)} ${gone.trials === 1 ? "trial" : "trials"}`;
  leave(`${gone.study} is deleted with ${trials} and all that was kept of them.`);
});
