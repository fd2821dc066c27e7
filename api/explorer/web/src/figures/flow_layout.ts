/**
 * Where everything of a flow stands. The height of a place is its paths, on one scale for the
 * whole picture; what goes into a place and what comes out of it are as wide together as the place
 * is high, so that no path is drawn twice and none is lost.
 */

export interface Estimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface Place {
  readonly items: readonly string[];
  readonly units: number;
  readonly count: number;
  readonly outcomeRate: Estimate;
  readonly medianSeconds: number | null;
  readonly small: boolean;
  readonly step: {
    readonly id: number;
    readonly step: number;
    readonly isOther: boolean;
    readonly merged: number;
    readonly ofParent: Estimate;
    readonly stopped: number;
    readonly exits: number | null;
    readonly open: number | null;
    readonly withOutcome: number | null;
    readonly beyond: number;
  };
}

export interface GridColumn {
  readonly step: number;
  readonly count: number;
  readonly overCount: number;
  readonly overExits: number | null;
  readonly overOpen: number | null;
  readonly overWithOutcome: number | null;
}

export interface GridFlow {
  readonly step: number;
  readonly source: number;
  readonly target: number;
  readonly count: number;
  readonly units: number;
}

/** A step grid with its flows, as `commonPaths` answers it. */
export interface Grid {
  readonly units: number;
  readonly unitsWithPath: number | null;
  readonly count: number;
  readonly backwards: boolean;
  readonly nodes: readonly Place[];
  readonly columns: readonly GridColumn[];
  readonly flows: readonly GridFlow[];
}

export type Side = "before" | "after";

/** What became of paths that end at a place, and of those that go on out of the picture. */
export type Fate = "beyond" | "outcome" | "open" | "exits" | "ends" | "begins";

export interface Stub {
  readonly fate: Fate;
  readonly count: number;
  readonly y: number;
  readonly height: number;
}

export interface Box {
  /** Column of the picture: 0 is the anchor, or the first step; before it are negative ones. */
  readonly at: number;
  readonly place: Place;
  /** The same place as the anchor of the grid before, where there is one. */
  readonly mirrored: Place | null;
  readonly x: number;
  readonly y: number;
  readonly height: number;
  /** The room that it has in its column. */
  readonly slot: number;
  readonly stubs: readonly Stub[];
}

export interface Band {
  readonly side: Side;
  readonly flow: GridFlow;
  /** In the order of time, whichever way the grid was read. */
  readonly from: Box;
  readonly to: Box;
  readonly fromY: number;
  readonly toY: number;
  readonly height: number;
}

export interface FlowColumn {
  readonly side: Side;
  readonly at: number;
  readonly x: number;
  readonly column: GridColumn;
}

export interface FlowLayout {
  readonly width: number;
  readonly height: number;
  readonly gap: number;
  readonly columns: readonly FlowColumn[];
  readonly boxes: readonly Box[];
  readonly bands: readonly Band[];
}

export const BOX = 10;
export const TOP = 64;
const LEAST_GAP = 132;
const MOST_GAP = 420;
const LEAST_SLOT = 19;
const SPACE = 5;
const BODY = 430;

export interface Part {
  readonly side: Side;
  readonly grid: Grid;
}

export function atOf(side: Side, step: number): number {
  return side === "after" ? step - 1 : 1 - step;
}

export function layOut(sides: readonly Part[], room: number): FlowLayout {
  const columns = columnsOf(sides);
  const first = columns[0]?.at ?? 0;
  const hasBefore = sides.some(({ side }) => side === "before");
  // what is left of the first column: stubs of what began there
  const left = hasBefore ? 32 : 2;
  const gap = Math.min(MOST_GAP, Math.max(LEAST_GAP, (room - left - 2) / Math.max(1, columns.length)));
  const xOf = (at: number): number => left + (at - first) * gap;
  const slots = placesByColumn(sides);
  const scale = scaleOf(slots);
  const boxes: Box[] = [];
  for (const [at, places] of slots) {
    let y = TOP;
    for (const { place, mirrored } of places) {
      const height = place.count * scale;
      const slot = Math.max(LEAST_SLOT, height);
      boxes.push({ at, place, mirrored, x: xOf(at), y, height, slot, stubs: [] });
      y += slot + SPACE;
    }
  }
  const bottom = Math.max(TOP, ...boxes.map((box) => box.y + box.slot));
  const placed = withBands(sides, boxes, scale);
  return {
    width: left + columns.length * gap + 2,
    height: bottom + 24,
    gap,
    columns: columns.map((column) => ({ ...column, x: xOf(column.at) })),
    ...placed,
  };
}

function columnsOf(sides: readonly Part[]): Omit<FlowColumn, "x">[] {
  const columns = new Map<number, Omit<FlowColumn, "x">>();
  for (const { side, grid } of sides) {
    for (const column of grid.columns) {
      const at = atOf(side, column.step);
      // steps that nobody reaches are no columns, but for the first
      if (column.count > 0 || column.step === 1) columns.set(at, { side, at, column });
    }
  }
  return [...columns.values()].sort((one, other) => one.at - other.at);
}

