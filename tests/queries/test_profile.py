"""A whole profile: against plain lists of what was loaded, and similar customers by their twin."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings

from journeygraph.errors import JourneyGraphError
from journeygraph.graph_build import graph_from_rows
from queries.customer import customer
from queries.profile import WholeProfile
from queries.similar_customers import SimilarCustomers, similar_customers
from tests.naive.journeys import interactions_of, is_outcome
from tests.naive.next_best import Asked, occasions
from tests.naive.referrals import grow
from tests.queries.test_next_best import campaign
from tests.statistics.sequences import view_and_units
from tests.strategies import DAY_US, World, worlds


def mean(numbers: list[float]) -> Any:
    return pytest.approx(sum(numbers) / len(numbers)) if numbers else None


@settings(max_examples=15)
@given(world=worlds())
def test_it_is_what_was_loaded(world: World) -> None:
    graph, forest = world.graph, grow([row[:3] for row in world.referrals])
    end = max((row[1] for row in world.rows), default=0)
    for name in world.all_customers():
        whole, mine = WholeProfile(customer(graph, name)), interactions_of(world, name)

        def said(column: str, mine: Any = mine) -> list[Any]:
            column_of = world.columns.get(column, [None] * len(world.rows))
            return [column_of[one.arrival] for one in mine]

        felt = [number / 1000 for number in said("emotion") if number is not None]
        pairs = zip(said("expectation"), said("experience"), strict=True)
        met = [found >= hoped for hoped, found in pairs if None not in (hoped, found)]
        bought = [one.at for one in mine if is_outcome(one, None, world)]
        gaps = [later.at - one.at for one, later in zip(mine, mine[1:], strict=False)]
        standing = whole.standing
        assert (standing.interactions, standing.outcomes) == (len(mine), len(bought))
        assert standing.last_outcome_us == (bought[-1] if bought else None)
        assert (standing.has_outcome, standing.is_repeat) == (bool(bought), len(bought) > 1)
        assert standing.value_minor == sum(one.value or 0 for one in mine)
        assert (standing.mean_emotion, standing.recent_emotion) == (mean(felt), mean(felt[-3:]))
        assert (standing.met_or_surpassed, standing.expectations) == (sum(met), len(met))
        assert standing.was_disappointed == (not met[-1] if met else None)
        assert standing.brought == len(forest.children(name))
        assert standing.longest_gap_seconds == (max(gaps) / 1e6 if gaps else None)
        if mine:
            assert (standing.last_item, standing.first_at_us) == (mine[-1].touchpoint, mine[0].at)
            assert standing.is_open == (end - mine[-1].at < 30 * DAY_US)
            if gaps:
                assert standing.is_unusually_silent == (end - mine[-1].at > max(gaps))
        assert [row.at_us for row in whole.purchases(1000).nodes] == bought
        assert [row.emotion for row in whole.emotions(1000).nodes] == felt
        either = zip(said("expectation"), said("experience"), strict=True)
        assert whole.expectations().count == sum(pair != (None, None) for pair in either)


def test_parts_of_a_history_go_on_from_page_to_page() -> None:
    rows = [("a", day * DAY_US, "purchase") for day in range(5)]
    whole = WholeProfile(customer(graph_from_rows(rows), "a"))
    first = whole.purchases(2)
    rest = whole.purchases(9, first.page_info.end_cursor)
    assert (first.count, first.page_info.has_next_page) == (5, True)
    assert [row.at_us // DAY_US for row in (*first.nodes, *rest.nodes)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"outcome": {"touchpoints": ["pay"]}}, "UNKNOWN_TOUCHPOINT"),
        ({"inactivity": "30"}, "INVALID_DURATION"),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], code: str) -> None:
    profile = customer(graph_from_rows([("a", 0, "home")]), "a")
    with pytest.raises(JourneyGraphError) as caught:
        _ = WholeProfile(profile, **options).standing
    assert caught.value.code == code


def test_similar_customers_are_those_of_the_naive_twin() -> None:
    answered = 0
    for seed in range(12):
        world, options = campaign(seed)
        journeys, units = view_and_units((world, {**options, "unit": "customer", "where": None}))
        asked = Asked(
            world=world, outcome=None, contacts=None, within=DAY_US, horizon=DAY_US,
            inactivity=DAY_US, objective="outcome", known_until=journeys.graph.as_of_us,
        )  # fmt: skip
        found = occasions(units, asked)
        for number, unit in enumerate(units):
            question = SimilarCustomers(
                customer=unit.customer, within="1d", length=2, at_least=2, first=1000
            )
            answer = similar_customers(question, journeys)
            last = [one for one in found if one.unit == number][-1].before[-2:]
            expected: tuple[str, ...] = ()
            came: list[str | None] = []
            for size in range(len(last), 0, -1):
                there = [
                    one
                    for one in found
                    if one.before[-size:] == last[-size:] and one.is_known and one.unit != number
                ]
                if len({one.unit for one in there}) >= 2:
                    expected, came = last[-size:], [one.next for one in there]
                    break
            counts = Counter(item for item in came if item is not None)
            assert (answer.asked, answer.prefix) == (last, expected)
            assert (answer.occasions, answer.nothing.successes) == (len(came), came.count(None))
            assert {node.item: node.probability.successes for node in answer.nodes} == counts
            ranking = [(-node.probability.successes, node.item) for node in answer.nodes]
            assert ranking == sorted(ranking)
            answered += bool(expected)
    assert answered > 40


def test_nobody_is_similar_to_who_is_not_there() -> None:
    with pytest.raises(JourneyGraphError) as caught:
        similar_customers(
            SimilarCustomers(customer="nobody"), graph_from_rows([("a", 0, "home")]).journeys()
        )
    assert caught.value.code == "UNKNOWN_CUSTOMER"
