/** All views, in the order of their tabs. */

import { customer } from "./customer";
import { dropOffView } from "./drop_off";
import { experienceView } from "./experience";
import { feedbackView } from "./feedback";
import { flowView } from "./flow";
import { journeyMap } from "./journey_map";
import { loyalty } from "./loyalty";
import { pathMapView } from "./path_map";
import { paths } from "./paths";
import { plannedJourney } from "./planned_journey";
import { preferencesView } from "./preferences";
import { trendView } from "./trend";
import type { View } from "./view";
import { wordOfMouth } from "./word_of_mouth";

export const VIEWS: readonly View[] = [flowView, pathMapView, dropOffView, paths, journeyMap, plannedJourney, experienceView, feedbackView, preferencesView, trendView, wordOfMouth, loyalty, customer];
