/** The page: where state, questions and pictures meet. */

import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Context, Pick } from "../figures/figure";
import type { Action, Facts, View } from "../views/view";
import { VIEWS } from "../views/views";
import { useAppearance } from "./appearance";
import { PopulationBar } from "./bar";
import { Controls } from "./controls";
import { useFacts, type Known } from "./facts";
import { Header } from "./header";
import { Problems, Progress, Warnings } from "./notices";
import { DetailPanel, Panel, QueryText } from "./panel";
import { Pictures } from "./pictures";
import { EVERYBODY } from "./population";
import { saveReport } from "./report_file";
import { useSide, type Side } from "./side";
import { usePageState, type Go } from "./state";
import { useTests, type Testing } from "./tests";
import type { PageState } from "./address";
import { usualActions } from "./usual_actions";
import { warningsOf } from "./warnings";
import { isEverybody, sizeOf } from "./words";

const LOCALE = "en";

export function Shell() {
  const [page, go] = usePageState();
  const [theme, appearance, setAppearance] = useAppearance();
  const known = useFacts(page.population);
  const { facts } = known;
  const view = VIEWS.find(({ name }) => name === page.view) ?? VIEWS[0]!;
  const a = useSide(view, page.state, page.population);
  const b = useSide(view, page.state, view.ofPopulation === false ? null : page.against);
  const tests = useTests(view, page.state, page.population, view.ofPopulation === false ? null : page.against);
  const context = useMemo<Context>(() => ({ theme, locale: LOCALE, currency: facts?.currency ?? null }), [theme, facts?.currency]);
  useEffect(() => {
    document.title = `${view.title} – journeygraph`;
  }, [view]);
  const openView = (name: string): void => go({ view: name, state: {}, pick: null, showsQuery: "" });
  const compare = (): void => go({ against: page.against ? null : page.population, pick: null });
  return (
    <div class={`page ${page.pick || page.showsQuery ? "with-panel" : ""}`}>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById("main")?.focus(); }}>To the picture</a>
      <Header page={page} view={view} facts={facts} openView={openView} compare={compare} appearance={appearance} setAppearance={setAppearance} />
      {facts && view.ofPopulation !== false && <Bars page={page} go={go} facts={facts} a={a} b={b} />}
      <main id="main" tabIndex={-1} data-ready={facts && a.shown && a.asking.since === null && (!page.against || (b.asking.since === null && tests.asking.since === null)) ? "yes" : undefined}>
        <div class="head">
          <div><h1>{view.title}</h1><p class="explain">{view.explain}</p></div>
          {facts && (
            <Controls controls={view.controls(page.state, facts, a.shown?.data ?? null)} facts={facts}
              change={(key, values) => go({ state: { ...page.state, [key]: values }, pick: null })} />
          )}
        </div>
        <Answers page={page} go={go} view={view} known={known} a={a} b={page.against ? b : null} tests={tests} context={context} />
      </main>
      <SidePanel page={page} go={go} a={a} b={b} view={view} tests={tests} />
    </div>
  );
}

function Bars({ page, go, facts, a, b }: { page: PageState; go: Go; facts: Facts; a: Side; b: Side }) {
  const { population, against } = page;
  return (
    <div class="bars">
      <PopulationBar population={population} facts={facts} mark={against ? "A" : undefined} size={sizeOf(a.shown?.data)}
        change={(next) => go({ population: next, pick: null })} />
      {against && <PopulationBar population={against} facts={facts} mark="B" size={sizeOf(b.shown?.data)} change={(next) => go({ against: next, pick: null })} />}
    </div>
  );
}

interface AnswersProps {
  readonly page: PageState;
  readonly go: Go;
  readonly view: View;
  readonly known: Known;
  readonly a: Side;
  readonly b: Side | null;
  readonly tests: Testing;
  readonly context: Context;
}

