/**
 * As much of GraphQL's language as an editor needs: its words, and what may stand at a place.
 */

import { hasFields } from "./schema.js";

const WORD = new RegExp(
  [
    /(?<string>"""(?:[^"\\]|\\.|"(?!""))*(?:"""|$)|"(?:[^"\\\n]|\\.)*"?)/,
    /(?<comment>#[^\n]*)/,
    /(?<mark>\.\.\.|[!$&()[\]{}:=@|])/,
    /(?<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/,
    /(?<name>[A-Za-z_]\w*)/,
    /(?<other>[^\s,\ufeff])/,
  ].map((part) => part.source).join("|"),
  "gs",
);
const OPERATIONS = new Set(["query", "mutation", "subscription", "fragment"]);

/** The words of a text: {kind, text, start, end}. */
export function words(text) {
  return Array.from(text.matchAll(WORD), (match) => {
    const [kind] = Object.entries(match.groups).find(([, found]) => found !== undefined);
    return { kind, text: match[0], start: match.index, end: match.index + match[0].length };
  });
}

/** The words with what they are painted as: field, argument, keyword, value, … */
export function painted(text) {
  const all = words(text);
  let open = []; // "{" of a selection, "(" of arguments and all that is within
  return all.map((word, place) => {
    const before = all[place - 1]?.text;
    const inArguments = open.includes("(");
    if ("{([".includes(word.text)) open.push(word.text);
    if ("})]".includes(word.text)) open = open.slice(0, -1);
    return { ...word, paint: paintOf(word, before, all[place + 1]?.text, inArguments) };
  });
}

function paintOf(word, before, after, inArguments) {
  if (word.kind !== "name") return word.kind;
  if (before === "$") return "variable";
  if (before === "@") return "directive";
  if (["true", "false", "null"].includes(word.text) && inArguments) return "number";
  if (before === "on" || before === "...") return before === "..." && word.text === "on" ? "keyword" : "type";
  if (OPERATIONS.has(word.text) && !inArguments && (before === undefined || before === "}")) return "keyword";
  if (word.text === "on" && after !== ":") return inArguments ? "value" : "keyword";
  if (inArguments) return after === ":" ? "argument" : "value";
  return after === ":" ? "alias" : "field";
}

/**
 * What may stand at a place of a query.
 *
 * Gives {kind, typed, start, …}: `typed` is what stands there already, from `start` on. Kinds are
 * "field" (of `type`), "argument" (`options`), "value" (of `type`, for the argument `name`),
 * "type", and "nothing".
 */
export function placeAt(text, position, schema) {
  const all = words(text.slice(0, position));
  const last = all.at(-1);
  if (last?.kind === "comment") return { kind: "nothing" };
  const isTyped = last && last.end === position && ["name", "string"].includes(last.kind);
  if (last?.kind === "string" && last.end === position && isClosed(last.text)) return { kind: "nothing" };
  const walk = new Walk(schema);
  for (const word of isTyped ? all.slice(0, -1) : all) walk.step(word);
  const place = walk.place();
  return { ...place, typed: isTyped ? last.text : "", start: isTyped ? last.start : position };
}

const isClosed = (string) => string.length > 1 && string.endsWith('"') && !string.endsWith('\\"');

/** Goes through the words and knows in which type or argument it is. */
class Walk {
  constructor(schema) {
    this.schema = schema;
    this.open = [];
    this.before = [];
  }

  get inner() { return this.open.at(-1); }

  step(word) {
    const opens = { "{": () => this.enterBraces(), "(": () => this.enterArguments(), "[": () => this.enterList() };
    if (opens[word.text]) this.open.push(opens[word.text]());
    else if ("})]".includes(word.text) && word.kind === "mark") this.leave();
    else if (word.kind === "name") this.name(word.text);
    else if (word.text === ":") this.colon();
    else if (this.inner?.kind === "arguments" && word.kind !== "mark") this.inner.value = undefined;
    this.before = [...this.before.slice(-2), word.text];
  }

