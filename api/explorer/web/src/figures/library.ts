/** All figures, for notebooks and reports: what `figures.js` exports. */

import { advocates } from "./advocates";
import { attribution } from "./attribution";
import { commonPaths } from "./common_paths";
import { customerFeedback } from "./customer_feedback";
import { customerHistory, customerSteps } from "./customer_history";
import { customerStanding } from "./customer_standing";
import { emotionCurve } from "./emotion_curve";
import { exits } from "./exits";
import { emotionOverTime, experienceHeat, gapOverTime } from "./experience_heat";
import { feedbackOutcomes } from "./feedback_outcomes";
import { feedbackStanding } from "./feedback_standing";
import { feedbackTimes } from "./feedback_times";
import type { Figure } from "./figure";
import { flow } from "./flow";
import { funnel } from "./funnel";
import { funnelGroups } from "./funnel_groups";
import { journeyMap } from "./journey_map";
import { kFactor } from "./k_factor";
import { LOYALTY_FIGURES } from "./loyalty";
import { nextBest } from "./next_best";
import { pathMap } from "./path_map";
import { peakEnd } from "./peak_end";
import { plannedDeviations } from "./planned_deviations";
import { plannedExtras } from "./planned_extras";
import { plannedFit } from "./planned_fit";
import { plannedSteps } from "./planned_steps";
import { preferencesChoice } from "./preferences_choice";
import { preferencesGrid } from "./preferences_grid";
import { referralTree } from "./referral_tree";
import { similarCustomers } from "./similar_customers";
import { timeToConvert } from "./time_to_convert";
import { trend } from "./trend";
import { turns } from "./turns";
import { cascades, generations } from "./word_of_mouth";

export { commonPaths, exits, flow, funnel, funnelGroups, journeyMap, pathMap, timeToConvert };
export { DARK, LIGHT, themeOf } from "./theme";
export * as numbers from "./numbers";

/** Of an answer that several can show, the first is the usual one. */
export const FIGURES: readonly Figure<any>[] = [
  commonPaths, exits, flow, funnel, funnelGroups, pathMap, timeToConvert, journeyMap, plannedSteps, plannedFit, plannedExtras,
  plannedDeviations, referralTree, cascades, generations, kFactor,
  advocates, ...LOYALTY_FIGURES.values(), attribution, customerHistory, customerSteps,
  experienceHeat, emotionOverTime, gapOverTime, emotionCurve, peakEnd, turns, feedbackStanding, feedbackTimes, feedbackOutcomes,
  preferencesGrid, preferencesChoice, trend, customerStanding, customerFeedback, nextBest, similarCustomers,
];
