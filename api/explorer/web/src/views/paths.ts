/** The most frequent ways, whole or as stretches. */

import { commonPaths } from "../figures/common_paths";
import { count } from "../figures/numbers";
import { edgeTests } from "./tested";
import { CUSTOMERS, one, quoted, whole, type View } from "./view";

export const paths: View = {
  name: "paths",
  title: "Paths",
  explain: "The ways that most customers go, from their first contact to their last, and how they end.",
  controls: (state) => [
    {
      kind: "choice", key: "form", label: "A path is", value: one(state, "form", "WHOLE"),
      options: [{ value: "WHOLE", label: "the whole journey" }, { value: "NGRAM", label: "a stretch of it" }],
    },
    ...(one(state, "form") === "NGRAM"
      ? [{ kind: "range", key: "length", label: "Steps", value: whole(state, "length", 3, 2, 8), least: 2, most: 8, step: 1 } as const]
      : []),
    { kind: "range", key: "first", label: "Show", value: whole(state, "first", 15, 5, 100), least: 5, most: 100, step: 5 },
  ],
  ask: (state) => {
    const isStretch = one(state, "form") === "NGRAM";
    return {
      journeys: `commonPaths(form: $form, first: $first${isStretch ? ", length: $length" : ""}) ${commonPaths.selection}`,
      variables: {
        form: { type: "PathForm!", value: isStretch ? "NGRAM" : "WHOLE" },
        first: { type: "Int!", value: whole(state, "first", 15, 5, 100) },
        ...(isStretch ? { length: { type: "Int", value: whole(state, "length", 3, 2, 8) } } : {}),
      },
    };
  },
  figures: (state) => [{
    figure: commonPaths,
    of: (data) => data.journeys?.commonPaths,
    // a stretch of two is a transition
    ...(one(state, "form") === "NGRAM" && whole(state, "length", 3, 2, 8) === 2 ? { tests: edgeTests("share", (source, target) => JSON.stringify([source, target])) } : {}),
  }],
  detail: (pick, data, state) => {
    if (pick.kind !== "path") return null;
    const nodes: { items: string[]; units: number }[] = data.journeys?.commonPaths?.nodes ?? [];
    const place = nodes.findIndex(({ items }) => items.join("\0") === pick.items.join("\0"));
    if (place < 0) return null;
    const isStretch = one(state, "form") === "NGRAM";
    const steps = pick.items.map(quoted).join(" ");
    return {
      title: pick.items.join(" → "),
      behind: [{
        label: `${count(nodes[place]!.units)} went this way`,
        asked: {
          journeys: `commonPaths(form: $form, first: $rank${isStretch ? ", length: $length" : ""}) { nodes { customers(first: $first, after: $after) ${CUSTOMERS} } }`,
          variables: {
            form: { type: "PathForm!", value: isStretch ? "NGRAM" : "WHOLE" },
            rank: { type: "Int!", value: place + 1 },
            ...(isStretch ? { length: { type: "Int", value: whole(state, "length", 3, 2, 8) } } : {}),
          },
        },
        of: (answer) => answer.journeys?.commonPaths?.nodes[place]?.customers,
      }],
      actions: [{
        label: "Only who went this way",
        population: (now) => ({ ...now, did: [...now.did, isStretch ? steps : `path_start ${steps} path_end`] }),
      }],
    };
  },
  whenEmpty: "Nobody is left in this population. Take a condition out of the bar above.",
};
