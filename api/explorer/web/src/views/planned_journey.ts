/** A journey as it was designed, against the journeys as they are. */

import { commonPaths } from "../figures/common_paths";
import type { Pick } from "../figures/figure";
import { count, probability, share, signed, withInterval } from "../figures/numbers";
import { stepName } from "../figures/planned";
import { deviationName, plannedDeviations, type PlanDeviation } from "../figures/planned_deviations";
import { plannedExtras } from "../figures/planned_extras";
import { plannedFit } from "../figures/planned_fit";
import { plannedSteps, type HeldStage, type HeldStep } from "../figures/planned_steps";
import { askedPlan, planOfPath, readPlan, withExtra, withStep, writtenPlan, type Plan } from "./plan";
import { CUSTOMERS, one, quoted, whole, type Action, type Asked, type Behind, type Control, type Data, type Detail, type Needs, type Shown, type Variable, type View, type ViewState } from "./view";

const PAGE = `(first: $first, after: $after) ${CUSTOMERS}`;
const HELD = "journeyMap(first: $listed, planned: $planned)";
const PICTURES = [plannedSteps, plannedFit, plannedExtras, plannedDeviations] as const;
/** Ways to begin with, rarer ones for one that leads to the outcome, and in which stage their items are met most. */
const BEGINNING = `commonPaths(form: WHOLE, first: 20) ${commonPaths.selection}
leading: commonPaths(form: WHOLE, first: 300) { nodes { items outcomeRate { value } } }
journeyMap(first: 1000) { nodes { stage item } }`;

function isHeld(state: ViewState): boolean {
  return askedPlan(readPlan(one(state, "planned"))) !== null;
}

function planOf(state: ViewState): Plan | null {
  const read = readPlan(one(state, "planned"));
  return read.kind === "plan" ? read.plan : null;
}

function variablesOf(state: ViewState): Record<string, Variable> {
  return {
    planned: { type: "PlannedJourneyInput!", value: askedPlan(readPlan(one(state, "planned"))) },
    listed: { type: "Int!", value: whole(state, "first", 10, 5, 100) },
  };
}

function ask(state: ViewState): Asked | Needs {
  const read = readPlan(one(state, "planned"));
  if (read.kind === "broken") return { needs: `The plan is not JSON: ${read.why}. Mend its text, or start over.` };
  if (!isHeld(state)) return { journeys: BEGINNING };
  return { journeys: PICTURES.map(({ selection }, place) => (place ? `${HELD} { planned ${selection} }` : `${HELD} { warnings planned ${selection.replace("{", "{ warnings")} }`)).join("\n"), variables: variablesOf(state) };
}

function held({ journeys }: Data): any {
  return journeys?.journeyMap?.planned;
}

function figures(state: ViewState): readonly Shown[] {
  if (!isHeld(state)) return [{ figure: commonPaths, of: ({ journeys }) => journeys?.commonPaths }];
  return [
    { figure: plannedSteps, of: held },
    { figure: plannedFit, of: held, width: 0.5 },
    { figure: plannedExtras, of: held, width: 0.5, whenEmpty: "Nothing is met beside the plan." },
    { figure: plannedDeviations, of: held, whenEmpty: "Nobody leaves the plan." },
  ];
}

interface Way {
  readonly items: readonly string[];
  readonly outcomeRate: { readonly value: number | null };
}

/** A way as the text of a plan, by the stages in which its items are met most. */
function plannedFrom(items: readonly string[], { journeys }: Data): string {
  const nodes: readonly { stage: string | null; item: string }[] = journeys?.journeyMap?.nodes ?? [];
  return writtenPlan(planOfPath(items, (item) => nodes.find((node) => node.item === item)?.stage ?? "journey"));
}

/** The most common way, and the most common of those that mostly lead to the outcome, where it is another. */
function starts(state: ViewState, data: Data | null): readonly { label: string; value: string }[] {
  const ways: readonly Way[] = data?.journeys?.commonPaths?.nodes ?? [];
  if (!data || isHeld(state) || !ways.length) return [];
  const better = (data.journeys.leading.nodes as readonly Way[]).find(({ outcomeRate }) => (outcomeRate.value ?? 0) > 0.5);
  return [
    { label: "Start from the most common path", value: plannedFrom(ways[0]!.items, data) },
    ...(better && JSON.stringify(better.items) !== JSON.stringify(ways[0]!.items) ? [{ label: "Start from the most common path to the outcome", value: plannedFrom(better.items, data) }] : []),
  ];
}

