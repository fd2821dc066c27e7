/** The next best contacts: what each goes with, against not contacting, when to send it, and by which channel. */

import type { Cell, Context, Figure, Table } from "./figure";
import { fitted } from "./fitted";
import type { Rate } from "./felt";
import { count, day, NOTHING, number, probability, share, signed } from "./numbers";
import { drawPicture, note, ticksOf, type Painted } from "./picture";
import { text } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

interface NextTouchpoint {
  readonly item: string;
  readonly channel: string | null;
  readonly probability: Rate;
  readonly gain: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly units: number;
  readonly compared: number;
  readonly comparedWith: number;
  readonly qValue: number | null;
  readonly sendFrom: string | null;
  readonly sendUntil: string | null;
  readonly small: boolean;
}

export interface NextBestPicture {
  readonly asked: readonly string[];
  readonly prefix: readonly string[];
  readonly units: number;
  readonly notContacted: number;
  readonly notContactedMean: number | null;
  readonly objective: string;
  readonly contacts: string;
  readonly wording: string;
  readonly candidates: number;
  readonly tooLate: number;
  readonly heldBack: number;
  readonly nodes: readonly NextTouchpoint[];
}

const ROW = 38;
const HEAD = 40;

function isValue({ objective }: NextBestPicture): boolean {
  return objective === "VALUE";
}

/** Gains of shares are points, gains of value are money. */
function gainWords(gain: number | null, answer: NextBestPicture, locale = "en"): string {
  if (gain === null) return NOTHING;
  return isValue(answer) ? signed(gain, locale) : `${signed(gain * 100, locale)} pts`;
}

function summary(answer: NextBestPicture): string {
  const { prefix, units, notContacted, notContactedMean, candidates, tooLate, heldBack, contacts, wording, nodes } = answer;
  const late = [tooLate ? `for ${count(tooLate)} it is too late` : "", heldBack ? `${count(heldBack)} are held back by the limits` : ""].filter(Boolean).join(", ");
  const without = isValue(answer) ? number(notContactedMean) : share(notContactedMean);
  return (
    `${count(units)} stood at ${prefix.join(" → ")}; of ${count(notContacted)} who were not contacted in time ${isValue(answer) ? `the mean value is ${without}` : `${without} have the ${answer.objective.toLowerCase()}`}. ` +
    `A contact is one ${contacts}. ${count(candidates)} have enough behind them${late ? `; ${late}` : ""}.${nodes.length ? ` A gain is ${wording} the contact, which does not say that it brings it about.` : " There is nothing to send now."}`
  );
}

function table(answer: NextBestPicture): Table {
  const unit = isValue(answer) ? "number" : "rate";
  return {
    columns: [
      { name: "item", title: "Contact" }, { name: "channel", title: "by" }, { name: "gain", title: "Gain", unit }, { name: "low", title: "at least", unit }, { name: "high", title: "at most", unit },
      { name: "qValue", title: "q", unit: "number" }, { name: "probability", title: "Comes next by itself", unit: "share" }, { name: "units", title: "Contacted so", unit: "count" },
      { name: "compared", title: "compared", unit: "count" }, { name: "comparedWith", title: "with", unit: "count" }, { name: "sendFrom", title: "Send from (UTC)" }, { name: "sendUntil", title: "until (UTC)" }, { name: "small", title: "To mind" },
    ],
    rows: answer.nodes.map((node): readonly Cell[] => [
      node.item, node.channel, node.gain, node.low, node.high, node.qValue, node.probability.value, node.units, node.compared, node.comparedWith, node.sendFrom, node.sendUntil, node.small ? "n < 30" : null,
    ]),
    keys: answer.nodes.map(({ item }) => JSON.stringify([item])),
  };
}

