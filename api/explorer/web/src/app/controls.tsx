/** The controls of a view, from their description. */

import type { Control, Facts } from "../views/view";

interface Props {
  readonly controls: readonly Control[];
  readonly facts: Facts;
  readonly change: (key: string, values: readonly string[]) => void;
}

export function Controls({ controls, facts, change }: Props) {
  return (
    <div class="controls">
      {controls.map((control) => (
        <label key={control.key}>
          <span>{control.label}</span>
          <Field control={control} facts={facts} change={(...values) => change(control.key, values)} />
        </label>
      ))}
    </div>
  );
}

function Field({ control, facts, change }: { control: Control; facts: Facts; change: (...values: readonly string[]) => void }) {
  switch (control.kind) {
    case "choice":
      return (
        <select value={control.value} onChange={(event) => change(event.currentTarget.value)}>
          {control.options.map(({ value, label }) => <option key={value} value={value}>{label}</option>)}
        </select>
      );
    case "item":
      return (
        <select value={control.value} onChange={(event) => (event.currentTarget.value ? change(event.currentTarget.value) : change())}>
          {control.none !== undefined && <option value="">{control.none}</option>}
          {facts.items.map((item) => <option key={item} value={item}>{item}</option>)}
        </select>
      );
    case "items":
      return (
        <span class="items">
          {control.value.map((item, place) => (
            <button type="button" key={place} onClick={() => change(...control.value.filter((_, other) => other !== place))}>{item} ✕</button>
          ))}
          <select value="" onChange={(event) => change(...control.value, event.currentTarget.value)}>
            <option value="">add…</option>
            {facts.items.map((item) => <option key={item} value={item}>{item}</option>)}
          </select>
        </span>
      );
    case "range":
      return (
        <span>
          <input type="range" min={control.least} max={control.most} step={control.step} value={control.value}
            onChange={(event) => change(event.currentTarget.value)} />
          <output>{control.says ?? control.value}</output>
        </span>
      );
    case "switch":
      return <input type="checkbox" checked={control.value} onChange={(event) => change(event.currentTarget.checked ? "yes" : "no")} />;
    case "text":
      return <input type="text" value={control.value} placeholder={control.example} onChange={(event) => (event.currentTarget.value ? change(event.currentTarget.value) : change())} />;
  }
}
