/** How a flow is painted: columns with their headings, places, bands between them, and stubs. */

import type { Context, Pick } from "./figure";
import { fitted, widthOf } from "./fitted";
import { BOX, layOut, type Band, type Box, type Fate, type FlowColumn, type FlowLayout, type Place, type Stub } from "./flow_layout";
import { denominator, flowKey, nameOf, partsOf, placeKey, stepKey, stepName, type FlowAnswer } from "./flow_table";
import { count, duration, share, withInterval } from "./numbers";
import type { Painting, Paper } from "./painted";
import { sign } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tip } from "./tooltip";

const STUB = 26;
const WORDS: Readonly<Record<Fate, string>> = {
  beyond: "go on unseen", outcome: "end with the outcome", open: "are still open", exits: "left here",
  ends: "end here", begins: "begin here",
};
const SHORT: Readonly<Record<Fate, string>> = {
  beyond: "go on", outcome: "outcome", open: "open", exits: "left", ends: "end", begins: "begin",
};

export function paintFlow(answer: FlowAnswer, paper: Paper): Painting {
  const parts = partsOf(answer);
  const layout = layOut(parts, paper.width);
  const painter = new Painter(layout, paper, parts.length ? parts[0]!.grid.count : 0);
  const denominators = [...new Set(parts.map(({ grid }) => denominator(grid, paper.context.locale)))];
  return {
    width: layout.width,
    height: layout.height,
    parts: [
      painter.definitions(),
      svgElement("text", { x: 0, y: 12, fill: paper.context.theme.muted }, `Paths: ${denominators.join("; ")}`),
      painter.legend(),
      ...layout.columns.map((column) => painter.heading(column)),
      ...layout.bands.map((band) => painter.band(band)),
      ...layout.boxes.flatMap((box) => box.stubs.map((stub) => painter.stub(box, stub))),
      ...layout.boxes.map((box) => painter.box(box)),
    ],
  };
}

class Painter {
  readonly #bands = new Map<SVGElement, readonly [string, string]>();
  readonly #context: Context;

  constructor(readonly layout: FlowLayout, readonly paper: Paper, readonly paths: number) {
    this.#context = paper.context;
  }

  colour(fate: Fate): string {
    const { theme } = this.#context;
    const colours: Record<Fate, string> = {
      beyond: theme.series[0]!, outcome: theme.good, open: theme.open, exits: theme.bad, ends: theme.good, begins: theme.accent,
    };
    return colours[fate];
  }

