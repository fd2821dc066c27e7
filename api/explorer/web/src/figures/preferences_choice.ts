/** What customers choose where they can, come back to, and leave: three rates of each item. */

import type { Cell, Context, Figure, Table } from "./figure";
import type { Rate } from "./felt";
import { fitted } from "./fitted";
import { count, share, withInterval } from "./numbers";
import { drawPicture, note, type Painted } from "./picture";
import { PREFERENCE, type ItemPreference, type PreferencesAnswer } from "./preferences_grid";
import { rateAxis, rateMark, sign, text, type RateAxis } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

const RATES = [["chosen", "chosen, of where it could be"], ["returned", "came back to it"], ["left", "left there"], ["initiated", "begun by the customer"]] as const;
type RateName = (typeof RATES)[number][0];
const ROW = 28;
const HEAD = 54;

function summary({ nodes, items, units }: PreferencesAnswer): string {
  const preferred = nodes.filter(({ chosen, evenShare }) => chosen.low !== null && evenShare !== null && chosen.low > evenShare).map(({ item }) => item);
  return (
    `${count(nodes.length)} of ${count(items)} items of ${count(units)}. Chosen more often than if all alternatives of the stage were met alike: ${preferred.length ? preferred.join(", ") : "none"}. ` +
    "What the company began is nobody's choice, and who is open has not stayed away."
  );
}

function table({ nodes, otherItems }: PreferencesAnswer): Table {
  const columns = RATES.flatMap(([name, title]) => [{ name, title, unit: "rate" }, { name: `${name}Low`, title: "at least", unit: "rate" }, { name: `${name}High`, title: "at most", unit: "rate" }] as const);
  return {
    columns: [{ name: "item", title: "Item" }, { name: "units", title: "Met by", unit: "count" }, { name: "share", title: "Share", unit: "share" }, ...columns, { name: "evenShare", title: "if chosen evenly", unit: "rate" }],
    rows: [
      ...nodes.map((node): readonly Cell[] => [node.item, node.units, node.share, ...RATES.flatMap(([name]) => [node[name].value, node[name].low, node[name].high]), node.evenShare]),
      ...(otherItems ? [[`(${count(otherItems)} more)`, ...Array<null>(15).fill(null)]] : []),
    ],
    keys: [...nodes.map(({ item }) => item), ...(otherItems ? ["other"] : [])],
  };
}

function paint(answer: PreferencesAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale } = context;
  const { nodes } = answer;
  const names = Math.max(110, Math.min(220, width * 0.2));
  const room = (width - names - 12) / RATES.length;
  const bottom = HEAD + nodes.length * ROW;
  const axes = Object.fromEntries(RATES.map(([name], place) => [name, rateAxis(names + 12 + place * room, room - 84, nodes.flatMap((node) => [node[name].high, name === "chosen" ? node.evenShare : null]))])) as Record<RateName, RateAxis>;
  const parts: SVGElement[] = [
    ...RATES.flatMap(([name, title]) => [note(fitted(title, room - 12, 11), axes[name].x, 14, theme.muted), ...axisOf(axes[name], bottom, context)]),
    ...nodes.map((node, place) => itemRow(node, HEAD + place * ROW, names, width, axes, context, tooltip)),
    note(`Line: what would be chosen, were all alternatives met alike. Hollow: fewer than 30.${answer.otherItems ? ` ${count(answer.otherItems, locale)} more items are not listed.` : ""}`, 0, bottom + 18, theme.muted),
  ];
  return { height: bottom + 26, parts };
}

/** Its ends alone: four stand beside each other. */
function axisOf({ x, width, most }: RateAxis, bottom: number, { theme, locale }: Context): SVGElement[] {
  return [0, 1].flatMap((part) => [
    svgElement("line", { x1: x + part * width, x2: x + part * width, y1: HEAD - 8, y2: bottom, stroke: theme.line }),
    note(share(part * most, locale), x + part * width, HEAD - 12, theme.muted, "middle"),
  ]);
}

function rateWords(rate: Rate, locale: string): string {
  return rate.value === null ? "not known" : withInterval(rate, locale);
}

function itemRow(node: ItemPreference, y: number, names: number, width: number, axes: Record<RateName, RateAxis>, context: Context, tooltip: Tooltip): SVGGElement {
  const { theme, locale } = context;
  const { item, units, evenShare } = node;
  const middle = y + ROW / 2;
  const row = svgElement("g");
  row.append(svgElement("rect", { x: 0, y, width, height: ROW, fill: "transparent" }), text(0, middle + 4, `${fitted(item, names - 14)}${sign(context, item)}`, theme.text));
  for (const [name] of RATES) {
    const axis = axes[name];
    const colour = name === "left" ? theme.bad : theme.series[0]!;
    row.append(...rateMark(axis, middle, node[name], units < 30, colour, theme), note(node[name].value === null ? "–" : share(node[name].value, locale), axis.x + axis.width + 10, middle + 4, theme.muted));
    if (name === "chosen" && evenShare !== null) {
      const at = axis.x + (evenShare / axis.most) * axis.width;
      row.append(svgElement("line", { x1: at, x2: at, y1: y + 4, y2: y + ROW - 4, stroke: theme.text, "stroke-width": 2 }));
    }
  }
  const rows = [["Met by", `${count(units, locale)} (${share(node.share, locale)})`], ...RATES.map(([name, title]) => [title, rateWords(node[name], locale)] as const), ["if chosen evenly", share(evenShare, locale)]] as readonly (readonly [string, string])[];
  const label = `${item}: ${RATES.map(([name, title]) => `${title} ${rateWords(node[name], locale)}`).join(", ")}`;
  pickable(row, { key: item, label, tip: { title: item, rows, note: units < 30 ? "Fewer than 30: read with care." : undefined }, pick: { kind: "node", field: "preferences", key: { item } } }, context, tooltip);
  return row;
}

export const preferencesChoice: Figure<PreferencesAnswer> = {
  name: "preferences-choice",
  title: "Chosen, come back to, left",
  selection: `{
  units rating overall stated importanceLine performanceLine items otherItems
  nodes { ${PREFERENCE} }
}`,
  isEmpty: ({ nodes }) => nodes.length === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
