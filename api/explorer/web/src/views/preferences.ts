/** What customers value: importance against performance, and what they choose, come back to and leave. */

import { count } from "../figures/numbers";
import { preferencesChoice } from "../figures/preferences_choice";
import { preferencesGrid, type PreferencesAnswer } from "../figures/preferences_grid";
import { cursorBehind } from "./cursor";
import { CUSTOMERS, one, whole, type Behind, type Detail, type Variable, type View, type ViewState } from "./view";

const RATINGS = [{ value: "", label: "as far as it is known" }, { value: "EXPERIENCE", label: "what was found" }, { value: "EMOTION", label: "what was felt" }];
const OVERALL = [{ value: "MEAN", label: "the mean of all other ratings" }, { value: "LAST", label: "the last rating" }];

function variablesOf(state: ViewState): Record<string, Variable> {
  const among = (key: string, options: readonly { readonly value: string }[]): string => options.find(({ value }) => value === one(state, key))?.value ?? options[0]!.value;
  const stated = one(state, "stated");
  return {
    rating: { type: "RatedBy", value: among("rating", RATINGS) || null },
    ...(stated ? { stated: { type: "String", value: stated } } : { overall: { type: "OverallBy", value: among("overall", OVERALL) } }),
  };
}

function given(state: ViewState): string {
  return `preferences(${Object.keys(variablesOf(state)).map((key) => `${key}: $${key}`).join(", ")}`;
}

const LISTS = [
  ["customers", "met it"], ["importanceCustomers", "rated it, and their satisfaction is known"], ["chosenCustomers", "met it where there was an alternative"], ["returnedCustomers", "came back to it"], ["leftCustomers", "left there"],
] as const;

function detailOf(item: string, answer: PreferencesAnswer, state: ViewState): Detail | null {
  const place = answer.nodes.findIndex((node) => node.item === item);
  const node = answer.nodes[place];
  if (!node) return null;
  const counted: Readonly<Record<string, number>> = { customers: node.units, importanceCustomers: node.importance.units };
  return {
    title: item,
    behind: LISTS.map(([list, words]): Behind => ({
      label: counted[list] === undefined ? words : `${count(counted[list])} ${words}`,
      asked: { journeys: `${given(state)}, first: 1, after: $row) { nodes { ${list}(first: $first, after: $after) ${CUSTOMERS} } }`, variables: { ...variablesOf(state), row: { type: "String", value: cursorBehind(place) } } },
      of: ({ journeys }) => journeys?.preferences?.nodes[0]?.[list],
    })),
    actions: [{ label: `Flow from ${item}`, view: "flow", state: { show: ["from"], item: [item] } }],
  };
}

export const preferencesView: View = {
  name: "preferences",
  title: "Preferences",
  explain: "What customers value: what goes with their satisfaction against how they rate it, and what they choose when they can, come back to, and leave.",
  controls: (state) => [
    { kind: "choice", key: "rating", label: "Rated by", value: one(state, "rating"), options: RATINGS },
    { kind: "item", key: "stated", label: "Satisfaction is said at", value: one(state, "stated"), none: "none" },
    ...(one(state, "stated") ? [] : [{ kind: "choice", key: "overall", label: "else it is", value: one(state, "overall", "MEAN"), options: OVERALL } as const]),
    { kind: "range", key: "first", label: "Show", value: whole(state, "first", 25, 5, 200), least: 5, most: 200, step: 5 },
  ],
  ask: (state) => ({
    journeys: `${given(state)}, first: $listed) ${preferencesGrid.selection.replace("{", "{ warnings")}\n${given(state)}, first: $listed) ${preferencesChoice.selection}`,
    variables: { ...variablesOf(state), listed: { type: "Int!", value: whole(state, "first", 25, 5, 200) } },
  }),
  figures: () => [
    { figure: preferencesGrid, of: ({ journeys }) => journeys?.preferences },
    { figure: preferencesChoice, of: ({ journeys }) => journeys?.preferences },
  ],
  detail: (pick, { journeys }, state) => (pick.kind === "node" && pick.field === "preferences" && journeys?.preferences ? detailOf(String(pick.key["item"]), journeys.preferences, state) : null),
  whenEmpty: "Too few rate what they meet, or all rate it alike. Load interactions with an experience or an emotion (docs/loading.md), name the item at which satisfaction is said, or take a condition out of the bar above.",
};
