/** What is said while an answer is on its way, and where there is none. */

import { useEffect, useState } from "preact/hooks";
import type { Problem } from "./client";

const QUIET_MS = 300;

/** Nothing for a moment; then how long it has taken, and a button that stops it. */
export function Progress({ since, stop }: { since: number | null; stop: () => void }) {
  const [now, setNow] = useState(0);
  useEffect(() => {
    if (since === null) return undefined;
    setNow(performance.now());
    const timer = setInterval(() => setNow(performance.now()), 200);
    return () => clearInterval(timer);
  }, [since]);
  const isSlow = since !== null && now - since > QUIET_MS;
  return (
    <div class={`progress ${isSlow ? "slow" : ""}`} role="status">
      {isSlow && (
        <>
          <span class="track" aria-hidden="true" />
          <span>Asking… {Math.floor((now - since) / 1000)} s</span>
          <button type="button" class="quiet" onClick={stop}>Stop</button>
        </>
      )}
    </div>
  );
}

interface ProblemsProps {
  readonly problems: readonly Problem[];
  readonly again: () => void;
  readonly reset?: (() => void) | undefined;
}

/** What to do beyond what the message itself says. */
const REMEDIES: Readonly<Record<string, string>> = {
  EMPTY_STORE: "Load interactions into it: journeygraph load FILE --store STORE. Then try again.",
  TIME_LIMIT: "A shorter time, a segment or fewer items make the question smaller.",
};

export function Problems({ problems, again, reset }: ProblemsProps) {
  return (
    <div class="problems" role="alert">
      {problems.map(({ message, code }) => (
        <div key={message}>
          <p><bdi>{message}</bdi></p>
          {REMEDIES[code] && <p class="hint">{REMEDIES[code]}</p>}
          {code && <p class="hint"><code>{code}</code></p>}
        </div>
      ))}
      <div class="row">
        <button type="button" onClick={again}>Try again</button>
        {reset && <button type="button" onClick={reset}>Ask of everybody</button>}
      </div>
    </div>
  );
}

export function Warnings({ warnings }: { warnings: readonly string[] }) {
  if (!warnings.length) return null;
  return <ul class="warnings" aria-label="What to mind">{warnings.map((text) => <li key={text}><bdi>{text}</bdi></li>)}</ul>;
}
