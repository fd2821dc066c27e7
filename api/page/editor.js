/**
 * The editor: a plain textarea, painted from behind, with line numbers and proposals.
 *
 * The textarea is the truth: what a screen reader reads, what undo undoes, what is sent.
 */

import { painted, placeAt, proposals } from "./language.js";

const MOST_PROPOSALS = 60;
const CLOSING = { "{": "}", "(": ")", "[": "]" };

export class Editor {
  /**
   * @param {HTMLElement} box with .gutter, .paint, textarea and .proposals
   * @param {{run: () => void, changed: () => void, schema: () => object, known: (name: string) => string[]}} page
   */
  constructor(box, page) {
    this.page = page;
    this.gutter = box.querySelector(".gutter");
    this.paint = box.querySelector(".paint");
    this.area = box.querySelector("textarea");
    this.list = box.querySelector(".proposals");
    this.wrong = new Set();
    this.chosen = 0;
    this.offered = [];
    this.area.addEventListener("input", (event) => this.edited(event));
    this.area.addEventListener("scroll", () => this.follow());
    this.area.addEventListener("keydown", (event) => this.pressed(event));
    this.area.addEventListener("blur", () => this.close());
    this.area.addEventListener("click", () => this.close());
    this.list.addEventListener("mousedown", (event) => this.picked(event));
    this.repaint();
  }

  get text() { return this.area.value; }

  set text(text) {
    this.area.value = text;
    this.wrong.clear();
    this.close();
    this.repaint();
    this.area.scrollTop = 0;
    this.follow();
  }

  /** Mark the lines that errors are about. */
  mark(lines) {
    this.wrong = new Set(lines);
    this.repaint();
  }

  /** Put the cursor at a line and a column, both counted from 1. */
  goTo(line, column) {
    const start = this.text.split("\n").slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    this.area.focus();
    this.area.setSelectionRange(start + column - 1, start + column - 1);
    this.area.scrollTop = Math.max(0, (line - 4) * this.lineHeight());
  }

  lineHeight() { return parseFloat(getComputedStyle(this.area).lineHeight); }

  follow() {
    this.paint.scrollTop = this.gutter.scrollTop = this.area.scrollTop;
    this.paint.scrollLeft = this.area.scrollLeft;
  }

  edited(event) {
    this.wrong.clear();
    this.repaint();
    this.page.changed();
    const typed = event.inputType === "insertText" && /[\w"]/.test(event.data ?? "");
    if (typed || this.offered.length) this.propose(typed);
  }

  repaint() {
    const parts = document.createDocumentFragment();
    let end = 0;
    for (const word of painted(this.text)) {
      parts.append(this.text.slice(end, word.start));
      const span = document.createElement("span");
      span.className = word.paint;
      span.textContent = word.text;
      parts.append(span);
      end = word.end;
    }
    parts.append(`${this.text.slice(end)}\n`);
    this.paint.replaceChildren(parts);
    const lines = this.text.split("\n").map((_, index) => {
      const number = document.createElement("div");
      number.textContent = String(index + 1);
      number.classList.toggle("wrong", this.wrong.has(index + 1));
      return number;
    });
    this.gutter.replaceChildren(...lines);
    this.follow();
  }

  pressed(event) {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key === "Enter") return this.handled(event, () => { this.close(); this.page.run(); });
    if (event.ctrlKey && event.code === "Space") return this.handled(event, () => this.propose(true));
    if (this.offered.length && this.pressedInList(event)) return undefined;
    if (event.key === "Enter" && !command && !event.shiftKey) return this.handled(event, () => this.newLine());
    return undefined;
  }

