/**
 * One customer's history on a line of time: channels as lanes, what was felt as a curve below, purchases,
 * who brought the customer and whom the customer brought. By time, or one after the other where
 * everything happened within hours.
 */

import type { Context, Figure, Table } from "./figure";
import { fitted } from "./fitted";
import { count, day, duration, moment, money } from "./numbers";
import { drawPicture, feeling, feelingColour, note, type Painted } from "./picture";
import { pickable, svgElement } from "./svg";
import type { Tip, Tooltip } from "./tooltip";

interface Interaction {
  readonly at: string;
  readonly touchpoint: string;
  readonly channel: string | null;
  readonly stage: string | null;
  readonly initiator: string | null;
  readonly value: string | null;
  readonly emotion: number | null;
  readonly emotionLabel: string | null;
  readonly emotionSource: string | null;
  readonly expectation: number | null;
  readonly experience: number | null;
  readonly team: string | null;
}

interface Brought {
  readonly id: string;
  readonly links: { readonly referredAt: string | null; readonly medium: string | null };
}

interface Feedback {
  readonly kind: string;
  readonly openedAt: string | null;
  readonly actedAt: string | null;
  readonly closedAt: string | null;
  readonly dueAt: string | null;
  readonly touchpoint: string | null;
  readonly open: boolean;
  readonly overdue: boolean;
}

export interface CustomerAnswer {
  readonly id: string;
  readonly attributes: readonly { readonly name: string; readonly value: string }[];
  readonly interactions: { readonly count: number; readonly nodes: readonly Interaction[]; readonly pageInfo: { readonly hasNextPage: boolean } };
  readonly feedback: { readonly count: number; readonly open: number; readonly overdue: number; readonly nodes: readonly Feedback[] };
  readonly referredBy: { readonly id: string } | null;
  readonly links: {
    readonly referredAt: string | null;
    readonly medium: string | null;
    readonly root: string;
    readonly depth: number;
    readonly brought: number;
    readonly downstream: number;
    readonly downstreamValue: string | null;
    readonly referred: { readonly nodes: readonly Brought[] };
  };
}

const LANE = 34;
const TOP = 34;
const CURVE = 110;
/** Up to so many of those brought are named, and drawn through all lanes. */
const FEW = 5;
const NO_CHANNEL = "no channel said";

function summary({ id, attributes, interactions, feedback, referredBy, links }: CustomerAnswer): string {
  const { nodes } = interactions;
  const known = attributes.length ? ` (${attributes.map(({ name, value }) => `${name}: ${value}`).join(", ")})` : "";
  const listed = interactions.pageInfo.hasNextPage ? `; the first ${count(nodes.length)} are drawn` : "";
  const span = nodes.length > 1 ? ` from ${day(nodes[0]!.at)} to ${day(nodes.at(-1)!.at)}` : nodes.length ? ` on ${day(nodes[0]!.at)}` : "";
  const felt = nodes.filter(({ emotion }) => emotion != null).length;
  const said = feedback.count ? `Feedback: ${count(feedback.count)}, of which ${count(feedback.open)} open and ${count(feedback.overdue)} overdue. ` : "";
  const above = referredBy ? `Brought by ${referredBy.id}, ${count(links.depth)} steps below ${links.root}.` : "Nobody known brought this customer.";
  return (
    `${id}${known}: ${count(interactions.count)} interactions${span}${listed}; ${count(felt)} of them say how it felt. ${said}${above} ` +
    `Brought ${count(links.brought)}, ${count(links.downstream)} with all below${links.referred.nodes.length < links.brought ? `; the first ${count(links.referred.nodes.length)} are drawn` : ""}.`
  );
}

