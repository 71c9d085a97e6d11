/** What all pages share, by one name; and moments that grow older. */

import "./copy.js";
import { setText } from "./elements.js";
import { ago } from "./values.js";

export { action, confirmed } from "./actions.js";
export { chart, colours, counted, plain } from "./charts.js";
export { element, pageData, setProgress, setState, setText, stateBadge } from "./elements.js";
export { live } from "./live.js";
export { asksLogin, banner, clearBanner, fetchJson, ServiceError } from "./requests.js";
export { ago, share, shown, si, span, whole } from "./values.js";

setInterval(() => {
  for (const place of document.querySelectorAll("time[data-at]")) setText(place, ago(Number(place.dataset.at)));
}, 15000);
