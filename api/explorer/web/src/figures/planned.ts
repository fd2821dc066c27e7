/** What the pictures of a planned journey against the actual ones have in common. */

/** A rate with its interval, and what stands above and below its line. */
export interface Counted {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly successes: number;
  readonly of: number;
}

export const COUNTED = "{ value low high successes of }";

/** Fewer below the line are read with care. */
export const SMALL = 30;

/** "3. delivered", and by which channel where it has to be one. */
export function stepName(number: number | null, touchpoint: string | null, channel: string | null = null): string {
  return `${number === null ? "" : `${number}. `}${touchpoint ?? ""}${channel === null ? "" : ` (${channel})`}`;
}
