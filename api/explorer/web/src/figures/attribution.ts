/** To whom outcomes are credited by a rule: a bar for each item, with its interval where one was asked for. */

import type { Context, Figure, Table } from "./figure";
import { fitted } from "./fitted";
import { count, money, number, share } from "./numbers";
import { drawPicture, note, type Painted } from "./picture";
import { sign } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

interface ItemCredit {
  readonly item: string;
  readonly credit: number | null;
  readonly share: number | null;
  readonly value: string | null;
  readonly removalEffect: number | null;
  readonly outcomes: number;
  readonly units: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly shareLow: number | null;
  readonly shareHigh: number | null;
}

export interface AttributionAnswer {
  readonly method: string;
  readonly order: number | null;
  readonly outcomes: number;
  readonly total: number;
  readonly withoutPath: number;
  readonly credited: number | null;
  readonly addsUp: boolean;
  readonly nullPaths: number;
  readonly openPaths: number;
  readonly wording: string;
  readonly nodes: readonly ItemCredit[];
  readonly pageInfo: { readonly hasNextPage: boolean };
}

const ROW = 36;
const HEAD = 26;

function inWords({ method, order }: AttributionAnswer): string {
  const word = method.toLowerCase().replaceAll("_", " ");
  return order != null && order > 1 ? `${word}, order ${order}` : word;
}

function othersOf(answer: AttributionAnswer): number | null {
  if (!answer.pageInfo.hasNextPage || answer.credited == null) return null;
  return answer.credited - answer.nodes.reduce((sum, { credit }) => sum + (credit ?? 0), 0);
}

function summary(answer: AttributionAnswer): string {
  const open = answer.openPaths ? `; ${count(answer.openPaths)} open paths are left out` : "";
  return (
    `Credit by ${inWords(answer)}: ${count(answer.total)} of ${count(answer.outcomes)} outcomes have something before them, ` +
    `${count(answer.withoutPath)} have nothing and are credited to nothing; ${count(answer.nullPaths)} paths came to nothing${open}. ` +
    (answer.addsUp ? "Credits add up to the outcomes." : "Credits do not add up: an outcome counts for each that took part.")
  );
}

function table(answer: AttributionAnswer): Table {
  const others = othersOf(answer);
  return {
    columns: [
      { name: "item", title: "Item" },
      { name: "credit", title: "Credit", unit: "number" },
      { name: "low", title: "at least", unit: "number" },
      { name: "high", title: "at most", unit: "number" },
      { name: "share", title: "Share", unit: "share" },
      { name: "shareLow", title: "at least", unit: "share" },
      { name: "shareHigh", title: "at most", unit: "share" },
      { name: "value", title: "Value", unit: "money" },
      { name: "removalEffect", title: "Lost without it", unit: "share" },
      { name: "outcomes", title: "Outcomes it stands before", unit: "count" },
      { name: "units", title: "Units", unit: "count" },
    ],
    rows: [
      ...answer.nodes.map((node) => [
        node.item, node.credit, node.low, node.high, node.share, node.shareLow, node.shareHigh, node.value, node.removalEffect, node.outcomes, node.units,
      ]),
      ...(others == null ? [] : [["(other)", others, null, null, answer.total ? others / answer.total : null, null, null, null, null, null, null]]),
    ],
    keys: [...answer.nodes.map(({ item }) => item), ...(others == null ? [] : ["(other)"])],
  };
}

function paint(answer: AttributionAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale, currency } = context;
  const names = Math.max(110, Math.min(240, width * 0.36));
  const left = names + 12;
  const room = width - left - 150;
  const others = othersOf(answer);
  const most = Math.max(0.01, ...answer.nodes.map((node) => Math.max(node.share ?? 0, node.shareHigh ?? 0)));
  const x = (part: number): number => left + (room * Math.max(0, part)) / most;
  const parts: SVGElement[] = [
    note("Item", 0, 14, theme.muted),
    note(`Credit by ${inWords(answer)}`, width - 4, 14, theme.muted, "end"),
  ];
  answer.nodes.forEach((node, place) => {
    const y = HEAD + place * ROW;
    const group = svgElement("g");
    const part = node.share ?? 0;
    group.append(
      svgElement("rect", { x: 0, y, width, height: ROW, fill: "transparent" }),
      svgElement("text", { x: 0, y: y + 22, fill: theme.text }, fitted(node.item, names)),
      svgElement("rect", { x: left, y: y + 9, width: Math.max(1, x(part) - left), height: 18, rx: 2, fill: part < 0 ? theme.bad : theme.series[0] }),
    );
    if (node.shareLow != null && node.shareHigh != null) {
      group.append(svgElement("path", {
        d: `M${x(node.shareLow)} ${y + 18}H${x(node.shareHigh)}M${x(node.shareLow)} ${y + 13}v10M${x(node.shareHigh)} ${y + 13}v10`,
        stroke: theme.text, "stroke-width": 1.5, fill: "none",
      }));
    }
    group.append(
      svgElement("text", { x: width - 4, y: y + 16, fill: theme.text, "text-anchor": "end", "font-size": 12 }, `${count(node.credit, locale)} · ${share(node.share, locale)}${sign(context, node.item)}`),
      note(node.removalEffect == null ? "" : `lost without it: ${share(node.removalEffect, locale)}`, width - 4, y + 30, theme.muted, "end"),
    );
    const tip = {
      title: node.item,
      rows: [
        ["Credit", `${number(node.credit, locale)} outcomes, ${share(node.share, locale)}`],
        ...(node.low == null ? [] : [["Interval", `${number(node.low, locale)} to ${number(node.high, locale)}`] as const]),
        ...(node.value == null ? [] : [["Value", money(node.value, currency, locale)] as const]),
        ["Outcomes it stands before", count(node.outcomes, locale)],
        ["Units that met it", count(node.units, locale)],
      ] as readonly (readonly [string, string])[],
    };
    const label = `${node.item}: credit ${number(node.credit, locale)}, ${share(node.share, locale)}`;
    pickable(group, { key: node.item, label, tip, pick: { kind: "node", field: "attribution", key: { item: node.item } } }, context, tooltip);
    parts.push(group);
  });
  const end = HEAD + answer.nodes.length * ROW;
  const last = [
    others == null ? "" : `other items: ${number(others, locale)}`,
    answer.withoutPath ? `nothing before them: ${count(answer.withoutPath, locale)} of ${count(answer.outcomes, locale)} outcomes` : "",
  ].filter(Boolean).join("; ");
  if (last) parts.push(note(last, 0, end + 16, theme.muted));
  return { height: end + 24, parts };
}

export const attribution: Figure<AttributionAnswer> = {
  name: "attribution",
  title: "Attribution",
  selection: `{
  method order outcomes total withoutPath credited addsUp nullPaths openPaths wording
  nodes { item credit share value removalEffect outcomes units low high shareLow shareHigh }
  pageInfo { hasNextPage }
}`,
  isEmpty: (answer) => answer.nodes.length === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
