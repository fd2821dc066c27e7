/** Where a customer stands now: what is known, and the signs for loyalty and of risk. */

import type { Context, Figure, Table } from "./figure";
import { fitted } from "./fitted";
import { count, day, duration, moment, money, NOTHING } from "./numbers";
import { drawPicture, feeling, note, type Painted } from "./picture";
import { text } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

export interface StandingAnswer {
  readonly asOf: string | null;
  readonly lastItem: string | null;
  readonly lastChannel: string | null;
  readonly lastAt: string | null;
  readonly sinceSeconds: number | null;
  readonly isOpen: boolean | null;
  readonly outcomes: number;
  readonly lastOutcome: string | null;
  readonly outcome: string;
  readonly isRepeat: boolean;
  readonly interactions: number;
  readonly firstAt: string | null;
  readonly value: string | null;
  readonly medianGapSeconds: number | null;
  readonly longestGapSeconds: number | null;
  readonly isUnusuallySilent: boolean | null;
  readonly meanEmotion: number | null;
  readonly recentEmotion: number | null;
  readonly lastEmotion: number | null;
  readonly metOrSurpassed: number;
  readonly expectations: number;
  readonly wasDisappointed: boolean | null;
  readonly brought: number;
}

type Tone = "good" | "bad" | "plain";

/** What a tile says: a fact, what it means, and how it speaks. */
interface Tile {
  readonly key: string;
  readonly title: string;
  readonly says: string;
  readonly more: string;
  readonly tone: Tone;
}

const HEIGHT = 76;
const GAP = 8;
const LEAST = 230;
const TONES = { good: "▲", bad: "▼", plain: "" } as const;

function openWords({ isOpen }: StandingAnswer): string {
  return isOpen === null ? "never seen" : isOpen ? "still open" : "no longer open";
}

function tilesOf(answer: StandingAnswer, locale: string, currency: string | null | undefined): readonly Tile[] {
  const { isUnusuallySilent, lastEmotion, wasDisappointed, expectations, metOrSurpassed } = answer;
  const where = answer.lastChannel === null ? "" : ` (${answer.lastChannel})`;
  return [
    { key: "last", title: "Last seen", says: answer.lastItem ?? "never", more: answer.lastAt === null ? "no interaction" : `${day(answer.lastAt, locale)}${where}, ${openWords(answer)}`, tone: "plain" },
    {
      key: "silence", title: "Silent for", says: duration(answer.sinceSeconds, locale), tone: isUnusuallySilent ? "bad" : "plain",
      more: isUnusuallySilent === null ? "too few interactions to judge" : isUnusuallySilent ? `longer than ever: ${duration(answer.longestGapSeconds, locale)} at most before` : `usual: ${duration(answer.medianGapSeconds, locale)}, at most ${duration(answer.longestGapSeconds, locale)}`,
    },
    {
      key: "outcome", title: "Outcomes", says: count(answer.outcomes, locale), tone: answer.isRepeat ? "good" : "plain",
      more: answer.lastOutcome === null ? `never: ${answer.outcome}` : `${answer.isRepeat ? "again and again" : "once"}, last ${day(answer.lastOutcome, locale)}`,
    },
    { key: "value", title: "Value", says: money(answer.value, currency, locale), more: `${count(answer.interactions, locale)} interactions since ${day(answer.firstAt, locale)}`, tone: "plain" },
    {
      key: "felt", title: "Last felt", says: feeling(lastEmotion, locale), tone: lastEmotion === null ? "plain" : lastEmotion < 0 ? "bad" : "good",
      more: lastEmotion === null ? "never said" : `last three ${feeling(answer.recentEmotion, locale)}, on average ${feeling(answer.meanEmotion, locale)}`,
    },
    {
      key: "expected", title: "Expectations met", says: expectations ? `${count(metOrSurpassed, locale)} of ${count(expectations, locale)}` : NOTHING,
      tone: wasDisappointed === null ? "plain" : wasDisappointed ? "bad" : "good", more: wasDisappointed === null ? "never said" : wasDisappointed ? "the last was disappointed" : "the last was met",
    },
    { key: "brought", title: "Brought", says: count(answer.brought, locale), more: answer.brought ? "customers, directly" : "nobody so far", tone: answer.brought ? "good" : "plain" },
  ];
}

