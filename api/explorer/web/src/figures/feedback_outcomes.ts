/** What dealing with feedback went with: return, outcome and silence, and feelings, by how soon it came. */

import type { Cell, Context, Figure, Table } from "./figure";
import type { Rate } from "./felt";
import { count, duration, NOTHING, probability, share, signed } from "./numbers";
import { drawPicture, feeling, note, ticksOf, type Painted } from "./picture";
import { sign, text } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

interface Response {
  readonly fromSeconds: number | null;
  readonly toSeconds: number | null;
  readonly units: number;
  readonly small: boolean;
}

interface Association {
  readonly outcome: string;
  readonly group: number;
  readonly units: number;
  readonly happened: number;
  readonly rate: Rate;
  readonly otherRate: Rate;
  readonly difference: Rate;
  readonly adjusted: { readonly riskDifference: Rate; readonly qValue: number | null };
  readonly pValue: number | null;
  readonly qValue: number | null;
  readonly small: boolean;
}

interface Feelings {
  readonly group: number;
  readonly rated: number;
  readonly missing: number;
  readonly mean: number | null;
  readonly difference: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly pValue: number | null;
  readonly qValue: number | null;
}

export interface FeedbackOutcomesAnswer {
  readonly units: number;
  readonly censored: number;
  readonly landmarkSeconds: number | null;
  readonly horizonSeconds: number | null;
  readonly wording: string;
  readonly adjustedFor: readonly string[];
  readonly tested: number;
  readonly responses: readonly Response[];
  readonly nodes: readonly Association[];
  readonly feelings: readonly Feelings[];
}

/** One line of the picture: a group's difference from those with whom the step did not come. */
interface Line {
  readonly key: string;
  readonly outcome: string;
  readonly group: string;
  readonly units: number;
  readonly happened: number | null;
  readonly value: number | null;
  readonly other: number | null;
  readonly difference: Rate;
  readonly adjusted: Rate | null;
  readonly pValue: number | null;
  readonly qValue: number | null;
  readonly small: boolean;
  readonly place: number;
  readonly isFeeling: boolean;
}

const WORDS: Readonly<Record<string, string>> = { RETURNED: "came back", OUTCOME: "had the outcome", CHURNED: "fell silent" };
const ORDER = ["RETURNED", "OUTCOME", "CHURNED"];
const ROW = 30;
const HEAD = 40;

function responseWords({ fromSeconds, toSeconds }: Response): string {
  if (toSeconds === null) return "not in time";
  return fromSeconds ? `${duration(fromSeconds)} to ${duration(toSeconds)}` : `within ${duration(toSeconds)}`;
}

function linesOf({ responses, nodes, feelings }: FeedbackOutcomesAnswer): readonly Line[] {
  const groupOf = (group: number): string => (responses[group] ? responseWords(responses[group]) : NOTHING);
  const sorted = nodes.map((node, place) => ({ node, place })).sort((one, other) => ORDER.indexOf(one.node.outcome) - ORDER.indexOf(other.node.outcome) || one.node.group - other.node.group);
  const others = feelings.at(-1)?.mean ?? null;
  return [
    ...sorted.map(({ node, place }): Line => ({
      ...node, key: JSON.stringify([node.outcome, node.group]), outcome: WORDS[node.outcome] ?? node.outcome.toLowerCase(), group: groupOf(node.group),
      value: node.rate.value, other: node.otherRate.value, adjusted: node.adjusted.riskDifference, place, isFeeling: false,
    })),
    ...feelings.flatMap(({ group, rated, missing, mean, difference, low, high, pValue, qValue }, place): Line[] => (difference === null && place === feelings.length - 1 ? [] : [{
      key: JSON.stringify(["FEELINGS", group]), outcome: "felt, mean", group: groupOf(group), units: rated + missing, happened: rated, value: mean, other: others,
      difference: { value: difference, low, high }, adjusted: null, pValue, qValue, small: rated < 30, place, isFeeling: true,
    }])),
  ];
}

