/** The top of the page: what is looked at, the views, and what holds for all of them. */

import type { Facts, View } from "../views/view";
import { VIEWS } from "../views/views";
import { count, day } from "../figures/numbers";
import { written, type PageState } from "./address";
import type { Appearance } from "./appearance";

interface Props {
  readonly page: PageState;
  readonly view: View;
  readonly facts: Facts | null;
  readonly openView: (name: string) => void;
  readonly compare: () => void;
  readonly appearance: Appearance;
  readonly setAppearance: (next: Appearance) => void;
}

const APPEARANCES: readonly (readonly [Appearance, string])[] = [["system", "As the system"], ["light", "Light"], ["dark", "Dark"]];

export function Header({ page, view, facts, openView, compare, appearance, setAppearance }: Props) {
  return (
    <header class="top">
      <div class="brand">
        <strong>journeygraph</strong>
        {facts && (
          <span class="store" title={`Version ${facts.version} of the store`}>
            {count(facts.interactions)} interactions of {count(facts.customers)} customers, to {day(facts.asOf)}
          </span>
        )}
      </div>
      <nav aria-label="Views">
        {VIEWS.map(({ name, title }) => (
          <a key={name} href={written({ ...page, view: name, state: {}, pick: null })} aria-current={name === view.name ? "page" : undefined}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              openView(name);
            }}>{title}</a>
        ))}
      </nav>
      <div class="global">
        {view.ofPopulation !== false && (
          <button type="button" aria-pressed={page.against !== null} onClick={compare}>Compare</button>
        )}
        <label class="select">
          <span class="unseen">Colours</span>
          <select value={appearance} onChange={(event) => setAppearance(event.currentTarget.value as Appearance)}>
            {APPEARANCES.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
          </select>
        </label>
        <a class="button" href="graphql">GraphiQL</a>
      </div>
    </header>
  );
}
