/** Where customers leave: a funnel of chosen steps, the time it takes, and where journeys end. */

import { exits, type DropOffAnswer } from "../figures/exits";
import { funnel, type FunnelAnswer } from "../figures/funnel";
import { funnelGroups, groupName, type FunnelGroup } from "../figures/funnel_groups";
import type { Pick } from "../figures/figure";
import { count, duration, share, withInterval } from "../figures/numbers";
import { timeToConvertOn, type TimeToConvertAnswer } from "../figures/time_to_convert";
import type { Estimate } from "../figures/flow_layout";
import { cursorBehind } from "./cursor";
import { itemTests } from "./tested";
import { all, CUSTOMERS, one, whole, type Action, type Asked, type Behind, type Control, type Data, type Detail, type Facts, type Shown, type Tested, type Tests, type Variable, type View, type ViewState } from "./view";

const ORDERS = [
  { value: "ORDERED", label: "with anything in between" }, { value: "STRICT", label: "directly one after the other" }, { value: "ANY", label: "in any order" },
];
const ENTRIES = [{ value: "OPTIMISED", label: "the best attempt" }, { value: "FIRST", label: "the first attempt" }, { value: "EVERY", label: "every attempt" }];
const MEANINGS = [{ value: "LEAVES", label: "is in no step" }, { value: "COUNTS_UP_TO", label: "counts up to it" }];
const AXES = [{ value: "orders", label: "by orders: minutes, hours, days" }, { value: "even", label: "even" }];
const MOST_STEPS = 30;
/** Moments of an axis by orders. */
const MOMENTS = ["1s", "10s", "1m", "10m", "1h", "6h", "1d", "7d", "30d", "90d", "365d", "1826d", "3652d"];
const PERCENTS = Array.from({ length: 99 }, (_, number) => number + 1);
const CURVES = { orders: timeToConvertOn("orders"), even: timeToConvertOn("even") } as const;

function chosen(state: ViewState, key: string, options: readonly { readonly value: string }[]): string {
  return options.find(({ value }) => value === one(state, key))?.value ?? options[0]!.value;
}

function steps(state: ViewState): readonly string[] {
  return all(state, "step").slice(0, MOST_STEPS);
}

function hasFunnel(state: ViewState): boolean {
  return steps(state).length > 0;
}

/** What lies between steps can be left out where there are some, in an order. */
function canExclude(state: ViewState): boolean {
  return steps(state).length > 1 && chosen(state, "order", ORDERS) !== "ANY";
}

/** Between the first step and the last. */
function excluded(state: ViewState): Record<string, Variable> {
  const items = all(state, "without").slice(0, MOST_STEPS);
  if (!canExclude(state) || !items.length) return {};
  return { exclude: { type: "[FunnelExclusionInput!]", value: [{ anyOf: items, meaning: chosen(state, "meaning", MEANINGS) }] } };
}

function controls(state: ViewState, facts: Facts): Control[] {
  const groups = [{ value: "", label: "nothing" }, ...facts.attributes.map(({ name }) => ({ value: `attribute:${name}`, label: name })), { value: "column:channel", label: "channel of the first step" }];
  const choice = (key: string, label: string, options: readonly { value: string; label: string }[]): Control =>
    ({ kind: "choice", key, label, value: chosen(state, key, options), options });
  return [
    { kind: "items", key: "step", label: "Funnel, step by step", value: steps(state), most: MOST_STEPS },
    ...(hasFunnel(state) ? [
      { kind: "text", key: "window", label: "All within", value: one(state, "window"), example: "7d", list: ["30m", "1d", "7d", "30d", "90d"] } as const,
      choice("order", "Steps follow", ORDERS), choice("entry", "Counted by", ENTRIES), choice("group", "Group by", groups),
    ] : []),
    ...(canExclude(state) ? [
      { kind: "items", key: "without", label: "Without, in between", value: all(state, "without").slice(0, MOST_STEPS), most: MOST_STEPS } as const,
      ...(all(state, "without").length ? [choice("meaning", "Who meets it", MEANINGS)] : []),
    ] : []),
    choice("axis", "Time axis", AXES),
    { kind: "range", key: "first", label: "Items", value: whole(state, "first", 20, 5, 200), least: 5, most: 200, step: 5 },
  ];
}

