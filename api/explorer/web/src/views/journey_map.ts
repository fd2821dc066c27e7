/** What customers meet in which stage, where they leave, and how they feel there. */

import { journeyMap as figure } from "../figures/journey_map";
import { count } from "../figures/numbers";
import { cursorBehind } from "./cursor";
import { itemTests } from "./tested";
import { CUSTOMERS, whole, type Behind, type Detail, type View, type ViewState } from "./view";

interface Row {
  readonly stage: string | null;
  readonly item?: string;
  readonly units: number;
  readonly exits: number;
  readonly open: number;
}

function variablesOf(state: ViewState) {
  return {
    listed: { type: "Int!", value: whole(state, "first", 60, 10, 500) },
    atLeast: { type: "Int!", value: whole(state, "least", 1, 1, 1000) },
  };
}

const ASKED = "journeyMap(first: $listed, atLeast: $atLeast)";

/** Of touchpoints met in one stage alone: only there are those of the stage all who meet it. */
const TESTS = itemTests("share", "share", ({ item }, maps) => [...new Set(maps.flatMap(({ nodes }) =>
  (nodes as readonly Row[]).filter((row) => row.item === item).map((row) => JSON.stringify([row.stage, item]))))]);

function detailOf(title: string, list: "stages" | "nodes", rows: readonly Row[], place: number, state: ViewState): Detail | null {
  const row = rows[place];
  if (!row) return null;
  const behind = (label: string, field: string): Behind => ({
    label,
    asked: {
      journeys: `journeyMap(first: 1, after: $row, atLeast: $atLeast) { ${list} { ${field}(first: $first, after: $after) ${CUSTOMERS} } }`,
      variables: { atLeast: variablesOf(state).atLeast, row: { type: "String", value: cursorBehind(place) } },
    },
    of: (answer) => answer.journeys?.journeyMap?.[list][list === "nodes" ? 0 : place]?.[field],
  });
  return {
    title,
    behind: [
      behind(`${count(row.units)} were here`, "customers"),
      behind(`${count(row.exits)} left here`, "exitCustomers"),
      behind(`${count(row.open)} were last seen here and are open`, "openCustomers"),
    ],
  };
}

export const journeyMap: View = {
  name: "map",
  title: "Journey map",
  explain: "What customers meet in each stage of the relationship, how many leave there, and how they feel. A touchpoint stands in every stage in which it was met.",
  controls: (state) => [
    { kind: "range", key: "first", label: "Touchpoints", value: whole(state, "first", 60, 10, 500), least: 10, most: 500, step: 10 },
    { kind: "range", key: "least", label: "Met by at least", value: whole(state, "least", 1, 1, 1000), least: 1, most: 100, step: 1 },
  ],
  ask: (state) => ({ journeys: `${ASKED} ${figure.selection.replace("{", "{ warnings")}`, variables: variablesOf(state) }),
  figures: () => [{ figure, of: (data) => data.journeys?.journeyMap, tests: TESTS }],
  detail: (pick, data, state) => {
    const map = data.journeys?.journeyMap;
    if (!map) return null;
    if (pick.kind === "stage") {
      const stages: readonly Row[] = map.stages;
      return detailOf(pick.stage, "stages", stages, stages.findIndex(({ stage }) => stage === pick.stage), state);
    }
    if (pick.kind !== "node" || pick.field !== "journeyMap") return null;
    const { stage, item } = pick.key;
    const nodes: readonly Row[] = map.nodes;
    const found = detailOf(`${String(item)} · ${String(stage ?? "no stage said")}`, "nodes", nodes, nodes.findIndex((row) => row.stage === stage && row.item === item), state);
    return found && {
      ...found,
      actions: [{ label: `Only who met “${String(item)}”`, population: (now) => ({ ...now, touched: [...now.touched, String(item)] }) }],
    };
  },
  whenEmpty: "Nobody is left in this population. Take a condition out of the bar above.",
};
