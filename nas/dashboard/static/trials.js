/** The list of trials: every filter, column and header changes the URL, and only the list is loaded again. */

import { live } from "./base.js";
import { formUrl, swap, swapping } from "./swap.js";

const LIST = "#trials";
const newer = document.querySelector("#newer");

swapping(LIST, freshen);

document.addEventListener("change", (event) => {
  const form = event.target.closest("#narrow, #columns form");
  if (form) swap(LIST, formUrl(form), { after: freshen });
  if (event.target.id === "ask-is") between();
});

function between() {
  const both = document.querySelector("#ask-is").value === "between";
  document.querySelector("#ask-to").hidden = !both;
}

function freshen() {
  between();
  newer.hidden = true;
}

newer.addEventListener("click", () => swap(LIST, window.location.href, { push: false, after: freshen }));

live(`/api/studies/${encodeURIComponent(document.querySelector(LIST).dataset.study)}/live`, {
  study: (news) => {
    if (news.trials?.length) newer.hidden = false;
  },
});
between();
