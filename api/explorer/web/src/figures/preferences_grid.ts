/** Importance against performance: what goes with satisfaction, and how it is rated, as a grid of four. */

import type { Cell, Context, Figure, Table } from "./figure";
import { type Mean, type Rate } from "./felt";
import { fitted, widthOf } from "./fitted";
import { count, number, probability, signed } from "./numbers";
import { drawPicture, feeling, note, ticksOf, type Painted } from "./picture";
import { sign } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

export interface ItemPreference {
  readonly item: string;
  readonly units: number;
  readonly share: number | null;
  readonly initiated: Rate;
  readonly chosen: Rate;
  readonly evenShare: number | null;
  readonly returned: Rate;
  readonly left: Rate;
  readonly performance: Mean;
  readonly importance: Rate & { readonly units: number; readonly pValue: number | null };
  readonly qValue: number | null;
  readonly quadrant: Quadrant | null;
  readonly small: boolean;
}

type Quadrant = "CONCENTRATE_HERE" | "KEEP_UP" | "LOW_PRIORITY" | "POSSIBLE_OVERKILL";

export interface PreferencesAnswer {
  readonly units: number;
  readonly rating: string;
  readonly overall: string;
  readonly stated: string | null;
  readonly importanceLine: number | null;
  readonly performanceLine: number | null;
  readonly items: number;
  readonly otherItems: number;
  readonly nodes: readonly ItemPreference[];
}

/** With names, and whether each is the more important half, and the better one. */
const QUADRANTS: readonly (readonly [Quadrant, string, boolean, boolean])[] = [
  ["CONCENTRATE_HERE", "Concentrate here", true, false], ["KEEP_UP", "Keep up", true, true], ["LOW_PRIORITY", "Low priority", false, false], ["POSSIBLE_OVERKILL", "Possible overkill", false, true],
];

const HEIGHT = 460;
const LEFT = 52;
const TOP = 16;
const BOTTOM = 46;

function quadrantWords(quadrant: Quadrant | null): string {
  return QUADRANTS.find(([name]) => name === quadrant)?.[1] ?? "not in the grid";
}

function satisfaction({ stated, overall }: PreferencesAnswer): string {
  return stated === null ? (overall === "LAST" ? "the last rating of each" : "the mean of all other ratings of each") : `the rating of ${stated}`;
}

function drawnOf({ nodes }: PreferencesAnswer): readonly ItemPreference[] {
  return nodes.filter(({ importance, performance }) => importance.value !== null && performance.value !== null);
}

function summary(answer: PreferencesAnswer): string {
  const here = answer.nodes.filter(({ quadrant }) => quadrant === "CONCENTRATE_HERE").map(({ item }) => item);
  const drawn = drawnOf(answer).length;
  return (
    `${count(drawn)} of ${count(answer.items)} items of ${count(answer.units)}, by ${answer.rating.toLowerCase()}: how it goes with satisfaction (${satisfaction(answer)}) against how it is rated, divided at the means of both. ` +
    `${here.length ? `To concentrate on: ${here.slice(0, 5).join(", ")}${here.length > 5 ? ` and ${here.length - 5} more` : ""}.` : "None is important and rated below the others."} ` +
    `Importance is association, not cause.${drawn < answer.items ? ` ${count(answer.items - drawn)} are not drawn: too few rated them, or they are not listed.` : ""}`
  );
}

