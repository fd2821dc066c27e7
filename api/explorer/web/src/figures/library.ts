/** All figures, for notebooks and reports: what `figures.js` exports. */

import { commonPaths } from "./common_paths";
import type { Figure } from "./figure";
import { flow } from "./flow";

export { commonPaths, flow };
export { DARK, LIGHT, themeOf } from "./theme";
export * as numbers from "./numbers";

export const FIGURES: readonly Figure<any>[] = [commonPaths, flow];
