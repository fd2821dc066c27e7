/** How feedback stands: closed, open and overdue of each group, and which promises were kept. */

import type { Cell, Context, Figure, Table } from "./figure";
import type { Rate } from "./felt";
import { fitted, widthOf } from "./fitted";
import { count, duration, moment, NOTHING, share, withInterval } from "./numbers";
import { drawPicture, note, type Painted } from "./picture";
import { axisOfRates, hatch, legend, rateAxis, rateMark, sign, stacked, text, type RateAxis } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

interface Quantile {
  readonly seconds: number | null;
  readonly lowSeconds: number | null;
  readonly highSeconds: number | null;
}

export interface StepTimes {
  readonly done: number;
  readonly closedWithout: number;
  readonly waiting: number;
  readonly median: Quantile;
  readonly p95: Quantile;
}

export interface FeedbackGroup {
  readonly name: string | null;
  readonly count: number;
  readonly share: number | null;
  readonly open: number;
  readonly overdue: number;
  readonly closed: number;
  readonly reopened: number;
  readonly reopenedRate: Rate;
  readonly promises: { readonly count: number; readonly kept: number; readonly broken: number; readonly pending: number; readonly keptRate: Rate };
  readonly small: boolean;
}

export interface FeedbackAnswer {
  readonly asOf: string | null;
  readonly groups: number;
  readonly otherGroups: number;
  readonly otherCount: number;
  readonly strangers: number;
  readonly all: FeedbackGroup;
  readonly nodes: readonly FeedbackGroup[];
}

const ROW = 30;
const HEAD = 30;
/** Above an axis of rates. */
const HEAD_WITH_AXIS = 56;

export function groupWords(name: string | null): string {
  return name ?? "not said";
}

/** Of all, and of a group: groups can be called anything. */
export function groupKey(place: number, name: string | null): string {
  return JSON.stringify(place < 0 ? ["all"] : ["group", name]);
}

function summary({ all, asOf, strangers }: FeedbackAnswer): string {
  const { promises } = all;
  const kept = promises.count ? ` Of ${count(promises.count)} promises ${count(promises.kept)} were kept, ${count(promises.broken)} broken and ${count(promises.pending)} are pending: ${withInterval(promises.keptRate)} kept.` : " No promise is among it.";
  return (
    `${count(all.count)} pieces of feedback as of ${moment(asOf)} UTC: ${count(all.open)} open (${share(all.count ? all.open / all.count : null)}), ${count(all.overdue)} of these overdue; ` +
    `${count(all.reopened)} were opened again.${kept}${strangers ? ` ${count(strangers)} more are of customers whom nothing else names.` : ""}`
  );
}

function cellsOf(group: FeedbackGroup): readonly Cell[] {
  const { promises, reopenedRate } = group;
  return [
    group.count, group.share, group.closed, group.open, group.overdue, group.count ? group.open / group.count : null, group.reopened, reopenedRate.value, reopenedRate.low, reopenedRate.high,
    promises.count, promises.kept, promises.broken, promises.pending, promises.keptRate.value, promises.keptRate.low, promises.keptRate.high, group.small ? "n < 30" : null,
  ];
}

function table({ all, nodes, otherGroups, otherCount }: FeedbackAnswer): Table {
  return {
    columns: [
      { name: "group", title: "Group" },
      { name: "count", title: "Feedback", unit: "count" },
      { name: "share", title: "Of all", unit: "share" },
      { name: "closed", title: "Closed", unit: "count" },
      { name: "open", title: "Open", unit: "count" },
      { name: "overdue", title: "Overdue", unit: "count" },
      { name: "openShare", title: "Open, of it", unit: "share" },
      { name: "reopened", title: "Opened again", unit: "count" },
      { name: "reopenedRate", title: "of what was closed", unit: "rate" },
      { name: "reopenedLow", title: "at least", unit: "rate" },
      { name: "reopenedHigh", title: "at most", unit: "rate" },
      { name: "promises", title: "Promises", unit: "count" },
      { name: "kept", title: "Kept", unit: "count" },
      { name: "broken", title: "Broken", unit: "count" },
      { name: "pending", title: "Pending", unit: "count" },
      { name: "keptRate", title: "Kept, of those due", unit: "rate" },
      { name: "keptLow", title: "at least", unit: "rate" },
      { name: "keptHigh", title: "at most", unit: "rate" },
      { name: "small", title: "To mind" },
    ],
    rows: [
      ["(all)", ...cellsOf(all)], ...nodes.map((group) => [groupWords(group.name), ...cellsOf(group)]),
      ...(otherGroups ? [[`(${count(otherGroups)} more)`, otherCount, ...Array<null>(17).fill(null)]] : []),
    ],
    keys: [groupKey(-1, null), ...nodes.map(({ name }, place) => groupKey(place, name)), ...(otherGroups ? ["other"] : [])],
  };
}

