"""Trends of journeys: against the naive twin, scipy and other questions, and what is refused."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import journeygraph
from journeygraph.durations import parse_duration
from journeygraph.errors import (
    ConflictingOptionsError,
    InvalidDurationError,
    InvalidOptionError,
    UnknownItemError,
)
from journeygraph.graph_build import graph_from_rows
from queries.clustered import clustered_mean, clustered_share
from queries.drop_off import DropOff, drop_off
from queries.funnel import Funnel, funnel
from queries.journey_trend import JourneyTrend, journey_trend
from queries.trend_measures import MEASURES, TrendMeasure
from queries.trend_points import JourneyTrendPoint
from queries.trend_tallies import Tally, TallyColumns, TrendKind, value_in
from tests.journeys.views import ask, cases
from tests.naive.trend import NaivePoint, NaiveTrend, period_of
from tests.statistics.sequences import Case, view_and_units
from tests.strategies import DAY_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at(text: str) -> int:
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


ROWS = [
    ("a", at("2024-01-01"), "ad", "web", None, None),
    ("a", at("2024-01-20"), "shop", "web", "purchase", 1_000),
    ("a", at("2024-03-05"), "shop", "web", "purchase", 3_000),
    ("b", at("2024-01-10"), "ad", "web", None, None),
    ("b", at("2024-02-20"), "shop", "web", "purchase", 500),
    ("c", at("2024-02-01"), "ad", "web", None, None),
    ("d", at("2024-04-10"), "ad", "web", None, None),
    ("d", at("2024-04-20"), "ad", "web", None, None),
]  # fmt: skip


def view(**options: Any):
    referrals = [("a", "b", at("2024-01-10"), None), ("a", "c", None, None)]
    graph = graph_from_rows(ROWS, referrals=referrals)
    return graph.journeys(outcome={"touchpoints": ["shop"]}, **options)


def told(question: JourneyTrend, journeys=None):
    answer = journey_trend(question, view() if journeys is None else journeys)
    return {node.period: node for node in answer.nodes}


def test_every_period_is_there_and_the_last_one_is_not_whole():
    answer = journey_trend(JourneyTrend(of="value"), view())
    assert [node.period for node in answer.nodes] == ["2024-01", "2024-02", "2024-03", "2024-04"]
    assert [node.total_minor for node in answer.nodes] == [1_000, 500, 3_000, 0]
    assert [node.value for node in answer.nodes] == [10.0, 5.0, 30.0, 0.0]
    assert [(node.n, node.of) for node in answer.nodes] == [(1, 3), (1, 2), (1, 1), (0, 2)]
    assert [node.whole for node in answer.nodes] == [True, True, True, False]
    assert answer.nodes[0].customers.page(9).ids == ("a",)
    half = stats.norm.ppf(0.975) * 10
    assert (answer.nodes[0].low, answer.nodes[0].high) == (
        pytest.approx(10 - half), pytest.approx(10 + half),
    )  # fmt: skip
    assert answer.warnings == (
        "3 periods are whole and have a number: changes of level are looked for among 9 to 400.",
    )


def test_what_begins_in_a_period_is_followed_for_the_same_time():
    found = told(JourneyTrend(of="outcome_rate", within="30d"))
    january, february, april = (found[f"2024-0{month}"] for month in (1, 2, 4))
    assert (january.n, january.of, january.open) == (1, 2, 0)  # b bought after 41 days
    assert (february.n, february.of) == (0, 1)
    assert (april.n, april.of, april.open, april.value) == (0, 0, 1, None)
    assert (found["2024-03"].of, found["2024-03"].value) == (0, None)
    through = told(JourneyTrend(of="funnel_conversion", steps=["ad", "shop"], within="60d"))
    assert (through["2024-01"].n, through["2024-01"].of) == (2, 2)


def test_cohorts_are_of_the_first_interaction():
    found = told(JourneyTrend(of="value", cohorts=True))
    assert [node.total_minor for node in found.values()] == [4_500, 0, 0, 0]
    followed = told(JourneyTrend(of="value", cohorts=True, within="45d"))
    assert [node.total_minor for node in followed.values()] == [1_500, 0, 0, 0]
    assert [node.open for node in followed.values()] == [0, 0, 0, 1]
    [warning, _few] = journey_trend(JourneyTrend(of="value", cohorts=True), view()).warnings
    assert warning.startswith("Earlier cohorts had longer")


def test_counts_of_what_happened():
    assert [node.n for node in told(JourneyTrend(of="new_customers")).values()] == [2, 1, 0, 1]
    assert [node.n for node in told(JourneyTrend(of="outcomes")).values()] == [1, 1, 1, 0]
    assert [node.n for node in told(JourneyTrend(of="customers")).values()] == [2, 2, 1, 1]
    reached = told(JourneyTrend(of="item_reach", item="shop"))
    assert [(node.n, node.of) for node in reached.values()] == [(1, 2), (1, 2), (1, 1), (0, 1)]
    worth = told(JourneyTrend(of="value_per_customer"))
    assert [(node.value, node.n, node.of) for node in worth.values()] == [
        (5.0, 1, 2), (2.5, 1, 2), (30.0, 1, 1), (0.0, 0, 1),
    ]  # fmt: skip
    answer = journey_trend(JourneyTrend(of="referrals"), view())
    assert [node.n for node in answer.nodes] == [1, 0, 0, 0]
    assert answer.warnings[0].startswith("1 are in no period")
    some = {"where": {"from": "2024-01-15", "until": "2024-03-01"}}
    found = told(JourneyTrend(of="new_customers"), view(**some))
    assert [(node.n, node.whole) for node in found.values()] == [(0, False), (1, True)]


def test_complaints_are_of_who_is_selected():
    frame = pd.DataFrame([row[:3] for row in ROWS], columns=["customer", "at", "touchpoint"])
    opened = [at("2024-01-05"), at("2024-02-05"), at("2024-05-01"), at("2024-01-06")]
    feedback = pd.DataFrame(
        {"customer": ["a", "a", "b", "c"], "opened_at": opened,
         "kind": ["complaint", "complaint", "complaint", "praise"]}
    )  # fmt: skip
    graph = journeygraph.from_pandas(frame, feedback=feedback, time_unit="us")
    answer = journey_trend(JourneyTrend(of="complaints"), graph.journeys())
    assert [node.n for node in answer.nodes] == [1, 1, 0, 0]
    assert answer.nodes[1].customers.page(9).ids == ("a",)
    assert answer.warnings[0].startswith("1 are in no period")
    only_b = graph.journeys(where={"customers": {"ids": ["b"]}})
    assert sum(node.n for node in told(JourneyTrend(of="complaints"), only_b).values()) == 0


def test_the_edges_of_days_are_those_of_the_clocks():
    rows = [("a", at("2024-03-30T12:00"), "ad"), ("a", at("2024-03-31T22:30"), "ad"),
            ("b", at("2024-04-01T12:00"), "ad")]  # fmt: skip
    berlin = graph_from_rows(rows).journeys(timezone="Europe/Berlin")
    answer = journey_trend(JourneyTrend(of="interactions", every="1d"), berlin)
    assert [(node.period, node.n) for node in answer.nodes] == [
        ("2024-03-30", 1), ("2024-03-31", 0), ("2024-04-01", 2),
    ]  # fmt: skip
    hours = [(node.until_us - node.from_us) / 3.6e9 for node in answer.nodes]
    assert hours == [24, 23, 24]
    assert [node.whole for node in answer.nodes] == [False, True, False]


def test_two_populations():
    other = {"customers": {"ids": ["b", "c", "d"]}}
    answer = journey_trend(JourneyTrend(of="outcome_rate", against_where=other), view())
    january = answer.nodes[0]
    assert january.against is not None
    assert (january.against.n, january.against.of) == (0, 1)
    assert january.difference is not None
    assert january.difference.value == 0.5
    assert (answer.against_units, answer.shared) == (3, 3)
    assert answer.warnings[-1].startswith("3 customers are in both populations")
    apart = journey_trend(
        JourneyTrend(of="interactions", against_where={"customers": {"ids": ["d"]}}),
        view(where={"customers": {"ids": ["a", "b"]}}),
    )
    assert apart.nodes[3].difference is not None
    assert apart.nodes[3].difference.value == -2
    same = journey_trend(JourneyTrend(of="value", against_where={}), view())
    assert {node.difference.value for node in same.nodes if node.difference} == {0}
    assert {node.difference.p_value for node in same.nodes if node.difference} == {None}


def test_a_step_is_found_and_noise_is_not():
    shops = [12, 14, 10, 13, 11, 12, 15, 9, 12, 13, 11, 14, 10, 12, 13,
             30, 28, 32, 29, 31, 30, 27, 33, 30]  # fmt: skip
    rows = [
        (f"{month}-{number}", at(f"{2022 + month // 12}-{month % 12 + 1:02}-01"),
         "shop" if number < shops[month] else "ad", None, None, None)
        for month in range(24)
        for number in range(60)
    ]  # fmt: skip
    graph = graph_from_rows([*rows, ("z", at("2023-12-31T23:00"), "ad", None, None, None)])
    question = JourneyTrend(of="item_share", item="shop")
    answer = journey_trend(question, graph.journeys())
    [change] = answer.changes
    assert (change.period, change.from_period, change.to_period) == (
        "2023-04", "2022-01", "2023-12",
    )  # fmt: skip
    assert (change.p_value, change.significant, answer.tested) == (0.001, True, 3)
    assert change.before == sum(shops[:15]) / (15 * 60)
    assert change.after == sum(shops[15:]) / (9 * 60 + 1)
    assert journey_trend(question, graph.journeys()).changes == answer.changes
    none = JourneyTrend(of="item_share", item="shop", permutations=0)
    assert journey_trend(none, graph.journeys()).changes == ()
    counted = journey_trend(JourneyTrend(of="outcomes"), graph.journeys(
        outcome={"touchpoints": ["shop"]}
    ))  # fmt: skip
    assert [one.period for one in counted.changes if one.significant] == ["2023-04"]
    assert counted.changes[0].before == sum(shops[:15]) / 15


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (JourneyTrend(of="mood"), InvalidOptionError),
        (JourneyTrend(of="value", every="fortnight"), InvalidOptionError),
        (JourneyTrend(of="value", every="7d"), InvalidOptionError),
        (JourneyTrend(of="value", item="shop"), ConflictingOptionsError),
        (JourneyTrend(of="value", steps=["shop"]), ConflictingOptionsError),
        (JourneyTrend(of="value", within="30d"), ConflictingOptionsError),
        (JourneyTrend(of="exit_rate", within="30d", cohorts=True), ConflictingOptionsError),
        (JourneyTrend(of="item_share"), InvalidOptionError),
        (JourneyTrend(of="item_share", item="shp"), UnknownItemError),
        (JourneyTrend(of="funnel_conversion"), InvalidOptionError),
        (JourneyTrend(of="funnel_conversion", steps=["ad"]), InvalidOptionError),
        (JourneyTrend(of="funnel_conversion", steps=["ad", "shp"]), UnknownItemError),
        (JourneyTrend(of="outcome_rate", within="30"), InvalidDurationError),
        (JourneyTrend(of="value", permutations=-1), InvalidOptionError),
        (JourneyTrend(of="value", seed=-1), InvalidOptionError),
        (JourneyTrend(of="value", first=-1), InvalidOptionError),
    ],
)
def test_bad_options_are_refused(question, error):
    with pytest.raises(error):
        journey_trend(question, view())


def test_too_many_periods_are_refused():
    rows = [("a", 0, "ad"), ("a", 1_100 * DAY_US, "ad")]
    with pytest.raises(InvalidOptionError, match="every"):
        journey_trend(JourneyTrend(of="value", every="day"), graph_from_rows(rows).journeys())


def test_nobody():
    journeys = graph_from_rows([]).journeys()
    options = {
        TrendMeasure.ITEM_SHARE: {"item": "x"}, TrendMeasure.ITEM_REACH: {"item": "x"},
        TrendMeasure.FUNNEL_CONVERSION: {"steps": ["x", "y"]},
    }  # fmt: skip
    for measure in TrendMeasure:
        if measure not in options:
            answer = journey_trend(JourneyTrend(of=measure), journeys)
            assert (answer.units, answer.points, answer.nodes) == (0, 0, ())
            assert (answer.changes, answer.warnings) == ((), ())
    assert set(MEASURES) == set(TrendMeasure)


def assert_told(node: JourneyTrendPoint, one: NaivePoint, kind: TrendKind) -> None:
    above, below, said = (sum(part.values()) for part in (one.above, one.below, one.said))
    assert node.open == one.open
    behind = {TrendKind.SUM: one.said, TrendKind.MEAN: one.below}.get(kind)
    everybody = len(one.below) if behind is None else sum(n > 0 for n in behind.values())
    assert node.customers.count == node.counted == everybody
    if kind is TrendKind.SHARE:
        assert (node.n, node.of) == (above, below)
    elif kind is TrendKind.MEAN:
        assert (node.n, node.of) == (below, said)
        assert node.value == (pytest.approx(above / below / 1000) if below else None)
    elif kind is TrendKind.SUM:
        assert (node.total_minor, node.n, node.of) == (above, said, below)
    else:
        assert node.n == above


OF = ["interactions", "value", "emotion", "item_share", "customers", "outcome_rate", "exit_rate",
      "funnel_conversion"]  # fmt: skip


@settings(max_examples=18)
@given(
    case=cases(), of=st.sampled_from(OF), every=st.sampled_from(["day", "week", "month", "year"]),
    zone=st.sampled_from(["UTC", "America/St_Johns"]), cohorts=st.booleans(), data=st.data(),
)  # fmt: skip
def test_every_period_is_that_of_the_naive_twin(
    case: Case, of: str, every: str, zone: str, cohorts: bool, data: st.DataObject
):
    world, options = case
    _journeys, units = view_and_units(case)
    journeys = ask(world.graph, options, timezone=zone)
    if not journeys.items:
        return
    item = data.draw(st.sampled_from(journeys.items))
    steps = data.draw(st.lists(st.sampled_from(journeys.items), min_size=2, max_size=3))
    within = data.draw(st.sampled_from(["1d", "12d"]))
    takes = MEASURES[TrendMeasure(of)]
    asked: dict[str, Any] = {"every": every, "cohorts": cohorts, "permutations": 0}
    if takes.needs_item or (of == "exit_rate" and data.draw(st.booleans())):
        asked["item"] = item
    if takes.takes_steps:
        asked["steps"] = steps
    if takes.follows_up:
        asked["within"] = within
    answer = journey_trend(JourneyTrend(of=of, first=1000, **asked), journeys)
    naive = NaiveTrend(
        world=world, options=options, units=units, as_of=journeys.as_of_us,
        limit=journeys.inactivity_us, every=every, zone=zone, cohorts=cohorts,
        within=parse_duration(within), item=asked.get("item"), steps=steps,
    )  # fmt: skip
    expected = naive.points(of)
    assert set(expected) <= {node.period for node in answer.nodes}
    for node in answer.nodes:
        assert_told(node, expected.get(node.period, NaivePoint()), takes.kind)
        assert period_of(node.from_us, every, zone) == node.period
    for one_node, other in pairwise(answer.nodes):
        assert one_node.until_us == other.from_us


@settings(max_examples=8)
@given(case=cases(), data=st.data())
def test_periods_add_up_to_other_questions(case: Case, data: st.DataObject):
    journeys, _units = view_and_units(case)
    if not journeys.items:
        return
    item = data.draw(st.sampled_from(journeys.items))
    every: dict[str, Any] = {"every": "year", "permutations": 0}
    leaving = journey_trend(JourneyTrend(of="exit_rate", item=item, **every), journeys)
    exits = {one.item: one.exits for one in drop_off(DropOff(first=1000), journeys).nodes}
    assert sum(one.n for one in leaving.nodes) == exits.get(item, 0)
    steps = data.draw(st.lists(st.sampled_from(journeys.items), min_size=2, max_size=3))
    question = JourneyTrend(of="funnel_conversion", steps=steps, within="9d", **every)
    entered = journey_trend(question, journeys)
    whole = funnel(Funnel(steps=steps, window="9d"), journeys)
    assert sum(one.of + one.open for one in entered.nodes) == whole.steps[0].units
    assert sum(one.n for one in entered.nodes) <= whole.steps[-1].units


def tally_of(rows):
    columns = np.array(rows, np.int64).reshape(-1, 3).T
    parts = TallyColumns(np.zeros(len(rows), np.int64), *columns, np.ones(len(rows), np.int64))
    return Tally.of([parts], 1, 10, open_=np.zeros(1, np.int64))


@settings(max_examples=15)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 1), st.integers(1, 1)), min_size=1, max_size=12
    )
)
def test_intervals_know_whose_it_is(rows):
    customers, above, _ = np.array(rows).T
    tally = tally_of(rows)
    share = value_in(tally, 0, TrendKind.SHARE, 1, 0.95)
    known = clustered_share(above == 1, customers, 0.95)
    assert share.value == known.value
    if len(set(customers)) < len(customers):
        assert (share.low, share.high) == (pytest.approx(known.low), pytest.approx(known.high))
    mean = value_in(tally, 0, TrendKind.MEAN, 1, 0.95)
    expected = clustered_mean(above.astype(float), customers, 0.95)
    assert (mean.value, mean.low, mean.high) == (
        pytest.approx(expected.value), _near(expected.low), _near(expected.high),
    )  # fmt: skip


def _near(number: float | None):
    return None if number is None else pytest.approx(number)


@pytest.mark.parametrize("n", [0, 1, 7, 250])
def test_a_count_of_one_each_has_the_exact_interval(n):
    tally = tally_of([(number, 1, 1) for number in range(n)]) if n < 10 else None
    if tally is None:
        columns = TallyColumns(
            np.zeros(n, np.int64), np.arange(n), *(np.ones(n, np.int64) for _ in range(3))
        )
        tally = Tally.of([columns], 1, n, open_=np.zeros(1, np.int64))
    found = value_in(tally, 0, TrendKind.COUNT, 1, 0.95)
    low = stats.chi2.ppf(0.025, 2 * n) / 2 if n else 0.0
    assert (found.value, found.low) == (n, pytest.approx(low))
    assert found.high == pytest.approx(stats.chi2.ppf(0.975, 2 * n + 2) / 2)
    assert math.isfinite(found.high)
