/** The feedback loop: what is open and overdue, how soon it is dealt with, and what that went with. */

import { feedbackOutcomes } from "../figures/feedback_outcomes";
import { feedbackStanding, groupWords, type FeedbackGroup } from "../figures/feedback_standing";
import { feedbackTimes } from "../figures/feedback_times";
import { count, day, withInterval } from "../figures/numbers";
import { cursorBehind } from "./cursor";
import { CUSTOMERS, one, whole, type Asked, type Behind, type CustomerPage, type Data, type Detail, type Variable, type View, type ViewState } from "./view";

const GROUPS = [{ value: "KIND", label: "kind" }, { value: "TOUCHPOINT", label: "touchpoint" }, { value: "TEAM", label: "team" }, { value: "STAGE", label: "stage" }];
const KINDS = [
  { value: "", label: "all kinds" }, { value: "COMPLAINT", label: "complaints" }, { value: "QUERY", label: "queries" }, { value: "SUGGESTION", label: "suggestions" },
  { value: "PRAISE", label: "praise" }, { value: "PROMISE", label: "promises" },
];
const STEPS = [{ value: "ACTED", label: "acted on" }, { value: "ACKNOWLEDGED", label: "acknowledged" }, { value: "CLOSED", label: "closed" }];
const HORIZONS = ["30d", "60d", "90d", "180d", "365d"];
const PAGE = `(first: $first, after: $after) ${CUSTOMERS}`;

interface Options {
  readonly by: string;
  readonly kind: string;
  readonly step: string;
  readonly horizon: string;
  readonly first: number;
}

function optionsOf(state: ViewState): Options {
  const among = (key: string, values: readonly string[], otherwise: string): string => (values.includes(one(state, key)) ? one(state, key) : otherwise);
  const names = (options: readonly { readonly value: string }[]): string[] => options.map(({ value }) => value);
  return {
    by: among("by", names(GROUPS), "KIND"), kind: among("kind", names(KINDS), ""), step: among("step", names(STEPS), "ACTED"),
    horizon: among("horizon", HORIZONS, "90d"), first: whole(state, "first", 10, 5, 100),
  };
}

function kindsOf({ kind }: Options): Record<string, Variable> {
  return { kinds: { type: "[FeedbackKind!]", value: kind ? [kind] : null } };
}

function loopVariables(options: Options): Record<string, Variable> {
  return { group: { type: "FeedbackBy!", value: options.by }, ...kindsOf(options) };
}

function outcomeVariables(options: Options): Record<string, Variable> {
  return { step: { type: "FeedbackStep!", value: options.step }, horizon: { type: "Duration!", value: options.horizon }, ...kindsOf(options) };
}

const LOOP = "feedbackLoop(by: $group, kinds: $kinds";
const OUTCOMES = "feedbackOutcomes(step: $step, horizon: $horizon, kinds: $kinds)";

function ask(state: ViewState): Asked {
  const options = optionsOf(state);
  return {
    journeys: [
      `${LOOP}, first: $listed) ${feedbackStanding.selection.replace("{", "{ warnings")}`, `${LOOP}, first: $listed) ${feedbackTimes.selection}`,
      `${OUTCOMES} ${feedbackOutcomes.selection.replace("{", "{ warnings")}`,
    ].join("\n"),
    variables: { ...loopVariables(options), ...outcomeVariables(options), listed: { type: "Int!", value: options.first } },
  };
}

interface Item {
  readonly customer: { readonly id: string };
  readonly kind: string;
  readonly openedAt: string | null;
  readonly closedAt: string | null;
  readonly dueAt: string | null;
  readonly touchpoint: string | null;
  readonly team: string | null;
  readonly text: string | null;
  readonly open: boolean;
  readonly overdue: boolean;
}

/** "complaint about delivery, 3 Mar 2024: overdue since 5 Mar 2024. Still waiting" */
function saidOf({ kind, touchpoint, team, openedAt, closedAt, dueAt, open, overdue, text }: Item): string {
  const about = touchpoint === null ? "" : ` about ${touchpoint}`;
  const fate = overdue ? `overdue since ${day(dueAt)}` : open ? `open${dueAt === null ? "" : `, due ${day(dueAt)}`}` : `closed ${day(closedAt)}`;
  return `${kind.toLowerCase()}${about}, ${day(openedAt)}: ${fate}${team === null ? "" : `, with ${team}`}${text === null ? "" : `. ${text}`}`;
}

const ITEMS = `{ count pageInfo { hasNextPage endCursor } nodes { customer { id } kind openedAt closedAt dueAt touchpoint team text open overdue } }`;

function pageOf(answer: { count: number; nodes: readonly Item[]; pageInfo: CustomerPage["pageInfo"] } | null | undefined): CustomerPage | null {
  return answer ? { count: answer.count, pageInfo: answer.pageInfo, nodes: answer.nodes.map((item) => ({ id: item.customer.id, says: saidOf(item) })) } : null;
}

/** What says the group to the list of items; null where the list cannot be asked for it alone. */
function groupOf(group: FeedbackGroup, place: number, options: Options): Record<string, Variable> | null {
  if (place < 0) return kindsOf(options);
  if (group.name === null || options.by === "STAGE") return null;
  if (options.by === "KIND") return { kinds: { type: "[FeedbackKind!]", value: [group.name.toUpperCase()] } };
  return { ...kindsOf(options), [options.by === "TEAM" ? "teams" : "touchpoints"]: { type: "[String!]", value: [group.name] } };
}

const LISTS: readonly (readonly [keyof FeedbackGroup & string, string, string, Record<string, boolean>])[] = [
  ["overdue", "overdue", "overdueCustomers", { overdue: true }], ["open", "open", "openCustomers", { open: true }], ["closed", "closed", "closedCustomers", { open: false }],
];

