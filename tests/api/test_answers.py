"""What GraphQL says is what the questions answer, field by field and number by number."""

from collections.abc import Callable
from typing import Any

import pytest
from graphql import get_named_type
from hypothesis import given, settings

from api.answers import moment, money, to_plain
from api.graphql.execution import Executor
from api.graphql.limits import Limits
from api.graphql.schema import schema
from journeygraph.graph import JourneyGraph
from journeygraph.journeys import By, Journeys
from journeygraph.vocabulary import STAGES
from queries.after_drop import AfterDrop, after_drop
from queries.attribution import Attribution, attribution
from queries.before_referral import BeforeReferral, before_referral
from queries.cascades import Cascades, cascades
from queries.common_paths import CommonPaths, PathForm, common_paths
from queries.compare import Compare, CompareAnswer, compare
from queries.customer import customer
from queries.drop_off import DropOff, drop_off
from queries.economics import Economics, economics
from queries.exit_hazards import ExitHazards, exit_hazards
from queries.experience import Experience, experience
from queries.feedback_groups import FeedbackBy
from queries.feedback_items import FeedbackItems, FeedbackItemsAnswer, feedback_items
from queries.feedback_loop import FeedbackLoop, feedback_loop
from queries.feedback_outcomes import FeedbackOutcomes, feedback_outcomes
from queries.funnel import Funnel, FunnelStep, funnel
from queries.journey_map import JourneyMap, journey_map
from queries.journey_trend import JourneyTrend, journey_trend
from queries.k_factor import KFactor, k_factor
from queries.loyalty import Loyalty
from queries.loyalty_touchpoints import LoyaltyTouchpoints, loyalty_touchpoints
from queries.next_best import NextBest, next_best
from queries.next_evaluation import NextEvaluation, next_evaluation
from queries.preferences import Preferences, preferences
from queries.referrals import Referrals, ReferralsAnswer, referrals
from queries.referred_contrast import ReferredContrast, referred_contrast
from queries.referrer_left import ReferrerLeft, referrer_left
from queries.summary import summary
from queries.time_to_convert import TimeToConvert, time_to_convert
from queries.transitions import Transitions, transitions
from queries.turns import Turns, turns
from queries.what_if import WhatIf, what_if
from tests.api.asking import ISSUE_QUERY, QUESTIONS, everything
from tests.strategies import World, worlds

Ask = Callable[..., dict[str, Any]]
SCHEMA = schema().graphql_schema

ANSWERS: dict[str, Callable[[Journeys], Any]] = {
    "summary": summary,
    "commonPaths": lambda view: common_paths(
        CommonPaths(first=4, form=PathForm.NGRAM, length=3), view
    ),
    "transitions": lambda view: transitions(Transitions(first=5, exact=True), view),
    "dropOff": lambda view: drop_off(DropOff(first=3, inactivity="14d"), view),
    "funnel": lambda view: funnel(
        Funnel(
            steps=(
                FunnelStep(any_of=("product page", "compare models"), label="look"),
                FunnelStep(any_of=("cart",)),
                FunnelStep(any_of=("purchase",)),
            ),
            window="20d",
        ),
        view,
    ),
    "afterDrop": lambda view: after_drop(
        AfterDrop(steps=["product page|compare models"], items=4, first=5), view
    ),
    "compare": lambda view: compare(
        Compare(with_={"until": "2024-09-01", "channels": ["web"]}), view
    ),
    "economics": lambda view: economics(Economics(first=4, by="channel", order="units"), view),
    "trend": lambda view: journey_trend(
        JourneyTrend(of="value", every="1mo", first=5, permutations=19), view
    ),
    "exitHazards": lambda view: exit_hazards(ExitHazards(first=6), view),
    "experience": lambda view: experience(Experience(first=3, by="stage", over="month"), view),
    "preferences": lambda view: preferences(
        Preferences(first=3, rating="emotion", overall="last"), view
    ),
    "nextBest": lambda view: next_best(
        NextBest(prefix=["product page"], at_least=5, within="14d", first=4), view
    ),
    "nextEvaluation": lambda view: next_evaluation(NextEvaluation(within="14d", at_least=5), view),
    "turns": lambda view: turns(Turns(first=3, permutations=19), view),
    "feedbackLoop": lambda view: feedback_loop(FeedbackLoop(by=FeedbackBy.STAGE, at_least=2), view),
    "feedbackItems": lambda view: feedback_items(FeedbackItems(open=True, first=3), view),
    "feedbackOutcomes": lambda view: feedback_outcomes(FeedbackOutcomes(within=["2d", "4d"]), view),
    "journeyMap": lambda view: journey_map(JourneyMap(first=9, at_least=2), view),
    "timeToConvert": lambda view: time_to_convert(TimeToConvert(ends=True, horizon="60d"), view),
    "referrals": lambda view: referrals(Referrals(), view),
    "attribution": lambda view: attribution(
        Attribution(first=4, by=By.CHANNEL, order_up_to=2, replicates=5, seed=1), view
    ),
    "whatIf": lambda view: what_if(
        WhatIf(remove=["newsletter"], fix=[{"item": "cart", "drop_off": 0.1}], replicates=5), view
    ),
    "loyaltyTouchpoints": lambda view: loyalty_touchpoints(
        LoyaltyTouchpoints(loyalty=Loyalty(repeat_purchase_within="90d"), first=6), view
    ),
}
SELECTIONS = {
    name: everything(SCHEMA, get_named_type(SCHEMA.type_map["Journeys"].fields[name].type).name)
    for name in QUESTIONS
}


