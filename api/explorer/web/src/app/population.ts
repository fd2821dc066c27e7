/** Which customers and interactions: the state of the bar, its variables in GraphQL. */

export type By = "TOUCHPOINT" | "CHANNEL" | "STAGE" | "TOUCHPOINT_AT_CHANNEL";

/** What is not set is empty: nothing is left out then. Dates are as typed, `2024-03-01`. */
export interface Population {
  readonly from: string;
  readonly until: string;
  readonly channels: readonly string[];
  readonly stages: readonly string[];
  readonly touchpoints: readonly string[];
  /** Attribute and one of its values, each. */
  readonly attributes: readonly (readonly [string, string])[];
  readonly touched: readonly string[];
  readonly notTouched: readonly string[];
  readonly ids: readonly string[];
  readonly referred: "" | "yes" | "no";
  readonly hasOutcome: "" | "yes" | "no";
  readonly did: readonly string[];
  readonly notDid: readonly string[];
  readonly outcomeTouchpoints: readonly string[];
  readonly outcomeStages: readonly string[];
  /** Pattern and the item that all that match become. */
  readonly group: readonly (readonly [string, string])[];
  readonly exclude: readonly string[];
  readonly collapse: boolean;
  readonly by: By;
  readonly unit: "CUSTOMER" | "JOURNEY";
  /** Empty, `outcome`, `inactivity:30m` or `column:session`. */
  readonly split: string;
  readonly inactivity: string;
  readonly confidence: string;
  readonly version: string;
}

export const EVERYBODY: Population = {
  from: "", until: "", channels: [], stages: [], touchpoints: [], attributes: [], touched: [],
  notTouched: [], ids: [], referred: "", hasOutcome: "", did: [], notDid: [], outcomeTouchpoints: [],
  outcomeStages: [], group: [], exclude: [], collapse: false, by: "TOUCHPOINT", unit: "CUSTOMER",
  split: "", inactivity: "", confidence: "", version: "",
};

type Json = Readonly<Record<string, unknown>>;

/** The GraphQL types of the population's variables, as `journeys` takes them. */
export const TYPES: Readonly<Record<string, string>> = {
  where: "WhereInput", rules: "RulesInput", split: "SplitInput", by: "By!", unit: "Unit!",
  outcome: "OutcomeInput", inactivity: "Duration!", confidence: "Float!", version: "BigInt",
};

/** The variables that say this population; what is as by default is left out. */
export function variablesOf(population: Population): Json {
  const { by, unit, inactivity, confidence, version } = population;
  return without({
    where: whereOf(population),
    rules: rulesOf(population),
    split: splitOf(population.split),
    by: by === EVERYBODY.by ? undefined : by,
    unit: unit === EVERYBODY.unit ? undefined : unit,
    outcome: some({ touchpoints: list(population.outcomeTouchpoints), stages: list(population.outcomeStages) }),
    inactivity: inactivity || undefined,
    confidence: confidence ? Number(confidence) : undefined,
    version: version || undefined,
  });
}

function whereOf(population: Population): Json | undefined {
  return some({
    from: population.from || undefined,
    until: population.until || undefined,
    touchpoints: list(population.touchpoints),
    channels: list(population.channels),
    stages: list(population.stages),
    customers: some({
      ids: list(population.ids),
      attributes: attributesOf(population.attributes),
      touched: list(population.touched),
      notTouched: list(population.notTouched),
      referred: truth(population.referred),
      hasOutcome: truth(population.hasOutcome),
    }),
    did: list(population.did),
    notDid: list(population.notDid),
  });
}

function rulesOf({ group, exclude, collapse }: Population): Json | undefined {
  return some({
    group: list(group.map(([pattern, as]) => ({ pattern, as }))),
    exclude: list(exclude),
    collapse: collapse || undefined,
  });
}

function splitOf(split: string): Json | undefined {
  if (split === "outcome") return { outcome: true };
  const [kind, value] = halves(split);
  return kind && value ? { [kind]: value } : undefined;
}

function halves(text: string): readonly [string, string] {
  const at = text.indexOf(":");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/** Values of one attribute are alternatives, attributes hold together. */
function attributesOf(pairs: Population["attributes"]): unknown {
  const names = [...new Set(pairs.map(([name]) => name))];
  const values = (name: string): string[] => pairs.filter((pair) => pair[0] === name).map((pair) => pair[1]);
  return list(names.map((name) => ({ name, values: values(name) })));
}

function truth(answer: "" | "yes" | "no"): boolean | undefined {
  return answer === "" ? undefined : answer === "yes";
}

function list<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length ? values : undefined;
}

function without(values: Json): Json {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function some(values: Json): Json | undefined {
  const kept = without(values);
  return Object.keys(kept).length ? kept : undefined;
}
