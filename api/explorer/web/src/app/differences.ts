/** What differs between the same figure of two populations, row by row of its numbers. */

import type { Cell, Column, Mark, Table } from "../figures/figure";
import type { Difference as Test, Tested } from "../views/view";
import { isSure, turned } from "./tests";

export interface Difference {
  readonly key: string;
  readonly name: string;
  readonly a: number | null;
  readonly b: number | null;
  readonly change: number | null;
  /** Of `change`; null where nobody tested it. */
  readonly test: Test | null;
}

export interface Differences {
  /** The column that is compared; null where the figure has no number. */
  readonly column: Column | null;
  readonly rows: readonly Difference[];
  readonly marksA: ReadonlyMap<string, Mark>;
  readonly marksB: ReadonlyMap<string, Mark>;
}

interface Value {
  readonly name: string;
  readonly value: number | null;
}

/** Populations of two sizes are compared by shares: the first column of one, else the first number. */
function compared({ columns }: Table, tested: string | undefined): number {
  if (tested !== undefined) return columns.findIndex(({ name }) => name === tested);
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

export function differencesOf(one: Table, other: Table, tests: { readonly column: string; readonly rows: readonly Tested[] } | null): Differences {
  const column = compared(one, tests?.column);
  const values = (table: Table): Map<string, Value> =>
    new Map(table.rows.map((cells, row) => [keyOf(table, row), { name: nameOf(table, row), value: column < 0 ? null : asNumber(cells[column]) }]));
  const [a, b] = [values(one), values(other)];
  const tested = new Map(tests?.rows.map((row) => [row.key, row]));
  const rows = [...new Set([...a.keys(), ...b.keys()])].map((key) => rowOf(key, a.get(key), b.get(key), tested.get(key)));
  rows.sort((left, right) => Number(isFound(right)) - Number(isFound(left)) || size(right) - size(left));
  return { column: one.columns[column] ?? null, rows, ...marksOf(rows) };
}

/** A test is of this row only if its numbers are those of the picture; what one side does not list it knows. */
function rowOf(key: string, a: Value | undefined, b: Value | undefined, tested: Tested | undefined): Difference {
  const isOfIt = tested !== undefined && (a === undefined || a.value === tested.a) && (b === undefined || b.value === tested.b);
  const [left, right] = isOfIt ? [tested.a, tested.b] : [a?.value ?? null, b?.value ?? null];
  const change = left !== null && right !== null ? right - left : null;
  return { key, name: (a ?? b)!.name, a: left, b: right, change, test: isOfIt ? turned(tested.difference) : null };
}

/** Whether it differs beyond chance. */
export function isFound({ test }: Difference): boolean {
  return test !== null && isSure(test);
}

/** What only one of the two lists comes by its own number. */
function size({ a, b, change, test }: Difference): number {
  return Math.abs(change ?? (test ? 0 : a ?? b ?? 0));
}

function marksOf(rows: readonly Difference[]): { marksA: Map<string, Mark>; marksB: Map<string, Mark> } {
  const marksA = new Map<string, Mark>();
  const marksB = new Map<string, Mark>();
  for (const row of rows) {
    const { key, a, b, change } = row;
    const [more, less]: readonly Mark[] = isFound(row) ? ["more", "less"] : ["maybe more", "maybe less"];
    if (change) {
      marksA.set(key, (change < 0 ? more : less)!);
      marksB.set(key, (change > 0 ? more : less)!);
    } else if (change === null && (a === null) !== (b === null)) (a === null ? marksB : marksA).set(key, "only");
  }
  return { marksA, marksB };
}
