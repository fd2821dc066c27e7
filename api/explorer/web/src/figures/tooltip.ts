/**
 * What stands beside the pointer: made of elements and text, never of markup, so that names from
 * the data stay names and no inline style is needed.
 */

import type { Theme } from "./figure";
import { FONT } from "./theme";

export interface Tip {
  readonly title: string;
  /** Label and value, line by line. */
  readonly rows: readonly (readonly [string, string])[];
  /** A word of caution or what a click does. */
  readonly note?: string | undefined;
}

/** The inside of a tooltip: ECharts takes it as it is, and `Tooltip` shows it. */
export function tipElement(tip: Tip, theme: Theme): HTMLElement {
  const box = document.createElement("div");
  Object.assign(box.style, { font: `12px/1.5 ${FONT}`, color: theme.text, maxWidth: "22rem", whiteSpace: "normal" });
  const title = box.appendChild(document.createElement("div"));
  Object.assign(title.style, { fontWeight: "600", overflowWrap: "anywhere" });
  title.dir = "auto";
  title.textContent = tip.title;
  const grid = box.appendChild(document.createElement("div"));
  Object.assign(grid.style, { display: "grid", gridTemplateColumns: "auto auto", columnGap: "16px" });
  for (const [label, value] of tip.rows) {
    const left = grid.appendChild(document.createElement("span"));
    left.style.color = theme.muted;
    left.textContent = label;
    const right = grid.appendChild(document.createElement("span"));
    Object.assign(right.style, { textAlign: "right", fontVariantNumeric: "tabular-nums" });
    right.textContent = value;
  }
  if (tip.note) {
    const note = box.appendChild(document.createElement("div"));
    Object.assign(note.style, { color: theme.muted, marginTop: "4px" });
    note.textContent = tip.note;
  }
  return box;
}

/** One tooltip of a picture that is drawn without ECharts. */
export class Tooltip {
  readonly #box: HTMLElement;

  constructor(host: HTMLElement) {
    this.#box = host.appendChild(document.createElement("div"));
    this.#box.setAttribute("role", "presentation");
    this.#box.hidden = true;
    Object.assign(this.#box.style, {
      position: "fixed", zIndex: "50", pointerEvents: "none", padding: "8px 12px", borderRadius: "6px",
    });
  }

  /** Beside a point of the window, and within it. */
  show(tip: Tip, theme: Theme, x: number, y: number): void {
    const box = this.#box;
    box.replaceChildren(tipElement(tip, theme));
    Object.assign(box.style, {
      background: theme.background, border: `1px solid ${theme.line}`, boxShadow: "0 4px 16px #0003",
    });
    box.hidden = false;
    const { width, height } = box.getBoundingClientRect();
    const left = x + 14 + width > innerWidth ? x - 14 - width : x + 14;
    const top = y + 14 + height > innerHeight ? y - 14 - height : y + 14;
    box.style.left = `${Math.max(4, left)}px`;
    box.style.top = `${Math.max(4, top)}px`;
  }

  hide(): void {
    this.#box.hidden = true;
  }

  dispose(): void {
    this.#box.remove();
  }
}
