/** Light and dark. Series after Okabe and Ito, shifted for contrast on either ground. */

import type { Theme } from "./figure";

export const LIGHT: Theme = {
  dark: false,
  text: "#1a2230",
  muted: "#5b6676",
  line: "#d5dae2",
  background: "#ffffff",
  raised: "#f2f4f8",
  accent: "#2457c5",
  series: [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#b8860b", "#6a4fb3", "#7f8c8d",
  ],
  good: "#00805d",
  bad: "#c24a00",
  open: "#8a94a6",
  other: "#c3cad6",
};

export const DARK: Theme = {
  dark: true,
  text: "#e6eaf2",
  muted: "#9aa6b8",
  line: "#333d4d",
  background: "#12161e",
  raised: "#1b212c",
  accent: "#7aa5ff",
  series: [
    "#4aa8de", "#f08a3c", "#2fc49a", "#e09cc2", "#86cdf5", "#e0b040", "#a78ef0", "#aeb8c4",
  ],
  good: "#2fc49a",
  bad: "#f08a3c",
  open: "#77839a",
  other: "#465166",
};

export function themeOf(dark: boolean): Theme {
  return dark ? DARK : LIGHT;
}

/** What all text in a picture is set in. */
export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';