def expected(answer: Any, exponent: int) -> Any:
    """The answer as the command line would print it, with the lists that GraphQL adds to it."""
    plain = to_plain(answer, exponent)
    if isinstance(answer, FeedbackItemsAnswer):
        for node in plain["nodes"]:
            del node["customer"]  # an object in GraphQL
    if isinstance(answer, ReferralsAnswer):
        plain["chains"] = [_chain(chain, exponent) for chain in answer.chains().nodes]
        plain["chainPages"] = {
            "nodes": plain["chains"],
            "pageInfo": to_plain(answer.chains().page_info, exponent),
        }
        plain["advocates"] = [_advocate(one, exponent) for one in answer.advocates().nodes]
        plain["advocatePages"] = {
            "nodes": plain["advocates"],
            "pageInfo": to_plain(answer.advocates().page_info, exponent),
        }
        plain["cuts"] = to_plain(answer.cuts(), exponent)
        plain |= to_plain(_of_trees(answer), exponent)
    if isinstance(answer, CompareAnswer):
        plain["items"] = to_plain(answer.items(), exponent)
        plain["transitions"] = to_plain(answer.transitions(), exponent)
    return plain


def _of_trees(answer: ReferralsAnswer) -> dict[str, Any]:
    return {
        "max_depth": answer.max_depth,
        "depths": answer.depths,
        "sizes": answer.sizes,
        "credits": answer.credits(),
        "tree": answer.tree(),
        "cascades": cascades(Cascades(), answer.journeys),
        "referred_contrast": referred_contrast(ReferredContrast(), answer.journeys),
        "k_factor": k_factor(KFactor(), answer.journeys),
        "before_referral": before_referral(BeforeReferral(), answer.journeys),
        "referrer_left": referrer_left(ReferrerLeft(), answer.journeys),
    }


def _chain(chain: Any, exponent: int) -> dict[str, Any]:
    return {
        "root": chain.root,
        "size": chain.size,
        "depth": chain.depth,
        "value": money(chain.value_minor, exponent),
        "downstreamValue": money(chain.downstream_value_minor, exponent),
        "members": to_plain(chain.members(), exponent),
    }


def _advocate(advocate: Any, exponent: int) -> dict[str, Any]:
    return {
        "customer": advocate.customer,
        "brought": advocate.brought,
        "downstream": advocate.downstream,
        "downstreamValue": money(advocate.downstream_value_minor, exponent),
        "firstHopValue": money(advocate.first_hop_value_minor, exponent),
        "decayedValue": money(advocate.decayed_value_minor, exponent),
    }


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered_as_in_python(ask: Ask, graph: JourneyGraph, question: str) -> None:
    query = f"{{ journeys {{ {question}{QUESTIONS[question]} {SELECTIONS[question]} }} }}"
    said = ask(query)["journeys"][question]
    assert said == expected(ANSWERS[question](graph.journeys()), graph.exponent)


