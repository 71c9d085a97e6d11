/** A value as the pages write it: whole numbers whole, others to four digits, lists with commas. */
export function words(value) {
  if (Array.isArray(value)) return value.map(words).join(", ");
  if (typeof value === "number") return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value === null || value === undefined ? "–" : String(value);
}
