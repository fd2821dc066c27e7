/**
 * A picture drawn by ECharts as SVG. A figure gives a function from its answer to an option, and
 * what a click on a part of it picks; it calls `use` for the chart types that it needs.
 */

import { init, use } from "echarts/core";
import type { EChartsCoreOption, ECElementEvent } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { Context, Drawn, Pick } from "./figure";
import { FONT } from "./theme";

use([SVGRenderer]);

export interface Chart<A> {
  option(answer: A, context: Context, size: { width: number; height: number }): EChartsCoreOption;
  /** How high it wants to be, in pixels; that of its host if not given. */
  height?(answer: A): number;
  pick?(event: ECElementEvent, answer: A): Pick | null;
}

export function drawChart<A>(chart: Chart<A>, host: HTMLElement, answer: A, context: Context): Drawn<A> {
  let now = { answer, context };
  if (chart.height) host.style.height = `${chart.height(answer)}px`;
  const drawn = init(host, null, { renderer: "svg" });

  const paint = (): void => {
    const size = { width: drawn.getWidth(), height: drawn.getHeight() };
    const { theme } = now.context;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    drawn.setOption(
      {
        animation: !still,
        animationDuration: 250,
        animationDurationUpdate: 250,
        backgroundColor: "transparent",
        color: [...theme.series],
        textStyle: { fontFamily: FONT, color: theme.text },
        ...chart.option(now.answer, now.context, size),
      },
      { notMerge: true },
    );
  };
  drawn.on("click", (event) => {
    const picked = chart.pick?.(event as ECElementEvent, now.answer);
    if (picked) now.context.onPick?.(picked, host);
  });
  paint();
  return {
    update(answer, context) {
      now = { answer, context };
      if (chart.height) host.style.height = `${chart.height(answer)}px`;
      drawn.resize();
      paint();
    },
    resize() {
      drawn.resize();
      paint();
    },
    dispose() {
      drawn.dispose();
    },
    svg() {
      return drawn.renderToSVGString();
    },
  };
}

/** How a tooltip of ECharts looks; its formatter returns `tipElement(...)`. */
export function tooltipStyle({ theme }: Context): Record<string, unknown> {
  return {
    backgroundColor: theme.background,
    borderColor: theme.line,
    padding: [8, 12],
    textStyle: { color: theme.text },
    confine: true,
    transitionDuration: 0,
  };
}
