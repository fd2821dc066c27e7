/** What is met that no step of the plan is, by how many. */

import type { Cell, Context, Figure, Table } from "./figure";
import { fitted } from "./fitted";
import { count, share } from "./numbers";
import { drawPicture, note, type Painted } from "./picture";
import { SMALL } from "./planned";
import { sign, text } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

interface ExtraTouchpoint {
  readonly item: string;
  readonly stage: string | null;
  readonly units: number;
  readonly share: number | null;
  readonly count: number;
}

export interface PlannedExtrasAnswer {
  readonly units: number;
  readonly extras: readonly ExtraTouchpoint[];
  readonly otherExtras: number;
  readonly otherExtraCount: number;
}

const ROW = 30;

function keyOf({ stage, item }: ExtraTouchpoint): string {
  return JSON.stringify(["extra", stage, item]);
}

function stageOf({ stage }: ExtraTouchpoint): string {
  return stage ?? "no stage said";
}

function summary({ units, extras, otherExtras, otherExtraCount }: PlannedExtrasAnswer): string {
  const [first] = extras;
  if (!first) return `Nothing that the plan does not have is met by any of ${count(units)}.`;
  const others = otherExtras ? ` ${count(otherExtras)} more are not listed; they are met ${count(otherExtraCount)} times.` : "";
  return `Most met of what the plan does not have is ${first.item} (${stageOf(first)}): by ${count(first.units)} of ${count(units)}, ${share(first.share)}.${others} Those who meet one can meet another, too: shares do not add up.`;
}

function table({ extras, otherExtras, otherExtraCount }: PlannedExtrasAnswer): Table {
  return {
    columns: [
      { name: "item", title: "Touchpoint" },
      { name: "stage", title: "Stage" },
      { name: "units", title: "Units", unit: "count" },
      { name: "share", title: "Share", unit: "share" },
      { name: "count", title: "Times", unit: "count" },
      { name: "small", title: "To mind" },
    ],
    rows: [
      ...extras.map((one): readonly Cell[] => [one.item, stageOf(one), one.units, one.share, one.count, one.units < SMALL ? "n < 30" : null]),
      ...(otherExtras ? [["(other)", `(${count(otherExtras)} more)`, null, null, otherExtraCount, null]] : []),
    ],
    keys: [...extras.map(keyOf), ...(otherExtras ? ["other"] : [])],
  };
}

function paint({ extras, otherExtras, otherExtraCount }: PlannedExtrasAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale } = context;
  const end = extras.length * ROW;
  const parts: SVGElement[] = extras.map((one, place) => row(one, place, place * ROW, width, context, tooltip));
  if (otherExtras) parts.push(note(`${count(otherExtras, locale)} more, met ${count(otherExtraCount, locale)} times, are not listed.`, 0, end + 18, theme.muted));
  return { height: end + (otherExtras ? 28 : 4), parts };
}

function row(one: ExtraTouchpoint, place: number, y: number, width: number, context: Context, tooltip: Tooltip): SVGElement {
  const { theme, locale } = context;
  const names = Math.max(150, Math.min(230, width * 0.36));
  const room = width - names - 190;
  const isFew = one.units < SMALL;
  const said = `${count(one.units, locale)} · ${share(one.share, locale)}${isFew ? " n < 30" : ""}${sign(context, keyOf(one))}`;
  const group = svgElement("g", {},
    svgElement("rect", { x: 0, y, width, height: ROW, fill: "transparent" }),
    text(0, y + 14, fitted(one.item, names - 8), theme.text),
    note(fitted(stageOf(one), names - 8, 11), 0, y + 27, theme.muted),
    svgElement("rect", { x: names, y: y + 8, width: room, height: 14, rx: 2, fill: theme.raised }),
    svgElement("rect", { x: names, y: y + 8, width: Math.max(1, room * (one.share ?? 0)), height: 14, rx: 2, fill: theme.series[5], "fill-opacity": isFew ? 0.5 : 1 }),
    text(width, y + 14, said, theme.text, { "text-anchor": "end" }),
    note(`${count(one.count, locale)} times`, width, y + 27, theme.muted, "end"),
  );
  const rows = [["Met by", said], ["How often", count(one.count, locale)], ["Stage of its interactions", stageOf(one)]] as const;
  pickable(group, { key: keyOf(one), label: `${one.item}, ${stageOf(one)}: ${said}`, tip: { title: one.item, rows, note: isFew ? "Fewer than 30: read with care." : undefined }, pick: { kind: "node", field: "plannedExtra", key: { place } } }, context, tooltip);
  return group;
}

export const plannedExtras: Figure<PlannedExtrasAnswer> = {
  name: "planned-extras",
  title: "Met beside the plan",
  selection: `{
  units
  extras { item stage units share count }
  otherExtras otherExtraCount
}`,
  isEmpty: ({ extras, otherExtras }) => extras.length === 0 && otherExtras === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
