"""Journeys, and every question that can be asked of them, in GraphQL.

A question is null where it has an error, so that one which cannot be answered does not take the
answers of the others with it.
"""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import after_drop as after
from api.graphql import common_paths as paths
from api.graphql import compare as comparing
from api.graphql import drop_off_contrast as contrasts
from api.graphql import economics as earning
from api.graphql import exit_hazards as hazards
from api.graphql import experience as feelings
from api.graphql import feedback as loops
from api.graphql import fields
from api.graphql import journey_map as maps
from api.graphql import journey_trend as trends
from api.graphql import next_best_options as nexts
from api.graphql import preferences as preferring
from api.graphql import time_to_convert as times
from api.graphql import turns as turning
from api.graphql import what_if as changing
from api.graphql.attribution import AttributionAnswer, attribution_arguments
from api.graphql.customer import customer_list
from api.graphql.drop_off import DropOffAnswer
from api.graphql.funnel import FunnelAnswer, funnel_arguments, funnel_of
from api.graphql.loyalty_touchpoints import LoyaltyAnswer, loyalty_arguments, loyalty_of
from api.graphql.next_best import NextBestAnswer, NextEvaluationAnswer
from api.graphql.referrals import ReferralsAnswer
from api.graphql.referrals import arguments as referral_arguments
from api.graphql.scalars import Duration
from api.graphql.summary import Summary
from api.graphql.transitions import TransitionsAnswer
from queries.after_drop import AfterDrop, after_drop
from queries.attribution import Attribution, attribution
from queries.common_paths import common_paths
from queries.compare import compare
from queries.customer_lists import customers_of
from queries.drop_off import DropOff, drop_off
from queries.drop_off_contrast import drop_off_contrast
from queries.economics import Economics, economics
from queries.exit_hazards import ExitHazards, exit_hazards
from queries.experience import experience
from queries.feedback_items import FeedbackItems, feedback_items
from queries.feedback_loop import FeedbackLoop, feedback_loop
from queries.feedback_outcomes import FeedbackOutcomes, feedback_outcomes
from queries.funnel import funnel
from queries.journey_map import JourneyMap, journey_map
from queries.journey_trend import journey_trend
from queries.loyalty_touchpoints import LoyaltyTouchpoints, loyalty_touchpoints
from queries.next_best import next_best
from queries.next_evaluation import NextEvaluation, next_evaluation
from queries.outcomes import outcome_warnings
from queries.preferences import Preferences, preferences
from queries.referrals import Referrals, referrals
from queries.summary import summary
from queries.time_to_convert import time_to_convert
from queries.transitions import Transitions, transitions
from queries.turns import Turns, turns
from queries.what_if import what_if

__all__ = ["Journeys"]

_AT_LEAST = "List nothing that fewer units did; it counts among the others."


def _question(answer: Any, description: str, **arguments: Any) -> graphene.Field:
    return graphene.Field(answer, description=description, **arguments)


