/** What differs between the same figure of two populations, row by row of its numbers. */

import type { Cell, Column, Mark, Table } from "../figures/figure";

export interface Difference {
  readonly key: string;
  readonly name: string;
  readonly a: number | null;
  readonly b: number | null;
  readonly change: number | null;
}

export interface Differences {
  /** The column that is compared; null where the figure has no number. */
  readonly column: Column | null;
  readonly rows: readonly Difference[];
  readonly marksA: ReadonlyMap<string, Mark>;
  readonly marksB: ReadonlyMap<string, Mark>;
}

/** Populations of two sizes are compared by shares: the first column of one, else the first number. */
function compared({ columns }: Table): number {
  const share = columns.findIndex(({ unit }) => unit === "share" || unit === "rate");
  return share >= 0 ? share : columns.findIndex(({ unit }) => unit !== undefined && unit !== "text");
}

function asNumber(value: Cell | undefined): number | null {
  if (value == null || value === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

function keyOf(table: Table, row: number): string {
  const words = table.rows[row]!.filter((_, at) => (table.columns[at]!.unit ?? "text") === "text");
  return table.keys?.[row] ?? JSON.stringify(words);
}

function nameOf(table: Table, row: number): string {
  const words = table.rows[row]!.filter((value, at) => value != null && (table.columns[at]!.unit ?? "text") === "text");
  return words.join(" → ") || `${row + 1}`;
}

export function differencesOf(one: Table, other: Table): Differences {
  const column = compared(one);
  const values = (table: Table): Map<string, { name: string; value: number | null }> =>
    new Map(table.rows.map((cells, row) => [keyOf(table, row), { name: nameOf(table, row), value: column < 0 ? null : asNumber(cells[column]) }]));
  const [a, b] = [values(one), values(other)];
  const rows = [...new Set([...a.keys(), ...b.keys()])].map((key) => {
    const [left, right] = [a.get(key), b.get(key)];
    const change = left?.value != null && right?.value != null ? right.value - left.value : null;
    return { key, name: (left ?? right)!.name, a: left?.value ?? null, b: right?.value ?? null, change };
  });
  rows.sort((left, right) => size(right) - size(left));
  return { column: one.columns[column] ?? null, rows, ...marksOf(rows) };
}

/** What only one of the two lists comes by its own number. */
function size({ a, b, change }: Difference): number {
  return Math.abs(change ?? a ?? b ?? 0);
}

function marksOf(rows: readonly Difference[]): { marksA: Map<string, Mark>; marksB: Map<string, Mark> } {
  const marksA = new Map<string, Mark>();
  const marksB = new Map<string, Mark>();
  for (const { key, a, b, change } of rows) {
    if (change) {
      marksA.set(key, change < 0 ? "more" : "less");
      marksB.set(key, change > 0 ? "more" : "less");
    } else if (change === null && (a === null) !== (b === null)) (a === null ? marksB : marksA).set(key, "only");
  }
  return { marksA, marksB };
}