function controls(state: ViewState, data: Data | null): readonly Control[] {
  return [
    ...(isHeld(state) ? [{ kind: "range", key: "first", label: "Show", value: whole(state, "first", 10, 5, 100), least: 5, most: 100, step: 5 } as const] : []),
    { kind: "plan", key: "planned", label: "Plan", value: one(state, "planned"), starts: starts(state, data) },
  ];
}

/** A list beside a count of the answer, which the same question gives. */
function behind(label: string, state: ViewState, selection: string, of: (planned: any) => any, listed?: number): Behind {
  const variables = { ...variablesOf(state), ...(listed === undefined ? {} : { listed: { type: "Int!", value: listed } }) };
  return { label, asked: { journeys: `${HELD} { planned { ${selection} } }`, variables }, of: (data) => of(held(data)) };
}

const PARTS: readonly { readonly part: string; readonly list: string; readonly words: (step: HeldStep) => string }[] = [
  { part: "met", list: "metCustomers", words: ({ met, late }) => `${count(met.successes)} met it in its place${late.successes ? `, ${count(late.successes)} of them late` : ""}` },
  { part: "late", list: "lateCustomers", words: ({ late }) => `${count(late.successes)} met it late` },
  { part: "outOfOrder", list: "outOfOrderCustomers", words: ({ outOfOrder }) => `${count(outOfOrder)} did it out of order` },
  { part: "skipped", list: "skippedCustomers", words: ({ skipped, optional }) => `${count(skipped)} ${optional ? "left it out, as they may" : "skipped it"}` },
  { part: "notYet", list: "notYetCustomers", words: ({ notYet }) => `${count(notYet)} are open: it may still come` },
  { part: "repeated", list: "repeatedCustomers", words: ({ repeated }) => `${count(repeated)} met it and did it again` },
];

function replanned(label: string, state: ViewState, plan: Plan): Action {
  return { label, view: "plan", state: { ...state, planned: [writtenPlan(plan)] } };
}

/** A click on a part lists those in it; one on the step all of them. */
function ofStep(number: number, part: string | undefined, steps: readonly HeldStep[], state: ViewState): Detail | null {
  const step = steps[number - 1];
  if (!step) return null;
  const plan = planOf(state);
  const lists = PARTS.filter((one) => part === undefined || one.part === part);
  return {
    title: stepName(step.number, step.touchpoint, step.channel),
    facts: [["Met, of all but who may still", withInterval(step.met)], ...(step.late.of ? [["Late, of those who can be", withInterval(step.late)] as const] : [])],
    behind: lists.map(({ list, words }) => behind(words(step), state, `steps { ${list}${PAGE} }`, (planned) => planned?.steps[number - 1]?.[list])),
    actions: plan ? [
      replanned(step.optional ? "Plan it as a must" : "Plan it as optional", state, withStep(plan, number, (planned) => ({ ...planned, optional: !step.optional }))),
      replanned("Take it out of the plan", state, withStep(plan, number, () => null)),
    ] : [],
  };
}

function ofStage(place: number, stages: readonly HeldStage[], state: ViewState): Detail | null {
  const stage = stages[place];
  if (!stage) return null;
  const list = (words: string, name: string): Behind => behind(words, state, `stages { ${name}${PAGE} }`, (planned) => planned?.stages[place]?.[name]);
  return {
    title: stage.stage,
    facts: [["Met a step of it", share(stage.share)], ...(stage.late.of ? [["Took longer than planned", withInterval(stage.late)] as const] : [])],
    behind: [list(`${count(stage.units)} met a step of it`, "customers"), ...(stage.late.of ? [list(`${count(stage.late.successes)} took longer than planned`, "lateCustomers")] : [])],
  };
}