function Answers({ page, go, view, known, a, b, tests, context }: AnswersProps) {
  const sides = [a, ...(b ? [b] : [])];
  const askings = [...sides.map(({ asking }) => asking), tests.asking];
  const isAsking = sides.some(({ asking }) => asking.since !== null);
  const since = Math.min(...askings.map((asking) => asking.since ?? Infinity));
  const problems = [...known.problems, ...askings.filter((asking) => asking.since === null).flatMap(({ answered }) => answered?.answer.problems ?? [])]
    .filter(({ message }, place, all) => all.findIndex((one) => one.message === message) === place);
  const again = (): void => [known, ...askings].forEach((asked) => asked.again());
  // pictures keep the function that they were drawn with: it must know the state as it is then
  const latest = useRef(page);
  latest.current = page;
  const onPick = (pick: Pick, pickOf: "a" | "b"): void => {
    const state = view.immediate?.(pick, latest.current.state)?.state;
    go(state ? { state, pick: null } : { pick, pickOf, showsQuery: "" });
  };
  const reset = isEverybody(page.population) ? undefined : (): void => go({ population: EVERYBODY, pick: null });
  return (
    <>
      <Progress since={since === Infinity ? null : since} stop={() => askings.forEach((asking) => asking.stop())} />
      {a.needs && <p class="needs">{a.needs}</p>}
      {problems.length > 0 && <Problems problems={problems} again={again} reset={reset} />}
      {askings.some(({ stopped }) => stopped) && <p class="needs">Stopped. <button type="button" onClick={again}>Ask again</button></p>}
      {[...sides.map(({ shown }) => shown?.data), tests.data].map((data, place) => <Warnings key={place} warnings={warningsOf(data ?? undefined)} />)}
      {!a.needs && (
        <div class={isAsking ? "stale" : ""} aria-busy={isAsking} data-view={view.name}>
          <Pictures a={a} b={b} context={context} showsNumbers={page.showsNumbers} onPick={onPick}
            toggleNumbers={() => go({ showsNumbers: !page.showsNumbers }, "replace")} showQuery={(of) => go({ showsQuery: of, pick: null })} tests={tests}
            saveReport={() => void (known.facts && saveReport(view, sides, known.facts, context))} />
        </div>
      )}
    </>
  );
}

function SidePanel({ page, go, a, b, view, tests }: { page: PageState; go: Go; a: Side; b: Side; view: View; tests: Testing }) {
  const close = (): void => go({ pick: null, showsQuery: "" });
  const side = page.pickOf === "b" && page.against ? b : a;
  const { shown } = side;
  if (page.showsQuery === "tests" && tests.question) return <Panel title="Tests as GraphQL" close={close}><QueryText question={tests.question} /></Panel>;
  if (page.showsQuery && shown) return <Panel title={`${view.title} as GraphQL`} close={close}><QueryText question={shown.about.question} /></Panel>;
  if (!page.pick || !shown) return null;
  const pick = page.pick;
  const detail = view.detail?.(pick, shown.data, shown.about.state) ?? { title: titleOf(pick), behind: [] };
  const known = new Set(VIEWS.map(({ name }) => name));
  const actions = [...(detail.actions ?? []), ...usualActions(pick)]
    .filter((action) => action.view === undefined || known.has(action.view))
    .filter((action, place, all) => all.findIndex(({ label }) => label === action.label) === place);
  const take = ({ view: to, state, population }: Action): void => {
    const narrowed = population ? { [page.pickOf === "b" && page.against ? "against" : "population"]: population(shown.about.population) } : {};
    go({ ...(to === undefined ? {} : { view: to, state: {} }), ...(state ? { state } : {}), ...narrowed, pick: null });
  };
  return (
    <DetailPanel detail={detail} pick={pick} actions={actions} population={shown.about.population} take={take} close={close}
      openCustomer={(id) => (known.has("customer") ? go({ view: "customer", state: { id: [id] }, pick: null }) : go({ pick: { kind: "customer", id } }))} />
  );
}

function titleOf(pick: Pick): string {
  switch (pick.kind) {
    case "item":
      return pick.item;
    case "edge":
      return `${pick.source} → ${pick.target}`;
    case "path":
      return pick.items.join(" → ");
    case "customer":
      return pick.id;
    case "stage":
      return pick.stage;
    case "node":
      return Object.values(pick.key).join(", ");
  }
}
