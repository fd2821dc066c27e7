/**
 * The journey map: stages side by side in their order; in each who is there, who is last seen there, how
 * they feel, and a card for every touchpoint met in it. Feelings are a curve over the stages.
 */

import type { Cell, Context, Figure, Pick, Table } from "./figure";
import { fitted, widthOf } from "./fitted";
import { count, duration, share, withInterval } from "./numbers";
import { drawPicture, feeling, feelingColour, note, ticksOf, type Painted } from "./picture";
import { sign } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

interface Estimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

interface Mean extends Estimate {
  readonly ratings: number;
  readonly units: number;
  readonly missing: number;
}

interface MapStage {
  readonly stage: string | null;
  readonly units: number;
  readonly share: number | null;
  readonly count: number;
  readonly exits: number;
  readonly open: number;
  readonly withOutcome: number;
  readonly rate: Estimate;
  readonly emotion: Mean;
  readonly gap: Mean;
  readonly small: boolean;
}

interface MapCell extends MapStage {
  readonly item: string;
}

export interface JourneyMapAnswer {
  readonly units: number;
  readonly count: number;
  readonly exits: number;
  readonly open: number;
  readonly withOutcome: number;
  readonly inactivitySeconds: number | null;
  readonly emotion: Mean;
  readonly gap: Mean;
  readonly stages: readonly MapStage[];
  readonly cells: number;
  readonly nodes: readonly MapCell[];
  readonly otherCells: number;
  readonly otherCount: number;
}

const GUTTER = 92;
const GAP = 10;
const HEAD = 64;
const FATES = 62;
const CURVE = 168;
const CARD = 54;

function nameOf(stage: string | null): string {
  return stage ?? "no stage said";
}

function keyOf(row: MapStage | MapCell): string {
  return JSON.stringify("item" in row ? [row.stage, row.item] : [row.stage]);
}

function summary(answer: JourneyMapAnswer): string {
  const stages = answer.stages.map(({ stage, units }) => `${nameOf(stage)} ${count(units)}`).join(", ");
  const felt = answer.emotion.ratings
    ? ` ${count(answer.emotion.ratings)} of ${count(answer.emotion.ratings + answer.emotion.missing)} interactions say how customers felt: ${feeling(answer.emotion.value, "en")} on average, from −1 to 1.`
    : " No interaction says how customers felt.";
  const left = answer.otherCells ? ` ${count(answer.otherCells)} of ${count(answer.cells)} touchpoints in stages are not listed; they were met ${count(answer.otherCount)} times.` : "";
  return (
    `${count(answer.units)} in all, by stage: ${stages}. ${count(answer.exits)} left without the outcome, ${count(answer.withOutcome)} had it, ` +
    `${count(answer.open)} are still open (seen in the last ${duration(answer.inactivitySeconds)}).${felt}${left}`
  );
}

function cellsOf(row: MapStage | MapCell): readonly Cell[] {
  return [
    nameOf(row.stage), "item" in row ? row.item : "(all)", row.units, row.share, row.count, row.exits, row.open, row.withOutcome,
    row.rate.value, row.rate.low, row.rate.high, row.emotion.value, row.emotion.low, row.emotion.high, row.emotion.ratings,
    row.gap.value, row.gap.low, row.gap.high, row.gap.ratings, row.small ? "n < 30" : null,
  ];
}

function othersOf({ otherCells, otherCount }: JourneyMapAnswer): readonly Cell[] {
  return ["(other)", `(${count(otherCells)} more)`, null, null, otherCount, ...Array<null>(15).fill(null)];
}

function table(answer: JourneyMapAnswer): Table {
  const rows = [...answer.stages, ...answer.nodes];
  return {
    columns: [
      { name: "stage", title: "Stage" },
      { name: "item", title: "Touchpoint" },
      { name: "units", title: "Units", unit: "count" },
      { name: "share", title: "Share", unit: "share" },
      { name: "count", title: "Times", unit: "count" },
      { name: "exits", title: "Left here", unit: "count" },
      { name: "open", title: "Still open", unit: "count" },
      { name: "withOutcome", title: "With outcome", unit: "count" },
      { name: "rate", title: "Exit rate", unit: "rate" },
      { name: "rateLow", title: "at least", unit: "rate" },
      { name: "rateHigh", title: "at most", unit: "rate" },
      { name: "emotion", title: "Emotion", unit: "number" },
      { name: "emotionLow", title: "at least", unit: "number" },
      { name: "emotionHigh", title: "at most", unit: "number" },
      { name: "emotionRatings", title: "of ratings", unit: "count" },
      { name: "gap", title: "Gap", unit: "number" },
      { name: "gapLow", title: "at least", unit: "number" },
      { name: "gapHigh", title: "at most", unit: "number" },
      { name: "gapRatings", title: "of ratings", unit: "count" },
      { name: "small", title: "To mind" },
    ],
    rows: [...rows.map(cellsOf), ...(answer.otherCells ? [othersOf(answer)] : [])],
    keys: [...rows.map(keyOf), ...(answer.otherCells ? ["other"] : [])],
  };
}

