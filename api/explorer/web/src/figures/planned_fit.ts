/** How many do what is planned and nothing else, and how well the others fit the plan. */

import type { Cell, Context, Figure, Table } from "./figure";
import { fitted } from "./fitted";
import { count, number, share, withInterval } from "./numbers";
import { drawPicture, note, type Painted } from "./picture";
import { COUNTED, SMALL, type Counted } from "./planned";
import { sign, text } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

interface FitnessBand {
  readonly atLeast: number;
  readonly below: number | null;
  readonly units: number;
  readonly share: number | null;
}

export interface PlannedFitAnswer {
  readonly units: number;
  readonly closed: number;
  readonly open: number;
  readonly follows: Counted;
  readonly openOnPlan: number;
  readonly fitness: number | null;
  readonly fitnessBands: readonly FitnessBand[];
}

/** A row of the picture; `of` are those of whom its bar is a part. */
interface Line {
  readonly key: string;
  readonly name: string;
  readonly units: number;
  readonly of: number;
  readonly share: number | null;
  readonly interval: Counted | null;
  readonly pick: "follows" | "openOnPlan" | number;
}

const ROW = 30;

function nameOf({ atLeast, below }: FitnessBand): string {
  return below === null ? "fit wholly" : `${number(atLeast)} to below ${number(below)}`;
}

/** The best first; `place` is that in the answer. */
function linesOf({ units, closed, open, follows, openOnPlan, fitnessBands }: PlannedFitAnswer): readonly Line[] {
  return [
    { key: "follows", name: "Closed, follow the plan", units: follows.successes, of: closed, share: follows.value, interval: follows, pick: "follows" },
    { key: "openOnPlan", name: "Open, on the plan so far", units: openOnPlan, of: open, share: open ? openOnPlan / open : null, interval: null, pick: "openOnPlan" },
    ...fitnessBands.map((band, place): Line => ({ key: JSON.stringify(["fitness", place]), name: nameOf(band), units: band.units, of: units, share: band.share, interval: null, pick: place })).reverse(),
  ];
}

function summary({ units, closed, open, follows, openOnPlan, fitness }: PlannedFitAnswer): string {
  return (
    `${count(follows.successes)} of ${count(closed)} closed follow the plan, in time and with nothing else: ${withInterval(follows)}${closed < SMALL ? " (n < 30)" : ""}. ${count(openOnPlan)} of ${count(open)} open ones did nothing else so far. ` +
    `The fitness of all ${count(units)} is ${number(fitness)} on average: 1 is what is planned, 0 has nothing of it.`
  );
}

function table(answer: PlannedFitAnswer): Table {
  const lines = linesOf(answer);
  return {
    columns: [
      { name: "group", title: "Group" },
      { name: "units", title: "Units", unit: "count" },
      { name: "of", title: "of", unit: "count" },
      { name: "share", title: "Share", unit: "share" },
      { name: "low", title: "at least", unit: "share" },
      { name: "high", title: "at most", unit: "share" },
      { name: "fitness", title: "Mean fitness", unit: "number" },
      { name: "small", title: "To mind" },
    ],
    rows: [
      ["(all)", answer.units, answer.units, answer.units ? 1 : null, null, null, answer.fitness, answer.units < SMALL ? "n < 30" : null],
      ...lines.map(({ name, units, of, share: part, interval }): readonly Cell[] => [name, units, of, part, interval?.low ?? null, interval?.high ?? null, null, of < SMALL ? "n < 30" : null]),
    ],
    keys: ["all", ...lines.map(({ key }) => key)],
  };
}

function paint(answer: PlannedFitAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale } = context;
  const lines = linesOf(answer);
  const names = Math.max(172, Math.min(190, width * 0.3));
  const place = (at: number): number => 4 + at * ROW + (at < 2 ? 0 : 34);
  const parts: SVGElement[] = [
    ...lines.map((line, at) => row(line, place(at), names, width, context, tooltip)),
    note(`Fitness of all, mean ${number(answer.fitness, locale)}`, 0, place(1) + ROW + 20, theme.text),
  ];
  return { height: place(lines.length) + 4, parts };
}

function row({ key, name, units, of, share: part, interval, pick }: Line, y: number, names: number, width: number, context: Context, tooltip: Tooltip): SVGElement {
  const { theme, locale } = context;
  const room = width - names - 190;
  const at = (x: number): number => names + x * room;
  const isPlan = typeof pick === "string";
  const said = `${count(units, locale)} of ${count(of, locale)} · ${share(part, locale)}${of < SMALL ? " n < 30" : ""}${sign(context, key)}`;
  const group = svgElement("g", {},
    svgElement("rect", { x: 0, y, width, height: ROW, fill: "transparent" }),
    text(0, y + 19, fitted(name, names - 8, 12, isPlan ? 600 : 400), theme.text, isPlan ? { "font-weight": 600 } : {}),
    svgElement("rect", { x: names, y: y + 8, width: room, height: 14, rx: 2, fill: theme.raised }),
    svgElement("rect", { x: names, y: y + 8, width: Math.max(units ? 1 : 0, room * (part ?? 0)), height: 14, rx: 2, fill: isPlan ? theme.good : theme.series[0] }),
    text(width, y + 19, said, theme.text, { "text-anchor": "end" }),
  );
  if (interval?.low != null && interval.high != null) {
    group.append(svgElement("line", { x1: at(interval.low), x2: at(interval.high), y1: y + 25, y2: y + 25, stroke: theme.good, "stroke-width": 2 }));
  }
  const rows = [["Units", said], ...(interval ? [["With its interval", withInterval(interval, locale)] as const] : [])] as readonly (readonly [string, string])[];
  pickable(group, { key, label: `${name}: ${said}`, tip: { title: name, rows, note: of < SMALL ? "Fewer than 30: read with care." : undefined }, pick: { kind: "node", field: "plannedFit", key: { of: pick } } }, context, tooltip);
  return group;
}

export const plannedFit: Figure<PlannedFitAnswer> = {
  name: "planned-fit",
  title: "How well journeys fit the plan",
  selection: `{
  units closed open follows ${COUNTED} openOnPlan fitness
  fitnessBands { atLeast below units share }
}`,
  isEmpty: ({ units }) => units === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
