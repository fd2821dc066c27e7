/**
 * Which touchpoints go with loyalty: a forest plot, one figure for each measure. Estimates with their
 * intervals stand beside rates and q values; what could not be tested says why.
 */

import type { Context, Figure, Table } from "./figure";
import { fitted } from "./fitted";
import { count, number, NOTHING, probability, share, signed, withInterval } from "./numbers";
import { drawPicture, note, ticksOf, type Painted } from "./picture";
import { sign } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

interface Estimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

interface LoyaltyTouchpoint {
  readonly touchpoint: string;
  readonly exposed: number;
  readonly exposedLoyal: number;
  readonly unexposed: number;
  readonly unexposedLoyal: number;
  readonly exposedInterval: Estimate;
  readonly unexposedInterval: Estimate;
  readonly liftInterval: Estimate;
  readonly riskDifference: Estimate;
  readonly oddsRatio: Estimate;
  readonly phi: Estimate;
  readonly pValue: number | null;
  readonly test: string | null;
  readonly untested: string | null;
  readonly qValue: number | null;
  readonly forced: boolean;
  readonly survivors: boolean;
  readonly small: boolean;
  readonly adjusted: {
    readonly oddsRatio: Estimate;
    readonly riskDifference: Estimate;
    readonly pValue: number | null;
    readonly qValue: number | null;
    readonly strata: number;
  } | null;
}

export interface LoyaltyAnswer {
  readonly units: number;
  readonly loyal: number;
  readonly baseRateInterval: Estimate;
  readonly censored: number;
  readonly notEligible: number;
  readonly tested: number;
  readonly loyalty: string;
  readonly wording: string;
  readonly adjustedFor: readonly string[];
  readonly nodes: readonly LoyaltyTouchpoint[];
  readonly pageInfo: { readonly hasNextPage: boolean };
}

interface Measure {
  readonly name: string;
  readonly title: string;
  /** Where touchpoint and loyalty have nothing to do with each other. */
  readonly none: number;
  readonly isRatio: boolean;
  readonly of: (node: LoyaltyTouchpoint) => Estimate | null;
  readonly q: (node: LoyaltyTouchpoint) => number | null;
  readonly print: (x: number | null | undefined, locale?: string) => string;
}

const points = (x: number | null | undefined, locale = "en"): string =>
  x == null ? NOTHING : `${signed(100 * x, locale)} pp`;

const MEASURES: readonly Measure[] = [
  { name: "odds-ratio", title: "Odds ratio", none: 1, isRatio: true, of: (node) => node.oddsRatio, q: (node) => node.qValue, print: number },
  { name: "lift", title: "Lift", none: 1, isRatio: true, of: (node) => node.liftInterval, q: (node) => node.qValue, print: number },
  { name: "risk-difference", title: "Difference of rates", none: 0, isRatio: false, of: (node) => node.riskDifference, q: (node) => node.qValue, print: points },
  { name: "phi", title: "Correlation (phi)", none: 0, isRatio: false, of: (node) => node.phi, q: (node) => node.qValue, print: signed },
  { name: "adjusted-odds-ratio", title: "Odds ratio within strata", none: 1, isRatio: true, of: (node) => node.adjusted?.oddsRatio ?? null, q: (node) => node.adjusted?.qValue ?? null, print: number },
  { name: "adjusted-difference", title: "Difference of rates within strata", none: 0, isRatio: false, of: (node) => node.adjusted?.riskDifference ?? null, q: (node) => node.adjusted?.qValue ?? null, print: points },
];

/** Below this a touchpoint is drawn as one that goes with loyalty or against it. */
const CLEAR = 0.05;
const ROW = 36;
const HEAD = 44;
/** No farther from 1 than this; what reaches beyond ends in an arrow. */
const FARTHEST_RATIO = 32;

const isClear = (q: number | null): boolean => q != null && q < CLEAR;

function isKnown(estimate: Estimate | null): estimate is { value: number; low: number; high: number } {
  return estimate?.value != null && estimate.low != null && estimate.high != null;
}

