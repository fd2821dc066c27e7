/**
 * The contract of a figure: one picture over the JSON of one answer. A figure knows no page, no
 * server and no stylesheet: it is drawn alike in the explorer, in a notebook and in a report.
 */

export interface Theme {
  readonly dark: boolean;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly background: string;
  /** What stands out from the background a little: a band, a tile. */
  readonly raised: string;
  /** The one colour for what is chosen or pointed at. */
  readonly accent: string;
  /** Can be told apart by colour-blind people; in the same order everywhere. */
  readonly series: readonly string[];
  readonly good: string;
  readonly bad: string;
  readonly open: string;
  readonly other: string;
}

/** What was clicked, in the data's own terms. */
export type Pick =
  | { readonly kind: "item"; readonly item: string }
  | { readonly kind: "edge"; readonly source: string; readonly target: string }
  | { readonly kind: "path"; readonly items: readonly string[] }
  | { readonly kind: "customer"; readonly id: string }
  | { readonly kind: "stage"; readonly stage: string }
  | {
      readonly kind: "node";
      readonly field: string;
      readonly key: Readonly<Record<string, unknown>>;
    };

/**
 * How a number differs from that of the population that it is compared with: beyond chance, or so that
 * it could be chance or nobody tested it; or that only one of the two lists it.
 */
export type Mark = "more" | "less" | "maybe more" | "maybe less" | "only";

export interface Context {
  readonly theme: Theme;
  readonly locale: string;
  /** Of all amounts; null where nobody said. */
  readonly currency?: string | null;
  readonly onPick?: (pick: Pick, at: Element) => void;
  /** When two populations are compared: what differs here, by the key of its row in `table`. */
  readonly marks?: ReadonlyMap<string, Mark>;
}

export type Unit = "count" | "share" | "seconds" | "money" | "rate" | "number" | "text";

export interface Column {
  readonly name: string;
  readonly title: string;
  readonly unit?: Unit;
}

export type Cell = string | number | null;

/** Every number in the picture. Shares and rates are numbers from 0 to 1, money is decimal text. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** One for each row, the same in the answers of two populations: also `data-key` of its mark. */
  readonly keys?: readonly string[];
}

export interface Drawn<A> {
  update(answer: A, context: Context): void;
  resize(): void;
  dispose(): void;
  /** The picture as it stands, a whole SVG document with its own size and background. */
  svg(): string;
}

export interface Figure<A> {
  /** In addresses, files and tests. */
  readonly name: string;
  readonly title: string;
  /** The GraphQL selection that it reads, with its braces: picture and query stay together. */
  readonly selection: string;
  isEmpty(answer: A): boolean;
  /** One or two sentences for who cannot see the picture, with denominators and coverage. */
  summary(answer: A): string;
  table(answer: A): Table;
  draw(host: HTMLElement, answer: A, context: Context): Drawn<A>;
}
