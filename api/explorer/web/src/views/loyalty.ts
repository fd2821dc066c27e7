/** Which touchpoints go with loyalty, by a measure of choice, and to whom outcomes are credited. */

import { attribution } from "../figures/attribution";
import { LOYALTY_FIGURES, LOYALTY_MEASURES } from "../figures/loyalty";
import { count } from "../figures/numbers";
import { cursorBehind } from "./cursor";
import { CUSTOMERS, isOn, one, whole, type Behind, type Detail, type View, type ViewState } from "./view";

const KINDS = [
  { value: "repeatPurchaseWithin", label: "another outcome within" },
  { value: "activeAt", label: "active after" },
  { value: "noChurn", label: "never away within" },
  { value: "churnWithin", label: "gone within" },
  { value: "promoter", label: "a score of 9 or more in" },
  { value: "column", label: "the word yes in" },
];
const LENGTHS = ["30d", "60d", "90d", "180d", "365d"];
const METHODS = ["MARKOV", "SHAPLEY", "FIRST", "LAST", "LAST_NON_DIRECT", "LINEAR", "POSITION", "TIME_DECAY", "PARTICIPATION"];

interface Options {
  readonly kind: string;
  readonly isOfColumn: boolean;
  readonly length: string;
  readonly column: string;
  readonly measure: string;
  readonly strata: readonly string[];
  readonly first: number;
  readonly method: string;
  readonly isCredited: boolean;
}

function optionsOf(state: ViewState): Options {
  const among = (key: string, values: readonly string[], otherwise: string): string => (values.includes(one(state, key)) ? one(state, key) : otherwise);
  const kind = among("kind", KINDS.map(({ value }) => value), "repeatPurchaseWithin");
  const strata = one(state, "strata").split(",").map((name) => name.trim()).filter(Boolean);
  const measures = LOYALTY_MEASURES.map(({ value }) => value).filter((value) => strata.length || !value.startsWith("adjusted"));
  return {
    kind,
    isOfColumn: kind === "promoter" || kind === "column",
    length: among("length", LENGTHS, "90d"),
    column: one(state, "column").trim(),
    measure: among("measure", measures, strata.length ? "adjusted-odds-ratio" : "odds-ratio"),
    strata,
    first: whole(state, "first", 25, 5, 100),
    method: among("method", METHODS, "MARKOV"),
    isCredited: isOn(state, "credit"),
  };
}

const ASKED = "loyaltyTouchpoints(loyalty: $loyalty, strata: $strata, first: $listed)";

function definitionOf({ kind, isOfColumn, length, column, strata }: Options) {
  return {
    loyalty: { type: "LoyaltyInput!", value: { [kind]: isOfColumn ? column : length } },
    strata: { type: "[String!]", value: strata.length ? strata : null },
  };
}

function touchpointDetail(touchpoint: string, data: any, options: Options): Detail | null {
  const nodes: { touchpoint: string; exposed: number; exposedLoyal: number; unexposed: number; unexposedLoyal: number }[] = data.journeys?.loyaltyTouchpoints?.nodes ?? [];
  const place = nodes.findIndex((node) => node.touchpoint === touchpoint);
  if (place < 0) return null;
  const node = nodes[place]!;
  const { loyalty, strata } = definitionOf(options);
  const behind = (label: string, field: string): Behind => ({
    label,
    asked: { journeys: `loyaltyTouchpoints(loyalty: $loyalty, strata: $strata, first: 1, after: $row) { nodes { ${field}(first: $first, after: $after) ${CUSTOMERS} } }`, variables: { loyalty, strata, row: { type: "String", value: cursorBehind(place) } } },
    of: (answer) => answer.journeys?.loyaltyTouchpoints?.nodes[0]?.[field],
  });
  return {
    title: touchpoint,
    behind: [
      behind(`${count(node.exposed)} met it`, "customers"),
      behind(`${count(node.exposedLoyal)} of these are loyal`, "exposedLoyalCustomers"),
      behind(`${count(node.unexposed)} did not meet it`, "unexposedCustomers"),
      behind(`${count(node.unexposedLoyal)} of these are loyal`, "unexposedLoyalCustomers"),
    ],
  };
}

