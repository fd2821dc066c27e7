/** The page: where state, question and pictures meet. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { themeOf } from "../figures/theme";
import type { Context, Drawn, Pick } from "../figures/figure";
import type { Facts, Shown } from "../views/view";
import { VIEWS } from "../views/views";
import { read, written, type PageState } from "./address";
import { ask, questionOf, type Answer, type Problem } from "./client";
import { Controls } from "./controls";
import { factsOfStore } from "./facts";

function usePageState(): [PageState, (next: PageState) => void] {
  const [page, setPage] = useState(() => read(location.hash, VIEWS[0]!.name));
  useEffect(() => {
    const restored = (): void => setPage(read(location.hash, VIEWS[0]!.name));
    addEventListener("popstate", restored);
    return () => removeEventListener("popstate", restored);
  }, []);
  const go = (next: PageState): void => {
    if (written(next) !== location.hash) history.pushState(null, "", written(next));
    setPage(next);
  };
  return [page, go];
}

export function Shell() {
  const [page, go] = usePageState();
  const [facts, setFacts] = useState<Facts | null>(null);
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const view = VIEWS.find(({ name }) => name === page.view) ?? VIEWS[0]!;

  useEffect(() => {
    void factsOfStore().then((found) => ("version" in found ? setFacts(found) : setProblems(found)));
  }, []);
  const asked = useMemo(() => facts && view.ask(page.state, facts), [facts, view, page.state]);
  const question = useMemo(() => (asked && !("needs" in asked) ? questionOf(view.name, asked, page.population) : null), [asked, page.population]);
  useEffect(() => {
    if (!question) return undefined;
    const abort = new AbortController();
    ask(question, abort.signal).then(setAnswer, () => undefined);
    return () => abort.abort();
  }, [question]);

  const context: Context = {
    theme: themeOf(matchMedia("(prefers-color-scheme: dark)").matches),
    locale: "en",
    currency: facts?.currency ?? null,
    onPick: (pick: Pick) => console.info(pick),
  };
  return (
    <div class="page">
      <nav aria-label="Views">
        {VIEWS.map(({ name, title }) => (
          <a key={name} href={written({ ...page, view: name, state: {} })} aria-current={name === view.name ? "page" : undefined}
            onClick={(event) => { event.preventDefault(); go({ ...page, view: name, state: {} }); }}>{title}</a>
        ))}
      </nav>
      <main>
        <h1>{view.title}</h1>
        <p>{view.explain}</p>
        {facts && <Controls controls={view.controls(page.state, facts, answer?.data ?? null)} facts={facts}
          change={(key, values) => go({ ...page, state: { ...page.state, [key]: values } })} />}
        {asked && "needs" in asked && <p>{asked.needs}</p>}
        {[...problems, ...(answer?.problems ?? [])].map(({ message }) => <p role="alert">{message}</p>)}
        {answer?.data && view.figures(page.state).map((shown) => (
          <Picture key={shown.figure.name} shown={shown} answer={shown.of(answer.data!)} context={context} />
        ))}
      </main>
    </div>
  );
}

function Picture({ shown, answer, context }: { shown: Shown; answer: unknown; context: Context }) {
  const host = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn<unknown> | null>(null);
  const { figure } = shown;
  const isEmpty = answer == null || figure.isEmpty(answer);
  useEffect(() => {
    if (isEmpty || !host.current) return;
    if (drawn.current) drawn.current.update(answer, context);
    else drawn.current = figure.draw(host.current, answer, context);
  }, [answer, context.theme]);
  useEffect(() => {
    const resized = new ResizeObserver(() => drawn.current?.resize());
    resized.observe(host.current!);
    return () => { resized.disconnect(); drawn.current?.dispose(); };
  }, []);
  return (
    <figure>
      <figcaption>{isEmpty ? "Nothing to show." : figure.summary(answer)}</figcaption>
      <div ref={host} class="picture" />
    </figure>
  );
}
