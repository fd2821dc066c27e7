/** What opens under the pills of the bar. */

import type { Facts } from "../views/view";
import { Checks, Choice, PairList, TextField, TextList } from "./fields";
import type { Population } from "./population";

export interface Editing {
  readonly population: Population;
  readonly set: (changed: Partial<Population>) => void;
  readonly facts: Facts;
}

const DAY_MS = 86_400_000;
const SPANS = [["Last 30 days", 30], ["Last 90 days", 90], ["Last year", 365]] as const;

export function TimeEditor({ population, set, facts }: Editing) {
  const { from, until } = population;
  const end = facts.asOf ? Date.parse(facts.asOf) : Date.now();
  const daysBefore = (days: number): string => new Date(end - days * DAY_MS).toISOString().slice(0, 10);
  return (
    <>
      <TextField label="From" type="date" value={from} change={(value) => set({ from: value })} />
      <TextField label="Until (not included)" type="date" value={until} change={(value) => set({ until: value })} />
      <div class="row">
        {SPANS.map(([label, days]) => (
          <button type="button" key={label} onClick={() => set({ from: daysBefore(days), until: "" })}>{label}</button>
        ))}
      </div>
      <p class="hint">Interactions in this time. The data ends on {new Date(end).toISOString().slice(0, 10)}; days are those of UTC.</p>
    </>
  );
}

export function SegmentEditor({ population, set, facts }: Editing) {
  const chosenOf = (name: string): readonly string[] => population.attributes.filter((pair) => pair[0] === name).map((pair) => pair[1]);
  const change = (name: string, values: readonly string[]): void => {
    const others = population.attributes.filter((pair) => pair[0] !== name);
    set({ attributes: [...others, ...values.map((value) => [name, value] as const)] });
  };
  return (
    <div class="columns">
      {facts.attributes.map(({ name, values }) => (
        <Checks key={name} legend={name} options={values} chosen={chosenOf(name)} change={(next) => change(name, next)} />
      ))}
    </div>
  );
}

const EITHER = [["", "either"], ["yes", "yes"], ["no", "no"]] as const;

export function CustomersEditor({ population, set, facts }: Editing) {
  return (
    <div class="columns">
      <Choice legend="With the outcome" options={EITHER} chosen={population.hasOutcome} change={(hasOutcome) => set({ hasOutcome })} />
      <Choice legend="Brought by another customer" options={EITHER} chosen={population.referred} change={(referred) => set({ referred })} />
      <Checks legend="Met one of" options={facts.touchpoints} chosen={population.touched} change={(touched) => set({ touched })} />
      <Checks legend="Met none of" options={facts.touchpoints} chosen={population.notTouched} change={(notTouched) => set({ notTouched })} />
      <TextList label="Only these, by id" values={population.ids} change={(ids) => set({ ids })} example="c42" />
    </div>
  );
}

export function WentEditor({ population, set }: Editing) {
  return (
    <>
      <TextList label="Went like this" values={population.did} change={(did) => set({ did })} example={'"product page" .* cart [^purchase]* path_end'} />
      <TextList label="Never went like this" values={population.notDid} change={(notDid) => set({ notDid })} example="cart <=1d purchase" />
      <p class="hint">
        Names one after the other, in quotes where they have spaces; <code>.*</code> is anything between,{" "}
        <code>[a|b]</code> one of two, <code>[^a]</code> none of it, <code>path_start</code> and <code>path_end</code>{" "}
        the ends, <code>&lt;=2d</code> a limit of time. A click on a picture writes such a pattern, too.
      </p>
    </>
  );
}

export function OutcomeEditor({ population, set, facts }: Editing) {
  return (
    <>
      <div class="columns">
        <Checks legend="Success is an interaction at" options={facts.touchpoints} chosen={population.outcomeTouchpoints}
          change={(outcomeTouchpoints) => set({ outcomeTouchpoints })} />
        {facts.stages.length > 0 && (
          <Checks legend="in the stage" options={facts.stages} chosen={population.outcomeStages} change={(outcomeStages) => set({ outcomeStages })} />
        )}
      </div>
      <p class="hint">A purchase where nothing is chosen.</p>
    </>
  );
}

export function RulesEditor({ population, set, facts }: Editing) {
  return (
    <>
      <label class="tick">
        <input type="checkbox" checked={population.collapse} onChange={(event) => set({ collapse: event.currentTarget.checked })} />
        Take direct repeats of an item as one
      </label>
      <TextList label="Leave out" values={population.exclude} change={(exclude) => set({ exclude })} example="newsletter or *page" list={facts.items} />
      <PairList label="Group" values={population.group} change={(group) => set({ group })} examples={["*page", "any page"]} />
      <p class="hint"><code>*</code> is any text, <code>?</code> one character. First groups, then what is left out, then repeats.</p>
    </>
  );
}

const SPLITS = [["", "not at all"], ["inactivity", "after a silence"], ["outcome", "after each outcome"], ["column", "by a column"]] as const;
type Split = (typeof SPLITS)[number][0];
const FIRST_VALUES: Readonly<Record<Split, string>> = { "": "", inactivity: "inactivity:30d", outcome: "outcome", column: "column:session" };

export function CountEditor({ population, set }: Editing) {
  const [kind, value = ""] = population.split.split(/:(.*)/s);
  return (
    <>
      <Choice legend="Count" options={[["CUSTOMER", "customers"], ["JOURNEY", "journeys"]]} chosen={population.unit} change={(unit) => set({ unit })} />
      <Choice legend="Cut histories into journeys" options={SPLITS} chosen={(kind ?? "") as Split} change={(next) => set({ split: FIRST_VALUES[next] })} />
      {kind === "inactivity" && <TextField label="Silence of" value={value} example="30m, 12h, 7d" change={(length) => set({ split: length ? `inactivity:${length}` : "" })} />}
      {kind === "column" && <TextField label="Column" value={value} example="session" change={(name) => set({ split: name ? `column:${name}` : "" })} />}
    </>
  );
}

export function MoreEditor({ population, set, facts }: Editing) {
  return (
    <>
      <TextField label="Open: seen within" value={population.inactivity} example="30d" change={(inactivity) => set({ inactivity })}
        hint="Who was seen so lately may still come back, and is never counted as gone." />
      <TextField label="Confidence of intervals" value={population.confidence} example="0.95" change={(confidence) => set({ confidence })} />
      <TextField label="Version of the store" value={population.version} example={String(facts.version)} change={(version) => set({ version })} />
      <Checks legend="Only interactions at" options={facts.touchpoints} chosen={population.touchpoints} change={(touchpoints) => set({ touchpoints })} />
    </>
  );
}
