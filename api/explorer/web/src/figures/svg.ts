/** Pictures drawn without ECharts: elements, keys and pointers, and the picture as a file. */

import type { Context, Pick, Theme } from "./figure";
import { FONT } from "./theme";
import type { Tip, Tooltip } from "./tooltip";

type Attributes = Readonly<Record<string, string | number | undefined>>;

export function svgElement<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(key, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * Makes a part of a picture what can be pointed at, clicked, and reached from the keyboard. Where there
 * are hundreds of parts, `tip` makes what is said of one only when that is looked at.
 */
export function pickable(
  element: SVGElement,
  { key, label, tip, pick }: { key: string; label: string; tip: Tip | (() => Tip); pick: Pick | null },
  context: Context,
  tooltip: Tooltip,
): void {
  const says = (): Tip => (typeof tip === "function" ? tip() : tip);
  element.dataset["key"] = key;
  element.setAttribute("aria-label", label);
  element.addEventListener("pointermove", (event) => tooltip.show(says(), context.theme, event.clientX, event.clientY));
  element.addEventListener("pointerleave", () => tooltip.hide());
  element.addEventListener("focus", () => {
    const { right, top } = element.getBoundingClientRect();
    tooltip.show(says(), context.theme, Math.min(right, innerWidth - 340), top);
  });
  element.addEventListener("blur", () => tooltip.hide());
  const { onPick } = context;
  if (!onPick || !pick) {
    element.setAttribute("role", "img");
    return;
  }
  element.setAttribute("role", "button");
  element.setAttribute("tabindex", "0");
  element.style.cursor = "pointer";
  element.addEventListener("click", () => onPick(pick, element));
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onPick(pick, element);
  });
}

/** A whole SVG document of a drawn picture: its own size, font and background. */
export function svgDocument(drawn: SVGSVGElement, theme: Theme): string {
  const copy = drawn.cloneNode(true) as SVGSVGElement;
  const { width, height } = drawn.getBoundingClientRect();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  copy.setAttribute("font-family", FONT);
  copy.prepend(svgElement("rect", { width: "100%", height: "100%", fill: theme.background }));
  return new XMLSerializer().serializeToString(copy);
}
