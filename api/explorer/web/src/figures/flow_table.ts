/** The numbers of a flow, row by row, and the keys by which its marks and rows are known. */

import type { Cell, Column, Table } from "./figure";
import { atOf, type Grid, type Part, type Place } from "./flow_layout";
import { count, share } from "./numbers";

/** One grid as it is answered, or one that goes backwards and one that goes forwards. */
export type FlowAnswer = Grid | { readonly before: Grid | null; readonly after: Grid | null };

export function partsOf(answer: FlowAnswer): readonly Part[] {
  if ("nodes" in answer) return [{ side: answer.backwards ? "before" : "after", grid: answer }];
  const { before, after } = answer;
  return [...(before ? [{ side: "before", grid: before } as const] : []), ...(after ? [{ side: "after", grid: after } as const] : [])];
}

export function placeKey(side: string, place: Place): string {
  return JSON.stringify(["place", side, place.step.step, place.step.isOther ? null : place.items[0]]);
}

export function flowKey(side: string, step: number, source: Place, target: Place): string {
  const name = (place: Place): string | null => (place.step.isOther ? null : place.items[0] ?? null);
  return JSON.stringify(["flow", side, step, name(source), name(target)]);
}

export function stepKey(side: string, step: number): string {
  return JSON.stringify(["step", side, step]);
}

/** Which step it is, in words; `at` is its column, and 0 the anchor where paths lead up to one. */
export function stepName(at: number, isAnchored: boolean): string {
  if (!isAnchored) return `step ${at + 1}`;
  if (at === 0) return "here";
  return `${Math.abs(at)} ${at < 0 ? "before" : "after"}`;
}

export function isAnchored(answer: FlowAnswer): boolean {
  return partsOf(answer).some(({ side }) => side === "before");
}

export function nameOf({ items, step }: Place): string {
  return step.isOther ? `(${count(step.merged)} other${step.merged === 1 ? "" : "s"})` : items[0] ?? "";
}

const COLUMNS: readonly Column[] = [
  { name: "kind", title: "Of" },
  { name: "step", title: "Step" },
  { name: "from", title: "Item" },
  { name: "to", title: "goes to" },
  { name: "paths", title: "Paths", unit: "count" },
  { name: "units", title: "Units", unit: "count" },
  { name: "ofPaths", title: "Of all paths", unit: "share" },
  { name: "exits", title: "Left here", unit: "count" },
  { name: "open", title: "Still open", unit: "count" },
  { name: "withOutcome", title: "Ended with outcome", unit: "count" },
  { name: "stopped", title: "Paths that end here", unit: "count" },
  { name: "beyond", title: "Go on unseen", unit: "count" },
  { name: "outcomeRate", title: "Outcome later", unit: "rate" },
  { name: "low", title: "at least", unit: "rate" },
  { name: "high", title: "at most", unit: "rate" },
  { name: "medianSeconds", title: "Median time from start", unit: "seconds" },
];

export function table(answer: FlowAnswer): Table {
  const rows: (readonly Cell[])[] = [];
  const keys: string[] = [];
  const anchored = isAnchored(answer);
  for (const part of partsOf(answer)) {
    const named = (step: number): string => stepName(atOf(part.side, step), anchored);
    for (const [key, row] of [...stepRows(part, named), ...placeRows(part, named), ...flowRows(part, named)]) {
      keys.push(key);
      rows.push(row);
    }
  }
  return { columns: COLUMNS, rows, keys };
}

type Keyed = readonly [string, readonly Cell[]];
type Named = (step: number) => string;

function part(n: number, of: number): number | null {
  return of ? n / of : null;
}

/** At a step, `stopped` are the paths that stopped before it. */
function stepRows({ side, grid }: Part, named: Named): Keyed[] {
  return grid.columns.map((column) => [
    stepKey(side, column.step),
    [
      "step", named(column.step), null, null, column.count, null, part(column.count, grid.count),
      column.overExits, column.overOpen, column.overWithOutcome, column.overCount, null, null, null, null, null,
    ],
  ]);
}

function placeRows({ side, grid }: Part, named: Named): Keyed[] {
  return grid.nodes.map((place) => {
    const { step, outcomeRate } = place;
    return [
      placeKey(side, place),
      [
        "place", named(step.step), nameOf(place), null, place.count, place.units, part(place.count, grid.count),
        step.exits, step.open, step.withOutcome, step.stopped, step.beyond,
        outcomeRate.value, outcomeRate.low, outcomeRate.high, place.medianSeconds,
      ],
    ];
  });
}

function flowRows({ side, grid }: Part, named: Named): Keyed[] {
  const byId = new Map(grid.nodes.map((place) => [place.step.id, place]));
  return grid.flows.flatMap((flow): Keyed[] => {
    const source = byId.get(flow.source);
    const target = byId.get(flow.target);
    if (!source || !target) return [];
    const [from, to] = side === "after" ? [source, target] : [target, source];
    return [[
      flowKey(side, flow.step, source, target),
      [
        "flow", named(from.step.step), nameOf(from), nameOf(to), flow.count, flow.units, part(flow.count, grid.count),
        null, null, null, null, null, null, null, null, null,
      ],
    ]];
  });
}

/** Whose paths they are: so many units of all; how many paths, where some have several. */
export function denominator(grid: Grid, locale = "en"): string {
  const within = grid.unitsWithPath ?? grid.units;
  const whose = `${count(within, locale)} of ${count(grid.units, locale)} (${share(part(within, grid.units), locale)})`;
  return grid.count === within ? whose : `${count(grid.count, locale)} paths of ${whose}`;
}

export function summary(answer: FlowAnswer): string {
  return partsOf(answer).map(({ side, grid }) => (side === "before" ? backwards(grid) : forwards(grid))).join(" ");
}

function backwards(grid: Grid): string {
  const begun = grid.columns.at(-1);
  const steps = `${count(begun?.overCount)} of them begin within the ${count(grid.columns.length)} steps that are shown`;
  return `Paths up to here: ${denominator(grid)}; ${steps}.`;
}

function forwards(grid: Grid): string {
  const last = grid.columns.at(-1);
  if (!last) return `${denominator(grid)}.`;
  const over = last.overExits === null
    ? `${count(last.overCount)} have ended`
    : `${count(last.overExits)} have left, ${count(last.overOpen)} are still open and ${count(last.overWithOutcome)} have ended with the outcome`;
  return `Paths from here on: ${denominator(grid)}; before step ${count(last.step)}, ${over}, and ${count(last.count)} go on.`;
}