  /** Stubs fade out to where they go; what is open is hatched. */
  definitions(): SVGElement {
    const { theme } = this.#context;
    const fades = (Object.keys(WORDS) as Fate[]).flatMap((fate) => [false, true].map((leftwards) => {
      const stop = (offset: number, opacity: number): SVGElement =>
        svgElement("stop", { offset, "stop-color": this.colour(fate), "stop-opacity": opacity });
      const [from, to] = fate === "beyond" ? [0.25, 0.02] : [0.95, 0.12];
      return svgElement("linearGradient", { id: gradient(fate, leftwards), ...(leftwards ? { x1: 1, x2: 0 } : {}) }, stop(0, from), stop(1, to));
    }));
    const hatch = svgElement("pattern", { id: "flow-hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      svgElement("rect", { width: 2, height: 5, fill: theme.background, "fill-opacity": 0.65 }));
    return svgElement("defs", {}, ...fades, hatch);
  }

  legend(): SVGElement {
    const { theme } = this.#context;
    const shown = new Set(this.layout.boxes.flatMap((box) => box.stubs.map(({ fate }) => fate)));
    const group = svgElement("g", { "font-size": 11 });
    let x = 0;
    for (const fate of (["exits", "open", "outcome", "ends", "begins", "beyond"] as const).filter((one) => shown.has(one))) {
      group.append(
        svgElement("rect", { x, y: 21, width: 10, height: 8, fill: this.colour(fate), "fill-opacity": fate === "beyond" ? 0.25 : 1 }),
        ...(fate === "open" ? [svgElement("rect", { x, y: 21, width: 10, height: 8, fill: "url(#flow-hatch)" })] : []),
        svgElement("text", { x: x + 14, y: 29, fill: theme.muted }, WORDS[fate]),
      );
      x += 30 + widthOf(WORDS[fate], 11);
    }
    return group;
  }

  /** Which step it is, how many are at it, and as a bar what has become of all paths by then. */
  heading({ side, at, x, column }: FlowColumn): SVGElement {
    const { theme, locale } = this.#context;
    const width = this.layout.gap - 18;
    const all = Math.max(1, column.count + column.overCount);
    const name = stepName(at, this.layout.columns.some((other) => other.at < 0));
    const words = name[0]!.toUpperCase() + name.slice(1);
    const part = share(column.count / all, locale);
    const both = `${count(column.count, locale)} · ${part}`;
    const says = widthOf(words, 11, 600) + widthOf(both, 11) + 10 > width ? part : both;
    const group = svgElement("g", { transform: `translate(${x} 0)` });
    group.append(
      svgElement("rect", { y: 36, width, height: 24, fill: "transparent" }),
      svgElement("text", { y: 47, fill: theme.text, "font-weight": 600, "font-size": 11 }, words),
      svgElement("text", { x: width, y: 47, fill: theme.muted, "font-size": 11, "text-anchor": "end" }, says),
      svgElement("rect", { y: 52, width, height: 4, fill: theme.raised }),
    );
    const gone: [string, number][] = column.overExits === null
      ? [[theme.other, column.overCount]]
      : [[theme.good, column.overWithOutcome ?? 0], [theme.open, column.overOpen ?? 0], [theme.bad, column.overExits]];
    let from = 0;
    for (const [fill, n] of [[theme.series[0]!, column.count] as [string, number], ...gone]) {
      if (n) group.append(svgElement("rect", { x: from, y: 52, width: (n / all) * width, height: 4, fill }));
      from += (n / all) * width;
    }
    const rows: [string, string][] = column.overExits === null
      ? [[side === "before" ? "Begin later" : "Have ended", numberOf(column.overCount, all, locale)]]
      : [
          ["Left before", numberOf(column.overExits, all, locale)],
          ["Still open, last seen before", numberOf(column.overOpen ?? 0, all, locale)],
          ["Ended before, with the outcome", numberOf(column.overWithOutcome ?? 0, all, locale)],
        ];
    const tip: Tip = { title: words, rows: [["At this step", numberOf(column.count, all, locale)], ...rows], note: "Together they are all paths." };
    const pick: Pick = { kind: "node", field: "step", key: { side, step: column.step } };
    pickable(group, { key: stepKey(side, column.step), label: `${words}: ${tip.rows.map((row) => row.join(" ")).join(", ")}`, tip, pick }, this.#context, this.paper.tooltip);
    return group;
  }

  band(band: Band): SVGElement {
    const { theme, locale } = this.#context;
    const x0 = band.from.x + BOX;
    const x1 = band.to.x;
    const height = Math.max(0.6, band.height);
    const isOther = band.from.place.step.isOther || band.to.place.step.isOther;
    const shape = svgElement("path", { d: ribbon(x0, band.fromY, x1, band.toY, height), fill: isOther ? theme.other : theme.series[0], "fill-opacity": isOther ? 0.4 : 0.22 });
    const [from, to] = [band.from.place, band.to.place];
    const { flow } = band;
    const title = `${nameOf(from)} → ${nameOf(to)}`;
    const tip = (): Tip => ({
      title,
      rows: [
        ["Paths", `${count(flow.count, locale)} of ${count(this.paths, locale)}`],
        ["Units", count(flow.units, locale)],
        [`Of those at ${nameOf(from)}`, share(flow.count / from.count, locale)],
        [`Of those at ${nameOf(to)}`, share(flow.count / to.count, locale)],
      ],
    });
    // in the grid's own order: read backwards, it goes from the later place to the earlier
    const [source, target] = band.side === "after" ? [from, to] : [to, from];
    const own = band.side === "before" && source.step.id !== flow.source ? band.to.mirrored ?? source : source;
    const pick: Pick = { kind: "node", field: "flow", key: { side: band.side, step: flow.step, source: flow.source, target: flow.target } };
    pickable(shape, { key: flowKey(band.side, flow.step, own, target), label: `${title}: ${count(flow.count, locale)}`, tip, pick }, this.#context, this.paper.tooltip);
    // hundreds of bands: places and steps are reached by the keyboard, every band stands in the table
    shape.removeAttribute("tabindex");
    shape.setAttribute("role", "img");
    this.#bands.set(shape, [boxKey(band.from), boxKey(band.to)]);
    return shape;
  }

  stub(box: Box, stub: Stub): SVGElement {
    const { theme, locale } = this.#context;
    const leftwards = stub.fate === "begins" || (stub.fate === "beyond" && isBefore(box));
    const height = Math.max(0.6, stub.height);
    const x = leftwards ? box.x - STUB : box.x + BOX;
    const drop = stub.fate === "beyond" ? 0 : Math.min(10, 4 + height / 8);
    const d = leftwards ? ribbon(x, stub.y + drop, x + STUB, stub.y, height) : ribbon(x, stub.y, x + STUB, stub.y + drop, height);
    const group = svgElement("g", {}, svgElement("path", { d, fill: `url(#${gradient(stub.fate, leftwards)})` }));
    if (stub.fate === "open") group.append(svgElement("path", { d, fill: "url(#flow-hatch)" }));
    const says = `${count(stub.count, locale)} ${SHORT[stub.fate]}`;
    const middle = stub.y + drop + height / 2;
    if (height >= 11 && stub.fate !== "beyond" && !isHidden(box, middle)) {
      group.append(svgElement("text", {
        x: box.x + BOX + (leftwards ? 5 : STUB + 3), y: middle + 4,
        fill: stub.fate === "open" ? theme.muted : this.colour(stub.fate), "font-size": 11, ...this.halo(),
      }, says));
    }
    const place = isBefore(box) && box.mirrored ? box.mirrored : box.place;
    const side = leftwards ? "before" : "after";
    const key = JSON.stringify([stub.fate, placeKey(side, place)]);
    const tip = (): Tip => ({ title: nameOf(place), rows: [[`Paths that ${WORDS[stub.fate]}`, `${count(stub.count, locale)} of ${count(place.count, locale)} (${share(stub.count / place.count, locale)})`]] });
    const pick: Pick = { kind: "node", field: stub.fate, key: { side, id: place.step.id } };
    pickable(group, { key, label: `${nameOf(place)}: ${says}`, tip, pick }, this.#context, this.paper.tooltip);
    group.removeAttribute("tabindex");
    group.setAttribute("role", "img");
    return group;
  }

  box(box: Box): SVGElement {
    const { theme, locale } = this.#context;
    const { place } = box;
    const { isOther } = place.step;
    const height = Math.max(1.5, box.height);
    const group = svgElement("g", {}, svgElement("rect", { x: box.x - 3, y: box.y, width: this.layout.gap - 8, height: box.slot, fill: "transparent" }));
    group.append(svgElement("rect", { x: box.x, y: box.y, width: BOX, height, rx: Math.min(2, height / 2), fill: isOther ? theme.other : theme.series[0] }));
    group.append(...this.label(box));
    const tip = (): Tip => tipOf(place, this.paths, locale);
    const side = isBefore(box) ? "before" : "after";
    const pick: Pick = { kind: "node", field: "place", key: { side, id: place.step.id, item: isOther ? null : place.items[0] } };
    pickable(group, { key: placeKey(side, place), label: `${nameOf(place)}: ${count(place.count, locale)}`, tip, pick }, this.#context, this.paper.tooltip);
    group.addEventListener("pointerenter", () => this.#point(boxKey(box)));
    group.addEventListener("pointerleave", () => this.#point(null));
    group.addEventListener("focus", () => this.#point(boxKey(box)));
    group.addEventListener("blur", () => this.#point(null));
    return group;
  }

  halo(): Record<string, string | number> {
    const { theme } = this.#context;
    return { stroke: theme.background, "stroke-width": 3, "stroke-linejoin": "round", "paint-order": "stroke", "stroke-opacity": 0.85 };
  }

  /** The name and its numbers, beside what goes on; stubs have words of their own. */
  label(box: Box): SVGElement[] {
    const { theme, locale } = this.#context;
    const { place } = box;
    // beside the stub where nearly all end
    const aside = goingOn(box) < 10 && box.height > 20 && !isBefore(box) ? STUB : 0;
    const x = box.x + BOX + 5 + aside;
    const room = this.layout.gap - BOX - 16 - aside;
    const numbers = `${count(place.count, locale)}${place.small ? " n < 30" : ""}${sign(this.#context, placeKey(isBefore(box) ? "before" : "after", place))}`;
    const fill = place.step.isOther ? theme.muted : theme.text;
    const middle = labelAt(box);
    if (isTall(box)) {
      const of = `${numbers} · ${share(place.count / Math.max(1, this.paths), locale)}`;
      return [
        svgElement("text", { x, y: middle - 2, fill, "font-weight": 600, ...this.halo() }, fitted(nameOf(place), room, 12, 600)),
        svgElement("text", { x, y: middle + 12, fill: theme.muted, "font-size": 11, ...this.halo() }, of),
      ];
    }
    const name = fitted(nameOf(place), room - widthOf(numbers, 11) - 6);
    const line = svgElement("text", { x, y: middle + 4, fill, ...this.halo() }, name);
    line.append(svgElement("tspan", { dx: 5, fill: theme.muted, "font-size": 11 }, numbers));
    return [line];
  }

  /** What is pointed at stands out; its bands stay, others fade. */
  #point(key: string | null): void {
    for (const [shape, [from, to]] of this.#bands) {
      shape.style.opacity = key === null || key === from || key === to ? "" : "0.25";
    }
  }
}

function boxKey({ at, place }: Box): string {
  return `${at} ${place.step.id}`;
}

/** Whether a box belongs to what was read backwards; the anchor of both belongs to the other. */
function isBefore({ at, place, mirrored }: Box): boolean {
  return at < 0 || (mirrored === null && place.step.exits === null && at === 0);
}

/** How much of a place goes on; its label stands beside that. */
function goingOn({ height, stubs }: Box): number {
  return height - stubs.reduce((sum, stub) => sum + (stub.fate === "beyond" ? 0 : stub.height), 0);
}

/** Whether its label has two lines. */
function isTall(box: Box): boolean {
  return goingOn(box) >= 32;
}

function labelAt(box: Box): number {
  return box.y + Math.max(isTall(box) ? goingOn(box) : Math.min(box.height, goingOn(box)), 13) / 2;
}

/** Whether words at this height would cover the label. */
function isHidden(box: Box, middle: number): boolean {
  return middle - labelAt(box) < (isTall(box) ? 20 : 13);
}

function gradient(fate: Fate, leftwards: boolean): string {
  return `flow-${fate}${leftwards ? "-left" : ""}`;
}

function numberOf(n: number, of: number, locale: string): string {
  return `${count(n, locale)} (${share(n / of, locale)})`;
}

/** A band of even height between two places, as an S. */
function ribbon(x0: number, y0: number, x1: number, y1: number, height: number): string {
  const middle = (x0 + x1) / 2;
  const [a, b, c, d] = [y0, y1, y1 + height, y0 + height].map((y) => y.toFixed(2));
  return `M${x0} ${a}C${middle} ${a} ${middle} ${b} ${x1} ${b}V${c}C${middle} ${c} ${middle} ${d} ${x0} ${d}Z`;
}

function tipOf(place: Place, paths: number, locale: string): Tip {
  const { step } = place;
  const fates: [string, number | null][] = step.exits === null
    ? [["Paths that end here", step.stopped]]
    : [["Left here", step.exits], ["Still open", step.open], ["End with the outcome", step.withOutcome]];
  return {
    title: nameOf(place),
    rows: [
      ["Paths", `${count(place.count, locale)} of ${count(paths, locale)} (${share(place.count / Math.max(1, paths), locale)})`],
      ["Units", count(place.units, locale)],
      ...fates.map(([label, n]): [string, string] => [label, `${count(n, locale)} (${share((n ?? 0) / place.count, locale)})`]),
      ...(step.beyond ? [["Go on unseen", count(step.beyond, locale)] as [string, string]] : []),
      ["Outcome later", withInterval(place.outcomeRate, locale)],
      ["Median time from start", duration(place.medianSeconds, locale)],
    ],
    note: place.small ? "Fewer than 30 units: read with care." : undefined,
  };
}
