/** Where leaving the plan goes with worse outcomes: a forest of differences, with what was felt beside it. */

import type { Cell, Context, Figure, Table } from "./figure";
import { meanWords } from "./felt";
import { fitted } from "./fitted";
import { count, NOTHING, probability, share, signed, withInterval } from "./numbers";
import { drawPicture, feeling, note, ticksOf, type Painted } from "./picture";
import { COUNTED, stepName, type Counted } from "./planned";
import { sign, text } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

interface Ends {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

interface Felt extends Ends {
  readonly ratings: number;
}

export interface PlanDeviation {
  readonly kind: string;
  readonly step: number | null;
  readonly stage: string | null;
  readonly item: string | null;
  readonly units: number;
  readonly rate: Counted;
  readonly otherRate: Counted;
  readonly difference: Ends;
  readonly pValue: number | null;
  readonly qValue: number | null;
  readonly emotion: Felt;
  readonly otherEmotion: Felt;
  readonly emotionDifference: Ends & { readonly pValue: number | null };
  readonly emotionQValue: number | null;
  readonly small: boolean;
}

export interface PlannedDeviationsAnswer {
  readonly closed: number;
  readonly deviations: readonly PlanDeviation[];
  readonly tested: number;
  readonly otherDeviations: number;
  readonly wording: string;
}

const ROW = 42;
const HEAD = 44;
const WORDS: Readonly<Record<string, string>> = {
  SKIPPED: "skipped", OUT_OF_ORDER: "out of order", REPEATED: "done again", LATE: "late", STAGE_LATE: "stage takes longer", EXTRA: "beside the plan",
};

/** "3. delivered: skipped" */
export function deviationName({ kind, step, stage, item }: PlanDeviation): string {
  const what = item === null ? stage ?? "" : stepName(step, item);
  return `${what}: ${WORDS[kind] ?? kind.toLowerCase()}${kind === "EXTRA" ? ` (${stage ?? "no stage said"})` : ""}`;
}

function keyOf({ kind, step, stage, item }: PlanDeviation): string {
  return JSON.stringify([kind, step, stage, item]);
}

function isClear(q: number | null): boolean {
  return q !== null && q <= 0.05;
}

function summary({ closed, deviations, tested, otherDeviations, wording }: PlannedDeviationsAnswer): string {
  const clear = deviations.filter(({ qValue }) => isClear(qValue));
  const worst = clear.filter(({ difference }) => (difference.value ?? 0) < 0).sort((one, other) => one.difference.value! - other.difference.value!)[0];
  return (
    `Of ${count(closed)} closed, who deviate beside who do not: ${count(clear.length)} of ${count(deviations.length)} deviations listed are ${wording} another rate of outcomes beyond chance (q ≤ 0.05 over ${count(tested)} tests). ` +
    (worst ? `The worst is ${deviationName(worst)}, with ${signed(worst.difference.value! * 100)} percentage points. ` : "") +
    `It does not say that deviating brought it about: who does may differ in all else, and the outcome may have come first.${otherDeviations ? ` ${count(otherDeviations)} more are not listed.` : ""}`
  );
}

function table({ deviations }: PlannedDeviationsAnswer): Table {
  return {
    columns: [
      { name: "deviation", title: "Deviation" },
      { name: "units", title: "Units", unit: "count" },
      { name: "rate", title: "Outcome rate", unit: "rate" },
      { name: "rateOf", title: "of closed", unit: "count" },
      { name: "otherRate", title: "of the others", unit: "rate" },
      { name: "otherOf", title: "of closed", unit: "count" },
      { name: "difference", title: "Difference", unit: "number" },
      { name: "low", title: "at least", unit: "number" },
      { name: "high", title: "at most", unit: "number" },
      { name: "pValue", title: "p", unit: "number" },
      { name: "qValue", title: "q", unit: "number" },
      { name: "emotion", title: "Felt, mean", unit: "number" },
      { name: "otherEmotion", title: "by the others", unit: "number" },
      { name: "emotionDifference", title: "Difference", unit: "number" },
      { name: "emotionLow", title: "at least", unit: "number" },
      { name: "emotionHigh", title: "at most", unit: "number" },
      { name: "emotionQValue", title: "q", unit: "number" },
      { name: "small", title: "To mind" },
    ],
    rows: deviations.map((one): readonly Cell[] => [
      deviationName(one), one.units, one.rate.value, one.rate.of, one.otherRate.value, one.otherRate.of, one.difference.value, one.difference.low, one.difference.high, one.pValue, one.qValue,
      one.emotion.value, one.otherEmotion.value, one.emotionDifference.value, one.emotionDifference.low, one.emotionDifference.high, one.emotionQValue, one.small ? "n < 30" : null,
    ]),
    keys: deviations.map(keyOf),
  };
}

/** Where differences stand: from -most to most. */
interface Axis {
  readonly left: number;
  readonly right: number;
  readonly most: number;
  readonly x: (value: number) => number;
}

function axisOf(deviations: readonly PlanDeviation[], left: number, right: number): Axis {
  const ends = deviations.flatMap(({ difference }) => [difference.low, difference.high, difference.value].map((end) => Math.abs(end ?? 0)));
  const most = Math.min(1, Math.max(0.05, ...ends) * 1.06);
  return { left, right, most, x: (value) => left + ((Math.max(-most, Math.min(most, value)) + most) / (2 * most)) * (right - left) };
}

function paint(answer: PlannedDeviationsAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale } = context;
  const { deviations, otherDeviations } = answer;
  const axis = axisOf(deviations, Math.max(170, Math.min(340, width * 0.34)) + 12, width - 224);
  const bottom = HEAD + deviations.length * ROW;
  const parts: SVGElement[] = [
    note("deviation; rate with the outcome", 0, 12, theme.muted), note("difference from who does not deviate", axis.left, 12, theme.muted),
    note("points, interval; what was felt", width - 54, 12, theme.muted, "end"), note("q", width - 2, 12, theme.muted, "end"),
    ...ticksOf(-axis.most, axis.most, 4).flatMap((tick) => [
      svgElement("line", { x1: axis.x(tick), x2: axis.x(tick), y1: HEAD - 8, y2: bottom, stroke: Math.abs(tick) < 1e-9 ? theme.muted : theme.line }),
      note(signed(tick * 100, locale), axis.x(tick), HEAD - 12, theme.muted, "middle"),
    ]),
    ...deviations.map((one, place) => row(one, place, HEAD + place * ROW, width, axis, context, tooltip)),
    note(`Filled: q ≤ 0.05.${otherDeviations ? ` ${count(otherDeviations, locale)} more are not listed.` : ""}`, 0, bottom + 18, theme.muted),
  ];
  return { height: bottom + 26, parts };
}

