/** How many take these steps, in this order, and what became of all who did not go on. */

import type { Cell, Figure, Table } from "./figure";
import { fitted, widthOf } from "./fitted";
import type { Estimate } from "./flow_layout";
import { count, duration, share, withInterval } from "./numbers";
import { drawPainting, type Painting, type Paper } from "./painted";
import { hatch, legend, sign, stacked, text } from "./rows";
import { pickable, svgElement } from "./svg";

export interface FunnelStep {
  readonly label: string;
  readonly units: number;
  readonly ofFirst: number | null;
  readonly ofFirstInterval: Estimate;
  readonly ofPrevious: number | null;
  readonly ofPreviousInterval: Estimate;
  readonly dropped: number;
  readonly open: number;
  readonly medianSeconds: number | null;
  readonly medianFromFirstSeconds: number | null;
  readonly exact: boolean;
  readonly small: boolean;
}

export interface FunnelAnswer {
  readonly units: number;
  readonly counted: string;
  readonly windowSeconds: number | null;
  /** Whom an exclusion made leave: they count at no step. */
  readonly left: number;
  readonly steps: readonly FunnelStep[];
}

const ROW = 58;
const TOP = 50;

function within({ windowSeconds }: FunnelAnswer): string {
  return windowSeconds === null ? "without a limit of time" : `within ${duration(windowSeconds)}`;
}

function summary(answer: FunnelAnswer): string {
  const { steps, units, counted } = answer;
  const first = steps[0];
  const last = steps.at(-1);
  if (!first || !last) return "The funnel has no steps.";
  const open = steps.reduce((sum, step) => sum + step.open, 0);
  return (
    `${count(first.units)} ${counted} of ${count(units)} begin with ${first.label}; ${count(last.units)} come to ${last.label} ${within(answer)}, ` +
    `which is ${withInterval(last.ofFirstInterval)}. ${count(open)} may still go on.${answer.left ? ` ${count(answer.left)} are in no step: they met what is left out.` : ""}`
  );
}

function table({ steps }: FunnelAnswer): Table {
  const rows = steps.map((step, number): readonly Cell[] => [
    number + 1, step.label, step.units, step.ofFirst, step.ofPrevious, step.ofPreviousInterval.low, step.ofPreviousInterval.high,
    step.dropped, step.open, step.medianSeconds, step.medianFromFirstSeconds,
  ]);
  return {
    columns: [
      { name: "step", title: "Step", unit: "number" },
      { name: "label", title: "Item" },
      { name: "units", title: "Reached it", unit: "count" },
      { name: "ofFirst", title: "Of the first step", unit: "share" },
      { name: "ofPrevious", title: "Of the step before", unit: "rate" },
      { name: "low", title: "at least", unit: "rate" },
      { name: "high", title: "at most", unit: "rate" },
      { name: "dropped", title: "Dropped before it", unit: "count" },
      { name: "open", title: "May still reach it", unit: "count" },
      { name: "medianSeconds", title: "Median time from the step before", unit: "seconds" },
      { name: "medianFromFirstSeconds", title: "Median time from the first", unit: "seconds" },
    ],
    rows,
    keys: steps.map((_, number) => JSON.stringify(["funnel", number + 1])),
  };
}

function paint(answer: FunnelAnswer, paper: Paper): Painting {
  const { theme, locale } = paper.context;
  const most = Math.max(1, answer.steps[0]?.units ?? 0, ...answer.steps.map(({ units }) => units));
  const first = answer.steps[0]?.units ?? 0;
  const head = `${count(first, locale)} of ${count(answer.units, locale)} ${answer.counted} begin; steps ${within(answer)}`;
  const keys = [
    { words: "reached the step", fill: theme.series[0]! }, { words: "may still reach it", fill: theme.open, isOpen: true },
    { words: "dropped before it", fill: theme.bad, opacity: 0.35 },
  ];
  return {
    width: paper.width,
    height: TOP + answer.steps.length * ROW,
    parts: [
      hatch(theme),
      text(0, 12, head, theme.muted),
      ...legend(31, keys, theme, (words) => widthOf(words, 11)),
      ...answer.steps.map((step, number) => row(step, number, most, paper)),
    ],
  };
}

