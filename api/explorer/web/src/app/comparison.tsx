/** The differences between two populations, the largest first. */

import type { Context, Figure } from "../figures/figure";
import { cell, NOTHING, signed } from "../figures/numbers";
import type { Difference, Differences } from "./differences";

const SHOWN = 12;

export function DifferencesTable({ figure, differences, context }: { figure: Figure<any>; differences: Differences; context: Context }) {
  const { column } = differences;
  if (!column) return null;
  const rows = differences.rows.filter(({ change, a, b }) => change !== 0 && (a !== null || b !== null)).slice(0, SHOWN);
  const most = Math.max(...rows.map(({ change }) => Math.abs(change ?? 0)), Number.MIN_VALUE);
  const print = (value: number | null): string => cell(value, column.unit, context.locale, context.currency);
  return (
    <figure class="picture differences" data-figure={`${figure.name}-differences`}>
      <header><h2>Where they differ most: {column.title.toLowerCase()}</h2></header>
      {rows.length === 0 ? <p class="empty">They do not differ.</p> : (
        <table>
          <thead><tr><th scope="col">{figure.title}</th><th scope="col" class="n">A</th><th scope="col" class="n">B</th><th scope="col" class="n">B − A</th><th scope="col"><span class="unseen">as a bar</span></th></tr></thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key} data-key={row.key}>
                <th scope="row"><bdi>{row.name}</bdi></th>
                <td class="n" data-value={row.a ?? ""}>{print(row.a)}</td>
                <td class="n" data-value={row.b ?? ""}>{print(row.b)}</td>
                <td class="n" data-value={row.change ?? ""}>{changeWords(row, column.unit === "share" || column.unit === "rate", print)}</td>
                <td><Bar change={row.change} most={most} context={context} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </figure>
  );
}

/** Shares differ by percentage points. */
function changeWords({ a, b, change }: Difference, isShare: boolean, print: (value: number | null) => string): string {
  if (change === null) return a === null ? "not listed in A" : b === null ? "not listed in B" : NOTHING;
  if (isShare) return `${signed(change * 100)} pts`;
  return `${change > 0 ? "+" : "−"}${print(Math.abs(change))}`;
}

function Bar({ change, most, context: { theme } }: { change: number | null; most: number; context: Context }) {
  const width = change === null ? 0 : (Math.abs(change) / most) * 60;
  return (
    <svg width="128" height="12" aria-hidden="true">
      <line x1="64" x2="64" y1="0" y2="12" stroke={theme.line} />
      <rect x={(change ?? 0) < 0 ? 64 - width : 64} y="2" width={width} height="8" fill={(change ?? 0) < 0 ? theme.series[0] : theme.series[1]} />
    </svg>
  );
}
