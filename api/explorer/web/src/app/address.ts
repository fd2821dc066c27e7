/**
 * The whole state of the page as the part of its address behind `#`, which no server gets to see:
 * names of customers stay on this machine until somebody shares a link. What is as by default is
 * left out, so that a link says what was chosen and no more.
 */

import type { Pick } from "../figures/figure";
import type { ViewState } from "../views/view";
import { EVERYBODY, type Population } from "./population";

export interface PageState {
  readonly view: string;
  readonly state: ViewState;
  readonly population: Population;
  /** The second population, while two are compared. */
  readonly against: Population | null;
  /** What was clicked, and of which population: the side panel is about it. */
  readonly pick: Pick | null;
  readonly pickOf: "a" | "b";
  /** Whose question the side panel shows: that of the pictures, or of the tests between two. */
  readonly showsQuery: "" | "pictures" | "tests";
  readonly showsNumbers: boolean;
}

type Pairs = [string, string][];

const LISTS = {
  channel: "channels", stage: "stages", touchpoint: "touchpoints", touched: "touched", "not-touched": "notTouched",
  customer: "ids", did: "did", "not-did": "notDid", "outcome-touchpoint": "outcomeTouchpoints",
  "outcome-stage": "outcomeStages", exclude: "exclude",
} as const satisfies Record<string, keyof Population>;
const TEXTS = {
  from: "from", until: "until", referred: "referred", "has-outcome": "hasOutcome", by: "by", unit: "unit",
  split: "split", inactivity: "inactivity", confidence: "confidence", version: "version",
} as const satisfies Record<string, keyof Population>;
const CHOICES: Partial<Record<keyof Population, readonly string[]>> = {
  referred: ["yes", "no"], hasOutcome: ["yes", "no"], unit: ["CUSTOMER", "JOURNEY"],
  by: ["TOUCHPOINT", "CHANNEL", "STAGE", "TOUCHPOINT_AT_CHANNEL"],
};
const QUERIES: Readonly<Record<string, PageState["showsQuery"]>> = { yes: "pictures", tests: "tests" };
const SECOND = "b.";
const OWN = "v.";

export function written(page: PageState): string {
  const { view, state, population, against, pick } = page;
  const pairs: Pairs = [["view", view], ...populationPairs(population, "")];
  for (const [key, values] of Object.entries(state)) pairs.push(...values.map((value): [string, string] => [OWN + key, value]));
  if (against) pairs.push(["compare", "yes"], ...populationPairs(against, SECOND));
  if (page.showsNumbers) pairs.push(["numbers", "yes"]);
  if (page.showsQuery) pairs.push(["query", page.showsQuery === "tests" ? "tests" : "yes"]);
  if (pick) pairs.push(["pick", JSON.stringify(pick)]);
  if (pick && page.pickOf === "b") pairs.push(["of", "b"]);
  return `#${new URLSearchParams(pairs)}`;
}

export function read(hash: string, firstView: string): PageState {
  const pairs = [...new URLSearchParams(hash.replace(/^#/, ""))];
  const values = new Map(pairs);
  const state: Record<string, string[]> = {};
  for (const [key, value] of pairs) {
    if (key.startsWith(OWN)) (state[key.slice(OWN.length)] ??= []).push(value);
  }
  return {
    view: values.get("view") ?? firstView,
    state,
    population: populationOf(pairs, ""),
    against: values.get("compare") === "yes" ? populationOf(pairs, SECOND) : null,
    pick: pickOf(values.get("pick")),
    pickOf: values.get("of") === "b" ? "b" : "a",
    showsQuery: QUERIES[values.get("query") ?? ""] ?? "",
    showsNumbers: values.get("numbers") === "yes",
  };
}

/** Whoever writes an address by hand may write anything. */
function pickOf(text: string | undefined): Pick | null {
  try {
    const found: unknown = text ? JSON.parse(text) : null;
    return typeof found === "object" && found !== null && "kind" in found ? (found as Pick) : null;
  } catch {
    return null;
  }
}

function populationPairs(population: Population, prefix: string): Pairs {
  const pairs: Pairs = [];
  for (const [key, field] of Object.entries(TEXTS)) {
    const value = population[field];
    if (value !== EVERYBODY[field]) pairs.push([prefix + key, value]);
  }
  for (const [key, field] of Object.entries(LISTS)) pairs.push(...population[field].map((value): [string, string] => [prefix + key, value]));
  pairs.push(...population.attributes.map((pair): [string, string] => [`${prefix}attribute`, joined(pair)]));
  pairs.push(...population.group.map((pair): [string, string] => [`${prefix}group`, joined(pair)]));
  if (population.collapse) pairs.push([`${prefix}collapse`, "yes"]);
  return pairs;
}

function populationOf(pairs: Pairs, prefix: string): Population {
  const of = (key: string): string[] => pairs.filter((pair) => pair[0] === prefix + key).map((pair) => pair[1]);
  const found: Record<string, unknown> = { ...EVERYBODY };
  for (const [key, field] of Object.entries(TEXTS)) {
    const value = of(key)[0];
    if (value !== undefined && (CHOICES[field]?.includes(value) ?? true)) found[field] = value;
  }
  for (const [key, field] of Object.entries(LISTS)) found[field] = of(key);
  found["attributes"] = of("attribute").map(parted);
  found["group"] = of("group").map(parted);
  found["collapse"] = of("collapse")[0] === "yes";
  return found as unknown as Population;
}

/** Two texts as one; `~` stands between them and is spelled `~~` within them. */
function joined([one, other]: readonly [string, string]): string {
  return `${one.replaceAll("~", "~~")}~ ${other.replaceAll("~", "~~")}`;
}

function parted(text: string): readonly [string, string] {
  const at = /(?<!~)(?:~~)*~ /.exec(text);
  if (!at) return [text, ""];
  const end = at.index + at[0].length;
  return [text.slice(0, end - 2).replaceAll("~~", "~"), text.slice(end).replaceAll("~~", "~")];
}
