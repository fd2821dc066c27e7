/** Two populations as a whole: the measures that the API compares, whatever the view shows. */

import type { Context } from "../figures/figure";
import { cell, count, share } from "../figures/numbers";
import type { Difference as Test } from "../views/view";
import { changeWords, TestCells, type Print } from "./comparison";
import { isFound, type Difference } from "./differences";
import type { Side } from "./side";
import { MEASURES, turned, type Testing } from "./tests";

interface Props {
  readonly b: Side;
  readonly tests: Testing;
  readonly context: Context;
  readonly showQuery: (of: "pictures" | "tests") => void;
}

interface Measure {
  readonly population: { readonly value: number | null };
  readonly against: { readonly value: number | null };
  readonly difference: Test;
}

interface Whole extends Readonly<Record<(typeof MEASURES)[number]["field"], Measure>> {
  readonly units: number;
  readonly againstUnits: number;
  readonly shared: number;
  readonly tested: number;
  readonly wording: string;
}

export function WholeTable({ tests, context, showQuery }: Props) {
  const whole: Whole | null | undefined = tests.data?.journeys?.compare;
  if (tests.reason) return <p class="hint whole" role="note">{tests.reason}</p>;
  if (!whole) return null;
  return (
    <figure class="picture differences whole" data-figure="whole-differences">
      <header>
        <h2>As a whole</h2>
        <div class="tools"><button type="button" aria-label="The tests as GraphQL" onClick={() => showQuery("tests")}>GraphQL</button></div>
      </header>
      <figcaption>{summaryOf(whole)}</figcaption>
      <table>
        <thead>
          <tr><th scope="col">Measure</th><th scope="col" class="n">A</th><th scope="col" class="n">B</th><th scope="col" class="n">B − A</th><th scope="col" class="n">interval</th><th scope="col" class="n">q</th></tr>
        </thead>
        <tbody>{MEASURES.map((measure) => <MeasureRow key={measure.field} {...measure} measured={whole[measure.field]} context={context} />)}</tbody>
      </table>
    </figure>
  );
}

function summaryOf({ units, againstUnits, shared, tested }: Whole): string {
  const both = shared ? `${count(shared)} customers (${share(shared / Math.max(1, Math.min(units, againstUnits)))} of the smaller one) are in both, which the tests allow for.` : "No customer is in both.";
  return `${count(units)} in A and ${count(againstUnits)} in B. ${both} Set in bold: differences beyond chance (q ≤ 0.05 over the ${tested} that are tested). The others could be chance.`;
}

function MeasureRow({ field, title, unit, measured, context }: (typeof MEASURES)[number] & { measured: Measure; context: Context }) {
  const [a, b] = [measured.population.value, measured.against.value];
  const row: Difference = { key: field, name: title, a, b, change: a !== null && b !== null ? b - a : null, test: turned(measured.difference) };
  const print: Print = (value) => cell(value, unit, context.locale, context.currency);
  return (
    <tr data-key={field} data-sure={isFound(row) ? "yes" : undefined} class={isFound(row) ? "" : "unsure"}>
      <th scope="row">{title}</th>
      <td class="n" data-value={a ?? ""}>{print(a)}</td>
      <td class="n" data-value={b ?? ""}>{print(b)}</td>
      <td class="n" data-value={row.change ?? ""}>{changeWords(row, unit === "share", print)}</td>
      <TestCells row={row} isShare={unit === "share"} print={print} />
    </tr>
  );
}
