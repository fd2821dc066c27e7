/**
 * The query page: asks the public API at the same address, and shows what it says.
 *
 * Its state is in the address (#query=…&variables=…), so that a link brings a query back.
 */

import { Docs } from "./docs.js";
import { Editor } from "./editor.js";
import { EXAMPLES } from "./examples.js";
import { moment } from "./format.js";
import { asJson, asTables } from "./results.js";
import { INTROSPECTION, Schema } from "./schema.js";

const $ = (id) => document.getElementById(id);
const ADDRESS = location.pathname;
const STORE = "{ store { version interactions customers asOf currency touchpoints channels } }";
const CLOSED_SETS = {
  stages: ["inquiry", "comparison", "purchase", "support", "unknown"],
  initiators: ["customer", "company", "third party", "unknown"],
  environments: ["digital", "physical", "unknown"],
  levels: ["physical", "emotional", "sensorial", "rational", "spiritual", "unknown"],
};
const TAKES_TOUCHPOINTS = new Set(["touchpoints", "excludeTouchpoints", "touched", "notTouched", "anyOf", "old"]);

let schema;
let facts = { touchpoints: [], channels: [] };
let running;
let answered;

const docs = new Docs($("docs"));
const editor = new Editor($("editor"), {
  run,
  changed: keepState,
  schema: () => schema,
  known: (argument) => {
    if (TAKES_TOUCHPOINTS.has(argument)) return facts.touchpoints;
    return argument === "channels" ? facts.channels : CLOSED_SETS[argument];
  },
});

class Problem extends Error {}

/** Send a query; gives the body and its size, or throws what can be said in words. */
async function send(query, variables, signal) {
  let response;
  try {
    response = await fetch(ADDRESS, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ query, variables }),
      signal,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("The server does not answer. Is it still running?");
  }
  const text = await response.text();
  try {
    return { body: JSON.parse(text), bytes: text.length };
  } catch {
    throw new Problem(`The server answered with status ${response.status} and no JSON.`);
  }
}

/** The data of an answer, for the page itself. */
async function ask(query) {
  const { body } = await send(query);
  if (body.errors) throw new Problem(body.errors[0].message);
  return body.data;
}

async function run() {
  if (running) { running.abort(); return; }
  const variables = readVariables();
  if (variables === undefined) return;
  running = new AbortController();
  $("run").textContent = "Stop";
  $("answer").setAttribute("aria-busy", "true");
  say("Asking…");
  const began = performance.now();
  try {
    const { body, bytes } = await send(editor.text, variables, running.signal);
    show(body, performance.now() - began, bytes);
  } catch (error) {
    say(error.name === "AbortError" ? "Stopped." : "");
    if (error.name !== "AbortError") complain([{ message: error.message }]);
  } finally {
    running = undefined;
    $("run").textContent = "Run";
    $("answer").removeAttribute("aria-busy");
  }
}

function readVariables() {
  const text = $("variables").value.trim();
  try {
    const variables = text ? JSON.parse(text) : {};
    if (typeof variables !== "object" || variables === null || Array.isArray(variables)) throw new Error("not an object");
    return variables;
  } catch (error) {
    $("variables-box").open = true;
    say("");
    complain([{ message: `The variables are no JSON object: ${error.message}.` }]);
    return undefined;
  }
}

function show(body, milliseconds, bytes) {
  answered = body;
  complain(body.errors ?? []);
  const size = bytes < 10_000 ? `${bytes.toLocaleString("en")} bytes` : `${Math.round(bytes / 1000).toLocaleString("en")} kB`;
  const errors = body.errors?.length ?? 0;
  const how = errors ? `${errors} error${errors > 1 ? "s" : ""}` : "Answered";
  say(`${how} in ${Math.round(milliseconds).toLocaleString("en")} ms, ${size}`);
  $("panel-table").replaceChildren(body.data ? asTables(body.data, facts.currency) : "");
  $("panel-json").replaceChildren(asJson(body));
  $("save").disabled = false;
}

const say = (text) => { $("status").textContent = text; };

/** Errors in words, each with the places that it is about. */
function complain(errors) {
  const lines = errors.flatMap(({ locations }) => (locations ?? []).map(({ line }) => line));
  editor.mark(lines);
  $("errors").replaceChildren(...errors.map(({ message, locations, path, extensions }) => {
    const box = document.createElement("div");
    box.className = "error";
    const words = document.createElement("p");
    words.textContent = message;
    const about = document.createElement("p");
    about.className = "about";
    if (extensions?.code) about.append(extensions.code);
    if (path) about.append(` at ${path.join(".")}`);
    for (const { line, column } of locations ?? []) {
      const jump = document.createElement("button");
      jump.type = "button";
      jump.textContent = `line ${line}, column ${column}`;
      jump.addEventListener("click", () => editor.goTo(line, column));
      about.append(" ", jump);
    }
    box.append(words, about);
    return box;
  }));
}