function summary(answer: StandingAnswer): string {
  const tiles = tilesOf(answer, "en", null);
  const named = (tone: Tone): string => tiles.filter((tile) => tile.tone === tone).map(({ title, says }) => `${title.toLowerCase()} ${says}`).join(", ") || "none";
  return `As of ${moment(answer.asOf)} UTC, ${openWords(answer)}. Signs for loyalty: ${named("good")}. Signs of risk: ${named("bad")}. Signs are facts against the customer's own past, not scores.`;
}

function yes(flag: boolean | null): string | null {
  return flag === null ? null : flag ? "yes" : "no";
}

function table(answer: StandingAnswer): Table {
  return {
    columns: [
      { name: "lastItem", title: "Last seen at" }, { name: "lastChannel", title: "by" }, { name: "lastAt", title: "Last seen (UTC)" }, { name: "sinceSeconds", title: "Silent for", unit: "seconds" },
      { name: "isOpen", title: "Open" }, { name: "outcomes", title: "Outcomes", unit: "count" }, { name: "lastOutcome", title: "Last outcome (UTC)" },
      { name: "interactions", title: "Interactions", unit: "count" }, { name: "firstAt", title: "First seen (UTC)" }, { name: "value", title: "Value", unit: "money" },
      { name: "medianGapSeconds", title: "Usual silence", unit: "seconds" }, { name: "longestGapSeconds", title: "Longest silence", unit: "seconds" }, { name: "isUnusuallySilent", title: "Unusually silent" },
      { name: "meanEmotion", title: "Emotion, mean", unit: "number" }, { name: "recentEmotion", title: "of the last three", unit: "number" }, { name: "lastEmotion", title: "of the last", unit: "number" },
      { name: "metOrSurpassed", title: "Expectations met", unit: "count" }, { name: "expectations", title: "of", unit: "count" }, { name: "wasDisappointed", title: "Disappointed at last" }, { name: "brought", title: "Brought", unit: "count" },
    ],
    rows: [[
      answer.lastItem, answer.lastChannel, answer.lastAt, answer.sinceSeconds, yes(answer.isOpen), answer.outcomes, answer.lastOutcome, answer.interactions, answer.firstAt, answer.value,
      answer.medianGapSeconds, answer.longestGapSeconds, yes(answer.isUnusuallySilent), answer.meanEmotion, answer.recentEmotion, answer.lastEmotion,
      answer.metOrSurpassed, answer.expectations, yes(answer.wasDisappointed), answer.brought,
    ]],
    keys: ["standing"],
  };
}

function paint(answer: StandingAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale, currency } = context;
  const tiles = tilesOf(answer, locale, currency);
  const most = Math.max(1, Math.floor((width + GAP) / (LEAST + GAP)));
  const across = Math.ceil(tiles.length / Math.ceil(tiles.length / most));
  const room = (width - GAP * (across - 1)) / across;
  const parts = tiles.map(({ key, title, says, more, tone }, place) => {
    const [x, y] = [(place % across) * (room + GAP), Math.floor(place / across) * (HEIGHT + GAP)];
    const colour = tone === "plain" ? theme.line : tone === "good" ? theme.good : theme.bad;
    const tile = svgElement("g");
    tile.append(
      svgElement("rect", { x, y, width: room, height: HEIGHT, rx: 6, fill: theme.raised }),
      svgElement("rect", { x, y, width: 4, height: HEIGHT, rx: 2, fill: colour }),
      note(title, x + 14, y + 20, theme.muted),
      note(TONES[tone], x + room - 12, y + 20, colour, "end"),
      text(x + 14, y + 42, fitted(says, room - 28, 16, 600), theme.text, { "font-size": 16, "font-weight": 600 }),
      note(fitted(more, room - 24, 11), x + 14, y + 62, theme.muted),
    );
    pickable(tile, { key, label: `${title}: ${says}, ${more}`, tip: { title: `${title}: ${says}`, rows: [], note: more }, pick: null }, context, tooltip);
    return tile;
  });
  return { height: Math.ceil(tiles.length / across) * (HEIGHT + GAP), parts };
}

export const customerStanding: Figure<StandingAnswer> = {
  name: "customer-standing",
  title: "Where the customer stands",
  selection: `{
  asOf lastItem lastChannel lastAt sinceSeconds isOpen outcomes lastOutcome outcome isRepeat interactions firstAt value
  medianGapSeconds longestGapSeconds isUnusuallySilent meanEmotion recentEmotion lastEmotion metOrSurpassed expectations wasDisappointed brought
}`,
  isEmpty: ({ interactions }) => interactions === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
