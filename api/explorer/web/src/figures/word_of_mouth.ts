/** How referrals spread: the generations of all cascades together, and the shape of the largest. */

import type { Context, Figure, Table } from "./figure";
import { fitted } from "./fitted";
import { count, duration, number, shortCount, withInterval } from "./numbers";
import { drawPicture, note, type Painted } from "./picture";
import { sign } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

interface Cascade {
  readonly root: string;
  readonly size: number;
  readonly depth: number;
  readonly breadth: number;
  readonly generations: readonly number[];
  readonly virality: number | null;
  readonly medianGenerationSeconds: number | null;
}

export interface CascadesAnswer {
  readonly cascades: number;
  readonly size: number;
  readonly customers: number;
  readonly organic: number;
  readonly organicShare: { readonly value: number | null; readonly low: number | null; readonly high: number | null };
  readonly medianVirality: number | null;
  readonly medianGenerationSeconds: number | null;
  readonly generations: readonly { readonly depth: number; readonly size: number; readonly timed: number; readonly medianSeconds: number | null }[];
  readonly nodes: readonly Cascade[];
}

function summary(answer: CascadesAnswer): string {
  return (
    `${count(answer.cascades)} cascades with ${count(answer.size)} customers; ${count(answer.organic)} of ${count(answer.customers)} customers came by nobody's word ` +
    `(${withInterval(answer.organicShare)}). Median time from one to whom they brought: ${duration(answer.medianGenerationSeconds)}; median structural virality ${number(answer.medianVirality)}. ` +
    `The ${count(answer.nodes.length)} first of ${count(answer.cascades)} are listed.`
  );
}

function generationsTable(answer: CascadesAnswer): Table {
  return {
    columns: [
      { name: "generation", title: "Generation", unit: "count" },
      { name: "customers", title: "Customers", unit: "count" },
      { name: "ofPrevious", title: "For each of the one before", unit: "number" },
      { name: "medianSeconds", title: "Median time since", unit: "seconds" },
      { name: "timed", title: "known of", unit: "count" },
    ],
    rows: withRoots(answer).map(({ depth, size, before, medianSeconds, timed }) => [depth, size, before ? size / before : null, medianSeconds, timed]),
    keys: withRoots(answer).map(({ depth }) => String(depth)),
  };
}

function withRoots({ cascades, generations }: CascadesAnswer) {
  return [{ depth: 0, size: cascades, timed: 0, medianSeconds: null }, ...generations].map((row, place, all) => ({ ...row, before: all[place - 1]?.size ?? 0 }));
}

function paintGenerations(answer: CascadesAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale } = context;
  const rows = withRoots(answer);
  const row = 34;
  const left = 92;
  const most = Math.max(1, ...rows.map(({ size }) => size));
  const room = width - left - 128;
  const parts: SVGElement[] = [note("customers", left, 12, theme.muted), note("median time since", width - 4, 12, theme.muted, "end")];
  rows.forEach(({ depth, size, before, medianSeconds, timed }, place) => {
    const y = 20 + place * row;
    const long = Math.max(2, (room * size) / most);
    const group = svgElement("g");
    const name = depth === 0 ? "Roots" : `Generation ${depth}`;
    const each = before ? `${number(size / before, locale)} each` : "";
    group.append(
      svgElement("rect", { x: 0, y, width, height: row, fill: "transparent" }),
      svgElement("text", { x: 0, y: y + 21, fill: theme.text, "font-size": 12 }, name),
      svgElement("rect", { x: left, y: y + 8, width: long, height: 18, rx: 2, fill: depth === 0 ? theme.other : theme.series[(depth - 1) % theme.series.length] }),
      svgElement("text", { x: left + long + 6, y: y + 21, fill: theme.text, "font-size": 12 }, `${count(size, locale)}${sign(context, String(depth))}`),
      svgElement("text", { x: width - 4, y: y + 16, fill: theme.text, "font-size": 12, "text-anchor": "end" }, depth === 0 ? "" : duration(medianSeconds, locale)),
      note(each, width - 4, y + 29, theme.muted, "end"),
    );
    const tip = {
      title: name,
      rows: [
        ["Customers", count(size, locale)],
        ...(before ? [["For each of the one before", number(size / before, locale)] as const, ["Median time since", duration(medianSeconds, locale)] as const, ["Times known of", count(timed, locale)] as const] : []),
      ] as readonly (readonly [string, string])[],
    };
    pickable(group, { key: String(depth), label: `${name}: ${count(size, locale)} customers`, tip, pick: { kind: "node", field: "generations", key: { depth } } }, context, tooltip);
    parts.push(group);
  });
  return { height: 24 + rows.length * row, parts };
}

