/**
 * Where the items of a path map stand. Across: the stages in their order, and within a stage, or
 * where there are none, from what comes early to what comes late, so that most of what is gone is
 * gone to the right. Down: near what an item is connected with.
 *
 * Early and late are trophic levels (MacKay, Johnson and Sansom 2020, doi:10.1098/rsos.201138):
 * of all numbers that could be given to items, those by which a transition goes up by one as nearly
 * as can be, each weighed by how often it is gone.
 */

export interface MapItem {
  readonly item: string;
  /** Its column of stages; null where it is in none. */
  readonly stage: string | null;
}

export interface MapEdge {
  readonly source: string;
  readonly target: string;
  readonly count: number;
}

export interface Placed {
  readonly item: string;
  /** From early to late, over all stages. */
  readonly level: number;
  readonly x: number;
  readonly y: number;
}

export interface StageBand {
  readonly stage: string | null;
  readonly x: number;
  readonly width: number;
}

export interface MapLayout {
  readonly items: ReadonlyMap<string, Placed>;
  readonly bands: readonly StageBand[];
  readonly width: number;
  readonly height: number;
}

const ROUNDS = 200;
const SWEEPS = 12;
const MARGIN = 14;
/** For what goes around the last column. */
const RIGHT = 34;
/** Items in a column from which on a further column is better. */
const TALL = 3;

/** The level of each item, 0 for the earliest. */
export function levelsOf(items: readonly string[], edges: readonly MapEdge[]): Map<string, number> {
  const place = new Map(items.map((item, number) => [item, number]));
  const links = edges.flatMap(({ source, target, count }) => {
    const [from, to] = [place.get(source), place.get(target)];
    return from === undefined || to === undefined || from === to ? [] : [{ from, to, count }];
  });
  const weights = new Float64Array(items.length);
  for (const { from, to, count } of links) {
    weights[from]! += count;
    weights[to]! += count;
  }
  const levels = new Float64Array(items.length);
  for (let round = 0; round < ROUNDS; round++) {
    const pulls = new Float64Array(items.length);
    for (const { from, to, count } of links) {
      pulls[from]! += count * (levels[to]! - 1);
      pulls[to]! += count * (levels[from]! + 1);
    }
    // half way each time, for what would swing on a graph of two sides
    for (let item = 0; item < levels.length; item++) {
      if (weights[item]) levels[item] = (levels[item]! + pulls[item]! / weights[item]!) / 2;
    }
  }
  const least = levels.reduce((one, other) => Math.min(one, other), Infinity);
  return new Map(items.map((item, number) => [item, levels[number]! - (Number.isFinite(least) ? least : 0)]));
}

export interface Room {
  readonly width: number;
  readonly top: number;
  readonly boxWidth: number;
  readonly boxHeight: number;
  readonly gapX: number;
  readonly gapY: number;
}

export function layOutMap(items: readonly MapItem[], edges: readonly MapEdge[], stages: readonly (string | null)[], room: Room): MapLayout {
  const levels = levelsOf(items.map(({ item }) => item), edges);
  const byStage = stages.map((stage) => items.filter((item) => item.stage === stage)).filter((members) => members.length > 0);
  const inside = room.width - MARGIN - RIGHT;
  const most = Math.max(1, Math.floor((inside + room.gapX) / (room.boxWidth + room.gapX)));
  const columns: string[][] = [];
  const spans: { stage: string | null; from: number; columns: number }[] = [];
  const ordered = byStage.map((members) => members.toSorted((one, other) => levels.get(one.item)! - levels.get(other.item)! || (one.item < other.item ? -1 : 1)));
  const shares = columnsFor(ordered.map((members) => wantedColumns(members, levels)), most);
  ordered.forEach((members, number) => {
    const parts = cut(members, shares[number]!, levels);
    spans.push({ stage: members[0]!.stage, from: columns.length, columns: parts.length });
    columns.push(...parts);
  });
  const step = Math.max(room.boxWidth + room.gapX, columns.length > 1 ? (inside - room.boxWidth) / (columns.length - 1) : 0);
  const heights = downwards(columns, edges, room);
  const placed = new Map<string, Placed>();
  columns.forEach((column, number) => column.forEach((item) => placed.set(item, { item, level: levels.get(item)!, x: MARGIN + number * step, y: heights.get(item)! })));
  const bottom = Math.max(room.top, ...[...placed.values()].map(({ y }) => y + room.boxHeight));
  return {
    items: placed,
    bands: spans.map(({ stage, from, columns: n }) => ({ stage, x: MARGIN + from * step, width: (n - 1) * step + room.boxWidth })),
    width: Math.max(room.width, (columns.length - 1) * step + room.boxWidth + MARGIN + RIGHT),
    height: bottom,
  };
}

