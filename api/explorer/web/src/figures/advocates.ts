/** Who brought most: customers brought directly, and whom these brought in turn. */

import type { Context, Figure, Table } from "./figure";
import { fitted } from "./fitted";
import { count, money, withInterval } from "./numbers";
import { drawPicture, note, type Painted } from "./picture";
import { sign } from "./rows";
import { pickable, svgElement } from "./svg";
import type { Tooltip } from "./tooltip";

interface Advocate {
  readonly customer: string;
  readonly brought: number;
  readonly downstream: number;
  readonly downstreamValue: string | null;
  readonly firstHopValue: string | null;
}

export interface AdvocatesAnswer {
  readonly customers: number;
  readonly referred: number;
  readonly shareInterval: { readonly value: number | null; readonly low: number | null; readonly high: number | null };
  readonly unattributed: number;
  readonly selfReferralsCut: number;
  readonly cyclesCut: number;
  readonly furtherReferrals: number;
  readonly advocates: readonly Advocate[];
}

const ROW = 30;

function summary(answer: AdvocatesAnswer): string {
  const left = [
    answer.selfReferralsCut ? `${count(answer.selfReferralsCut)} of oneself` : "",
    answer.cyclesCut ? `${count(answer.cyclesCut)} in cycles` : "",
    answer.furtherReferrals ? `${count(answer.furtherReferrals)} after a customer's first` : "",
  ].filter(Boolean);
  return (
    `${count(answer.referred)} of ${count(answer.customers)} customers were brought by another (${withInterval(answer.shareInterval)}), ` +
    `${count(answer.unattributed)} more by word of mouth of nobody known.` +
    (left.length ? ` Referrals that do not count: ${left.join(", ")}.` : "") +
    " Values of several advocates overlap and do not add up."
  );
}

function table(answer: AdvocatesAnswer): Table {
  return {
    columns: [
      { name: "customer", title: "Customer" },
      { name: "brought", title: "Brought", unit: "count" },
      { name: "downstream", title: "All below", unit: "count" },
      { name: "firstHopValue", title: "Value of those brought", unit: "money" },
      { name: "downstreamValue", title: "Value of all below", unit: "money" },
    ],
    rows: answer.advocates.map((node) => [node.customer, node.brought, node.downstream, node.firstHopValue, node.downstreamValue]),
    keys: answer.advocates.map(({ customer }) => JSON.stringify(customer)),
  };
}

function paint(answer: AdvocatesAnswer, context: Context, width: number, tooltip: Tooltip): Painted {
  const { theme, locale, currency } = context;
  const names = Math.max(70, Math.min(180, width * 0.22));
  const left = names + 12;
  const isWorth = answer.advocates.some(({ downstreamValue }) => Number(downstreamValue ?? 0) > 0);
  const room = width - left - (isWorth ? 180 : 80);
  const most = Math.max(1, ...answer.advocates.map(({ downstream }) => downstream));
  const parts: SVGElement[] = [
    svgElement("rect", { x: left, y: 4, width: 9, height: 9, fill: theme.series[0] }), note("brought", left + 14, 12, theme.muted),
    svgElement("rect", { x: left + 68, y: 4, width: 9, height: 9, fill: theme.series[4] }), note("farther below", left + 82, 12, theme.muted),
    ...(isWorth ? [note("value of all below", width - 4, 12, theme.muted, "end")] : []),
  ];
  answer.advocates.forEach((node, place) => {
    const y = 20 + place * ROW;
    const direct = (room * node.brought) / most;
    const below = (room * (node.downstream - node.brought)) / most;
    const group = svgElement("g");
    group.append(
      svgElement("rect", { x: 0, y, width, height: ROW, fill: "transparent" }),
      svgElement("text", { x: 0, y: y + 19, fill: theme.text, "font-size": 12 }, fitted(node.customer, names, 12)),
      svgElement("rect", { x: left, y: y + 7, width: Math.max(1, direct), height: 16, rx: 2, fill: theme.series[0] }),
      svgElement("rect", { x: left + direct, y: y + 7, width: Math.max(0, below), height: 16, fill: theme.series[4] }),
      svgElement("text", { x: left + direct + below + 6, y: y + 19, fill: theme.text, "font-size": 12 },
        node.downstream > node.brought ? `${count(node.brought, locale)} + ${count(node.downstream - node.brought, locale)}` : count(node.brought, locale), sign(context, JSON.stringify(node.customer))),
    );
    const value = money(node.downstreamValue, currency, locale);
    if (isWorth) group.append(svgElement("text", { x: width - 4, y: y + 19, fill: theme.text, "font-size": 12, "text-anchor": "end" }, value));
    const tip = {
      title: node.customer,
      rows: [["Brought", count(node.brought, locale)], ["All below", count(node.downstream, locale)], ["Value of those brought", money(node.firstHopValue, currency, locale)], ["Value of all below", value]] as const,
    };
    pickable(group, { key: JSON.stringify(node.customer), label: `${node.customer}: brought ${count(node.brought, locale)}, ${count(node.downstream, locale)} below`, tip, pick: { kind: "customer", id: node.customer } }, context, tooltip);
    parts.push(group);
  });
  return { height: 24 + answer.advocates.length * ROW, parts };
}

export const advocates: Figure<AdvocatesAnswer> = {
  name: "advocates",
  title: "Advocates",
  selection: `{
  customers referred shareInterval { value low high } unattributed selfReferralsCut cyclesCut furtherReferrals
  advocates(first: 15) { customer brought downstream downstreamValue firstHopValue }
}`,
  isEmpty: (answer) => answer.advocates.length === 0,
  summary,
  table,
  draw: (host, answer, context) => drawPicture(host, answer, context, paint),
};
