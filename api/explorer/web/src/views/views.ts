/** All views, in the order of their tabs. */

import { flowView } from "./flow";
import { paths } from "./paths";
import type { View } from "./view";

export const VIEWS: readonly View[] = [flowView, paths];
