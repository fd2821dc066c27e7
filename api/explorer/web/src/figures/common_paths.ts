/** The most frequent ways: what each is made of, and which share of all units goes it. */

import type { Context, Drawn, Figure, Table } from "./figure";
import { count, duration, share, withInterval } from "./numbers";
import { pickable, svgDocument, svgElement } from "./svg";
import { isolated, shortened } from "./texts";
import { FONT } from "./theme";
import { Tooltip } from "./tooltip";

interface Estimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

interface CommonPath {
  readonly items: readonly string[];
  readonly units: number;
  readonly share: number | null;
  readonly shareInterval: Estimate;
  readonly outcomeRate: Estimate;
  readonly medianSeconds: number | null;
  readonly value: string | null;
  readonly small: boolean;
}

export interface CommonPathsAnswer {
  readonly units: number;
  readonly distinct: number;
  readonly coverage: number | null;
  readonly otherUnits: number;
  readonly otherPaths: number;
  readonly nodes: readonly CommonPath[];
}

const ROW = 44;
const LEFT = 132;

function keyOf(path: CommonPath): string {
  return JSON.stringify(path.items);
}

function summary(answer: CommonPathsAnswer): string {
  const listed = `${count(answer.nodes.length)} of ${count(answer.distinct)} different ways`;
  return `${listed}; they cover ${share(answer.coverage)} of ${count(answer.units)}. ${count(answer.otherUnits)} go none of them.`;
}

function table(answer: CommonPathsAnswer): Table {
  return {
    columns: [
      { name: "path", title: "Path" },
      { name: "units", title: "Units", unit: "count" },
      { name: "share", title: "Share", unit: "share" },
      { name: "outcomeRate", title: "Outcome rate", unit: "rate" },
      { name: "low", title: "at least", unit: "rate" },
      { name: "high", title: "at most", unit: "rate" },
      { name: "medianSeconds", title: "Median time", unit: "seconds" },
      { name: "value", title: "Value", unit: "money" },
    ],
    rows: [
      ...answer.nodes.map((path) => [
        path.items.join(" > "), path.units, path.share, path.outcomeRate.value, path.outcomeRate.low,
        path.outcomeRate.high, path.medianSeconds, path.value,
      ]),
      ["(other)", answer.otherUnits, answer.units ? answer.otherUnits / answer.units : null, null, null, null, null, null],
    ],
    keys: [...answer.nodes.map(keyOf), "other"],
  };
}

/** As many items as the width has room for, the last of them always: what is between is counted. */
function chain(items: readonly string[], width: number): string {
  const most = Math.max(3, Math.floor(width / 100));
  const shown = items.length <= most ? [...items] : [...items.slice(0, most - 2), null, items.at(-1)!];
  const room = Math.max(8, Math.floor(width / (7.2 * shown.length)) - 3);
  return shown.map((item) => (item === null ? `… ${items.length - most + 1} more …` : isolated(shortened(item, room)))).join("  →  ");
}

/** One way: its bar, its share, and its items in order. */
function row(path: CommonPath, at: number, width: number, most: number, context: Context, tooltip: Tooltip): SVGGElement {
  const { theme, locale } = context;
  const group = svgElement("g", { transform: `translate(0 ${at})` });
  group.append(
    svgElement("rect", { width, height: ROW - 4, rx: 4, fill: "transparent" }),
    svgElement("rect", { x: LEFT, y: 26, width: width - LEFT, height: 4, rx: 2, fill: theme.raised }),
    svgElement("rect", { x: LEFT, y: 26, width: Math.max(2, ((width - LEFT) * path.units) / most), height: 4, rx: 2, fill: theme.series[0] }),
    svgElement("text", { x: LEFT - 12, y: 18, "text-anchor": "end", fill: theme.text, "font-weight": 600 }, share(path.share, locale)),
    svgElement("text", { x: LEFT - 12, y: 33, "text-anchor": "end", fill: theme.muted, "font-size": 11 },
      `${count(path.units, locale)}${path.small ? ", n < 30" : ""}`),
    svgElement("text", { x: LEFT, y: 18, fill: theme.text }, chain(path.items, width - LEFT)),
  );
  const tip = {
    title: path.items.join(" → "),
    rows: [
      ["Go it", `${count(path.units, locale)} (${withInterval(path.shareInterval, locale)})`],
      ["Outcome after it", withInterval(path.outcomeRate, locale)],
      ["Median time", duration(path.medianSeconds, locale)],
    ] as const,
    note: path.small ? "Fewer than 30: read with care." : undefined,
  };
  const label = `${path.items.join(", ")}: ${count(path.units, locale)}, ${share(path.share, locale)}`;
  pickable(group, { key: keyOf(path), label, tip, pick: { kind: "path", items: path.items } }, context, tooltip);
  return group;
}

function draw(host: HTMLElement, first: CommonPathsAnswer, firstContext: Context): Drawn<CommonPathsAnswer> {
  let answer = first;
  let context = firstContext;
  const svg = host.appendChild(svgElement("svg", { "font-family": FONT, "font-size": 13, role: "group" }));
  const tooltip = new Tooltip(host);

  const paint = (): void => {
    const { theme, locale } = context;
    const width = host.clientWidth;
    const height = (answer.nodes.length + 1) * ROW;
    const most = Math.max(1, answer.otherUnits, ...answer.nodes.map(({ units }) => units));
    svg.setAttribute("width", String(width));
    svg.setAttribute("height", String(height));
    tooltip.hide();
    svg.replaceChildren(
      ...answer.nodes.map((path, place) => row(path, place * ROW, width, most, context, tooltip)),
      svgElement("text", { x: LEFT - 12, y: height - 20, "text-anchor": "end", fill: theme.muted }, count(answer.otherUnits, locale)),
      svgElement("text", { x: LEFT, y: height - 20, fill: theme.muted }, `go another way: ${count(answer.otherPaths, locale)} more`),
      svgElement("rect", { x: LEFT, y: height - 12, width: ((width - LEFT) * answer.otherUnits) / most, height: 4, rx: 2, fill: theme.other }),
    );
  };
  paint();
  return {
    update(nextAnswer, nextContext) {
      answer = nextAnswer;
      context = nextContext;
      paint();
    },
    resize: paint,
    dispose() {
      tooltip.dispose();
      svg.remove();
    },
    svg: () => svgDocument(svg, context.theme),
  };
}

export const commonPaths: Figure<CommonPathsAnswer> = {
  name: "common-paths",
  title: "Common paths",
  selection: `{
  units distinct coverage otherUnits otherPaths
  nodes {
    items units share shareInterval { value low high } outcomeRate { value low high } medianSeconds value small
  }
}`,
  isEmpty: (answer) => answer.nodes.length === 0,
  summary,
  table,
  draw,
};
