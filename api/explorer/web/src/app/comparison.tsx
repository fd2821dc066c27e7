/** The differences between two populations: those beyond chance first, then the largest. */

import type { Context, Figure } from "../figures/figure";
import { cell, NOTHING, probability, signed } from "../figures/numbers";
import { isFound, type Difference, type Differences } from "./differences";

const SHOWN = 12;

export type Print = (value: number | null) => string;

interface Props {
  readonly figure: Figure<any>;
  readonly differences: Differences;
  /** Why none of it is tested; null where it is. */
  readonly why: string | null;
  readonly context: Context;
}

export function DifferencesTable({ figure, differences, why, context }: Props) {
  const { column } = differences;
  if (!column) return null;
  const rows = differences.rows.filter(({ change, a, b }) => change !== 0 && (a !== null || b !== null)).slice(0, SHOWN);
  const print = (value: number | null): string => cell(value, column.unit, context.locale, context.currency);
  return (
    <figure class="picture differences" data-figure={`${figure.name}-differences`}>
      <header><h2>Where they differ most: {column.title.toLowerCase()}</h2></header>
      <figcaption>{why ?? wordsOf(differences)}</figcaption>
      {rows.length === 0 ? <p class="empty">They do not differ.</p> : (
        <ChangeTable head={figure.title} rows={rows} unit={column.unit} print={() => print} hasTests={why === null} context={context} />
      )}
    </figure>
  );
}

function wordsOf({ rows }: Differences): string {
  const tested = rows.filter(({ test }) => test?.qValue != null);
  const found = tested.filter(isFound).length;
  return (
    `${found} of ${tested.length} that are tested here differ beyond chance: marked ▲ or ▼, with q ≤ 0.05, the false discovery rate over all that the API tests of this kind. ` +
    "The others, paler and marked △ or ▽, could be chance or have no test; ◇ stands where only one population lists it."
  );
}

interface TableProps {
  readonly head: string;
  readonly rows: readonly Difference[];
  readonly unit: string | undefined;
  readonly print: (row: Difference) => Print;
  readonly hasTests: boolean;
  readonly context: Context;
}

export function ChangeTable({ head, rows, unit, print, hasTests, context }: TableProps) {
  const ends = rows.flatMap(({ change, test }) => [change, test?.low, test?.high].map((end) => Math.abs(end ?? 0)));
  const most = Math.max(...ends, Number.MIN_VALUE);
  const isShare = unit === "share" || unit === "rate";
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{head}</th><th scope="col" class="n">A</th><th scope="col" class="n">B</th><th scope="col" class="n">B − A</th>
          {hasTests && <><th scope="col" class="n">interval</th><th scope="col" class="n">q</th></>}
          <th scope="col"><span class="unseen">as a bar</span></th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key} data-key={row.key} data-sure={isFound(row) ? "yes" : undefined} class={hasTests && !isFound(row) ? "unsure" : ""}>
            <th scope="row"><bdi>{row.name}</bdi></th>
            <td class="n" data-value={row.a ?? ""}>{print(row)(row.a)}</td>
            <td class="n" data-value={row.b ?? ""}>{print(row)(row.b)}</td>
            <td class="n" data-value={row.change ?? ""}>{changeWords(row, isShare, print(row))}</td>
            {hasTests && <TestCells row={row} isShare={isShare} print={print(row)} />}
            <td><Bar row={row} most={most} isPale={hasTests && !isFound(row)} context={context} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function TestCells({ row: { test }, isShare, print }: { row: Difference; isShare: boolean; print: Print }) {
  const said = (end: number | null): string => (end === null ? NOTHING : isShare ? signed(end * 100) : withSign(end, print));
  return (
    <>
      <td class="n" data-low={test?.low ?? ""} data-high={test?.high ?? ""}>{test?.low == null ? NOTHING : `${said(test.low)} to ${said(test.high)}`}</td>
      <td class="n" data-q={test?.qValue ?? ""}>{test === null ? "no test" : `${probability(test.qValue)}${test.small ? " · n < 30" : ""}`}</td>
    </>
  );
}

function withSign(value: number, print: Print): string {
  return value === 0 ? print(0) : `${value > 0 ? "+" : "−"}${print(Math.abs(value))}`;
}

/** Shares differ by percentage points. */
export function changeWords({ a, b, change, test }: Difference, isShare: boolean, print: Print): string {
  if (change === null) return test !== null || a === b ? NOTHING : a === null ? "not listed in A" : "not listed in B";
  return isShare ? `${signed(change * 100)} pts` : withSign(change, print);
}

function Bar({ row: { change, test }, most, isPale, context: { theme } }: { row: Difference; most: number; isPale: boolean; context: Context }) {
  const at = (value: number): number => 64 + (value / most) * 60;
  const end = at(change ?? 0);
  return (
    <svg width="128" height="12" aria-hidden="true">
      <line x1="64" x2="64" y1="0" y2="12" stroke={theme.line} />
      <rect x={Math.min(64, end)} y="2" width={Math.abs(end - 64)} height="8" fill={(change ?? 0) < 0 ? theme.series[0] : theme.series[1]} fill-opacity={isPale ? 0.4 : 1} />
      {test?.low != null && test.high != null && <line x1={at(test.low)} x2={at(test.high)} y1="6" y2="6" stroke={theme.text} stroke-opacity={isPale ? 0.5 : 0.9} />}
    </svg>
  );
}
