/** The picture, its numbers and its question as files. */

import type { Drawn, Figure, Table } from "../figures/figure";
import type { Question } from "./client";

export function saved(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export function saveSvg(name: string, drawn: Drawn<unknown>): void {
  saved(`${name}.svg`, new Blob([drawn.svg()], { type: "image/svg+xml" }));
}

const PIXELS = 2;

/** Twice as fine as on the screen, on the ground that it has there. */
export async function savePng(name: string, drawn: Drawn<unknown>, ground: string): Promise<void> {
  const address = URL.createObjectURL(new Blob([drawn.svg()], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth * PIXELS;
    canvas.height = image.naturalHeight * PIXELS;
    const pen = canvas.getContext("2d")!;
    pen.fillStyle = ground;
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    const content = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
    if (content) saved(`${name}.png`, content);
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** A spreadsheet runs what begins like a formula: a name from the data must not. */
function asCell(value: string | number | null): string {
  if (value == null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) && !/^-?\d+(\.\d+)?$/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvOf(table: Table): string {
  const lines = [table.columns.map(({ name }) => name), ...table.rows];
  return lines.map((cells) => cells.map(asCell).join(",")).join("\r\n") + "\r\n";
}

export function saveCsv(name: string, table: Table): void {
  // the mark of the byte order tells spreadsheets that it is UTF-8
  saved(`${name}.csv`, new Blob(["\ufeff", csvOf(table)], { type: "text/csv" }));
}

/** The question as `journeygraph ask` takes it, its variables in a comment above. */
export function saveQuery(name: string, question: Question): void {
  const variables = JSON.stringify(question.variables, null, 2).split("\n").map((line) => `# ${line}`);
  const content = ["# Variables (journeygraph ask --variables FILE):", ...variables, question.query, ""].join("\n");
  saved(`${name}.graphql`, new Blob([content], { type: "application/graphql" }));
}

/** A name for the file of a figure. */
export function fileName(figure: Figure<unknown>, mark?: string): string {
  return ["journeygraph", figure.name, ...(mark ? [mark.toLowerCase()] : [])].join("-");
}
