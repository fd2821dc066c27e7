/** Asks the public GraphQL API, with the permissions of who looks at the page. */

import type { Asked, Data } from "../views/view";
import { TYPES, variablesOf, type Population } from "./population";

export interface Question {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface Problem {
  readonly message: string;
  readonly code: string;
}

export interface Answer {
  readonly data: Data | null;
  readonly problems: readonly Problem[];
}

/** The whole question, ready to be shown and run elsewhere: it names only the variables that are set. */
export function questionOf(name: string, asked: Asked, population: Population): Question {
  const own = asked.variables ?? {};
  const about = asked.journeys === undefined ? {} : variablesOf(population);
  const declared = [
    ...Object.keys(about).map((key) => `$${key}: ${TYPES[key]}`),
    ...Object.entries(own).map(([key, { type }]) => `$${key}: ${type}`),
  ];
  const given = Object.keys(about).map((key) => `${key}: $${key}`);
  const head = `query ${name}${declared.length ? `(${declared.join(", ")})` : ""}`;
  const journeys = asked.journeys === undefined ? "" : `journeys${given.length ? `(${given.join(", ")})` : ""} {\nwarnings\noutcome\n${asked.journeys}\n}`;
  const variables = { ...about, ...Object.fromEntries(Object.entries(own).map(([key, { value }]) => [key, value])) };
  return { query: indented(`${head} {\n${journeys}\n${asked.root ?? ""}\n}`), variables };
}

/** Two spaces a level, one blank never; strings are left as they are. */
export function indented(query: string): string {
  let depth = 0;
  const lines: string[] = [];
  for (const raw of query.split("\n")) {
    const line = raw.trim();
    if (!line) continue;
    const bare = line.replace(/"(?:[^"\\]|\\.)*"/g, "").replace(/#.*/, "");
    const closes = /^[})]/.test(bare);
    lines.push("  ".repeat(Math.max(0, depth - (closes ? 1 : 0))) + line);
    depth += (bare.match(/[{(]/g)?.length ?? 0) - (bare.match(/[})]/g)?.length ?? 0);
  }
  return lines.join("\n");
}

const ADDRESS = new URL("graphql", document.baseURI);

/** The answer; an `AbortError` where the signal came first, problems in every other case. */
export async function ask(question: Question, signal?: AbortSignal): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(ADDRESS, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(question),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    return failed("UNREACHABLE", "The server does not answer. Is it still running? Start it again and press “Try again”.");
  }
  try {
    const body = (await response.json()) as { data?: Data | null; errors?: { message: string; extensions?: { code?: string } }[] };
    const problems = (body.errors ?? []).map(({ message, extensions }) => ({ message, code: extensions?.code ?? "" }));
    return { data: body.data ?? null, problems };
  } catch (error) {
    if (signal?.aborted) throw error;
    return failed("NO_ANSWER", `What came back is no answer (status ${response.status}). Is something between this page and the server?`);
  }
}

function failed(code: string, message: string): Answer {
  return { data: null, problems: [{ code, message }] };
}