function behindGroup(group: FeedbackGroup, place: number, options: Options): readonly Behind[] {
  const about = groupOf(group, place, options);
  if (about) {
    return LISTS.map(([field, words, , chosen]): Behind => {
      const variables = { ...about, ...Object.fromEntries(Object.entries(chosen).map(([key, value]) => [key, { type: "Boolean", value }])) };
      const given = Object.keys(variables).map((key) => `${key}: $${key}`).join(", ");
      return {
        label: `${count(group[field] as number)} ${words}`, listed: ["feedback", "pieces of feedback"],
        asked: { journeys: `feedbackItems(${given}, first: $first, after: $after) ${ITEMS}`, variables }, of: ({ journeys }) => pageOf(journeys?.feedbackItems),
      };
    });
  }
  return LISTS.map(([field, words, list]): Behind => ofLoop(`${count(group[field] as number)} ${words}, of these customers`, place, options, `${list}${PAGE}`, (found) => found?.[list]));
}

function ofLoop(label: string, place: number, options: Options, selection: string, found: (group: any) => CustomerPage | null | undefined): Behind {
  const rows = place < 0 ? "first: 0" : "first: 1, after: $row";
  const variables = { ...loopVariables(options), ...(place < 0 ? {} : { row: { type: "String", value: cursorBehind(place) } }) };
  const loop = ({ journeys }: Data): any => (place < 0 ? journeys?.feedbackLoop?.all : journeys?.feedbackLoop?.nodes[0]);
  return { label, asked: { journeys: `${LOOP}, ${rows}) { ${place < 0 ? "all" : "nodes"} { ${selection} } }`, variables }, of: (data) => found(loop(data)) };
}

function ofGroup(place: number, answer: any, options: Options): Detail | null {
  const group: FeedbackGroup | undefined = place < 0 ? answer?.all : answer?.nodes[place];
  if (!group) return null;
  const { promises } = group;
  return {
    title: place < 0 ? "All feedback" : groupWords(group.name),
    facts: [
      ["Feedback", count(group.count)], ["Opened again", `${count(group.reopened)}: ${withInterval(group.reopenedRate)}`],
      ...(promises.count ? [["Promises kept", withInterval(promises.keptRate)] as const] : []),
    ],
    behind: behindGroup(group, place, options),
  };
}

function ofTimes(place: number, step: string, answer: any, options: Options): Detail | null {
  const group = place < 0 ? answer?.all : answer?.nodes[place];
  const times = group?.[step];
  if (!times) return null;
  const list = (words: string, field: string, name: string): Behind => ofLoop(`${count(times[field])} ${words}`, place, options, `${step} { ${name}${PAGE} }`, (found) => found?.[step]?.[name]);
  return { title: place < 0 ? "All feedback" : groupWords(group.name), behind: [list("waiting", "waiting", "waitingCustomers"), list("done", "done", "customers"), list("closed without it", "closedWithout", "closedWithoutCustomers")] };
}

function ofOutcome(place: number, isFeeling: boolean, answer: any, options: Options): Detail | null {
  const row = isFeeling ? answer?.feelings[place] : answer?.nodes[place];
  if (!row) return null;
  const [list, words] = isFeeling ? ["feelings", `${count(row.rated)} of whom a feeling is known`] : ["nodes", `${count(row.happened)} of ${count(row.units)}`];
  return {
    title: isFeeling ? "What they felt" : String(row.outcome).toLowerCase(),
    behind: [{
      label: words,
      asked: { journeys: `${OUTCOMES} { ${list} { customers${PAGE} } }`, variables: outcomeVariables(options) },
      of: ({ journeys }) => journeys?.feedbackOutcomes?.[list][place]?.customers,
    }],
  };
}

export const feedbackView: View = {
  name: "feedback",
  title: "Feedback",
  explain: "Complaints, queries, suggestions, praise and promises: what is open and overdue, how soon it is dealt with, and what dealing with it went with. Of the customers in the bar above.",
  controls: (state) => {
    const options = optionsOf(state);
    return [
      { kind: "choice", key: "by", label: "By", value: options.by, options: GROUPS },
      { kind: "choice", key: "kind", label: "Of", value: options.kind, options: KINDS },
      { kind: "choice", key: "step", label: "Dealt with is", value: options.step, options: STEPS },
      { kind: "choice", key: "horizon", label: "watched for", value: options.horizon, options: HORIZONS.map((value) => ({ value, label: value.replace("d", " days") })) },
      { kind: "range", key: "first", label: "Show", value: options.first, least: 5, most: 100, step: 5 },
    ];
  },
  ask,
  figures: () => [
    { figure: feedbackStanding, of: ({ journeys }) => journeys?.feedbackLoop },
    { figure: feedbackTimes, of: ({ journeys }) => journeys?.feedbackLoop },
    { figure: feedbackOutcomes, of: ({ journeys }) => journeys?.feedbackOutcomes },
  ],
  detail: (pick, { journeys }, state) => {
    if (pick.kind !== "node") return null;
    const { field, key } = pick;
    const place = Number(key["place"]);
    if (field === "feedback") return ofGroup(place, journeys?.feedbackLoop, optionsOf(state));
    if (field === "feedbackTimes") return ofTimes(place, String(key["step"]), journeys?.feedbackLoop, optionsOf(state));
    return field === "feedbackOutcomes" ? ofOutcome(place, key["isFeeling"] === true, journeys?.feedbackOutcomes, optionsOf(state)) : null;
  },
  whenEmpty: "There is no feedback of these customers, or nobody with feedback was watched for long enough. Load it (journeygraph load FILE --store STORE --table feedback) or record it; else choose a shorter time, all kinds, or a wider population.",
};