/** By what the funnel is shown in groups: a column of interactions or an attribute of customers. */
function groupOf(state: ViewState): { kind: "attribute" | "column"; name: string } | null {
  const [kind, ...name] = one(state, "group").split(":");
  return name.length && (kind === "attribute" || kind === "column") ? { kind, name: name.join(":") } : null;
}

function isGrouped(state: ViewState): boolean {
  return hasFunnel(state) && groupOf(state) !== null;
}

/** What the funnel is asked with. */
function funnelOptions(state: ViewState): { given: string; variables: Record<string, Variable> } {
  const window = one(state, "window");
  const group = groupOf(state);
  const variables: Record<string, Variable> = {
    steps: { type: "[FunnelStepInput!]!", value: steps(state).map((item) => ({ anyOf: [item] })) },
    order: { type: "StepOrder!", value: chosen(state, "order", ORDERS) },
    entry: { type: "FunnelEntry!", value: chosen(state, "entry", ENTRIES) },
    ...(window ? { window: { type: "Duration", value: window } } : {}),
    ...excluded(state),
    ...(group ? { breakdown: { type: "FunnelBreakdownInput", value: { [group.kind]: group.name } } } : {}),
  };
  return { given: Object.keys(variables).map((key) => `${key}: $${key}`).join(", "), variables };
}

function timeOptions(state: ViewState): { given: string; variables: Record<string, Variable> } {
  const [first, last] = [steps(state)[0], steps(state).at(-1)];
  const window = one(state, "window");
  const variables: Record<string, Variable> = {
    percents: { type: "[Int!]", value: PERCENTS },
    ...(first === undefined ? {} : { from: { type: "[String!]", value: [first] } }),
    ...(steps(state).length > 1 ? { to: { type: "[String!]", value: [last] } } : {}),
    ...(hasFunnel(state) && window ? { horizon: { type: "Duration", value: window } } : {}),
    ...(chosen(state, "axis", AXES) === "orders" ? { at: { type: "[Duration!]", value: MOMENTS } } : {}),
  };
  return { given: Object.keys(variables).map((key) => `${key}: $${key}`).join(", "), variables };
}

function ask(state: ViewState): Asked {
  const times = timeOptions(state);
  const steps = hasFunnel(state) ? funnelOptions(state) : null;
  // the same field with the same arguments twice is asked once, for both figures
  const parts = steps ? [`funnel(${steps.given}) ${funnel.selection}`, ...(isGrouped(state) ? [`funnel(${steps.given}) ${funnelGroups.selection}`] : [])] : [];
  return {
    journeys: [...parts, `timeToConvert(${times.given}) ${CURVES.even.selection}`, `dropOff(first: $first) ${exits.selection}`].join("\n"),
    variables: { ...steps?.variables, ...times.variables, first: { type: "Int!", value: whole(state, "first", 20, 5, 200) } },
  };
}

const EXIT_TESTS = itemTests("rate", "rate", ({ item }) => [JSON.stringify(["item", item])]);

/** The funnel compares two populations step by step, each among those who came to the step before. */
function funnelTests(state: ViewState): Tests {
  const { given, variables } = funnelOptions({ ...state, group: [] });
  return {
    asked: `funnel(${given}, compare: {where: $with}) { comparison {
first { steps { ofPrevious } } second { steps { ofPrevious } }
steps { difference { value low high } qValue small }
} }`,
    variables,
    column: "ofPrevious",
    of: ({ journeys }) => {
      const { first, second, steps } = journeys?.funnel?.comparison ?? { steps: [] };
      return (steps as readonly { difference: Estimate; qValue: number | null; small: boolean }[]).map(({ difference, qValue, small }, place): Tested => ({
        key: JSON.stringify(["funnel", place + 1]), a: first.steps[place].ofPrevious, b: second.steps[place].ofPrevious, difference: { ...difference, qValue, small },
      }));
    },
  };
}

