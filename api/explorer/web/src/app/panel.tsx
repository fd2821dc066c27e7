/** The side panel: who stands behind what was clicked, how to go on, and the question itself. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Pick } from "../figures/figure";
import { count } from "../figures/numbers";
import type { Action, Behind, CustomerPage, Detail } from "../views/view";
import { questionOf, type Problem, type Question } from "./client";
import { askOnce } from "./asking";
import type { Population } from "./population";

interface Props {
  readonly detail: Detail;
  readonly pick: Pick;
  readonly actions: readonly Action[];
  readonly population: Population;
  readonly take: (action: Action) => void;
  readonly openCustomer: (id: string) => void;
  readonly close: () => void;
}

/** Escape closes a panel, and the keyboard is in it when it opens. */
export function Panel({ title, close, children }: { title: string; close: () => void; children: preact.ComponentChildren }) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | SVGElement | null;
    head.current?.focus();
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && !event.defaultPrevented) close();
    };
    addEventListener("keydown", onKey);
    return () => {
      removeEventListener("keydown", onKey);
      if (before?.isConnected) before.focus();
    };
  }, []);
  return (
    <aside class="panel" aria-label="Details">
      <header>
        <h2 ref={head} tabIndex={-1} dir="auto">{title}</h2>
        <button type="button" class="quiet" aria-label="Close details" onClick={close}>✕</button>
      </header>
      <div class="inside">{children}</div>
    </aside>
  );
}

export function DetailPanel({ detail, actions, population, take, openCustomer, close }: Props) {
  return (
    <Panel title={detail.title} close={close} key={detail.title}>
      {detail.facts && detail.facts.length > 0 && (
        <dl>{detail.facts.map(([label, value]) => <div key={label}><dt>{label}</dt><dd><bdi>{value}</bdi></dd></div>)}</dl>
      )}
      {actions.length > 0 && (
        <div class="actions">
          {actions.map((action) => <button type="button" key={action.label} onClick={() => take(action)}><bdi>{action.label}</bdi></button>)}
        </div>
      )}
      {detail.behind.map((behind) => (
        <Customers key={behind.label} behind={behind} population={population} openCustomer={openCustomer} />
      ))}
    </Panel>
  );
}

const PAGE = 25;

/** The customers behind a number, page by page, with the question that gives them. */
function Customers({ behind, population, openCustomer }: { behind: Behind; population: Population; openCustomer: (id: string) => void }) {
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null]);
  const [page, setPage] = useState<CustomerPage | null>(null);
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [showsQuery, setShowsQuery] = useState(false);
  const question = customersQuestion(behind, population, cursors.at(-1) ?? null);
  const key = JSON.stringify(question);
  useEffect(() => setCursors([null]), [JSON.stringify([behind.asked, population])]);
  useEffect(() => {
    const asking = new AbortController();
    askOnce(question, asking.signal).then(
      ({ data, problems: found }) => {
        setPage((data && behind.of(data)) ?? null);
        setProblems(found);
      },
      () => undefined,
    );
    return () => asking.abort();
  }, [key]);
  const first = (cursors.length - 1) * PAGE;
  const [one, many] = behind.listed ?? ["customer", "customers"];
  return (
    <section class="customers" aria-busy={page === null && problems.length === 0}>
      <h3>{behind.label}</h3>
      {problems.map(({ message }) => <p role="alert" key={message}>{message}</p>)}
      {page && (
        <>
          <p class="hint">{page.count === 0 ? `No ${one}.` : `${count(first + 1)}–${count(first + page.nodes.length)} of ${count(page.count)} ${many}`}</p>
          <ul class={behind.listed ? "told" : ""}>
            {page.nodes.map(({ id, says }, place) => (
              <li key={`${place} ${id}`}><button type="button" class="link" onClick={() => openCustomer(id)}><bdi>{id}</bdi></button>{says !== undefined && <bdi>{says}</bdi>}</li>
            ))}
          </ul>
          <div class="row">
            <button type="button" disabled={cursors.length === 1} onClick={() => setCursors(cursors.slice(0, -1))}>Previous</button>
            <button type="button" disabled={!page.pageInfo.hasNextPage} onClick={() => setCursors([...cursors, page.pageInfo.endCursor])}>Next</button>
            <button type="button" aria-expanded={showsQuery} onClick={() => setShowsQuery(!showsQuery)}>Show as GraphQL</button>
          </div>
        </>
      )}
      {showsQuery && <QueryText question={question} />}
    </section>
  );
}

function customersQuestion(behind: Behind, population: Population, after: string | null): Question {
  const variables = {
    ...behind.asked.variables,
    first: { type: "Int!", value: PAGE },
    after: { type: "String", value: after },
  };
  return questionOf("Customers", { ...behind.asked, variables }, population);
}

/** A question as it is sent, to be copied, or opened where it can be changed. */
export function QueryText({ question }: { question: Question }) {
  const [said, setSaid] = useState("");
  const variables = JSON.stringify(question.variables, null, 2);
  const copy = async (text: string, what: string): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid(`${what} copied.`);
    } catch {
      setSaid("The browser does not let this page copy. Select the text instead.");
    }
  };
  return (
    <div class="query">
      <pre tabIndex={0} aria-label="Query"><code>{question.query}</code></pre>
      {variables !== "{}" && <><h4>Variables</h4><pre tabIndex={0} aria-label="Variables"><code>{variables}</code></pre></>}
      <div class="row">
        <button type="button" onClick={() => void copy(question.query, "Query")}>Copy query</button>
        {variables !== "{}" && <button type="button" onClick={() => void copy(variables, "Variables")}>Copy variables</button>}
        <a class="button" href={graphiqlAddress(question)} target="_blank" rel="noopener">Open in GraphiQL</a>
      </div>
      <p class="hint" role="status">{said}</p>
    </div>
  );
}

/** Behind `#`, so that no server's log gets the names in it. */
export function graphiqlAddress({ query, variables }: Question): string {
  const pairs = { query, ...(Object.keys(variables).length ? { variables: JSON.stringify(variables, null, 2) } : {}) };
  return `graphql#${new URLSearchParams(pairs)}`;
}
