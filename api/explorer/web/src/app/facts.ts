/** What is known of the store and of the items of a population, before a view asks. */

import { useEffect, useState } from "preact/hooks";
import type { Facts } from "../views/view";
import { askOnce } from "./asking";
import { questionOf, type Problem } from "./client";
import { EVERYBODY, type Population } from "./population";

const STORE = `store {
version interactions customers asOf currency touchpoints channels stages
attributes { name values(first: 100) { value customers } }
}`;
const ITEMS = "dropOff(first: 1000) { nodes { item visits } }";

type Items = readonly { readonly item: string; readonly visits: number }[];

interface Store extends Omit<Facts, "items" | "attributes"> {
  readonly attributes: readonly { readonly name: string; readonly values: readonly { readonly value: string }[] }[];
}

function byVisits(items: Items): readonly string[] {
  return [...items].sort((one, other) => other.visits - one.visits).map(({ item }) => item);
}

/** What decides which items there are; the rest of a population only says how many met them. */
function naming({ by, group, exclude, version }: Population): Population {
  return { ...EVERYBODY, by, group, exclude, version };
}

export interface Known {
  readonly facts: Facts | null;
  readonly problems: readonly Problem[];
  again(): void;
}

/** The store and its items; the last ones known while others are asked for. */
export function useFacts(population: Population): Known {
  const [facts, setFacts] = useState<Facts | null>(null);
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [round, setRound] = useState(0);
  const named = naming(population);
  useEffect(() => {
    const asking = new AbortController();
    askOnce(questionOf("Facts", { journeys: ITEMS, root: STORE }, named), asking.signal).then(
      ({ data, problems: found }) => {
        const store = data?.["store"] as Store | null;
        const items = (data?.journeys?.dropOff?.nodes ?? []) as Items;
        if (store) setFacts({ ...store, attributes: store.attributes.map(({ name, values }) => ({ name, values: values.map(({ value }) => value) })), items: byVisits(items) });
        setProblems(store ? [] : found);
      },
      () => undefined,
    );
    return () => asking.abort();
  }, [JSON.stringify(named), round]);
  return { facts, problems, again: () => setRound((before) => before + 1) };
}
