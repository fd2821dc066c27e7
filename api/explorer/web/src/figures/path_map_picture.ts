/** How a path map is painted: bands of stages, transitions as curves, items as boxes upon them. */

import type { Context } from "./figure";
import { fitted, fittedInside, widthOf } from "./fitted";
import { count, duration, share, withInterval } from "./numbers";
import type { Painting, Paper } from "./painted";
import { layOutMap, type MapLayout, type Placed, type StageBand } from "./path_map_layout";
import { edgeKey, itemKey, itemsShown, type MapVisits, type PathMapAnswer, type Transition } from "./path_map_table";
import { hatch, legend, sign, stacked, text } from "./rows";
import { pickable, svgElement } from "./svg";

const BOX_HEIGHT = 38;
const TOP = 76;
const WIDEST = 13;
const MOST_NUMBERS = 16;
/** Ways from which on numbers on them would cover each other. */
const MANY = 60;
const STAGES = ["inquiry", "comparison", "purchase", "support"];

export function paintMap(answer: PathMapAnswer, paper: Paper): Painting {
  const items = itemsShown(answer);
  const stageOf = stagesOf(answer);
  const stages = orderOf(new Set(items.map(({ item }) => stageOf.get(item) ?? null)));
  const boxWidth = Math.max(108, Math.min(140, paper.width / 10.7));
  const layout = layOutMap(
    items.map(({ item }) => ({ item, stage: stageOf.get(item) ?? null })),
    answer.transitions.nodes, stages,
    { width: paper.width, top: TOP + 26, boxWidth, boxHeight: BOX_HEIGHT, gapX: 32, gapY: 22 },
  );
  return new Painter(answer, layout, boxWidth, paper).painting(items, stages.length > 1);
}

/** The stage in which most units meet an item. */
function stagesOf({ stages }: PathMapAnswer): Map<string, string | null> {
  const most = new Map<string, { stage: string | null; units: number }>();
  for (const { stage, item, units } of stages.nodes) {
    const known = most.get(item);
    if (!known || units > known.units) most.set(item, { stage, units });
  }
  return new Map([...most].map(([item, { stage }]) => [item, stage]));
}

/** The field's stages in their order, then others by name, and last what is in none. */
function orderOf(stages: ReadonlySet<string | null>): readonly (string | null)[] {
  const named = [...stages].filter((stage): stage is string => stage !== null);
  const known = STAGES.filter((stage) => stages.has(stage));
  return [...known, ...named.filter((stage) => !STAGES.includes(stage)).sort(), ...(stages.has(null) ? [null] : [])];
}

class Painter {
  readonly #edges = new Map<SVGElement, readonly [string, string]>();
  readonly #context: Context;
  readonly #most: number;
  readonly #mostVisits: number;

  constructor(readonly answer: PathMapAnswer, readonly layout: MapLayout, readonly boxWidth: number, readonly paper: Paper) {
    this.#context = paper.context;
    this.#most = Math.max(1, ...answer.transitions.nodes.filter(({ source, target }) => source !== target).map((edge) => edge.count));
    this.#mostVisits = Math.max(1, ...answer.visits.nodes.map(({ visits }) => visits));
  }