function cascadesTable(answer: CascadesAnswer): Table {
  return {
    columns: [
      { name: "root", title: "Begins with" },
      { name: "size", title: "Customers", unit: "count" },
      { name: "depth", title: "Steps deep", unit: "count" },
      { name: "breadth", title: "Largest generation", unit: "count" },
      { name: "generations", title: "By generation" },
      { name: "virality", title: "Structural virality", unit: "number" },
      { name: "medianGenerationSeconds", title: "Median generation", unit: "seconds" },
    ],
    rows: answer.nodes.map((node) => [
      node.root, node.size, node.depth, node.breadth, node.generations.join(", "), node.virality, node.medianGenerationSeconds,
    ]),
    keys: answer.nodes.map(({ root }) => JSON.stringify(root)),
  };
}

function paintCascades(answer: CascadesAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale } = context;
  const row = 30;
  const names = Math.max(70, Math.min(180, width * 0.2));
  const left = names + 12;
  const room = width - left - 150;
  const most = Math.max(1, ...answer.nodes.map(({ size }) => size));
  const parts: SVGElement[] = [
    note("begins with", 0, 12, theme.muted), note("customers, by generation", left, 12, theme.muted), note("virality · median generation", width - 4, 12, theme.muted, "end"),
  ];
  answer.nodes.forEach((node, place) => {
    const y = 18 + place * row;
    const group = svgElement("g");
    group.append(svgElement("rect", { x: 0, y, width, height: row, fill: "transparent" }), svgElement("text", { x: 0, y: y + 19, fill: theme.text, "font-size": 12 }, fitted(node.root, names, 12)));
    let x = left;
    node.generations.forEach((many, depth) => {
      const long = (room * many) / most;
      group.append(svgElement("rect", { x, y: y + 7, width: Math.max(1, long), height: 16, fill: depth === 0 ? theme.text : theme.series[(depth - 1) % theme.series.length] }));
      x += Math.max(1, long);
    });
    group.append(
      svgElement("text", { x: x + 6, y: y + 19, fill: theme.text, "font-size": 12 }, `${shortCount(node.size, locale)}${sign(context, JSON.stringify(node.root))}`),
      svgElement("text", { x: width - 4, y: y + 19, fill: theme.muted, "font-size": 12, "text-anchor": "end" }, `${number(node.virality, locale)} · ${duration(node.medianGenerationSeconds, locale)}`),
    );
    const tip = {
      title: node.root,
      rows: [
        ["Customers", count(node.size, locale)], ["Steps deep", count(node.depth, locale)], ["By generation", node.generations.map((many) => count(many, locale)).join(", ")],
        ["Structural virality", number(node.virality, locale)], ["Median generation", duration(node.medianGenerationSeconds, locale)],
      ] as const,
    };
    pickable(group, { key: JSON.stringify(node.root), label: `${node.root}: ${count(node.size, locale)} customers, ${count(node.depth, locale)} steps deep`, tip, pick: { kind: "node", field: "cascades", key: { root: node.root } } }, context, tooltip);
    parts.push(group);
  });
  const unlisted = answer.cascades - answer.nodes.length;
  const height = 22 + answer.nodes.length * row;
  if (unlisted > 0) parts.push(note(`${count(unlisted, locale)} smaller ones are not listed.`, 0, height + 12, theme.muted));
  return { height: height + (unlisted > 0 ? 20 : 0), parts };
}

const SELECTION = `{
  cascades size customers organic organicShare { value low high } medianVirality medianGenerationSeconds
  generations { depth size timed medianSeconds }
  nodes { root size depth breadth generations virality medianGenerationSeconds }
}`;

export const cascades: Figure<CascadesAnswer> = {
  name: "cascades",
  title: "The largest cascades",
  selection: SELECTION,
  isEmpty: (answer) => answer.cascades === 0,
  summary,
  table: cascadesTable,
  draw: (host, answer, context) => drawPicture(host, answer, context, paintCascades),
};

export const generations: Figure<CascadesAnswer> = {
  name: "generations",
  title: "Generations of all cascades",
  selection: SELECTION,
  isEmpty: (answer) => answer.cascades === 0,
  summary: (answer) => `${count(answer.cascades)} roots brought, generation by generation, ${answer.generations.map(({ size }) => count(size)).join(", ")} customers.`,
  table: generationsTable,
  draw: (host, answer, context) => drawPicture(host, answer, context, paintGenerations),
};
