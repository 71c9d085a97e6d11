/** Another profile or data set makes another space: the page is loaded anew, without the old point. */
export function swapVariant(form) {
  form.addEventListener("change", () => {
    const url = new URL(window.location.href);
    url.search = "";
    for (const [name, value] of new FormData(form)) if (value) url.searchParams.set(name, value);
    window.location.assign(url);
  });
}
