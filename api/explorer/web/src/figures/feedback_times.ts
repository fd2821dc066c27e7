/** How soon feedback is acknowledged, acted on and closed; what still waits is counted as that. */

import type { Cell, Context, Figure, Table } from "./figure";
import { groupKey, groupWords, quantileWords, type StepTimes } from "./feedback_standing";
import { fitted, widthOf } from "./fitted";
import { count, duration } from "./numbers";
import { drawPicture, note, type Painted } from "./picture";
import { hatch, legend, sign, stacked, text } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

type Step = "timeToAcknowledge" | "timeToAct" | "timeToClose";

interface TimedGroup extends Readonly<Record<Step, StepTimes>> {
  readonly name: string | null;
  readonly small: boolean;
}

export interface FeedbackTimesAnswer {
  readonly all: TimedGroup;
  readonly nodes: readonly TimedGroup[];
}

const STEPS: readonly (readonly [Step, string])[] = [["timeToAcknowledge", "acknowledged"], ["timeToAct", "acted on"], ["timeToClose", "closed"]];
const ROW = 22;
const HEAD = 54;
const GROUP_GAP = 12;
const TICKS = [60, 600, 3600, 21_600, 86_400, 604_800, 2_592_000, 31_557_600];

function keyOf(place: number, name: string | null, step: Step): string {
  return JSON.stringify([groupKey(place, name), step]);
}

function groupsOf({ all, nodes }: FeedbackTimesAnswer): readonly TimedGroup[] {
  return [all, ...nodes];
}

function summary({ all }: FeedbackTimesAnswer): string {
  const said = STEPS.map(([step, word]) => `${word} after a median of ${quantileWords(all[step].median)} (${count(all[step].done)} done, ${count(all[step].waiting)} waiting${all[step].closedWithout ? `, ${count(all[step].closedWithout)} closed without` : ""})`);
  return `Of all feedback: ${said.join("; ")}. What still waits is followed until the end of what is known, and what was closed without a step never has it.`;
}

function table(answer: FeedbackTimesAnswer): Table {
  const rows: (readonly Cell[])[] = [];
  const keys: string[] = [];
  groupsOf(answer).forEach((group, place) => {
    for (const [step, word] of STEPS) {
      const { done, closedWithout, waiting, median, p95 } = group[step];
      const all = done + closedWithout + waiting;
      rows.push([place ? groupWords(group.name) : "(all)", word, done, closedWithout, waiting, all ? done / all : null, median.seconds, median.lowSeconds, median.highSeconds, p95.seconds, p95.lowSeconds, p95.highSeconds]);
      keys.push(keyOf(place - 1, group.name, step));
    }
  });
  return {
    columns: [
      { name: "group", title: "Group" },
      { name: "step", title: "Step" },
      { name: "done", title: "Done", unit: "count" },
      { name: "closedWithout", title: "Closed without", unit: "count" },
      { name: "waiting", title: "Waiting", unit: "count" },
      { name: "doneShare", title: "Done, so far", unit: "share" },
      { name: "median", title: "Median", unit: "seconds" },
      { name: "medianLow", title: "at least", unit: "seconds" },
      { name: "medianHigh", title: "at most", unit: "seconds" },
      { name: "p95", title: "95 % after", unit: "seconds" },
      { name: "p95Low", title: "at least", unit: "seconds" },
      { name: "p95High", title: "at most", unit: "seconds" },
    ],
    rows,
    keys,
  };
}

interface Places {
  readonly names: number;
  readonly bar: number;
  readonly barWidth: number;
  readonly x: (seconds: number) => number;
  readonly right: number;
  readonly width: number;
}

function placesOf(answer: FeedbackTimesAnswer, width: number): Places & { ticks: readonly number[] } {
  const names = Math.max(150, Math.min(240, width * 0.22));
  const barWidth = Math.max(60, width * 0.12);
  const [left, right] = [names + barWidth + 36, width - 170];
  const ends = groupsOf(answer).flatMap((group) => STEPS.flatMap(([step]) => [group[step].median, group[step].p95].flatMap(({ seconds, lowSeconds, highSeconds }) => [seconds, lowSeconds, highSeconds])))
    .filter((end): end is number => end !== null && end > 0);
  const [least, most] = [Math.max(1, Math.min(3600, ...ends) * 0.7), Math.max(86_400, ...ends) * 1.4];
  const x = (seconds: number): number => left + (Math.log(Math.max(least, seconds) / least) / Math.log(most / least)) * (right - left);
  return { names, bar: names + 8, barWidth, x, right, width, ticks: TICKS.filter((tick) => tick >= least && tick <= most) };
}

