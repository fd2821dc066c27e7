/** Where a click can lead, by what was clicked, whichever view it was in. */

import type { Pick } from "../figures/figure";
import { quoted, type Action } from "../views/view";
import type { Population } from "./population";

function also(list: readonly string[], one: string): readonly string[] {
  return list.includes(one) ? list : [...list, one];
}

function went(pattern: string): (now: Population) => Population {
  return (now) => ({ ...now, did: also(now.did, pattern) });
}

function never(pattern: string): (now: Population) => Population {
  return (now) => ({ ...now, notDid: also(now.notDid, pattern) });
}

export function usualActions(pick: Pick): readonly Action[] {
  switch (pick.kind) {
    case "item":
      return [
        { label: `Only who met ${pick.item}`, population: went(quoted(pick.item)) },
        { label: `Only who never met ${pick.item}`, population: never(quoted(pick.item)) },
        { label: `Leave ${pick.item} out`, population: (now) => ({ ...now, exclude: also(now.exclude, pick.item) }) },
        { label: "Flow from here", view: "flow", state: { show: ["from"], item: [pick.item] } },
      ];
    case "edge": {
      const pattern = `${quoted(pick.source)} ${quoted(pick.target)}`;
      return [
        { label: "Only who went this way", population: went(pattern) },
        { label: "Only who never went this way", population: never(pattern) },
      ];
    }
    case "stage":
      return [{ label: `Only the stage ${pick.stage}`, population: (now) => ({ ...now, stages: [pick.stage] }) }];
    case "customer":
      return [
        { label: "Open the whole history", view: "customer", state: { id: [pick.id] } },
        { label: "Only this customer", population: (now) => ({ ...now, ids: [pick.id] }) },
      ];
    default:
      return [];
  }
}
