/** One question at a time: a new one stops the old, and what was answered a moment ago is kept. */

import { useCallback, useEffect, useState } from "preact/hooks";
import { ask, type Answer, type Question } from "./client";

const KEPT_FOR_MS = 60_000;
const MOST_KEPT = 30;

const kept = new Map<string, { readonly at: number; readonly answer: Answer }>();

function remembered(key: string): Answer | null {
  const found = kept.get(key);
  return found && Date.now() - found.at < KEPT_FOR_MS ? found.answer : null;
}

function remember(key: string, answer: Answer): void {
  if (answer.problems.length) return;
  kept.delete(key);
  kept.set(key, { at: Date.now(), answer });
  const oldest = kept.keys().next();
  if (kept.size > MOST_KEPT && !oldest.done) kept.delete(oldest.value);
}

/** What one asks with one question: used by whoever needs an answer once. */
export async function askOnce(question: Question, signal?: AbortSignal): Promise<Answer> {
  const key = JSON.stringify(question);
  const known = remembered(key);
  if (known) return known;
  const answer = await ask(question, signal);
  remember(key, answer);
  return answer;
}

/** An answer, with what belongs to its question: both change together. */
export interface Answered<T> {
  readonly answer: Answer;
  readonly about: T;
}

export interface Asking<T> {
  readonly answered: Answered<T> | null;
  /** When the question that is on its way was sent; null where none is. */
  readonly since: number | null;
  readonly stopped: boolean;
  stop(): void;
  again(): void;
}

/** Asks whenever the question changes. `about` comes back beside its answer. */
export function useAnswer<T>(question: Question | null, about: T): Asking<T> {
  const [answered, setAnswered] = useState<Answered<T> | null>(null);
  const [since, setSince] = useState<number | null>(null);
  const [stopped, setStopped] = useState(false);
  const [abort, setAbort] = useState<AbortController | null>(null);
  const [round, setRound] = useState(0);
  const key = question && JSON.stringify(question);

  useEffect(() => {
    setStopped(false);
    if (!question) {
      setAnswered(null);
      setSince(null);
      return undefined;
    }
    const asking = new AbortController();
    setAbort(asking);
    setSince(performance.now());
    askOnce(question, asking.signal).then(
      (answer) => {
        if (asking.signal.aborted) return;
        setAnswered({ answer, about });
        setSince(null);
      },
      () => undefined, // stopped: by a new question, or by the button
    );
    return () => asking.abort();
  }, [key, round]);

  const stop = useCallback(() => {
    abort?.abort();
    setSince(null);
    setStopped(true);
  }, [abort]);
  const again = useCallback(() => setRound((before) => before + 1), []);
  return { answered, since, stopped, stop, again };
}
