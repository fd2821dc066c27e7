/** All views, in the order of their tabs. */

import { paths } from "./paths";
import type { View } from "./view";

export const VIEWS: readonly View[] = [paths];
