/** A query in the address, behind `#`: a link brings it back, and no server's log gets to see it. */

export interface Written {
  readonly query: string;
  readonly variables: string;
}

export function readAddress(): Partial<Written> {
  const found = new URLSearchParams(location.hash.slice(1));
  const [query, variables] = [found.get("query"), found.get("variables")];
  return { ...(query ? { query } : {}), ...(variables ? { variables } : {}) };
}

export function writeAddress(change: Partial<Written>): void {
  const { query = "", variables = "" } = { ...readAddress(), ...change };
  const pairs = { ...(query ? { query } : {}), ...(variables.trim() ? { variables } : {}) };
  history.replaceState(null, "", `#${new URLSearchParams(pairs)}`);
}
