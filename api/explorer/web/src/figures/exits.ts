/** Where journeys end without the outcome: of each item who met it, who left there, who is open. */

import type { Cell, Figure, Table } from "./figure";
import { fitted, widthOf } from "./fitted";
import type { Estimate } from "./flow_layout";
import { count, day, duration, share, withInterval } from "./numbers";
import { drawPainting, type Painting, type Paper } from "./painted";
import { axisOfRates, hatch, legend, rateAxis, rateMark, sign, stacked, text, type RateAxis } from "./rows";
import { pickable, svgElement } from "./svg";

export interface ItemDropOff {
  readonly item: string;
  readonly visits: number;
  readonly exits: number;
  readonly open: number;
  readonly rate: Estimate;
  readonly small: boolean;
}

export interface DropOffAnswer {
  readonly units: number;
  readonly open: number;
  readonly withOutcome: number;
  readonly exits: number;
  readonly inactivitySeconds: number | null;
  readonly asOf: string | null;
  readonly nodes: readonly ItemDropOff[];
}

const ROW = 26;
const TOP = 88;

function elsewhere({ exits, open, nodes }: DropOffAnswer): { exits: number; open: number } {
  const listed = (read: (node: ItemDropOff) => number): number => nodes.reduce((sum, node) => sum + read(node), 0);
  return { exits: exits - listed((node) => node.exits), open: open - listed((node) => node.open) };
}

function summary(answer: DropOffAnswer): string {
  const { units, exits, open, withOutcome, inactivitySeconds, asOf, nodes } = answer;
  const rest = elsewhere(answer);
  return (
    `Of ${count(units)}, ${count(exits)} left (${share(units ? exits / units : null)}), ${count(open)} are still open: seen less than ` +
    `${duration(inactivitySeconds)} before ${day(asOf)}; ${count(withOutcome)} ended with the outcome. ` +
    `${count(exits - rest.exits)} of those who left did so at the ${count(nodes.length)} items that are listed.`
  );
}

function table(answer: DropOffAnswer): Table {
  const rest = elsewhere(answer);
  const rows: (readonly Cell[])[] = answer.nodes.map(({ item, visits, exits, open, rate }) => [item, visits, exits, open, rate.value, rate.low, rate.high]);
  return {
    columns: [
      { name: "item", title: "Item" },
      { name: "visits", title: "Met it", unit: "count" },
      { name: "exits", title: "Left here", unit: "count" },
      { name: "open", title: "Still open here", unit: "count" },
      { name: "rate", title: "Rate", unit: "rate" },
      { name: "low", title: "at least", unit: "rate" },
      { name: "high", title: "at most", unit: "rate" },
    ],
    rows: [...rows, ["(other items)", null, rest.exits, rest.open, null, null, null], ["(all)", answer.units, answer.exits, answer.open, null, null, null]],
    keys: [...answer.nodes.map(({ item }) => JSON.stringify(["item", item])), "other", "all"],
  };
}

interface Places {
  readonly name: number;
  readonly bar: number;
  readonly barWidth: number;
  readonly rates: RateAxis;
  readonly said: number;
}

function placesOf(answer: DropOffAnswer, width: number): Places {
  const name = Math.min(220, width * 0.22);
  const said = width < 620 ? 64 : 168;
  const rest = width - name - said - 80;
  const barWidth = rest * 0.58;
  const rates = rateAxis(name + barWidth + 36, rest - barWidth, answer.nodes.map(({ rate }) => rate.high));
  return { name, bar: name + 8, barWidth, rates, said: width - said };
}

function paint(answer: DropOffAnswer, paper: Paper): Painting {
  const { theme, locale } = paper.context;
  const { width } = paper;
  const places = placesOf(answer, width);
  const most = Math.max(1, ...answer.nodes.map(({ visits }) => visits));
  const height = TOP + (answer.nodes.length + 1) * ROW + 8;
  const rest = elsewhere(answer);
  const last = TOP + answer.nodes.length * ROW;
  return {
    width,
    height,
    parts: [
      hatch(theme),
      ...whole(answer, paper),
      text(places.bar, TOP - 8, "Met it", theme.muted, { "font-size": 11 }),
      text(places.bar + places.barWidth, TOP - 8, count(most, locale), theme.muted, { "font-size": 11, "text-anchor": "end" }),
      text(places.said, TOP - 8, width < 620 ? "Rate" : "Rate, with its interval", theme.muted, { "font-size": 11 }),
      ...axisOfRates(places.rates, TOP - 4, last, theme, locale),
      ...answer.nodes.map((node, number) => row(node, TOP + number * ROW, most, places, paper)),
      ...(paper.context.onPick ? answer.nodes.map(({ item }, number) => plus(item, TOP + number * ROW, paper)) : []),
      text(0, last + 17, rest.exits || rest.open ? `Other items: ${count(rest.exits, locale)} left, ${count(rest.open, locale)} still open` : "Nobody left from any other item.", theme.muted),
    ],
  };
}

