/** Light, dark, or as the system says; the choice stays on this machine. */

import { useEffect, useState } from "preact/hooks";
import type { Theme } from "../figures/figure";
import { themeOf } from "../figures/theme";

export type Appearance = "system" | "light" | "dark";

const KEY = "journeygraph-appearance";
const DARK_SYSTEM = matchMedia("(prefers-color-scheme: dark)");

function chosen(): Appearance {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system"; // a browser that keeps nothing
  }
}

/** The colours of pictures and page are the same: the page takes them from the figures' theme. */
export function paintPage(theme: Theme): void {
  const root = document.documentElement;
  root.dataset["theme"] = theme.dark ? "dark" : "light";
  const colours = {
    text: theme.text, muted: theme.muted, line: theme.line, ground: theme.background, raised: theme.raised,
    accent: theme.accent, good: theme.good, bad: theme.bad, open: theme.open, a: theme.series[0]!, b: theme.series[1]!,
  };
  for (const [name, colour] of Object.entries(colours)) root.style.setProperty(`--${name}`, colour);
}

export function useAppearance(): readonly [Theme, Appearance, (next: Appearance) => void] {
  const [appearance, setAppearance] = useState(chosen);
  const [systemIsDark, setSystemIsDark] = useState(DARK_SYSTEM.matches);
  useEffect(() => {
    const changed = (event: MediaQueryListEvent): void => setSystemIsDark(event.matches);
    DARK_SYSTEM.addEventListener("change", changed);
    return () => DARK_SYSTEM.removeEventListener("change", changed);
  }, []);
  const theme = themeOf(appearance === "system" ? systemIsDark : appearance === "dark");
  useEffect(() => paintPage(theme), [theme]);
  const choose = (next: Appearance): void => {
    setAppearance(next);
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // it holds for this visit, then
    }
  };
  return [theme, appearance, choose];
}
