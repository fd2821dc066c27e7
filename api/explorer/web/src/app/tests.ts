/** Whether what differs between two populations could be chance: one question beside the two views. */

import type { Asked, Data, Difference, Shown, Tested, View, ViewState } from "../views/view";
import { useAnswer, type Asking } from "./asking";
import { questionOf, type Question } from "./client";
import { variablesOf, type Population } from "./population";

export interface Testing {
  readonly asking: Asking<unknown>;
  readonly question: Question | null;
  /** The answer to the question as it is now. */
  readonly data: Data | null;
  /** Why nothing is tested at all; null where it is. */
  readonly reason: string | null;
}

const SAME = "Both populations are the same. Choose another one in a bar above.";
const UNLIKE =
  "The two populations differ in more than who is looked at, such as items, rules, what is counted or the outcome: differences are then not tested. Give both bars the same, and they are.";

/** Each measure of the whole: its field, its name, and what its values are. */
export const MEASURES = [
  { field: "outcomeRate", title: "With the outcome", unit: "share" },
  { field: "exitRate", title: "Left without it, of those not open", unit: "share" },
  { field: "openShare", title: "Still open", unit: "share" },
  { field: "valuePerUnit", title: "Value, mean", unit: "number" },
  { field: "itemsPerJourney", title: "Items of a journey, mean", unit: "number" },
  { field: "journeySeconds", title: "Time of a journey, mean", unit: "seconds" },
  { field: "emotion", title: "Emotion, mean", unit: "number" },
] as const;

const TESTED = "{ value low high qValue small }";
const WHOLE = `compare(with: $with) {
units againstUnits shared tested wording warnings
${MEASURES.map(({ field }) => `${field} { population { value } against { value } difference ${TESTED} }`).join("\n")}
}`;

/** What is compared beside who is looked at must be the same: only then are numbers of one kind. */
function reasonOf(one: Population, other: Population): string | null {
  const [{ where, ...rest }, { where: otherWhere, ...otherRest }] = [variablesOf(one), variablesOf(other)];
  if (JSON.stringify(rest) !== JSON.stringify(otherRest)) return UNLIKE;
  return JSON.stringify(where) === JSON.stringify(otherWhere) ? SAME : null;
}

function askedBy(view: View, state: ViewState, against: Population): Asked {
  const tests = view.figures(state).flatMap((shown) => shown.tests ?? []);
  return {
    journeys: [WHOLE, ...tests.map(({ asked }) => asked)].join("\n"),
    variables: Object.assign({ with: { type: "WhereInput!", value: variablesOf(against)["where"] ?? {} } }, ...tests.map(({ variables }) => variables)),
  };
}

export function useTests(view: View, state: ViewState, population: Population, against: Population | null): Testing {
  const reason = against && reasonOf(population, against);
  const question = against && !reason ? questionOf("Differences", askedBy(view, state, against), population) : null;
  const key = question && JSON.stringify(question);
  const asking = useAnswer<string | null>(question, key);
  const { answered } = asking;
  return { asking, question, data: answered && answered.about === key ? answered.answer.data : null, reason };
}

/** What was tested of one figure; null where nothing is. */
export function testsOf({ tests }: Shown, { data }: Testing, answers: readonly [unknown, unknown]): { readonly column: string; readonly rows: readonly Tested[] } | null {
  if (!tests) return null;
  return { column: tests.column, rows: data?.journeys ? tests.of(data, answers) : [] };
}

export function whyUntested({ tests }: Shown, { reason, data, asking }: Testing): string | null {
  if (reason) return reason;
  if (!tests) return "How large a difference is stands here, not whether it could be chance: this picture's numbers have no test.";
  if (data) return null;
  return asking.since === null ? "The differences could not be tested." : "Differences are being tested …";
}

export function isSure({ qValue }: Difference): boolean {
  return qValue !== null && qValue <= 0.05;
}

/** As the page says it: the second population less the first. */
export function turned({ value, low, high, ...rest }: Difference): Difference {
  const minus = (x: number | null): number | null => (x === null ? null : x === 0 ? 0 : -x);
  return { value: minus(value), low: minus(high), high: minus(low), ...rest };
}
