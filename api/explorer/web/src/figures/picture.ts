/** What the pictures of a list have in common: scales, small print, and the colours of feelings. */

import type { Context, Drawn } from "./figure";
import { NOTHING } from "./numbers";
import { drawPainting } from "./painted";
import { svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

export interface Painted {
  readonly height: number;
  readonly parts: readonly SVGElement[];
}

/** From an answer and a width to elements. */
export type Paint<A> = (answer: A, context: Context, width: number, tooltip: Tooltip) => Painted;

/** In less room a picture is scrolled sideways. */
const LEAST_WIDTH = 480;

export function drawPicture<A>(host: HTMLElement, first: A, firstContext: Context, paint: Paint<A>): Drawn<A> {
  return drawPainting((answer: A, { context, tooltip, width: room }) => {
    const width = Math.max(LEAST_WIDTH, room);
    return { width, ...paint(answer, context, width, tooltip) };
  }, host, first, firstContext);
}

/** Round numbers from `low` to `high`, about so many. */
export function ticksOf(low: number, high: number, about = 5): readonly number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((times) => times * power).find((size) => size >= rough)!;
  const found: number[] = [];
  for (let place = Math.ceil(low / step - 1e-9); place * step <= high + step * 1e-9; place += 1) found.push(Number((place * step).toPrecision(12)));
  return found;
}

/** A line of small text that explains. */
export function note(text: string, x: number, y: number, fill: string, anchor: "start" | "middle" | "end" = "start"): SVGTextElement {
  return svgElement("text", { x, y, fill, "font-size": 11, "text-anchor": anchor }, text);
}

/** A mark for feelings, from -1 to 1: its colour between bad, neither, and good. */
export function feelingColour(emotion: number, { good, bad, open }: { good: string; bad: string; open: string }): string {
  return emotion > 0.05 ? good : emotion < -0.05 ? bad : open;
}

/** An emotion, an expectation or a gap, from -1 to 1, with its sign: +0.25 */
export function feeling(x: number | null | undefined, locale: string): string {
  if (x == null) return NOTHING;
  const text = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(Math.abs(x));
  return Math.abs(x) < 0.005 ? text : x > 0 ? `+${text}` : `−${text}`;
}
