/** The numbers of a path map, row by row, and the keys by which its marks and rows are known. */

import type { Cell, Table } from "./figure";
import type { Estimate } from "./flow_layout";
import { count, share } from "./numbers";

export interface Transition {
  readonly source: string;
  readonly target: string;
  readonly units: number;
  readonly share: number | null;
  readonly count: number;
  readonly medianSeconds: number | null;
  readonly exact: boolean;
  readonly small: boolean;
}

export interface MapVisits {
  readonly item: string;
  readonly visits: number;
  readonly exits: number;
  readonly open: number;
  readonly rate: Estimate;
  readonly small: boolean;
}

export interface PathMapAnswer {
  readonly transitions: {
    readonly units: number;
    readonly count: number;
    readonly coverage: number | null;
    readonly coveredCount: number;
    readonly otherCount: number;
    readonly otherEdges: number;
    readonly nodes: readonly Transition[];
  };
  /** The same transitions as stretches of two, for who goes at least one of them. */
  readonly stretches: { readonly units: number; readonly coveredUnits: number; readonly coverage: number | null };
  readonly visits: { readonly units: number; readonly nodes: readonly MapVisits[] };
  readonly stages: { readonly nodes: readonly { readonly stage: string | null; readonly item: string; readonly units: number }[] };
}

export function edgeKey(source: string, target: string): string {
  return JSON.stringify(["edge", source, target]);
}

export function itemKey(item: string): string {
  return JSON.stringify(["item", item]);
}

/** Items that the listed transitions connect, and who met them. */
export function itemsShown({ transitions, visits }: PathMapAnswer): readonly MapVisits[] {
  const connected = new Set(transitions.nodes.flatMap(({ source, target }) => [source, target]));
  return visits.nodes.filter(({ item }) => connected.has(item));
}

export function summary(answer: PathMapAnswer): string {
  const { transitions, stretches, visits } = answer;
  const listed = transitions.nodes.length;
  const first = transitions.nodes[0];
  const most = first ? ` Most go from ${first.source} to ${first.target}: ${count(first.units)} (${share(first.share)}).` : "";
  return (
    `${count(listed)} of ${count(listed + transitions.otherEdges)} transitions, between ${count(itemsShown(answer).length)} of ${count(visits.nodes.length)} items: ` +
    `${share(transitions.coverage)} of all ${count(transitions.count)} moves; ${count(stretches.coveredUnits)} of ${count(stretches.units)} ` +
    `(${share(stretches.coverage)}) make at least one of them.${most}`
  );
}

export function table(answer: PathMapAnswer): Table {
  const { transitions, stretches } = answer;
  const nothing = [null, null, null, null, null, null];
  const edges = transitions.nodes.map((edge): readonly Cell[] => ["transition", edge.source, edge.target, edge.units, edge.share, edge.count, edge.medianSeconds, ...nothing]);
  const items = itemsShown(answer).map(({ item, visits, exits, open, rate }): readonly Cell[] => ["item", item, null, null, visits / answer.visits.units, null, null, visits, exits, open, rate.value, rate.low, rate.high]);
  return {
    columns: [
      { name: "kind", title: "Of" },
      { name: "item", title: "Item" },
      { name: "target", title: "goes to" },
      { name: "units", title: "Units", unit: "count" },
      { name: "share", title: "Of all", unit: "share" },
      { name: "count", title: "Moves", unit: "count" },
      { name: "medianSeconds", title: "Median time", unit: "seconds" },
      { name: "visits", title: "Met it", unit: "count" },
      { name: "exits", title: "Left here", unit: "count" },
      { name: "open", title: "Still open here", unit: "count" },
      { name: "rate", title: "Rate of leaving", unit: "rate" },
      { name: "low", title: "at least", unit: "rate" },
      { name: "high", title: "at most", unit: "rate" },
    ],
    rows: [
      ...edges, ["other transitions", null, null, null, null, transitions.otherCount, null, ...nothing],
      ["all", null, null, stretches.coveredUnits, stretches.coverage, transitions.count, null, ...nothing], ...items,
    ],
    keys: [...transitions.nodes.map(({ source, target }) => edgeKey(source, target)), "other", "all", ...itemsShown(answer).map(({ item }) => itemKey(item))],
  };
}
