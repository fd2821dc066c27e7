/** All views, in the order of their tabs. */

import { dropOffView } from "./drop_off";
import { flowView } from "./flow";
import { pathMapView } from "./path_map";
import { paths } from "./paths";
import type { View } from "./view";

export const VIEWS: readonly View[] = [flowView, pathMapView, dropOffView, paths];