function figures(state: ViewState): Shown[] {
  const curve = CURVES[chosen(state, "axis", AXES) as keyof typeof CURVES];
  return [
    ...(hasFunnel(state) ? [{ figure: funnel, of: ({ journeys }: Data) => journeys?.funnel, tests: funnelTests(state) }] : []),
    ...(isGrouped(state) ? [{ figure: funnelGroups, of: ({ journeys }: Data) => journeys?.funnel }] : []),
    { figure: exits, of: ({ journeys }) => journeys?.dropOff, tests: EXIT_TESTS },
    { figure: curve, of: ({ journeys }) => journeys?.timeToConvert },
  ];
}

const PAGE = `(first: $first, after: $after) ${CUSTOMERS}`;

function detail(pick: Pick, { journeys }: Data, state: ViewState): Detail | null {
  if (pick.kind === "item") return journeys?.dropOff ? ofItem(pick.item, journeys.dropOff, state) : null;
  if (pick.kind !== "node") return null;
  if (pick.field === "all") return ofAll(journeys.dropOff);
  if (pick.field === "funnel") return ofStep(pick.key["step"] as number, journeys.funnel, state);
  if (pick.field === "group") return ofGroup(pick.key, journeys.funnel.breakdown, state);
  return pick.field === "time" ? ofTime(pick.key["seconds"] as number, journeys.timeToConvert, state) : null;
}

function added(state: ViewState, item: string): Action[] {
  const taken = steps(state);
  if (taken.length >= MOST_STEPS) return [];
  return [{ label: taken.length ? `Add ${item} as step ${taken.length + 1} of the funnel` : `Begin a funnel with ${item}`, view: "drop-off", state: { ...state, step: [...taken, item] } }];
}

function ofItem(item: string, answer: DropOffAnswer, state: ViewState): Detail | null {
  const number = answer.nodes.findIndex((node) => node.item === item);
  const node = answer.nodes[number];
  if (!node) return { title: item, behind: [], actions: added(state, item) };
  const list = (name: string, label: string): Behind => ({
    label,
    asked: { journeys: `dropOff(first: 1, after: ${JSON.stringify(cursorBehind(number))}) { nodes { ${name}${PAGE} } }` },
    of: (data) => data.journeys?.dropOff?.nodes[0]?.[name],
  });
  return {
    title: item,
    facts: [["Rate", withInterval(node.rate)], ["Below the line", `${count(node.visits - node.open)} who met it and are not open here`]],
    behind: [
      list("customers", `${count(node.exits)} left here`), list("openCustomers", `${count(node.open)} are still open here`), list("visitors", `${count(node.visits)} met it`),
    ],
    actions: added(state, item),
  };
}

function ofAll({ exits: gone, open, withOutcome }: DropOffAnswer): Detail {
  const list = (name: string, label: string): Behind => ({
    label, asked: { journeys: `dropOff(first: 0) { ${name}${PAGE} }` }, of: (data) => data.journeys?.dropOff?.[name],
  });
  return {
    title: "All journeys",
    behind: [list("exitCustomers", `${count(gone)} left`), list("openCustomers", `${count(open)} are still open`), list("withOutcomeCustomers", `${count(withOutcome)} ended with the outcome`)],
  };
}

