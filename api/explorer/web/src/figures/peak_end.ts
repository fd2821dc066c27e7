/** The peak and the end of journeys: with the outcome and without it, and the outcome by mood. */

import type { Cell, Context, Figure, Table } from "./figure";
import { MEAN, meanWords, whisker, type Mean, type Rate } from "./felt";
import { count, probability, share, withInterval } from "./numbers";
import { drawPicture, feeling, note, ticksOf, type Painted } from "./picture";
import { axisOfRates, rateAxis, rateMark, text } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

interface Mood {
  readonly mood: string;
  readonly units: number;
  readonly outcome: Rate;
  readonly small: boolean;
}

interface Moment {
  readonly moment: "PEAK" | "END";
  readonly emotion: Mean;
  readonly withOutcome: Mean;
  readonly withoutOutcome: Mean;
  readonly difference: Rate & { readonly pValue: number | null };
  readonly moods: readonly Mood[];
}

export interface PeakEndAnswer {
  readonly peakEnd: readonly Moment[];
}

const SIDES = [["emotion", "all journeys"], ["withOutcome", "with the outcome"], ["withoutOutcome", "without it"]] as const;
const ROW = 24;
const BLOCK = 3 * ROW + 44 + 3 * ROW + 40;
const NAMES = 128;

const NAMED = { PEAK: "Peak: the strongest feeling", END: "End: the last feeling" } as const;

function keyOf(moment: string, part: string): string {
  return JSON.stringify([moment, part]);
}

function differenceWords({ difference }: Moment): string {
  return `${meanWords(difference)}, p ${probability(difference.pValue)}`;
}

function summary({ peakEnd }: PeakEndAnswer): string {
  const first = peakEnd[0];
  if (!first) return "No journey says how it felt.";
  const said = peakEnd.map((moment) => {
    const apart = moment.difference.value === null ? "" : `, with the outcome less without it ${differenceWords(moment)}`;
    return `${moment.moment === "PEAK" ? "the peak" : "the end"} is ${feeling(moment.emotion.value, "en")}${apart}`;
  });
  return (
    `${count(first.emotion.ratings)} of ${count(first.emotion.ratings + first.emotion.missing)} journeys say how they felt: ${said.join("; ")}. ` +
    "Open ones are on neither side. The outcome may have come before the feeling: this is association."
  );
}

function table({ peakEnd }: PeakEndAnswer): Table {
  const rows: (readonly Cell[])[] = [];
  const keys: string[] = [];
  for (const moment of peakEnd) {
    for (const [side, name] of SIDES) {
      const { value, low, high, ratings, missing } = moment[side];
      rows.push([moment.moment.toLowerCase(), name, ratings, missing, value, low, high, null, null, null, null]);
      keys.push(keyOf(moment.moment, side));
    }
    const { value, low, high, pValue } = moment.difference;
    rows.push([moment.moment.toLowerCase(), "difference", null, null, value, low, high, pValue, null, null, null]);
    keys.push(keyOf(moment.moment, "difference"));
    for (const { mood, units, outcome } of moment.moods) {
      rows.push([moment.moment.toLowerCase(), mood.toLowerCase(), units, null, null, null, null, null, outcome.value, outcome.low, outcome.high]);
      keys.push(keyOf(moment.moment, mood));
    }
  }
  return {
    columns: [
      { name: "moment", title: "Moment" },
      { name: "of", title: "Of" },
      { name: "journeys", title: "Journeys", unit: "count" },
      { name: "missing", title: "not said", unit: "count" },
      { name: "emotion", title: "Emotion", unit: "number" },
      { name: "low", title: "at least", unit: "number" },
      { name: "high", title: "at most", unit: "number" },
      { name: "pValue", title: "p", unit: "number" },
      { name: "outcome", title: "With the outcome", unit: "share" },
      { name: "outcomeLow", title: "at least", unit: "share" },
      { name: "outcomeHigh", title: "at most", unit: "share" },
    ],
    rows,
    keys,
  };
}

interface Frame {
  readonly x: (value: number) => number;
  readonly left: number;
  readonly right: number;
  readonly width: number;
}

function paint({ peakEnd }: PeakEndAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const ends = peakEnd.flatMap((moment) => SIDES.flatMap(([side]) => [moment[side].low, moment[side].high, moment[side].value].map((end) => Math.abs(end ?? 0))));
  const most = Math.min(1, Math.max(0.1, ...ends) * 1.08);
  const [left, right] = [NAMES, width - 150];
  const frame = { x: (value: number) => left + ((value + most) / (2 * most)) * (right - left), left, right, width };
  const parts = peakEnd.flatMap((moment, place) => block(moment, place * BLOCK, frame, ticksOf(-most, most, 4), context, tooltip));
  return { height: peakEnd.length * BLOCK, parts };
}

