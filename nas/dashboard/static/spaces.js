/** The list of spaces: those that say every word that is typed stay. */

const find = document.querySelector("#find");

find.addEventListener("input", () => {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  let left = 0;
  for (const card of document.querySelectorAll("#cards > li")) {
    const said = card.dataset.words.toLowerCase();
    card.hidden = !words.every((word) => said.includes(word));
    left += card.hidden ? 0 : 1;
  }
  document.querySelector("#none").hidden = left > 0;
});