function creditDetail(item: string, data: any, { method }: Options): Detail | null {
  const nodes: { item: string; units: number }[] = data.journeys?.attribution?.nodes ?? [];
  const place = nodes.findIndex((node) => node.item === item);
  if (place < 0) return null;
  return {
    title: item,
    behind: [{
      label: `${count(nodes[place]!.units)} met it on the way to an outcome`,
      asked: { journeys: `attribution(method: $method, first: 1, after: $row) { nodes { customers(first: $first, after: $after) ${CUSTOMERS} } }`, variables: { method: { type: "AttributionMethod!", value: method }, row: { type: "String", value: cursorBehind(place) } } },
      of: (answer) => answer.journeys?.attribution?.nodes[0]?.customers,
    }],
  };
}

export const loyalty: View = {
  name: "loyalty",
  title: "Loyalty",
  explain: "Which touchpoints go with loyalty. It says what is associated, not what makes anybody loyal: what was met before the first outcome against what came of it after.",
  controls: (state, facts) => {
    const options = optionsOf(state);
    return [
      { kind: "choice", key: "kind", label: "Loyal is", value: options.kind, options: KINDS },
      options.isOfColumn
        ? { kind: "text", key: "column", label: "Column", value: options.column, example: "a column of customers", list: facts.attributes.map(({ name }) => name) }
        : { kind: "choice", key: "length", label: "Time", value: options.length, options: LENGTHS.map((value) => ({ value, label: value.replace("d", " days") })) },
      {
        kind: "choice", key: "measure", label: "Measure", value: options.measure,
        options: LOYALTY_MEASURES.filter(({ value }) => options.strata.length || !value.startsWith("adjusted")),
      },
      { kind: "text", key: "strata", label: "Like with like in", value: options.strata.join(", "), example: "tenure, exposure, channel", list: ["tenure", "exposure", "channel", ...facts.attributes.map(({ name }) => name)] },
      { kind: "range", key: "first", label: "Show", value: options.first, least: 5, most: 100, step: 5 },
      { kind: "switch", key: "credit", label: "Attribution beside it", value: options.isCredited },
      ...(options.isCredited
        ? [{ kind: "choice", key: "method", label: "Credit by", value: options.method, options: METHODS.map((value) => ({ value, label: value.toLowerCase().replaceAll("_", " ") })) } as const]
        : []),
    ];
  },
  ask: (state) => {
    const options = optionsOf(state);
    if (options.isOfColumn && !options.column) return { needs: "Name the column that says who is loyal, such as a score or a yes." };
    const { selection } = LOYALTY_FIGURES.get(options.measure)!;
    return {
      journeys: `${ASKED} ${selection.trim().replace(/^\{/, "{ warnings")}${options.isCredited ? `\nattribution(method: $method) ${attribution.selection.replace("{", "{ warnings")}` : ""}`,
      variables: {
        ...definitionOf(options),
        listed: { type: "Int!", value: options.first },
        ...(options.isCredited ? { method: { type: "AttributionMethod!", value: options.method } } : {}),
      },
    };
  },
  figures: (state) => {
    const { measure, isCredited } = optionsOf(state);
    return [
      { figure: LOYALTY_FIGURES.get(measure)!, of: (data) => data.journeys?.loyaltyTouchpoints },
      ...(isCredited ? [{ figure: attribution, of: (data: any) => data.journeys?.attribution }] : []),
    ];
  },
  detail: (pick, data, state) => {
    if (pick.kind !== "node") return null;
    const options = optionsOf(state);
    if (pick.field === "loyaltyTouchpoints") return touchpointDetail(String(pick.key["touchpoint"]), data, options);
    return pick.field === "attribution" ? creditDetail(String(pick.key["item"]), data, options) : null;
  },
  whenEmpty: "Nobody can be judged yet: nobody had the outcome, or not long enough before the end of the data. Choose a shorter time, another outcome, or widen the population.",
};
