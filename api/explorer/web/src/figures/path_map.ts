/**
 * Which item directly follows which: the transitions that are gone most, laid out by stage, with
 * what is left out said as numbers, and of each item who met it and who left there.
 */

import type { Figure } from "./figure";
import { paintMap } from "./path_map_picture";
import { summary, table, type PathMapAnswer } from "./path_map_table";
import { drawPainting } from "./painted";

export type { PathMapAnswer };

export const pathMap: Figure<PathMapAnswer> = {
  name: "path-map",
  title: "Path map",
  selection: `{
  transitions(first: $edges) {
    units count coverage coveredCount otherCount otherEdges
    nodes { source target units share count medianSeconds exact small }
  }
  stretches: commonPaths(form: NGRAM, length: 2, first: $edges) { units coveredUnits coverage }
  visits: dropOff(first: 1000) { units nodes { item visits exits open rate { value low high } small } }
  stages: journeyMap(first: 1000) { nodes { stage item units } }
}`,
  isEmpty: (answer) => answer.transitions.nodes.length === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPainting(paintMap, host, answer, context),
};