  leave() {
    this.open.pop();
    if (this.inner && this.inner.kind !== "list") this.inner.value = undefined;
  }

  enterBraces() {
    if (this.inner?.kind === "arguments" || this.inner?.kind === "list") {
      const type = this.schema.named(this.inner.value?.type);
      return { kind: "arguments", options: type?.inputFields ?? new Map() };
    }
    if (this.condition) {
      const type = this.schema.types.get(this.condition);
      this.condition = undefined;
      return { kind: "fields", type };
    }
    if (!this.inner) return { kind: "fields", type: this.schema.query };
    if (this.before.at(-1) === "...") return { kind: "fields", type: this.inner.type };
    return { kind: "fields", type: this.schema.named(this.inner.field?.type) };
  }

  enterArguments() {
    if (this.inner?.kind === "fields" && !this.isDirective) {
      return { kind: "arguments", options: this.inner.field?.args ?? new Map() };
    }
    return { kind: "definitions" };
  }

  enterList() {
    return { kind: "list", value: this.inner?.value, name: this.inner?.name };
  }

  name(text) {
    this.isDirective = this.before.at(-1) === "@";
    if (this.before.at(-1) === "on") this.condition = text;
    else if (this.inner?.kind === "fields" && !this.isDirective) {
      this.inner.field = this.inner.type?.fields.get(text);
    } else if (this.inner?.kind === "arguments") {
      this.inner.value = undefined;
      this.inner.name = text;
    }
  }

  colon() {
    if (this.inner?.kind === "arguments") this.inner.value = this.inner.options.get(this.inner.name);
  }

  place() {
    const previous = this.before.at(-1);
    if (previous === "on") return { kind: "type" };
    if (!this.inner || this.inner.kind === "definitions" || previous === "@" || previous === "$") return { kind: "nothing" };
    if (this.inner.kind === "fields") return { kind: "field", type: this.inner.type };
    if (this.inner.kind === "list" || this.inner.value) {
      return { kind: "value", type: this.schema.named(this.inner.value?.type), name: this.inner.name };
    }
    return { kind: "argument", options: this.inner.options };
  }
}

/**
 * Proposals for a place: [{label, insert, detail}], those first that begin with what is typed.
 *
 * `known` gives the names in the store by the argument that takes them.
 */
export function proposals(place, schema, known) {
  const typed = place.typed.replace(/^"/, "").toLowerCase();
  const all = candidates(place, schema, known).filter(({ label }) => label.toLowerCase().includes(typed));
  const begins = ({ label }) => (label.toLowerCase().startsWith(typed) ? 0 : 1);
  return all.sort((one, other) => begins(one) - begins(other));
}

function candidates(place, schema, known) {
  if (place.kind === "field") {
    return Array.from(place.type?.fields.values() ?? [], (field) => ({
      label: field.name, detail: field.description, insert: field.name + (needsMore(field, schema)),
    }));
  }
  if (place.kind === "argument") {
    return Array.from(place.options.values(), (option) => ({
      label: option.name, detail: option.description, insert: `${option.name}: `,
    }));
  }
  if (place.kind === "type") {
    return Array.from(schema.types.values()).filter(hasFields)
      .map(({ name, description }) => ({ label: name, detail: description, insert: name }));
  }
  return place.kind === "value" ? values(place, known) : [];
}

function needsMore(field, schema) {
  return hasFields(schema.named(field.type)) ? " {" : "";
}

function values(place, known) {
  if (place.type?.kind === "ENUM") {
    return Array.from(place.type.enumValues.values(), ({ name, description }) => ({
      label: name, detail: description, insert: name,
    }));
  }
  if (place.type?.name === "Boolean") return ["true", "false"].map((word) => ({ label: word, insert: word }));
  return (known(place.name) ?? []).map((name) => ({ label: name, insert: JSON.stringify(name) }));
}