class Journeys(graphene.ObjectType):
    """A population, cleaned and cut into journeys; every question below is about it."""

    outcome = fields.text("What counts as success here, in words.")
    warnings = fields.texts("What to mind, whatever is asked of these journeys.")
    summary = _question(Summary, "How much there is.")
    customers = customer_list("The customers of these journeys.", read=customers_of)
    common_paths = _question(
        paths.CommonPathsAnswer,
        "The ways that customers go, most frequent first.",
        **paths.arguments(),
    )
    transitions = _question(
        TransitionsAnswer,
        "What directly follows what, most frequent first.",
        first=fields.first_argument(20, "How many transitions."),
        after=fields.after_argument(),
        at_least=fields.at_least_argument(_AT_LEAST),
        exact=fields.exact_argument(),
    )
    drop_off = _question(
        DropOffAnswer,
        "Where journeys end without the outcome, most exits first.",
        first=fields.first_argument(50, "How many items."),
        after=fields.after_argument(),
        inactivity=Duration(
            description="Last seen within this of the end: open, not gone; that of `journeys` if "
            "not given."
        ),
    )
    funnel = _question(
        FunnelAnswer,
        "How many go through these steps, and where the others stay.",
        **funnel_arguments(),
    )
    drop_off_contrast = _question(
        contrasts.DropOffContrastAnswer,
        "Where one population leaves more than another, smallest p first.",
        **contrasts.arguments(),
    )
    compare = _question(
        comparing.CompareAnswer,
        "A second population beside this one: whole, by item, and by transition.",
        **comparing.arguments(),
    )
    next_best = _question(
        NextBestAnswer,
        "What to turn to a customer with next, largest gain in the objective first.",
        **nexts.arguments(),
    )
    next_evaluation = _question(
        NextEvaluationAnswer,
        "How well the next touchpoint is foretold on later data, against simple rules.",
        **nexts.evaluation_arguments(),
    )
    exit_hazards = _question(
        hazards.ExitHazardsAnswer,
        "When units leave: by position in the journey, or by time since its start.",
        **hazards.arguments(),
    )
    journey_map = _question(
        maps.JourneyMapAnswer,
        "What customers meet in which stage, where they leave, and how they feel there.",
        **maps.arguments(),
    )
    experience = _question(
        feelings.ExperienceAnswer,
        "What customers felt, expected and found, by what they met, and over time.",
        **feelings.arguments(),
    )
    turns = _question(
        turning.TurnsAnswer,
        "At which items feelings turn for better or worse, most journeys first.",
        **turning.arguments(),
    )
    preferences = _question(
        preferring.PreferencesAnswer,
        "What customers choose, come back to, rate up and leave; the most important first.",
        **preferring.arguments(),
    )
    economics = _question(
        earning.EconomicsAnswer,
        "What interactions bring, what they cost, and what is left, by what they have in common.",
        **earning.arguments(),
    )
    trend = _question(
        trends.JourneyTrendAnswer,
        "A measure over calendar time or by cohort, and where its level changes; the root field "
        "`trend` follows what was stored.",
        **trends.arguments(),
    )
    after_drop = _question(
        after.AfterDropAnswer,
        "What units do behind a step, by whether they convert later, smallest p first.",
        **after.arguments(),
    )
    time_to_convert = _question(
        times.TimeToConvertAnswer,
        "How long it takes to convert, with those who have not yet counted as that.",
        **times.arguments(),
    )
    feedback_loop = _question(
        loops.FeedbackLoopAnswer,
        "What became of complaints, queries, suggestions, praise and promises.",
        **loops.loop_arguments(),
    )
    feedback_items = _question(
        loops.FeedbackItemsAnswer,
        "Feedback one by one, the latest opening first.",
        **loops.items_arguments(),
    )
    feedback_outcomes = _question(
        loops.FeedbackOutcomesAnswer,
        "What dealing with feedback, and how soon, went with: return, outcomes, churn, feelings.",
        **loops.outcomes_arguments(),
    )
    referrals = _question(ReferralsAnswer, "Who brings whom.", **referral_arguments())
    loyalty_touchpoints = _question(
        LoyaltyAnswer,
        "Which touchpoints go with loyalty, smallest p first.",
        **loyalty_arguments(),
    )
    attribution = _question(
        AttributionAnswer,
        "Which items outcomes are credited to, most credit first.",
        **attribution_arguments(),
    )

    what_if = _question(
        changing.WhatIfAnswer,
        "Expected outcomes if items were removed, fixed or sped up, by an absorbing chain.",
        **changing.arguments(),
    )

    @staticmethod
    def resolve_outcome(journeys: Any, _info: graphene.ResolveInfo) -> str:
        return str(journeys.outcome.wording)

    @staticmethod
    def resolve_warnings(journeys: Any, _info: graphene.ResolveInfo) -> Any:
        return outcome_warnings(journeys)

    @staticmethod
    def resolve_summary(journeys: Any, _info: graphene.ResolveInfo) -> Any:
        return summary(journeys)

    @staticmethod
    def resolve_common_paths(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return common_paths(paths.asked(options), journeys)

    @staticmethod
    def resolve_transitions(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return transitions(Transitions(**options), journeys)

    @staticmethod
    def resolve_drop_off(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return drop_off(DropOff(**options), journeys)

    @staticmethod
    def resolve_funnel(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return funnel(funnel_of(options), journeys)

    @staticmethod
    def resolve_drop_off_contrast(
        journeys: Any, _info: graphene.ResolveInfo, **options: Any
    ) -> Any:
        return drop_off_contrast(contrasts.asked(options), journeys)

    @staticmethod
    def resolve_compare(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return compare(comparing.asked(options), journeys)

    @staticmethod
    def resolve_next_best(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return next_best(nexts.asked(options)[0], journeys)

    @staticmethod
    def resolve_next_evaluation(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return next_evaluation(NextEvaluation(**options), journeys)

    @staticmethod
    def resolve_exit_hazards(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return exit_hazards(ExitHazards(**options), journeys)

    @staticmethod
    def resolve_journey_map(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return journey_map(JourneyMap(**options), journeys)

    @staticmethod
    def resolve_experience(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return experience(feelings.asked(options), journeys)

    @staticmethod
    def resolve_turns(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return turns(Turns(**options), journeys)

    @staticmethod
    def resolve_preferences(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return preferences(Preferences(**options), journeys)

    @staticmethod
    def resolve_economics(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return economics(Economics(**options), journeys)

    @staticmethod
    def resolve_trend(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return journey_trend(trends.asked(options), journeys)

    @staticmethod
    def resolve_after_drop(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return after_drop(AfterDrop(**options), journeys)

    @staticmethod
    def resolve_time_to_convert(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return time_to_convert(times.asked(options), journeys)

    @staticmethod
    def resolve_feedback_loop(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return feedback_loop(FeedbackLoop(**options), journeys)

    @staticmethod
    def resolve_feedback_items(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return feedback_items(FeedbackItems(**options), journeys)

    @staticmethod
    def resolve_feedback_outcomes(
        journeys: Any, _info: graphene.ResolveInfo, **options: Any
    ) -> Any:
        return feedback_outcomes(FeedbackOutcomes(**options), journeys)

    @staticmethod
    def resolve_referrals(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return referrals(Referrals(**options), journeys)

    @staticmethod
    def resolve_loyalty_touchpoints(
        journeys: Any, _info: graphene.ResolveInfo, loyalty: Any, **options: Any
    ) -> Any:
        question = LoyaltyTouchpoints(loyalty=loyalty_of(loyalty), **options)
        return loyalty_touchpoints(question, journeys)

    @staticmethod
    def resolve_attribution(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return attribution(Attribution(**options), journeys)

    @staticmethod
    def resolve_what_if(journeys: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return what_if(changing.asked(options), journeys)
