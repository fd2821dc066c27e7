/**
 * A measure over time: each period with its interval, those that the data does not fill and those of few
 * marked, who is not known yet below, and where the level changes.
 */

import type { Cell, Column, Context, Figure, Table } from "./figure";
import { widthOf } from "./fitted";
import { count, duration, money, number, probability, share, shortCount } from "./numbers";
import { drawPicture, feeling, note, ticksOf, type Painted } from "./picture";
import { hatch, HATCH, sign, text } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

export interface TrendPoint {
  readonly period: string;
  readonly whole: boolean;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly total: string | null;
  readonly n: number;
  readonly of: number;
  readonly open: number;
  readonly counted: number;
  readonly small: boolean;
}

interface LevelShift {
  readonly period: string;
  readonly before: number | null;
  readonly after: number | null;
  readonly pValue: number | null;
  readonly qValue: number | null;
  readonly significant: boolean;
}

export interface TrendAnswer {
  readonly units: number;
  readonly of: string;
  readonly every: string;
  readonly cohorts: boolean;
  readonly item: string | null;
  readonly kind: "COUNT" | "SUM" | "SHARE" | "MEAN";
  readonly meaning: string;
  readonly withinSeconds: number | null;
  readonly points: number;
  readonly nodes: readonly TrendPoint[];
  readonly changes: readonly LevelShift[];
  readonly tested: number;
}

type Print = (value: number | null, locale?: string, currency?: string | null) => string;

const HEIGHT = 320;
const TOP = 44;
const BOTTOM = 74;
const LEFT = 64;
const OPEN = 22;

function printOf({ kind, of }: TrendAnswer): Print {
  if (kind === "SHARE") return (value, locale) => share(value, locale);
  if (kind === "COUNT") return (value, locale) => count(value, locale);
  if (of === "EMOTION" || of === "GAP") return (value, locale = "en") => feeling(value, locale);
  return (value, locale, currency) => money(value === null ? null : value.toFixed(2), currency, locale);
}

/** In the little room beside an axis. */
function shortly(answer: TrendAnswer, value: number, locale: string): string {
  if (answer.kind === "SHARE") return share(value, locale);
  if (answer.of === "EMOTION" || answer.of === "GAP") return feeling(value, locale);
  return Math.abs(value) >= 1000 ? shortCount(value, locale) : number(value, locale);
}

function saidOf(answer: TrendAnswer, { value, low, high }: TrendPoint, locale = "en", currency: string | null = null): string {
  const print = printOf(answer);
  return low === null || high === null ? print(value, locale, currency) : `${print(value, locale, currency)} (${print(low, locale)}–${print(high, locale)})`;
}

function summary(answer: TrendAnswer): string {
  const { nodes, units, meaning, item, cohorts, withinSeconds, changes, points, tested } = answer;
  const [first, last] = [nodes[0], nodes.at(-1)];
  if (!first || !last) return "There are no periods.";
  const open = nodes.reduce((sum, node) => sum + node.open, 0);
  const partial = nodes.filter(({ whole }) => !whole).length;
  const found = changes.filter(({ significant }) => significant).map(({ period }) => period);
  return (
    `${meaning[0]!.toUpperCase()}${meaning.slice(1)}${item === null ? "" : `, ${item}`}, of ${count(units)}${cohorts ? ", by when customers were first seen" : ""}${withinSeconds === null ? "" : `, followed for ${duration(withinSeconds)}`}: ` +
    `${first.period} ${saidOf(answer, first)}, ${last.period} ${saidOf(answer, last)}${nodes.length < points ? `; ${count(nodes.length)} of ${count(points)} periods` : ""}. ` +
    (partial ? `${count(partial)} ${partial === 1 ? "period is" : "periods are"} partial. ` : "") + (open ? `Of ${count(open)} nobody knows yet. ` : "") +
    (found.length ? `The level changes beyond chance with ${found.join(", ")}.` : tested ? "No change of level is beyond chance." : "No change of level was looked for.")
  );
}

function valueUnit({ kind }: TrendAnswer): NonNullable<Column["unit"]> {
  return kind === "SHARE" ? "rate" : kind === "COUNT" ? "count" : "number";
}

function table(answer: TrendAnswer): Table {
  const unit = valueUnit(answer);
  const shifts = new Map(answer.changes.map((change) => [change.period, change]));
  return {
    columns: [
      { name: "period", title: answer.cohorts ? "First seen in" : "Period" },
      { name: "value", title: "Value", unit },
      { name: "low", title: "at least", unit },
      { name: "high", title: "at most", unit },
      { name: "n", title: "Count", unit: "count" },
      { name: "of", title: "of", unit: "count" },
      { name: "open", title: "Not known yet", unit: "count" },
      { name: "counted", title: "Customers", unit: "count" },
      { name: "before", title: "Level before", unit: "number" },
      { name: "after", title: "from here on", unit: "number" },
      { name: "pValue", title: "p", unit: "number" },
      { name: "qValue", title: "q", unit: "number" },
      { name: "mind", title: "To mind" },
    ],
    rows: answer.nodes.map((node): readonly Cell[] => {
      const shift = shifts.get(node.period);
      const mind = [...(node.whole ? [] : ["partial"]), ...(node.small ? ["n < 30"] : [])].join(", ");
      return [node.period, node.value, node.low, node.high, node.n, node.of, node.open, node.counted, shift?.before ?? null, shift?.after ?? null, shift?.pValue ?? null, shift?.qValue ?? null, mind || null];
    }),
    keys: answer.nodes.map(({ period }) => period),
  };
}