function table({ interactions, feedback, referredBy, links }: CustomerAnswer): Table {
  const blank = (kind: string, at: string | null, who: string, medium: string | null) => [kind, at, who, medium, null, null, null, null, null, null];
  return {
    columns: [
      { name: "kind", title: "What" },
      { name: "at", title: "When (UTC)" },
      { name: "touchpoint", title: "Touchpoint" },
      { name: "channel", title: "Channel" },
      { name: "stage", title: "Stage" },
      { name: "initiator", title: "Begun by" },
      { name: "value", title: "Value", unit: "money" },
      { name: "emotion", title: "Emotion", unit: "number" },
      { name: "expectation", title: "Expected", unit: "number" },
      { name: "experience", title: "Found", unit: "number" },
    ],
    rows: [
      ...(referredBy ? [blank("brought by", links.referredAt, referredBy.id, links.medium)] : []),
      ...interactions.nodes.map((node) => ["interaction", node.at, node.touchpoint, node.channel, node.stage, node.initiator, node.value, node.emotion, node.expectation, node.experience]),
      ...feedback.nodes.map((one) => blank(wordOf(one), one.openedAt, one.touchpoint ?? "", null)),
      ...links.referred.nodes.map((one) => blank("brought", one.links.referredAt, one.id, one.links.medium)),
    ],
    keys: [
      ...(referredBy ? ["referredBy"] : []),
      ...interactions.nodes.map((_, place) => `interaction ${place}`),
      ...feedback.nodes.map((_, place) => `feedback ${place}`),
      ...links.referred.nodes.map(({ id }) => JSON.stringify(id)),
    ],
  };
}

/** What it is and what has become of it: "complaint, overdue". */
function wordOf({ kind, open, overdue }: Feedback): string {
  return `${kind.toLowerCase()}, ${overdue ? "overdue" : open ? "open" : "closed"}`;
}

interface Axis {
  readonly of: (place: number) => number;
  readonly at: (time: string) => number;
  readonly ticks: readonly { readonly x: number; readonly text: string }[];
}

function axisOf(answer: CustomerAnswer, isByTime: boolean, left: number, right: number, locale: string): Axis {
  const times = answer.interactions.nodes.map(({ at }) => Date.parse(at));
  const others = [answer.links.referredAt, ...answer.links.referred.nodes.map(({ links }) => links.referredAt)].flatMap((at) => (at ? [Date.parse(at)] : []));
  const all = [...times, ...others].sort((one, other) => one - other);
  const [first, last] = [all[0] ?? 0, all.at(-1) ?? 0];
  const timed = (time: number): number => (last > first ? left + ((time - first) / (last - first)) * (right - left) : (left + right) / 2);
  const ordered = (place: number): number => (times.length > 1 ? left + (place / (times.length - 1)) * (right - left) : (left + right) / 2);
  /** Between the interactions before and after, in proportion. */
  const placed = (time: number): number => {
    const after = times.findIndex((one) => one > time);
    if (after === 0 || times.length === 0) return left;
    if (after < 0) return right;
    const [from, to] = [times[after - 1]!, times[after]!];
    return ordered(after - 1) + ((time - from) / (to - from)) * (ordered(after) - ordered(after - 1));
  };
  const many = Math.max(1, Math.floor((right - left) / 130));
  const ticks = isByTime
    ? ticksOfTime(first, last, many, locale).map(({ time, text }) => ({ x: timed(time), text }))
    : times.flatMap((time, place) => (place % Math.ceil(times.length / many) === 0 ? [{ x: ordered(place), text: day(new Date(time).toISOString(), locale) }] : []));
  return { of: (place) => (isByTime ? timed(times[place]!) : ordered(place)), at: (time) => (isByTime ? timed(Date.parse(time)) : placed(Date.parse(time))), ticks };
}

function ticksOfTime(first: number, last: number, many: number, locale: string): readonly { time: number; text: string }[] {
  const isWithinDays = last - first < 3 * 86_400_000;
  const steps = Math.max(1, last > first ? many : 1);
  return Array.from({ length: last > first ? steps + 1 : 1 }, (_, step) => {
    const time = first + ((last - first) * step) / steps;
    const at = new Date(time).toISOString();
    return { time, text: isWithinDays ? moment(at, locale) : day(at, locale) };
  });
}

/** Lanes in the order in which the customer first used them. */
function lanesOf({ interactions }: CustomerAnswer): readonly string[] {
  return [...new Set(interactions.nodes.map(({ channel }) => channel ?? NO_CHANNEL))];
}

