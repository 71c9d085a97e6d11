/** Values as they are written, as in nas/service/plain.py. */

const UNITS = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];

/** Three digits and an SI prefix: 4.23 G, 25.0 M, 512; a dash for null. */
export function si(number) {
  if (number === null || number === undefined) return "–";
  const size = Math.abs(number);
  if (size >= 1e15) return number.toExponential(1).replace("e+", "e");
  for (const [unit, prefix] of UNITS) {
    if (size < unit * 0.9995) continue;
    const scaled = number / unit;
    const digits = Math.abs(scaled) < 9.995 ? 2 : Math.abs(scaled) < 99.95 ? 1 : 0;
    return `${scaled.toFixed(digits)} ${prefix}`;
  }
  return String(Number(number.toPrecision(6)));
}

/** Seconds as 0:42, 3:05 or 1:02:03. */
export function span(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const whole = Math.max(0, Math.round(seconds));
  const two = (part) => String(part).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A metric to four significant digits, large ones with an SI prefix; words as they are. */
export function shown(value) {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value !== "number") return Array.isArray(value) ? value.map(shown).join(",") : String(value);
  if (Math.abs(value) >= 1e4) return si(value);
  if (Number.isInteger(value)) return String(value);
  const digits = Number(value.toPrecision(4));
  return Math.abs(value) < 1e-4 ? digits.toExponential().replace("e-", "e-0").replace(/e-0(\d\d)/, "e-$1") : String(digits);
}

/** A share from 0 to 1 as 94 %. */
export function share(fraction) {
  if (fraction === null || fraction === undefined) return "–";
  const percent = 100 * fraction;
  return `${percent > 0 && percent < 10 ? Number(percent.toPrecision(2)) : Math.round(percent)} %`;
}

/** Whole numbers with every digit: 15,625. */
export function whole(number) {
  return number.toLocaleString("en-GB");
}

/** How long ago a moment (seconds since 1970) was, in words. */
export function ago(at_s) {
  const past_s = Math.max(0, Date.now() / 1000 - at_s);
  if (past_s < 5) return "now";
  if (past_s < 60) return `${Math.floor(past_s)} s ago`;
  if (past_s < 3600) return `${Math.floor(past_s / 60)} min ago`;
  return past_s < 48 * 3600 ? `${Math.floor(past_s / 3600)} h ago` : `${Math.floor(past_s / 86400)} days ago`;
}