/** Where a stage's column begins, and how wide it is. */
interface Columns {
  readonly x: (place: number) => number;
  readonly width: number;
}

function tipRows(row: MapStage, { locale }: Context): readonly (readonly [string, string])[] {
  const felt = (mean: Mean): string =>
    `${feeling(mean.value, locale)}${mean.low == null ? "" : ` (${feeling(mean.low, locale)} to ${feeling(mean.high, locale)})`}, ${count(mean.ratings, locale)} ratings`;
  return [
    ["Met by", `${count(row.units, locale)} (${share(row.share, locale)} of all)`],
    ["How often", count(row.count, locale)],
    ["Left here", `${count(row.exits, locale)}: ${withInterval(row.rate, locale)}`],
    ["Last seen here, still open", count(row.open, locale)],
    ["Last seen here, with outcome", count(row.withOutcome, locale)],
    ...(row.emotion.ratings ? [["Emotion", felt(row.emotion)] as const] : []),
    ...(row.gap.ratings ? [["Found less expected", felt(row.gap)] as const] : []),
  ];
}

function stageHead(row: MapStage, x: number, width: number, context: Context, tooltip: Tooltip): SVGGElement {
  const { theme, locale } = context;
  const group = svgElement("g");
  group.append(
    svgElement("rect", { x, y: 0, width, height: HEAD - 8, rx: 6, fill: theme.raised }),
    svgElement("text", { x: x + 10, y: 21, fill: theme.text, "font-weight": 600, "font-size": 14 }, fitted(nameOf(row.stage), width - 20, 14)),
    svgElement("text", { x: x + 10, y: 40, fill: theme.muted, "font-size": 12 },
      fitted(`${count(row.units, locale)} · ${share(row.share, locale)}${row.small ? " · n < 30" : ""}${sign(context, keyOf(row))}`, width - 16, 12)),
    svgElement("rect", { x: x + 10, y: 47, width: width - 20, height: 3, rx: 1.5, fill: theme.line }),
    svgElement("rect", { x: x + 10, y: 47, width: Math.max(1, (width - 20) * (row.share ?? 0)), height: 3, rx: 1.5, fill: theme.series[0] }),
  );
  const pick: Pick | null = row.stage == null ? null : { kind: "stage", stage: row.stage };
  const label = `Stage ${nameOf(row.stage)}: ${count(row.units, locale)}, ${share(row.share, locale)} of all; ${count(row.exits, locale)} left here, ${withInterval(row.rate, locale)}`;
  pickable(group, { key: keyOf(row), label, tip: { title: nameOf(row.stage), rows: tipRows(row, context), note: row.small ? "Fewer than 30: read with care." : undefined }, pick }, context, tooltip);
  return group;
}

/** Of those who were in the stage: who went on, who had the outcome, who is open, who left. */
function fateBar(row: MapStage, x: number, y: number, width: number, { theme, locale }: Context): readonly SVGElement[] {
  const scale = width / Math.max(1, row.units);
  const parts: SVGElement[] = [svgElement("rect", { x, y, width, height: 10, rx: 2, fill: theme.line })];
  let at = x;
  for (const [many, fill] of [[row.exits, theme.bad], [row.open, theme.open], [row.withOutcome, theme.good]] as const) {
    if (many > 0) parts.push(svgElement("rect", { x: at, y, width: Math.max(1, many * scale), height: 10, fill }));
    at += many * scale;
  }
  parts.push(svgElement("text", { x, y: y + 26, fill: theme.text, "font-size": 12 }, fitted(`${share(row.rate.value, locale)} leave (${count(row.exits, locale)})`, width, 12)));
  if (row.rate.low != null) parts.push(note(fitted(`${share(row.rate.low, locale)} to ${share(row.rate.high, locale)}`, width, 11), x, y + 40, theme.muted));
  return parts;
}

