/**
 * Which share has converted after how long, with those who have not yet counted as that: Kaplan
 * and Meier's curve, or Aalen and Johansen's, as a staircase with its interval, and below it how
 * many are still followed.
 */

import type { Cell, Figure, Table } from "./figure";
import { widthOf } from "./fitted";
import { count, duration, share, withInterval } from "./numbers";
import { drawPainting, type Painting, type Paper } from "./painted";
import { legend, text, type Key } from "./rows";
import { pickable, svgElement } from "./svg";
import { evenAxis, orderedAxis, type TimeAxis } from "./time_axis";

interface Probability {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

interface Quantile {
  readonly percent: number;
  readonly seconds: number | null;
  readonly lowSeconds: number | null;
  readonly highSeconds: number | null;
}

interface Point {
  readonly seconds: number;
  readonly atRisk: number;
  readonly conversions: number;
  readonly converted: Probability;
}

interface Times {
  readonly started: number;
  readonly converted: number;
  readonly competed: number;
  readonly ended: number;
  readonly open: number;
  readonly medianSeconds: number | null;
  readonly quantiles: readonly Quantile[];
  readonly nodes: readonly Point[];
  readonly small: boolean;
}

export interface TimeToConvertAnswer {
  readonly units: number;
  readonly horizonSeconds: number | null;
  readonly times: Times;
  readonly against: Times | null;
}

export type AxisKind = "even" | "orders";

const LEFT = 46;
const TOP = 66;
const BODY = 240;

function populations({ times, against }: TimeToConvertAnswer): readonly Times[] {
  return against ? [times, against] : [times];
}

function summary(answer: TimeToConvertAnswer): string {
  return populations(answer).map((times, number) => {
    const { started, converted, ended, competed, medianSeconds, nodes } = times;
    const others = ended + competed ? `, ${count(ended + competed)} ended otherwise` : "";
    const last = nodes.findLast(({ converted: estimate }) => estimate.value !== null);
    const half = medianSeconds === null ? "Half have not converted yet" : `Half have converted after ${duration(medianSeconds)}`;
    const most = last ? `; ${withInterval(last.converted)} after ${duration(last.seconds)}` : "";
    const who = number ? "Of the second population" : "Of those whose clock started";
    return `${who}, ${count(started)} of ${count(answer.units)}, ${count(converted)} converted and ${waiting(times, answer)}${others}. ${half}${most}.`;
  }).join(" ");
}

/** Those for whom the data ends first, or the horizon: whether they left is not asked here. */
function waiting({ open }: Times, { horizonSeconds }: TimeToConvertAnswer, locale = "en"): string {
  return horizonSeconds === null ? `${count(open, locale)} had not by the end of the data` : `${count(open, locale)} had not within ${duration(horizonSeconds, locale)}, or by the end of the data`;
}

function table(answer: TimeToConvertAnswer): Table {
  const rows: (readonly Cell[])[] = [];
  const keys: string[] = [];
  populations(answer).forEach((times, number) => {
    rows.push(["all", number + 1, null, times.started, times.converted, null, null, null, times.open, null, null, null]);
    keys.push(JSON.stringify(["all", number]));
    for (const { seconds, atRisk, conversions, converted } of times.nodes) {
      rows.push(["time", number + 1, seconds, atRisk, conversions, converted.value, converted.low, converted.high, null, null, null, null]);
      keys.push(JSON.stringify(["time", number, seconds]));
    }
    for (const { percent, seconds, lowSeconds, highSeconds } of times.quantiles) {
      rows.push(["percent", number + 1, null, null, null, percent / 100, null, null, null, seconds, lowSeconds, highSeconds]);
      keys.push(JSON.stringify(["percent", number, percent]));
    }
  });
  return {
    columns: [
      { name: "kind", title: "By" },
      { name: "population", title: "Population", unit: "number" },
      { name: "seconds", title: "After", unit: "seconds" },
      { name: "atRisk", title: "Still followed", unit: "count" },
      { name: "conversions", title: "Converted so far", unit: "count" },
      { name: "converted", title: "Share converted", unit: "rate" },
      { name: "low", title: "at least", unit: "rate" },
      { name: "high", title: "at most", unit: "rate" },
      { name: "open", title: "Not converted by the end", unit: "count" },
      { name: "reached", title: "Reached after", unit: "seconds" },
      { name: "reachedEarliest", title: "at the earliest", unit: "seconds" },
      { name: "reachedLatest", title: "at the latest", unit: "seconds" },
    ],
    rows,
    keys,
  };
}

type Step = readonly [seconds: number, share: number];

/** Times and shares that are known of a curve, as steps that never fall. */
function staircase(known: readonly (readonly [number | null, number | null])[]): Step[] {
  const steps = known.filter((step): step is Step => step[0] !== null && step[1] !== null).toSorted((one, other) => one[0] - other[0] || one[1] - other[1]);
  let most = 0;
  return steps.map(([seconds, height]) => [seconds, (most = Math.max(most, height))]);
}

interface Curve {
  readonly middle: readonly Step[];
  readonly low: readonly Step[];
  readonly high: readonly Step[];
  /** Until when anybody was followed, as far as it is known. */
  readonly end: number;
}

function curveOf({ quantiles, nodes }: Times): Curve {
  const known = nodes.filter(({ converted }) => converted.value !== null);
  const end = Math.max(0, known.at(-1)?.seconds ?? 0, ...quantiles.map(({ seconds }) => seconds ?? 0));
  const bounded = known.filter(({ converted }) => converted.low !== null);
  return {
    middle: staircase([...quantiles.map(({ seconds, percent }) => [seconds, percent / 100] as const), ...known.map(({ seconds, converted }) => [seconds, converted.value] as const)]),
    low: staircase([...quantiles.map(({ highSeconds, percent }) => [highSeconds, percent / 100] as const), ...bounded.map(({ seconds, converted }) => [seconds, converted.low] as const)]),
    high: staircase([...quantiles.map(({ lowSeconds, percent }) => [lowSeconds, percent / 100] as const), ...bounded.map(({ seconds, converted }) => [seconds, converted.high] as const)]),
    end,
  };
}

/** The chosen kind, or by orders where most of what happens does so in a small part of the time. */
function axisOf(curves: readonly Curve[], kind: AxisKind | null, width: number, locale: string): TimeAxis {
  const most = Math.max(1, ...curves.map(({ end }) => end));
  const steps = curves.flatMap(({ middle }) => middle);
  const half = Math.max(0, ...steps.map(([, height]) => height)) / 2;
  const soon = steps.find(([, height]) => height >= half)?.[0] ?? most;
  const orders = kind ? kind === "orders" : soon < most / 40;
  const least = Math.min(most / 10, ...steps.map(([seconds]) => seconds).filter((seconds) => seconds > 0));
  return orders ? orderedAxis(least, most, LEFT, width, locale) : evenAxis(most, LEFT, width, locale);
}

function paintOn(kind: AxisKind | null): (answer: TimeToConvertAnswer, paper: Paper) => Painting {
  return (answer, paper) => {
    const { theme, locale } = paper.context;
    const all = populations(answer);
    const curves = all.map(curveOf);
    const width = paper.width - LEFT - 28;
    const axis = axisOf(curves, kind, width, locale);
    const highest = Math.max(0.01, ...curves.flatMap(({ middle, high }) => [middle.at(-1)?.[1] ?? 0, Math.min(1, high.at(-1)?.[1] ?? 0)]));
    const top = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8].find((end) => highest <= end) ?? 1;
    const yOf = (height: number): number => TOP + BODY * (1 - Math.min(1, height / top));
    const keys = all.map((times, number): Key => ({
      words: `${all.length > 1 ? `${number + 1}: ` : ""}${count(times.converted, locale)} of ${count(times.started, locale)} converted, ${waiting(times, answer, locale)}`, fill: theme.series[number]!,
    }));
    return {
      width: paper.width,
      height: TOP + BODY + 44 + all.length * 18,
      parts: [
        text(0, 12, `${count(all.reduce((sum, one) => sum + one.started, 0), locale)} of ${count(answer.units, locale)} started; share converted by time since then, the others taken as followed until the data ends`, theme.muted),
        ...legend(32, keys, theme, (words) => widthOf(words, 11)),
        ...grid(axis, top, yOf, paper),
        ...all.flatMap((times, number) => [...staircases(curves[number]!, axis, yOf, theme.series[number]!), ...points(times, number, axis, yOf, paper), ...followed(times, number, axis, paper)]),
      ],
    };
  };
}

