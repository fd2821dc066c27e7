/** A planned journey: stages beside each other with their steps, or the same as text. */

import { useState } from "preact/hooks";
import { MOST_STEPS, readablePlan, readPlan, stepsOf, writtenPlan, type Plan, type PlannedStage, type PlannedStep } from "../views/plan";
import type { Control, Facts } from "../views/view";
import { Combo } from "./combo";

type PlanControl = Extract<Control, { kind: "plan" }>;
type Change<T> = (next: T) => void;

interface Props {
  readonly control: PlanControl;
  readonly facts: Facts;
  readonly change: (...values: readonly string[]) => void;
}

export function PlanEditor({ control, facts, change }: Props) {
  const { label, value, starts } = control;
  const read = readPlan(value);
  const plan = read.kind === "plan" ? read.plan : null;
  const steps = plan ? stepsOf(plan).length : 0;
  // who comes by a link wants to see what the plan meets, not to change it
  const [isOpen, setIsOpen] = useState(steps === 0);
  const [isText, setIsText] = useState(false);
  const set = (next: Plan): void => (next.stages.length || next.name ? change(writtenPlan(next)) : change());
  const showsText = isText || plan === null;
  return (
    <section class="plan" aria-label={label}>
      <div class="row">
        <strong><bdi>{plan?.name || label}</bdi></strong>
        <span class="hint">{planWords(plan, steps)}</span>
        {starts.map((start) => <button type="button" key={start.label} onClick={() => change(start.value)}>{start.label}</button>)}
        {plan && steps > 0 && <button type="button" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>{isOpen ? "Done" : "Change the plan"}</button>}
        {plan && isOpen && <button type="button" aria-pressed={isText} onClick={() => setIsText(!isText)}>As text</button>}
        {value && (isOpen || !plan) && <button type="button" class="quiet" onClick={() => { change(); setIsText(false); setIsOpen(true); }}>Start over</button>}
      </div>
      {(isOpen || !plan) && (showsText
        ? <PlanText key={value} text={plan ? (value ? readablePlan(plan) : "") : value} use={(text) => { change(text); setIsText(false); }} />
        : <Stages plan={plan} facts={facts} set={set} />)}
    </section>
  );
}

function planWords(plan: Plan | null, steps: number): string {
  if (!plan) return "The structure is not that of a plan; its text can be mended here.";
  const stages = plan.stages.length;
  if (!steps) return "No plan yet: begin with a way that customers go, add a stage and what is to be met in it, or paste a plan as text.";
  return `${steps} ${steps === 1 ? "step" : "steps"} in ${stages} ${stages === 1 ? "stage" : "stages"}; who opens a link to this page has the plan, too.`;
}

const EXAMPLE = `{"stages": [
  {"stage": "comparison", "touchpoints": ["search", {"touchpoint": "advice", "optional": true}]},
  {"stage": "purchase", "within": "14d", "touchpoints": ["cart", {"touchpoint": "purchase", "within": "2d"}]}
]}`;

/** Nothing is taken over that is no JSON; whether it is a plan the API says. */
function PlanText({ text, use }: { text: string; use: Change<string> }) {
  const [draft, setDraft] = useState(text);
  const [problem, setProblem] = useState("");
  const take = (): void => {
    const read = readPlan(draft);
    if (read.kind === "broken") setProblem(`This is not JSON: ${read.why}. A plan that is written in YAML has to be JSON here.`);
    else if (draft.trim()) use(read.kind === "plan" ? writtenPlan(read.plan) : draft.trim());
  };
  return (
    <div class="plan-text">
      <textarea rows={12} spellcheck={false} aria-label="Plan as text" placeholder={EXAMPLE} value={draft} dir="ltr"
        onInput={(event) => { setDraft(event.currentTarget.value); setProblem(""); }} />
      {problem && <p role="alert" class="problem"><bdi>{problem}</bdi></p>}
      <div class="row">
        <button type="button" disabled={!draft.trim()} onClick={take}>Use this plan</button>
        <span class="hint">As JSON. Saved as a file it is what <code>journeygraph map --planned FILE</code> reads.</span>
      </div>
    </div>
  );
}

