/**
 * The contract of a view: which question it asks of the population, what can be set, which figures
 * show the answer, and which customers stand behind what is clicked. A view is data and functions;
 * the shell asks, draws, exports and keeps its state in the address.
 */

import type { Population } from "../app/population";
import type { Figure, Pick } from "../figures/figure";

/** What a view's own controls are set to, as it stands in the address; a key can stand repeatedly. */
export type ViewState = Readonly<Record<string, readonly string[]>>;

/** What is known of the store before anything is asked. */
export interface Facts {
  readonly version: number;
  readonly interactions: number;
  readonly customers: number;
  readonly asOf: string | null;
  readonly currency: string | null;
  readonly touchpoints: readonly string[];
  readonly channels: readonly string[];
  readonly stages: readonly string[];
  /** Columns of the customers table, each with its most frequent values. */
  readonly attributes: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** Items of the population as it is cleaned (by `by` and the rules), most met first. */
  readonly items: readonly string[];
}

export interface Variable {
  /** Its GraphQL type, such as `[String!]`. */
  readonly type: string;
  readonly value: unknown;
}

/** A question: what is asked within `journeys(...)` of the population, and beside it. */
export interface Asked {
  /** Fields of `Journeys`, such as `flow: commonPaths(form: GRID, steps: $steps) { … }`. */
  readonly journeys?: string;
  /** Fields of `Query`, such as `customer(id: $id) { … }`. */
  readonly root?: string;
  readonly variables?: Readonly<Record<string, Variable>>;
}

/** Said instead of asking, where something must be chosen first. */
export interface Needs {
  readonly needs: string;
}

export type Control =
  | { readonly kind: "choice"; readonly key: string; readonly label: string; readonly value: string; readonly options: readonly { readonly value: string; readonly label: string }[] }
  /** One item of the population, or none. */
  | { readonly kind: "item"; readonly key: string; readonly label: string; readonly value: string; readonly none?: string }
  /** Items in an order that matters, such as the steps of a funnel. */
  | { readonly kind: "items"; readonly key: string; readonly label: string; readonly value: readonly string[]; readonly most?: number }
  /** `says` is the value in words, such as "covers 93 %". */
  | { readonly kind: "range"; readonly key: string; readonly label: string; readonly value: number; readonly least: number; readonly most: number; readonly step: number; readonly says?: string }
  | { readonly kind: "switch"; readonly key: string; readonly label: string; readonly value: boolean }
  /** A planned journey as text (plan.ts); `starts` are plans to begin with. */
  | { readonly kind: "plan"; readonly key: string; readonly label: string; readonly value: string; readonly starts: readonly { readonly label: string; readonly value: string }[] }
  | { readonly kind: "text"; readonly key: string; readonly label: string; readonly value: string; readonly example?: string; readonly list?: readonly string[] };

/** What came back, by the names of `Asked`: `data.journeys` has `warnings` and `outcome`, too. */
export type Data = { readonly journeys?: any; readonly [root: string]: any };

/** A difference as the API tells it: the first population less the second. */
export interface Difference {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly qValue: number | null;
  readonly small: boolean;
}

/** What was tested: a number of both populations, and the key of its row in the figure's table. */
export interface Tested {
  readonly key: string;
  readonly a: number | null;
  readonly b: number | null;
  readonly difference: Difference;
}

/** How the numbers of a figure are tested when two populations are compared. */
export interface Tests {
  /** Fields of `Journeys`; the variable `$with` is the second population's `where`. */
  readonly asked: string;
  readonly variables?: Readonly<Record<string, Variable>>;
  /** The column of the figure's table that is tested. */
  readonly column: string;
  readonly of: (data: Data, answers: readonly [unknown, unknown]) => readonly Tested[];
}

/** A figure and where in the data its answer is; null where there is none. */
export interface Shown {
  readonly figure: Figure<any>;
  readonly of: (data: Data) => unknown;
  /** Left out where the API tests none of its numbers. */
  readonly tests?: Tests;
  /** What to do where this one has nothing to show; that of the view, if not given. */
  readonly whenEmpty?: string;
  /** Share of the width that it takes beside others, 1 by default. */
  readonly width?: 1 | 0.5;
}

export interface CustomerPage {
  readonly count: number;
  /** Customers, or what is told of each: then what it says stands beside the customer. */
  readonly nodes: readonly { readonly id: string; readonly says?: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/**
 * A count behind a click. `asked` holds the list that stands beside the count, with
 * `(first: $first, after: $after) ${CUSTOMERS}`; the shell gives these two variables.
 */
export interface Behind {
  readonly label: string;
  readonly asked: Asked;
  readonly of: (data: Data) => CustomerPage | null | undefined;
  /** What is listed, one and many, where it is not customers. */
  readonly listed?: readonly [string, string];
}

/** What selects a page of customers: for `Behind`. */
export const CUSTOMERS = "{ count nodes { id } pageInfo { hasNextPage endCursor } }";

/** Somewhere to go from a click; what is not given stays as it is. */
export interface Action {
  readonly label: string;
  readonly view?: string;
  readonly state?: ViewState;
  readonly population?: (now: Population) => Population;
}

/** What the side panel says of a click. The shell adds the usual ways to go on for its kind. */
export interface Detail {
  readonly title: string;
  readonly facts?: readonly (readonly [string, string])[];
  readonly behind: readonly Behind[];
  readonly actions?: readonly Action[];
}

export interface View {
  /** In the address. */
  readonly name: string;
  readonly title: string;
  /** For who sees it for the first time: what it shows, in a sentence or two. */
  readonly explain: string;
  /** False where the view asks nothing of the population: the bar is not shown. */
  readonly ofPopulation?: boolean;
  /** `data` is the last answer, if there is one: a control can say what it does. */
  controls(state: ViewState, facts: Facts, data: Data | null): readonly Control[];
  ask(state: ViewState): Asked | Needs;
  figures(state: ViewState): readonly Shown[];
  detail?(pick: Pick, data: Data, state: ViewState): Detail | null;
  /** What a click does at once, in place of opening the panel. */
  immediate?(pick: Pick, state: ViewState): Action | null;
  /** What to do where there is nothing to show. */
  readonly whenEmpty?: string;
}

export function one(state: ViewState, key: string, otherwise = ""): string {
  return state[key]?.[0] ?? otherwise;
}

export function all(state: ViewState, key: string): readonly string[] {
  return state[key] ?? [];
}

/** A whole number within its bounds, whatever the address says. */
export function whole(state: ViewState, key: string, otherwise: number, least: number, most: number): number {
  const value = Number(one(state, key, String(otherwise)));
  return Number.isInteger(value) ? Math.min(most, Math.max(least, value)) : otherwise;
}

export function isOn(state: ViewState, key: string, otherwise = false): boolean {
  return one(state, key, otherwise ? "yes" : "no") === "yes";
}

/** A name as the pattern language takes it, for `did`: in quotes, exactly. */
export function quoted(item: string): string {
  return `"${item.replaceAll(/[\\"*?]/g, "\\$&")}"`;
}
