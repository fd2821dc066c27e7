/** Where feelings turn: journeys that get better or worse from an item on, against what chance would do. */

import type { Context, Figure, Table } from "./figure";
import { meanWords } from "./felt";
import { fitted, widthOf } from "./fitted";
import { count, number, probability, share } from "./numbers";
import { drawPicture, note, type Painted } from "./picture";
import { legend, sign, text } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

interface ItemTurn {
  readonly item: string;
  readonly journeys: number;
  readonly share: number | null;
  readonly improved: number;
  readonly worsened: number;
  readonly change: { readonly value: number | null; readonly low: number | null; readonly high: number | null };
  readonly byChance: number | null;
  readonly pValue: number | null;
  readonly qValue: number | null;
  readonly sure: number;
  readonly small: boolean;
}

export interface TurnsAnswer {
  readonly journeys: number;
  readonly rated: number;
  readonly turned: number;
  readonly sure: number;
  readonly sureByChance: number | null;
  readonly permutations: number;
  readonly items: number;
  readonly otherItems: number;
  readonly otherJourneys: number;
  readonly nodes: readonly ItemTurn[];
}

const ROW = 26;
const HEAD = 50;

function isClear({ qValue }: ItemTurn): boolean {
  return qValue !== null && qValue <= 0.05;
}

function summary({ journeys, rated, turned, sure, sureByChance, nodes, permutations }: TurnsAnswer): string {
  const clear = nodes.filter(isClear).map(({ item }) => item);
  return (
    `${count(rated)} of ${count(journeys)} journeys have three rated feelings or more, and ${count(turned)} of these turn somewhere; ${count(sure)} surely do, where chance alone would give ${number(sureByChance)} at most. ` +
    (clear.length ? `More turn than by chance (q ≤ 0.05, ${count(permutations)} shuffles) at ${clear.join(", ")}.` : "At no item do more turn than chance would have it (q ≤ 0.05).")
  );
}

function table({ nodes, otherJourneys, otherItems }: TurnsAnswer): Table {
  return {
    columns: [
      { name: "item", title: "Item" },
      { name: "journeys", title: "Journeys", unit: "count" },
      { name: "share", title: "Share", unit: "share" },
      { name: "improved", title: "Better from here", unit: "count" },
      { name: "worsened", title: "Worse from here", unit: "count" },
      { name: "change", title: "Change", unit: "number" },
      { name: "low", title: "at least", unit: "number" },
      { name: "high", title: "at most", unit: "number" },
      { name: "byChance", title: "By chance", unit: "number" },
      { name: "pValue", title: "p", unit: "number" },
      { name: "qValue", title: "q", unit: "number" },
      { name: "sure", title: "Sure", unit: "count" },
    ],
    rows: [
      ...nodes.map((node) => [node.item, node.journeys, node.share, node.improved, node.worsened, node.change.value, node.change.low, node.change.high, node.byChance, node.pValue, node.qValue, node.sure]),
      ...(otherItems ? [["(other)", otherJourneys, ...Array<null>(10).fill(null)]] : []),
    ],
    keys: [...nodes.map(({ item }) => item), ...(otherItems ? ["(other)"] : [])],
  };
}

function paint(answer: TurnsAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale } = context;
  const { nodes } = answer;
  const names = Math.max(100, Math.min(200, width * 0.26));
  const [left, right] = [names + 8, width - 132];
  const most = Math.max(1, ...nodes.map(({ journeys, byChance }) => Math.max(journeys, byChance ?? 0)));
  const x = (n: number): number => left + (n / most) * (right - left);
  const keys = [{ words: "better from here on", fill: theme.good }, { words: "worse", fill: theme.bad }, { words: "line: by chance", fill: theme.text }];
  const parts: SVGElement[] = [...legend(14, keys, theme, (words) => widthOf(words, 11)), note("journeys, q", width - 4, HEAD - 8, theme.muted, "end")];
  nodes.forEach((node, place) => {
    const y = HEAD + place * ROW;
    const row = svgElement("g");
    const pale = isClear(node) ? 1 : 0.4;
    row.append(
      svgElement("rect", { x: 0, y, width, height: ROW, fill: "transparent" }),
      text(0, y + 17, fitted(node.item, names), theme.text, { "font-weight": isClear(node) ? 600 : 400 }),
      svgElement("rect", { x: left, y: y + 6, width: x(node.improved) - left, height: 14, fill: theme.good, "fill-opacity": pale }),
      svgElement("rect", { x: x(node.improved), y: y + 6, width: x(node.worsened) - left, height: 14, fill: theme.bad, "fill-opacity": pale }),
    );
    if (node.byChance !== null) row.append(svgElement("line", { x1: x(node.byChance), x2: x(node.byChance), y1: y + 2, y2: y + 24, stroke: theme.text, "stroke-width": 2 }));
    row.append(note(`${count(node.journeys, locale)}${node.small ? " n < 30" : ""}, ${probability(node.qValue, locale)}${sign(context, node.item)}`, width - 4, y + 17, isClear(node) ? theme.text : theme.muted, "end"));
    const rows = [
      ["Turn here", `${count(node.journeys, locale)} (${share(node.share, locale)} of all that turn)`], ["Better, worse", `${count(node.improved, locale)}, ${count(node.worsened, locale)}`],
      ["By chance", number(node.byChance, locale)], ["Change", meanWords(node.change, locale)], ["p, q", `${probability(node.pValue, locale)}, ${probability(node.qValue, locale)}`], ["Sure", count(node.sure, locale)],
    ] as const;
    pickable(row, { key: node.item, label: `${node.item}: ${count(node.improved, locale)} better, ${count(node.worsened, locale)} worse, ${number(node.byChance, locale)} by chance, q ${probability(node.qValue, locale)}`, tip: { title: node.item, rows }, pick: { kind: "node", field: "turns", key: { item: node.item } } }, context, tooltip);
    parts.push(row);
  });
  const end = HEAD + nodes.length * ROW;
  const others = answer.otherItems ? ` ${count(answer.otherItems, locale)} more items with ${count(answer.otherJourneys, locale)} are not listed.` : "";
  parts.push(note(`Pale: no more than chance would have it.${others}`, 0, end + 18, theme.muted));
  return { height: end + 26, parts };
}

export const turns: Figure<TurnsAnswer> = {
  name: "turns",
  title: "Where feelings turn",
  selection: `{
  journeys rated turned sure sureByChance permutations items otherItems otherJourneys
  nodes { item journeys share improved worsened change { value low high } byChance pValue qValue sure small }
}`,
  isEmpty: ({ turned }) => turned === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