function summary(answer: FeedbackOutcomesAnswer): string {
  const { units, censored, landmarkSeconds, horizonSeconds, responses, wording, adjustedFor, tested } = answer;
  const clear = linesOf(answer).filter(({ qValue }) => qValue !== null && qValue <= 0.05).length;
  return (
    `${count(units)} customers with feedback were watched for ${duration(horizonSeconds)} from ${duration(landmarkSeconds)} after it on: ${responses.map((response) => `${count(response.units)} ${responseWords(response)}`).join(", ")}. ` +
    `${count(censored)} were not watched for so long. ${count(clear)} of ${count(tested)} differences are beyond chance (q ≤ 0.05); within strata of ${adjustedFor.join(" and ") || "nothing"} they stand in the numbers. A response is ${wording} what came after, which does not say that it brought it about.`
  );
}

function table(answer: FeedbackOutcomesAnswer): Table {
  return {
    columns: [
      { name: "outcome", title: "Afterwards" },
      { name: "group", title: "Response" },
      { name: "units", title: "Customers", unit: "count" },
      { name: "happened", title: "With it, or rated", unit: "count" },
      { name: "value", title: "Rate or mean", unit: "number" },
      { name: "other", title: "without a response in time", unit: "number" },
      { name: "difference", title: "Difference", unit: "number" },
      { name: "low", title: "at least", unit: "number" },
      { name: "high", title: "at most", unit: "number" },
      { name: "adjusted", title: "within strata", unit: "number" },
      { name: "adjustedLow", title: "at least", unit: "number" },
      { name: "adjustedHigh", title: "at most", unit: "number" },
      { name: "pValue", title: "p", unit: "number" },
      { name: "qValue", title: "q", unit: "number" },
      { name: "small", title: "To mind" },
    ],
    rows: linesOf(answer).map((line): readonly Cell[] => [
      line.outcome, line.group, line.units, line.happened, line.value, line.other, line.difference.value, line.difference.low, line.difference.high,
      line.adjusted?.value ?? null, line.adjusted?.low ?? null, line.adjusted?.high ?? null, line.pValue, line.qValue, line.small ? "n < 30" : null,
    ]),
    keys: linesOf(answer).map(({ key }) => key),
  };
}

function paint(answer: FeedbackOutcomesAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale } = context;
  const lines = linesOf(answer);
  const names = Math.max(224, Math.min(310, width * 0.26));
  const [left, right] = [names + 130, width - 214];
  const most = Math.min(1, Math.max(0.05, ...lines.flatMap(({ difference }) => [difference.low, difference.high, difference.value].map((end) => Math.abs(end ?? 0)))) * 1.06);
  const x = (value: number): number => left + ((Math.max(-most, Math.min(most, value)) + most) / (2 * most)) * (right - left);
  const bottom = HEAD + lines.length * ROW;
  const parts: SVGElement[] = [
    note("Afterwards, by when the step came", 0, 14, theme.muted), note("against none in time", left - 16, 14, theme.muted, "end"),
    note("difference, its interval", width - 54, 14, theme.muted, "end"), note("q", width - 4, 14, theme.muted, "end"),
    ...ticksOf(-most, most, 5).flatMap((tick) => [
      svgElement("line", { x1: x(tick), x2: x(tick), y1: HEAD - 6, y2: bottom, stroke: Math.abs(tick) < 1e-9 ? theme.muted : theme.line }),
      note(`${signed(tick * 100, locale)}${Math.abs(tick) < 1e-9 ? "" : " pts"}`, x(tick), HEAD - 10, theme.muted, "middle"),
    ]),
    ...lines.map((line, place) => lineMarks(line, HEAD + place * ROW, { left, width, x, isFirst: lines[place - 1]?.outcome !== line.outcome }, context, tooltip)),
    note("Filled: q ≤ 0.05. Of feelings a point is a hundredth of the way from 0 to 1.", 0, bottom + 18, theme.muted),
  ];
  return { height: bottom + 26, parts };
}