/** Emotion, and how far what was found fell short of what was expected, over the stages. */
function curves(answer: JourneyMapAnswer, top: number, columns: Columns, width: number, { theme, locale }: Context): readonly SVGElement[] {
  const lines = [
    { mean: (row: MapStage) => row.emotion, colour: theme.series[0]!, dash: undefined, name: "emotion", side: -1 },
    { mean: (row: MapStage) => row.gap, colour: theme.series[3]!, dash: "5 4", name: "gap", side: 1 },
  ].filter(({ mean }) => answer.stages.some((row) => mean(row).value != null));
  const ends = lines.flatMap(({ mean }) => answer.stages.flatMap((row) => [mean(row).value, mean(row).low, mean(row).high]));
  const reach = Math.max(0.1, ...ends.map((end) => Math.abs(end ?? 0)));
  const most = [0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2].find((size) => size >= reach * 1.02) ?? 2;
  const y = (x: number): number => top + 24 + ((most - Math.max(-most, Math.min(most, x))) / (2 * most)) * (CURVE - 64);
  const parts: SVGElement[] = [
    ...ticksOf(-most, most, 4).flatMap((tick) => [
      svgElement("line", { x1: GUTTER, x2: width, y1: y(tick), y2: y(tick), stroke: tick === 0 ? theme.muted : theme.line, "stroke-dasharray": tick === 0 ? undefined : "2 4" }),
      note(feeling(tick, locale), GUTTER + 2, y(tick) - 3, theme.muted),
    ]),
  ];
  lines.forEach(({ mean, colour, dash, side }) => {
    const points = answer.stages.map((row, place) => ({ x: columns.x(place) + columns.width / 2 + 5 * side, felt: mean(row) })).filter(({ felt }) => felt.value != null);
    parts.push(svgElement("path", { d: smooth(points.map(({ x, felt }) => [x, y(felt.value!)])), fill: "none", stroke: colour, "stroke-width": 2, "stroke-dasharray": dash }));
    for (const { x, felt } of points) {
      if (felt.low != null && felt.high != null) parts.push(svgElement("line", { x1: x, x2: x, y1: y(felt.low), y2: y(felt.high), stroke: colour, "stroke-width": 6, "stroke-opacity": 0.3 }));
      parts.push(side < 0
        ? svgElement("circle", { cx: x, cy: y(felt.value!), r: 4.5, fill: colour, stroke: theme.background, "stroke-width": 1.5 })
        : svgElement("path", { d: `M${x} ${y(felt.value!) - 5.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5z`, fill: colour, stroke: theme.background, "stroke-width": 1.5 }));
      parts.push(svgElement("text", { x: x + 10 * side, y: y(felt.value!) + (side < 0 ? -7 : 15), "text-anchor": side < 0 ? "end" : "start", fill: theme.text, "font-size": 12, "font-weight": 600 }, feeling(felt.value, locale)));
    }
  });
  answer.stages.forEach(({ emotion, count: all }, place) => {
    parts.push(note(fitted(`${count(emotion.ratings, locale)} of ${count(all, locale)} rated`, columns.width, 11), columns.x(place) + columns.width / 2, top + CURVE - 12, theme.muted, "middle"));
  });
  if (lines.some(({ name }) => name === "emotion")) {
    parts.push(svgElement("circle", { cx: 5, cy: top + 22, r: 4.5, fill: theme.series[0] }), note("emotion", 14, top + 26, theme.text));
  }
  if (lines.some(({ name }) => name === "gap")) {
    parts.push(svgElement("path", { d: `M5 ${top + 35}l5 5l-5 5l-5 -5z`, fill: theme.series[3] }), note("found less", 14, top + 40, theme.text), note("expected", 14, top + 53, theme.text));
  }
  return parts;
}

/** A curve through the points that does not overshoot: level where it meets each of them. */
function smooth(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], place) => {
    if (place === 0) return `M${x} ${y}`;
    const [beforeX, beforeY] = points[place - 1]!;
    const middle = (beforeX + x) / 2;
    return `C${middle} ${beforeY} ${middle} ${y} ${x} ${y}`;
  }).join("");
}

