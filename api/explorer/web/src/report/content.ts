/** What a report holds: the JSON within its file, written by the page and by the command line alike. */

export interface ReportPicture {
  /** Name of the figure. */
  readonly figure: string;
  readonly answer: unknown;
}

/** One population and all that was asked of it. */
export interface ReportPart {
  /** A or B, where two are compared. */
  readonly mark?: string;
  readonly population: string;
  /** What the population comes to: customers, interactions. */
  readonly size: string;
  readonly outcome: string | null;
  readonly warnings: readonly string[];
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly pictures: readonly ReportPicture[];
}

export interface ReportContent {
  readonly title: string;
  readonly explain: string;
  readonly locale: string;
  readonly currency: string | null;
  readonly store: {
    /** Null where the data is in no store, or it is not known which. */
    readonly version: number | null;
    readonly asOf: string | null;
    readonly loadedAt?: string | null;
    readonly interactions: number | null;
    readonly customers: number | null;
  };
  readonly parts: readonly ReportPart[];
}

/** Where in the built template the content goes. */
export const PLACE = "__JOURNEYGRAPH_REPORT__";

/** JSON that can stand within a script element: nothing in it ends or comments one. */
export function embeddable(content: unknown): string {
  return JSON.stringify(content).replaceAll(/[<>&\u2028\u2029]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

export function reportOf(template: string, content: ReportContent): string {
  // a function, so that no $ in the content means anything
  return template.replace(PLACE, () => embeddable(content));
}
