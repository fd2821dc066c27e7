/** How many customers a customer brings, cohort by cohort, each with its interval. */

import type { Context, Figure, Table } from "./figure";
import { count, duration, number } from "./numbers";
import { drawPicture, note, ticksOf, type Painted } from "./picture";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

interface Factor {
  readonly members: number;
  readonly observed: number;
  readonly inviters: number;
  readonly brought: number;
  readonly k: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly cycleSeconds: number | null;
  readonly small: boolean;
}

interface CohortFactor extends Factor {
  readonly cohort: string;
}

export interface KFactorAnswer {
  readonly withinSeconds: number | null;
  readonly overall: Factor;
  readonly withoutInteraction: number;
  readonly outsideWindow: number;
  readonly undated: number;
  readonly nodes: readonly CohortFactor[];
  readonly pageInfo: { readonly hasNextPage: boolean };
}

const HEIGHT = 260;
const LEFT = 44;
const TOP = 20;
const BOTTOM = 52;

function between({ k, low, high }: Factor, locale = "en"): string {
  return low == null ? number(k, locale) : `${number(k, locale)} (${number(low, locale)} to ${number(high, locale)})`;
}

function summary(answer: KFactorAnswer): string {
  const { overall } = answer;
  const open = overall.members - overall.observed;
  return (
    `K within ${duration(answer.withinSeconds)} is ${between(overall)}: ${count(overall.brought)} brought by ${count(overall.observed)} members watched for the whole time` +
    `${open ? `; ${count(open)} of ${count(overall.members)} members came too late for that and are open` : ""}. ` +
    `${count(overall.inviters)} members brought somebody; median cycle ${duration(overall.cycleSeconds)}. ` +
    `${count(answer.outsideWindow)} more were brought later${answer.undated ? `, ${count(answer.undated)} at a time that is not known` : ""}.`
  );
}

function table(answer: KFactorAnswer): Table {
  const row = (name: string, node: Factor) => [
    name, node.members, node.observed, node.members - node.observed, node.inviters, node.brought, node.k, node.low, node.high, node.cycleSeconds, node.small ? "n < 30" : null,
  ];
  return {
    columns: [
      { name: "cohort", title: "First seen in" },
      { name: "members", title: "Members", unit: "count" },
      { name: "observed", title: "watched throughout", unit: "count" },
      { name: "open", title: "still open", unit: "count" },
      { name: "inviters", title: "who brought", unit: "count" },
      { name: "brought", title: "Brought", unit: "count" },
      { name: "k", title: "K", unit: "number" },
      { name: "low", title: "at least", unit: "number" },
      { name: "high", title: "at most", unit: "number" },
      { name: "cycleSeconds", title: "Median cycle", unit: "seconds" },
      { name: "small", title: "To mind" },
    ],
    rows: [row("(all)", answer.overall), ...answer.nodes.map((node) => row(node.cohort, node))],
    keys: ["(all)", ...answer.nodes.map(({ cohort }) => cohort)],
  };
}

