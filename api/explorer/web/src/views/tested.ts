/** The tests that `compare` makes of items and transitions, by the keys that figures give them. */

import type { Data, Difference, Tested, Tests } from "./view";

const DIFFERENCE = "{ value low high qValue small }";

interface Side {
  readonly share: Value;
  readonly rate: Value;
  readonly emotion: Value;
}

interface Value {
  readonly value: number | null;
}

type ItemMeasure = "share" | "rate" | "emotion";
type Keys<Row> = (row: Row, answers: readonly [any, any]) => readonly string[];

interface ComparedItem extends Readonly<Record<`${ItemMeasure}Difference`, Difference>> {
  readonly item: string;
  readonly population: Side;
  readonly against: Side;
}

interface ComparedEdge {
  readonly source: string;
  readonly target: string;
  readonly population: Pick<Side, "share">;
  readonly against: Pick<Side, "share">;
  readonly shareDifference: Difference;
}

const EDGES = `compare(with: $with) { transitions(first: 1000) { nodes {
source target population { share { value } } against { share { value } } shareDifference ${DIFFERENCE}
} } }`;

function itemsAsked(measure: ItemMeasure): string {
  const side = `{ ${measure} { value } }`;
  return `compare(with: $with) { items(first: 1000) { nodes { item population ${side} against ${side} ${measure}Difference ${DIFFERENCE} } } }`;
}

/** A measure of items, in the rows that `keys` gives for each. */
export function itemTests(measure: ItemMeasure, column: string, keys: Keys<ComparedItem>): Tests {
  return {
    asked: itemsAsked(measure),
    column,
    of: ({ journeys }: Data, answers) =>
      ((journeys?.compare?.items?.nodes ?? []) as readonly ComparedItem[]).flatMap((node) =>
        keys(node, answers).map((key): Tested => ({ key, a: node.population[measure].value, b: node.against[measure].value, difference: node[`${measure}Difference`] }))),
  };
}

/** The shares of units that take a transition. */
export function edgeTests(column: string, key: (source: string, target: string) => string): Tests {
  return {
    asked: EDGES,
    column,
    of: ({ journeys }: Data) =>
      ((journeys?.compare?.transitions?.nodes ?? []) as readonly ComparedEdge[]).map(({ source, target, population, against, shareDifference }): Tested => (
        { key: key(source, target), a: population.share.value, b: against.share.value, difference: shareDifference })),
  };
}

/** Two kinds of rows in one column. */
export function both(one: Tests, other: Tests): Tests {
  return { asked: `${one.asked}\n${other.asked}`, column: one.column, of: (data, answers) => [...one.of(data, answers), ...other.of(data, answers)] };
}
