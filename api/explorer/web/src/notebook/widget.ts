/** One answer's figure in a notebook: what anywidget loads. */

import type { Context } from "../figures/figure";
import { FIGURES } from "../figures/library";
import { themeOf } from "../figures/theme";

interface Model {
  get(name: "figure"): string;
  get(name: "answer"): unknown;
  get(name: "currency"): string | null;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
}

/** Whether the notebook itself is dark, whatever the system is. */
function isDark(host: HTMLElement): boolean {
  for (let at: Element | null = host; at; at = at.parentElement) {
    const [red, green, blue, alpha = 1] = (getComputedStyle(at).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    if (red !== undefined && green !== undefined && blue !== undefined && alpha > 0.5) return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const title = el.appendChild(document.createElement("strong"));
  const words = el.appendChild(document.createElement("p"));
  const host = el.appendChild(document.createElement("div"));
  host.style.position = "relative";
  let stop = (): void => undefined;

  const paint = (): void => {
    stop();
    host.replaceChildren();
    const figure = FIGURES.find(({ name }) => name === model.get("figure"))!;
    const answer = model.get("answer");
    const context: Context = { theme: themeOf(isDark(el)), locale: "en", currency: model.get("currency") };
    title.textContent = figure.title;
    words.dir = "auto";
    words.textContent = figure.isEmpty(answer) ? "There is nothing to show." : figure.summary(answer);
    words.style.color = context.theme.muted;
    if (figure.isEmpty(answer)) return;
    const drawn = figure.draw(host, answer, context);
    const resized = new ResizeObserver(() => drawn.resize());
    resized.observe(host);
    stop = () => {
      resized.disconnect();
      drawn.dispose();
    };
  };
  // a notebook gives the element its width after this returns
  const frame = requestAnimationFrame(paint);
  model.on("change:answer", paint);
  return () => {
    cancelAnimationFrame(frame);
    model.off("change:answer", paint);
    stop();
  };
}

export default { render };
