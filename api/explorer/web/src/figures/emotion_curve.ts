/** Feelings along the stages, with their intervals; what was expected and what was found beside them. */

import type { Context, Figure, Table } from "./figure";
import { FELT, feltCells, feltColumns, feltTip, meanWords, ratedWords, whisker, type Felt, type Mean } from "./felt";
import { fitted, widthOf } from "./fitted";
import { count, NOTHING, share } from "./numbers";
import { drawPicture, feeling, feelingColour, note, ticksOf, type Painted } from "./picture";
import { legend, sign } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

interface FeltGroup extends Felt {
  readonly group: string;
}

export interface EmotionCurveAnswer {
  readonly units: number;
  readonly count: number;
  readonly overall: { readonly emotion: Mean; readonly gap: Mean };
  readonly curve: readonly FeltGroup[];
  readonly phases: readonly FeltGroup[];
}

const GUTTER = 52;
const TOP = 36;
const PLOT = 210;
const BELOW = TOP + PLOT;
const TILES = BELOW + 84;

const PHASES: Readonly<Record<string, string>> = { before: "before the purchase", during: "during the purchase", after: "after the purchase" };

function keyOf(part: "stage" | "phase", group: string): string {
  return JSON.stringify([part, group]);
}

function summary({ overall, curve, units }: EmotionCurveAnswer): string {
  const felt = overall.emotion.ratings ? `On average ${meanWords(overall.emotion)} from −1 to 1: ${ratedWords(overall.emotion)}.` : "No interaction says how customers felt.";
  const gap = overall.gap.ratings ? ` What was found less what was expected is ${meanWords(overall.gap)}.` : "";
  return `${felt}${gap} By stage, of ${count(units)}: ${curve.map(({ group, emotion }) => `${group} ${feeling(emotion.value, "en")}`).join(", ")}.`;
}

function table({ curve, phases }: EmotionCurveAnswer): Table {
  return {
    columns: [{ name: "part", title: "Of" }, { name: "group", title: "Stage" }, ...feltColumns()],
    rows: [...curve.map((felt) => ["stage", felt.group, ...feltCells(felt)]), ...phases.map((felt) => ["phase", felt.group, ...feltCells(felt)])],
    keys: [...curve.map(({ group }) => keyOf("stage", group)), ...phases.map(({ group }) => keyOf("phase", group))],
  };
}

type Scale = (value: number) => number;

function heights(curve: readonly FeltGroup[]): { readonly y: Scale; readonly ticks: readonly number[] } {
  const ends = curve.flatMap(({ emotion, expectation, experience }) => [emotion, expectation, experience].flatMap(({ value, low, high }) => [value, low, high]))
    .filter((end) => end !== null);
  const [least, most] = [Math.min(-0.1, ...ends), Math.max(0.1, ...ends)];
  const room = (most - least) * 0.08;
  const [low, high] = [Math.max(-1, least - room), Math.min(1, most + room)];
  return { y: (value) => TOP + PLOT - ((value - low) / (high - low)) * PLOT, ticks: ticksOf(low, high, 5) };
}

function paint(answer: EmotionCurveAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale } = context;
  const { curve, phases } = answer;
  const { y, ticks } = heights(curve);
  const step = (width - GUTTER) / Math.max(1, curve.length);
  const x = (place: number): number => GUTTER + step * (place + 0.5);
  const keys = [{ words: "emotion, its interval", fill: theme.series[0]! }, { words: "expected", fill: theme.muted }, { words: "found less than expected", fill: theme.bad }, { words: "found more", fill: theme.good }];
  const parts: SVGElement[] = [
    ...legend(14, keys, theme, (words) => widthOf(words, 11)),
    ...ticks.flatMap((tick) => [
      svgElement("line", { x1: GUTTER, x2: width, y1: y(tick), y2: y(tick), stroke: Math.abs(tick) < 1e-9 ? theme.muted : theme.line }),
      note(feeling(tick, locale), GUTTER - 8, y(tick) + 4, theme.muted, "end"),
    ]),
  ];
  const felt = curve.flatMap(({ emotion }, place) => (emotion.value === null ? [] : [`${x(place)} ${y(emotion.value)}`]));
  if (felt.length > 1) parts.push(svgElement("path", { d: `M${felt.join("L")}`, stroke: theme.series[0], "stroke-width": 2, fill: "none" }));
  curve.forEach((stage, place) => parts.push(stageMarks(stage, x(place), step, y, context, tooltip)));
  phases.forEach((phase, place) => parts.push(phaseTile(phase, place, phases.length, width, context, tooltip)));
  return { height: phases.length ? TILES + 68 : TILES, parts };
}