/** Where periods and numbers stand. */
interface Scale {
  readonly x: (place: number) => number;
  readonly y: (value: number) => number;
  readonly step: number;
  readonly ticks: readonly number[];
}

function scaleOf({ nodes, changes }: TrendAnswer, width: number): Scale {
  const ends = [...nodes.flatMap(({ value, low, high, small }) => [value, ...(small ? [] : [low, high])]), ...changes.flatMap(({ before, after }) => [before, after])].filter((end) => end !== null);
  const least = Math.min(0, ...ends);
  const most = Math.max(0, ...ends);
  const reach = (most - least || 1) * 1.06;
  const top = least + reach;
  const bottom = least < 0 ? least - reach * 0.05 : 0;
  const step = (width - LEFT - 8) / Math.max(1, nodes.length);
  const [low, high] = [HEIGHT - BOTTOM, TOP];
  return {
    step, x: (place) => LEFT + step * (place + 0.5), ticks: ticksOf(bottom, top, 5),
    y: (value) => low - ((Math.max(bottom, Math.min(top, value)) - bottom) / (top - bottom)) * (low - high),
  };
}

function paint(answer: TrendAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale } = context;
  const { nodes } = answer;
  const scale = scaleOf(answer, width);
  const skip = Math.max(1, Math.ceil((widthOf(nodes[0]?.period ?? "", 11) + 14) / scale.step));
  const bottom = HEIGHT - BOTTOM;
  const parts: SVGElement[] = [
    hatch(theme),
    ...scale.ticks.flatMap((tick) => [
      svgElement("line", { x1: LEFT, x2: width, y1: scale.y(tick), y2: scale.y(tick), stroke: tick === 0 ? theme.muted : theme.line }),
      note(shortly(answer, tick, locale), LEFT - 8, scale.y(tick) + 4, theme.muted, "end"),
    ]),
    ...bands(nodes, scale, context), ...lines(nodes, scale, context), ...levels(answer, scale, context, width),
    ...opens(nodes, scale, context),
    ...nodes.map((node, place) => mark(answer, node, place, scale, context, tooltip)),
    ...nodes.flatMap(({ period }, place) => (place % skip === 0 ? [note(period, scale.x(place), bottom + OPEN + 18, theme.muted, "middle")] : [])),
    note("Hollow: fewer than 30 customers, whose interval may go on beyond the picture. Dashed: partial.", LEFT, HEIGHT - 12, theme.muted),
    note("Hatched, below: not known yet, and in no number.", LEFT, HEIGHT + 4, theme.muted),
  ];
  return { height: HEIGHT + 12, parts };
}

/** Runs of neighbours that have an interval. */
function bands(nodes: readonly TrendPoint[], { x, y, step }: Scale, { theme }: Context): readonly SVGElement[] {
  const runs: number[][] = [];
  nodes.forEach(({ low, high }, place) => {
    if (low === null || high === null) return;
    if (runs.at(-1)?.at(-1) === place - 1) runs.at(-1)!.push(place);
    else runs.push([place]);
  });
  return runs.map((run) => {
    const [first, last] = [run[0]!, run.at(-1)!];
    const ends = run.length > 1 ? run.map((place) => [x(place), place] as const) : [[x(first) - step / 4, first], [x(last) + step / 4, last]] as const;
    const points = [...ends.map(([at, place]) => `${at} ${y(nodes[place]!.high!)}`), ...[...ends].reverse().map(([at, place]) => `${at} ${y(nodes[place]!.low!)}`)];
    return svgElement("path", { d: `M${points.join("L")}Z`, fill: theme.series[0], "fill-opacity": 0.16 });
  });
}

/** From each period to the next; dashed where one of the two is partial. */
function lines(nodes: readonly TrendPoint[], { x, y }: Scale, { theme }: Context): readonly SVGElement[] {
  return nodes.slice(1).flatMap((node, before) => {
    const from = nodes[before]!;
    if (node.value === null || from.value === null) return [];
    return [svgElement("line", {
      x1: x(before), x2: x(before + 1), y1: y(from.value), y2: y(node.value), stroke: theme.series[0], "stroke-width": 2, "stroke-dasharray": node.whole && from.whole ? undefined : "4 4",
    })];
  });
}

