/** What the page of a study that was just deleted leaves for the list of studies to say, once. */

const KEY = "deleted";

/** Say this on the list of studies, and go there. */
export function leave(text) {
  sessionStorage.setItem(KEY, text);
  window.location.assign("/studies");
}

/** What is to be said, or null. */
export function left() {
  const text = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return text;
}
