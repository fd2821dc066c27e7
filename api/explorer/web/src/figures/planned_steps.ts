/**
 * A planned journey step by step: of each step who met it in its place, in time or late, who did it out of
 * order, who skipped it, and to whom it may still come. Every unit is in one part, so bars are equally long.
 */

import type { Cell, Context, Figure, Table } from "./figure";
import { fitted, widthOf } from "./fitted";
import { count, duration, share, withInterval } from "./numbers";
import { drawPicture, note, type Painted } from "./picture";
import { COUNTED, SMALL, stepName, type Counted } from "./planned";
import { hatch, HATCH, legend, sign, text } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

export interface HeldStep {
  readonly number: number;
  readonly stage: string;
  readonly touchpoint: string;
  readonly channel: string | null;
  readonly optional: boolean;
  readonly repeats: boolean;
  readonly withinSeconds: number | null;
  readonly met: Counted;
  readonly outOfOrder: number;
  readonly skipped: number;
  readonly notYet: number;
  readonly repeated: number;
  readonly late: Counted;
  readonly small: boolean;
}

export interface HeldStage {
  readonly stage: string;
  readonly withinSeconds: number | null;
  readonly units: number;
  readonly share: number | null;
  readonly late: Counted;
}

export interface PlannedStepsAnswer {
  readonly name: string | null;
  readonly units: number;
  readonly closed: number;
  readonly open: number;
  readonly steps: readonly HeldStep[];
  readonly stages: readonly HeldStage[];
}

/** A group that units of a step are in; what it is called in clicks. */
export type StepPart = "met" | "late" | "outOfOrder" | "skipped" | "notYet";

interface Part {
  readonly part: StepPart;
  readonly words: string;
  readonly units: number;
  readonly fill: string;
  readonly isOpen?: boolean;
}

const ROW = 54;
const STAGE = 40;
const TOP = 28;

function stageKey(place: number): string {
  return JSON.stringify(["stage", place]);
}

function stepKey(number: number, part?: StepPart): string {
  return JSON.stringify(part === undefined ? ["step", number] : ["step", number, part]);
}

/** In the order in which they are drawn; together they are all units. */
function partsOf({ met, late, outOfOrder, skipped, notYet, optional, withinSeconds }: HeldStep, { theme }: Context): readonly Part[] {
  return [
    { part: "met", words: withinSeconds === null ? "met" : "met, not late", units: met.successes - late.successes, fill: theme.series[0]! },
    { part: "late", words: "late", units: late.successes, fill: theme.series[4]! },
    { part: "outOfOrder", words: "out of order", units: outOfOrder, fill: theme.series[6]! },
    { part: "skipped", words: optional ? "left out" : "skipped", units: skipped, fill: optional ? theme.other : theme.bad },
    { part: "notYet", words: "not yet", units: notYet, fill: theme.open, isOpen: true },
  ];
}

/** Stages and steps in the order of the plan; two stages beside each other may have one name. */
function linesOf({ stages, steps }: PlannedStepsAnswer): readonly ({ stage: HeldStage; place: number } | { step: HeldStep })[] {
  let place = -1;
  return steps.flatMap((step) => {
    const heads: { stage: HeldStage; place: number }[] = [];
    while (place < stages.length - 1 && (place < 0 || stages[place]!.stage !== step.stage)) {
      place += 1;
      heads.push({ stage: stages[place]!, place });
    }
    return [...heads, { step }];
  });
}

function least(steps: readonly HeldStep[]): HeldStep | null {
  const needed = steps.filter(({ optional, met }) => !optional && met.value !== null);
  return needed.reduce<HeldStep | null>((found, step) => (found === null || step.met.value! < found.met.value! ? step : found), null);
}

function summary({ name, units, closed, open, steps, stages }: PlannedStepsAnswer): string {
  const rarest = least(steps);
  return (
    `${name === null ? "The plan" : name}: ${count(steps.length)} steps in ${count(stages.length)} stages, against ${count(units)} (${count(closed)} closed, ${count(open)} still open). ` +
    (rarest === null ? "" : `Of the steps that have to be there the fewest meet ${stepName(rarest.number, rarest.touchpoint)} in its place: ${withInterval(rarest.met)}; ${count(rarest.skipped)} skip it, ${count(rarest.outOfOrder)} do it out of order. `) +
    "To whom a step may still come counts neither way."
  );
}

function rules({ optional, repeats, channel, withinSeconds }: HeldStep, locale = "en"): string {
  return [...(optional ? ["optional"] : []), ...(repeats ? ["repeats"] : []), ...(channel === null ? [] : [`by ${channel}`]), ...(withinSeconds === null ? [] : [`within ${duration(withinSeconds, locale)}`])].join(", ");
}

