/** Draws a report: pictures, what they say, their numbers, and how they were asked for. */

import type { Column, Context, Drawn, Figure, Table } from "../figures/figure";
import { FIGURES } from "../figures/library";
import { cell, count, moment } from "../figures/numbers";
import { themeOf } from "../figures/theme";
import type { ReportContent, ReportPart, ReportPicture } from "./content";

type Child = Node | string | null;

function element<K extends keyof HTMLElementTagNameMap>(name: K, attributes: Readonly<Record<string, string>>, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Longer tables are folded. */
const OPEN_ROWS = 25;

interface Live {
  readonly drawn: Drawn<unknown>;
  readonly answer: unknown;
}

export function showReport(host: HTMLElement, content: ReportContent): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const contextOf = (isDark: boolean): Context => ({ theme: themeOf(isDark), locale: content.locale, currency: content.currency });
  const live: Live[] = [];
  host.replaceChildren(head(content), ...content.parts.map((part) => partOf(part, contextOf(dark.matches), live)), foot(content));
  const paint = (isDark: boolean): void => live.forEach(({ drawn, answer }) => drawn.update(answer, contextOf(isDark)));
  dark.addEventListener("change", () => paint(dark.matches));
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach((folded) => (folded.open = true));
    paint(false);
  });
  addEventListener("afterprint", () => paint(dark.matches));
  addEventListener("resize", () => live.forEach(({ drawn }) => drawn.resize()));
}

function head({ title, explain, store, locale }: ReportContent): HTMLElement {
  const facts = [
    store.version === null ? null : `Version ${count(store.version, locale)} of the store`,
    store.interactions === null ? null : `${count(store.interactions, locale)} interactions of ${count(store.customers, locale)} customers`,
    store.asOf ? `data until ${moment(store.asOf, locale)} UTC` : null,
    store.loadedAt ? `loaded ${moment(store.loadedAt, locale)} UTC` : null,
  ];
  return element("header", {}, element("h1", { dir: "auto" }, title), element("p", { class: "explain" }, explain), element("p", { class: "facts" }, facts.filter((fact) => fact !== null).join(" · ")));
}

function partOf(part: ReportPart, context: Context, live: Live[]): HTMLElement {
  const about: readonly (readonly [string, string])[] = [
    ["Population", part.population], ["Counted", part.size], ...(part.outcome ? [["Outcome", part.outcome] as const] : []),
  ];
  const list = element("dl", {}, ...about.flatMap(([label, value]) => [element("dt", {}, label), element("dd", { dir: "auto" }, value)]));
  const warnings = part.warnings.map((warning) => element("p", { class: "warning", dir: "auto" }, warning));
  const section = element("section", { "data-mark": part.mark ?? "" }, part.mark ? element("h2", {}, `Population ${part.mark}`) : null, list, ...warnings);
  for (const picture of part.pictures) section.append(pictureOf(picture, context, live));
  section.append(questionOf(part));
  return section;
}

function pictureOf({ figure: name, answer }: ReportPicture, context: Context, live: Live[]): HTMLElement {
  const figure = FIGURES.find((one) => one.name === name);
  if (!figure) return element("p", { class: "warning" }, `This report does not know the picture “${name}”.`);
  if (answer == null || figure.isEmpty(answer)) {
    return element("figure", { "data-figure": name }, element("h3", {}, figure.title), element("p", { class: "empty" }, "There is nothing to show."));
  }
  const canvas = element("div", { class: "canvas", role: "group", "aria-label": figure.title });
  const framed = element("figure", { "data-figure": name }, element("h3", {}, figure.title), element("figcaption", { dir: "auto" }, figure.summary(answer)), canvas, numbersOf(figure, answer, context));
  // once it stands in the page: a figure asks its host how wide it is
  requestAnimationFrame(() => live.push({ drawn: figure.draw(canvas, answer, context), answer }));
  return framed;
}

function numbersOf(figure: Figure<unknown>, answer: unknown, context: Context): HTMLElement {
  const table = figure.table(answer);
  const folded = element("details", {}, element("summary", {}, `Numbers: ${count(table.rows.length, context.locale)} rows`), element("div", { class: "numbers", tabindex: "0" }, tableOf(table, context)));
  folded.open = table.rows.length <= OPEN_ROWS;
  return folded;
}

function tableOf({ columns, rows, keys }: Table, { locale, currency }: Context): HTMLTableElement {
  const side = ({ unit }: Column): Readonly<Record<string, string>> => (unit && unit !== "text" ? { class: "n" } : {});
  const heads = columns.map((column) => element("th", { scope: "col", ...side(column) }, column.title));
  const body = rows.map((cells, place) => {
    const row = element("tr", { "data-key": keys?.[place] ?? String(place) });
    row.append(...columns.map((column, at) => {
      const value = cells[at] ?? null;
      return element("td", { "data-column": column.name, "data-value": String(value ?? ""), ...side(column) }, element("bdi", {}, cell(value, column.unit, locale, currency)));
    }));
    return row;
  });
  return element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...body));
}

function questionOf({ query, variables }: ReportPart): HTMLElement {
  const given = Object.keys(variables).length ? element("pre", {}, JSON.stringify(variables, null, 2)) : null;
  return element("details", { class: "question" }, element("summary", {}, "The question, in GraphQL"), element("pre", {}, query), given && element("p", {}, "Variables:"), given);
}

function foot({ store }: ReportContent): HTMLElement {
  const source = store.version === null ? "data in memory" : `version ${store.version} of the store: asked again of it, the same question gives the same numbers`;
  return element("footer", {}, `Made by journeygraph from ${source}.`);
}
