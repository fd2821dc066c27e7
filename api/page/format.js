/**
 * Values as people read them. The name of a field says what it is: `…Seconds` is a length of time,
 * `share` and its like are percentages, `value` is money. The JSON beside it has them as they are.
 */

const SHARES = new Set([
  "share", "coverage", "rate", "outcomeRate", "baseRate", "exposedRate", "unexposedRate", "ofFirst",
  "ofPrevious", "shareInterval", "baseRateInterval", "exposedInterval", "unexposedInterval",
  "ofFirstInterval", "ofPreviousInterval",
]);
const POINTS = new Set(["riskDifference"]);
const MONEY = new Set(["value", "cost", "downstreamValue"]);
const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

export const isShare = (name) => SHARES.has(name);

export const isMoment = (value) => typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:/.test(value);

/** An amount, as exact text. */
export const isMoney = (name, value) => MONEY.has(name) && typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value);

/** An estimate: a value with the ends of its interval. */
export const isEstimate = (value) => value !== null && typeof value === "object" && !Array.isArray(value)
  && Object.keys(value).length > 0
  && Object.keys(value).every((key) => ["value", "low", "high", "successes", "of", "__typename"].includes(key))
  && ("value" in value || "low" in value);

/** One value as a text. */
export function formatted(name, value, currency) {
  if (value === null || value === undefined) return "–";
  if (isEstimate(value)) return estimate(name, value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return numeral(name, value);
  if (isMoney(name, value)) return money(value, currency);
  if (isMoment(value)) return moment(value);
  return String(value);
}

function numeral(name, value) {
  if (name.endsWith("Seconds")) return duration(value);
  if (SHARES.has(name)) return percent(value);
  if (POINTS.has(name)) return `${percent(value)} points`.replace(" %", "");
  if (name === "pValue" || name === "qValue") return value < 0.0001 ? "< 0.0001" : value.toPrecision(2);
  if (Number.isInteger(value)) return value.toLocaleString("en");
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  return Math.abs(value) >= 1 ? value.toFixed(2) : String(Number(value.toPrecision(3)));
}

function estimate(name, { value, low, high }) {
  if (value === null && (low === null || low === undefined)) return "–";
  const say = (number) => (number === null || number === undefined ? "–" : numeral(name, number));
  const plain = (number) => say(number).replace(/ %| points/, "");
  const interval = low === undefined && high === undefined ? "" : `[${plain(low)}, ${plain(high)}]`;
  return value === undefined ? interval : `${say(value)} ${interval}`.trim();
}

export const percent = (share) => `${(100 * share).toFixed(1)} %`;

function money(text, currency) {
  const [whole, cents] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${grouped}${cents ? `.${cents}` : ""}${currency ? ` ${currency}` : ""}`;
}

export function moment(text) {
  return text.replace("T", " ").replace(/(?:\.\d+)?Z$/, "").replace(/ 00:00:00$/, "");
}

/** A length of time in its two largest units. */
export function duration(seconds) {
  if (seconds === 0) return "0 s";
  if (Math.abs(seconds) < 1) return `${Math.round(seconds * 1000)} ms`;
  let rest = Math.round(seconds);
  const parts = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count || parts.length) parts.push([count, unit]);
    if (parts.length === 2) break;
  }
  return parts.filter(([count]) => count).map(([count, unit]) => `${count} ${unit}`).join(" ");
}

/** The name of a field in words: `outcomeRate` is "outcome rate". */
export const inWords = (name) => name.replace(/Seconds$/, "").replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
