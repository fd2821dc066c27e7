/** Axes of elapsed time: even, or by orders, where a minute has as much room as a month. */

import { duration } from "./numbers";

export interface TimeAxis {
  readonly ticks: readonly { readonly seconds: number; readonly label: string }[];
  at(seconds: number): number;
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const ORDERS: readonly number[] = [
  1e-6, 1e-3, 1, 10, MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365.25 * DAY, 5 * 365.25 * DAY, 25 * 365.25 * DAY,
];
const STEPS: readonly number[] = [
  1, 5, 15, 30, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 60 * DAY,
  90 * DAY, 180 * DAY, 365.25 * DAY, 2 * 365.25 * DAY, 5 * 365.25 * DAY, 10 * 365.25 * DAY, 25 * 365.25 * DAY,
];

export function evenAxis(most: number, x: number, width: number, locale: string): TimeAxis {
  const room = Math.max(2, Math.floor(width / 84));
  const step = STEPS.find((one) => most / one <= room) ?? most;
  const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, number) => number * step);
  return { ticks: ticks.map((seconds) => ({ seconds, label: seconds ? duration(seconds, locale) : "0" })), at: (seconds) => x + (seconds / most) * width };
}

/** Begins at the last order that nothing comes before. */
export function orderedAxis(least: number, most: number, x: number, width: number, locale: string): TimeAxis {
  const first = ORDERS.findLast((order) => order <= least) ?? ORDERS[0]!;
  const span = Math.log(Math.max(most, first * 10) / first);
  const at = (seconds: number): number => x + (Math.log(Math.max(seconds, first) / first) / span) * width;
  const ticks: number[] = [];
  for (const order of ORDERS) {
    if (order >= first && order <= most * 1.0001 && (!ticks.length || at(order) - at(ticks.at(-1)!) > 58)) ticks.push(order);
  }
  return { ticks: ticks.map((seconds) => ({ seconds, label: duration(seconds, locale) })), at };
}
