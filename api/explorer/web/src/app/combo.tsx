/** One of the items there are, found by typing: a list of five hundred is too long to look through. */

import { useId, useState } from "preact/hooks";

export function Combo({ items, value, none, change }: { items: readonly string[]; value: string; none?: string | undefined; change: (item: string) => void }) {
  const id = useId();
  const [draft, setDraft] = useState<string | null>(null);
  const settle = (text: string): void => {
    setDraft(null);
    if (text !== value && (items.includes(text) || (text === "" && none !== undefined))) change(text);
  };
  return (
    <span class="combo">
      <input type="text" role="combobox" aria-expanded="false" list={id} value={draft ?? value} placeholder={none ?? "Choose…"} autocomplete="off" spellcheck={false} dir="auto"
        onInput={(event) => {
          const text = event.currentTarget.value;
          if (items.includes(text)) settle(text);
          else setDraft(text);
        }}
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => settle(event.currentTarget.value.trim())} onBlur={() => setDraft(null)} />
      <datalist id={id}>{items.map((item) => <option key={item} value={item} />)}</datalist>
    </span>
  );
}
