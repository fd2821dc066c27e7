/** Small inputs that the bar is made of. */

import { useId, useState } from "preact/hooks";

type Change<T> = (next: T) => void;

interface ChecksProps {
  readonly legend: string;
  readonly options: readonly string[];
  readonly chosen: readonly string[];
  readonly change: Change<readonly string[]>;
  /** Beside an option, such as its count. */
  readonly notes?: ReadonlyMap<string, string>;
}

const MANY = 9;
const MOST_SHOWN = 200;

/** Any of many: boxes to tick, with a search where they are many. What is chosen stays on top. */
export function Checks({ legend, options, chosen, change, notes }: ChecksProps) {
  const [search, setSearch] = useState("");
  const words = search.toLowerCase();
  const all = [...chosen.filter((name) => !options.includes(name)), ...options];
  const fitting = all.filter((name) => chosen.includes(name) || name.toLowerCase().includes(words));
  const shown = fitting.slice(0, MOST_SHOWN);
  const toggle = (name: string, isOn: boolean): void => change(isOn ? [...chosen, name] : chosen.filter((other) => other !== name));
  return (
    <fieldset class="checks">
      <legend>{legend}</legend>
      {all.length > MANY && (
        <input type="search" placeholder="Search" aria-label={`Search: ${legend}`} value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
      )}
      <div class="boxes">
        {shown.map((name) => (
          <label key={name}>
            <input type="checkbox" checked={chosen.includes(name)} onChange={(event) => toggle(name, event.currentTarget.checked)} />
            <bdi>{name}</bdi>
            {notes?.has(name) && <small>{notes.get(name)}</small>}
          </label>
        ))}
        {fitting.length > shown.length && <p class="hint">{fitting.length - shown.length} more: search for them.</p>}
        {fitting.length === 0 && <p class="hint">{all.length ? "Nothing has this in its name." : "The data says none."}</p>}
      </div>
    </fieldset>
  );
}

interface ChoiceProps<T extends string> {
  readonly legend: string;
  readonly options: readonly (readonly [T, string])[];
  readonly chosen: T;
  readonly change: Change<T>;
}

/** One of few. */
export function Choice<T extends string>({ legend, options, chosen, change }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend>{legend}</legend>
      {options.map(([value, label]) => (
        <label key={value}>
          <input type="radio" name={name} checked={value === chosen} onChange={() => change(value)} />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

interface TextProps {
  readonly label: string;
  readonly value: string;
  readonly change: Change<string>;
  readonly type?: "text" | "date" | "number";
  readonly example?: string;
  readonly list?: readonly string[];
  readonly hint?: string;
}

/** A text that counts when it is left or Enter is pressed. */
export function TextField({ label, value, change, type = "text", example, list, hint }: TextProps) {
  const id = useId();
  return (
    <label class="text">
      <span>{label}</span>
      <input type={type} value={value} placeholder={example} list={list && id} spellcheck={false} autocomplete="off"
        onChange={(event) => change(event.currentTarget.value.trim())} />
      {list && <datalist id={id}>{list.slice(0, 500).map((option) => <option key={option} value={option} />)}</datalist>}
      {hint && <small class="hint">{hint}</small>}
    </label>
  );
}

interface ListProps {
  readonly label: string;
  readonly values: readonly string[];
  readonly change: Change<readonly string[]>;
  readonly example?: string;
  readonly list?: readonly string[];
}

/** Several texts, such as patterns: those there are, each with a button that takes it away, and a place for one more. */
export function TextList({ label, values, change, example, list }: ListProps) {
  const id = useId();
  const [draft, setDraft] = useState("");
  const add = (): void => {
    const text = draft.trim();
    if (text && !values.includes(text)) change([...values, text]);
    setDraft("");
  };
  return (
    <div class="list" role="group" aria-label={label}>
      <span class="name">{label}</span>
      {values.map((value) => (
        <span class="entry" key={value}>
          <bdi>{value}</bdi>
          <button type="button" aria-label={`Remove ${value}`} onClick={() => change(values.filter((other) => other !== value))}>✕</button>
        </span>
      ))}
      <span class="adding">
        <input type="text" value={draft} placeholder={example} aria-label={`Add: ${label}`} list={list && id} spellcheck={false} autocomplete="off"
          onInput={(event) => setDraft(event.currentTarget.value)}
          onKeyDown={(event) => { if (event.key === "Enter") { event.preventDefault(); add(); } }} />
        <button type="button" onClick={add} disabled={!draft.trim()}>Add</button>
      </span>
      {list && <datalist id={id}>{list.slice(0, 500).map((option) => <option key={option} value={option} />)}</datalist>}
    </div>
  );
}

interface PairsProps {
  readonly label: string;
  readonly values: readonly (readonly [string, string])[];
  readonly change: Change<readonly (readonly [string, string])[]>;
  readonly examples: readonly [string, string];
}

/** Several pairs, such as a pattern and what it becomes. */
export function PairList({ label, values, change, examples }: PairsProps) {
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const add = (): void => {
    if (!from.trim() || !to.trim()) return;
    change([...values, [from.trim(), to.trim()]]);
    setFrom("");
    setTo("");
  };
  const onEnter = (event: KeyboardEvent): void => {
    if (event.key === "Enter") {
      event.preventDefault();
      add();
    }
  };
  return (
    <div class="list" role="group" aria-label={label}>
      <span class="name">{label}</span>
      {values.map(([one, other], place) => (
        <span class="entry" key={place}>
          <bdi>{one}</bdi> → <bdi>{other}</bdi>
          <button type="button" aria-label={`Remove ${one}`} onClick={() => change(values.filter((_, at) => at !== place))}>✕</button>
        </span>
      ))}
      <span class="adding">
        <input type="text" value={from} placeholder={examples[0]} aria-label={`${label}: pattern`} spellcheck={false}
          onInput={(event) => setFrom(event.currentTarget.value)} onKeyDown={onEnter} />
        <span aria-hidden="true">→</span>
        <input type="text" value={to} placeholder={examples[1]} aria-label={`${label}: becomes`} spellcheck={false}
          onInput={(event) => setTo(event.currentTarget.value)} onKeyDown={onEnter} />
        <button type="button" onClick={add} disabled={!from.trim() || !to.trim()}>Add</button>
      </span>
    </div>
  );
}
