/** The state of the page, kept in its address: a link and the back button bring it back. */

import { useCallback, useEffect, useState } from "preact/hooks";
import { VIEWS } from "../views/views";
import { read, written, type PageState } from "./address";

export type Go = (change: Partial<PageState>, how?: "replace") => void;

function now(): PageState {
  return read(location.hash, VIEWS[0]!.name);
}

/** The state, and what changes it: a step in the browser's history, or in place of the last one. */
export function usePageState(): readonly [PageState, Go] {
  const [page, setPage] = useState(now);
  useEffect(() => {
    const restored = (): void => setPage(now());
    addEventListener("popstate", restored);
    addEventListener("hashchange", restored);
    return () => {
      removeEventListener("popstate", restored);
      removeEventListener("hashchange", restored);
    };
  }, []);
  const go = useCallback<Go>((change, how) => {
    const next = { ...now(), ...change };
    const address = written(next);
    if (address === location.hash) return;
    if (how === "replace") history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    setPage(next);
  }, []);
  return [page, go];
}
