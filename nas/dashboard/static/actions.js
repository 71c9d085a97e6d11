/** What one does on a page: buttons that ask the service for something, dialogs, notes. */

import { element } from "./elements.js";
import { banner, clearBanner, fetchJson, unanswered } from "./requests.js";
import { ago } from "./values.js";

/** Ask before something is done; resolves to the form's fields (an object) or null. `fields`: input elements. */
export function confirmed(question, { word = "Yes", danger = false, title = "Are you sure?", fields = [] } = {}) {
  const yes = element("button", { value: "yes", class: danger ? "danger" : "primary" }, word);
  const no = element("button", { value: "no", type: "button" }, "Back");
  const form = element("form", { method: "dialog" });
  form.append(element("h2", { id: "ask-title" }, title), element("p", {}, question));
  form.append(...fields, element("div", { class: "row" }, no, yes));
  const dialog = element("dialog", { "aria-labelledby": "ask-title" }, form);
  document.body.append(dialog);
  no.addEventListener("click", () => dialog.close("no"));
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      const given = dialog.returnValue === "yes" ? Object.fromEntries(new FormData(form)) : null;
      dialog.remove();
      done(given);
    });
    dialog.showModal();
  });
}

/**
 * Do what a button says: POST (or `data-method`) to its `data-action` with `data-body` (JSON), after
 * `data-confirm`. Dispatches "done" with the answer on it; what the service refused is shown in a banner.
 * Returns the answer, or null.
 */
export async function action(button, body = undefined) {
  const { action: url, method = "POST", confirm: question, word, title } = button.dataset;
  if (question) {
    const danger = button.classList.contains("danger");
    if (!(await confirmed(question, { word: word ?? button.textContent.trim(), danger, title }))) return null;
  }
  button.disabled = true;
  try {
    const json = body ?? (button.dataset.body ? JSON.parse(button.dataset.body) : method === "DELETE" ? undefined : {});
    const found = (await fetchJson(url, { method, json })) ?? {};
    clearBanner("action");
    if (button.dataset.says) banner("done", button.dataset.says, "info");
    button.dispatchEvent(new CustomEvent("done", { bubbles: true, detail: found }));
    if (button.dataset.then === "remove") button.closest("li, tr")?.remove();
    if (button.dataset.then === "reload") window.location.reload();
    return found;
  } catch (error) {
    unanswered(error);
    return null;
  } finally {
    button.disabled = false;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (button && !button.hasAttribute("data-own")) action(button);
});

// Notes

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-note-form]");
  if (!form) return;
  event.preventDefault();
  const book = form.closest("[data-notebook]");
  const button = form.querySelector("button");
  if (button.disabled) return;
  button.disabled = true;
  try {
    const row = await fetchJson(book.dataset.notebook, { json: { text: form.elements.text.value } });
    clearBanner("action");
    book.querySelector("[data-no-notes]")?.remove();
    book.querySelector(".notes").append(noteItem(row, book.dataset.within));
    form.reset();
    sessionStorage.removeItem(draftOf(form));
  } catch (error) {
    unanswered(error);
  } finally {
    button.disabled = false;
  }
});

/** A note that is being written outlives a reload of its page. */
const draftOf = (form) => `note ${form.closest("[data-notebook]").dataset.notebook}`;

for (const form of document.querySelectorAll("form[data-note-form]")) {
  const place = form.elements.text;
  place.value ||= sessionStorage.getItem(draftOf(form)) ?? "";
  place.addEventListener("input", () => sessionStorage.setItem(draftOf(form), place.value));
}

function noteItem(row, within) {
  const remove = element("button", {
    class: "quiet danger",
    "data-method": "DELETE",
    "data-action": `${within}/notes/${row.id}`,
    "data-then": "remove",
    "data-confirm": "Delete this note? Nobody can bring it back.",
    "data-word": "Delete",
    "aria-label": "Delete this note",
  }, "Delete");
  const at = element("time", { "data-at": row.created_s }, ago(row.created_s));
  const by = element("p", { class: "by" }, element("span", {}, row.author || "somebody"), element("span", {}, at), remove);
  return element("li", { "data-note": row.id }, element("p", { class: "said" }, row.text), by);
}