function timed({ late }: { readonly late: Counted }): readonly Cell[] {
  return [late.successes, late.of, late.value, late.low, late.high];
}

function table(answer: PlannedStepsAnswer): Table {
  const lines = linesOf(answer);
  return {
    columns: [
      { name: "stage", title: "Stage" },
      { name: "touchpoint", title: "Step" },
      { name: "rules", title: "Planned" },
      { name: "met", title: "Met in its place", unit: "count" },
      { name: "of", title: "of", unit: "count" },
      { name: "metRate", title: "Share", unit: "rate" },
      { name: "metLow", title: "at least", unit: "rate" },
      { name: "metHigh", title: "at most", unit: "rate" },
      { name: "outOfOrder", title: "Out of order", unit: "count" },
      { name: "skipped", title: "Skipped", unit: "count" },
      { name: "notYet", title: "Not yet", unit: "count" },
      { name: "repeated", title: "Done again", unit: "count" },
      { name: "late", title: "Late", unit: "count" },
      { name: "lateOf", title: "of", unit: "count" },
      { name: "lateRate", title: "Share", unit: "rate" },
      { name: "lateLow", title: "at least", unit: "rate" },
      { name: "lateHigh", title: "at most", unit: "rate" },
      { name: "small", title: "To mind" },
    ],
    rows: lines.map((line): readonly Cell[] => {
      if ("stage" in line) {
        const { stage, withinSeconds, units, share: part } = line.stage;
        return [stage, "(any step of it)", withinSeconds === null ? null : `within ${duration(withinSeconds)}`, units, answer.units, part, null, null, null, null, null, null, ...timed(line.stage), null];
      }
      const { step } = line;
      return [
        step.stage, stepName(step.number, step.touchpoint), rules(step) || null, step.met.successes, step.met.of, step.met.value, step.met.low, step.met.high,
        step.outOfOrder, step.skipped, step.notYet, step.repeated, ...timed(step), step.small ? "n < 30" : null,
      ];
    }),
    keys: lines.map((line) => ("stage" in line ? stageKey(line.place) : stepKey(line.step.number))),
  };
}

function paint(answer: PlannedStepsAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme } = context;
  const keys = [
    { words: "met in its place", fill: theme.series[0]! }, { words: "met, but late", fill: theme.series[4]! }, { words: "out of order", fill: theme.series[6]! },
    { words: "skipped", fill: theme.bad }, { words: "left out, as it may be", fill: theme.other }, { words: "may still come", fill: theme.open, isOpen: true },
  ];
  const parts: SVGElement[] = [hatch(theme), ...legend(12, keys, theme, (words) => widthOf(words, 11))];
  let y = TOP;
  for (const line of linesOf(answer)) {
    parts.push(...("stage" in line ? [stageHead(line.stage, line.place, y, width, context, tooltip)] : stepRow(line.step, answer.units, y, width, context, tooltip)));
    y += "stage" in line ? STAGE : ROW;
  }
  return { height: y + 4, parts };
}

function lateWords({ late, withinSeconds }: HeldStage | HeldStep, locale: string): string {
  return `${count(late.successes, locale)} of ${count(late.of, locale)} after more than ${duration(withinSeconds, locale)}: ${withInterval(late, locale)}`;
}

function stageHead(stage: HeldStage, place: number, y: number, width: number, context: Context, tooltip: Tooltip): SVGElement {
  const { theme, locale } = context;
  const met = `${count(stage.units, locale)} · ${share(stage.share, locale)}${sign(context, stageKey(place))}`;
  const slow = stage.withinSeconds === null ? "" : lateWords(stage, locale);
  const name = Math.max(80, width * 0.3);
  const group = svgElement("g", {},
    svgElement("rect", { x: 0, y: y + 4, width, height: STAGE - 10, rx: 5, fill: theme.raised }),
    text(10, y + 24, fitted(stage.stage, name - 20, 13, 600), theme.text, { "font-weight": 600, "font-size": 13 }),
    text(name, y + 24, fitted(slow, width - name - widthOf(met, 12) - 40, 11), theme.muted, { "font-size": 11 }),
    text(width - 10, y + 24, met, theme.text, { "text-anchor": "end" }),
  );
  const rows = [["Met a step of it", `${count(stage.units, locale)} (${share(stage.share, locale)} of all)`], ...(slow ? [["Late", slow] as const] : [])] as readonly (readonly [string, string])[];
  const label = `Stage ${stage.stage}: ${count(stage.units, locale)}, ${share(stage.share, locale)} met a step of it${slow ? `; late: ${slow}` : ""}`;
  pickable(group, { key: stageKey(place), label, tip: { title: stage.stage, rows }, pick: { kind: "node", field: "plannedStage", key: { place } } }, context, tooltip);
  return group;
}