  painting(items: readonly MapVisits[], hasStages: boolean): Painting {
    const { theme, locale } = this.#context;
    const { nodes } = this.answer.transitions;
    // thin ones last, or they could not be pointed at
    const edges = nodes.filter(({ source, target }) => source !== target).toSorted((one, other) => other.count - one.count);
    const loops = new Map(nodes.filter(({ source, target }) => source === target).map((edge) => [edge.source, edge]));
    const keys = [
      { words: "onwards", fill: theme.series[0]!, opacity: 0.5 }, { words: "back", fill: theme.series[3]!, opacity: 0.6 }, { words: "met it and went on", fill: theme.series[0]! },
      { words: "left here", fill: theme.bad }, { words: "still open", fill: theme.open, isOpen: true },
    ];
    const { coverage, count: moves, otherCount, otherEdges } = this.answer.transitions;
    const unseen = otherEdges ? `; not shown: ${count(otherCount, locale)} moves, by ${count(otherEdges, locale)} rarer transitions` : "";
    return {
      width: this.layout.width,
      height: this.layout.height + 44,
      parts: [
        hatch(theme),
        text(0, 12, fitted(`${share(coverage, locale)} of ${count(moves, locale)} moves of ${count(this.answer.visits.units, locale)}${unseen}`, this.paper.width), theme.muted),
        ...legend(34, keys, theme, (words) => widthOf(words, 11)),
        ...(hasStages ? this.layout.bands.flatMap((band) => this.band(band)) : []),
        ...edges.map((edge) => this.edge(edge)),
        ...(edges.length > MANY ? [] : edges.slice(0, MOST_NUMBERS)).filter((edge) => edge.count > this.#most / 12 && !this.isUpright(edge)).map((edge) => this.number(edge)),
        ...items.map((item) => this.box(item, loops.get(item.item))),
      ],
    };
  }

  band({ stage, x, width }: StageBand): SVGElement[] {
    const { theme } = this.#context;
    const band = svgElement("rect", { x: x - 10, y: TOP - 26, width: width + 20, height: this.layout.height - TOP + 36, rx: 6, fill: theme.raised });
    return [band, text(x, TOP - 8, fitted(stage ?? "no stage", width), theme.muted, { "font-weight": 600, "font-size": 11 })];
  }

  edge(edge: Transition): SVGElement {
    const { theme, locale } = this.#context;
    const [source, target] = [this.layout.items.get(edge.source)!, this.layout.items.get(edge.target)!];
    const isOnwards = isLater(target, source);
    const width = Math.max(1, (edge.count / this.#most) * WIDEST);
    const colour = isOnwards ? theme.series[0]! : theme.series[3]!;
    const curve = curveOf(source, target, this.boxWidth);
    const head = 3 + width * 0.9;
    const group = svgElement("g", { "fill-opacity": 0.5, "stroke-opacity": isOnwards ? 0.3 : 0.4 },
      svgElement("path", { d: curve.d, fill: "none", stroke: "transparent", "stroke-width": Math.max(9, width) }),
      svgElement("path", { d: curve.d, fill: "none", stroke: colour, "stroke-width": width }),
      svgElement("path", { d: arrow(curve.end, curve.towards, head), fill: colour }));
    const tip = {
      title: `${edge.source} → ${edge.target}`,
      rows: [
        ["Units", `${count(edge.units, locale)} of ${count(this.answer.transitions.units, locale)} (${share(edge.share, locale)})`], ["Moves", count(edge.count, locale)],
        ["Median time", `${edge.exact ? "" : "about "}${duration(edge.medianSeconds, locale)}`],
      ] as const,
      note: edge.small ? "Fewer than 30 units: read with care." : undefined,
    };
    pickable(group, { key: edgeKey(edge.source, edge.target), label: `${tip.title}: ${count(edge.units, locale)} (${share(edge.share, locale)})`, tip, pick: { kind: "edge", source: edge.source, target: edge.target } }, this.#context, this.paper.tooltip);
    this.#edges.set(group, [edge.source, edge.target]);
    return group;
  }

  /** Whether it stays within a column, where there is no room for a number. */
  isUpright({ source, target }: Transition): boolean {
    return this.layout.items.get(source)!.x === this.layout.items.get(target)!.x;
  }

  /** How many go a way that many go, on its middle. */
  number({ source, target, units }: Transition): SVGElement {
    const { theme, locale } = this.#context;
    const [x, y] = curveOf(this.layout.items.get(source)!, this.layout.items.get(target)!, this.boxWidth).middle;
    return text(x, y + 3, count(units, locale), theme.text, {
      "font-size": 10, "text-anchor": "middle", stroke: theme.background, "stroke-width": 3, "stroke-linejoin": "round", "paint-order": "stroke", "stroke-opacity": 0.8, "pointer-events": "none",
    });
  }

  box(node: MapVisits, loop: Transition | undefined): SVGElement {
    const { theme, locale } = this.#context;
    const { item, visits, exits, open, rate, small } = node;
    const { x, y } = this.layout.items.get(item)!;
    const inside = this.boxWidth - 14;
    const scale = inside / this.#mostVisits;
    // where a rate stands on few, it is left to the tooltip
    const says = `${count(visits, locale)}${small ? " · n < 30" : exits ? ` · ${share(rate.value, locale)} left` : ""}${sign(this.#context, itemKey(item))}`;
    const group = svgElement("g", { transform: `translate(${x} ${y})` },
      svgElement("rect", { width: this.boxWidth, height: BOX_HEIGHT, rx: 5, fill: theme.background, stroke: theme.line }),
      text(7, 14, fittedInside(item, inside - (loop ? 40 : 0), 11, 600), theme.text, { "font-size": 11, "font-weight": 600 }),
      text(7, 26, fitted(says, inside, 10), theme.muted, { "font-size": 10 }),
      ...(loop ? [text(this.boxWidth - 7, 14, `↻ ${share(loop.share, locale)}`, theme.muted, { "font-size": 9, "text-anchor": "end" })] : []),
      ...stacked(7, 30, 4, [
        { width: exits * scale, fill: theme.bad }, { width: open * scale, fill: theme.open, isOpen: true }, { width: (visits - exits - open) * scale, fill: theme.series[0]! },
      ]));
    const tip = {
      title: item,
      rows: [
        ["Met it", `${count(visits, locale)} of ${count(this.answer.visits.units, locale)}`], ["Left here", `${count(exits, locale)} (${withInterval(rate, locale)})`],
        ["Still open here", count(open, locale)],
        ...(loop ? [["Directly again", `${count(loop.units, locale)}, ${count(loop.count, locale)} times`]] : []),
      ] as [string, string][],
      note: small ? "Fewer than 30 below the line: read with care." : undefined,
    };
    pickable(group, { key: itemKey(item), label: `${item}: ${count(visits, locale)} met it, ${count(exits, locale)} left here, ${count(open, locale)} still open`, tip, pick: { kind: "item", item } }, this.#context, this.paper.tooltip);
    for (const [event, on] of [["pointerenter", item], ["pointerleave", null], ["focus", item], ["blur", null]] as const) {
      group.addEventListener(event, () => this.#point(on));
    }
    return group;
  }

  #point(item: string | null): void {
    for (const [edge, ends] of this.#edges) edge.style.opacity = item === null || ends.includes(item) ? "" : "0.12";
  }
}

/** Whether a transition leads onwards: to a later column, or in the same to a later level. */
function isLater(one: Placed, other: Placed): boolean {
  return one.x === other.x ? one.level > other.level : one.x > other.x;
}

type Point = readonly [number, number];

interface Curve {
  readonly d: string;
  readonly end: Point;
  readonly middle: Point;
  /** Where the arrow points to: 1 to the right, -1 to the left. */
  readonly towards: 1 | -1;
}

/** From side to side where columns differ, and around the right side within one. */
function curveOf(source: Placed, target: Placed, boxWidth: number): Curve {
  const [y0, y1] = [source.y + BOX_HEIGHT / 2 + 4, target.y + BOX_HEIGHT / 2 - 4];
  if (target.x > source.x) {
    const [x0, x1] = [source.x + boxWidth, target.x - 4];
    const bend = Math.max(24, (x1 - x0) / 2);
    return curve([x0, y0], [x0 + bend, y0], [x1 - bend, y1], [x1, y1], 1);
  }
  if (target.x === source.x) {
    const x = source.x + boxWidth;
    const bulge = 18 + Math.abs(y1 - y0) / 8;
    return curve([x, y0], [x + bulge, y0], [x + bulge, y1], [x + 4, y1], -1);
  }
  const [x0, x1] = [source.x, target.x + boxWidth + 4];
  const bend = Math.max(24, (x0 - x1) / 2);
  const sag = 16 + (x0 - x1) / 12;
  return curve([x0, y0], [x0 - bend, y0 + sag], [x1 + bend, y1 + sag], [x1, y1], -1);
}

function curve(start: Point, first: Point, second: Point, end: Point, towards: 1 | -1): Curve {
  const middle = (axis: 0 | 1): number => (start[axis] + 3 * first[axis] + 3 * second[axis] + end[axis]) / 8;
  const said = ([x, y]: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;
  return {
    d: `M${said(start)}C${said(first)} ${said(second)} ${said(end)}`,
    end: [end[0] + 4 * towards, end[1]],
    middle: [middle(0), middle(1)],
    towards,
  };
}

function arrow([x, y]: Point, towards: 1 | -1, size: number): string {
  const back = x - towards * Math.min(size, 9);
  return `M${x} ${y}L${back} ${y - size / 2}V${y + size / 2}Z`;
}
