/**
 * What programs need to know of figures and views: written to `catalogue.json` when they are built, so
 * that `answer.figure()` and `journeygraph report` ask what the page asks.
 */

import { TYPES } from "./app/population";
import { FIGURES } from "./figures/library";
import type { Data, View, ViewState } from "./views/view";
import { VIEWS } from "./views/views";

/** Views that ask for something first, and an example of it that the command line replaces. */
const EXAMPLES: Readonly<Record<string, ViewState>> = {
  customer: { id: ["?"] },
  plan: { planned: ['{"stages":[{"stage":"?","touchpoints":["?"]}]}'] },
};

const PATH = Symbol("path");

/** Stands for an answer and notes the way to what is read of it. */
function traced(path: readonly string[]): any {
  return new Proxy({}, { get: (_, name) => (name === PATH ? path : traced([...path, String(name)])) });
}

/** Where a picture's answer stands: the path to it, or an object of such paths. */
function placeOf(of: (data: Data) => unknown): unknown {
  const found = of(traced([]) as Data) as any;
  const path = found[PATH];
  if (path) return { path };
  return { parts: Object.fromEntries(Object.entries(found as object).map(([name, part]) => [name, (part as any)?.[PATH] ?? null])) };
}

function viewEntry(view: View): object | null {
  const state = EXAMPLES[view.name] ?? {};
  const asked = view.ask(state);
  if ("needs" in asked) return null;
  return {
    name: view.name,
    title: view.title,
    explain: view.explain,
    journeys: asked.journeys ?? null,
    root: asked.root ?? null,
    variables: asked.variables ?? {},
    required: Object.keys(state),
    pictures: view.figures(state).map(({ figure, of }) => ({ figure: figure.name, place: placeOf(of) })),
  };
}

export const CATALOGUE = {
  population: TYPES,
  figures: FIGURES.map(({ name, title, selection }) => ({ name, title, selection })),
  views: VIEWS.map(viewEntry).filter((entry) => entry !== null),
};
