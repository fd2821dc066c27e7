/** What customers felt, expected and found: along the stages, by what they met, over time, and where it turns. */

import { emotionCurve } from "../figures/emotion_curve";
import { emotionOverTime, experienceHeat, gapOverTime } from "../figures/experience_heat";
import type { Felt } from "../figures/felt";
import { count } from "../figures/numbers";
import { peakEnd } from "../figures/peak_end";
import { turns } from "../figures/turns";
import { cursorBehind } from "./cursor";
import { itemTests } from "./tested";
import { CUSTOMERS, isOn, one, whole, type Asked, type Behind, type Data, type Detail, type Shown, type Variable, type View, type ViewState } from "./view";

const GROUPS = [
  { value: "TOUCHPOINT", label: "touchpoint" }, { value: "CHANNEL", label: "channel" }, { value: "STAGE", label: "stage" }, { value: "ENVIRONMENT", label: "digital or physical" },
  { value: "LEVEL", label: "level" }, { value: "INITIATOR", label: "who began it" }, { value: "TEAM", label: "team" },
];
const ACROSS = [{ value: "measures", label: "what is said" }, { value: "emotion", label: "emotion over time" }, { value: "gap", label: "gap over time" }];
const LENGTHS = [{ value: "month", label: "months" }, { value: "week", label: "weeks" }, { value: "day", label: "days" }];
const OVER_TIME = { emotion: emotionOverTime, gap: gapOverTime } as const;
const PAGE = `(first: $first, after: $after) ${CUSTOMERS}`;
const TESTS = itemTests("emotion", "emotion", ({ item }) => [JSON.stringify([item])]);

interface Options {
  readonly by: string;
  readonly across: "measures" | "emotion" | "gap";
  readonly over: string;
  readonly first: number;
  readonly turns: boolean;
}

function optionsOf(state: ViewState): Options {
  const among = (key: string, options: readonly { readonly value: string }[]): string => options.find(({ value }) => value === one(state, key))?.value ?? options[0]!.value;
  return { by: among("by", GROUPS), across: among("across", ACROSS) as Options["across"], over: among("over", LENGTHS), first: whole(state, "first", 20, 5, 200), turns: isOn(state, "turns", true) };
}

function variablesOf({ by, across, over }: Options): Record<string, Variable> {
  return { group: { type: "ExperienceBy!", value: by }, ...(across === "measures" ? {} : { over: { type: "Duration", value: over } }) };
}

function given(options: Options, rows: string): string {
  return `experience(by: $group, ${options.across === "measures" ? "" : "over: $over, "}${rows})`;
}

function heatOf({ across }: Options) {
  return across === "measures" ? experienceHeat : OVER_TIME[across];
}

function ask(state: ViewState): Asked {
  const options = optionsOf(state);
  const asked = given(options, "first: $listed");
  return {
    journeys: [
      ...[emotionCurve, heatOf(options), peakEnd].map(({ selection }, place) => `${asked} ${place ? selection : selection.replace("{", "{ warnings")}`),
      ...(options.turns ? [`turns(first: $listed) ${turns.selection.replace("{", "{ warnings")}`] : []),
    ].join("\n"),
    variables: { ...variablesOf(options), listed: { type: "Int!", value: options.first } },
  };
}

function figures(state: ViewState): readonly Shown[] {
  const options = optionsOf(state);
  const of = ({ journeys }: Data): unknown => journeys?.experience;
  return [
    { figure: emotionCurve, of },
    { figure: heatOf(options), of, ...(options.by === "TOUCHPOINT" && options.across === "measures" ? { tests: TESTS } : {}) },
    { figure: peakEnd, of, width: 0.5 },
    ...(options.turns ? [{ figure: turns, of: ({ journeys }: Data) => journeys?.turns, width: 0.5 } as const] : []),
  ];
}

const LISTS: readonly (readonly [string, string, (felt: Felt) => number])[] = [
  ["customers", "met it", ({ units }) => units],
  ["emotionCustomers", "said how they felt", ({ emotion }) => emotion.units],
  ["gapCustomers", "said what they expected and found", ({ gap }) => gap.units],
];

/** Who stands behind one group: `within` holds the list, `found` finds it in the answer. */
function ofFelt(title: string, felt: Felt, options: Options, rows: string, more: Record<string, Variable>, within: (list: string) => string, found: (answer: any, list: string) => any): Detail {
  const behind = LISTS.map(([list, words, units]): Behind => ({
    label: `${count(units(felt))} ${words}`,
    asked: { journeys: `${given(options, rows)} { ${within(`${list}${PAGE}`)} }`, variables: { ...variablesOf(options), ...more } },
    of: (data) => found(data.journeys?.experience, list),
  }));
  const met: Behind = {
    label: "met or surpassed what they expected, at least once",
    asked: { journeys: `${given(options, rows)} { ${within(`metCustomers${PAGE}`)} }`, variables: { ...variablesOf(options), ...more } },
    of: (data) => found(data.journeys?.experience, "metCustomers"),
  };
  return { title, behind: [...behind, met] };
}