  pressedInList(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) this.handled(event, () => this.choose(this.chosen + steps[event.key]));
    else if (event.key === "Enter" || event.key === "Tab") this.handled(event, () => this.take(this.chosen));
    else if (event.key === "Escape") this.handled(event, () => this.close());
    else return false;
    return true;
  }

  handled(event, act) {
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** A new line as far in as the one before, further in behind an opening bracket. */
  newLine() {
    const { selectionStart: start, selectionEnd: end } = this.area;
    const line = this.text.slice(this.text.lastIndexOf("\n", start - 1) + 1, start);
    const indent = line.match(/^ */)[0];
    const opening = line.trimEnd().at(-1);
    const deeper = opening in CLOSING ? `${indent}  ` : indent;
    const closes = opening in CLOSING && this.text[end] === CLOSING[opening];
    this.insert(`\n${deeper}${closes ? `\n${indent}` : ""}`, start, end, closes ? indent.length + 1 : 0);
  }

  /** Put a text in, so that undo knows of it; the cursor ends `back` characters before its end. */
  insert(text, start, end, back = 0) {
    this.area.focus();
    this.area.setSelectionRange(start, end);
    // eslint-disable-next-line deprecation/deprecation -- the only way that keeps undo whole
    if (!document.execCommand("insertText", false, text)) {
      this.area.setRangeText(text, start, end, "end");
      this.edited({});
    }
    const cursor = start + text.length - back;
    this.area.setSelectionRange(cursor, cursor);
  }

  propose(asked) {
    const schema = this.page.schema();
    if (!schema || !asked && !this.offered.length) return;
    const cursor = this.area.selectionStart;
    this.place = placeAt(this.text, cursor, schema);
    if (this.place.kind === "nothing") { this.close(); return; }
    const found = proposals(this.place, schema, this.page.known).slice(0, MOST_PROPOSALS);
    const isDone = found.length === 1 && found[0].label === this.place.typed;
    if (!found.length || isDone) { this.close(); return; }
    this.offered = found;
    this.list.replaceChildren(...found.map((offer, index) => this.row(offer, index)));
    this.list.hidden = false;
    this.putList(cursor);
    this.choose(0);
  }

  row(offer, index) {
    const row = document.createElement("li");
    row.id = `proposal-${index}`;
    row.setAttribute("role", "option");
    const label = document.createElement("b");
    label.textContent = offer.label;
    row.append(label);
    if (offer.detail) {
      const detail = document.createElement("span");
      detail.textContent = offer.detail;
      row.append(detail);
    }
    return row;
  }

  /** Under the cursor, which a copy of the text before it finds. */
  putList(cursor) {
    const before = this.text.slice(0, cursor).split("\n");
    const style = getComputedStyle(this.area);
    const pencil = document.createElement("canvas").getContext("2d");
    pencil.font = style.font;
    const left = pencil.measureText(before.at(-1)).width + parseFloat(style.paddingLeft) - this.area.scrollLeft;
    const top = before.length * this.lineHeight() + parseFloat(style.paddingTop) - this.area.scrollTop;
    const room = this.area.clientWidth - this.list.offsetWidth - 8;
    this.list.style.left = `${Math.max(0, Math.min(left, room))}px`;
    const fitsBelow = top + this.list.offsetHeight < this.area.clientHeight;
    const above = top - this.lineHeight() - this.list.offsetHeight;
    this.list.style.top = `${fitsBelow || above < 0 ? top : above}px`;
  }

  choose(index) {
    this.chosen = (index + this.offered.length) % this.offered.length;
    Array.from(this.list.children).forEach((row, place) => {
      row.setAttribute("aria-selected", String(place === this.chosen));
      if (place === this.chosen) row.scrollIntoView({ block: "nearest" });
    });
    this.area.setAttribute("aria-activedescendant", `proposal-${this.chosen}`);
  }

  picked(event) {
    event.preventDefault();
    const row = event.target.closest("li");
    if (row) this.take(Array.from(this.list.children).indexOf(row));
  }

  take(index) {
    const { insert } = this.offered[index];
    const { start } = this.place;
    const end = this.area.selectionStart;
    this.close();
    if (insert.endsWith(" {")) {
      const indent = this.text.slice(this.text.lastIndexOf("\n", start - 1) + 1, start).match(/^ */)[0];
      this.insert(`${insert}\n${indent}  \n${indent}}`, start, end, indent.length + 2);
    } else this.insert(insert, start, end);
    this.close();
    if (insert.endsWith(" {") || insert.endsWith(": ")) this.propose(true);
  }

  close() {
    this.offered = [];
    this.list.hidden = true;
    this.area.removeAttribute("aria-activedescendant");
  }
}