function tipOf(node: Interaction, before: Interaction | undefined, { locale, currency }: Context): Tip {
  const since = before ? (Date.parse(node.at) - Date.parse(before.at)) / 1000 : null;
  const felt = [node.emotionLabel, node.emotionSource ? `by ${node.emotionSource}` : null].filter(Boolean).join(", ");
  const rows: (readonly [string, string] | null)[] = [
    ["When", moment(node.at, locale)],
    since == null ? null : ["Since the one before", duration(since, locale)],
    ["Channel", node.channel ?? NO_CHANNEL],
    node.stage == null ? null : ["Stage", node.stage],
    node.initiator == null ? null : ["Begun by", node.initiator],
    node.value == null ? null : ["Value", money(node.value, currency, locale)],
    ["Emotion", node.emotion == null ? "not said" : `${feeling(node.emotion, locale)}${felt ? ` (${felt})` : ""}`],
    node.expectation == null ? null : ["Expected", feeling(node.expectation, locale)],
    node.experience == null ? null : ["Found", feeling(node.experience, locale)],
    node.team == null ? null : ["Team", node.team],
  ];
  return { title: node.touchpoint, rows: rows.filter((row) => row != null) };
}

function isPurchase({ value }: Interaction): boolean {
  return value != null && Number(value) !== 0;
}

/** A dot; a diamond where something was bought; hollow where nothing is said of feelings. */
function mark(node: Interaction, x: number, y: number, size: number, { theme }: Context): SVGElement {
  const fill = node.emotion == null ? theme.background : feelingColour(node.emotion, theme);
  const stroke = node.emotion == null ? theme.muted : theme.background;
  if (isPurchase(node)) {
    return svgElement("path", { d: `M${x} ${y - 1.5 * size}l${1.5 * size} ${1.5 * size}l${-1.5 * size} ${1.5 * size}l${-1.5 * size} ${-1.5 * size}z`, fill: node.emotion == null ? theme.raised : fill, stroke: theme.text, "stroke-width": 1.5 });
  }
  return svgElement("circle", { cx: x, cy: y, r: size, fill, stroke, "stroke-width": 1.5 });
}

function feelings(answer: CustomerAnswer, axis: Axis, left: number, top: number, width: number, { theme, locale }: Context): readonly SVGElement[] {
  const y = (felt: number): number => top + 8 + ((1 - felt) / 2) * (CURVE - 30);
  const points = answer.interactions.nodes.flatMap(({ emotion, expectation }, place) => (emotion == null ? [] : [{ x: axis.of(place), emotion, expectation }]));
  return [
    ...[1, 0, -1].flatMap((tick) => [
      svgElement("line", { x1: left, x2: width, y1: y(tick), y2: y(tick), stroke: tick === 0 ? theme.muted : theme.line, "stroke-dasharray": tick === 0 ? undefined : "2 4" }),
      note(feeling(tick, locale), left - 14, y(tick) + 4, theme.muted, "end"),
    ]),
    note("Emotion", 0, y(0) + 4, theme.text),
    svgElement("polyline", { points: points.map(({ x, emotion }) => `${x},${y(emotion)}`).join(" "), fill: "none", stroke: theme.muted, "stroke-width": 1.5 }),
    ...points.flatMap(({ x, emotion, expectation }) => [
      ...(expectation == null ? [] : [
        svgElement("line", { x1: x, x2: x, y1: y(expectation), y2: y(emotion), stroke: theme.line }),
        svgElement("line", { x1: x - 5, x2: x + 5, y1: y(expectation), y2: y(expectation), stroke: theme.series[3], "stroke-width": 2 }),
      ]),
      svgElement("circle", { cx: x, cy: y(emotion), r: 4, fill: feelingColour(emotion, theme), stroke: theme.background }),
    ]),
    note(points.some(({ expectation }) => expectation != null) ? "dot: felt; bar: expected" : "", left, top + CURVE - 6, theme.muted),
  ];
}

