/** What directly follows what: the transitions as a map, by stage. */

import { count, duration, share, withInterval } from "../figures/numbers";
import { pathMap, type PathMapAnswer } from "../figures/path_map";
import type { Pick } from "../figures/figure";
import { edgeKey, itemKey } from "../figures/path_map_table";
import { cursorBehind } from "./cursor";
import { both, edgeTests, itemTests } from "./tested";
import { CUSTOMERS, whole, type Asked, type Behind, type Control, type Data, type Detail, type Facts, type View, type ViewState } from "./view";

/** How many transitions are shown, from few to all that one answer holds. */
const STOPS = [5, 10, 15, 20, 30, 40, 60, 80, 100, 150, 200, 300, 500, 1000];
const FIRST_STOP = 4;
const PAGE = `(first: $first, after: $after) ${CUSTOMERS}`;

const TESTS = both(edgeTests("share", edgeKey), itemTests("share", "share", ({ item }) => [itemKey(item)]));

function stop(state: ViewState): number {
  return whole(state, "detail", FIRST_STOP, 0, STOPS.length - 1);
}

function edges(state: ViewState): number {
  return STOPS[stop(state)]!;
}

function controls(state: ViewState, _facts: Facts, data: Data | null): Control[] {
  const answer = data?.journeys as PathMapAnswer | undefined;
  const listed = answer?.transitions?.nodes.length;
  const says = answer?.transitions && answer.stretches
    ? `${count(listed)} transitions, ${share(answer.transitions.coverage)} of all moves; ${share(answer.stretches.coverage)} make one`
    : `${count(edges(state))} transitions`;
  return [{ kind: "range", key: "detail", label: "Detail", value: stop(state), least: 0, most: STOPS.length - 1, step: 1, says }];
}

function ask(state: ViewState): Asked {
  return { journeys: pathMap.selection.slice(1, -1).trim(), variables: { edges: { type: "Int!", value: edges(state) } } };
}

function detail(pick: Pick, { journeys }: Data): Detail | null {
  const answer = journeys as PathMapAnswer;
  if (pick.kind === "edge") return ofEdge(pick.source, pick.target, answer);
  return pick.kind === "item" ? ofItem(pick.item, answer) : null;
}

function ofEdge(source: string, target: string, { transitions }: PathMapAnswer): Detail | null {
  const place = transitions.nodes.findIndex((edge) => edge.source === source && edge.target === target);
  const edge = transitions.nodes[place];
  if (!edge) return null;
  return {
    title: `${source} → ${target}`,
    facts: [["Of all", `${count(edge.units)} of ${count(transitions.units)} (${share(edge.share)})`], ["Moves", count(edge.count)], ["Median time", duration(edge.medianSeconds)]],
    behind: [{
      label: `${count(edge.units)} went so directly`,
      asked: { journeys: `transitions(first: 1, after: ${JSON.stringify(cursorBehind(place))}) { nodes { customers${PAGE} } }` },
      of: (data) => data.journeys?.transitions?.nodes[0]?.customers,
    }],
  };
}

function ofItem(item: string, { visits, transitions }: PathMapAnswer): Detail | null {
  const place = visits.nodes.findIndex((node) => node.item === item);
  const node = visits.nodes[place];
  if (!node) return null;
  const list = (name: string, label: string): Behind => ({
    label,
    asked: { journeys: `dropOff(first: 1, after: ${JSON.stringify(cursorBehind(place))}) { nodes { ${name}${PAGE} } }` },
    of: (data) => data.journeys?.dropOff?.nodes[0]?.[name],
  });
  const follows = transitions.nodes.filter(({ source, target }) => source === item && target !== item).slice(0, 5);
  return {
    title: item,
    facts: [["Rate of leaving", withInterval(node.rate)], ...follows.map(({ target, units }): [string, string] => [`→ ${target}`, count(units)])],
    behind: [list("visitors", `${count(node.visits)} met it`), list("customers", `${count(node.exits)} left here`), list("openCustomers", `${count(node.open)} are still open here`)],
  };
}

export const pathMapView: View = {
  name: "path-map",
  title: "Path map",
  explain: "Which touchpoint directly follows which. Widths are how often a way is gone; the slider says how many ways are shown, and how much of all they are.",
  controls,
  ask,
  figures: () => [{ figure: pathMap, of: ({ journeys }) => (journeys?.transitions && journeys.stretches && journeys.visits && journeys.stages ? journeys : null), tests: TESTS }],
  detail,
  whenEmpty: "Nobody in this population goes from one item to another. Take a condition out of the bar above.",
};
