/** What customers who stood where this one stands did next. */

import type { Context, Figure, Table } from "./figure";
import type { Rate } from "./felt";
import { fitted } from "./fitted";
import { count, duration, share, withInterval } from "./numbers";
import { drawPicture, note, type Painted } from "./picture";
import { axisOfRates, rateAxis, rateMark, text } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

export interface SimilarCustomersAnswer {
  readonly asked: readonly string[];
  readonly prefix: readonly string[];
  readonly units: number;
  readonly occasions: number;
  readonly nothing: Rate;
  readonly nodes: readonly { readonly item: string; readonly probability: Rate; readonly medianSeconds: number | null }[];
}

interface Row {
  readonly key: string;
  readonly name: string;
  readonly probability: Rate;
  readonly medianSeconds: number | null;
}

const ROW = 26;
const HEAD = 26;

function rowsOf({ nodes, nothing }: SimilarCustomersAnswer): readonly Row[] {
  return [
    ...nodes.map(({ item, ...rest }) => ({ key: JSON.stringify([item]), name: item, ...rest })),
    { key: "nothing", name: "(nothing in time)", probability: nothing, medianSeconds: null },
  ];
}

function summary({ prefix, units, occasions }: SimilarCustomersAnswer): string {
  return `${count(units)} others stood at ${prefix.join(" → ")}, ${count(occasions)} times with the time over that is watched: what came next for them. The customer's own past is not among it.`;
}

function table(answer: SimilarCustomersAnswer): Table {
  return {
    columns: [
      { name: "item", title: "Next" }, { name: "probability", title: "Probability", unit: "share" }, { name: "low", title: "at least", unit: "share" },
      { name: "high", title: "at most", unit: "share" }, { name: "medianSeconds", title: "Median time", unit: "seconds" },
    ],
    rows: rowsOf(answer).map(({ name, probability, medianSeconds }) => [name, probability.value, probability.low, probability.high, medianSeconds]),
    keys: rowsOf(answer).map(({ key }) => key),
  };
}

function paint(answer: SimilarCustomersAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale } = context;
  const rows = rowsOf(answer);
  const names = Math.max(120, Math.min(220, width * 0.3));
  const axis = rateAxis(names + 12, width - names - 180, rows.map(({ probability }) => probability.high));
  const bottom = HEAD + rows.length * ROW;
  const parts: SVGElement[] = axisOfRates(axis, HEAD - 6, bottom, theme, locale);
  rows.forEach(({ key, name, probability, medianSeconds }, place) => {
    const y = HEAD + place * ROW;
    const row = svgElement("g");
    const colour = key === "nothing" ? theme.muted : theme.series[0]!;
    const after = medianSeconds === null ? "" : `, after ${duration(medianSeconds, locale)}`;
    row.append(
      svgElement("rect", { x: 0, y, width, height: ROW, fill: "transparent" }), text(0, y + 17, fitted(name, names), key === "nothing" ? theme.muted : theme.text),
      ...rateMark(axis, y + ROW / 2, probability, false, colour, theme), note(`${share(probability.value, locale)}${after}`, width - 4, y + 17, theme.muted, "end"),
    );
    pickable(row, { key, label: `${name}: ${withInterval(probability, locale)}${after}`, tip: { title: name, rows: [["Probability", withInterval(probability, locale)], ["Median time", duration(medianSeconds, locale)]] }, pick: null }, context, tooltip);
    parts.push(row);
  });
  return { height: bottom + 8, parts };
}

export const similarCustomers: Figure<SimilarCustomersAnswer> = {
  name: "similar-customers",
  title: "What similar customers did next",
  selection: `{
  asked prefix units occasions nothing { value low high }
  nodes { item probability { value low high } medianSeconds }
}`,
  isEmpty: ({ prefix, units }) => prefix.length === 0 || units === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