function painter(isByTime: boolean) {
  return (answer: CustomerAnswer, context: Context, width: number, tooltip: Tooltip): Painted => {
    const { theme, locale, currency } = context;
    const lanes = lanesOf(answer);
    const { nodes } = answer.interactions;
    const left = Math.max(96, Math.min(170, width * 0.18));
    const axis = axisOf(answer, isByTime, left + 14, width - 26, locale);
    const hasFeedback = answer.feedback.nodes.length > 0;
    const lanesEnd = TOP + (lanes.length + (hasFeedback ? 1 : 0)) * LANE;
    const laneY = (node: Interaction): number => TOP + (lanes.indexOf(node.channel ?? NO_CHANNEL) + 0.5) * LANE;
    const isFelt = nodes.some(({ emotion }) => emotion != null);
    const parts: SVGElement[] = lanes.flatMap((lane, place) => [
      svgElement("rect", { x: left, y: TOP + place * LANE, width: width - left, height: LANE - 2, fill: theme.raised, "fill-opacity": place % 2 ? 0.5 : 1 }),
      svgElement("text", { x: 0, y: TOP + (place + 0.5) * LANE + 4, fill: theme.text, "font-size": 12 }, fitted(lane, left - 8, 12)),
    ]);
    parts.push(...axis.ticks.flatMap(({ x, text }, place) => [
      svgElement("line", { x1: x, x2: x, y1: TOP, y2: lanesEnd + (isFelt ? CURVE : 0), stroke: theme.line, "stroke-dasharray": "2 4" }),
      note(text, x, lanesEnd + (isFelt ? CURVE : 0) + 16, theme.muted, place === 0 ? "start" : x > width - 60 ? "end" : "middle"),
    ]));
    parts.push(svgElement("polyline", { points: nodes.map((node, place) => `${axis.of(place)},${laneY(node)}`).join(" "), fill: "none", stroke: theme.muted, "stroke-opacity": 0.5 }));
    if (hasFeedback) parts.push(...feedbackLane(answer, axis, lanesEnd - LANE, width, context, tooltip));
    if (isFelt) parts.push(...feelings(answer, axis, left, lanesEnd, width, context));
    parts.push(...links(answer, axis, lanesEnd + (isFelt ? CURVE : 0), context, tooltip));
    const step = (width - left - 40) / Math.max(1, nodes.length - 1);
    const isNamed = !isByTime && step > 56;
    const size = nodes.length > 300 ? 3 : nodes.length > 80 ? 4.5 : 6;
    let [amountStart, amountEnd] = [-1, -1];
    nodes.forEach((node, place) => {
      const group = svgElement("g");
      const [x, y] = [axis.of(place), laneY(node)];
      group.append(mark(node, x, y, size, context));
      if (isNamed) group.append(note(fitted(node.touchpoint, Math.min(160, step - 6), 11), x, y - 10, theme.text, x + 40 > width ? "end" : "middle"));
      if (isPurchase(node) && (x > amountEnd || x < amountStart)) {
        [amountStart, amountEnd] = [x - 84, x + 84];
        group.append(note(money(node.value, currency, locale), x > width - 110 ? x - 12 : x + 12, y + 13, theme.text, x > width - 110 ? "end" : "start"));
      }
      const label = `${day(node.at, locale)}: ${node.touchpoint}${node.channel ? `, ${node.channel}` : ""}${node.emotion == null ? "" : `, emotion ${feeling(node.emotion, locale)}`}`;
      pickable(group, { key: `interaction ${place}`, label, tip: tipOf(node, nodes[place - 1], context), pick: { kind: "item", item: node.touchpoint } }, context, tooltip);
      parts.push(group);
    });
    return { height: lanesEnd + (isFelt ? CURVE : 0) + 30, parts };
  };
}

