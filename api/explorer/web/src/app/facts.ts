/** What is known of the store before anything is asked. */

import type { Facts } from "../views/view";
import { ask, type Problem } from "./client";

const STORE = "query Store { store { version interactions customers asOf currency touchpoints channels } }";

export async function factsOfStore(): Promise<Facts | readonly Problem[]> {
  const { data, problems } = await ask({ query: STORE, variables: {} });
  const store = data?.["store"];
  if (!store) return problems;
  return { ...store, version: Number(store.version), stages: [], attributes: [], items: store.touchpoints } as Facts;
}
