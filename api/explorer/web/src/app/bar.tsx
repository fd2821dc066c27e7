/** The bar above all views: which customers and interactions, and how they are read and counted. */

import type { Facts } from "../views/view";
import { CountEditor, CustomersEditor, MoreEditor, OutcomeEditor, RulesEditor, SegmentEditor, TimeEditor, WentEditor, type Editing } from "./editors";
import { Checks } from "./fields";
import { Popover } from "./popover";
import { EVERYBODY, type By, type Population } from "./population";
import * as words from "./words";

interface Props {
  readonly population: Population;
  readonly change: (next: Population) => void;
  readonly facts: Facts;
  /** "A" or "B" while two are compared. */
  readonly mark?: "A" | "B" | undefined;
  /** How many there are, in words. */
  readonly size?: string | undefined;
}

type Field = keyof Population;

export function PopulationBar({ population, change, facts, mark, size }: Props) {
  const set = (changed: Partial<Population>): void => change({ ...population, ...changed });
  const clear = (...fields: Field[]) => (): void => set(Object.fromEntries(fields.map((field) => [field, EVERYBODY[field]])));
  const editing: Editing = { population, set, facts };
  const isWhole = words.isEverybody(population);
  return (
    <section class={`bar ${mark ?? ""}`} aria-label={mark ? `Population ${mark}` : "Population"}>
      <h2>{mark ? <span class="mark">{mark}</span> : "Population"}</h2>
      <Popover label="Time" value={words.timeWords(population)} onClear={clear("from", "until")}>{() => <TimeEditor {...editing} />}</Popover>
      {facts.attributes.length > 0 && (
        <Popover label="Segment" value={words.segmentWords(population)} onClear={clear("attributes")}>{() => <SegmentEditor {...editing} />}</Popover>
      )}
      {facts.channels.length > 0 && (
        <Popover label="Channel" value={words.some(population.channels)} onClear={clear("channels")}>
          {() => <Checks legend="Only interactions on" options={[...facts.channels, "unknown"]} chosen={population.channels} change={(channels) => set({ channels })} />}
        </Popover>
      )}
      {facts.stages.length > 0 && (
        <Popover label="Stage" value={words.some(population.stages)} onClear={clear("stages")}>
          {() => <Checks legend="Only interactions in" options={[...facts.stages, "unknown"]} chosen={population.stages} change={(stages) => set({ stages })} />}
        </Popover>
      )}
      <Popover label="Customers" value={words.customerWords(population)} onClear={clear("ids", "referred", "hasOutcome", "touched", "notTouched")}>
        {() => <CustomersEditor {...editing} />}
      </Popover>
      <Popover label="Went like" value={words.wentWords(population)} onClear={clear("did", "notDid")}>{() => <WentEditor {...editing} />}</Popover>
      <Popover label="Outcome" value={words.outcomeWords(population)} onClear={clear("outcomeTouchpoints", "outcomeStages")}>
        {() => <OutcomeEditor {...editing} />}
      </Popover>
      <Popover label="Rules" value={words.rulesWords(population)} onClear={clear("group", "exclude", "collapse")}>{() => <RulesEditor {...editing} />}</Popover>
      <span class="divider" aria-hidden="true" />
      <label class={`select ${population.by === EVERYBODY.by ? "" : "set"}`}>
        <span>Items</span>
        <select value={population.by} onChange={(event) => set({ by: event.currentTarget.value as By })}>
          {Object.entries(words.BY_WORDS).map(([by, word]) => <option key={by} value={by}>{word}</option>)}
        </select>
      </label>
      <Popover label="Count" value={words.countWords(population) || "customers"} isSet={words.countWords(population) !== ""} onClear={clear("unit", "split")}>
        {() => <CountEditor {...editing} />}
      </Popover>
      <Popover label="More" value={words.moreWords(population)} onClear={clear("touchpoints", "inactivity", "confidence", "version")}>
        {() => <MoreEditor {...editing} />}
      </Popover>
      {!isWhole && <button type="button" class="quiet" onClick={() => change(EVERYBODY)}>Reset</button>}
      <span class="size" role="status">{size}</span>
    </section>
  );
}
