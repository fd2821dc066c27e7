/** A population in words: on the pills of the bar, in titles and in reports. */

import { count } from "../figures/numbers";
import type { Data } from "../views/view";
import { EVERYBODY, type By, type Population } from "./population";

export const BY_WORDS: Readonly<Record<By, string>> = {
  TOUCHPOINT: "touchpoints", CHANNEL: "channels", STAGE: "stages", TOUCHPOINT_AT_CHANNEL: "touchpoint@channel",
};

/** At most two of them, and how many more. */
export function some(names: readonly string[]): string {
  const [first, second, ...more] = names;
  if (first === undefined) return "";
  return [first, ...(second === undefined ? [] : [second])].join(", ") + (more.length ? ` +${more.length}` : "");
}

export function timeWords({ from, until }: Population): string {
  if (from && until) return `${from} – ${until}`;
  return from ? `from ${from}` : until ? `before ${until}` : "";
}

export function segmentWords({ attributes }: Population): string {
  return some(attributes.map(([, value]) => value));
}

export function customerWords({ ids, referred, hasOutcome, touched, notTouched }: Population): string {
  return some([
    ...ids,
    ...(hasOutcome ? [hasOutcome === "yes" ? "with outcome" : "without outcome"] : []),
    ...(referred ? [referred === "yes" ? "referred" : "not referred"] : []),
    ...touched.map((name) => `met ${name}`),
    ...notTouched.map((name) => `never met ${name}`),
  ]);
}

export function wentWords({ did, notDid }: Population): string {
  return some([...did, ...notDid.map((pattern) => `not: ${pattern}`)]);
}

export function outcomeWords({ outcomeTouchpoints, outcomeStages }: Population): string {
  return some([...outcomeTouchpoints, ...outcomeStages]);
}

export function rulesWords({ group, exclude, collapse }: Population): string {
  return some([
    ...(collapse ? ["repeats as one"] : []),
    ...exclude.map((pattern) => `without ${pattern}`),
    ...group.map(([, as]) => as),
  ]);
}

export function countWords({ unit, split }: Population): string {
  if (unit === EVERYBODY.unit && !split) return "";
  const word = unit === "JOURNEY" ? "journeys" : "customers";
  const [kind, value] = split.split(/:(.*)/s);
  const cut = { outcome: "to each outcome", inactivity: `after ${value} of silence`, column: `by ${value}` }[kind ?? ""];
  return cut ? `${word}, ${cut}` : word;
}

export function moreWords({ inactivity, confidence, version, touchpoints }: Population): string {
  return some([
    ...touchpoints,
    ...(inactivity ? [`open ${inactivity}`] : []),
    ...(confidence ? [`${Number(confidence) * 100} %`] : []),
    ...(version ? [`version ${version}`] : []),
  ]);
}

/** All of it in one line; empty for everybody. */
export function inWords(population: Population): string {
  return [
    timeWords(population), segmentWords(population), some(population.channels), some(population.stages),
    customerWords(population), wentWords(population), outcomeWords(population) && `outcome: ${outcomeWords(population)}`,
    rulesWords(population), population.by === EVERYBODY.by ? "" : `as ${BY_WORDS[population.by]}`, countWords(population), moreWords(population),
  ].filter(Boolean).join(" · ");
}

/** Whether nothing is left out and nothing cleaned. */
export function isEverybody(population: Population): boolean {
  return JSON.stringify(population) === JSON.stringify(EVERYBODY);
}

/** How much there is in a population, from an answer about it. */
export function sizeOf(data: Data | undefined): string | undefined {
  const summary = data?.journeys?.summary;
  if (!summary) return undefined;
  const journeys = summary.journeys === summary.customers ? "" : ` ${count(summary.journeys)} journeys,`;
  return `${count(summary.customers)} customers,${journeys} ${count(summary.interactions)} interactions`;
}
