/** Feelings, expectations and gaps as a heat map: groups down, measures or stretches of time across. */

import type { Cell, Context, Figure, Table } from "./figure";
import { FELT, FELT_MEASURES, feltCells, feltColumns, feltTip, meanWords, ratedWords, type Felt, type Mean } from "./felt";
import { fitted } from "./fitted";
import { count, NOTHING, share } from "./numbers";
import { drawPicture, feeling, note, type Painted } from "./picture";
import { sign } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

interface Period extends Felt {
  readonly period: string;
}

interface ExperienceGroup extends Felt {
  readonly group: string;
  readonly periods: readonly Period[];
}

export interface ExperienceHeatAnswer {
  readonly units: number;
  readonly count: number;
  readonly by: string;
  readonly overall: ExperienceGroup;
  readonly groups: number;
  readonly otherGroups: number;
  readonly otherCount: number;
  readonly nodes: readonly ExperienceGroup[];
}

/** A column of the picture: what its cells say of a group. */
interface Column {
  readonly title: string;
  readonly of: (group: ExperienceGroup) => { readonly felt: Felt; readonly mean: Mean } | null;
}

type Across = "measures" | "emotion" | "gap";

const ROW = 32;
const HEAD = 34;
const LEAST_CELL = 64;

function keyOf(group: string, period?: string): string {
  return JSON.stringify(period === undefined ? [group] : [group, period]);
}

function rowsOf({ overall, nodes }: ExperienceHeatAnswer): readonly (readonly [string, ExperienceGroup])[] {
  return [["all", overall], ...nodes.map((node) => [node.group, node] as const)];
}

function summary({ by, overall, nodes, groups, otherGroups, otherCount }: ExperienceHeatAnswer): string {
  const worst = [...nodes].filter(({ gap, small }) => gap.value !== null && !small).sort((one, other) => one.gap.value! - other.gap.value!)[0];
  const said = worst ? ` The largest gap is at ${worst.group}: ${meanWords(worst.gap)}, ${ratedWords(worst.gap)}.` : " Nobody said both what was expected and what was found.";
  const others = otherGroups ? ` ${count(otherGroups)} more with ${count(otherCount)} interactions are not listed.` : "";
  return `${count(nodes.length)} of ${count(groups)}, by ${by.toLowerCase()}; ${count(overall.emotion.ratings)} of ${count(overall.count)} interactions say how it felt.${said}${others}`;
}

function table(answer: ExperienceHeatAnswer, across: Across): Table {
  const isOverTime = across !== "measures";
  const rows: (readonly Cell[])[] = [];
  const keys: string[] = [];
  for (const [name, group] of rowsOf(answer)) {
    if (!isOverTime) {
      rows.push([name === "all" ? "(all)" : name, ...feltCells(group)]);
      keys.push(name === "all" ? "all" : keyOf(name));
    }
    for (const period of isOverTime ? group.periods : []) {
      rows.push([name === "all" ? "(all)" : name, period.period, ...feltCells(period)]);
      keys.push(name === "all" ? JSON.stringify(["all", period.period, 0]) : keyOf(name, period.period));
    }
  }
  return { columns: [{ name: "group", title: "Group" }, ...(isOverTime ? [{ name: "period", title: "When" }] : []), ...feltColumns()], rows, keys };
}

function columnsOf(answer: ExperienceHeatAnswer, across: Across): readonly Column[] {
  if (across === "measures") return FELT_MEASURES.map(([measure, title]) => ({ title, of: (group) => ({ felt: group, mean: group[measure] }) }));
  return answer.overall.periods.map(({ period }) => ({
    title: period,
    of: ({ periods }) => {
      const felt = periods.find((one) => one.period === period);
      return felt ? { felt, mean: felt[across] } : null;
    },
  }));
}

