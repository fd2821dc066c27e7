/**
 * An answer as tables: a section for each object with lists, a table for each list, facts beside.
 */

import { formatted, inWords, isEstimate, isMoment, isMoney, isShare } from "./format.js";

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isTable = (value) => Array.isArray(value) && value.length > 0 && value.every(isObject);
const MOST_NAMES = 12;

const keysOf = (row) => Object.keys(row).filter((key) => key !== "__typename").sort().join();
/** Customers of whom only the id was asked. */
const isIds = (rows) => isTable(rows) && rows.every((row) => keysOf(row) === "id");
/** What is known of a customer: [{name, value}]. */
const isPairs = (rows) => isTable(rows) && rows.every((row) => keysOf(row) === "name,value");

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** Tables of what an answer holds. */
export function asTables(data, currency) {
  const shown = document.createDocumentFragment();
  section(shown, [], data, currency);
  if (!shown.childNodes.length) shown.append(element("p", { className: "none", textContent: "There is nothing in the answer." }));
  return shown;
}

function section(into, trail, value, currency) {
  const facts = [];
  const tables = [];
  const below = [];
  for (const [name, part] of Object.entries(value)) {
    if (["__typename", "pageInfo", "warnings"].includes(name)) continue;
    if (isTable(part) && !isIds(part) && !isPairs(part)) tables.push([name, part]);
    else if (name === "nodes" && Array.isArray(part) && !part.length) facts.push(["rows", part]);
    else if (isObject(part) && !isEstimate(part)) below.push([name, part]);
    else facts.push([name, part]);
  }
  const warnings = Array.isArray(value.warnings) ? value.warnings : [];
  const more = value.pageInfo?.hasNextPage ? value.pageInfo : undefined;
  into.append(...warnings.map((warning) => element("p", { className: "warning", textContent: warning })));
  if (facts.length || tables.length) {
    const box = element("section", { className: "found" });
    if (trail.length) box.append(element("h3", { textContent: trail.map(inWords).join(" › ") }));
    if (facts.length) box.append(factList(facts, currency));
    for (const [name, rows] of tables) {
      if (name !== "nodes") box.append(element("h4", { textContent: inWords(name) }));
      box.append(table(name === "nodes" ? trail.at(-1) ?? name : name, rows, currency));
    }
    if (more) box.append(furtherRows(more));
    into.append(box);
  }
  for (const [name, part] of below) section(into, [...trail, name], part, currency);
}

function furtherRows({ endCursor }) {
  const note = element("p", { className: "more" }, "More rows follow.");
  if (endCursor) note.append(" Go on with ", element("code", { textContent: `after: "${endCursor}"` }), ".");
  return note;
}

function factList(facts, currency) {
  const list = element("dl", { className: "facts" });
  for (const [name, value] of facts) {
    list.append(element("div", {}, element("dt", { textContent: inWords(name) }), element("dd", {}, cell(name, value, currency))));
  }
  return list;
}

function table(caption, rows, currency) {
  const columns = columnsOf(rows);
  const numeric = new Set(columns.filter((column) => areNumeric(column.at(-1), rows.map((row) => at(row, column)))));
  const heads = columns.map((column) => {
    const head = element("th", { scope: "col", textContent: column.map(inWords).join(" ") });
    head.classList.toggle("number", numeric.has(column));
    head.classList.toggle("wide", column.at(-1) === "items");
    return head;
  });
  const body = rows.map((row) => element("tr", {}, ...columns.map((column) => {
    const value = at(row, column);
    const filled = element("td", {}, cell(column.at(-1), value, currency));
    filled.classList.toggle("number", numeric.has(column));
    return filled;
  })));
  const made = element("table", {}, element("caption", { textContent: `${inWords(caption)}, ${rows.length.toLocaleString("en")} rows`.replace(/, 1 rows$/, ", 1 row"), className: "unseen" }),
    element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...body));
  return element("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: inWords(caption) }, made);
}

/** Columns as paths, so that an object in a row, as `rate` or `customers`, takes its place in it. */
function columnsOf(rows) {
  const columns = new Map();
  const add = (path, value) => {
    if (isObject(value) && !isEstimate(value) && !isNames(value)) {
      for (const [name, part] of Object.entries(value)) if (name !== "pageInfo" && name !== "__typename") add([...path, name], part);
    } else columns.set(path.join("."), columns.get(path.join(".")) ?? path);
  };
  for (const row of rows) add([], row);
  for (const [key, path] of columns) {
    if (path.length && [...columns.keys()].some((other) => other.startsWith(`${key}.`))) columns.delete(key);
  }
  return [...columns.values()];
}

const at = (row, path) => path.reduce((value, name) => value?.[name], row);

/** Whether a column holds numbers, and nothing else. */
function areNumeric(name, values) {
  const said = values.filter((value) => value !== null && value !== undefined);
  return said.length > 0 && said.every((value) => typeof value === "number" || isEstimate(value) || isMoney(name, value));
}


/** A page of customers: {nodes: [{id}]}. */
const isNames = (value) => Array.isArray(value?.nodes) && (value.nodes.length ? isIds(value.nodes) : "count" in value);

function cell(name, value, currency) {
  if (isNames(value)) return names(value.nodes.map(({ id }) => id), value.count, value.pageInfo?.hasNextPage);
  if (Array.isArray(value)) return listCell(name, value, currency);
  if (isObject(value) && !isEstimate(value)) return element("code", { textContent: JSON.stringify(value) });
  const text = element("span", { textContent: formatted(name, value, currency) });
  if (typeof value === "number" || isEstimate(value)) text.title = JSON.stringify(value);
  if (isMoment(value)) text.className = "moment";
  if (isShare(name)) bar(text, isEstimate(value) ? value.value : value);
  return text;
}

function listCell(name, value, currency) {
  if (isIds(value)) return names(value.map(({ id }) => id));
  if (isPairs(value)) return names(value.map((pair) => `${pair.name}: ${pair.value}`));
  if (isTable(value)) return table(name, value, currency);
  if (name !== "items") return names(value.map(String));
  const path = element("span", { className: "path" });
  value.forEach((item, place) => {
    if (place) path.append(element("span", { className: "arrow", textContent: " → " }));
    path.append(element("span", { className: "item", textContent: item }));
  });
  return path;
}

function names(all, count, more) {
  const shown = all.slice(0, MOST_NAMES);
  const rest = (count ?? all.length) - shown.length;
  const text = element("span", { className: "names" }, ...(shown.length ? [] : ["none"]));
  shown.forEach((name, place) => {
    const isLast = place === shown.length - 1;
    text.append(element("span", { className: name.length < 30 ? "name" : "", textContent: name }), isLast ? "" : ", ");
  });
  if (rest > 0 || more) text.append(` and ${rest > 0 ? rest.toLocaleString("en") : ""} more`);
  text.title = all.join(", ");
  return text;
}

/** A line below a share, as long as it is large. */
function bar(text, share) {
  if (typeof share !== "number") return;
  text.classList.add("share");
  text.style.setProperty("--share", String(Math.max(0, Math.min(1, share))));
}

/** JSON with its words painted. */
export function asJson(body) {
  const box = element("pre", { className: "json" });
  const text = JSON.stringify(body, null, 2);
  const pattern = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  let end = 0;
  for (const found of text.matchAll(pattern)) {
    box.append(text.slice(end, found.index));
    const kind = found[1] ? (found[2] ? "argument" : "string") : "number";
    box.append(element("span", { className: kind, textContent: found[1] ?? found[0] }), found[2] ?? "");
    end = found.index + found[0].length;
  }
  box.append(text.slice(end));
  return box;
}