/** All units as one bar: who left, who is open, who ended with the outcome. */
function whole({ units, exits, open, withOutcome }: DropOffAnswer, paper: Paper): SVGElement[] {
  const { theme, locale } = paper.context;
  const scale = paper.width / Math.max(1, units);
  const of = (words: string, n: number): string => `${words} ${count(n, locale)} (${share(units ? n / units : null, locale)})`;
  const group = svgElement("g", {}, ...stacked(0, 4, 12, [
    { width: exits * scale, fill: theme.bad }, { width: open * scale, fill: theme.open, isOpen: true }, { width: withOutcome * scale, fill: theme.good },
  ]));
  const tip = {
    title: `All ${count(units, locale)}`,
    rows: [["Left", count(exits, locale)], ["Still open", count(open, locale)], ["Ended with the outcome", count(withOutcome, locale)]] as const,
  };
  pickable(group, { key: "all", label: `Of ${count(units, locale)}: ${of("left", exits)}, ${of("open", open)}, ${of("with outcome", withOutcome)}`, tip, pick: { kind: "node", field: "all", key: {} } }, paper.context, paper.tooltip);
  const keys = [
    { words: of("left", exits), fill: theme.bad }, { words: of("still open", open), fill: theme.open, isOpen: true },
    { words: of("ended with the outcome", withOutcome), fill: theme.good }, { words: "went on from the item", fill: theme.series[0]!, opacity: 0.22 },
  ];
  return [group, ...legend(34, keys, theme, (words) => widthOf(words, 11))];
}

function row(node: ItemDropOff, y: number, most: number, places: Places, paper: Paper): SVGGElement {
  const { theme, locale } = paper.context;
  const { item, visits, exits, open, rate, small } = node;
  const scale = places.barWidth / most;
  const middle = y + ROW / 2;
  const said = paper.width < 620 ? share(rate.value, locale) : withInterval(rate, locale);
  const group = svgElement("g", {},
    svgElement("rect", { x: 0, y, width: paper.width, height: ROW, fill: "transparent" }),
    text(places.name, middle + 4, fitted(item, places.name - (paper.context.onPick ? 26 : 4)), theme.text, { "text-anchor": "end" }),
    ...stacked(places.bar, y + 6, 14, [
      { width: exits * scale, fill: theme.bad }, { width: open * scale, fill: theme.open, isOpen: true },
      { width: (visits - exits - open) * scale, fill: theme.series[0]!, opacity: 0.22 },
    ]),
    text(places.bar + visits * scale + 4, middle + 4, exits ? count(exits, locale) : "", theme.bad, { "font-size": 11 }),
    ...rateMark(places.rates, middle, rate, small, theme.bad, theme),
    text(places.said, middle + 4, `${said}${small ? "  n < 30" : ""}${sign(paper.context, JSON.stringify(["item", item]))}`, theme.text, { "font-size": 11 }),
  );
  const tip = {
    title: item,
    rows: [
      ["Met it", count(visits, locale)], ["Left here", `${count(exits, locale)} of ${count(visits - open, locale)}`],
      ["Rate", withInterval(rate, locale)], ["Still open here", count(open, locale)], ["Went on", count(visits - exits - open, locale)],
    ] as const,
    note: small ? "Fewer than 30 below the line: read with care." : undefined,
  };
  pickable(group, { key: JSON.stringify(["item", item]), label: `${item}: ${count(exits, locale)} of ${count(visits - open, locale)} left, ${count(open, locale)} open`, tip, pick: { kind: "item", item } }, paper.context, paper.tooltip);
  return group;
}

/** Takes the item as a step of a funnel, with one click. */
function plus(item: string, y: number, { context, tooltip }: Paper): SVGGElement {
  const { theme } = context;
  const middle = y + ROW / 2;
  const mark = svgElement("g", {},
    svgElement("circle", { cx: 9, cy: middle, r: 8, fill: theme.raised, stroke: theme.line }),
    svgElement("path", { d: `M5 ${middle}h8M9 ${middle - 4}v8`, stroke: theme.accent, "stroke-width": 1.5 }),
  );
  const label = `Add ${item} to the funnel`;
  pickable(mark, { key: JSON.stringify(["add", item]), label, tip: { title: label, rows: [] }, pick: { kind: "node", field: "addStep", key: { item } } }, context, tooltip);
  return mark;
}

export const exits: Figure<DropOffAnswer> = {
  name: "exits",
  title: "Where journeys end",
  selection: `{
  units open withOutcome exits inactivitySeconds asOf
  nodes { item visits exits open rate { value low high } small }
}`,
  isEmpty: (answer) => answer.nodes.length === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPainting(paint, host, answer, context),
};