def test_the_query_of_the_issue_runs_to_the_letter(ask: Ask, graph: JourneyGraph) -> None:
    data = ask(ISSUE_QUERY)
    view = graph.journeys(
        where={"from": "2024-01-01", "channels": ["web"]}, outcome={"touchpoints": ["purchase"]}
    )
    said = data["journeys"]
    paths = common_paths(CommonPaths(first=10), view)
    assert said["summary"]["customers"] == summary(view).customers
    assert said["commonPaths"]["coverage"] == paths.coverage
    assert [node["items"] for node in said["commonPaths"]["nodes"]] == [
        list(node.items) for node in paths.nodes
    ]
    assert said["commonPaths"]["pageInfo"]["endCursor"] == paths.page_info.end_cursor
    assert [node["count"] for node in said["transitions"]["nodes"]] == [
        node.count for node in transitions(Transitions(first=20), view).nodes
    ]
    assert said["dropOff"]["open"] == drop_off(DropOff(inactivity="30d"), view).open
    steps = [FunnelStep(any_of=(name,)) for name in ("product page", "cart", "purchase")]
    assert [step["units"] for step in said["funnel"]["steps"]] == [
        step.units for step in funnel(Funnel(steps=steps, window="7d"), view).steps
    ]
    assert len(said["referrals"]["chains"]) == len(said["referrals"]["advocates"]) == 5
    assert said["loyaltyTouchpoints"]["units"] > 0
    profile = customer(graph, "c42")
    assert data["customer"]["id"] == "c42"
    assert [row["at"] for row in data["customer"]["interactions"]["nodes"]] == [
        moment(row.at_us) for row in profile.interactions().nodes
    ]
    assert data["customer"]["referred"] == [{"id": other} for other in profile.referred]
    assert data["store"]["version"] == graph.version
    assert data["store"]["interactions"] == graph.n_interactions
    assert data["store"]["customers"] == graph.n_customers


def test_a_customer_is_told_completely(ask: Ask, graph: JourneyGraph) -> None:
    who = next(row.customer for row in referrals(Referrals(), graph.journeys()).advocates().nodes)
    query = f"query($id: ID!) {{ customer(id: $id) {everything(SCHEMA, 'Customer')} }}"
    said, profile = ask(query, id=who)["customer"], customer(graph, who)
    assert said["id"] == who
    assert {row["name"]: row["value"] for row in said["attributes"]} == {
        name: str(value) for name, value in profile.attributes.items()
    }
    history = profile.interactions()
    assert said["interactions"] == {
        "count": profile.n_interactions,
        "nodes": to_plain(history.nodes, graph.exponent),
        "pageInfo": to_plain(history.page_info, graph.exponent),
    }
    assert said["links"]["brought"] == profile.links.brought > 0
    assert said["links"]["downstreamValue"] == money(profile.links.downstream_value_minor, 2)


def test_the_store_says_what_is_in_it(ask: Ask, graph: JourneyGraph) -> None:
    said = ask(f"{{ store {everything(SCHEMA, 'Store')} }}")["store"]
    assert said.pop("loadedAt") > said.pop("asOf") > "2025"
    assert said == {
        "version": graph.version,
        "interactions": graph.n_interactions,
        "customers": graph.n_customers,
        "currency": "EUR",
        "touchpoints": sorted(graph.touchpoints),
        "channels": sorted(graph.channels[1:]),
        "stages": [name for code, name in enumerate(STAGES, 1) if code in graph.stage_codes],
        "attributes": [_attribute(graph, name) for name in sorted(map(str, graph.attributes))],
    }


def _attribute(graph: JourneyGraph, name: str) -> dict[str, Any]:
    said = graph.attributes[name].dropna().astype(str).value_counts()
    nodes = sorted(said.items(), key=lambda one: (-one[1], str(one[0])))
    return {
        "name": name,
        "customers": int(said.sum()),
        "distinct": len(said),
        "values": [{"value": value, "customers": count} for value, count in nodes[:20]],
    }