/** From when each was opened until it was closed, or to the edge while it is open. */
function feedbackLane({ feedback }: CustomerAnswer, axis: Axis, top: number, width: number, context: Context, tooltip: Tooltip): readonly SVGElement[] {
  const { theme, locale } = context;
  const bars = feedback.nodes.flatMap((one, place) => {
    if (one.openedAt === null) return [];
    const x = axis.at(one.openedAt);
    const end = one.open || one.closedAt === null ? width - 8 : axis.at(one.closedAt);
    const group = svgElement("g");
    group.append(
      svgElement("rect", { x, y: top + 9, width: Math.max(6, end - x), height: 12, rx: 3, fill: one.overdue ? theme.bad : one.open ? theme.open : theme.good, "fill-opacity": 0.75 }),
      note(fitted(wordOf(one), Math.max(0, width - x - 8), 11), x, top + 7, theme.text),
    );
    const times = [["Opened", one.openedAt], ["Acted on", one.actedAt], ["Closed", one.closedAt], ["Due", one.dueAt]] as const;
    const rows = times.flatMap(([label, at]) => (at === null ? [] : [[label, moment(at, locale)] as const]));
    const tip: Tip = { title: wordOf(one), rows: [...(one.touchpoint === null ? [] : [["About", one.touchpoint] as const]), ...rows] };
    pickable(group, { key: `feedback ${place}`, label: `${day(one.openedAt, locale)}: ${wordOf(one)}`, tip, pick: one.touchpoint === null ? null : { kind: "item", item: one.touchpoint } }, context, tooltip);
    return [group];
  });
  return [svgElement("text", { x: 0, y: top + LANE / 2 + 4, fill: theme.text, "font-size": 12, "font-style": "italic" }, "feedback"), ...bars];
}

/** A line where the customer was brought, and one wherever the customer brought another. */
function links({ referredBy, links: { referredAt, medium, referred } }: CustomerAnswer, axis: Axis, bottom: number, context: Context, tooltip: Tooltip): readonly SVGElement[] {
  const { theme, locale } = context;
  const marks: { id: string; at: string; medium: string | null; up: boolean }[] = [
    ...(referredBy && referredAt ? [{ id: referredBy.id, at: referredAt, medium, up: true }] : []),
    ...referred.nodes.flatMap((one) => (one.links.referredAt ? [{ id: one.id, at: one.links.referredAt, medium: one.links.medium, up: false }] : [])),
  ];
  const isFew = referred.nodes.length <= FEW;
  return marks.map(({ id, at, medium: by, up }) => {
    const x = axis.at(at);
    const colour = up ? theme.series[6]! : theme.accent;
    const group = svgElement("g");
    group.append(
      svgElement("line", { x1: x, x2: x, y1: 22, y2: up || isFew ? bottom : TOP - 4, stroke: colour, "stroke-dasharray": "3 3" }),
      svgElement("path", { d: up ? `M${x} 22l-6 -10h12z` : `M${x} 10l6 10h-12z`, fill: colour, "fill-opacity": isFew ? 1 : 0.6 }),
    );
    if (up) group.append(note(`brought by ${fitted(id, 120, 11)}`, x + 10, 20, theme.text));
    else if (isFew) group.append(note(fitted(id, 60, 11), x + 9, 19, theme.text));
    const tip: Tip = { title: up ? `Brought by ${id}` : `Brought ${id}`, rows: [["When", moment(at, locale)], ...(by ? [["By", by] as const] : [])] };
    pickable(group, { key: up ? "referredBy" : JSON.stringify(id), label: tip.title, tip, pick: { kind: "customer", id } }, context, tooltip);
    return group;
  });
}

const SELECTION = `{
  id
  attributes { name value }
  interactions(first: 1000) {
    count
    nodes { at touchpoint channel stage initiator value emotion emotionLabel emotionSource expectation experience team }
    pageInfo { hasNextPage }
  }
  feedback(first: 100) { count open overdue nodes { kind openedAt actedAt closedAt dueAt touchpoint open overdue } }
  referredBy { id }
  links {
    referredAt medium root depth brought downstream downstreamValue
    referred(first: 1000) { nodes { id links { referredAt medium } } }
  }
}`;

function figureOf(name: string, title: string, isByTime: boolean): Figure<CustomerAnswer> {
  return {
    name,
    title,
    selection: SELECTION,
    isEmpty: (answer) => answer.interactions.count === 0 && answer.feedback.count === 0 && answer.links.brought === 0 && answer.referredBy == null,
    summary,
    table,
    draw: (host, answer, context) => drawPicture(host, answer, context, painter(isByTime)),
  };
}

export const customerHistory = figureOf("customer-history", "History, by time", true);
export const customerSteps = figureOf("customer-steps", "History, step by step", false);
