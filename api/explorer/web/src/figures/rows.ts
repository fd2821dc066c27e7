/** What pictures with one row for each item have in common: texts, bars, an axis of rates. */

import type { Context, Theme } from "./figure";
import type { Estimate } from "./flow_layout";
import { share } from "./numbers";
import { svgElement } from "./svg";

export const HATCH = "url(#rows-hatch)";

/** Laid over what is still open; one for each picture. */
export function hatch(theme: Theme): SVGElement {
  return svgElement("defs", {},
    svgElement("pattern", { id: "rows-hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      svgElement("rect", { width: 2, height: 5, fill: theme.background, "fill-opacity": 0.65 })));
}

export interface Segment {
  readonly width: number;
  readonly fill: string;
  readonly opacity?: number;
  readonly isOpen?: boolean;
}

/** Segments one after the other, as wide as their numbers. */
export function stacked(x: number, y: number, height: number, segments: readonly Segment[]): SVGElement[] {
  let from = x;
  return segments.flatMap(({ width, fill, opacity, isOpen }) => {
    if (width <= 0) return [];
    const shape = { x: from, y, width: Math.max(0.75, width), height };
    from += width;
    const drawn = svgElement("rect", { ...shape, fill, "fill-opacity": opacity });
    return isOpen ? [drawn, svgElement("rect", { ...shape, fill: HATCH })] : [drawn];
  });
}

const SIGNS = { more: "▲", less: "▼", "maybe more": "△", "maybe less": "▽", only: "◇" } as const;

/** How what has this key differs from the population that it is compared with, as a sign; empty if not. */
export function sign({ marks }: Context, key: string): string {
  const mark = marks?.get(key);
  return mark ? ` ${SIGNS[mark]}` : "";
}

export function text(x: number, y: number, words: string, fill: string, more: Readonly<Record<string, string | number>> = {}): SVGElement {
  return svgElement("text", { x, y, fill, ...more }, words);
}

/** Where rates stand: from 0 to the first round share that none passes. */
export interface RateAxis {
  readonly x: number;
  readonly width: number;
  readonly most: number;
}

export function rateAxis(x: number, width: number, rates: readonly (number | null)[]): RateAxis {
  const highest = Math.max(0, ...rates.map((rate) => rate ?? 0));
  const most = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8].find((end) => highest <= end) ?? 1;
  return { x, width, most };
}

export function axisOfRates({ x, width, most }: RateAxis, top: number, bottom: number, theme: Theme, locale: string): SVGElement[] {
  return [0, 0.5, 1].flatMap((part) => {
    const at = x + part * width;
    return [
      svgElement("line", { x1: at, x2: at, y1: top, y2: bottom, stroke: theme.line }),
      text(at, top - 4, share(part * most, locale), theme.muted, { "text-anchor": "middle", "font-size": 11 }),
    ];
  });
}

/** A rate as a point with its interval; hollow where it stands on few. */
export function rateMark({ x, width, most }: RateAxis, y: number, rate: Estimate, small: boolean, fill: string, theme: Theme): SVGElement[] {
  if (rate.value === null) return [];
  const at = (share: number): number => x + (share / most) * width;
  const marks: SVGElement[] = [];
  if (rate.low !== null && rate.high !== null) {
    const end = Math.min(at(rate.high), x + width);
    marks.push(svgElement("line", { x1: at(rate.low), x2: end, y1: y, y2: y, stroke: fill, "stroke-width": 2, "stroke-opacity": 0.55 }));
  }
  marks.push(svgElement("circle", { cx: at(rate.value), cy: y, r: 4, fill: small ? theme.background : fill, stroke: fill, "stroke-width": 1.5 }));
  return marks;
}

export interface Key {
  readonly words: string;
  readonly fill: string;
  readonly opacity?: number;
  readonly isOpen?: boolean;
}

/** What colours mean; `widthOf` measures words. */
export function legend(y: number, keys: readonly Key[], theme: Theme, widthOf: (words: string) => number): SVGElement[] {
  let x = 0;
  return keys.flatMap(({ words, fill, opacity, isOpen }) => {
    const at = x;
    x += 30 + widthOf(words);
    return [
      svgElement("rect", { x: at, y: y - 8, width: 10, height: 8, fill, "fill-opacity": opacity }),
      ...(isOpen ? [svgElement("rect", { x: at, y: y - 8, width: 10, height: 8, fill: HATCH })] : []),
      text(at + 14, y, words, theme.muted, { "font-size": 11 }),
    ];
  });
}
