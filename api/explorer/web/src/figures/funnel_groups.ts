/** The funnel by a value: who of each group comes how far, step beside step. */

import type { Cell, Figure, Table } from "./figure";
import { fitted } from "./fitted";
import type { Estimate } from "./flow_layout";
import { count, share, withInterval } from "./numbers";
import { drawPainting, type Painting, type Paper } from "./painted";
import { sign, stacked, text } from "./rows";
import { pickable, svgElement } from "./svg";

interface GroupStep {
  readonly label: string;
  readonly units: number;
  readonly ofFirstInterval: Estimate;
  readonly dropped: number;
  readonly open: number;
  readonly small: boolean;
}

export interface FunnelGroup {
  readonly value: string | null;
  readonly isOther: boolean;
  readonly steps: readonly GroupStep[];
}

export interface FunnelGroupsAnswer {
  readonly units: number;
  readonly counted: string;
  readonly breakdown: readonly FunnelGroup[];
}

const ROW = 34;
const TOP = 40;

export function groupName({ value, isOther }: FunnelGroup): string {
  return isOther ? "(all others)" : value ?? "(not said)";
}

export function groupKey({ value, isOther }: FunnelGroup): string {
  return JSON.stringify(["group", isOther ? "other" : value]);
}

function summary({ breakdown, counted }: FunnelGroupsAnswer): string {
  const ends = breakdown.map((group) => {
    const last = group.steps.at(-1);
    return `${groupName(group)} ${withInterval(last?.ofFirstInterval)} of ${count(group.steps[0]?.units)}`;
  });
  return `Who comes to the last step, of the ${counted} who begin: ${ends.join("; ")}.`;
}

function table({ breakdown }: FunnelGroupsAnswer): Table {
  const rows: (readonly Cell[])[] = [];
  const keys: string[] = [];
  for (const group of breakdown) {
    group.steps.forEach(({ label, units, ofFirstInterval, dropped, open }, number) => {
      rows.push([groupName(group), number + 1, label, units, ofFirstInterval.value, ofFirstInterval.low, ofFirstInterval.high, dropped, open]);
      keys.push(JSON.stringify([groupKey(group), number + 1]));
    });
  }
  return {
    columns: [
      { name: "group", title: "Group" },
      { name: "step", title: "Step", unit: "number" },
      { name: "label", title: "Item" },
      { name: "units", title: "Reached it", unit: "count" },
      { name: "ofFirst", title: "Of the first step", unit: "rate" },
      { name: "low", title: "at least", unit: "rate" },
      { name: "high", title: "at most", unit: "rate" },
      { name: "dropped", title: "Dropped before it", unit: "count" },
      { name: "open", title: "May still reach it", unit: "count" },
    ],
    rows,
    keys,
  };
}

function paint({ breakdown }: FunnelGroupsAnswer, paper: Paper): Painting {
  const { theme } = paper.context;
  const steps = breakdown[0]?.steps ?? [];
  const name = Math.min(180, paper.width * 0.2);
  const gap = Math.max(104, (paper.width - name) / Math.max(1, steps.length));
  const width = Math.max(paper.width, name + gap * steps.length);
  const head = steps.map(({ label }, number) => text(name + number * gap, 18, fitted(`${number + 1}. ${label}`, gap - 12, 12, 600), theme.text, { "font-weight": 600 }));
  return {
    width,
    height: TOP + breakdown.length * ROW,
    parts: [...head, ...breakdown.flatMap((group, number) => row(group, TOP + number * ROW, name, gap, paper))],
  };
}

function row(group: FunnelGroup, y: number, name: number, gap: number, paper: Paper): SVGElement[] {
  const { theme, locale } = paper.context;
  const room = gap - 16;
  const cells = group.steps.map((step, number) => {
    const { units, ofFirstInterval: rate, small } = step;
    const x = name + number * gap;
    const words = `${share(rate.value, locale)} · ${count(units, locale)}${small ? " n < 30" : ""}${sign(paper.context, JSON.stringify([groupKey(group), number + 1]))}`;
    const cell = svgElement("g", {},
      svgElement("rect", { x, y: y - 4, width: gap - 8, height: ROW - 2, fill: "transparent" }),
      text(x, y + 8, fitted(words, gap - 10, 11), small ? theme.muted : theme.text, { "font-size": 11 }),
      svgElement("rect", { x, y: y + 13, width: room, height: 6, fill: theme.raised }),
      ...stacked(x, y + 13, 6, [{ width: (rate.value ?? 0) * room, fill: theme.series[0]!, opacity: small ? 0.45 : 1 }]),
      ...(rate.low === null || rate.high === null ? [] : [svgElement("line", { x1: x + rate.low * room, x2: x + rate.high * room, y1: y + 21.5, y2: y + 21.5, stroke: theme.muted, "stroke-width": 1.5 })]));
    const title = `${groupName(group)}: ${number + 1}. ${step.label}`;
    const tip = {
      title,
      rows: [["Reached it", count(units, locale)], ["Of the first step", withInterval(rate, locale)], ["Dropped before it", count(step.dropped, locale)], ["May still reach it", count(step.open, locale)]] as const,
      note: small ? "Fewer than 30: read with care." : undefined,
    };
    pickable(cell, { key: JSON.stringify([groupKey(group), number + 1]), label: `${title}: ${words}`, tip, pick: { kind: "node", field: "group", key: { value: group.value, isOther: group.isOther, step: number + 1 } } }, paper.context, paper.tooltip);
    return cell;
  });
  return [text(0, y + 12, fitted(groupName(group), name - 12), theme.text), ...cells];
}

export const funnelGroups: Figure<FunnelGroupsAnswer> = {
  name: "funnel-groups",
  title: "Funnel by group",
  selection: `{
  units counted
  breakdown {
    value isOther
    steps { label units ofFirstInterval { value low high } dropped open small }
  }
}`,
  isEmpty: (answer) => answer.breakdown.length === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPainting(paint, host, answer, context),
};
