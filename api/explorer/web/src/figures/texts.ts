/** Names from the data in a picture: cut where they are long, never markup. */

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** At most so many characters as people see them; the whole name belongs in tooltip and table. */
export function shortened(name: string, most: number): string {
  if (name.length <= most) return name;
  const letters = Array.from(segmenter.segment(name), ({ segment }) => segment);
  return letters.length <= most ? name : `${letters.slice(0, most - 1).join("").trimEnd()}…`;
}

/** For text put into markup by a program that takes no elements, such as a name in an SVG file. */
export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** Keeps a right-to-left name from turning the words around it. */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}