function table(answer: PreferencesAnswer): Table {
  return {
    columns: [
      { name: "item", title: "Item" },
      { name: "quadrant", title: "In the grid" },
      { name: "importance", title: "Importance", unit: "number" },
      { name: "importanceLow", title: "at least", unit: "number" },
      { name: "importanceHigh", title: "at most", unit: "number" },
      { name: "importanceUnits", title: "rated both", unit: "count" },
      { name: "qValue", title: "q", unit: "number" },
      { name: "performance", title: "Rated", unit: "number" },
      { name: "performanceLow", title: "at least", unit: "number" },
      { name: "performanceHigh", title: "at most", unit: "number" },
      { name: "ratings", title: "of ratings", unit: "count" },
      { name: "missing", title: "not rated", unit: "share" },
      { name: "small", title: "To mind" },
    ],
    rows: answer.nodes.map(({ item, quadrant, importance, qValue, performance, small }): readonly Cell[] => [
      item, quadrantWords(quadrant), importance.value, importance.low, importance.high, importance.units, qValue,
      performance.value, performance.low, performance.high, performance.ratings, performance.missingShare, small ? "n < 30" : null,
    ]),
    keys: answer.nodes.map(({ item }) => item),
  };
}

interface Frame {
  readonly x: (performance: number) => number;
  readonly y: (importance: number) => number;
  readonly ticks: { readonly x: readonly number[]; readonly y: readonly number[] };
}

function ends(values: readonly (number | null)[]): readonly [number, number] {
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const room = Math.max(0.05, (high - low) * 0.12);
  return [Math.max(-1, low - room), Math.min(1, high + room)];
}

function frameOf(answer: PreferencesAnswer, width: number): Frame {
  const drawn = drawnOf(answer);
  const [left, right] = ends([...drawn.map(({ performance }) => performance.value), answer.performanceLine]);
  const [low, high] = ends([...drawn.map(({ importance }) => importance.value), answer.importanceLine]);
  const within = (part: number): number => Math.max(0, Math.min(1, part));
  return {
    x: (value) => LEFT + within((value - left) / (right - left)) * (width - LEFT - 12),
    y: (value) => HEIGHT - BOTTOM - within((value - low) / (high - low)) * (HEIGHT - BOTTOM - TOP),
    ticks: { x: ticksOf(left, right, 6), y: ticksOf(low, high, 5) },
  };
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function overlaps(one: Box, other: Box): boolean {
  return one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;
}

function paint(answer: PreferencesAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale } = context;
  const frame = frameOf(answer, width);
  const drawn = drawnOf(answer);
  const parts: SVGElement[] = [
    ...grid(answer, frame, width, context),
    ...frame.ticks.x.map((tick) => note(feeling(tick, locale), frame.x(tick), HEIGHT - BOTTOM + 16, theme.muted, "middle")),
    ...frame.ticks.y.map((tick) => note(number(tick, locale), LEFT - 8, frame.y(tick) + 4, theme.muted, "end")),
    note("rated, from −1 to 1 →", width - 12, HEIGHT - 10, theme.muted, "end"),
    note("↑ importance. Hollow: q > 0.05, or fewer than 30.", 0, HEIGHT - 10, theme.muted),
  ];
  const most = Math.max(1, ...drawn.map(({ units }) => units));
  const radius = ({ units }: ItemPreference): number => 4 + 7 * Math.sqrt(units / most);
  const taken: Box[] = drawn.map((node) => {
    const r = radius(node);
    return { x: frame.x(node.performance.value!) - r, y: frame.y(node.importance.value!) - r, width: 2 * r, height: 2 * r };
  });
  drawn.forEach((node) => parts.push(point(node, radius(node), frame, taken, width, context, tooltip)));
  return { height: HEIGHT, parts };
}

function grid({ performanceLine, importanceLine }: PreferencesAnswer, { x, y }: Frame, width: number, { theme }: Context): SVGElement[] {
  if (performanceLine === null || importanceLine === null) return [];
  const [left, right, top, bottom] = [LEFT, width - 12, TOP, HEIGHT - BOTTOM];
  const [middle, level] = [x(performanceLine), y(importanceLine)];
  return [
    svgElement("rect", { x: left, y: top, width: Math.max(0, middle - left), height: Math.max(0, level - top), fill: theme.bad, "fill-opacity": 0.08 }),
    svgElement("rect", { x: left, y: top, width: right - left, height: bottom - top, fill: "none", stroke: theme.line }),
    svgElement("path", { d: `M${middle} ${top}V${bottom}M${left} ${level}H${right}`, stroke: theme.muted, "stroke-dasharray": "5 4", fill: "none" }),
    ...QUADRANTS.map(([, words, isImportant, isBetter]) => svgElement("text", {
      x: isBetter ? right - 8 : left + 8, y: isImportant ? top + 18 : bottom - 8, fill: theme.muted, "text-anchor": isBetter ? "end" : "start", "font-weight": 600,
    }, words)),
  ];
}

