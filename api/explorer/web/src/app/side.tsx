/** The answer of one population: asked for, drawn, and clicked on. */

import { useMemo } from "preact/hooks";

import type { Asked, Data, Needs, View, ViewState } from "../views/view";
import { useAnswer, type Asking } from "./asking";
import { questionOf, type Question } from "./client";
import { EVERYBODY, type Population } from "./population";

/** What an answer is about: it is drawn with the state that it was asked with. */
export interface About {
  readonly view: View;
  readonly state: ViewState;
  readonly population: Population;
  readonly question: Question;
}

export interface Side {
  readonly asking: Asking<About | null>;
  readonly needs: string | null;
  /** The last answer, if it is one of this view. */
  readonly shown: { readonly data: Data; readonly about: About } | null;
}

const SUMMARY = "summary { customers journeys interactions }";

function isNeeds(asked: Asked | Needs | null): asked is Needs {
  return asked !== null && "needs" in asked;
}

export function useSide(view: View, state: ViewState, population: Population | null): Side {
  const asked = population ? view.ask(state) : null;
  const about = useMemo(() => {
    if (!asked || isNeeds(asked) || !population) return null;
    const of = view.ofPopulation === false ? EVERYBODY : population;
    const counted = asked.journeys === undefined ? asked : { ...asked, journeys: `${SUMMARY}\n${asked.journeys}` };
    return { view, state, population: of, question: questionOf(nameOf(view), counted, of) };
  }, [view, JSON.stringify([asked, state, population])]);
  const asking = useAnswer<About | null>(about?.question ?? null, about);
  const { answered } = asking;
  // what changes only how an answer is shown asks nothing, and shows at once
  const isOfNow = answered?.about != null && about !== null && keyOf(answered.about) === keyOf(about);
  const shownAs = isOfNow ? about : answered?.about;
  const shown = shownAs?.view === view && answered?.answer.data ? { data: answered.answer.data, about: shownAs } : null;
  return { asking, needs: isNeeds(asked) ? asked.needs : null, shown };
}

function keyOf({ question }: About): string {
  return JSON.stringify(question);
}

/** An operation's name: letters alone. */
function nameOf({ title }: View): string {
  return title.split(/[^A-Za-z]+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("") || "View";
}