function paint(answer: FeedbackAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale } = context;
  const hasPromises = answer.all.promises.count > 0;
  const names = Math.max(100, Math.min(220, width * 0.2));
  const head = hasPromises ? HEAD_WITH_AXIS : HEAD;
  const end = hasPromises ? width - 330 : width - 190;
  const rates = rateAxis(end + 200, 80, [1]);
  const most = Math.max(1, ...answer.nodes.map((group) => group.count));
  const keys = [{ words: "closed", fill: theme.series[0]! }, { words: "open, not overdue", fill: theme.open, isOpen: true }, { words: "open and overdue", fill: theme.bad }];
  const parts: SVGElement[] = [hatch(theme), ...legend(14, keys, theme, (words) => widthOf(words, 11))];
  if (hasPromises) parts.push(note("promises kept", rates.x, 32, theme.muted), ...axisOfRates(rates, head - 6, head + (answer.nodes.length + 1) * ROW, theme, locale));
  [answer.all, ...answer.nodes].forEach((group, place) => {
    // all of it is drawn as a whole: its groups share one scale
    const scale = (end - names - 12) / (place === 0 ? Math.max(1, group.count) : most);
    parts.push(groupRow(group, place - 1, head + place * ROW, { names, scale, end, width, rates: hasPromises ? rates : null }, context, tooltip));
  });
  const bottom = head + (answer.nodes.length + 1) * ROW;
  const others = answer.otherGroups ? `${count(answer.otherGroups, locale)} more with ${count(answer.otherCount, locale)} are not listed` : "";
  if (others) parts.push(note(others, 0, bottom + 16, theme.muted));
  return { height: bottom + (others ? 24 : 8), parts };
}

interface Places {
  readonly names: number;
  readonly scale: number;
  readonly end: number;
  readonly width: number;
  readonly rates: RateAxis | null;
}

function groupRow(group: FeedbackGroup, place: number, y: number, { names, scale, end, width, rates }: Places, context: Context, tooltip: Tooltip): SVGGElement {
  const { theme, locale } = context;
  const { promises, closed, open, overdue } = group;
  const name = place < 0 ? "all feedback" : groupWords(group.name);
  const row = svgElement("g");
  row.append(
    svgElement("rect", { x: 0, y, width, height: ROW, fill: "transparent" }),
    text(0, y + 19, fitted(name, names), theme.text, { "font-weight": place < 0 ? 600 : 400 }),
    ...stacked(names + 12, y + 7, 16, [
      { width: closed * scale, fill: theme.series[0]! }, { width: (open - overdue) * scale, fill: theme.open, isOpen: true }, { width: overdue * scale, fill: theme.bad },
    ]),
    text(end + 8, y + 14, `${count(group.count, locale)}${group.small ? " n < 30" : ""}${sign(context, groupKey(place, group.name))}`, theme.text, { "font-size": 11 }),
    note(`${count(open, locale)} open, ${count(overdue, locale)} overdue`, end + 8, y + 27, theme.muted),
  );
  if (rates && promises.count) {
    row.append(...rateMark(rates, y + 15, promises.keptRate, promises.kept + promises.broken < 30, theme.series[0]!, theme), note(`${count(promises.kept, locale)} of ${count(promises.kept + promises.broken, locale)}`, width - 4, y + 19, theme.muted, "end"));
  }
  const rows = [
    ["Feedback", `${count(group.count, locale)} (${share(group.share, locale)} of all)`], ["Closed", count(closed, locale)], ["Open", count(open, locale)], ["Overdue", count(overdue, locale)],
    ["Opened again", `${count(group.reopened, locale)}: ${withInterval(group.reopenedRate, locale)}`],
    ...(promises.count ? [["Promises", `${count(promises.kept, locale)} kept, ${count(promises.broken, locale)} broken, ${count(promises.pending, locale)} pending`] as const] : []),
  ] as readonly (readonly [string, string])[];
  const label = `${name}: ${count(group.count, locale)}, ${count(open, locale)} open, ${count(overdue, locale)} overdue`;
  pickable(row, { key: groupKey(place, group.name), label, tip: { title: name, rows, note: group.small ? "Fewer than 30: read with care." : undefined }, pick: { kind: "node", field: "feedback", key: { place, name: group.name } } }, context, tooltip);
  return row;
}

const GROUP = `count share open overdue closed reopened reopenedRate { value low high } small
promises { count kept broken pending keptRate { value low high } }`;

export const feedbackStanding: Figure<FeedbackAnswer> = {
  name: "feedback-standing",
  title: "How feedback stands",
  selection: `{
  asOf groups otherGroups otherCount strangers
  all { name ${GROUP} }
  nodes { name ${GROUP} }
}`,
  isEmpty: ({ all }) => all.count === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};

/** A quantile in words: 4.9 days (3.6 to 7.0) */
export function quantileWords({ seconds, lowSeconds, highSeconds }: Quantile, locale = "en"): string {
  if (seconds === null) return "not reached";
  return lowSeconds === null ? duration(seconds, locale) : `${duration(seconds, locale)} (${duration(lowSeconds, locale)} to ${highSeconds === null ? NOTHING : duration(highSeconds, locale)})`;
}