/** As many columns as there are steps from the earliest item of a stage to its latest, or as hold them all. */
function wantedColumns(members: readonly MapItem[], levels: ReadonlyMap<string, number>): number {
  const [least, most] = [levels.get(members[0]!.item)!, levels.get(members.at(-1)!.item)!];
  return Math.min(members.length, Math.max(Math.round(most - least) + 1, Math.ceil(members.length / TALL)));
}

/** How many columns each stage gets: one at least, and what it wants as far as there is room. */
function columnsFor(wanted: readonly number[], most: number): number[] {
  const shares = wanted.map(() => 1);
  for (let spare = most - wanted.length; spare > 0; spare--) {
    const missing = wanted.map((columns, stage) => columns / shares[stage]!);
    const neediest = missing.indexOf(Math.max(...missing));
    if (!(missing[neediest]! > 1)) break;
    shares[neediest]! += 1;
  }
  return shares;
}

/** Items in the order of their levels, in as many columns, cut where levels lie far apart. */
function cut(members: readonly MapItem[], columns: number, levels: ReadonlyMap<string, number>): string[][] {
  const names = members.map(({ item }) => item);
  if (columns < 2 || !names.length) return names.length ? [names] : [];
  const [least, most] = [levels.get(names[0]!)!, levels.get(names.at(-1)!)!];
  const even = Math.ceil(names.length / columns);
  const parts: string[][] = Array.from({ length: columns }, () => []);
  names.forEach((name, number) => {
    const byLevel = most > least ? ((levels.get(name)! - least) / (most - least)) * columns : 0;
    // between the level's own column and an even fill, so that no column is empty or endless
    const at = Math.min(columns - 1, Math.floor((byLevel + number / even) / 2));
    parts[at]!.push(name);
  });
  return parts.filter((part) => part.length > 0);
}

/** Each column in the order of what its items are connected with, and as near to that as fits. */
function downwards(columns: readonly string[][], edges: readonly MapEdge[], { top, boxHeight, gapY }: Room): Map<string, number> {
  const step = boxHeight + gapY;
  const tallest = Math.max(0, ...columns.map((column) => column.length)) * step;
  const ys = new Map<string, number>();
  for (const column of columns) {
    const first = top + (tallest - column.length * step) / 2;
    column.forEach((item, number) => ys.set(item, first + number * step));
  }
  const near = neighbours(columns, edges);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const ordered = sweep % 2 ? columns.toReversed() : columns;
    for (const column of ordered) settle(column, near, ys, top, top + tallest, step);
  }
  return ys;
}

function neighbours(columns: readonly string[][], edges: readonly MapEdge[]): Map<string, [string, number][]> {
  const near = new Map<string, [string, number][]>(columns.flat().map((item) => [item, []]));
  for (const { source, target, count } of edges) {
    if (source === target || !near.has(source) || !near.has(target)) continue;
    near.get(source)!.push([target, count]);
    near.get(target)!.push([source, count]);
  }
  return near;
}

function settle(column: string[], near: ReadonlyMap<string, [string, number][]>, ys: Map<string, number>, top: number, bottom: number, step: number): void {
  const wanted = new Map(column.map((item) => {
    const links = near.get(item)!;
    const weight = links.reduce((sum, [, count]) => sum + count, 0);
    const mean = links.reduce((sum, [other, count]) => sum + count * ys.get(other)!, 0) / (weight || 1);
    return [item, weight ? mean : ys.get(item)!];
  }));
  column.sort((one, other) => wanted.get(one)! - wanted.get(other)! || (one < other ? -1 : 1));
  let free = top;
  const places = column.map((item, number) => {
    const y = Math.min(Math.max(free, wanted.get(item)!), bottom - (column.length - number) * step);
    free = y + step;
    return y;
  });
  column.forEach((item, number) => ys.set(item, places[number]!));
}