function lineMarks(line: Line, y: number, { left, width, x, isFirst }: { left: number; width: number; x: (value: number) => number; isFirst: boolean }, context: Context, tooltip: Tooltip): SVGGElement {
  const { theme, locale } = context;
  const { difference, qValue, isFeeling } = line;
  const isClear = qValue !== null && qValue <= 0.05;
  const print = (value: number | null): string => (isFeeling ? feeling(value, locale) : share(value, locale));
  const points = (value: number | null): string => (value === null ? NOTHING : isFeeling ? feeling(value, locale) : `${signed(value * 100, locale)}`);
  const middle = y + ROW / 2;
  const row = svgElement("g");
  row.append(
    svgElement("rect", { x: 0, y, width, height: ROW, fill: "transparent" }),
    text(0, middle + 4, isFirst ? line.outcome : "", theme.text, { "font-weight": 600 }),
    text(122, middle + 4, line.group, theme.text),
    note(`${print(line.value)} of ${count(isFeeling ? line.happened : line.units, locale)}, ${print(line.other)}`, left - 16, middle + 4, theme.muted, "end"),
  );
  if (difference.value !== null) {
    const colour = !isClear ? theme.muted : difference.value > 0 ? theme.series[0]! : theme.series[1]!;
    if (difference.low !== null && difference.high !== null) row.append(svgElement("line", { x1: x(difference.low), x2: x(difference.high), y1: middle, y2: middle, stroke: colour, "stroke-width": 2 }));
    row.append(svgElement("rect", { x: x(difference.value) - 5, y: middle - 5, width: 10, height: 10, rx: 1.5, fill: isClear ? colour : theme.background, stroke: colour, "stroke-width": 1.5 }));
  }
  const between = difference.low === null ? points(difference.value) : `${points(difference.value)} (${points(difference.low)} to ${points(difference.high)})`;
  row.append(
    text(width - 54, middle + 4, `${between}${line.small ? " *" : ""}${sign(context, line.key)}`, theme.text, { "text-anchor": "end", "font-size": 11, "font-weight": isClear ? 600 : 400 }),
    text(width - 4, middle + 4, probability(qValue, locale), isClear ? theme.text : theme.muted, { "text-anchor": "end", "font-size": 11 }),
  );
  const rows = [
    [isFeeling ? "Mean" : "Rate", `${print(line.value)} of ${count(isFeeling ? line.happened : line.units, locale)}`], ["Without it in time", print(line.other)], ["Difference", between],
    ...(line.adjusted?.value == null ? [] : [["Within strata", `${points(line.adjusted.value)} (${points(line.adjusted.low)} to ${points(line.adjusted.high)})`] as const]),
    ["p, q", `${probability(line.pValue, locale)}, ${probability(qValue, locale)}`],
  ] as readonly (readonly [string, string])[];
  const title = `${line.outcome}: ${line.group}`;
  const pick = { kind: "node", field: "feedbackOutcomes", key: { place: line.place, isFeeling } } as const;
  pickable(row, { key: line.key, label: `${title}, ${print(line.value)} against ${print(line.other)}, q ${probability(qValue, locale)}`, tip: { title, rows, note: line.small ? "Fewer than 30 on one side: read with care." : undefined }, pick }, context, tooltip);
  return row;
}

export const feedbackOutcomes: Figure<FeedbackOutcomesAnswer> = {
  name: "feedback-outcomes",
  title: "What dealing with it went with",
  selection: `{
  units censored landmarkSeconds horizonSeconds wording adjustedFor tested
  responses { fromSeconds toSeconds units small }
  nodes {
    outcome group units happened rate { value low high } otherRate { value low high } difference { value low high }
    adjusted { riskDifference { value low high } qValue } pValue qValue small
  }
  feelings { group rated missing mean difference low high pValue qValue }
}`,
  isEmpty: ({ units }) => units === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