function block(moment: Moment, top: number, frame: Frame, ticks: readonly number[], context: Context, tooltip: Tooltip): SVGElement[] {
  const { theme, locale } = context;
  const first = top + 44;
  const moods = first + 3 * ROW + 34;
  const rates = rateAxis(frame.left, frame.right - frame.left, moment.moods.map(({ outcome }) => outcome.high));
  return [
    text(0, top + 16, NAMED[moment.moment], theme.text, { "font-weight": 600 }),
    ...(moment.difference.value === null ? [] : [note(`with less without: ${differenceWords(moment)}`, frame.width - 4, top + 16, theme.muted, "end")]),
    ...ticks.flatMap((tick) => [
      svgElement("line", { x1: frame.x(tick), x2: frame.x(tick), y1: first - 6, y2: first + 3 * ROW, stroke: Math.abs(tick) < 1e-9 ? theme.muted : theme.line }),
      note(feeling(tick, locale), frame.x(tick), first - 10, theme.muted, "middle"),
    ]),
    ...SIDES.map(([side, name], place) => sideRow(moment, side, name, first + place * ROW, frame, context, tooltip)),
    note("outcome by mood", 0, moods - 6, theme.muted),
    ...axisOfRates(rates, moods, moods + 3 * ROW, theme, locale),
    ...moment.moods.map((mood, place) => moodRow(moment, mood, moods + place * ROW, rates, frame, context, tooltip)),
  ];
}

function sideRow(moment: Moment, side: (typeof SIDES)[number][0], name: string, y: number, { x, width }: Frame, context: Context, tooltip: Tooltip): SVGGElement {
  const { theme, locale } = context;
  const mean = moment[side];
  const middle = y + ROW / 2;
  const row = svgElement("g");
  row.append(svgElement("rect", { x: 0, y, width, height: ROW, fill: "transparent" }), text(0, middle + 4, name, theme.text));
  if (mean.value !== null) {
    const fill = side === "emotion" ? theme.series[0]! : side === "withOutcome" ? theme.good : theme.bad;
    if (mean.low !== null && mean.high !== null) row.append(whisker({ x: x(mean.low), y: middle }, { x: x(mean.high), y: middle }, fill, 2));
    row.append(svgElement("circle", { cx: x(mean.value), cy: middle, r: 5, fill }));
  }
  row.append(note(`${feeling(mean.value, locale)} of ${count(mean.ratings, locale)}`, width - 4, middle + 4, theme.muted, "end"));
  const label = `${NAMED[moment.moment]}, ${name}: ${meanWords(mean, locale)} of ${count(mean.ratings, locale)} journeys`;
  const tip = { title: `${NAMED[moment.moment]}, ${name}`, rows: [["Emotion", meanWords(mean, locale)], ["Journeys", count(mean.ratings, locale)], ["Not said", `${count(mean.missing, locale)} (${share(mean.missingShare, locale)})`]] as const };
  pickable(row, { key: keyOf(moment.moment, side), label, tip, pick: { kind: "node", field: "peakEnd", key: { moment: moment.moment, of: side } } }, context, tooltip);
  return row;
}

function moodRow(moment: Moment, { mood, units, outcome, small }: Mood, y: number, rates: ReturnType<typeof rateAxis>, { width }: Frame, context: Context, tooltip: Tooltip): SVGGElement {
  const { theme, locale } = context;
  const middle = y + ROW / 2;
  const row = svgElement("g");
  row.append(
    svgElement("rect", { x: 0, y, width, height: ROW, fill: "transparent" }), text(0, middle + 4, mood.toLowerCase(), theme.text),
    ...rateMark(rates, middle, outcome, small, theme.series[0]!, theme),
    note(`${share(outcome.value, locale)} of ${count(units, locale)}${small ? " n < 30" : ""}`, width - 4, middle + 4, theme.muted, "end"),
  );
  const title = `${NAMED[moment.moment]}, ${mood.toLowerCase()}`;
  pickable(row, { key: keyOf(moment.moment, mood), label: `${title}: ${withInterval(outcome, locale)} have the outcome`, tip: { title, rows: [["With the outcome", withInterval(outcome, locale)], ["Closed", count(units, locale)]] }, pick: { kind: "node", field: "peakEnd", key: { moment: moment.moment, of: mood } } }, context, tooltip);
  return row;
}

export const peakEnd: Figure<PeakEndAnswer> = {
  name: "peak-end",
  title: "Peak and end",
  selection: `{
  peakEnd {
    moment emotion ${MEAN} withOutcome ${MEAN} withoutOutcome ${MEAN} difference { value low high pValue }
    moods { mood units outcome { value low high } small }
  }
}`,
  isEmpty: ({ peakEnd: moments }) => moments.every(({ emotion }) => emotion.ratings === 0),
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
