/** A measure over calendar time or by cohort, with intervals, and where its level changes. */

import { trend as figure, type TrendPoint } from "../figures/trend";
import { count } from "../figures/numbers";
import { cursorBehind } from "./cursor";
import { all, CUSTOMERS, isOn, one, type Asked, type Control, type Data, type Detail, type Needs, type Tested, type Tests, type Variable, type View, type ViewState } from "./view";

const MEASURES = [
  { value: "CUSTOMERS", label: "customers" }, { value: "NEW_CUSTOMERS", label: "new customers" }, { value: "INTERACTIONS", label: "interactions" },
  { value: "OUTCOMES", label: "outcomes" }, { value: "OUTCOME_RATE", label: "rate of outcomes" }, { value: "EXIT_RATE", label: "rate of leaving" },
  { value: "FUNNEL_CONVERSION", label: "conversion of a funnel" }, { value: "VALUE", label: "value" }, { value: "VALUE_PER_CUSTOMER", label: "value per customer" },
  { value: "COST", label: "cost" }, { value: "EMOTION", label: "emotion" }, { value: "GAP", label: "found less expected" },
  { value: "ITEM_SHARE", label: "share of an item" }, { value: "ITEM_REACH", label: "customers who meet an item" }, { value: "REFERRALS", label: "referrals" },
  { value: "COMPLAINTS", label: "complaints" },
];
const LENGTHS = [{ value: "month", label: "months" }, { value: "week", label: "weeks" }, { value: "day", label: "days" }, { value: "quarter", label: "quarters" }, { value: "year", label: "years" }];
const OF_AN_ITEM = new Set(["ITEM_SHARE", "ITEM_REACH"]);
const FOLLOWED = new Set(["OUTCOME_RATE", "FUNNEL_CONVERSION"]);
const MOST_POINTS = 1000;

interface Options {
  readonly of: string;
  readonly every: string;
  readonly item: string;
  readonly steps: readonly string[];
  readonly within: string;
  readonly cohorts: boolean;
}

function optionsOf(state: ViewState): Options {
  const among = (key: string, options: readonly { readonly value: string }[]): string => options.find(({ value }) => value === one(state, key))?.value ?? options[0]!.value;
  return { of: among("of", MEASURES), every: among("every", LENGTHS), item: one(state, "item"), steps: all(state, "step"), within: one(state, "within"), cohorts: isOn(state, "cohorts") };
}

function takesItem({ of }: Options): boolean {
  return OF_AN_ITEM.has(of) || of === "EXIT_RATE";
}

function takesTime({ of, cohorts }: Options): boolean {
  return FOLLOWED.has(of) || (cohorts && of !== "EXIT_RATE");
}

/** Only what this measure understands. */
function variablesOf(options: Options): Record<string, Variable> {
  const { of, every, item, steps, within, cohorts } = options;
  return {
    of: { type: "TrendMeasure!", value: of },
    every: { type: "Duration!", value: every },
    cohorts: { type: "Boolean!", value: cohorts },
    ...(takesItem(options) && item ? { item: { type: "String", value: item } } : {}),
    ...(of === "FUNNEL_CONVERSION" ? { steps: { type: "[String!]", value: steps } } : {}),
    ...(takesTime(options) && within ? { within: { type: "Duration", value: within } } : {}),
  };
}

function asked(options: Options, more: string): string {
  return `trend(${Object.keys(variablesOf(options)).map((key) => `${key}: $${key}`).join(", ")}, ${more})`;
}

function ask(state: ViewState): Asked | Needs {
  const options = optionsOf(state);
  if (OF_AN_ITEM.has(options.of) && !options.item) return { needs: "Choose the item that it is about." };
  if (options.of === "FUNNEL_CONVERSION" && options.steps.length < 2) return { needs: "Choose the steps of the funnel, two at least." };
  return { journeys: `${asked(options, `first: ${MOST_POINTS}`)} ${figure.selection.replace("{", "{ warnings")}`, variables: variablesOf(options) };
}

/** The API sets the second population beside the first, period by period. */
function testsOf(state: ViewState): Tests {
  const options = optionsOf(state);
  return {
    asked: `${asked(options, `first: ${MOST_POINTS}, permutations: 0, againstWhere: $with`)} { nodes { period value against { value } difference { value low high qValue small } } }`,
    variables: variablesOf(options),
    column: "value",
    of: ({ journeys }) => (journeys?.trend?.nodes ?? []).flatMap(({ period, value, against, difference }: any): Tested[] =>
      (against && difference ? [{ key: period, a: value, b: against.value, difference }] : [])),
  };
}

function controls(state: ViewState): readonly Control[] {
  const options = optionsOf(state);
  return [
    { kind: "choice", key: "of", label: "Follow", value: options.of, options: MEASURES },
    ...(takesItem(options) ? [{ kind: "item", key: "item", label: "Item", value: options.item, ...(OF_AN_ITEM.has(options.of) ? {} : { none: "any" }) } as const] : []),
    ...(options.of === "FUNNEL_CONVERSION" ? [{ kind: "items", key: "step", label: "Funnel, step by step", value: options.steps } as const] : []),
    { kind: "choice", key: "every", label: "by", value: options.every, options: LENGTHS },
    { kind: "switch", key: "cohorts", label: "by when customers were first seen", value: options.cohorts },
    ...(takesTime(options) ? [{ kind: "text", key: "within", label: "Followed for", value: options.within, example: "30d", list: ["7d", "30d", "60d", "90d", "180d"] } as const] : []),
  ];
}

function detailOf(place: number, { journeys }: Data, state: ViewState): Detail | null {
  const node: TrendPoint | undefined = journeys?.trend?.nodes[place];
  if (!node) return null;
  const options = optionsOf(state);
  return {
    title: node.period,
    facts: [["Counts", `${count(node.n)} of ${count(node.of)}`], ...(node.open ? [["Not known yet", count(node.open)] as const] : [])],
    behind: [{
      label: `${count(node.counted)} customers count in it`,
      asked: {
        journeys: `${asked(options, "first: 1, after: $row, permutations: 0")} { nodes { customers(first: $first, after: $after) ${CUSTOMERS} } }`,
        variables: { ...variablesOf(options), row: { type: "String", value: cursorBehind(place) } },
      },
      of: (data) => data.journeys?.trend?.nodes[0]?.customers,
    }],
  };
}

export const trendView: View = {
  name: "trend",
  title: "Trend",
  explain: "A measure over time, or by when customers were first seen, with its interval; and where its level changes beyond chance.",
  controls,
  ask,
  figures: (state) => [{ figure, of: ({ journeys }) => journeys?.trend, tests: testsOf(state) }],
  detail: (pick, data, state) => (pick.kind === "node" && pick.field === "trend" ? detailOf(Number(pick.key["place"]), data, state) : null),
  whenEmpty: "Nothing of it happened in this population. Follow something else, or take a condition out of the bar above.",
};
