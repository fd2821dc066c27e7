/**
 * Step by step: which items follow each other, how many go on, and where paths end. Forwards from
 * a start, backwards from an end, or both ways around an item.
 */

import type { Figure } from "./figure";
import { paintFlow } from "./flow_picture";
import { partsOf, summary, table, type FlowAnswer } from "./flow_table";
import { drawPainting } from "./painted";

export type { FlowAnswer };

const ESTIMATE = "{ value low high }";

export const flow: Figure<FlowAnswer> = {
  name: "flow",
  title: "Flow",
  selection: `{
  units unitsWithPath count backwards
  nodes {
    items units count medianSeconds small outcomeRate ${ESTIMATE}
    step { id step isOther merged ofParent ${ESTIMATE} stopped exits open withOutcome beyond }
  }
  columns { step count overCount overExits overOpen overWithOutcome }
  flows { step source target count units }
}`,
  isEmpty: (answer) => partsOf(answer).every(({ grid }) => grid.count === 0),
  summary,
  table,
  draw: (host, answer, context) => drawPainting(paintFlow, host, answer, context),
};
