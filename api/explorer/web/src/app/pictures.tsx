/** The figures of a view, for one population or for two beside each other. */

import { useMemo } from "preact/hooks";
import type { Context, Mark, Pick } from "../figures/figure";
import type { Shown } from "../views/view";
import { DifferencesTable } from "./comparison";
import { differencesOf } from "./differences";
import { Picture } from "./picture";
import type { Side } from "./side";
import { testsOf, whyUntested, type Testing } from "./tests";
import { WholeTable } from "./whole";

interface Props {
  readonly a: Side;
  readonly b: Side | null;
  readonly context: Context;
  readonly showsNumbers: boolean;
  readonly toggleNumbers: () => void;
  readonly showQuery: (of: "pictures" | "tests") => void;
  readonly tests: Testing;
  readonly saveReport: () => void;
  readonly onPick: (pick: Pick, of: "a" | "b") => void;
}

const NOTHING = "There is nothing to show: nobody is left in this population. Take a condition out of the bar above.";

export function Pictures(props: Props) {
  const { a, b } = props;
  if (!a.shown) return null;
  const figures = a.shown.about.view.figures(a.shown.about.state);
  return (
    <div class={`pictures ${b ? "compared" : ""}`}>
      {b && <WholeTable {...props} b={b} />}
      {figures.map((shown) => <Row key={shown.figure.name} shown={shown} {...props} />)}
    </div>
  );
}

/** One figure: alone, or twice with what differs. */
function Row({ shown, a, b, context, tests, onPick, ...rest }: Props & { shown: Shown }) {
  const { figure, of } = shown;
  const answerA = a.shown && of(a.shown.data);
  const answerB = b?.shown && of(b.shown.data);
  const differences = useMemo(
    () => (answerA && answerB && !figure.isEmpty(answerA) && !figure.isEmpty(answerB) ? differencesOf(figure.table(answerA), figure.table(answerB), testsOf(shown, tests, [answerA, answerB])) : null),
    [figure, answerA, answerB, tests.data],
  );
  const contextA = useContextOf(context, differences?.marksA, (pick) => onPick(pick, "a"));
  const contextB = useContextOf(context, differences?.marksB, (pick) => onPick(pick, "b"));
  // what could not be answered is told above: it is not empty
  if (answerA == null && a.asking.answered?.answer.problems.length) return null;
  const frame = { figure, ...rest };
  const whenEmpty = shown.whenEmpty ?? a.shown!.about.view.whenEmpty ?? NOTHING;
  return (
    <div class={`figures ${shown.width === 0.5 && !b ? "half" : ""}`}>
      <Picture {...frame} answer={answerA} context={contextA} question={a.shown!.about.question} whenEmpty={whenEmpty} mark={b ? "A" : undefined} />
      {b?.shown && <Picture {...frame} answer={answerB} context={contextB} question={b.shown.about.question} whenEmpty={whenEmpty} mark="B" />}
      {b && differences && <DifferencesTable figure={figure} differences={differences} why={whyUntested(shown, tests)} context={context} />}
    </div>
  );
}

/** The same object while nothing in it changes, so that no picture is drawn for nothing. */
function useContextOf(context: Context, marks: ReadonlyMap<string, Mark> | undefined, onPick: (pick: Pick) => void): Context {
  return useMemo(() => ({ ...context, ...(marks ? { marks } : {}), onPick }), [context, marks]);
}
