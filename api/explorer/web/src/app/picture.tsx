/** One figure in its frame: what it says, the picture, its numbers as a table, and what can be saved. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Context, Drawn, Figure, Table } from "../figures/figure";
import { cell } from "../figures/numbers";
import type { Question } from "./client";
import { fileName, saveCsv, savePng, saveQuery, saveSvg } from "./exports";
import { Popover } from "./popover";

interface Props {
  readonly figure: Figure<any>;
  readonly answer: unknown;
  readonly context: Context;
  readonly question: Question;
  readonly whenEmpty: string;
  readonly mark?: "A" | "B" | undefined;
  readonly showsNumbers: boolean;
  readonly toggleNumbers: () => void;
  readonly showQuery: (of: "pictures" | "tests") => void;
  readonly saveReport: () => void;
}

export function Picture(props: Props) {
  const { figure, answer, context, whenEmpty, mark } = props;
  const drawn = useRef<Drawn<unknown> | null>(null);
  const isEmpty = answer == null || figure.isEmpty(answer);
  return (
    <figure class={`picture ${mark ?? ""}`} data-figure={figure.name} data-mark={mark}>
      <header>
        <h2>{mark && <span class="mark">{mark}</span>}{figure.title}</h2>
        {!isEmpty && <Tools {...props} drawn={drawn} />}
      </header>
      {isEmpty ? <p class="empty">{whenEmpty}</p> : (
        <>
          <figcaption>{figure.summary(answer)}</figcaption>
          <Canvas figure={figure} answer={answer} context={context} drawn={drawn} />
          {props.showsNumbers && <Numbers table={figure.table(answer)} title={figure.title} context={context} />}
        </>
      )}
    </figure>
  );
}

function Tools({ figure, answer, context, question, mark, drawn, showsNumbers, toggleNumbers, showQuery, saveReport }: Props & { drawn: { current: Drawn<unknown> | null } }) {
  const name = fileName(figure, mark);
  const saves: readonly (readonly [string, () => void])[] = [
    ["Picture (PNG)", () => void savePng(name, drawn.current!, context.theme.background)],
    ["Picture (SVG)", () => saveSvg(name, drawn.current!)],
    ["Numbers (CSV)", () => saveCsv(name, figure.table(answer))],
    ["Query (GraphQL)", () => saveQuery(name, question)],
    ["The whole view (HTML)", saveReport],
  ];
  return (
    <div class="tools">
      <button type="button" aria-pressed={showsNumbers} onClick={toggleNumbers}>Numbers</button>
      <button type="button" onClick={() => showQuery("pictures")}>GraphQL</button>
      <Popover label="Save" kind="menu">
        {(close) => (
          <div class="menu">
            {saves.map(([label, save]) => <button type="button" key={label} onClick={() => { save(); close(); }}>{label}</button>)}
          </div>
        )}
      </Popover>
    </div>
  );
}

interface CanvasProps {
  readonly figure: Figure<any>;
  readonly answer: unknown;
  readonly context: Context;
  readonly drawn: { current: Drawn<unknown> | null };
}

/** Where the figure draws; it is drawn anew, not made anew, when answer or theme change. */
function Canvas({ figure, answer, context, drawn }: CanvasProps) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const made: Drawn<unknown> = figure.draw(host.current!, answer, context);
    drawn.current = made;
    let width = host.current!.clientWidth;
    const resized = new ResizeObserver(([entry]) => {
      const next = Math.round(entry!.contentRect.width);
      if (next === width || next === 0) return; // hidden, or on its way out
      width = next;
      made.resize();
    });
    resized.observe(host.current!);
    return () => {
      resized.disconnect();
      made.dispose();
      drawn.current = null;
    };
  }, [figure]);
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current) isFirst.current = false;
    else drawn.current?.update(answer, context);
  }, [answer, context]);
  return <div class="canvas" ref={host} role="group" aria-label={`${figure.title}. ${figure.summary(answer)}`} />;
}

const MOST_ROWS = 300;

/** Every number of the picture, for who reads rather than looks; `data-value` is the exact one. */
export function Numbers({ table, title, context }: { table: Table; title: string; context: Context }) {
  const [most, setMost] = useState(MOST_ROWS);
  const rows = table.rows.slice(0, most);
  return (
    <div class="numbers" tabIndex={0} role="region" aria-label={`Numbers: ${title}`}>
      <table>
        <thead>
          <tr>{table.columns.map(({ name, title: head, unit }) => <th key={name} scope="col" class={unit && unit !== "text" ? "n" : ""}>{head}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((cells, place) => (
            <tr key={table.keys?.[place] ?? place} data-key={table.keys?.[place]}>
              {cells.map((value, at) => {
                const { name, unit } = table.columns[at]!;
                return (
                  <td key={name} data-column={name} data-value={value ?? ""} class={unit && unit !== "text" ? "n" : ""}>
                    <bdi>{cell(value, unit, context.locale, context.currency)}</bdi>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {table.rows.length > most && (
        <button type="button" onClick={() => setMost(most + MOST_ROWS)}>Show more: {table.rows.length - most} rows are left</button>
      )}
    </div>
  );
}
