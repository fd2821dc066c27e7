/** A picture made of SVG elements, painted anew whenever its answer, theme or width changes. */

import type { Context, Drawn } from "./figure";
import { svgDocument, svgElement } from "./svg";
import { FONT } from "./theme";
import { Tooltip } from "./tooltip";

export interface Paper {
  readonly context: Context;
  readonly tooltip: Tooltip;
  /** How much room there is; what needs more is scrolled sideways. */
  readonly width: number;
}

export interface Painting {
  readonly width: number;
  readonly height: number;
  readonly parts: readonly SVGElement[];
}

export function drawPainting<A>(
  paint: (answer: A, paper: Paper) => Painting, host: HTMLElement, first: A, firstContext: Context,
): Drawn<A> {
  let answer = first;
  let context = firstContext;
  const scroller = host.appendChild(document.createElement("div"));
  Object.assign(scroller.style, { overflowX: "auto", overflowY: "hidden" });
  const svg = scroller.appendChild(svgElement("svg", { "font-family": FONT, "font-size": 12, role: "group" }));
  svg.style.display = "block";
  const tooltip = new Tooltip(host);
  let painted = 0;

  const repaint = (): void => {
    tooltip.hide();
    painted = host.clientWidth;
    const { width, height, parts } = paint(answer, { context, tooltip, width: Math.max(240, painted) });
    svg.setAttribute("width", String(width));
    svg.setAttribute("height", String(height));
    // what is wider than its room is scrolled, by the keyboard too
    if (width > painted + 1) scroller.tabIndex = 0;
    else scroller.removeAttribute("tabindex");
    svg.replaceChildren(...parts);
  };
  repaint();
  return {
    update(nextAnswer, nextContext) {
      answer = nextAnswer;
      context = nextContext;
      repaint();
    },
    resize() {
      if (host.clientWidth !== painted) repaint();
    },
    dispose() {
      tooltip.dispose();
      scroller.remove();
    },
    svg: () => svgDocument(svg, context.theme),
  };
}