function summary(answer: LoyaltyAnswer, { q }: Measure): string {
  const clear = answer.nodes.filter((node) => isClear(q(node))).length;
  const apart = [
    answer.censored ? `${count(answer.censored)} not watched for long enough` : "",
    answer.notEligible ? `${count(answer.notEligible)} without what makes them eligible` : "",
  ].filter(Boolean);
  const adjusted = answer.adjustedFor.length ? `, adjusted for ${answer.adjustedFor.join(", ")}` : ", adjusted for nothing";
  return (
    `${count(answer.loyal)} of ${count(answer.units)} judged are loyal (${withInterval(answer.baseRateInterval)}): ${answer.loyalty}. ` +
    (apart.length ? `Set apart: ${apart.join(", ")}. ` : "") +
    `Of ${count(answer.tested)} touchpoints tested, ${count(clear)} of those listed are ${answer.wording} it at q < ${CLEAR}${adjusted}.`
  );
}

function flagsOf(node: LoyaltyTouchpoint): string {
  if (node.untested) return node.untested;
  return [
    node.small ? "n < 30" : "",
    node.forced ? "nearly everybody met it" : "",
    node.survivors ? "perhaps only who stays meets it" : "",
  ].filter(Boolean).join("; ");
}

function table(answer: LoyaltyAnswer, measure: Measure): Table {
  const unit = measure.isRatio || measure.name === "phi" ? "number" : "rate";
  return {
    columns: [
      { name: "touchpoint", title: "Touchpoint" },
      { name: "exposed", title: "Met it", unit: "count" },
      { name: "exposedLoyal", title: "loyal of these", unit: "count" },
      { name: "exposedRate", title: "Rate", unit: "rate" },
      { name: "exposedLow", title: "at least", unit: "rate" },
      { name: "exposedHigh", title: "at most", unit: "rate" },
      { name: "unexposed", title: "Did not", unit: "count" },
      { name: "unexposedLoyal", title: "loyal of these", unit: "count" },
      { name: "unexposedRate", title: "Rate", unit: "rate" },
      { name: "unexposedLow", title: "at least", unit: "rate" },
      { name: "unexposedHigh", title: "at most", unit: "rate" },
      { name: "value", title: measure.title, unit },
      { name: "low", title: "at least", unit },
      { name: "high", title: "at most", unit },
      { name: "pValue", title: "p", unit: "number" },
      { name: "qValue", title: "q", unit: "number" },
      { name: "flags", title: "To mind" },
    ],
    rows: answer.nodes.map((node) => {
      const found = measure.of(node);
      return [
        node.touchpoint, node.exposed, node.exposedLoyal, node.exposedInterval.value, node.exposedInterval.low, node.exposedInterval.high,
        node.unexposed, node.unexposedLoyal, node.unexposedInterval.value, node.unexposedInterval.low, node.unexposedInterval.high,
        found?.value ?? null, found?.low ?? null, found?.high ?? null, node.pValue, measure.q(node), flagsOf(node) || null,
      ];
    }),
    keys: answer.nodes.map(({ touchpoint }) => touchpoint),
  };
}