function paint(answer: NextBestPicture, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale } = context;
  const { nodes } = answer;
  if (!nodes.length) return { height: 28, parts: [note(answer.candidates ? "Its time is over, or the limits allow none." : "Too few stood here to say anything.", 0, 18, theme.muted)] };
  const names = Math.max(120, Math.min(220, width * 0.26));
  const [left, right] = [names + 16, width - 262];
  const most = Math.max(isValue(answer) ? 0.01 : 0.02, ...nodes.flatMap(({ gain, low, high }) => [gain, low, high].map((end) => Math.abs(end ?? 0)))) * 1.06;
  const x = (value: number): number => left + ((value + most) / (2 * most)) * (right - left);
  const bottom = HEAD + nodes.length * ROW;
  const parts: SVGElement[] = [
    note("gain against no contact", (left + right) / 2, 12, theme.muted, "middle"), note("send between", width - 4, 12, theme.muted, "end"),
    ...ticksOf(-most, most, 4).flatMap((tick) => [
      svgElement("line", { x1: x(tick), x2: x(tick), y1: HEAD - 6, y2: bottom, stroke: Math.abs(tick) < 1e-9 ? theme.muted : theme.line }),
      note(Math.abs(tick) < 1e-9 ? "0" : gainWords(tick, answer, locale), x(tick), HEAD - 10, theme.muted, "middle"),
    ]),
  ];
  nodes.forEach((node, place) => parts.push(contactRow(node, HEAD + place * ROW, { x, names, width }, answer, context, tooltip)));
  return { height: bottom + 8, parts };
}

function contactRow(node: NextTouchpoint, y: number, { x, names, width }: { x: (value: number) => number; names: number; width: number }, answer: NextBestPicture, context: Context, tooltip: Tooltip): SVGGElement {
  const { theme, locale } = context;
  const { item, channel, gain, low, high, qValue, small } = node;
  const isClear = qValue !== null && qValue <= 0.05;
  const middle = y + ROW / 2;
  const row = svgElement("g");
  row.append(
    svgElement("rect", { x: 0, y, width, height: ROW, fill: "transparent" }), text(0, middle - 2, fitted(item, names), theme.text, { "font-weight": isClear ? 600 : 400 }),
    note(fitted(`${channel ?? "channel not said"}${small ? ", n < 30" : ""}`, names, 11), 0, middle + 13, theme.muted),
  );
  if (gain !== null) {
    const colour = !isClear ? theme.muted : gain > 0 ? theme.series[0]! : theme.series[1]!;
    if (low !== null && high !== null) row.append(svgElement("line", { x1: x(low), x2: x(high), y1: middle, y2: middle, stroke: colour, "stroke-width": 2 }));
    row.append(svgElement("rect", { x: x(gain) - 5, y: middle - 5, width: 10, height: 10, rx: 1.5, fill: isClear ? colour : theme.background, stroke: colour, "stroke-width": 1.5 }));
  }
  const window = node.sendFrom === null ? "" : `${day(node.sendFrom, locale)} – ${day(node.sendUntil, locale)}`;
  const between = low === null ? gainWords(gain, answer, locale) : `${gainWords(gain, answer, locale)} (${gainWords(low, answer, locale)} to ${gainWords(high, answer, locale)})`;
  row.append(text(width - 4, middle - 2, window, theme.text, { "text-anchor": "end", "font-size": 12 }), note(`${between}, q ${probability(qValue, locale)}`, width - 4, middle + 13, theme.muted, "end"));
  const rows = [
    ["Gain", between], ["q", probability(qValue, locale)], ["Contacted so", count(node.units, locale)], ["Compared", `${count(node.compared, locale)} with ${count(node.comparedWith, locale)}`],
    ["Comes by itself", share(node.probability.value, locale)], ...(window ? [["Send", window] as const] : []),
  ] as readonly (readonly [string, string])[];
  pickable(row, { key: JSON.stringify([item]), label: `${item}: gain ${between}, q ${probability(qValue, locale)}${window ? `, send ${window}` : ""}`, tip: { title: item, rows, note: small ? "Fewer than 30 on one side: read with care." : undefined }, pick: null }, context, tooltip);
  return row;
}

export const nextBest: Figure<NextBestPicture> = {
  name: "next-best",
  title: "Next best contact",
  selection: `{
  asked prefix units notContacted notContactedMean objective contacts wording candidates tooLate heldBack
  nodes { item channel probability { value low high } gain low high units compared comparedWith qValue sendFrom sendUntil small }
}`,
  isEmpty: ({ prefix }) => prefix.length === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
