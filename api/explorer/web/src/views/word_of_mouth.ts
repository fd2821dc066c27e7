/** Who brings whom: one chain as a tree, how all of them spread, K by cohort, and who brought most. */

import { advocates } from "../figures/advocates";
import { kFactor } from "../figures/k_factor";
import { count } from "../figures/numbers";
import { referralTree } from "../figures/referral_tree";
import { cascades, generations } from "../figures/word_of_mouth";
import { cursorBehind } from "./cursor";
import { CUSTOMERS, one, type Behind, type Detail, type View, type ViewState } from "./view";

const WITHIN = ["7d", "30d", "90d", "365d"];
const ORDERS = ["SIZE", "DEPTH", "BREADTH", "VIRALITY"];

function among(state: ViewState, key: string, values: readonly string[], otherwise: string): string {
  const value = one(state, key, otherwise);
  return values.includes(value) ? value : otherwise;
}

function variablesOf(state: ViewState) {
  return {
    of: { type: "ID", value: one(state, "of") || null },
    cascadeOrder: { type: "CascadeOrder!", value: among(state, "order", ORDERS, "SIZE") },
    period: { type: "Period!", value: among(state, "period", ["MONTH", "WEEK"], "MONTH") },
    within: { type: "Duration!", value: among(state, "within", WITHIN, "30d") },
  };
}

const K_FACTOR = "kFactor(period: $period, within: $within)";

function cohortDetail(cohort: string, data: any, state: ViewState): Detail | null {
  const nodes: { cohort: string; observed: number; inviters: number; brought: number }[] = data.journeys?.referrals?.kFactor?.nodes ?? [];
  const place = nodes.findIndex((node) => node.cohort === cohort);
  if (place < 0) return null;
  const { period, within } = variablesOf(state);
  const behind = (label: string, field: string): Behind => ({
    label,
    asked: { journeys: `referrals { kFactor(period: $period, within: $within, first: 1, after: $row) { nodes { ${field}(first: $first, after: $after) ${CUSTOMERS} } } }`, variables: { period, within, row: { type: "String", value: cursorBehind(place) } } },
    of: (answer) => answer.journeys?.referrals?.kFactor?.nodes[0]?.[field],
  });
  const { observed, inviters, brought } = nodes[place]!;
  return {
    title: `First seen in ${cohort}`,
    behind: [
      behind(`${count(observed)} watched throughout`, "observedCustomers"),
      behind(`${count(inviters)} who brought somebody`, "inviterCustomers"),
      behind(`${count(brought)} brought`, "broughtCustomers"),
    ],
  };
}

function chainDetail(root: string, data: any, state: ViewState): Detail | null {
  const nodes: { root: string; size: number }[] = data.journeys?.referrals?.cascades?.nodes ?? [];
  const place = nodes.findIndex((node) => node.root === root);
  if (place < 0) return null;
  const { cascadeOrder } = variablesOf(state);
  return {
    title: `Begins with ${root}`,
    behind: [{
      label: `${count(nodes[place]!.size)} customers`,
      asked: { journeys: `referrals { cascades(order: $cascadeOrder, first: 1, after: $row) { nodes { customers(first: $first, after: $after) ${CUSTOMERS} } } }`, variables: { cascadeOrder, row: { type: "String", value: cursorBehind(place) } } },
      of: (answer) => answer.journeys?.referrals?.cascades?.nodes[0]?.customers,
    }],
    actions: [{ label: "Show it as a tree", state: { ...state, of: [root] } }],
  };
}

export const wordOfMouth: View = {
  name: "word-of-mouth",
  title: "Word of mouth",
  explain: "Who brings whom: a chain of referrals as a tree, how far word goes, how many each customer brings, and who brings most. Trees are those of the whole store; the population says whom to list.",
  controls: (state) => [
    { kind: "text", key: "of", label: "Chain with customer", value: one(state, "of"), example: "the largest" },
    {
      kind: "choice", key: "order", label: "Cascades by", value: among(state, "order", ORDERS, "SIZE"),
      options: [
        { value: "SIZE", label: "customers" }, { value: "DEPTH", label: "steps deep" },
        { value: "BREADTH", label: "largest generation" }, { value: "VIRALITY", label: "structural virality" },
      ],
    },
    { kind: "choice", key: "within", label: "K within", value: among(state, "within", WITHIN, "30d"), options: WITHIN.map((value) => ({ value, label: value.replace("d", " days") })) },
    { kind: "choice", key: "period", label: "Cohorts by", value: among(state, "period", ["MONTH", "WEEK"], "MONTH"), options: [{ value: "MONTH", label: "month" }, { value: "WEEK", label: "week" }] },
  ],
  ask: (state) => ({
    journeys: `referrals {
${advocates.selection.trim().slice(1, -1)}
tree(of: $of) ${referralTree.selection}
cascades(order: $cascadeOrder) ${cascades.selection}
${K_FACTOR} ${kFactor.selection}
}`,
    variables: variablesOf(state),
  }),
  figures: () => [
    { figure: referralTree, of: (data) => data.journeys?.referrals?.tree },
    { figure: generations, of: (data) => data.journeys?.referrals?.cascades, width: 0.5 },
    { figure: cascades, of: (data) => data.journeys?.referrals?.cascades, width: 0.5 },
    { figure: kFactor, of: (data) => data.journeys?.referrals?.kFactor },
    { figure: advocates, of: (data) => data.journeys?.referrals },
  ],
  detail: (pick, data, state) => {
    if (pick.kind === "node" && pick.field === "kFactor") return cohortDetail(String(pick.key["cohort"]), data, state);
    if (pick.kind === "node" && pick.field === "cascades") return chainDetail(String(pick.key["root"]), data, state);
    if (pick.kind === "customer") return { title: pick.id, behind: [], actions: [{ label: "Show the chain of this customer", state: { ...state, of: [pick.id] } }] };
    return null;
  },
  whenEmpty: "Nobody here was brought by another customer, as far as the store knows. Load a table of referrals (referrer, referred), or widen the population.",
};
