/** Step by step: from the first contact, from, to or around an item, or between two. */

import { flow, type FlowAnswer } from "../figures/flow";
import type { Place } from "../figures/flow_layout";
import { nameOf, partsOf } from "../figures/flow_table";
import type { Pick } from "../figures/figure";
import { count } from "../figures/numbers";
import { cursorBehind } from "./cursor";
import { all, CUSTOMERS, one, quoted, whole, type Asked, type Behind, type Control, type Data, type Detail, type Variable, type View, type ViewState } from "./view";

type Mode = "start" | "from" | "to" | "around" | "between";
type Side = "before" | "after";

const MODES: readonly { readonly value: Mode; readonly label: string }[] = [
  { value: "start", label: "from the first contact on" },
  { value: "from", label: "from a touchpoint on" },
  { value: "to", label: "up to a touchpoint" },
  { value: "around", label: "around a touchpoint" },
  { value: "between", label: "between two touchpoints" },
];
const OCCURRENCES = [
  { value: "FIRST", label: "the first time" }, { value: "LAST", label: "the last time" }, { value: "EVERY", label: "every time" },
];
const GRID = "form: STEP_GRID, flows: true, steps: $steps, rows: $rows";

function modeOf(state: ViewState): Mode {
  return MODES.find(({ value }) => value === one(state, "show"))?.value ?? "start";
}

function controls(state: ViewState): Control[] {
  const mode = modeOf(state);
  const items = (key: string, label: string): Control => ({ kind: "items", key, label, value: all(state, key) });
  return [
    { kind: "choice", key: "show", label: "Show", value: mode, options: MODES },
    ...(mode === "start" ? [] : [items("item", mode === "between" ? "From any of" : "Any of")]),
    ...(mode === "between" ? [items("until", "To any of")] : []),
    ...(mode === "start" ? [] : [{ kind: "choice", key: "occurrence", label: "Met", value: occurrenceOf(state), options: OCCURRENCES } as const]),
    { kind: "range", key: "steps", label: mode === "around" ? "Steps each way" : "Steps", value: steps(state), least: 2, most: 20, step: 1 },
    { kind: "range", key: "rows", label: "Rows per step", value: rows(state), least: 1, most: 30, step: 1 },
  ];
}

function steps(state: ViewState): number {
  return whole(state, "steps", modeOf(state) === "around" ? 4 : 5, 2, 20);
}

function rows(state: ViewState): number {
  return whole(state, "rows", 7, 1, 30);
}

function occurrenceOf(state: ViewState): string {
  return OCCURRENCES.find(({ value }) => value === one(state, "occurrence"))?.value ?? "FIRST";
}

/** The anchor of one side, as `commonPaths` takes it. */
function anchor(mode: Mode, side: Side): string {
  if (mode === "start") return "";
  const what = { from: "startsAt: $items", to: "endsAt: $items", between: "between: $between", around: side === "before" ? "endsAt: $items" : "startsAt: $items" }[mode];
  return `, ${what}, occurrence: $occurrence`;
}

function sidesOf(mode: Mode): readonly Side[] {
  if (mode === "around") return ["before", "after"];
  return [mode === "to" ? "before" : "after"];
}

function variables(state: ViewState): Record<string, Variable> {
  const mode = modeOf(state);
  const items = all(state, "item");
  return {
    steps: { type: "Int", value: steps(state) },
    rows: { type: "Int", value: rows(state) },
    ...(mode === "start" ? {} : { occurrence: { type: "Occurrence", value: occurrenceOf(state) } }),
    ...(mode === "between" ? { between: { type: "BetweenInput", value: { from: items, to: all(state, "until") } } } : {}),
    ...(mode === "start" || mode === "between" ? {} : { items: { type: "[String!]", value: items } }),
  };
}

function missing(state: ViewState): string | null {
  const mode = modeOf(state);
  if (mode === "start") return null;
  if (!all(state, "item").length) return mode === "between" ? "Choose where the stretch begins." : "Choose a touchpoint, or several that count as one.";
  return mode === "between" && !all(state, "until").length ? "Choose where the stretch ends." : null;
}

function ask(state: ViewState): Asked | { needs: string } {
  const needs = missing(state);
  if (needs) return { needs };
  const mode = modeOf(state);
  const parts = sidesOf(mode).map((side) => `${side}: commonPaths(${GRID}, first: 1000${anchor(mode, side)}) ${flow.selection}`);
  return { journeys: parts.join("\n"), variables: variables(state) };
}

function answerOf({ journeys }: Data): FlowAnswer {
  return { before: journeys?.before ?? null, after: journeys?.after ?? null };
}

/** The list of customers behind a number of one side. */
function behind(state: ViewState, side: Side, label: string, arguments_: string, selection: string, of: (grid: any) => any): Behind {
  return {
    label,
    asked: {
      journeys: `${side}: commonPaths(${GRID}, ${arguments_}${anchor(modeOf(state), side)}) { ${selection} }`,
      variables: variables(state),
    },
    of: (data) => of(data.journeys?.[side]),
  };
}