function paint(answer: KFactorAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale } = context;
  const { nodes, overall } = answer;
  const ends = nodes.flatMap(({ k, high, small }) => [k ?? 0, small ? 0 : (high ?? 0)]);
  const most = Math.max(0.05, ...ends, overall.high ?? 0) * 1.08;
  const y = (k: number): number => HEIGHT - BOTTOM - (Math.min(k, most) / most) * (HEIGHT - BOTTOM - TOP);
  const step = (width - LEFT - 12) / Math.max(1, nodes.length);
  const x = (place: number): number => LEFT + step * (place + 0.5);
  const skip = Math.max(1, Math.ceil(58 / step));
  const parts: SVGElement[] = [
    ...ticksOf(0, most, 4).flatMap((tick) => [
      svgElement("line", { x1: LEFT, x2: width, y1: y(tick), y2: y(tick), stroke: theme.line }),
      note(number(tick, locale), LEFT - 8, y(tick) + 4, theme.muted, "end"),
    ]),
    note("K", 4, 12, theme.muted),
  ];
  if (most > 1) parts.push(svgElement("line", { x1: LEFT, x2: width, y1: y(1), y2: y(1), stroke: theme.muted, "stroke-dasharray": "6 4" }), note("1: grows by itself", width - 4, y(1) - 5, theme.muted, "end"));
  if (overall.k != null) {
    if (overall.low != null && overall.high != null) parts.push(svgElement("rect", { x: LEFT, y: y(overall.high), width: width - LEFT, height: Math.max(1, y(overall.low) - y(overall.high)), fill: theme.series[0], "fill-opacity": 0.12 }));
    parts.push(
      svgElement("line", { x1: LEFT, x2: width, y1: y(overall.k), y2: y(overall.k), stroke: theme.series[0], "stroke-opacity": 0.7 }),
      note(`all: ${between(overall, locale)}`, width - 4, 12, theme.text, "end"),
    );
  }
  nodes.forEach((node, place) => parts.push(cohortMark(node, x(place), y, step, answer, context, tooltip)));
  nodes.forEach(({ cohort }, place) => {
    if (place % skip === 0) parts.push(note(cohort, x(place), HEIGHT - BOTTOM + 20, theme.muted, "middle"));
  });
  parts.push(note("Hollow: fewer than 30 watched throughout. Grey: nobody watched throughout yet, still open.", LEFT, HEIGHT - 10, theme.muted));
  return { height: HEIGHT, parts };
}

function cohortMark(node: CohortFactor, x: number, y: (k: number) => number, step: number, answer: KFactorAnswer, context: Context, tooltip: Tooltip): SVGGElement {
  const { theme, locale } = context;
  const colour = theme.series[0]!;
  const group = svgElement("g");
  group.append(svgElement("rect", { x: x - step / 2, y: TOP, width: step, height: HEIGHT - BOTTOM - TOP + 26, fill: "transparent" }));
  if (node.k == null) {
    group.append(svgElement("circle", { cx: x, cy: y(0), r: 4, fill: theme.open }));
  } else {
    if (node.low != null && node.high != null) {
      group.append(svgElement("line", { x1: x, x2: x, y1: y(node.low), y2: y(node.high), stroke: colour, "stroke-width": 2, "stroke-dasharray": node.small ? "3 3" : undefined }));
    }
    group.append(svgElement("circle", { cx: x, cy: y(node.k), r: 4.5, fill: node.small ? theme.background : colour, stroke: colour, "stroke-width": 2 }));
  }
  const open = node.members - node.observed;
  const tip = {
    title: node.cohort,
    rows: [
      ["K", between(node, locale)],
      ["Brought", `${count(node.brought, locale)} by ${count(node.inviters, locale)} of ${count(node.observed, locale)}`],
      ...(open ? [["Still open", `${count(open, locale)} of ${count(node.members, locale)} members`] as const] : []),
      ["Within", duration(answer.withinSeconds, locale)],
      ["Median cycle", duration(node.cycleSeconds, locale)],
    ] as readonly (readonly [string, string])[],
    note: node.small ? "Fewer than 30: read with care." : undefined,
  };
  pickable(group, { key: node.cohort, label: `${node.cohort}: K ${between(node, locale)}, ${count(node.observed, locale)} members`, tip, pick: { kind: "node", field: "kFactor", key: { cohort: node.cohort } } }, context, tooltip);
  return group;
}

export const kFactor: Figure<KFactorAnswer> = {
  name: "k-factor",
  title: "How many a customer brings",
  selection: `{
  withinSeconds withoutInteraction outsideWindow undated
  overall { members observed inviters brought k low high cycleSeconds small }
  nodes { cohort members observed inviters brought k low high cycleSeconds small }
  pageInfo { hasNextPage }
}`,
  isEmpty: (answer) => answer.nodes.length === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