function paint(answer: FeedbackTimesAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale } = context;
  const { ticks, ...places } = placesOf(answer, width);
  const groups = groupsOf(answer);
  const block = STEPS.length * ROW + GROUP_GAP;
  const bottom = HEAD + groups.length * block;
  const keys = [{ words: "done", fill: theme.series[0]! }, { words: "still waiting", fill: theme.open, isOpen: true }, { words: "closed without it", fill: theme.other }];
  const parts: SVGElement[] = [
    hatch(theme),
    ...legend(14, keys, theme, (words) => widthOf(words, 11)),
    note("dot: median, its interval; bar: 95 % have it", width - 4, 14, theme.muted, "end"),
    ...ticks.flatMap((tick) => [
      svgElement("line", { x1: places.x(tick), x2: places.x(tick), y1: HEAD - 8, y2: bottom - GROUP_GAP, stroke: theme.line }),
      note(duration(tick, locale), places.x(tick), HEAD - 12, theme.muted, "middle"),
    ]),
  ];
  groups.forEach((group, place) => STEPS.forEach(([step, word], at) => {
    parts.push(stepRow(group, place - 1, step, word, HEAD + place * block + at * ROW, places, context, tooltip));
  }));
  return { height: bottom, parts };
}

function stepRow(group: TimedGroup, place: number, step: Step, word: string, y: number, { names, bar, barWidth, x, right, width }: Places, context: Context, tooltip: Tooltip): SVGGElement {
  const { theme, locale } = context;
  const times = group[step];
  const { done, waiting, closedWithout, median, p95 } = times;
  const name = place < 0 ? "all feedback" : groupWords(group.name);
  const scale = barWidth / Math.max(1, done + waiting + closedWithout);
  const middle = y + ROW / 2;
  const row = svgElement("g");
  row.append(
    svgElement("rect", { x: 0, y, width, height: ROW, fill: "transparent" }),
    text(0, middle + 4, step === "timeToAcknowledge" ? fitted(name, names - 92) : "", theme.text, { "font-weight": place < 0 ? 600 : 400 }),
    note(word, names, middle + 4, theme.muted, "end"),
    ...stacked(bar, y + 5, 12, [{ width: done * scale, fill: theme.series[0]! }, { width: waiting * scale, fill: theme.open, isOpen: true }, { width: closedWithout * scale, fill: theme.other }]),
  );
  if (median.seconds !== null) {
    const colour = theme.series[0]!;
    if (median.lowSeconds !== null) row.append(svgElement("line", { x1: x(median.lowSeconds), x2: median.highSeconds === null ? right : x(median.highSeconds), y1: middle, y2: middle, stroke: colour, "stroke-width": 2, "stroke-opacity": 0.55, "stroke-dasharray": median.highSeconds === null ? "4 3" : undefined }));
    row.append(svgElement("circle", { cx: x(median.seconds), cy: middle, r: 4, fill: group.small ? theme.background : colour, stroke: colour, "stroke-width": 1.5 }));
  }
  if (p95.seconds !== null) row.append(svgElement("line", { x1: x(p95.seconds), x2: x(p95.seconds), y1: middle - 6, y2: middle + 6, stroke: theme.text, "stroke-width": 2 }));
  row.append(note(`${median.seconds === null ? "half of it: not yet" : duration(median.seconds, locale)} · ${count(done, locale)} done${sign(context, keyOf(place, group.name, step))}`, width - 4, middle + 4, theme.muted, "end"));
  const rows = [["Median", quantileWords(median, locale)], ["95 percent", quantileWords(p95, locale)], ["Done", count(done, locale)], ["Waiting", count(waiting, locale)], ["Closed without it", count(closedWithout, locale)]] as const;
  const label = `${name}, ${word}: median ${quantileWords(median, locale)}, ${count(done, locale)} done, ${count(waiting, locale)} waiting`;
  pickable(row, { key: keyOf(place, group.name, step), label, tip: { title: `${name}: ${word}`, rows }, pick: { kind: "node", field: "feedbackTimes", key: { place, step } } }, context, tooltip);
  return row;
}

const TIMES = "{ done closedWithout waiting median { seconds lowSeconds highSeconds } p95 { seconds lowSeconds highSeconds } }";
const GROUP = STEPS.map(([step]) => `${step} ${TIMES}`).join(" ");

export const feedbackTimes: Figure<FeedbackTimesAnswer> = {
  name: "feedback-times",
  title: "How soon it is dealt with",
  selection: `{
  all { name small ${GROUP} }
  nodes { name small ${GROUP} }
}`,
  isEmpty: ({ all }) => all.timeToClose.done + all.timeToClose.waiting + all.timeToClose.closedWithout === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
