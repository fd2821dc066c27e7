/** The current view as one HTML file that needs nothing beside it. */

import type { Context } from "../figures/figure";
import { reportOf, type ReportContent, type ReportPart } from "../report/content";
import type { Facts, View } from "../views/view";
import { saved } from "./exports";
import type { Side } from "./side";
import { warningsOf } from "./warnings";
import { inWords, sizeOf } from "./words";

const TEMPLATE = new URL("report.html", document.baseURI);

export async function saveReport(view: View, sides: readonly Side[], facts: Facts, { locale, currency }: Context): Promise<void> {
  const response = await fetch(TEMPLATE);
  if (!response.ok) throw new Error(`The template of reports could not be had (status ${response.status}).`);
  const content: ReportContent = {
    title: view.title,
    explain: view.explain,
    locale,
    currency: currency ?? null,
    store: { version: facts.version, asOf: facts.asOf, interactions: facts.interactions, customers: facts.customers },
    parts: sides.flatMap((side, place) => partOf(view, side, sides.length > 1 ? "AB"[place]! : null)),
  };
  saved(`journeygraph-${view.name}.html`, new Blob([reportOf(await response.text(), content)], { type: "text/html" }));
}

function partOf(view: View, { shown }: Side, mark: string | null): readonly ReportPart[] {
  if (!shown) return [];
  const { about: { state, population, question }, data } = shown;
  return [{
    ...(mark === null ? {} : { mark }),
    population: view.ofPopulation === false ? "One customer" : inWords(population) || "Everybody",
    size: sizeOf(data) ?? "",
    outcome: data.journeys?.outcome ?? null,
    warnings: warningsOf(data),
    query: question.query,
    variables: question.variables,
    pictures: view.figures(state).map(({ figure, of }) => ({ figure: figure.name, answer: of(data) ?? null })),
  }];
}
