/** Names in the room that a picture has for them, measured as they are set. */

import { isolated, shortened } from "./texts";
import { FONT } from "./theme";

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
let ruler: CanvasRenderingContext2D | null | undefined;
let font = "";
const widths = new Map<string, number>();

/** How wide a text is, in pixels. */
export function widthOf(text: string, size = 12, weight = 400): number {
  const key = `${weight} ${size} ${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  ruler ??= document.createElement("canvas").getContext("2d");
  const asked = `${weight} ${size}px ${FONT}`;
  if (ruler && font !== asked) ruler.font = font = asked; // read anew each time that it is set
  const width = ruler ? ruler.measureText(text).width : text.length * size * 0.6;
  if (widths.size > 20_000) widths.clear();
  widths.set(key, width);
  return width;
}

/** The name, cut so that it is no wider; empty where not even its first letters have room. */
export function fitted(name: string, room: number, size = 12, weight = 400): string {
  return cutToFit(name, room, size, weight, shortened);
}

/** The same, cut in its middle: for little room, where names often begin alike. */
export function fittedInside(name: string, room: number, size = 12, weight = 400): string {
  return cutToFit(name, room, size, weight, withoutMiddle);
}

function cutToFit(name: string, room: number, size: number, weight: number, cut: (name: string, most: number) => string): string {
  if (widthOf(name, size, weight) <= room) return isolated(name);
  let least = 0;
  let most = name.length;
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (widthOf(cut(name, middle), size, weight) <= room) least = middle;
    else most = middle - 1;
  }
  return least < 3 ? "" : isolated(cut(name, least));
}

function withoutMiddle(name: string, most: number): string {
  const letters = Array.from(segmenter.segment(name), ({ segment }) => segment);
  if (letters.length <= most) return name;
  const end = Math.floor((most - 1) / 2);
  return `${letters.slice(0, most - 1 - end).join("").trimEnd()}…${end ? letters.slice(-end).join("").trimStart() : ""}`;
}