function grid(axis: TimeAxis, top: number, yOf: (share: number) => number, { context: { theme, locale }, width }: Paper): SVGElement[] {
  const across = [0, 0.25, 0.5, 0.75, 1].flatMap((part) => {
    const y = yOf(part * top);
    return [
      svgElement("line", { x1: LEFT, x2: width - 28, y1: y, y2: y, stroke: theme.line }),
      text(LEFT - 6, y + 4, share(part * top, locale), theme.muted, { "text-anchor": "end", "font-size": 11 }),
    ];
  });
  const along = axis.ticks.flatMap(({ seconds, label }) => [
    svgElement("line", { x1: axis.at(seconds), x2: axis.at(seconds), y1: TOP + BODY, y2: TOP + BODY + 4, stroke: theme.muted }),
    text(axis.at(seconds), TOP + BODY + 17, label, theme.muted, { "text-anchor": "middle", "font-size": 11 }),
  ]);
  return [...across, ...along];
}

function staircases({ middle, low, high, end }: Curve, axis: TimeAxis, yOf: (share: number) => number, fill: string): SVGElement[] {
  if (!middle.length) return [];
  const start: Step = [0, 0];
  const stairs = (steps: readonly Step[]): [number, number][] => {
    const drawn: [number, number][] = [];
    let y = yOf(0);
    for (const [seconds, height] of [start, ...steps]) {
      drawn.push([axis.at(seconds), y], [axis.at(seconds), (y = yOf(height))]);
    }
    return [...drawn, [axis.at(end), y]];
  };
  const within = (steps: readonly Step[]): Step[] => steps.filter(([seconds]) => seconds <= end);
  const path = (points: readonly (readonly [number, number])[]): string => `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`;
  const band = [...stairs(within(high)), ...stairs(within(low)).reverse()];
  return [
    svgElement("path", { d: `${path(band)}Z`, fill, "fill-opacity": 0.16 }),
    svgElement("path", { d: path(stairs(middle)), fill: "none", stroke: fill, "stroke-width": 2 }),
  ];
}