interface Slot {
  readonly place: Place;
  readonly mirrored: Place | null;
}

function placesByColumn(sides: readonly Part[]): Map<number, Slot[]> {
  const found = new Map<number, Slot[]>();
  const before = sides.find(({ side }) => side === "before")?.grid;
  for (const { side, grid } of sides) {
    for (const place of grid.nodes) {
      const at = atOf(side, place.step.step);
      if (side === "before" && at === 0 && sides.length > 1) continue;
      const mirrored = side === "after" && at === 0 && before ? sameIn(before, place) : null;
      const column = found.get(at) ?? [];
      column.push({ place, mirrored });
      found.set(at, column);
    }
  }
  return found;
}

function sameIn(grid: Grid, { items, step }: Place): Place | null {
  const same = (other: Place): boolean =>
    other.step.step === 1 && other.step.isOther === step.isOther && other.items[0] === items[0];
  return grid.nodes.find(same) ?? null;
}

/** Pixels for one path, so that the fullest column is about as high as the picture should be. */
function scaleOf(slots: ReadonlyMap<number, readonly Slot[]>): number {
  const columns = [...slots.values()].map((places) => places.map(({ place }) => place.count));
  const heightAt = (scale: number): number =>
    Math.max(0, ...columns.map((counts) => counts.reduce((sum, n) => sum + Math.max(LEAST_SLOT, n * scale) + SPACE, 0)));
  const body = Math.max(BODY, heightAt(0) * 1.35);
  const total = Math.max(1, ...columns.map((counts) => counts.reduce((sum, n) => sum + n, 0)));
  let least = 0;
  let most = body / total;
  for (let round = 0; round < 40; round++) {
    const middle = (least + most) / 2;
    if (heightAt(middle) <= body) least = middle;
    else most = middle;
  }
  return least;
}

function withBands(sides: readonly Part[], boxes: readonly Box[], scale: number): { boxes: Box[]; bands: Band[] } {
  const bands: Band[] = [];
  const stubs = new Map<Box, Stub[]>();
  for (const { side, grid } of sides) {
    const own = new Set(grid.nodes);
    const byId = new Map<number, Box>();
    for (const box of boxes) {
      const place = side === "before" && box.mirrored ? box.mirrored : box.place;
      if (own.has(place)) byId.set(place.step.id, box);
    }
    bands.push(...bandsOf(side, grid, byId, scale));
    const flowing = new Map<number, number>();
    for (const { source, count } of grid.flows) flowing.set(source, (flowing.get(source) ?? 0) + count);
    for (const place of grid.nodes) {
      const box = byId.get(place.step.id);
      if (!box) continue;
      const top = box.y + (flowing.get(place.step.id) ?? 0) * scale;
      stubs.set(box, [...(stubs.get(box) ?? []), ...stubsOf(place, side, top, scale)]);
    }
  }
  const finished = new Map(boxes.map((box) => [box, { ...box, stubs: stubs.get(box) ?? [] }]));
  return {
    boxes: [...finished.values()],
    bands: bands.map((band) => ({ ...band, from: finished.get(band.from)!, to: finished.get(band.to)! })),
  };
}

/** Bands leave and enter places in the order in which these stand, so that they cross little. */
function bandsOf(side: Side, grid: Grid, byId: ReadonlyMap<number, Box>, scale: number): Band[] {
  const known = grid.flows.filter(({ source, target }) => byId.has(source) && byId.has(target));
  const ordered = known.toSorted(
    (one, other) => byId.get(one.source)!.y - byId.get(other.source)!.y || byId.get(one.target)!.y - byId.get(other.target)!.y,
  );
  const left = new Map<Box, number>();
  const right = new Map<Box, number>();
  return ordered.map((flow) => {
    const source = byId.get(flow.source)!;
    const target = byId.get(flow.target)!;
    const height = flow.count * scale;
    const outOf = source.y + (right.get(source) ?? 0);
    const into = target.y + (left.get(target) ?? 0);
    right.set(source, (right.get(source) ?? 0) + height);
    left.set(target, (left.get(target) ?? 0) + height);
    return side === "after"
      ? { side, flow, from: source, to: target, fromY: outOf, toY: into, height }
      : { side, flow, from: target, to: source, fromY: into, toY: outOf, height };
  });
}

function stubsOf(place: Place, side: Side, top: number, scale: number): Stub[] {
  const { stopped, exits, open, withOutcome, beyond } = place.step;
  const ended: [Fate, number][] = exits === null
    ? [[side === "before" ? "begins" : "ends", stopped]]
    : [["outcome", withOutcome ?? 0], ["open", open ?? 0], ["exits", exits]];
  const counts: [Fate, number][] = [["beyond", beyond], ...ended];
  let y = top;
  return counts.filter(([, count]) => count > 0).map(([fate, count]) => {
    const stub = { fate, count, y, height: count * scale };
    y += stub.height;
    return stub;
  });
}