/** The level between changes, and how sure each of them is. */
function levels(answer: TrendAnswer, { x, y, step }: Scale, { theme, locale, currency }: Context, width: number): readonly SVGElement[] {
  const { nodes, changes } = answer;
  const places = changes.map(({ period }) => nodes.findIndex((node) => node.period === period));
  const print = printOf(answer);
  return changes.flatMap((change, number) => {
    const place = places[number]!;
    if (place < 0) return [];
    const at = x(place) - step / 2;
    const [from, to] = [Math.max(0, places[number - 1] ?? 0), places[number + 1] ?? nodes.length];
    const colour = change.significant ? theme.accent : theme.muted;
    const level = (value: number | null, begin: number, end: number): readonly SVGElement[] => (value === null ? [] : [
      svgElement("line", { x1: x(begin) - step / 2, x2: x(end) - step / 2, y1: y(value), y2: y(value), stroke: colour, "stroke-width": 2, "stroke-opacity": 0.7 }),
    ]);
    const room = Math.min(width, number + 1 < changes.length ? x(to) - step / 2 : width) - at - 8;
    return [
      svgElement("line", { x1: at, x2: at, y1: TOP - 18, y2: HEIGHT - BOTTOM, stroke: colour, "stroke-dasharray": "3 3" }),
      ...(number === 0 ? level(change.before, from, place) : []), ...level(change.after, place, to),
      text(at + 4, TOP - 22, whereRoom(`${print(change.before, locale, currency)} → ${print(change.after, locale, currency)}`, room, 600), colour, { "font-size": 11, "font-weight": 600 }),
      note(whereRoom(`p ${probability(change.pValue, locale)}, q ${probability(change.qValue, locale)}`, room), at + 4, TOP - 8, theme.muted),
    ];
  });
}

/** A number that is cut says nothing: all of it stands in the table. */
function whereRoom(words: string, room: number, weight = 400): string {
  return widthOf(words, 11, weight) <= room ? words : "";
}

/** How many of each period nobody knows yet, beside those known. */
function opens(nodes: readonly TrendPoint[], { x, step }: Scale, { theme }: Context): readonly SVGElement[] {
  const most = Math.max(...nodes.map(({ open }) => open), 0);
  if (!most) return [];
  const top = HEIGHT - BOTTOM + 3;
  return nodes.flatMap(({ open }, place) => {
    const height = open ? Math.max(1, (open / most) * (OPEN - 4)) : 0;
    const shape = { x: x(place) - step * 0.3, y: top, width: step * 0.6, height };
    return open ? [svgElement("rect", { ...shape, fill: theme.open }), svgElement("rect", { ...shape, fill: HATCH })] : [];
  });
}

function mark(answer: TrendAnswer, node: TrendPoint, place: number, { x, y, step }: Scale, context: Context, tooltip: Tooltip): SVGElement {
  const { theme, locale, currency } = context;
  const { period, value, small, whole, counted, open } = node;
  const at = x(place);
  const group = svgElement("g", {}, svgElement("rect", { x: at - step / 2, y: TOP, width: step, height: HEIGHT - BOTTOM - TOP + OPEN, fill: "transparent" }));
  if (value !== null) {
    const size = Math.min(4.5, Math.max(2, step / 3));
    group.append(svgElement("circle", { cx: at, cy: y(value), r: size, fill: small ? theme.background : theme.series[0], stroke: theme.series[0], "stroke-width": 1.5, "stroke-dasharray": whole ? undefined : "2 2" }));
    const differs = sign(context, period).trim();
    if (differs) group.append(text(at, y(value) - 9, differs, theme.text, { "text-anchor": "middle", "font-size": 11 }));
  }
  const said = saidOf(answer, node, locale, currency ?? null);
  const mind = [...(whole ? [] : ["The data does not fill this period."]), ...(small ? ["Fewer than 30 customers: read with care."] : [])].join(" ");
  const rows = [
    [answer.cohorts ? "Of this cohort" : "Value", said], ...(node.total === null ? [] : [["Exactly", money(node.total, currency, locale)] as const]),
    ...(answer.kind === "COUNT" ? [] : [["Counts", `${count(node.n, locale)} of ${count(node.of, locale)}`] as const]),
    ["Customers", count(counted, locale)], ...(open ? [["Not known yet", count(open, locale)] as const] : []),
  ] as readonly (readonly [string, string])[];
  const label = `${period}${whole ? "" : ", partial"}: ${said}, ${count(counted, locale)} customers${open ? `, ${count(open, locale)} not known yet` : ""}`;
  pickable(group, { key: period, label, tip: { title: period, rows, note: mind || undefined }, pick: { kind: "node", field: "trend", key: { place } } }, context, tooltip);
  return group;
}

export const trend: Figure<TrendAnswer> = {
  name: "journey-trend",
  title: "Over time",
  selection: `{
  units of every cohorts item kind meaning withinSeconds points tested
  nodes { period whole value low high total n of open counted small }
  changes { period before after pValue qValue significant }
}`,
  isEmpty: ({ nodes }) => nodes.every(({ n, of, open }) => n === 0 && of === 0 && open === 0),
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
