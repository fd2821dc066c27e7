/** One customer's feedback and promises, the open ones first, each with what became of it. */

import type { Context, Figure, Table } from "./figure";
import { fitted } from "./fitted";
import { count, day } from "./numbers";
import { drawPicture, note, type Painted } from "./picture";
import { text } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

interface Piece {
  readonly id: string;
  readonly kind: string;
  readonly openedAt: string | null;
  readonly acknowledgedAt: string | null;
  readonly actedAt: string | null;
  readonly closedAt: string | null;
  readonly dueAt: string | null;
  readonly touchpoint: string | null;
  readonly team: string | null;
  readonly text: string | null;
  readonly reopened: number;
  readonly open: boolean;
  readonly overdue: boolean;
  readonly kept: boolean | null;
}

export interface CustomerFeedbackAnswer {
  readonly count: number;
  readonly open: number;
  readonly overdue: number;
  readonly nodes: readonly Piece[];
}

const ROW = 46;

function fateOf({ overdue, open, dueAt, closedAt, kept }: Piece, locale = "en"): string {
  if (overdue) return `overdue since ${day(dueAt, locale)}`;
  if (open) return dueAt === null ? "open" : `open, due ${day(dueAt, locale)}`;
  return `closed ${day(closedAt, locale)}${kept === null ? "" : kept ? ", kept" : ", not kept"}`;
}

function sorted({ nodes }: CustomerFeedbackAnswer): readonly Piece[] {
  return [...nodes].sort((one, other) => Number(other.open) - Number(one.open));
}

function summary({ count: all, open, overdue, nodes }: CustomerFeedbackAnswer): string {
  const promises = nodes.filter(({ kind }) => kind === "PROMISE").length;
  return `Feedback: ${count(all)}, of which ${count(open)} open and ${count(overdue)} overdue. Promises among what is listed: ${count(promises)}.${nodes.length < all ? ` The first ${count(nodes.length)} are listed.` : ""}`;
}

function table(answer: CustomerFeedbackAnswer): Table {
  return {
    columns: [
      { name: "id", title: "Id" }, { name: "kind", title: "Kind" }, { name: "openedAt", title: "Opened (UTC)" }, { name: "acknowledgedAt", title: "Acknowledged" }, { name: "actedAt", title: "Acted on" },
      { name: "closedAt", title: "Closed" }, { name: "dueAt", title: "Due" }, { name: "touchpoint", title: "About" }, { name: "team", title: "With" }, { name: "fate", title: "Now" },
      { name: "reopened", title: "Opened again", unit: "count" }, { name: "text", title: "Words" },
    ],
    rows: sorted(answer).map((piece) => [
      piece.id, piece.kind.toLowerCase(), piece.openedAt, piece.acknowledgedAt, piece.actedAt, piece.closedAt, piece.dueAt, piece.touchpoint, piece.team, fateOf(piece), piece.reopened, piece.text,
    ]),
    keys: sorted(answer).map(({ id }) => id),
  };
}

function paint(answer: CustomerFeedbackAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale } = context;
  const pieces = sorted(answer);
  const parts = pieces.map((piece, place) => {
    const y = place * ROW;
    const fate = fateOf(piece, locale);
    const title = `${piece.kind.toLowerCase()}${piece.touchpoint === null ? "" : ` about ${piece.touchpoint}`}`;
    const steps = [["acknowledged", piece.acknowledgedAt], ["acted on", piece.actedAt]].flatMap(([word, at]) => (at ? [`${word} ${day(at, locale)}`] : []));
    const more = [`opened ${day(piece.openedAt, locale)}`, ...steps, ...(piece.team === null ? [] : [`with ${piece.team}`]), ...(piece.text === null ? [] : [`“${piece.text}”`])].join(" · ");
    const row = svgElement("g");
    row.append(
      svgElement("rect", { x: 0, y, width, height: ROW - 4, rx: 4, fill: theme.raised }),
      svgElement("rect", { x: 0, y, width: 4, height: ROW - 4, rx: 2, fill: piece.overdue ? theme.bad : piece.open ? theme.open : theme.series[0] }),
      text(14, y + 18, fitted(title, width - 240, 12, 600), theme.text, { "font-weight": 600 }),
      text(width - 12, y + 18, fate, piece.overdue ? theme.bad : theme.text, { "text-anchor": "end", "font-size": 12 }),
      note(fitted(more, width - 28, 11), 14, y + 34, theme.muted),
    );
    pickable(row, { key: piece.id, label: `${title}, ${more}: ${fate}`, tip: { title, rows: [["Now", fate]], note: more }, pick: null }, context, tooltip);
    return row;
  });
  return { height: pieces.length * ROW, parts };
}

export const customerFeedback: Figure<CustomerFeedbackAnswer> = {
  name: "customer-feedback",
  title: "Feedback and promises",
  selection: `{
  count open overdue
  nodes { id kind openedAt acknowledgedAt actedAt closedAt dueAt touchpoint team text reopened open overdue kept }
}`,
  isEmpty: ({ nodes }) => nodes.length === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
