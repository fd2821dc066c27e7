"""The schema as it is committed: described throughout, and named by one rule."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
)

import queries.after_drop
import queries.amounts
import queries.anchors
import queries.attribution
import queries.attribution_nodes
import queries.before_referral
import queries.cascades
import queries.common_paths
import queries.compare
import queries.compared_items
import queries.compared_measures
import queries.compared_transitions
import queries.contact_limits
import queries.contrast_patterns
import queries.conversion_curves
import queries.covariate_balance
import queries.customer
import queries.customer_feedback
import queries.differences
import queries.drop_off
import queries.drop_off_contrast
import queries.economics
import queries.economics_groups
import queries.exit_hazards
import queries.experience
import queries.feedback_associations
import queries.feedback_groups
import queries.feedback_items
import queries.feedback_loop
import queries.feedback_outcomes
import queries.feedback_times
import queries.feelings
import queries.funnel
import queries.hazard_ratios
import queries.intervals
import queries.journey_map
import queries.journey_trend
import queries.k_factor
import queries.loyalty
import queries.loyalty_details
import queries.loyalty_touchpoints
import queries.matched_measures
import queries.matched_times
import queries.means
import queries.next_best
import queries.next_evaluation
import queries.paging
import queries.path_steps
import queries.peak_end
import queries.plan_deviations
import queries.plan_steps
import queries.planned_journey
import queries.planned_map
import queries.preferences
import queries.profile
import queries.rank_correlation
import queries.referral_chains
import queries.referral_links
import queries.referral_tree
import queries.referrals
import queries.referred_contrast
import queries.referrer_credits
import queries.referrer_left
import queries.similar_customers
import queries.stored.reading
import queries.stored.trend
import queries.stored.trend_points
import queries.strata
import queries.summary
import queries.time_to_convert
import queries.transitions
import queries.trend_points
import queries.turns
import queries.value_contrasts
import queries.what_if
from api.answers import camel_case
from api.graphql.schema import schema, sdl
from journeygraph.cohorts import CustomerWhere, Where
from journeygraph.outcome import OutcomeRule
from journeygraph.rules import Group, Rules
from journeygraph.splitting import Split
from queries.customer_lists import CustomerList

COMMITTED = Path("api/graphql/schema.graphql")
SCHEMA = schema().graphql_schema
TYPES = [
    kind
    for kind in SCHEMA.type_map.values()
    if not is_introspection_type(kind) and not is_specified_scalar_type(kind)
]

# What a type shows beyond the fields of its answer, which are methods and properties there.
TWINS = {
    "Summary": (queries.summary.Summary, set()),
    "CommonPathsAnswer": (queries.common_paths.CommonPathsAnswer, set()),
    "CommonPath": (queries.common_paths.CommonPath, set()),
    "PathStep": (queries.path_steps.PathStep, set()),
    "PathColumn": (queries.path_steps.PathColumn, set()),
    "PathFlow": (queries.path_steps.PathFlow, set()),
    "BetweenInput": (queries.anchors.Between, set()),
    "Contrast": (queries.contrast_patterns.Contrast, set()),
    "PathContrast": (queries.contrast_patterns.PathContrast, set()),
    "TransitionsAnswer": (queries.transitions.TransitionsAnswer, set()),
    "Transition": (queries.transitions.Transition, set()),
    "DropOffAnswer": (queries.drop_off.DropOffAnswer, set()),
    "ItemDropOff": (queries.drop_off.ItemDropOff, set()),
    "TimeToConvertAnswer": (queries.time_to_convert.TimeToConvertAnswer, set()),
    "LogRankTest": (queries.time_to_convert.LogRankTest, set()),
    "ConversionTimes": (queries.conversion_curves.ConversionTimes, set()),
    "ConversionPoint": (queries.conversion_curves.ConversionPoint, set()),
    "TimeQuantile": (queries.conversion_curves.TimeQuantile, set()),
    "Probability": (queries.conversion_curves.Probability, set()),
    "AfterDropAnswer": (queries.after_drop.AfterDropAnswer, set()),
    "AfterDropItem": (queries.after_drop.AfterDropItem, set()),
    "DropOffContrastAnswer": (queries.drop_off_contrast.DropOffContrastAnswer, set()),
    "ItemContrast": (queries.drop_off_contrast.ItemContrast, set()),
    "CompareAnswer": (queries.compare.CompareAnswer, {"items", "transitions"}),
    "Difference": (queries.differences.Difference, set()),
    "Average": (queries.compared_measures.Average, set()),
    "ComparedShare": (queries.compared_measures.ComparedShare, set()),
    "ComparedAverage": (queries.compared_measures.ComparedAverage, set()),
    "ComparedEmotion": (queries.compared_measures.ComparedEmotion, set()),
    "ComparedItems": (queries.compared_items.ComparedItems, set()),
    "ComparedItem": (queries.compared_items.ComparedItem, set()),
    "ItemSide": (queries.compared_items.ItemSide, set()),
    "ComparedTransitions": (queries.compared_transitions.ComparedTransitions, set()),
    "ComparedTransition": (queries.compared_transitions.ComparedTransition, set()),
    "TransitionSide": (queries.compared_transitions.TransitionSide, set()),
    "ExitHazardsAnswer": (queries.exit_hazards.ExitHazardsAnswer, set()),
    "ExitHazard": (queries.exit_hazards.ExitHazard, set()),
    "Standing": (queries.profile.CustomerStanding, set()),
    "SimilarAnswer": (queries.similar_customers.SimilarAnswer, set()),
    "SimilarNext": (queries.similar_customers.SimilarNext, set()),
    "NextBestAnswer": (queries.next_best.NextBestAnswer, set()),
    "NextTouchpoint": (queries.next_best.NextTouchpoint, set()),
    "ContactLimitsInput": (queries.contact_limits.ContactLimits, set()),
    "NextEvaluationAnswer": (queries.next_evaluation.NextEvaluationAnswer, set()),
    "PredictorScore": (queries.next_evaluation.PredictorScore, set()),
    "HitRate": (queries.next_evaluation.HitRate, set()),
    "ReliabilityBin": (queries.next_evaluation.ReliabilityBin, set()),
    "FeedbackLoopAnswer": (queries.feedback_loop.FeedbackLoopAnswer, set()),
    "FeedbackGroup": (queries.feedback_groups.FeedbackGroup, set()),
    "Promises": (queries.feedback_groups.Promises, set()),
    "StepTimes": (queries.feedback_times.StepTimes, set()),
    "FeedbackItemsAnswer": (queries.feedback_items.FeedbackItemsAnswer, set()),
    "CustomerFeedback": (queries.customer_feedback.CustomerFeedback, set()),
    "FeedbackItem": (queries.feedback_items.FeedbackItem, set()),
    "FeedbackOutcomesAnswer": (queries.feedback_outcomes.FeedbackOutcomesAnswer, set()),
    "FeedbackResponse": (queries.feedback_outcomes.FeedbackResponse, set()),
    "FeedbackAssociation": (queries.feedback_associations.FeedbackAssociation, set()),
    "FeedbackFeelings": (queries.feedback_associations.FeedbackFeelings, set()),
    "JourneyMapAnswer": (queries.journey_map.JourneyMapAnswer, set()),
    "MapStage": (queries.journey_map.MapStage, set()),
    "MapCell": (queries.journey_map.MapCell, set()),
    "PlannedMap": (queries.planned_map.PlannedMap, set()),
    "HeldStep": (queries.plan_steps.HeldStep, set()),
    "HeldStage": (queries.plan_steps.HeldStage, set()),
    "ExtraTouchpoint": (queries.plan_steps.ExtraTouchpoint, set()),
    "FitnessBand": (queries.plan_steps.FitnessBand, set()),
    "PlanDeviation": (queries.plan_deviations.PlanDeviation, set()),
    "PlannedJourneyInput": (queries.planned_journey.PlannedJourney, set()),
    "PlannedStageInput": (queries.planned_journey.PlannedStage, set()),
    "PlannedTouchpointInput": (queries.planned_journey.PlannedTouchpoint, set()),
    "ExperienceAnswer": (queries.experience.ExperienceAnswer, set()),
    "FeltGroup": (queries.feelings.FeltGroup, set()),
    "ExperienceGroup": (queries.feelings.ExperienceGroup, set()),
    "ExperiencePeriod": (queries.feelings.ExperiencePeriod, set()),
    "FeelingLabel": (queries.feelings.FeelingLabel, set()),
    "EmotionSource": (queries.feelings.EmotionSource, set()),
    "PeakEnd": (queries.peak_end.PeakEnd, set()),
    "MoodOutcome": (queries.peak_end.MoodOutcome, set()),
    "MeanDifference": (queries.means.MeanDifference, set()),
    "JourneyTrendAnswer": (queries.journey_trend.JourneyTrendAnswer, set()),
    "JourneyTrendPoint": (queries.trend_points.JourneyTrendPoint, set()),
    "JourneyTrendSide": (queries.trend_points.JourneyTrendSide, set()),
    "LevelShift": (queries.trend_points.LevelShift, set()),
    "EconomicsAnswer": (queries.economics.EconomicsAnswer, set()),
    "EconomicsGroup": (queries.economics_groups.EconomicsGroup, set()),
    "Amount": (queries.amounts.Amount, set()),
    "Margin": (queries.amounts.Margin, set()),
    "PreferencesAnswer": (queries.preferences.PreferencesAnswer, set()),
    "ItemPreference": (queries.preferences.ItemPreference, set()),
    "Correlation": (queries.rank_correlation.Correlation, set()),
    "TurnsAnswer": (queries.turns.TurnsAnswer, set()),
    "ItemTurn": (queries.turns.ItemTurn, set()),
    "Mean": (queries.means.Mean, set()),
    "FunnelAnswer": (queries.funnel.FunnelAnswer, set()),
    "FunnelStepAnswer": (queries.funnel.FunnelStepAnswer, set()),
    "FunnelStepInput": (queries.funnel.FunnelStep, set()),
    "FunnelStepWhereInput": (queries.funnel.FunnelStepWhere, set()),
    "FunnelExclusionInput": (queries.funnel.FunnelExclusion, set()),
    "FunnelSessionInput": (queries.funnel.FunnelSession, set()),
    "FunnelBreakdownInput": (queries.funnel.FunnelBreakdown, set()),
    "FunnelCompareInput": (queries.funnel.FunnelCompare, set()),
    "FunnelGroup": (queries.funnel.FunnelGroup, set()),
    "FunnelComparison": (queries.funnel.FunnelComparison, set()),
    "StepDifference": (queries.funnel.StepDifference, set()),
    "FunnelTimes": (queries.funnel.FunnelTimes, set()),
    "TimeBucket": (queries.funnel.TimeBucket, set()),
    "LoyaltyAnswer": (queries.loyalty_touchpoints.LoyaltyAnswer, set()),
    "LoyaltyTouchpoint": (queries.loyalty_touchpoints.LoyaltyTouchpoint, set()),
    "LoyaltyAdjusted": (queries.strata.Pooled, set()),
    "LoyaltyDose": (queries.loyalty_details.LoyaltyDose, set()),
    "DoseTrend": (queries.loyalty_details.DoseTrend, set()),
    "LoyaltyFirstDays": (queries.loyalty_details.LoyaltyFirstDays, set()),
    "HazardRatio": (queries.hazard_ratios.HazardRatio, set()),
    "ValueContrast": (queries.value_contrasts.ValueContrast, set()),
    "AttributionAnswer": (queries.attribution.AttributionAnswer, set()),
    "ItemCredit": (queries.attribution_nodes.ItemCredit, set()),
    "WhatIfAnswer": (queries.what_if.WhatIfAnswer, set()),
    "Expected": (queries.what_if.Expected, set()),
    "ItemChange": (queries.what_if.ItemChange, set()),
    "FixInput": (queries.what_if.Fix, set()),
    "SpeedUpInput": (queries.what_if.SpeedUp, set()),
    "LoyaltyInput": (queries.loyalty.Loyalty, set()),
    "ReferralsAnswer": (
        queries.referrals.ReferralsAnswer,
        {
            "all_customers", "root_customers", "referred_customers", "unattributed_customers",
            "chains", "chain_pages", "advocates", "advocate_pages", "cuts", "credits",
            "max_depth", "depths", "sizes", "cascades", "k_factor", "referrer_left",
            "before_referral", "referred_contrast", "tree",
        },
    ),
    "DepthCount": (queries.referrals.DepthCount, set()),
    "SizeCount": (queries.referrals.SizeCount, set()),
    "CutReferral": (queries.referrals.CutReferral, set()),
    "Chain": (
        queries.referral_chains.Chain,
        {"value_minor", "downstream_value_minor", "customers", "members"},
    ),
    "ReferralTree": (queries.referral_tree.ReferralTree, set()),
    "ChainMember": (queries.referral_chains.ChainMember, set()),
    "Advocate": (
        queries.referral_chains.Advocate,
        {"downstream_value_minor", "brought_customers", "downstream_customers"},
    ),
    "ReferrerCredit": (queries.referrer_credits.ReferrerCredit, set()),
    "CascadesAnswer": (queries.cascades.CascadesAnswer, set()),
    "Cascade": (queries.cascades.Cascade, set()),
    "CascadeCount": (queries.cascades.CascadeCount, set()),
    "Generation": (queries.cascades.Generation, set()),
    "KFactorAnswer": (queries.k_factor.KFactorAnswer, set()),
    "Factor": (queries.k_factor.Factor, set()),
    "CohortFactor": (queries.k_factor.CohortFactor, set()),
    "ReferrerLeftAnswer": (queries.referrer_left.ReferrerLeftAnswer, set()),
    "BeforeReferralAnswer": (queries.before_referral.BeforeReferralAnswer, set()),
    "MetBefore": (queries.before_referral.MetBefore, set()),
    "ReferredContrastAnswer": (queries.referred_contrast.ReferredContrastAnswer, set()),
    "MatchedMeasure": (queries.matched_measures.MatchedMeasure, set()),
    "MatchedGroup": (queries.matched_measures.MatchedGroup, set()),
    "MatchedTimes": (queries.matched_times.MatchedTimes, set()),
    "CovariateBalance": (queries.covariate_balance.CovariateBalance, set()),
    "WithoutReferrer": (queries.referrer_left.WithoutReferrer, set()),
    "Interaction": (queries.customer.InteractionRow, set()),
    "StatisticsAnswer": (queries.stored.reading.StatisticsAnswer, set()),
    "TrendAnswer": (queries.stored.trend.TrendAnswer, set()),
    "TrendPoint": (queries.stored.trend_points.TrendPoint, set()),
    "Estimate": (queries.intervals.Estimate, set()),
    "PageInfo": (queries.paging.PageInfo, set()),
    "WhereInput": (Where, set()),
    "CustomerWhereInput": (CustomerWhere, set()),
    "RulesInput": (Rules, set()),
    "GroupInput": (Group, set()),
    "SplitInput": (Split, set()),
    "OutcomeInput": (OutcomeRule, set()),
}  # fmt: skip
# Types of what an answer is made from.
UNSHOWN = {
    "Journeys", "JourneyGraph", "Referrals", "BoolArray", "Credited", "ReferralForest",
    "SharedCustomers",
}  # fmt: skip


def test_the_committed_schema_is_the_schema() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == sdl(), (
        f"The schema has changed: write it anew with `journeygraph schema > {COMMITTED}`"
    )


def test_the_committed_schema_can_be_read() -> None:
    assert build_schema(sdl()).query_type is not None


def _descriptions() -> Iterator[tuple[str, str | None]]:
    for kind in TYPES:
        yield kind.name, kind.description
        if isinstance(kind, GraphQLEnumType):
            for name, value in kind.values.items():
                yield f"{kind.name}.{name}", value.description
        if isinstance(kind, GraphQLInputObjectType | GraphQLObjectType):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", field.description
                for argument, given in getattr(field, "args", {}).items():
                    yield f"{kind.name}.{name}({argument})", given.description


def test_everything_is_described() -> None:
    described = dict(_descriptions())
    assert len(described) > 250
    assert [name for name, text in described.items() if not text or not text.strip()] == []
    assert [name for name, text in described.items() if text and "\n" in text.strip()] == []
    assert [name for name, text in described.items() if text and text.strip()[-1] not in ".:"] == []


def test_counts_are_big_integers() -> None:
    small = {
        f"{kind.name}.{name}"
        for kind in TYPES
        if isinstance(kind, GraphQLObjectType)
        for name, field in kind.fields.items()
        if get_named_type(field.type) is GraphQLInt
    }
    assert small == {  # at most 32, and 10
        "CommonPathsAnswer.length", "AttributionAnswer.order", "OrderFit.order"
    }  # fmt: skip


def test_every_list_is_bounded() -> None:
    """A page has `first`, 1000 at most, with a default; other lists are as long as a schema is."""
    paged = [
        field.args["first"]
        for kind in TYPES
        if isinstance(kind, GraphQLObjectType)
        for field in kind.fields.values()
        if "first" in field.args
    ]
    assert len(paged) > 30
    for first in paged:
        assert 0 < first.default_value <= 1000
        assert "At most 1000." in (first.description or "")


@pytest.mark.parametrize("name", TWINS)
def test_names_are_twins_of_the_names_in_python(name: str) -> None:
    twin, more = TWINS[name]
    in_python = {
        field.name
        for field in dataclasses.fields(twin)
        if field.name != "index" and field.type not in UNSHOWN
    } | more
    shown = {camel_case(name.removesuffix("_minor").removesuffix("_us")) for name in in_python}
    assert set(SCHEMA.type_map[name].fields) == shown


def test_every_question_has_its_options() -> None:
    journeys = SCHEMA.type_map["Journeys"].fields
    for name, question in {
        "commonPaths": queries.common_paths.CommonPaths,
        "transitions": queries.transitions.Transitions,
        "dropOff": queries.drop_off.DropOff,
        "funnel": queries.funnel.Funnel,
        "afterDrop": queries.after_drop.AfterDrop,
        "dropOffContrast": queries.drop_off_contrast.DropOffContrast,
        "compare": queries.compare.Compare,
        "exitHazards": queries.exit_hazards.ExitHazards,
        "feedbackLoop": queries.feedback_loop.FeedbackLoop,
        "feedbackItems": queries.feedback_items.FeedbackItems,
        "feedbackOutcomes": queries.feedback_outcomes.FeedbackOutcomes,
        "journeyMap": queries.journey_map.JourneyMap,
        "experience": queries.experience.Experience,
        "turns": queries.turns.Turns,
        "nextBest": queries.next_best.NextBest,
        "nextEvaluation": queries.next_evaluation.NextEvaluation,
        "trend": queries.journey_trend.JourneyTrend,
        "economics": queries.economics.Economics,
        "preferences": queries.preferences.Preferences,
        "timeToConvert": queries.time_to_convert.TimeToConvert,
        "referrals": queries.referrals.Referrals,
        "attribution": queries.attribution.Attribution,
        "whatIf": queries.what_if.WhatIf,
        "loyaltyTouchpoints": queries.loyalty_touchpoints.LoyaltyTouchpoints,
    }.items():
        options = dataclasses.fields(question)
        assert set(journeys[name].args) == {camel_case(option.name) for option in options}
        for option in options:
            default = journeys[name].args[camel_case(option.name)].default_value
            if option.default not in {None, dataclasses.MISSING}:
                assert default == option.default


def test_behind_every_list_of_customers_stands_a_field() -> None:
    for name, (twin, _more) in TWINS.items():
        for field in dataclasses.fields(twin):
            if field.type in {"CustomerList", CustomerList}:
                shown = SCHEMA.type_map[name].fields[camel_case(field.name)]
                assert get_named_type(shown.type).name == "CustomerConnection"


def test_enums_are_the_words_of_python() -> None:
    for kind in TYPES:
        if isinstance(kind, GraphQLEnumType):
            assert [member.name for member in vars(kind)["graphene_type"]._meta.enum] == list(
                kind.values
            )
