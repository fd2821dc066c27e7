/** Means of feelings with their intervals: what the answers about experience have in common. */

import type { Cell, Column, Context } from "./figure";
import { count, NOTHING, share } from "./numbers";
import { feeling } from "./picture";
import { svgElement } from "./svg";

export interface Mean {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly ratings: number;
  readonly units: number;
  readonly missing: number;
  readonly missingShare: number | null;
}

export interface Rate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** What is said of interactions that have something in common. */
export interface Felt {
  readonly units: number;
  readonly share: number | null;
  readonly count: number;
  readonly emotion: Mean;
  readonly expectation: Mean;
  readonly experience: Mean;
  readonly gap: Mean;
  readonly met: Rate;
  readonly small: boolean;
}

export const MEAN = "{ value low high ratings units missing missingShare }";
export const FELT = `units share count small
emotion ${MEAN} expectation ${MEAN} experience ${MEAN} gap ${MEAN} met { value low high }`;

export type FeltMeasure = "emotion" | "expectation" | "experience" | "gap";
export const FELT_MEASURES: readonly (readonly [FeltMeasure, string])[] = [["emotion", "Emotion"], ["expectation", "Expected"], ["experience", "Found"], ["gap", "Gap"]];

/** Every number of it, in the order of `feltColumns`. */
export function feltCells({ units, share: part, count: times, met, small, ...means }: Felt): readonly Cell[] {
  return [
    units, part, times,
    ...FELT_MEASURES.flatMap(([measure]) => [means[measure].value, means[measure].low, means[measure].high, means[measure].ratings, means[measure].missingShare]),
    met.value, met.low, met.high, small ? "n < 30" : null,
  ];
}

export function feltColumns(): readonly Column[] {
  return [
    { name: "units", title: "Units", unit: "count" },
    { name: "share", title: "Share", unit: "share" },
    { name: "count", title: "Interactions", unit: "count" },
    ...FELT_MEASURES.flatMap(([name, title]): readonly Column[] => [
      { name, title, unit: "number" },
      { name: `${name}Low`, title: "at least", unit: "number" },
      { name: `${name}High`, title: "at most", unit: "number" },
      { name: `${name}Ratings`, title: "of ratings", unit: "count" },
      { name: `${name}Missing`, title: "not said", unit: "share" },
    ]),
    { name: "met", title: "Met or surpassed", unit: "share" },
    { name: "metLow", title: "at least", unit: "share" },
    { name: "metHigh", title: "at most", unit: "share" },
    { name: "small", title: "To mind" },
  ];
}

/** +0.25 (+0.21 to +0.29) */
export function meanWords({ value, low, high }: Pick<Mean, "value" | "low" | "high">, locale = "en"): string {
  if (value === null) return NOTHING;
  return low === null ? feeling(value, locale) : `${feeling(value, locale)} (${feeling(low, locale)} to ${feeling(high, locale)})`;
}

/** Who said anything: 1,328 of 3,238 rated, 59.0% did not */
export function ratedWords({ ratings, missing, missingShare }: Mean, locale = "en"): string {
  return `${count(ratings, locale)} of ${count(ratings + missing, locale)} rated; ${share(missingShare, locale)} did not say`;
}

export function feltTip(felt: Felt, { locale }: Context): readonly (readonly [string, string])[] {
  return [
    ["Met by", `${count(felt.units, locale)} (${share(felt.share, locale)})`],
    ...FELT_MEASURES.flatMap(([measure, title]): [string, string][] => (felt[measure].ratings
      ? [[title, meanWords(felt[measure], locale)], ["", ratedWords(felt[measure], locale)]]
      : [[title, "nobody said"]])),
    ...(felt.met.value === null ? [] : [["Met or surpassed", `${share(felt.met.value, locale)} (${share(felt.met.low, locale)}–${share(felt.met.high, locale)})`] as const]),
  ];
}

/** An interval with small ends, upright or lying. */
export function whisker(from: { x: number; y: number }, to: { x: number; y: number }, stroke: string, width = 1.5): SVGElement {
  const end = from.x === to.x ? "h6" : "v6";
  const shift = from.x === to.x ? [-3, 0] : [0, -3];
  return svgElement("path", {
    d: `M${from.x} ${from.y}L${to.x} ${to.y}M${from.x + shift[0]!} ${from.y + shift[1]!}${end}M${to.x + shift[0]!} ${to.y + shift[1]!}${end}`,
    stroke, "stroke-width": width, fill: "none",
  });
}
