/** What to mind in an answer: that of the journeys, and that of each question asked of them or of a customer. */

import type { Data } from "../views/view";

export function warningsOf(data: Data | undefined): readonly string[] {
  const journeys: Readonly<Record<string, unknown>> = data?.journeys ?? {};
  const asked = [...Object.values(journeys), ...Object.values((data?.["customer"] ?? {}) as object)];
  const held = asked.map((answer) => (answer as { planned?: unknown } | null)?.planned);
  const within = [...asked, ...held].flatMap((answer) => listed((answer as { warnings?: unknown } | null)?.warnings));
  return [...new Set([...listed(journeys["warnings"]), ...within])];
}

function listed(warnings: unknown): readonly string[] {
  return Array.isArray(warnings) ? warnings : [];
}