function stageMarks(stage: FeltGroup, x: number, step: number, y: Scale, context: Context, tooltip: Tooltip): SVGGElement {
  const { theme, locale } = context;
  const { group, emotion, gap, met } = stage;
  const mark = svgElement("g");
  mark.append(
    svgElement("rect", { x: x - step / 2, y: TOP, width: step, height: PLOT + 76, fill: "transparent" }),
    svgElement("text", { x, y: BELOW + 20, fill: theme.text, "text-anchor": "middle", "font-weight": 600 }, fitted(group, step - 12, 12, 600)),
    ...ratedBar(emotion, x, step, context),
    note(gap.value === null ? "no gap known" : `gap ${feeling(gap.value, locale)} · ${share(met.value, locale)} met`, x, BELOW + 68, theme.muted, "middle"),
    ...expectedAndFound(stage, Math.min(x + 34, x + step / 3), y, context),
  );
  if (emotion.value !== null) {
    if (emotion.low !== null && emotion.high !== null) mark.append(whisker({ x, y: y(emotion.low) }, { x, y: y(emotion.high) }, theme.series[0]!, 2));
    mark.append(
      svgElement("circle", { cx: x, cy: y(emotion.value), r: 5, fill: stage.small ? theme.background : theme.series[0], stroke: theme.series[0], "stroke-width": 2 }),
      svgElement("text", { x: x - 12, y: y(emotion.value) - 9, fill: theme.text, "text-anchor": "end", "font-weight": 600 }, `${feeling(emotion.value, locale)}${sign(context, keyOf("stage", group))}`),
    );
  }
  const label = `${group}: emotion ${meanWords(emotion, locale)}, ${ratedWords(emotion, locale)}; gap ${meanWords(gap, locale)}`;
  pickable(mark, { key: keyOf("stage", group), label, tip: { title: group, rows: feltTip(stage, context), note: stage.small ? "Fewer than 30: read with care." : undefined }, pick: { kind: "node", field: "curve", key: { group } } }, context, tooltip);
  return mark;
}

/** How many said anything: the rest of the bar did not. */
function ratedBar({ ratings, missing, missingShare }: Mean, x: number, step: number, { theme, locale }: Context): SVGElement[] {
  const width = Math.min(120, step - 24);
  return [
    svgElement("rect", { x: x - width / 2, y: BELOW + 28, width, height: 5, rx: 2, fill: theme.other }),
    svgElement("rect", { x: x - width / 2, y: BELOW + 28, width: width * (1 - (missingShare ?? 1)), height: 5, rx: 2, fill: theme.series[0] }),
    note(`${count(ratings, locale)} of ${count(ratings + missing, locale)} rated`, x, BELOW + 50, theme.muted, "middle"),
  ];
}

/** From what was expected, hollow, to what was found. */
function expectedAndFound({ expectation, experience }: Felt, x: number, y: Scale, { theme }: Context): SVGElement[] {
  if (expectation.value === null || experience.value === null) return [];
  const colour = experience.value < expectation.value ? theme.bad : theme.good;
  return [
    svgElement("line", { x1: x, x2: x, y1: y(expectation.value), y2: y(experience.value), stroke: colour, "stroke-width": 2 }),
    svgElement("circle", { cx: x, cy: y(expectation.value), r: 4, fill: theme.background, stroke: theme.muted, "stroke-width": 1.5 }),
    svgElement("rect", { x: x - 4, y: y(experience.value) - 4, width: 8, height: 8, fill: colour }),
  ];
}

function phaseTile(phase: FeltGroup, place: number, of: number, width: number, context: Context, tooltip: Tooltip): SVGGElement {
  const { theme, locale } = context;
  const room = (width - GUTTER) / of;
  const x = GUTTER + place * room;
  const { group, emotion, gap } = phase;
  const name = PHASES[group] ?? group;
  const tile = svgElement("g");
  tile.append(
    svgElement("rect", { x: x + 3, y: TILES, width: room - 6, height: 60, rx: 6, fill: theme.raised }),
    svgElement("circle", { cx: x + 20, cy: TILES + 22, r: 5, fill: emotion.value === null ? theme.background : feelingColour(emotion.value, theme), stroke: theme.muted, "stroke-width": emotion.value === null ? 1 : 0 }),
    svgElement("text", { x: x + 32, y: TILES + 26, fill: theme.text, "font-weight": 600 }, fitted(name, room - 44, 12, 600)),
    note(fitted(emotion.value === null ? "nobody said" : `${meanWords(emotion, locale)} · gap ${gap.value === null ? NOTHING : feeling(gap.value, locale)}`, room - 30, 11), x + 15, TILES + 46, theme.muted),
  );
  pickable(tile, { key: keyOf("phase", group), label: `${name}: emotion ${meanWords(emotion, locale)}, gap ${meanWords(gap, locale)}`, tip: { title: name, rows: feltTip(phase, context) }, pick: { kind: "node", field: "phases", key: { group } } }, context, tooltip);
  return tile;
}

export const emotionCurve: Figure<EmotionCurveAnswer> = {
  name: "emotion-curve",
  title: "Feelings along the journey",
  selection: `{
  units count
  overall { ${FELT} }
  curve { group ${FELT} }
  phases { group ${FELT} }
}`,
  isEmpty: ({ overall }) => overall.emotion.ratings === 0 && overall.gap.ratings === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
