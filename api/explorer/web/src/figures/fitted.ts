/** Names in the room that a picture has for them, measured as they are set. */

import { isolated, shortened } from "./texts";
import { FONT } from "./theme";

let ruler: CanvasRenderingContext2D | null | undefined;
const widths = new Map<string, number>();

/** How wide a text is, in pixels. */
export function widthOf(text: string, size = 12, weight = 400): number {
  const key = `${weight} ${size} ${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  ruler ??= document.createElement("canvas").getContext("2d");
  if (ruler) ruler.font = `${weight} ${size}px ${FONT}`;
  const width = ruler ? ruler.measureText(text).width : text.length * size * 0.6;
  if (widths.size > 20_000) widths.clear();
  widths.set(key, width);
  return width;
}

/** The name, cut so that it is no wider; empty where not even its first letters have room. */
export function fitted(name: string, room: number, size = 12, weight = 400): string {
  if (widthOf(name, size, weight) <= room) return isolated(name);
  let least = 0;
  let most = name.length;
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (widthOf(shortened(name, middle), size, weight) <= room) least = middle;
    else most = middle - 1;
  }
  return least < 3 ? "" : isolated(shortened(name, least));
}