const LISTS: Readonly<Record<string, readonly [string, string]>> = {
  exits: ["exitCustomers", "left here"], open: ["openCustomers", "are still open"], outcome: ["withOutcomeCustomers", "ended with the outcome"],
  ends: ["stoppedCustomers", "end here"], begins: ["stoppedCustomers", "begin here"], beyond: ["beyondCustomers", "go on unseen"],
};
const PAGE = `(first: $first, after: $after) ${CUSTOMERS}`;

function detail(pick: Pick, data: Data, state: ViewState): Detail | null {
  if (pick.kind !== "node") return null;
  const side = pick.key["side"] as Side;
  const grid = partsOf(answerOf(data)).find((part) => part.side === side)?.grid;
  if (!grid) return null;
  const places = new Map(grid.nodes.map((place, number) => [place.step.id, { place, number }]));
  if (pick.field === "step") return ofStep(pick.key["step"] as number, side, state);
  if (pick.field === "flow") {
    const [source, target] = [pick.key["source"], pick.key["target"]].map((id) => places.get(id as number)?.place);
    return source && target ? ofFlow(source, target, side, state) : null;
  }
  const found = places.get(pick.key["id"] as number);
  return found ? ofPlace(found.place, found.number, pick.field, side, state) : null;
}

function ofPlace(place: Place, number: number, field: string, side: Side, state: ViewState): Detail {
  const page = `first: 1, after: ${JSON.stringify(cursorBehind(number))}`;
  const list = (name: string, label: string, inStep: boolean): Behind =>
    behind(state, side, label, page, `nodes { ${inStep ? `step { ${name}${PAGE} }` : name + PAGE} }`, (grid) => (inStep ? grid?.nodes[0]?.step?.[name] : grid?.nodes[0]?.[name]));
  const { step } = place;
  const fates: [string, number | null][] = step.exits === null
    ? [[side === "before" ? "begins" : "ends", step.stopped], ["beyond", step.beyond]]
    : [["exits", step.exits], ["open", step.open], ["outcome", step.withOutcome], ["beyond", step.beyond]];
  const lists = fates.filter(([fate, n]) => n && (field === "place" || fate === field))
    .map(([fate, n]) => list(LISTS[fate]![0], `${count(n)} ${LISTS[fate]![1]}`, true));
  const item = place.items[0];
  return {
    title: nameOf(place),
    behind: [...(field === "place" ? [list("customers", `${count(place.units)} are here at this step`, false)] : []), ...lists],
    actions: step.isOther || item === undefined ? [] : [
      { label: "The flow from here on", view: "flow", state: { ...state, show: ["from"], item: [item] } },
      { label: "The flow up to here", view: "flow", state: { ...state, show: ["to"], item: [item] } },
      { label: "The flow around it", view: "flow", state: { ...state, show: ["around"], item: [item] } },
    ],
  };
}

function ofFlow(source: Place, target: Place, side: Side, state: ViewState): Detail {
  const [from, to] = side === "after" ? [source, target] : [target, source];
  const ids = `source: ${source.step.id}, target: ${target.step.id}`;
  const [first, second] = [from.items[0], to.items[0]];
  return {
    title: `${nameOf(from)} → ${nameOf(to)}`,
    behind: [behind(state, side, "Went this way at this step", "first: 0", `flows(${ids}) { customers${PAGE} }`, (grid) => grid?.flows[0]?.customers)],
    actions: first === undefined || second === undefined ? [] : [{
      label: "Only who went so directly, at any step",
      population: (now) => ({ ...now, did: [...now.did, `${quoted(first)} ${quoted(second)}`] }),
    }],
  };
}

function ofStep(step: number, side: Side, state: ViewState): Detail {
  const list = (name: string, label: string): Behind =>
    behind(state, side, label, "first: 0", `columns { ${name}${PAGE} }`, (grid) => grid?.columns[step - 1]?.[name]);
  const over: [string, string][] = side === "before"
    ? [["overCustomers", "Begin later"]]
    : [["overExitCustomers", "Left before"], ["overOpenCustomers", "Still open, last seen before"], ["overWithOutcomeCustomers", "Ended before with the outcome"]];
  return { title: `Step ${count(step)}`, behind: [list("customers", "At this step"), ...over.map(([name, label]) => list(name, label))] };
}

export const flowView: View = {
  name: "flow",
  title: "Flow",
  explain: "What customers do step by step: heights are paths. What leaves a place goes on to the next step, or has left, is still open, or has reached the outcome.",
  controls,
  ask,
  figures: () => [{ figure: flow, of: answerOf }],
  detail,
  whenEmpty: "Nobody in this population has such a path. Choose another touchpoint, or take a condition out of the bar above.",
};
