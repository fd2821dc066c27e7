/** All figures, for notebooks and reports: what `figures.js` exports. */

import { commonPaths } from "./common_paths";
import { exits } from "./exits";
import type { Figure } from "./figure";
import { flow } from "./flow";
import { funnel } from "./funnel";
import { funnelGroups } from "./funnel_groups";
import { pathMap } from "./path_map";
import { timeToConvert } from "./time_to_convert";

export { commonPaths, exits, flow, funnel, funnelGroups, pathMap, timeToConvert };
export { DARK, LIGHT, themeOf } from "./theme";
export * as numbers from "./numbers";

export const FIGURES: readonly Figure<any>[] = [commonPaths, exits, flow, funnel, funnelGroups, pathMap, timeToConvert];