function stepRow(step: HeldStep, units: number, y: number, width: number, context: Context, tooltip: Tooltip): readonly SVGElement[] {
  const { theme, locale } = context;
  const name = Math.min(260, width * 0.28);
  const said = width < 620 ? 104 : 176;
  const scale = (width - name - said) / Math.max(1, units);
  const right = width - said + 16;
  const title = stepName(step.number, step.touchpoint);
  const parts = partsOf(step, context).filter((part) => part.units > 0);
  const tip = {
    title,
    rows: [
      ["Met in its place", `${count(step.met.successes, locale)} of ${count(step.met.of, locale)}: ${withInterval(step.met, locale)}`],
      ...(step.withinSeconds === null ? [] : [["Late", lateWords(step, locale)] as const]),
      ["Out of order", count(step.outOfOrder, locale)], [step.optional ? "Left out, as it may be" : "Skipped", count(step.skipped, locale)],
      ["Not yet", count(step.notYet, locale)], ["Done again", count(step.repeated, locale)],
    ] as readonly (readonly [string, string])[],
    note: step.small ? "Fewer than 30: read with care." : undefined,
  };
  const head = svgElement("g", {},
    svgElement("rect", { x: 0, y, width: name - 8, height: ROW - 6, fill: "transparent" }),
    text(26, y + 19, `${step.number}`, theme.muted, { "font-size": 11, "text-anchor": "end" }),
    text(34, y + 19, fitted(step.touchpoint, name - 46), theme.text),
    text(34, y + 35, fitted(rules(step, locale), name - 46, 11), theme.muted, { "font-size": 11 }),
  );
  const label = `Step ${title}: ${count(step.met.successes, locale)} met it, ${withInterval(step.met, locale)}; ${parts.filter(({ part }) => part !== "met").map((part) => `${count(part.units, locale)} ${part.words}`).join(", ")}`;
  pickable(head, { key: stepKey(step.number), label, tip, pick: { kind: "node", field: "plannedStep", key: { step: step.number } } }, context, tooltip);
  const others = [...parts.filter(({ part }) => part !== "met"), ...(step.repeated ? [{ units: step.repeated, words: "of those who met it did it again" }] : [])];
  return [
    head, ...bar(step, parts, { x: name, y: y + 6, scale }, context, tooltip),
    note(fitted(others.map((part) => `${count(part.units, locale)} ${part.words}`).join(" · "), width - name - said, 11), name, y + 41, theme.muted),
    text(right, y + 19, `${count(step.met.successes, locale)} · ${share(step.met.value, locale)}${step.met.of < SMALL ? " n < 30" : ""}${sign(context, stepKey(step.number))}`, theme.text, { "font-weight": 600 }),
    note(step.met.low === null ? "" : `${share(step.met.low, locale)}–${share(step.met.high, locale)}`, right, y + 35, theme.muted),
  ];
}

function bar(step: HeldStep, parts: readonly Part[], { x, y, scale }: { x: number; y: number; scale: number }, context: Context, tooltip: Tooltip): readonly SVGElement[] {
  const { locale } = context;
  let from = x;
  return parts.map(({ part, words, units, fill, isOpen }) => {
    const shape = { x: from, y, width: Math.max(0.75, units * scale), height: 22 };
    from += units * scale;
    const group = svgElement("g", {}, svgElement("rect", { ...shape, fill }), ...(isOpen ? [svgElement("rect", { ...shape, fill: HATCH })] : []));
    const said = `${count(units, locale)} ${words}`;
    const tip = { title: stepName(step.number, step.touchpoint), rows: [[words, count(units, locale)]] as const, note: step.small ? "Fewer than 30: read with care." : undefined };
    pickable(group, { key: stepKey(step.number, part), label: `${stepName(step.number, step.touchpoint)}: ${said}`, tip, pick: { kind: "node", field: "plannedStep", key: { step: step.number, part } } }, context, tooltip);
    return group;
  });
}

export const plannedSteps: Figure<PlannedStepsAnswer> = {
  name: "planned-steps",
  title: "The plan, step by step",
  selection: `{
  name units closed open
  steps {
    number stage touchpoint channel optional repeats withinSeconds
    met ${COUNTED} outOfOrder skipped notYet repeated late ${COUNTED} small
  }
  stages { stage withinSeconds units share late ${COUNTED} }
}`,
  isEmpty: ({ units }) => units === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