function ofPart(field: "curve" | "phases", name: string, answer: any, options: Options): Detail | null {
  const place = (answer[field] as readonly { group: string }[]).findIndex(({ group }) => group === name);
  if (place < 0) return null;
  return ofFelt(name, answer[field][place], options, "first: 0", {}, (list) => `${field} { ${list} }`, (found, list) => found?.[field][place]?.[list]);
}

function ofGroup(name: string | null, answer: any, options: Options): Detail | null {
  if (name === null) return ofFelt("All interactions", answer.overall, options, "first: 0", {}, (list) => `overall { ${list} }`, (found, list) => found?.overall[list]);
  const place = (answer.nodes as readonly { group: string }[]).findIndex(({ group }) => group === name);
  if (place < 0) return null;
  const row = { row: { type: "String", value: cursorBehind(place) } };
  const detail = ofFelt(name, answer.nodes[place], options, "first: 1, after: $row", row, (list) => `nodes { ${list} }`, (found, list) => found?.nodes[0]?.[list]);
  return options.by === "TOUCHPOINT" ? { ...detail, actions: [{ label: `Only who met “${name}”`, population: (now) => ({ ...now, touched: [...now.touched, name] }) }] } : detail;
}

const SIDES: Readonly<Record<string, readonly [string, string]>> = {
  emotion: ["customers", "say how it felt"], withOutcome: ["withOutcomeCustomers", "have the outcome"], withoutOutcome: ["withoutOutcomeCustomers", "are closed without it"],
};

function ofMoment(key: Readonly<Record<string, unknown>>, answer: any, options: Options): Detail | null {
  const place = (answer.peakEnd as readonly { moment: string }[]).findIndex(({ moment }) => moment === key["moment"]);
  if (place < 0) return null;
  const of = String(key["of"]);
  const mood = (answer.peakEnd[place].moods as readonly { mood: string; units: number }[]).findIndex((one) => one.mood === of);
  const [list, words] = SIDES[of] ?? ["customers", "closed, with this mood"];
  const asked = (selection: string): Asked => ({ journeys: `${given(options, "first: 0")} { peakEnd { ${selection} } }`, variables: variablesOf(options) });
  return {
    title: `${String(key["moment"]).toLowerCase()}: ${of === "emotion" ? "all" : words}`,
    behind: [mood < 0
      ? { label: `${count(answer.peakEnd[place][of].units)} ${words}`, asked: asked(`${list}${PAGE}`), of: (data) => data.journeys?.experience?.peakEnd[place]?.[list] }
      : { label: `${count(answer.peakEnd[place].moods[mood].units)} ${of.toLowerCase()}`, asked: asked(`moods { customers${PAGE} }`), of: (data) => data.journeys?.experience?.peakEnd[place]?.moods[mood]?.customers }],
  };
}

function ofTurn(item: string, answer: any): Detail | null {
  const place = (answer?.nodes as readonly { item: string; journeys: number }[]).findIndex((node) => node.item === item);
  if (place < 0) return null;
  return {
    title: item,
    behind: [{
      label: `${count(answer.nodes[place].journeys)} journeys turn here`,
      asked: { journeys: `turns(first: 1, after: $row) { nodes { customers${PAGE} } }`, variables: { row: { type: "String", value: cursorBehind(place) } } },
      of: (data) => data.journeys?.turns?.nodes[0]?.customers,
    }],
  };
}

export const experienceView: View = {
  name: "experience",
  title: "Experience",
  explain: "What customers felt, and what they found against what they expected: along the journey, by what they met, and where feelings turn. From −1 to 1.",
  controls: (state) => {
    const options = optionsOf(state);
    return [
      { kind: "choice", key: "by", label: "Rows", value: options.by, options: GROUPS },
      { kind: "choice", key: "across", label: "Columns", value: options.across, options: ACROSS },
      ...(options.across === "measures" ? [] : [{ kind: "choice", key: "over", label: "Time in", value: options.over, options: LENGTHS } as const]),
      { kind: "range", key: "first", label: "Show", value: options.first, least: 5, most: 200, step: 5 },
      { kind: "switch", key: "turns", label: "Where feelings turn", value: options.turns },
    ];
  },
  ask,
  figures,
  detail: (pick, { journeys }, state) => {
    if (pick.kind !== "node" || !journeys?.experience) return null;
    const options = optionsOf(state);
    const { field, key } = pick;
    if (field === "curve" || field === "phases") return ofPart(field, String(key["group"]), journeys.experience, options);
    if (field === "experience") return ofGroup(key["group"] === null ? null : String(key["group"]), journeys.experience, options);
    if (field === "peakEnd") return ofMoment(key, journeys.experience, options);
    return field === "turns" ? ofTurn(String(key["item"]), journeys.turns) : null;
  },
  whenEmpty: "Nobody in this population says enough about what was felt, expected or found. Load interactions with an emotion, an expectation or an experience (docs/loading.md), or score English texts with journeygraph score-text; else take a condition out of the bar above.",
};