/** A point with its intervals, and its name where there is room. */
function point(node: ItemPreference, r: number, { x, y }: Frame, taken: Box[], width: number, context: Context, tooltip: Tooltip): SVGGElement {
  const { theme, locale } = context;
  const { item, performance, importance, qValue, quadrant, small } = node;
  const [at, height] = [x(performance.value!), y(importance.value!)];
  const colour = quadrant === "CONCENTRATE_HERE" ? theme.bad : theme.series[0]!;
  const isClear = qValue !== null && qValue <= 0.05 && !small;
  const mark = svgElement("g");
  if (performance.low !== null && performance.high !== null) mark.append(svgElement("line", { x1: x(performance.low), x2: x(performance.high), y1: height, y2: height, stroke: colour, "stroke-opacity": 0.22 }));
  if (importance.low !== null && importance.high !== null) mark.append(svgElement("line", { x1: at, x2: at, y1: y(importance.low), y2: y(importance.high), stroke: colour, "stroke-opacity": 0.22 }));
  mark.append(svgElement("circle", { cx: at, cy: height, r, fill: isClear ? colour : theme.background, "fill-opacity": isClear ? 0.85 : 1, stroke: colour, "stroke-width": 1.5 }));
  const name = `${fitted(item, 150, 11)}${sign(context, item)}`;
  const long = widthOf(name, 11);
  const spots = [{ x: at + r + 4, y: height - 7 }, { x: at - r - 4 - long, y: height - 7 }, { x: at - long / 2, y: height - r - 18 }, { x: at - long / 2, y: height + r + 4 }];
  const free = spots.map((spot): Box => ({ ...spot, width: long, height: 14 })).find((box) => box.x >= LEFT && box.x + long <= width - 12 && !taken.some((other) => overlaps(box, other)));
  if (free) {
    taken.push(free);
    mark.append(svgElement("text", { x: free.x, y: free.y + 11, fill: theme.text, "font-size": 11 }, name));
  }
  const rows = [
    ["In the grid", quadrantWords(quadrant)],
    ["Importance", `${signed(importance.value, locale)}${importance.low === null ? "" : ` (${signed(importance.low, locale)} to ${signed(importance.high, locale)})`}, ${count(importance.units, locale)} rated both`],
    ["q", probability(qValue, locale)], ["Rated", `${feeling(performance.value, locale)} of ${count(performance.ratings, locale)}`], ["Met by", count(node.units, locale)],
  ] as const;
  const label = `${item}: ${quadrantWords(quadrant)}, importance ${number(importance.value, locale)}, rated ${feeling(performance.value, locale)}`;
  pickable(mark, { key: item, label, tip: { title: item, rows, note: small ? "Fewer than 30 rated both: read with care." : undefined }, pick: { kind: "node", field: "preferences", key: { item } } }, context, tooltip);
  return mark;
}

const RATE = "{ value low high }";
export const PREFERENCE = `item units share small quadrant qValue evenShare
initiated ${RATE} chosen ${RATE} returned ${RATE} left ${RATE}
performance { value low high ratings units missing missingShare } importance { value low high units pValue }`;

export const preferencesGrid: Figure<PreferencesAnswer> = {
  name: "preferences-grid",
  title: "What matters, and how it does",
  selection: `{
  units rating overall stated importanceLine performanceLine items otherItems
  nodes { ${PREFERENCE} }
}`,
  isEmpty: (answer) => drawnOf(answer).length === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