function row(step: FunnelStep, number: number, most: number, paper: Paper): SVGGElement {
  const { theme, locale } = paper.context;
  const { label, units, dropped, open, small } = step;
  const name = Math.min(240, paper.width * 0.24);
  const said = paper.width < 620 ? 96 : 232;
  const y = TOP + number * ROW;
  const scale = (paper.width - name - said - 24) / most;
  const right = paper.width - said;
  const previous = number === 0 ? "" : `${withInterval(step.ofPreviousInterval, locale)} of the step before`;
  const group = svgElement("g", {},
    svgElement("rect", { x: 0, y, width: paper.width, height: ROW - 2, fill: "transparent" }),
    text(0, y + 19, `${number + 1}`, theme.muted, { "font-size": 11 }),
    text(20, y + 19, fitted(label, name - 28, 12, 600), theme.text, { "font-weight": 600 }),
    text(20, y + 35, step.medianSeconds === null || number === 0 ? "" : fitted(`after ${duration(step.medianSeconds, locale)} (median)`, name - 28, 11), theme.muted, { "font-size": 11 }),
    ...stacked(name, y + 4, 32, [
      { width: units * scale, fill: theme.series[0]! }, { width: open * scale, fill: theme.open, isOpen: true },
      { width: dropped * scale, fill: theme.bad, opacity: 0.35 },
    ]),
    text(right, y + 19, `${count(units, locale)} · ${share(step.ofFirst, locale)}${small ? "  n < 30" : ""}${sign(paper.context, JSON.stringify(["funnel", number + 1]))}`, theme.text, { "font-weight": 600 }),
    text(right, y + 35, fitted(previous, said, 11), theme.muted, { "font-size": 11 }),
    text(name, y + 48, number === 0 ? "" : lost(step, locale), theme.bad, { "font-size": 11 }),
  );
  const tip = {
    title: `${number + 1}. ${label}`,
    rows: [
      ["Reached it", count(units, locale)], ["Of the first step", withInterval(step.ofFirstInterval, locale)],
      ...(number === 0 ? [] : [
        ["Of the step before", withInterval(step.ofPreviousInterval, locale)], ["Dropped before it", count(dropped, locale)], ["May still reach it", count(open, locale)],
        ["Median time from the step before", duration(step.medianSeconds, locale)], ["Median time from the first", duration(step.medianFromFirstSeconds, locale)],
      ] as [string, string][]),
    ] as [string, string][],
    note: small ? "Fewer than 30: read with care." : undefined,
  };
  const spoken = `Step ${number + 1}, ${label}: ${count(units, locale)}, ${share(step.ofFirst, locale)} of the first; ${count(dropped, locale)} dropped, ${count(open, locale)} open`;
  pickable(group, { key: JSON.stringify(["funnel", number + 1]), label: spoken, tip, pick: { kind: "node", field: "funnel", key: { step: number + 1 } } }, paper.context, paper.tooltip);
  return group;
}

function lost({ dropped, open }: FunnelStep, locale: string): string {
  return `${count(dropped, locale)} dropped${open ? `, ${count(open, locale)} still open` : ""}`;
}

const ESTIMATE = "{ value low high }";
export const FUNNEL_STEP = `{
    label units ofFirst ofFirstInterval ${ESTIMATE} ofPrevious ofPreviousInterval ${ESTIMATE}
    dropped open medianSeconds medianFromFirstSeconds exact small
  }`;

export const funnel: Figure<FunnelAnswer> = {
  name: "funnel",
  title: "Funnel",
  selection: `{
  units counted windowSeconds left
  steps ${FUNNEL_STEP}
}`,
  isEmpty: (answer) => !answer.steps[0]?.units,
  summary,
  table,
  draw: (host, answer, context) => drawPainting(paint, host, answer, context),
};
