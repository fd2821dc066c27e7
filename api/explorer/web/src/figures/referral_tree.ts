/**
 * One chain of referrals as a tree in rings: the root in the middle, each generation a ring, whom
 * somebody brought side by side. A generation is two paths, whatever its size, so that thousands of
 * customers can be moved and looked into; what the pointer is at is found by place.
 */

import type { Context, Drawn, Figure, Table } from "./figure";
import { fitted } from "./fitted";
import { count, day, shortCount } from "./numbers";
import { note } from "./picture";
import { svgDocument, svgElement } from "./svg";
import { FONT } from "./theme";
import { Tooltip } from "./tooltip";

export interface ReferralTreeAnswer {
  readonly root: string;
  readonly size: number;
  readonly depth: number;
  /** Members, the root first, then step by step down. */
  readonly ids: readonly string[];
  /** For each member the place of who brought it in `ids`; -1 for the root. */
  readonly referrers: readonly number[];
  readonly referredAt: readonly (string | null)[];
  readonly others: number;
}

interface Laid {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly depths: Int32Array;
  readonly brought: Int32Array;
  readonly downstream: Int32Array;
  readonly generations: readonly number[];
}

/** Angles by the leaves below each member, rings by generation; places within a circle of radius 1. */
export function laidOut({ referrers }: ReferralTreeAnswer): Laid {
  const n = referrers.length;
  const depths = new Int32Array(n);
  const brought = new Int32Array(n);
  const downstream = new Int32Array(n);
  const leaves = new Float64Array(n);
  const generations: number[] = [];
  for (let member = 0; member < n; member += 1) {
    const above = referrers[member]!;
    if (above >= 0) {
      depths[member] = depths[above]! + 1;
      brought[above]! += 1;
    }
    generations[depths[member]!] = (generations[depths[member]!] ?? 0) + 1;
  }
  for (let member = n - 1; member >= 0; member -= 1) {
    if (brought[member] === 0) leaves[member] = 1;
    const above = referrers[member]!;
    if (above >= 0) {
      leaves[above]! += leaves[member]!;
      downstream[above]! += downstream[member]! + 1;
    }
  }
  const x = new Float64Array(n);
  const y = new Float64Array(n);
  const next = new Float64Array(n);
  const rings = Math.max(1, generations.length - 1);
  for (let member = 0; member < n; member += 1) {
    const above = referrers[member]!;
    const from = above < 0 ? 0 : next[above]!;
    next[member] = from;
    if (above >= 0) next[above] = from + leaves[member]!;
    const angle = (2 * Math.PI * (from + leaves[member]! / 2)) / leaves[0]! - Math.PI / 2;
    const radius = depths[member]! / rings;
    x[member] = radius * Math.cos(angle);
    y[member] = radius * Math.sin(angle);
  }
  return { x, y, depths, brought, downstream, generations };
}

function summary(answer: ReferralTreeAnswer): string {
  const { generations, brought } = laidOut(answer);
  const most = brought.reduce((best, many, member) => (many > brought[best]! ? member : best), 0);
  const steps = generations.slice(1).map((many, step) => `generation ${step + 1}: ${count(many)}`).join(", ");
  const listed = answer.others ? ` ${count(answer.others)} farther down are not drawn.` : "";
  if (generations.length < 2) return `${answer.root} brought nobody.${listed}`;
  return `${answer.root} and ${count(answer.size - 1)} customers below, ${count(answer.depth)} steps deep; ${steps}. Most were brought by ${answer.ids[most]}: ${count(brought[most])}.${listed}`;
}

function table(answer: ReferralTreeAnswer): Table {
  const { depths, brought, downstream } = laidOut(answer);
  return {
    columns: [
      { name: "customer", title: "Customer" },
      { name: "generation", title: "Generation", unit: "count" },
      { name: "referredBy", title: "Brought by" },
      { name: "referredAt", title: "When" },
      { name: "brought", title: "Brought", unit: "count" },
      { name: "downstream", title: "All below", unit: "count" },
    ],
    rows: [
      ...answer.ids.map((id, member) => [
        id, depths[member]!, answer.ids[answer.referrers[member]!] ?? null, answer.referredAt[member] ?? null, brought[member]!, downstream[member]!,
      ]),
      ...(answer.others ? [[`(${count(answer.others)} not drawn)`, null, null, null, null, null]] : []),
    ],
    keys: [...answer.ids.map((id) => JSON.stringify(id)), ...(answer.others ? ["other"] : [])],
  };
}

const HEIGHT = 560;
const MARGIN = 34;