function moved<T>(list: readonly T[], from: number, to: number): readonly T[] {
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

function replaced<T>(list: readonly T[], at: number, next: T | null): readonly T[] {
  return list.flatMap((one, place) => (place === at ? next ?? [] : [one])) as readonly T[];
}

function Stages({ plan, facts, set }: { plan: Plan; facts: Facts; set: Change<Plan> }) {
  const { stages } = plan;
  const setStages = (next: readonly PlannedStage[]): void => set({ ...plan, stages: next });
  const unused = facts.stages.find((name) => stages.every(({ stage }) => stage !== name));
  const add = (): void => setStages([...stages, { stage: unused ?? `stage ${stages.length + 1}`, touchpoints: [] }]);
  return (
    <>
      <ol class="plan-stages">
        {stages.map((stage, place) => (
          <Stage key={place} stage={stage} facts={facts} first={stepsOf({ stages: stages.slice(0, place) }).length} isFull={stepsOf(plan).length >= MOST_STEPS}
            set={(next) => setStages(replaced(stages, place, next))} toFront={place ? () => setStages(moved(stages, place, place - 1)) : null} />
        ))}
        <li class="plan-more"><button type="button" onClick={add}>Add a stage</button></li>
      </ol>
      {stages.length > 0 && (
        <label class="plan-name"><span class="hint">The plan is called</span> <input type="text" value={plan.name ?? ""} placeholder="a name, if it has one" autocomplete="off"
          onChange={(event) => set(named(plan, event.currentTarget.value.trim()))} /></label>
      )}
    </>
  );
}

function named({ stages }: Plan, name: string): Plan {
  return name ? { name, stages } : { stages };
}

interface StageProps {
  readonly stage: PlannedStage;
  /** How many steps stand before it. */
  readonly first: number;
  readonly isFull: boolean;
  readonly facts: Facts;
  readonly set: Change<PlannedStage | null>;
  readonly toFront: (() => void) | null;
}

function Stage({ stage, first, isFull, facts, set, toFront }: StageProps) {
  const { stage: name, touchpoints } = stage;
  const setSteps = (next: readonly PlannedStep[]): void => set({ ...stage, touchpoints: next });
  return (
    <li class="plan-stage">
      <div class="plan-head">
        <input type="text" class="name" aria-label="Name of the stage" value={name} autocomplete="off" dir="auto"
          onChange={(event) => { const next = event.currentTarget.value.trim(); if (next) set({ ...stage, stage: next }); else event.currentTarget.value = name; }} />
        {toFront && <button type="button" class="quiet" aria-label={`Move the stage ${name} one place earlier`} onClick={toFront}>←</button>}
        <button type="button" class="quiet" aria-label={`Remove the stage ${name}`} onClick={() => set(null)}>✕</button>
      </div>
      <Within label={`Time planned for the stage ${name}`} value={stage.within} set={(within) => set(withWithin(stage, within))} hint="takes at most" />
      <ol>
        {touchpoints.map((step, place) => (
          <Step key={place} step={step} number={first + place + 1} facts={facts} set={(next) => setSteps(replaced(touchpoints, place, next))}
            up={place ? () => setSteps(moved(touchpoints, place, place - 1)) : null} />
        ))}
      </ol>
      {touchpoints.length === 0 && <p class="hint">Empty: no part of the plan yet.</p>}
      {!isFull && (
        <label><span class="unseen">Add a step to {name}</span>
          <Combo key={touchpoints.length} items={facts.items} value="" none="Add a touchpoint…" change={(touchpoint) => setSteps([...touchpoints, { touchpoint }])} /></label>
      )}
    </li>
  );
}

function withWithin<T extends { readonly within?: string }>({ within: _, ...rest }: T, within: string): T {
  return (within ? { ...rest, within } : rest) as T;
}

function Within({ label, value, set, hint }: { label: string; value: string | undefined; set: Change<string>; hint: string }) {
  return (
    <label class="plan-within"><span class="hint" aria-hidden="true">{hint}</span>
      <input type="text" aria-label={label} value={value ?? ""} placeholder="any time" autocomplete="off" spellcheck={false}
        onChange={(event) => set(event.currentTarget.value.trim())} /></label>
  );
}

interface StepProps {
  readonly step: PlannedStep;
  readonly number: number;
  readonly facts: Facts;
  readonly set: Change<PlannedStep | null>;
  readonly up: (() => void) | null;
}

function Step({ step, number, facts, set, up }: StepProps) {
  const { touchpoint, channel, optional = false, repeats = false, within } = step;
  const channels = channel === undefined || facts.channels.includes(channel) ? facts.channels : [channel, ...facts.channels];
  const by = (next: string): void => {
    const { channel: _, ...rest } = step;
    set(next ? { ...rest, channel: next } : rest);
  };
  return (
    <li class="plan-step">
      <div class="plan-head">
        <small>{number}</small><bdi>{touchpoint}</bdi>
        {up && <button type="button" class="quiet" aria-label={`Move ${touchpoint} one step earlier`} onClick={up}>↑</button>}
        <button type="button" class="quiet" aria-label={`Remove ${touchpoint}`} onClick={() => set(null)}>✕</button>
      </div>
      <div class="plan-rules">
        <button type="button" aria-pressed={optional} title="It may be left out" onClick={() => set({ ...step, optional: !optional })}>optional</button>
        <button type="button" aria-pressed={repeats} title="It may be met several times before the next" onClick={() => set({ ...step, repeats: !repeats })}>repeats</button>
        <select aria-label={`Channel of ${touchpoint}`} value={channel ?? ""} onChange={(event) => by(event.currentTarget.value)}>
          <option value="">any channel</option>
          {channels.map((name) => <option key={name} value={name}>{name}</option>)}
        </select>
        {number > 1 && <Within label={`Time planned for ${touchpoint}`} value={within} set={(next) => set(withWithin(step, next))} hint="within" />}
      </div>
    </li>
  );
}