def test_options_select_the_journeys_that_python_selects(ask: Ask, graph: JourneyGraph) -> None:
    said = ask(
        """query($rules: RulesInput, $who: CustomerWhereInput) {
          journeys(
            where: {from: "2024-02-01T00:00", until: "2025-03-01", minValue: null,
                    excludeTouchpoints: ["newsletter"], customers: $who,
                    stages: ["inquiry", "comparison", "purchase"]}
            rules: $rules, split: {inactivity: "10d"}, by: TOUCHPOINT_AT_CHANNEL, unit: JOURNEY,
            outcome: {stages: ["purchase"], minValue: 79.90}, inactivity: "14d", confidence: 0.9,
            timezone: "Europe/Berlin") {
            summary { journeys from }
            commonPaths { units nodes { items units share shareInterval { low } } }
          } }""",
        rules={
            "rename": [{"old": "product page@web", "new": "product"}],
            "group": [{"pattern": "*@email", "as": "email"}, {"pattern": "(.*)@social",
                       "as": "\\1", "regex": True}],
            "exclude": ["cart@*"],
            "tolerance": "36h",
            "collapse": True,
        },
        who={"attributes": [{"name": "country", "values": ["DE", "FR"]}], "referred": False,
             "notTouched": ["complaint"]},
    )["journeys"]  # fmt: skip
    view = graph.journeys(
        where={
            "from": "2024-02-01T00:00", "until": "2025-03-01",
            "exclude_touchpoints": ["newsletter"],
            "stages": ["inquiry", "comparison", "purchase"],
            "customers": {
                "attributes": {"country": ["DE", "FR"]}, "referred": False,
                "not_touched": ["complaint"],
            },
        },
        rules={
            "rename": {"product page@web": "product"},
            "group": [
                {"pattern": "*@email", "as": "email"},
                {"pattern": "(.*)@social", "as": "\\1", "regex": True},
            ],
            "exclude": ["cart@*"],
            "tolerance": "36h",
            "collapse": True,
        },
        split={"inactivity": "10d"}, by="touchpoint_at_channel", unit="journey",
        outcome={"stages": ["purchase"], "min_value": "79.90"}, inactivity="14d", confidence=0.9,
        timezone="Europe/Berlin",
    )  # fmt: skip
    answer = common_paths(CommonPaths(), view)
    assert said["summary"]["journeys"] == view.n_journeys > 100
    assert said["commonPaths"] == {
        "units": view.n_units,
        "nodes": [
            {
                "items": list(node.items),
                "units": node.units,
                "share": node.share,
                "shareInterval": {"low": node.share_interval.low},
            }
            for node in answer.nodes
        ],
    }


_OF_NAMES = {"funnel", "afterDrop", "nextBest", "whatIf", "compare"}  # not every world has them
_OF_TIME = {"trend"}  # more months than are told
_OF_ANY_TIMES = {**QUESTIONS, "experience": "(first: 3, by: STAGE)"}  # more months than are told


class _OfGraph:
    """What the fields look at where there is a graph and no store."""

    def __init__(self, graph: JourneyGraph) -> None:
        self._graph = graph
        self.exponent = graph.exponent

    def graph(self, _version: int | None = None) -> JourneyGraph:
        return self._graph

    def journeys(self, _version: int | None, options: dict[str, Any]) -> Journeys:
        return self._graph.journeys(**options)

    def stop_if_abandoned(self) -> None:
        pass


ANY_QUERY = "".join(
    [
        '{ journeys(outcome: {stages: ["purchase"]}) {',
        *(
            f"{name}{_OF_ANY_TIMES[name]} {SELECTIONS[name]} "
            for name in sorted(set(QUESTIONS) - _OF_NAMES - _OF_TIME)
        ),
        "} }",
    ]
)


EXECUTOR = Executor(Limits.of_own_machine())  # all questions in one query pass the others


@settings(max_examples=12)
@given(world=worlds(extreme_times=True))
def test_no_world_has_numbers_that_cannot_be_said(world: World) -> None:
    graph = world.graph
    response = EXECUTOR.answer(ANY_QUERY, _OfGraph(graph))  # type: ignore[arg-type]
    assert "errors" not in response.body
    data = response.body["data"]["journeys"]
    view = graph.journeys(outcome={"stages": ["purchase"]})
    answers = {**ANSWERS, "experience": lambda of: experience(Experience(first=3, by="stage"), of)}
    for name in data:
        assert data[name] == expected(answers[name](view), graph.exponent)
    response.to_bytes()
