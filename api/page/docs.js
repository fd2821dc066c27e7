/**
 * The documentation: types and fields as the schema describes them, to click through and to search.
 */

import { shown } from "./schema.js";

const MOST_FOUND = 60;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** A description, in which names stand between backticks. */
function described(text) {
  const parts = (text ?? "").split("`");
  return element("p", {}, ...parts.map((part, place) => (place % 2 ? element("code", { textContent: part }) : part)));
}

export class Docs {
  constructor(box) {
    this.box = box;
    this.page = box.querySelector("#docs-page");
    this.trailBox = box.querySelector("#docs-trail");
    this.search = box.querySelector("#docs-search");
    this.trail = [];
    this.search.addEventListener("input", () => this.show());
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.search.value) {
        event.stopPropagation();
        this.search.value = "";
        this.show();
      }
    });
  }

  tell(schema) {
    this.schema = schema;
    this.trail = [schema.query.name];
    this.show();
  }

  fail(message) { this.page.replaceChildren(element("p", { textContent: message })); }

  goTo(name) {
    this.search.value = "";
    const seen = this.trail.indexOf(name);
    this.trail = seen >= 0 ? this.trail.slice(0, seen + 1) : [...this.trail, name];
    this.show();
    this.page.parentElement.scrollTop = 0;
  }

  show() {
    if (!this.schema) return;
    const sought = this.search.value.trim().toLowerCase();
    this.trailBox.replaceChildren(...(sought ? [] : this.crumbs()));
    this.page.replaceChildren(...(sought ? this.found(sought) : this.type(this.schema.types.get(this.trail.at(-1)))));
  }

  crumbs() {
    if (this.trail.length === 1) return [];
    return this.trail.flatMap((name, place) => {
      const isHere = place === this.trail.length - 1;
      const crumb = isHere ? element("span", { textContent: name, ariaCurrent: "page" }) : this.link(name);
      return place ? [element("span", { className: "arrow", textContent: " › ", ariaHidden: "true" }), crumb] : [crumb];
    });
  }

  link(name, text = name) {
    if (!this.schema.types.has(name)) return element("span", { className: "type", textContent: text });
    const link = element("button", { type: "button", className: "type", textContent: text });
    link.addEventListener("click", () => this.goTo(name));
    return link;
  }

  /** A reference to a type, of which the name is a link. */
  reference(type) {
    let inner = type;
    while (inner.ofType) inner = inner.ofType;
    const [before, after] = shown(type).split(inner.name);
    return [before, this.link(inner.name), after];
  }

  type(type) {
    const parts = [element("h3", { textContent: type.name }), described(type.description)];
    const fields = type.fields.size ? type.fields : type.inputFields;
    if (fields.size) parts.push(element("dl", {}, ...[...fields.values()].flatMap((field) => this.field(field))));
    if (type.enumValues.size) {
      parts.push(element("dl", {}, ...[...type.enumValues.values()].flatMap(({ name, description }) => [
        element("dt", {}, element("span", { className: "value", textContent: name })), element("dd", {}, described(description)),
      ])));
    }
    return parts;
  }

  field(field) {
    const head = element("dt", {}, element("span", { className: "field", textContent: field.name }), ": ", ...this.reference(field.type), this.usual(field));
    const about = element("dd", {}, described(field.description));
    if (field.args?.size) {
      const options = [...field.args.values()].map((option) => element("li", {},
        element("span", { className: "argument", textContent: option.name }), ": ", ...this.reference(option.type),
        this.usual(option), described(option.description)));
      const list = element("details", {}, element("summary", { textContent: `${options.length} argument${options.length > 1 ? "s" : ""}` }), element("ul", {}, ...options));
      list.open = options.length <= 3;
      about.append(list);
    }
    return [head, about];
  }

  usual({ defaultValue }) {
    return defaultValue === null || defaultValue === undefined ? "" : element("span", { className: "usual", textContent: ` = ${defaultValue}` });
  }

  found(sought) {
    const hits = [];
    for (const type of this.schema.types.values()) {
      const members = [...type.fields.values(), ...type.inputFields.values(), ...type.enumValues.values()];
      hits.push(...[type, ...members].map((entry) => ({ entry, type, rank: rank(entry, sought) })).filter((hit) => hit.rank < 3));
    }
    if (!hits.length) return [element("p", { textContent: `Nothing here has “${sought}” in its name or its description.` })];
    hits.sort((one, other) => one.rank - other.rank);
    return [element("ul", { className: "hits" }, ...hits.slice(0, MOST_FOUND).map(({ entry, type }) => {
      const label = entry === type ? type.name : `${type.name}.${entry.name}`;
      return element("li", {}, this.link(type.name, label), described(entry.description));
    }))];
  }
}

/** 0 where the name is it, 1 where it is in the name, 2 where it is in the description, else 3. */
function rank({ name, description }, sought) {
  if (name.toLowerCase() === sought) return 0;
  if (name.toLowerCase().includes(sought)) return 1;
  return (description ?? "").toLowerCase().includes(sought) ? 2 : 3;
}