/* The state in the address */

let keeping;
function keepState() {
  clearTimeout(keeping);
  keeping = setTimeout(writeState, 250);
}

function writeState() {
  const state = new URLSearchParams();
  state.set("query", editor.text);
  if ($("variables").value.trim()) state.set("variables", $("variables").value);
  history.replaceState(null, "", `${ADDRESS}#${state}`);
}

function readState() {
  const state = new URLSearchParams(location.hash.slice(1) || location.search.slice(1));
  if (!state.has("query")) return false;
  editor.text = state.get("query");
  $("variables").value = state.get("variables") ?? "";
  $("variables-box").open = Boolean($("variables").value);
  return true;
}

/* Examples */

let chosen;

/** The text and the pressed button change together: until then, Run runs what can be read. */
async function choose(example, button) {
  chosen = button;
  let query;
  try {
    query = typeof example.query === "string" ? example.query : await example.query(ask, facts);
  } catch (error) {
    if (chosen === button) complain([{ message: error.message }]);
    return;
  }
  if (chosen !== button) return;
  for (const other of $("examples").querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
  editor.text = query;
  $("variables").value = "";
  complain([]);
  writeState();
  $("query").focus({ preventScroll: true });
}

$("examples").append(...EXAMPLES.map((example) => {
  const row = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = example.title;
  button.title = example.about;
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => choose(example, button));
  row.append(button);
  return row;
}));

/* Tabs, the documentation, and the other buttons */

const tabs = [$("tab-table"), $("tab-json")];

function select(chosen) {
  for (const tab of tabs) {
    const isChosen = tab === chosen;
    tab.setAttribute("aria-selected", String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    $(tab.getAttribute("aria-controls")).hidden = !isChosen;
  }
}

for (const [place, tab] of tabs.entries()) {
  tab.addEventListener("click", () => select(tab));
  tab.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const next = tabs[(place + 1) % tabs.length];
    select(next);
    next.focus();
  });
}

const isNarrow = matchMedia("(max-width: 75rem)");
const isWide = matchMedia("(min-width: 90rem)");

function openDocs(isOpen) {
  $("docs").hidden = !isOpen;
  document.body.classList.toggle("with-docs", isOpen);
  $("docs-button").setAttribute("aria-expanded", String(isOpen));
}

$("docs-button").addEventListener("click", () => {
  openDocs($("docs").hidden);
  if (!$("docs").hidden) $("docs-search").focus();
});
$("docs-close").addEventListener("click", () => { openDocs(false); $("docs-button").focus(); });
isWide.addEventListener("change", () => openDocs(isWide.matches));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isNarrow.matches && !$("docs").hidden) { openDocs(false); $("docs-button").focus(); }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.defaultPrevented) { event.preventDefault(); run(); }
});

$("run").addEventListener("click", run);
$("variables").addEventListener("input", keepState);
$("link").addEventListener("click", async () => {
  writeState();
  try {
    await navigator.clipboard.writeText(location.href);
    say("The link is on the clipboard.");
  } catch {
    say("The link is in the address bar: copy it there.");
  }
});
$("save").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(answered, null, 2)], { type: "application/json" }));
  link.download = "answer.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
});
$("skip").addEventListener("click", (event) => { event.preventDefault(); $("query").focus(); });
addEventListener("hashchange", readState);

/* What the page itself asks when it opens */

function tellStore(store) {
  facts = store;
  const count = (number, what) => `${number.toLocaleString("en")} ${what}`;
  const until = store.asOf ? `, until ${moment(store.asOf).slice(0, 10)}` : "";
  $("store").textContent = `${count(store.interactions, "interactions")} of ${count(store.customers, "customers")}${until} · version ${store.version}`;
}

async function open() {
  openDocs(isWide.matches);
  if (!readState()) editor.text = EXAMPLES[0].query;
  const [told, introspected] = await Promise.allSettled([ask(STORE), ask(INTROSPECTION)]);
  if (told.status === "fulfilled") tellStore(told.value.store);
  else $("store").textContent = told.reason.message;
  if (introspected.status === "fulfilled") {
    schema = new Schema(introspected.value);
    docs.tell(schema);
  } else docs.fail(introspected.reason.message);
  document.body.dataset.ready = "yes";
}

open();