function pointsWords({ value, low, high }: Ends, locale: string): string {
  if (value === null) return NOTHING;
  const points = (x: number): string => signed(x * 100, locale);
  return low === null || high === null ? points(value) : `${points(value)} (${points(low)} to ${points(high)})`;
}

function row(one: PlanDeviation, place: number, y: number, width: number, { left, x }: Axis, context: Context, tooltip: Tooltip): SVGElement {
  const { theme, locale } = context;
  const { difference, rate, otherRate, emotionDifference } = one;
  const clear = isClear(one.qValue);
  const name = deviationName(one);
  const rates = `${share(rate.value, locale)} of ${count(rate.of, locale)}, others ${share(otherRate.value, locale)} of ${count(otherRate.of, locale)}`;
  const felt = emotionDifference.value === null ? "" : `felt ${feeling(emotionDifference.value, locale)}`;
  const group = svgElement("g", {},
    svgElement("rect", { x: 0, y, width, height: ROW, fill: "transparent" }),
    text(0, y + 16, fitted(name, left - 20, 12, clear ? 600 : 400), theme.text, { "font-weight": clear ? 600 : 400 }),
    note(fitted(rates, left - 20, 11), 0, y + 32, theme.muted),
  );
  if (difference.value !== null) {
    const colour = !clear ? theme.muted : difference.value < 0 ? theme.bad : theme.good;
    if (difference.low !== null && difference.high !== null) group.append(svgElement("line", { x1: x(difference.low), x2: x(difference.high), y1: y + 19, y2: y + 19, stroke: colour, "stroke-width": 2 }));
    group.append(svgElement("rect", { x: x(difference.value) - 5, y: y + 14, width: 10, height: 10, rx: 1.5, fill: clear ? colour : theme.background, stroke: colour, "stroke-width": 1.5 }));
  }
  group.append(
    text(width - 54, y + 16, `${pointsWords(difference, locale)}${one.small ? " n < 30" : ""}${sign(context, keyOf(one))}`, theme.text, { "text-anchor": "end", "font-size": 11, "font-weight": clear ? 600 : 400 }),
    note(felt, width - 54, y + 32, isClear(one.emotionQValue) ? theme.text : theme.muted, "end"),
    text(width - 2, y + 16, probability(one.qValue, locale), clear ? theme.text : theme.muted, { "text-anchor": "end", "font-size": 11 }),
    text(width - 2, y + 32, felt && probability(one.emotionQValue, locale), isClear(one.emotionQValue) ? theme.text : theme.muted, { "text-anchor": "end", "font-size": 11 }),
  );
  const rows = [
    ["Deviate", count(one.units, locale)], ["With the outcome", `${withInterval(rate, locale)} of ${count(rate.of, locale)} closed`], ["of who does not", `${withInterval(otherRate, locale)} of ${count(otherRate.of, locale)} closed`],
    ["Difference, in points", pointsWords(difference, locale)], ["p, q", `${probability(one.pValue, locale)}, ${probability(one.qValue, locale)}`],
    ...(felt ? [["Felt", `${meanWords(one.emotion, locale)}, others ${meanWords(one.otherEmotion, locale)}`], ["Felt otherwise by", `${meanWords(emotionDifference, locale)}, q ${probability(one.emotionQValue, locale)}`]] as const : []),
  ] as readonly (readonly [string, string])[];
  const tip = { title: name, rows, note: one.small ? "Fewer than 30 closed on one side: read with care." : undefined };
  pickable(group, { key: keyOf(one), label: `${name}: ${rates}; ${pointsWords(difference, locale)} points, q ${probability(one.qValue, locale)}`, tip, pick: { kind: "node", field: "plannedDeviation", key: { place } } }, context, tooltip);
  return group;
}

const FELT = "{ value low high ratings }";

export const plannedDeviations: Figure<PlannedDeviationsAnswer> = {
  name: "planned-deviations",
  title: "Where deviations go with worse outcomes",
  selection: `{
  closed tested otherDeviations wording
  deviations {
    kind step stage item units rate ${COUNTED} otherRate ${COUNTED} difference { value low high } pValue qValue
    emotion ${FELT} otherEmotion ${FELT} emotionDifference { value low high pValue } emotionQValue small
  }
}`,
  isEmpty: ({ deviations }) => deviations.length === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