interface Scale {
  readonly at: (x: number) => number;
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

function scaleOf(answer: LoyaltyAnswer, measure: Measure, left: number, right: number): Scale {
  const ends = answer.nodes.flatMap((node) => {
    const found = measure.of(node);
    return isKnown(found) && !node.untested ? [found.low, found.value, found.high] : [];
  });
  if (!measure.isRatio) {
    const most = Math.max(0.01, ...ends.map(Math.abs)) * 1.06;
    const at = (x: number): number => left + ((x + most) / (2 * most)) * (right - left);
    return { at, low: -most, high: most, ticks: ticksOf(-most, most, 5) };
  }
  const farthest = Math.max(1.5, ...ends.filter((x) => x > 0).map((x) => Math.max(x, 1 / x)));
  const most = Math.min(FARTHEST_RATIO, farthest * 1.06);
  const span = Math.log(most);
  const at = (x: number): number => left + ((Math.log(x) + span) / (2 * span)) * (right - left);
  const steps = most > 8 ? [4, 16] : most > 3 ? [2, 4, 8] : most > 1.8 ? [1.5, 2, 3] : [1.2, 1.5];
  const above = steps.filter((step) => step <= most);
  return { at, low: 1 / most, high: most, ticks: [...above.map((step) => 1 / step).reverse(), 1, ...above] };
}

function rowOf(
  node: LoyaltyTouchpoint, y: number, columns: Columns, scale: Scale, measure: Measure, weight: number, context: Context, tooltip: Tooltip,
): SVGGElement {
  const { theme, locale } = context;
  const middle = y + ROW / 2;
  const found = measure.of(node);
  const q = measure.q(node);
  const group = svgElement("g");
  group.append(svgElement("rect", { x: 0, y, width: columns.width, height: ROW, fill: "transparent" }));
  const flags = flagsOf(node);
  group.append(svgElement("text", { x: 0, y: flags ? middle - 2 : middle + 4, fill: theme.text }, fitted(node.touchpoint, columns.rate - 70)));
  if (flags) group.append(note(fitted(flags, columns.rate - 76, 11), 0, middle + 12, theme.muted));
  group.append(
    svgElement("text", { x: columns.rate, y: middle - 1, fill: theme.text, "text-anchor": "end", "font-size": 12 }, share(node.exposedInterval.value, locale)),
    note(`of ${count(node.exposed, locale)}`, columns.rate, middle + 12, theme.muted, "end"),
  );
  const isDrawn = isKnown(found) && !(measure.isRatio && found.value <= 0) && !node.untested;
  if (isDrawn) group.append(...estimateMarks(found, middle, scale, isClear(q), measure, weight, context));
  else group.append(note("not tested", scale.at(measure.none) + 8, middle + 4, theme.muted));
  const printed = isDrawn ? measure.print(found.value, locale) : NOTHING;
  const between = isDrawn ? `${measure.print(found.low, locale)} to ${measure.print(found.high, locale)}` : "";
  group.append(
    svgElement("text", { x: columns.value, y: middle - 1, fill: theme.text, "text-anchor": "end", "font-size": 12, "font-weight": isClear(q) ? 600 : 400 }, `${printed}${sign(context, node.touchpoint)}`),
    note(between, columns.value, middle + 12, theme.muted, "end"),
    svgElement("text", { x: columns.width - 4, y: middle + 4, fill: isClear(q) ? theme.text : theme.muted, "text-anchor": "end", "font-size": 12, "font-weight": isClear(q) ? 600 : 400 }, probability(q, locale)),
  );
  const label = `${node.touchpoint}: ${measure.title} ${printed}${between ? `, ${between}` : ""}, q ${probability(q, locale)}${flags ? `; ${flags}` : ""}`;
  const tip = {
    title: node.touchpoint,
    rows: [
      ["Met it", `${count(node.exposedLoyal, locale)} of ${count(node.exposed, locale)} loyal`],
      ["", withInterval(node.exposedInterval, locale)],
      ["Did not", `${count(node.unexposedLoyal, locale)} of ${count(node.unexposed, locale)} loyal`],
      ["", withInterval(node.unexposedInterval, locale)],
      [measure.title, between ? `${printed} (${between})` : NOTHING],
      ["p, q", `${probability(node.pValue, locale)}, ${probability(q, locale)}${node.test ? ` (${node.test})` : ""}`],
    ] as const,
    note: flags || undefined,
  };
  pickable(group, { key: node.touchpoint, label, tip, pick: { kind: "node", field: "loyaltyTouchpoints", key: { touchpoint: node.touchpoint } } }, context, tooltip);
  return group;
}

/** A square in its interval: filled where q is small, pointed where the interval leaves the picture. */
function estimateMarks(
  found: { value: number; low: number; high: number }, y: number, scale: Scale, clear: boolean, measure: Measure, weight: number, { theme }: Context,
): readonly SVGElement[] {
  const colour = !clear ? theme.muted : found.value > measure.none ? theme.series[0]! : theme.series[1]!;
  const within = (x: number): number => Math.min(scale.high, Math.max(scale.low, x));
  const [low, high] = [scale.at(within(found.low)), scale.at(within(found.high))];
  const half = 3 + 5 * weight;
  const at = scale.at(within(found.value));
  const parts: SVGElement[] = [
    svgElement("line", { x1: low, x2: high, y1: y, y2: y, stroke: colour, "stroke-width": clear ? 2 : 1.5 }),
  ];
  if (found.low < scale.low) parts.push(svgElement("path", { d: `M${low} ${y}l7 -4v8z`, fill: colour }));
  else parts.push(svgElement("line", { x1: low, x2: low, y1: y - 4, y2: y + 4, stroke: colour, "stroke-width": 1.5 }));
  if (found.high > scale.high) parts.push(svgElement("path", { d: `M${high} ${y}l-7 -4v8z`, fill: colour }));
  else parts.push(svgElement("line", { x1: high, x2: high, y1: y - 4, y2: y + 4, stroke: colour, "stroke-width": 1.5 }));
  parts.push(svgElement("rect", {
    x: at - half, y: y - half, width: 2 * half, height: 2 * half, rx: 1.5,
    fill: clear ? colour : theme.background, stroke: colour, "stroke-width": 1.5,
  }));
  return parts;
}

interface Columns {
  readonly width: number;
  /** Right edge of the rate, left edge of the plot, right edge of the estimate. */
  readonly rate: number;
  readonly left: number;
  readonly right: number;
  readonly value: number;
}

function columnsOf(width: number): Columns {
  const names = Math.max(120, Math.min(280, width * 0.26));
  const rate = names + 62;
  const value = width - 64;
  return { width, rate, left: rate + 24, right: value - 128, value };
}

function paint(answer: LoyaltyAnswer, context: Context, width: number, tooltip: Tooltip, measure: Measure): Painted {
  const { theme, locale } = context;
  const columns = columnsOf(width);
  const scale = scaleOf(answer, measure, columns.left, columns.right);
  const bottom = HEAD + answer.nodes.length * ROW;
  const heaviest = Math.max(1, ...answer.nodes.map(({ exposed, unexposed }) => Math.min(exposed, unexposed)));
  const none = scale.at(measure.none);
  const heads = [
    note("Touchpoint", 0, 14, theme.muted),
    note("loyal, met it", columns.rate, 14, theme.muted, "end"),
    note(`${measure.title}, its interval`, columns.value, 14, theme.muted, "end"),
    note("q", width - 4, 14, theme.muted, "end"),
    note("← against it", none - 8, 32, theme.muted, "end"),
    note("with it →", none + 8, 32, theme.muted),
    svgElement("line", { x1: 0, x2: width, y1: HEAD - 4, y2: HEAD - 4, stroke: theme.line }),
  ];
  const grid = scale.ticks.flatMap((tick) => [
    svgElement("line", { x1: scale.at(tick), x2: scale.at(tick), y1: HEAD, y2: bottom, stroke: tick === measure.none ? theme.muted : theme.line, "stroke-dasharray": tick === measure.none ? undefined : "2 4" }),
    note(measure.isRatio ? (tick < 1 ? `1/${number(1 / tick, locale)}` : number(tick, locale)) : measure.print(tick, locale), scale.at(tick), bottom + 16, theme.muted, "middle"),
  ]);
  const rows = answer.nodes.map((node, place) => {
    const weight = Math.sqrt(Math.min(node.exposed, node.unexposed) / heaviest);
    return rowOf(node, HEAD + place * ROW, columns, scale, measure, weight, context, tooltip);
  });
  const legend = note(
    `Filled: q below ${CLEAR} over all ${count(answer.tested, locale)} tested. The larger the square, the more units to compare.${answer.pageInfo.hasNextPage ? " More touchpoints are not listed here." : ""}`,
    0, bottom + 40, theme.muted,
  );
  return { height: bottom + 48, parts: [...grid, ...heads, ...rows, legend] };
}

const SELECTION = `{
  units loyal baseRateInterval { value low high } censored notEligible tested loyalty wording adjustedFor
  nodes {
    touchpoint exposed exposedLoyal unexposed unexposedLoyal
    exposedInterval { value low high } unexposedInterval { value low high }
    liftInterval { value low high } riskDifference { value low high } oddsRatio { value low high } phi { value low high }
    pValue test untested qValue forced survivors small
    adjusted { oddsRatio { value low high } riskDifference { value low high } pValue qValue strata }
  }
  pageInfo { hasNextPage }
}`;

function figureOf(measure: Measure): Figure<LoyaltyAnswer> {
  return {
    name: `loyalty-${measure.name}`,
    title: `Loyalty touchpoints: ${measure.title.toLowerCase()}`,
    selection: SELECTION,
    isEmpty: (answer) => answer.units === 0 || answer.nodes.length === 0,
    summary: (answer) => summary(answer, measure),
    table: (answer) => table(answer, measure),
    draw: (host, answer, context) =>
      drawPicture(host, answer, context, (now, how, width, tooltip) => paint(now, how, width, tooltip, measure)),
  };
}

/** By the measure, the odds ratio first: it is what an answer is drawn as by default. */
export const LOYALTY_FIGURES: ReadonlyMap<string, Figure<LoyaltyAnswer>> = new Map(
  MEASURES.map((measure) => [measure.name, figureOf(measure)]),
);
/** Name and title of each measure, for a control. */
export const LOYALTY_MEASURES: readonly { readonly value: string; readonly label: string }[] = MEASURES.map(({ name, title }) => ({ value: name, label: title }));