function card(row: MapCell, x: number, y: number, width: number, context: Context, tooltip: Tooltip): SVGGElement {
  const { theme, locale } = context;
  const group = svgElement("g");
  const felt = row.emotion.value;
  // where there is little room the name has it, and the dot says how it felt
  const isNarrow = width < 150;
  const says = felt == null ? "" : feeling(felt, locale);
  const room = width - 20;
  const bar = Math.max(1, room * (row.share ?? 0));
  const leaving = row.units > 0 ? (bar * row.exits) / row.units : 0;
  group.append(
    svgElement("rect", { x, y, width, height: CARD - 6, rx: 5, fill: theme.background, stroke: theme.line, "stroke-dasharray": row.small ? "4 3" : undefined }),
    svgElement("text", { x: x + 10, y: y + 17, fill: theme.text, "font-size": 12.5 }, fitted(row.item, room - (says ? (isNarrow ? 10 : 54) : 0), 12.5)),
    svgElement("rect", { x: x + 10, y: y + 24, width: room, height: 5, rx: 2, fill: theme.raised }),
    svgElement("rect", { x: x + 10, y: y + 24, width: bar, height: 5, rx: 2, fill: theme.series[0] }),
  );
  if (leaving > 0) group.append(svgElement("rect", { x: x + 10, y: y + 24, width: Math.max(1, leaving), height: 5, rx: 2, fill: theme.bad }));
  if (felt != null) {
    group.append(
      svgElement("text", { x: x + width - 20, y: y + 16, fill: theme.text, "text-anchor": "end", "font-size": 11 }, isNarrow ? "" : says),
      svgElement("circle", { cx: x + width - 12, cy: y + 12, r: 4, fill: feelingColour(felt, theme) }),
    );
  }
  const met = `${count(row.units, locale)}${sign(context, keyOf(row))}`;
  const leave = row.small ? "n < 30" : row.exits > 0 ? `${share(row.rate.value, locale)} leave` : "";
  group.append(note(met, x + 10, y + 42, theme.muted));
  if (widthOf(met + leave, 11) + 8 < room) group.append(note(leave, x + width - 10, y + 42, row.small ? theme.muted : theme.text, "end"));
  const label = `${row.item} in ${nameOf(row.stage)}: ${count(row.units, locale)}, ${withInterval(row.rate, locale)} leave${felt == null ? "" : `, emotion ${says}`}`;
  const tip = { title: `${row.item} · ${nameOf(row.stage)}`, rows: tipRows(row, context), note: row.small ? "Fewer than 30: read with care." : undefined };
  pickable(group, { key: keyOf(row), label, tip, pick: { kind: "node", field: "journeyMap", key: { stage: row.stage, item: row.item } } }, context, tooltip);
  return group;
}

function paint(answer: JourneyMapAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale } = context;
  const many = Math.max(1, answer.stages.length);
  const columns: Columns = {
    width: (width - GUTTER - GAP * (many - 1)) / many,
    x: (place) => GUTTER + place * ((width - GUTTER + GAP) / many),
  };
  const isFelt = answer.emotion.ratings > 0 || answer.gap.ratings > 0;
  const curveTop = HEAD + FATES;
  const cardsTop = curveTop + (isFelt ? CURVE : 24);
  const parts: SVGElement[] = [
    note("Customers", 0, 21, theme.muted),
    note(`of ${count(answer.units, locale)}`, 0, 38, theme.muted),
    note("Last seen here", 0, HEAD + 12, theme.muted),
    ...[["left", theme.bad], ["open", theme.open], ["outcome", theme.good]].flatMap(([word, fill], place) => [
      svgElement("rect", { x: 0, y: HEAD + 18 + place * 13, width: 8, height: 8, fill }), note(word!, 13, HEAD + 26 + place * 13, theme.muted),
    ]),
    ...answer.stages.map((row, place) => stageHead(row, columns.x(place), columns.width, context, tooltip)),
    ...answer.stages.flatMap((row, place) => fateBar(row, columns.x(place), HEAD + 4, columns.width, context)),
    ...(isFelt ? curves(answer, curveTop, columns, width, context) : [note("Nothing in this data says how customers felt.", GUTTER, curveTop + 12, theme.muted)]),
    note("Touchpoints", 0, cardsTop + 17, theme.muted),
    note("bar: share of all", 0, cardsTop + 32, theme.muted),
    svgElement("rect", { x: 0, y: cardsTop + 38, width: 8, height: 8, fill: theme.bad }), note("left here", 13, cardsTop + 46, theme.muted),
  ];
  let tallest = 1;
  answer.stages.forEach(({ stage }, place) => {
    const cells = answer.nodes.filter((row) => row.stage === stage);
    tallest = Math.max(tallest, cells.length);
    cells.forEach((row, rank) => parts.push(card(row, columns.x(place), cardsTop + rank * CARD, columns.width, context, tooltip)));
  });
  let height = cardsTop + tallest * CARD + 4;
  if (answer.otherCells) {
    parts.push(note(`${count(answer.otherCells, locale)} more, met ${count(answer.otherCount, locale)} times, are not listed.`, GUTTER, height + 12, theme.muted));
    height += 20;
  }
  return { height, parts };
}

const MEAN = "{ value low high ratings units missing }";
const NUMBERS = `units share count exits open withOutcome rate { value low high } emotion ${MEAN} gap ${MEAN} small`;

export const journeyMap: Figure<JourneyMapAnswer> = {
  name: "journey-map",
  title: "Journey map",
  selection: `{
  units count exits open withOutcome inactivitySeconds emotion ${MEAN} gap ${MEAN}
  stages { stage ${NUMBERS} }
  cells
  nodes { stage item ${NUMBERS} }
  otherCells otherCount
}`,
  isEmpty: (answer) => answer.stages.length === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
