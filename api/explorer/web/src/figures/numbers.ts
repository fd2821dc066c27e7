/** How numbers are printed: in pictures, tables, summaries and the page alike. */

import type { Cell, Unit } from "./figure";

export const NOTHING = "–";

const formats = new Map<string, Intl.NumberFormat>();

function format(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.NumberFormat(locale, options)));
  return found;
}

/** 12,345 */
export function count(n: number | null | undefined, locale = "en"): string {
  return n == null ? NOTHING : format(locale, { maximumFractionDigits: 0 }).format(n);
}

/** A count in little room: 12.3K */
export function shortCount(n: number | null | undefined, locale = "en"): string {
  if (n == null) return NOTHING;
  return format(locale, { notation: "compact", maximumSignificantDigits: 3 }).format(n);
}

/** 0.1234 as 12.3%, 0.12 as 12.0%; what is more than nothing is never printed as nothing, nor all but all as all. */
export function share(x: number | null | undefined, locale = "en"): string {
  if (x == null) return NOTHING;
  const digits = Math.abs(x) < 0.001 || (x < 1 && x > 0.999) ? 2 : 1;
  const isWhole = x === 0 || x === 1;
  const percent = { style: "percent", minimumFractionDigits: isWhole ? 0 : 1, maximumFractionDigits: digits } as const;
  const least = 10 ** -(digits + 2);
  if (x > 0 && x < least) return `<${format(locale, percent).format(least)}`;
  if (x < 1 && x > 1 - least) return `>${format(locale, percent).format(1 - least)}`;
  return format(locale, percent).format(x);
}

/** Three significant digits: for ratios, scores, test values. */
export function number(x: number | null | undefined, locale = "en"): string {
  if (x == null) return NOTHING;
  if (x !== 0 && Math.abs(x) < 0.001) return x.toExponential(1).replace("e-", "e−");
  return format(locale, { maximumSignificantDigits: 3 }).format(x);
}

/** A number with its sign, a true minus included: +0.25 */
export function signed(x: number | null | undefined, locale = "en"): string {
  if (x == null) return NOTHING;
  const text = number(Math.abs(x), locale);
  return x > 0 ? `+${text}` : x < 0 ? `−${text}` : text;
}

/** p and q values: three digits, and no smaller than they are worth. */
export function probability(p: number | null | undefined, locale = "en"): string {
  if (p == null) return NOTHING;
  if (p < 0.001) return "<0.001";
  return format(locale, { maximumFractionDigits: 3, minimumFractionDigits: 3 }).format(p);
}

const STEPS = [
  { unit: "year", seconds: 365.25 * 86400 },
  { unit: "day", seconds: 86400 },
  { unit: "hour", seconds: 3600 },
  { unit: "minute", seconds: 60 },
  { unit: "second", seconds: 1 },
] as const;

/** In the largest unit that fits, as 2.4 days. */
export function duration(seconds: number | null | undefined, locale = "en"): string {
  if (seconds == null) return NOTHING;
  const size = Math.abs(seconds);
  const fits = STEPS.find((step) => size >= step.seconds && (step.unit !== "year" || size >= 2 * step.seconds));
  const { unit, seconds: length } = fits ?? STEPS[4];
  const digits = size / length >= 10 || length === 1 ? 0 : 1;
  if (!fits && size > 0) return "<1 sec";
  return format(locale, { style: "unit", unit, unitDisplay: unit === "day" || unit === "year" ? "long" : "short", maximumFractionDigits: digits }).format(seconds / length);
}

/** Decimal text in major units as the API gives it: exact, with separators. */
export function money(amount: string | number | null | undefined, currency?: string | null, locale = "en"): string {
  if (amount == null) return NOTHING;
  const text = String(amount);
  const decimals = text.split(".")[1]?.length ?? 0;
  const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  // a string, so that no digit of a large amount is lost
  const printed = format(locale, options).format(text as unknown as number);
  return currency ? `${printed} ${currency}` : printed;
}

/** A moment as the API gives it, to the minute, in UTC. */
export function moment(at: string | null | undefined, locale = "en"): string {
  if (at == null) return NOTHING;
  const options = { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(locale, options).format(new Date(at));
}

/** A day as the API gives it, in UTC. */
export function day(at: string | null | undefined, locale = "en"): string {
  if (at == null) return NOTHING;
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(at));
}

/** A rate or share with its interval: 12.3% (10.1%–14.9%). */
export function withInterval(
  estimate: { readonly value: number | null; readonly low: number | null; readonly high: number | null } | null | undefined,
  locale = "en",
): string {
  if (!estimate || estimate.value == null) return NOTHING;
  const { value, low, high } = estimate;
  return low == null || high == null
    ? share(value, locale)
    : `${share(value, locale)} (${share(low, locale)}–${share(high, locale)})`;
}

/** A cell of a figure's table as people read it. */
export function cell(value: Cell | undefined, unit: Unit | undefined, locale = "en", currency?: string | null): string {
  if (value == null) return NOTHING;
  if (unit === "money") return money(value, currency, locale);
  if (typeof value === "string") return value;
  switch (unit) {
    case "count":
      return count(value, locale);
    case "share":
    case "rate":
      return share(value, locale);
    case "seconds":
      return duration(value, locale);
    default:
      return number(value, locale);
  }
}