function ofFit(of: unknown, planned: any, state: ViewState): Detail | null {
  if (of === "follows") return { title: "Who follows the plan", facts: [["Of closed", withInterval(planned.follows)]], behind: [behind(`${count(planned.follows.successes)} closed`, state, `followCustomers${PAGE}`, (found) => found?.followCustomers)] };
  if (of === "openOnPlan") return { title: "Who is on the plan so far", behind: [behind(`${count(planned.openOnPlan)} open`, state, `openOnPlanCustomers${PAGE}`, (found) => found?.openOnPlanCustomers)] };
  const band = planned.fitnessBands[Number(of)];
  if (!band) return null;
  return {
    title: band.below === null ? "Fitness of 1" : `Fitness from ${band.atLeast} to below ${band.below}`,
    behind: [behind(`${count(band.units)} (${share(band.share)})`, state, `fitnessBands { customers${PAGE} }`, (found) => found?.fitnessBands[Number(of)]?.customers)],
  };
}

function ofExtra(place: number, planned: any, state: ViewState): Detail | null {
  const extra = planned.extras[place];
  if (!extra) return null;
  const { item, stage } = extra;
  const plan = planOf(state);
  return {
    title: `${item} · ${stage ?? "no stage said"}`,
    behind: [behind(`${count(extra.units)} met it beside the plan`, state, `extras { customers${PAGE} }`, (found) => found?.extras[place]?.customers, place + 1)],
    actions: [
      ...(plan ? [replanned("Take it into the plan as optional", state, withExtra(plan, stage, { touchpoint: item, optional: true, repeats: true }))] : []),
      { label: `Only who met “${item}”`, population: (now) => ({ ...now, did: now.did.includes(quoted(item)) ? now.did : [...now.did, quoted(item)] }) },
    ],
  };
}

function ofDeviation(place: number, planned: any, state: ViewState): Detail | null {
  const found: PlanDeviation | undefined = planned.deviations[place];
  if (!found) return null;
  const { difference, rate, otherRate } = found;
  return {
    title: deviationName(found),
    facts: [
      ["With the outcome", withInterval(rate)], ["of who does not", withInterval(otherRate)],
      ["Difference, in points", difference.value === null ? "–" : signed(difference.value * 100)], ["q", probability(found.qValue)],
    ],
    behind: [behind(`${count(found.units)} deviate so`, state, `deviations { customers${PAGE} }`, (answer) => answer?.deviations[place]?.customers, place + 1)],
  };
}

function ofPath(items: readonly string[], data: Data): Detail | null {
  const ways: readonly (Way & { readonly units: number })[] = data.journeys?.commonPaths?.nodes ?? [];
  const place = ways.findIndex((way) => JSON.stringify(way.items) === JSON.stringify(items));
  if (place < 0) return null;
  return {
    title: items.join(" → "),
    behind: [{
      label: `${count(ways[place]!.units)} went this way`,
      asked: { journeys: `commonPaths(form: WHOLE, first: $rank) { nodes { customers${PAGE} } }`, variables: { rank: { type: "Int!", value: place + 1 } } },
      of: ({ journeys }) => journeys?.commonPaths?.nodes[place]?.customers,
    }],
    actions: [{ label: "Plan the journey like this", view: "plan", state: { planned: [plannedFrom(items, data)] } }],
  };
}

function detail(pick: Pick, data: Data, state: ViewState): Detail | null {
  if (pick.kind === "path") return ofPath(pick.items, data);
  const planned = held(data);
  if (pick.kind !== "node" || !planned) return null;
  const { field, key } = pick;
  const place = Number(key["place"]);
  switch (field) {
    case "plannedStep":
      return ofStep(Number(key["step"]), key["part"] as string | undefined, planned.steps, state);
    case "plannedStage":
      return ofStage(place, planned.stages, state);
    case "plannedFit":
      return ofFit(key["of"], planned, state);
    case "plannedExtra":
      return ofExtra(place, planned, state);
    case "plannedDeviation":
      return ofDeviation(place, planned, state);
    default:
      return null;
  }
}

export const plannedJourney: View = {
  name: "plan",
  title: "Planned journey",
  explain: "A journey as it was designed, against the journeys as they are: what of it is met, out of order, skipped, late, or may still come, what is met beside it, and where that goes with worse outcomes.",
  controls: (state, _, data) => controls(state, data),
  ask,
  figures,
  detail,
  whenEmpty: "Nobody is left in this population. Take a condition out of the bar above.",
};