function paint(answer: ExperienceHeatAnswer, context: Context, room: number, tooltip: Tooltip, across: Across): Painted & { width: number } {
  const { theme, locale } = context;
  const columns = columnsOf(answer, across);
  const names = Math.max(110, Math.min(240, room * 0.24));
  const left = names + 66;
  const last = across === "measures" ? 110 : 0;
  const cell = Math.max(LEAST_CELL, (room - left - last) / Math.max(1, columns.length));
  const width = left + cell * columns.length + last;
  const rows = rowsOf(answer);
  const values = rows.flatMap(([, group]) => columns.flatMap((column) => column.of(group)?.mean.value ?? []));
  const most = Math.max(0.05, ...values.map(Math.abs));
  const parts: SVGElement[] = [
    note("Met by", names + 56, 22, theme.muted, "end"),
    ...columns.map(({ title }, place) => note(fitted(title, cell - 6, 11), left + cell * (place + 0.5), 22, theme.muted, "middle")),
    ...(last ? [note("Met or surpassed", width - 4, 22, theme.muted, "end")] : []),
  ];
  rows.forEach(([name, group], place) => {
    const y = HEAD + place * ROW;
    const key = name === "all" ? "all" : keyOf(name);
    parts.push(
      svgElement("text", { x: 0, y: y + 20, fill: theme.text, "font-weight": name === "all" ? 600 : 400 }, fitted(name === "all" ? "all interactions" : name, names - 8)),
      note(`${count(group.units, locale)}${group.small ? "*" : ""}`, names + 56, y + 20, theme.muted, "end"),
    );
    columns.forEach((column, at) => parts.push(cellOf(name, key, column, group, { x: left + at * cell, y, width: cell }, most, context, tooltip, across, at === 0)));
    if (last) parts.push(note(group.met.value === null ? NOTHING : share(group.met.value, locale), width - 4, y + 20, theme.muted, "end"));
  });
  const end = HEAD + rows.length * ROW;
  const others = answer.otherGroups ? ` ${count(answer.otherGroups, locale)} more are not listed, with ${count(answer.otherCount, locale)} interactions.` : "";
  parts.push(
    note("Green above 0, orange below, the stronger the farther. Bold: its interval does not hold 0.", 0, end + 18, theme.muted),
    note(`Line below a number: how many said it. Dashed, or *: fewer than 30.${others}`, 0, end + 34, theme.muted),
  );
  return { width, height: end + 42, parts };
}

function cellOf(name: string, key: string, column: Column, group: ExperienceGroup, box: { x: number; y: number; width: number }, most: number, context: Context, tooltip: Tooltip, across: Across, isFirst: boolean): SVGGElement {
  const { theme, locale } = context;
  const { x, y, width } = box;
  const found = column.of(group);
  const mean = found?.mean;
  const value = mean?.value ?? null;
  const part = svgElement("g");
  const shape = { x: x + 1, y: y + 1, width: width - 2, height: ROW - 2, rx: 3 };
  part.append(svgElement("rect", { ...shape, fill: theme.raised }));
  if (mean && value !== null) {
    const isClear = mean.low !== null && mean.high !== null && (mean.low > 0 || mean.high < 0);
    part.append(
      svgElement("rect", { ...shape, fill: value < 0 ? theme.bad : theme.good, "fill-opacity": 0.06 + 0.44 * Math.min(1, Math.abs(value) / most), stroke: found?.felt.small ? theme.muted : undefined, "stroke-dasharray": found?.felt.small ? "3 3" : undefined }),
      svgElement("text", { x: x + width / 2, y: y + 19, fill: theme.text, "text-anchor": "middle", "font-size": 12, "font-weight": isClear ? 600 : 400 }, `${feeling(value, locale)}${isFirst && across === "measures" ? sign(context, key) : ""}`),
      svgElement("rect", { x: x + 8, y: y + ROW - 6, width: (width - 16) * (1 - (mean.missingShare ?? 1)), height: 2, fill: theme.text, "fill-opacity": 0.55 }),
    );
  } else part.append(note(NOTHING, x + width / 2, y + 20, theme.muted, "middle"));
  const title = `${name === "all" ? "all interactions" : name}: ${column.title}`;
  const words = mean ? `${meanWords(mean, locale)}, ${ratedWords(mean, locale)}` : "nobody was there";
  const cellKey = JSON.stringify([name === "all" ? null : name, column.title]);
  const pick = { kind: "node", field: "experience", key: { group: name === "all" ? null : name } } as const;
  pickable(part, { key: cellKey, label: `${title} ${words}`, tip: { title, rows: found ? feltTip(found.felt, context) : [], note: found?.felt.small ? "Fewer than 30: read with care." : undefined }, pick }, context, tooltip);
  return part;
}

function heat(name: string, title: string, across: Across): Figure<ExperienceHeatAnswer> {
  const nested = across === "measures" ? "" : `periods { period ${FELT} }`;
  const group = `group ${FELT} ${nested}`;
  return {
    name,
    title,
    selection: `{
  units count by groups otherGroups otherCount
  overall { ${group} }
  nodes { ${group} }
}`,
    isEmpty: ({ overall }) => overall.emotion.ratings === 0 && overall.expectation.ratings === 0 && overall.experience.ratings === 0,
    summary,
    table: (answer) => table(answer, across),
    draw: (host, answer, context) => drawPicture(host, answer, context, (shown, now, width, tooltip) => paint(shown, now, width, tooltip, across)),
  };
}

export const experienceHeat = heat("experience-heat", "What is felt, expected and found", "measures");
export const emotionOverTime = heat("emotion-over-time", "Emotion over time", "emotion");
export const gapOverTime = heat("gap-over-time", "Gap over time", "gap");