function ofStep(number: number, answer: FunnelAnswer, state: ViewState): Detail | null {
  const step = answer.steps[number - 1];
  if (!step) return null;
  const { given, variables } = funnelOptions({ ...state, group: [] });
  const list = (name: string, label: string): Behind => ({
    label, asked: { journeys: `funnel(${given}) { steps { ${name}${PAGE} } }`, variables }, of: (data) => data.journeys?.funnel?.steps[number - 1]?.[name],
  });
  const taken = steps(state);
  return {
    title: `${number}. ${step.label}`,
    facts: [["Of the first step", withInterval(step.ofFirstInterval)], ["Of the step before", withInterval(step.ofPreviousInterval)], ["Median time from the step before", duration(step.medianSeconds)]],
    behind: [
      list("customers", `${count(step.units)} reached it`),
      ...(number > 1 ? [list("droppedCustomers", `${count(step.dropped)} dropped before it`), list("openCustomers", `${count(step.open)} may still reach it`)] : []),
    ],
    actions: [
      { label: "Take this step out", view: "drop-off", state: { ...state, step: taken.filter((_, place) => place !== number - 1) } },
      { label: `Flow from ${step.label}`, view: "flow", state: { show: ["from"], item: [taken[number - 1] ?? step.label] } },
    ],
  };
}

function ofGroup(key: Readonly<Record<string, unknown>>, breakdown: readonly FunnelGroup[], state: ViewState): Detail | null {
  const place = breakdown.findIndex(({ value, isOther }) => value === key["value"] && isOther === key["isOther"]);
  const group = breakdown[place];
  const number = key["step"] as number;
  const step = group?.steps[number - 1];
  if (!group || !step) return null;
  const { given, variables } = funnelOptions(state);
  const list = (name: string, label: string): Behind => ({
    label, asked: { journeys: `funnel(${given}) { breakdown { steps { ${name}${PAGE} } } }`, variables },
    of: (data) => data.journeys?.funnel?.breakdown[place]?.steps[number - 1]?.[name],
  });
  const by = groupOf(state);
  const { value } = group;
  const narrow: Action[] = by?.kind === "attribute" && value !== null && !group.isOther
    ? [{ label: `Only ${by.name} ${value}`, population: (now) => ({ ...now, attributes: [...now.attributes, [by.name, value]] }) }]
    : [];
  return {
    title: `${groupName(group)}: ${number}. ${step.label}`,
    facts: [["Of the first step", withInterval(step.ofFirstInterval)]],
    behind: [list("customers", `${count(step.units)} reached it`), ...(number > 1 ? [list("droppedCustomers", `${count(step.dropped)} dropped before it`), list("openCustomers", `${count(step.open)} may still reach it`)] : [])],
    actions: narrow,
  };
}

function ofTime(seconds: number, answer: TimeToConvertAnswer, state: ViewState): Detail | null {
  const place = answer.times.nodes.findIndex((node) => node.seconds === seconds);
  const node = answer.times.nodes[place];
  if (!node) return null;
  const { given, variables } = timeOptions(state);
  const asked: Asked = { journeys: `timeToConvert(${given}) { times { nodes { customers${PAGE} } openCustomers${PAGE} } }`, variables };
  return {
    title: `After ${duration(seconds)}`,
    facts: [["Converted", withInterval(node.converted)], ["Still followed", count(node.atRisk)], ["Converted of all who started, so far", share(answer.times.started ? node.conversions / answer.times.started : null)]],
    behind: [
      { label: `${count(node.conversions)} had converted`, asked, of: (data) => data.journeys?.timeToConvert?.times.nodes[place]?.customers },
      { label: `${count(answer.times.open)} had not by the end of the data`, asked, of: (data) => data.journeys?.timeToConvert?.times.openCustomers },
    ],
  };
}

/** The plus beside an item adds it at once. */
function immediate(pick: Pick, state: ViewState): Action | null {
  return pick.kind === "node" && pick.field === "addStep" ? added(state, String(pick.key["item"]))[0] ?? null : null;
}

export const dropOffView: View = {
  name: "drop-off",
  title: "Drop-off",
  explain: "Where customers leave. Choose touchpoints above, or click + beside them, to build a funnel; without one, time is taken from the first contact to the outcome.",
  controls,
  ask,
  figures,
  detail,
  immediate,
  whenEmpty: "There is nobody to show. Choose another first step, or take a condition out of the bar above.",
};