/** Which member is nearest to a place, by a grid of cells over the picture. */
class Places {
  readonly #cells = new Map<string, number[]>();
  readonly #laid: Laid;
  readonly #size = 0.05;

  constructor(laid: Laid) {
    this.#laid = laid;
    for (let member = 0; member < laid.x.length; member += 1) {
      const key = this.#key(laid.x[member]!, laid.y[member]!);
      const cell = this.#cells.get(key);
      if (cell) cell.push(member);
      else this.#cells.set(key, [member]);
    }
  }

  #key(x: number, y: number): string {
    return `${Math.floor(x / this.#size)} ${Math.floor(y / this.#size)}`;
  }

  nearest(x: number, y: number, within: number): number | null {
    const reach = Math.min(within, this.#size);
    let best: number | null = null;
    let least = reach * reach;
    for (const dx of [-1, 0, 1]) {
      for (const dy of [-1, 0, 1]) {
        for (const member of this.#cells.get(this.#key(x + dx * this.#size, y + dy * this.#size)) ?? []) {
          const distance = (this.#laid.x[member]! - x) ** 2 + (this.#laid.y[member]! - y) ** 2;
          if (distance <= least) [best, least] = [member, distance];
        }
      }
    }
    return best;
  }
}

class Tree implements Drawn<ReferralTreeAnswer> {
  readonly #host: HTMLElement;
  readonly #svg: SVGSVGElement;
  readonly #moved: SVGGElement;
  readonly #lit: SVGGElement;
  readonly #tooltip: Tooltip;
  #answer: ReferralTreeAnswer;
  #context: Context;
  #laid!: Laid;
  #places!: Places;
  #unit = 1;
  #view = { x: 0, y: 0, scale: 1 };
  #drag: { x: number; y: number; far: boolean } | null = null;
  #at: number | null = null;

  constructor(host: HTMLElement, answer: ReferralTreeAnswer, context: Context) {
    this.#host = host;
    this.#answer = answer;
    this.#context = context;
    this.#svg = host.appendChild(svgElement("svg", { "font-family": FONT, "font-size": 12, height: HEIGHT, tabindex: 0, role: "application", display: "block" }));
    this.#moved = svgElement("g");
    this.#lit = svgElement("g", { "pointer-events": "none" });
    this.#tooltip = new Tooltip(host);
    this.#svg.style.touchAction = "pan-y";
    this.#listen();
    this.#take(answer);
    this.#paint();
  }

  update(answer: ReferralTreeAnswer, context: Context): void {
    this.#context = context;
    if (answer !== this.#answer) {
      this.#view = { x: 0, y: 0, scale: 1 };
      this.#take(answer);
    }
    this.#paint();
  }

  resize(): void {
    if (Number(this.#svg.getAttribute("width")) !== this.#host.clientWidth) this.#paint();
  }

  dispose(): void {
    this.#tooltip.dispose();
    this.#svg.remove();
  }

  svg(): string {
    return svgDocument(this.#svg, this.#context.theme);
  }

  #take(answer: ReferralTreeAnswer): void {
    this.#answer = answer;
    this.#laid = laidOut(answer);
    this.#places = new Places(this.#laid);
  }

  #paint(): void {
    const { theme, locale, onPick } = this.#context;
    const width = Math.max(320, this.#host.clientWidth);
    this.#unit = Math.min(width, HEIGHT) / 2 - MARGIN;
    this.#svg.setAttribute("width", String(width));
    this.#svg.setAttribute("aria-label", `${summary(this.#answer)} Arrow keys go from one to another${onPick ? ", Enter opens it" : ""}; plus and minus zoom.`);
    this.#tooltip.hide();
    this.#at = null;
    this.#lit.replaceChildren();
    this.#moved.replaceChildren(...this.#rings(), ...this.#generations(), this.#lit);
    const { generations } = this.#laid;
    const legend = generations.flatMap((many, depth) => [
      svgElement("circle", { cx: 8, cy: 14 + depth * 16, r: 4, fill: this.#colour(depth) }),
      note(depth === 0 ? fitted(this.#answer.root, 150, 11) : `${depth}: ${shortCount(many, locale)}`, 18, 18 + depth * 16, theme.muted),
    ]).slice(0, 2 * 24);
    this.#svg.replaceChildren(this.#moved, ...legend, note("Drag to move, Ctrl + wheel or + and − to zoom", width - 4, HEIGHT - 8, theme.muted, "end"));
    this.#move();
  }

  #colour(depth: number): string {
    const { series, text } = this.#context.theme;
    return depth === 0 ? text : series[(depth - 1) % series.length]!;
  }

  #rings(): SVGElement[] {
    const rings = this.#laid.generations.length - 1;
    const { line } = this.#context.theme;
    return Array.from({ length: rings }, (_, step) =>
      svgElement("circle", { r: ((step + 1) / rings) * this.#unit, fill: "none", stroke: line, "stroke-width": 1, "vector-effect": "non-scaling-stroke", "stroke-dasharray": "1 5" }));
  }

  /** Links and dots of each generation: a dot is a line of no length with round ends. */
  #generations(): SVGElement[] {
    const { x, y, depths, generations } = this.#laid;
    const links: string[][] = generations.map(() => []);
    const dots: string[][] = generations.map(() => []);
    const at = (member: number): string => `${(x[member]! * this.#unit).toFixed(2)} ${(y[member]! * this.#unit).toFixed(2)}`;
    this.#answer.referrers.forEach((above, member) => {
      const depth = depths[member]!;
      dots[depth]!.push(`M${at(member)}h.01`);
      if (above >= 0) links[depth]!.push(this.#link(above, member));
    });
    return [
      ...links.map((path, depth) => svgElement("path", {
        d: path.join(""), fill: "none", stroke: this.#colour(depth), "stroke-opacity": path.length > 400 ? 0.35 : 0.6, "stroke-width": 1, "vector-effect": "non-scaling-stroke",
      })),
      ...dots.map((path, depth) => svgElement("path", {
        d: path.join(""), fill: "none", stroke: this.#colour(depth), "stroke-linecap": "round", "stroke-width": depth === 0 ? 12 : this.#dot(), "vector-effect": "non-scaling-stroke", "data-generation": depth, "data-count": path.length,
      })).reverse(),
    ];
  }

  #dot(): number {
    const many = this.#answer.ids.length;
    return many > 5000 ? 2.5 : many > 1000 ? 3.5 : many > 200 ? 5 : 7;
  }

  /** Out along the ring halfway between, so that siblings leave their referrer as one bundle. */
  #link(above: number, member: number): string {
    const { x, y } = this.#laid;
    const [x0, y0, x1, y1] = [x[above]!, y[above]!, x[member]!, y[member]!].map((part) => part * this.#unit) as [number, number, number, number];
    const near = Math.hypot(x0, y0);
    const far = Math.hypot(x1, y1);
    const middle = (near + far) / 2;
    const [ax, ay] = near > 0 ? [(x0 / near) * middle, (y0 / near) * middle] : [(x1 / far) * middle * 0.5, (y1 / far) * middle * 0.5];
    const [bx, by] = [(x1 / far) * middle, (y1 / far) * middle];
    return `M${x0.toFixed(1)} ${y0.toFixed(1)}C${ax.toFixed(1)} ${ay.toFixed(1)} ${bx.toFixed(1)} ${by.toFixed(1)} ${x1.toFixed(1)} ${y1.toFixed(1)}`;
  }

  #move(): void {
    const width = Number(this.#svg.getAttribute("width"));
    const { x, y, scale } = this.#view;
    this.#moved.setAttribute("transform", `translate(${width / 2 + x} ${HEIGHT / 2 + y}) scale(${scale})`);
  }

  #zoom(times: number, atX: number, atY: number): void {
    const scale = Math.min(40, Math.max(0.5, this.#view.scale * times));
    const ratio = scale / this.#view.scale;
    this.#view = { scale, x: atX - (atX - this.#view.x) * ratio, y: atY - (atY - this.#view.y) * ratio };
    this.#move();
  }

  /** Where in the picture, from its middle, an event is. */
  #place(event: MouseEvent): { x: number; y: number } {
    const box = this.#svg.getBoundingClientRect();
    return { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - HEIGHT / 2 };
  }

  #memberAt(event: MouseEvent): number | null {
    const { x, y } = this.#place(event);
    const size = this.#view.scale * this.#unit;
    return this.#places.nearest((x - this.#view.x) / size, (y - this.#view.y) / size, 12 / size);
  }

  #listen(): void {
    const svg = this.#svg;
    svg.addEventListener("pointerdown", (event) => {
      this.#drag = { x: event.clientX, y: event.clientY, far: false };
    });
    svg.addEventListener("pointermove", (event) => this.#pointed(event));
    svg.addEventListener("pointerleave", () => this.#light(null));
    svg.addEventListener("pointerup", (event) => {
      const dragged = this.#drag?.far;
      this.#drag = null;
      const member = dragged ? null : this.#memberAt(event);
      if (member != null) this.#pick(member);
    });
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { x, y } = this.#place(event);
      this.#zoom(Math.exp(-event.deltaY / 300), x, y);
    }, { passive: false });
    svg.addEventListener("keydown", (event) => {
      if (this.#pressed(event.key)) event.preventDefault();
    });
    svg.addEventListener("blur", () => this.#light(null));
  }

  #pointed(event: PointerEvent): void {
    const drag = this.#drag;
    if (drag && event.buttons) {
      const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
      if (!drag.far && Math.hypot(dx, dy) < 4) return;
      if (!drag.far) this.#svg.setPointerCapture(event.pointerId);
      this.#drag = { x: event.clientX, y: event.clientY, far: true };
      this.#view = { ...this.#view, x: this.#view.x + dx, y: this.#view.y + dy };
      this.#move();
      return;
    }
    this.#light(this.#memberAt(event), event);
  }

  /** True where the key meant something here. */
  #pressed(key: string): boolean {
    const { referrers } = this.#answer;
    const at = this.#at ?? 0;
    switch (key) {
      case "+": case "=": this.#zoom(1.4, 0, 0); return true;
      case "-": this.#zoom(1 / 1.4, 0, 0); return true;
      case "Enter": this.#pick(at); return true;
      case "ArrowUp": this.#light(Math.max(0, referrers[at]!)); return true;
      case "ArrowDown": { const below = referrers.indexOf(at); this.#light(below < 0 ? at : below); return true; }
      case "ArrowRight": this.#light(Math.min(referrers.length - 1, at + 1)); return true;
      case "ArrowLeft": this.#light(Math.max(0, at - 1)); return true;
      default: return false;
    }
  }

  #pick(member: number): void {
    this.#context.onPick?.({ kind: "customer", id: this.#answer.ids[member]! }, this.#svg);
  }

  /** Shows a member: the line up to the root, and whom it brought. */
  #light(member: number | null, event?: PointerEvent): void {
    if (member === this.#at && member != null && event) return this.#tip(member, event.clientX, event.clientY);
    this.#at = member;
    this.#lit.replaceChildren();
    this.#svg.style.cursor = member != null && this.#context.onPick ? "pointer" : "grab";
    if (member == null) return this.#tooltip.hide();
    const { referrers } = this.#answer;
    const path: string[] = [];
    for (let at = member; referrers[at]! >= 0; at = referrers[at]!) path.push(this.#link(referrers[at]!, at));
    for (let below = referrers.indexOf(member); below > 0 && below < referrers.length; below += 1) {
      if (referrers[below] === member) path.push(this.#link(member, below));
    }
    const { accent, background } = this.#context.theme;
    const [x, y] = [this.#laid.x[member]! * this.#unit, this.#laid.y[member]! * this.#unit];
    const still = { "vector-effect": "non-scaling-stroke", fill: "none" };
    this.#lit.append(
      svgElement("path", { d: path.join(""), stroke: accent, "stroke-width": 2, ...still }),
      svgElement("path", { d: `M${x} ${y}h.01`, stroke: background, "stroke-linecap": "round", "stroke-width": 14, ...still }),
      svgElement("path", { d: `M${x} ${y}h.01`, stroke: accent, "stroke-linecap": "round", "stroke-width": 10, ...still }),
    );
    const box = this.#svg.getBoundingClientRect();
    const { scale } = this.#view;
    this.#tip(member, event?.clientX ?? box.left + box.width / 2 + this.#view.x + x * scale, event?.clientY ?? box.top + HEIGHT / 2 + this.#view.y + y * scale);
  }

  #tip(member: number, x: number, y: number): void {
    const { locale, theme } = this.#context;
    const { ids, referrers, referredAt } = this.#answer;
    const above = ids[referrers[member]!];
    const at = referredAt[member];
    this.#tooltip.show({
      title: ids[member]!,
      rows: [
        ["Generation", count(this.#laid.depths[member], locale)],
        ...(above == null ? [] : [["Brought by", above] as const]),
        ...(at == null ? [] : [["When", day(at, locale)] as const]),
        ["Brought", count(this.#laid.brought[member], locale)],
        ["All below", count(this.#laid.downstream[member], locale)],
      ],
    }, theme, x, y);
  }
}

export const referralTree: Figure<ReferralTreeAnswer> = {
  name: "referral-tree",
  title: "Chain of referrals",
  selection: `{ root size depth ids referrers referredAt others }`,
  isEmpty: (answer) => answer.ids.length === 0,
  summary,
  table,
  draw: (host, answer, context) => new Tree(host, answer, context),
};