function points({ nodes }: Times, number: number, axis: TimeAxis, yOf: (share: number) => number, paper: Paper): SVGElement[] {
  const { theme, locale } = paper.context;
  return nodes.flatMap(({ seconds, atRisk, conversions, converted }) => {
    if (converted.value === null) return [];
    const x = axis.at(seconds);
    const y = yOf(converted.value);
    const small = atRisk < 30;
    const group = svgElement("g", {},
      svgElement("circle", { cx: x, cy: y, r: 9, fill: "transparent" }),
      svgElement("circle", { cx: x, cy: y, r: 3.5, fill: small ? theme.background : theme.series[number], stroke: theme.series[number], "stroke-width": 1.5 }));
    const tip = {
      title: `After ${duration(seconds, locale)}`,
      rows: [["Converted", withInterval(converted, locale)], ["Conversions so far", count(conversions, locale)], ["Still followed", count(atRisk, locale)]] as const,
      note: small ? "Fewer than 30 are still followed: read with care." : undefined,
    };
    pickable(group, { key: JSON.stringify(["time", number, seconds]), label: `${tip.title}: ${withInterval(converted, locale)} converted, ${count(atRisk, locale)} still followed`, tip, pick: { kind: "node", field: "time", key: { population: number, seconds } } }, paper.context, paper.tooltip);
    return [group];
  });
}

/** Below the axis: on how many the curve stands. */
function followed({ nodes, started }: Times, number: number, axis: TimeAxis, { context: { theme, locale }, width }: Paper): SVGElement[] {
  const y = TOP + BODY + 40 + number * 18;
  const shown: SVGElement[] = [text(0, y, "followed", theme.muted, { "font-size": 11 })];
  let from = 54;
  for (const { seconds, atRisk } of [{ seconds: 0, atRisk: started }, ...nodes]) {
    const words = count(atRisk, locale);
    const half = widthOf(words, 11) / 2;
    const x = Math.max(axis.at(seconds), 58 + half);
    if (x - half < from || x + half > width) continue;
    shown.push(text(x, y, words, number ? theme.series[1]! : theme.text, { "text-anchor": "middle", "font-size": 11 }));
    from = x + half + 8;
  }
  return shown;
}

const POPULATION = `{
    started converted competed ended open medianSeconds small
    quantiles { percent seconds lowSeconds highSeconds }
    nodes { seconds atRisk conversions converted { value low high } }
  }`;

/** The curve on an axis that was chosen; on the one that suits it, if none was. */
export function timeToConvertOn(kind: AxisKind | null): Figure<TimeToConvertAnswer> {
  return {
    name: "time-to-convert",
    title: "Time to convert",
    selection: `{
  units horizonSeconds
  times ${POPULATION}
  against ${POPULATION}
}`,
    isEmpty: (answer) => !answer.times.started,
    summary,
    table,
    draw: (host, answer, context) => drawPainting(paintOn(kind), host, answer, context),
  };
}

export const timeToConvert = timeToConvertOn(null);
