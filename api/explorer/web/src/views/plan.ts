/**
 * A planned journey: as text in the address, as what the editor shows, and as what the API takes. The
 * text is what `journeygraph map --planned` reads, so that it can be saved as a file and used there.
 */

export interface PlannedStep {
  readonly touchpoint: string;
  readonly channel?: string;
  readonly optional?: boolean;
  readonly repeats?: boolean;
  readonly within?: string;
}

export interface PlannedStage {
  readonly stage: string;
  readonly within?: string;
  readonly touchpoints: readonly PlannedStep[];
}

export interface Plan {
  readonly name?: string;
  readonly stages: readonly PlannedStage[];
}

/** A plan that the editor can show; another structure, which the API judges; or no JSON at all. */
export type ReadPlan =
  | { readonly kind: "plan"; readonly plan: Plan }
  | { readonly kind: "other"; readonly given: unknown }
  | { readonly kind: "broken"; readonly why: string };

/** Of the API, too. */
export const MOST_STEPS = 100;

const NO_PLAN: Plan = { stages: [] };

type Keys = Readonly<Record<string, "string" | "boolean" | "list">>;

const PLAN_KEYS: Keys = { name: "string", stages: "list" };
const STAGE_KEYS: Keys = { stage: "string", within: "string", touchpoints: "list" };
const STEP_KEYS: Keys = { touchpoint: "string", channel: "string", optional: "boolean", repeats: "boolean", within: "string" };

function isObject(given: unknown): given is Readonly<Record<string, unknown>> {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

/** Whether it has these keys and no others, the first list or name of them at least. */
function has(given: unknown, keys: Keys, needed: string): given is Readonly<Record<string, unknown>> {
  const fits = (value: unknown, kind: Keys[string] | undefined): boolean => (kind === "list" ? Array.isArray(value) : typeof value === kind);
  return isObject(given) && given[needed] !== undefined && Object.entries(given).every(([key, value]) => fits(value, keys[key]));
}

export function readPlan(text: string): ReadPlan {
  if (!text.trim()) return { kind: "plan", plan: NO_PLAN };
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    return { kind: "broken", why: (error as Error).message };
  }
  const found = withStepsAsObjects(given);
  return isPlan(found) ? { kind: "plan", plan: found } : { kind: "other", given: found };
}

/** A name alone is a step by any channel; everything else is left as it is. */
function withStepsAsObjects(given: unknown): unknown {
  if (!isObject(given) || !Array.isArray(given["stages"])) return given;
  const stages = given["stages"].map((stage: unknown) => {
    if (!isObject(stage) || !Array.isArray(stage["touchpoints"])) return stage;
    return { ...stage, touchpoints: stage["touchpoints"].map((step: unknown) => (typeof step === "string" ? { touchpoint: step } : step)) };
  });
  return { ...given, stages };
}

function isPlan(given: unknown): given is Plan {
  if (!has(given, PLAN_KEYS, "stages")) return false;
  return (given["stages"] as unknown[]).every((stage) =>
    has(stage, STAGE_KEYS, "stage") && has(stage, STAGE_KEYS, "touchpoints") && (stage["touchpoints"] as unknown[]).every((step) => has(step, STEP_KEYS, "touchpoint")));
}

/** As short as it can be said. */
export function writtenPlan({ name, stages }: Plan): string {
  return JSON.stringify({ ...(name ? { name } : {}), stages: stages.map((stage) => ({ ...headOf(stage), touchpoints: stage.touchpoints.map(writtenStep) })) });
}

/** The same for who reads it: each step on a line. */
export function readablePlan({ name, stages }: Plan): string {
  const written = stages.map((stage) => {
    const steps = stage.touchpoints.map((step) => `    ${JSON.stringify(writtenStep(step))}`);
    return `  {${JSON.stringify(headOf(stage)).slice(1, -1)}, "touchpoints": [\n${steps.join(",\n")}\n  ]}`;
  });
  return `{${name ? `"name": ${JSON.stringify(name)}, ` : ""}"stages": [\n${written.join(",\n")}\n]}`;
}

function headOf({ stage, within }: PlannedStage): Omit<PlannedStage, "touchpoints"> {
  return within ? { stage, within } : { stage };
}

function writtenStep({ touchpoint, channel, optional, repeats, within }: PlannedStep): string | PlannedStep {
  const said = { ...(channel ? { channel } : {}), ...(optional ? { optional } : {}), ...(repeats ? { repeats } : {}), ...(within ? { within } : {}) };
  return Object.keys(said).length ? { touchpoint, ...said } : touchpoint;
}

/** The stages that have steps already: one that is still to be filled is no part of the plan. */
function filled({ stages }: Plan): readonly PlannedStage[] {
  return stages.filter(({ touchpoints }) => touchpoints.length > 0);
}

/** What the API is asked with; null as long as there is no step. */
export function askedPlan(read: ReadPlan): unknown {
  if (read.kind === "other") return read.given;
  if (read.kind === "broken") return null;
  const stages = filled(read.plan);
  return stages.length ? { ...read.plan, stages } : null;
}

export function stepsOf({ stages }: Plan): readonly PlannedStep[] {
  return stages.flatMap(({ touchpoints }) => touchpoints);
}

/** The plan with its n-th step, from 1, changed, or taken out where `change` gives nothing. */
export function withStep(plan: Plan, number: number, change: (step: PlannedStep) => PlannedStep | null): Plan {
  let before = 0;
  const stages = plan.stages.map((stage) => {
    const at = number - 1 - before;
    before += stage.touchpoints.length;
    return { ...stage, touchpoints: stage.touchpoints.flatMap((step, place) => (place === at ? change(step) ?? [] : [step])) };
  });
  return { ...plan, stages };
}

/** With one more step: at the end of the stage of this name, or of the last one. */
export function withExtra(plan: Plan, stage: string | null, step: PlannedStep): Plan {
  const named = plan.stages.findIndex((one) => one.stage.toLowerCase() === stage?.toLowerCase());
  const at = named < 0 ? plan.stages.length - 1 : named;
  return { ...plan, stages: plan.stages.map((one, place) => (place === at ? { ...one, touchpoints: [...one.touchpoints, step] } : one)) };
}

/** A way that is gone as a plan: neighbours of one stage stand together, and what is met again at once repeats. */
export function planOfPath(items: readonly string[], stageOf: (item: string) => string): Plan {
  const stages: { stage: string; touchpoints: PlannedStep[] }[] = [];
  for (const touchpoint of items.slice(0, MOST_STEPS)) {
    const stage = stageOf(touchpoint);
    if (stages.at(-1)?.stage !== stage) stages.push({ stage, touchpoints: [] });
    const steps = stages.at(-1)!.touchpoints;
    if (steps.at(-1)?.touchpoint === touchpoint) steps[steps.length - 1] = { touchpoint, repeats: true };
    else steps.push({ touchpoint });
  }
  return { stages };
}
