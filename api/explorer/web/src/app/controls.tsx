/** The controls of a view, from their description. */

import { useId, useState } from "preact/hooks";
import type { Control, Facts } from "../views/view";
import { Combo } from "./combo";
import { PlanEditor } from "./plan_editor";

type Change = (...values: readonly string[]) => void;

interface Props {
  readonly controls: readonly Control[];
  readonly facts: Facts;
  readonly change: (key: string, values: readonly string[]) => void;
}

export function Controls({ controls, facts, change }: Props) {
  if (!controls.length) return null;
  return (
    <div class="controls" role="group" aria-label="This view">
      {controls.map((control) => (
        <Field key={control.key} control={control} facts={facts} change={(...values) => change(control.key, values)} />
      ))}
    </div>
  );
}

function Field({ control, facts, change }: { control: Control; facts: Facts; change: Change }) {
  const { label } = control;
  switch (control.kind) {
    case "choice":
      return (
        <label class="control">
          <span>{label}</span>
          <select value={control.value} onChange={(event) => change(event.currentTarget.value)}>
            {control.options.map(({ value, label: word }) => <option key={value} value={value}>{word}</option>)}
          </select>
        </label>
      );
    case "item":
      return (
        <label class="control">
          <span>{label}</span>
          <Combo items={facts.items} value={control.value} none={control.none} change={(item) => (item ? change(item) : change())} />
        </label>
      );
    case "items":
      return <Steps control={control} items={facts.items} change={change} />;
    case "range":
      return <Range control={control} change={change} />;
    case "switch":
      return (
        <label class="control">
          <input type="checkbox" checked={control.value} onChange={(event) => change(event.currentTarget.checked ? "yes" : "no")} />
          <span>{label}</span>
        </label>
      );
    case "plan":
      return <PlanEditor control={control} facts={facts} change={change} />;
    case "text":
      return <Text control={control} change={change} />;
  }
}

function Steps({ control, items, change }: { control: Extract<Control, { kind: "items" }>; items: readonly string[]; change: Change }) {
  const { label, value, most = 30 } = control;
  const moved = (from: number, to: number): string[] => {
    const next = [...value];
    next.splice(to, 0, ...next.splice(from, 1));
    return next;
  };
  return (
    <div class="control" role="group" aria-label={label}>
      <span>{label}</span>
      <span class="steps">
        {value.map((item, place) => (
          <span class="entry" key={`${place} ${item}`}>
            <bdi>{item}</bdi>
            {place > 0 && <button type="button" aria-label={`Move ${item} one step earlier`} onClick={() => change(...moved(place, place - 1))}>←</button>}
            <button type="button" aria-label={`Remove ${item}`} onClick={() => change(...value.filter((_, at) => at !== place))}>✕</button>
          </span>
        ))}
        {value.length < most && (
          <label><span class="unseen">Add: {label}</span><Combo key={value.length} items={items} value="" none="Add…" change={(item) => change(...value, item)} /></label>
        )}
      </span>
    </div>
  );
}

function Range({ control, change }: { control: Extract<Control, { kind: "range" }>; change: Change }) {
  const { label, value, least, most, step, says } = control;
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <label class="control">
      <span>{label}</span>
      <input type="range" min={least} max={most} step={step} value={draft ?? value} aria-valuetext={says}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onChange={(event) => {
          setDraft(null);
          change(event.currentTarget.value);
        }} />
      <output>{draft ?? says ?? value}</output>
    </label>
  );
}

function Text({ control, change }: { control: Extract<Control, { kind: "text" }>; change: Change }) {
  const id = useId();
  const { label, value, example, list } = control;
  return (
    <label class="control">
      <span>{label}</span>
      <input type="text" value={value} placeholder={example} list={list && id} autocomplete="off" spellcheck={false}
        onChange={(event) => {
          const text = event.currentTarget.value.trim();
          if (text) change(text);
          else change();
        }} />
      {list && <datalist id={id}>{list.slice(0, 500).map((option) => <option key={option} value={option} />)}</datalist>}
    </label>
  );
}
