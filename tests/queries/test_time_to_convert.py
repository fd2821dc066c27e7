"""Time to convert: what adds up, what funnels and drop-off say of the same, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import (
    ConflictingOptionsError,
    InvalidDurationError,
    InvalidOptionError,
    UnknownItemError,
    UnknownOptionError,
)
from journeygraph.frames import from_pandas
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Unit
from queries.drop_off import DropOff, drop_off
from queries.funnel import Funnel, FunnelStep, funnel
from queries.time_to_convert import TimeToConvert, time_to_convert
from tests.journeys.views import cases
from tests.naive import journeys as naive
from tests.naive.time_to_convert import follow, shares
from tests.statistics.sequences import Case, view_and_units
from tests.statistics.walkers import DAY_US

HOUR_US = DAY_US // 24

# Until day 100: a buys after 2 days; b looks and leaves; c cancels and buys later; d has just come.
ROWS = [
    ("a", 1 * DAY_US, "home"), ("a", 3 * DAY_US, "purchase"),
    ("b", 1 * DAY_US, "home"), ("b", 2 * DAY_US, "cart"),
    ("c", 10 * DAY_US, "home"), ("c", 11 * DAY_US, "cancel"), ("c", 14 * DAY_US, "purchase"),
    ("d", 99 * DAY_US, "home"), ("d", 100 * DAY_US, "cart"),
]  # fmt: skip


def view(**options):
    return graph_from_rows(ROWS).journeys(**options)


def test_who_has_not_converted_is_followed_to_the_end_of_the_data():
    answer = time_to_convert(TimeToConvert(at=["1d", "3d", "4d", "200d"]), view())
    times = answer.times
    assert (answer.units, times.started, times.converted, times.open) == (4, 4, 2, 2)
    assert [(node.at_risk, node.conversions) for node in times.nodes] == [
        (4, 0), (2, 1), (2, 2), (0, 2),
    ]  # fmt: skip
    # d is lost from sight after a day: 1 - 2/3, then 1 - 2/3 * 1/2
    assert [node.converted.value for node in times.nodes] == [
        0, pytest.approx(1 / 3), pytest.approx(2 / 3), None,
    ]  # fmt: skip
    assert times.median_seconds == 4 * 86_400
    assert times.customers.page(9).ids == ("a", "c")
    assert times.open_customers.page(9).ids == ("b", "d")
    assert times.nodes[1].customers.page(9).ids == ("a",)
    assert times.small


def test_what_competes_ends_the_wait():
    question = TimeToConvert(competing=["cancel"], ends=True, at=["1d", "31d"])
    times = time_to_convert(question, view()).times
    assert (times.converted, times.competed, times.ended, times.open) == (1, 1, 1, 1)
    assert times.competed_customers.page(9).ids == ("c",)
    assert times.ended_customers.page(9).ids == ("b",)
    first, last = times.nodes
    assert (first.competed.value, first.waiting.value) == (0.25, 0.75)
    # b was last seen after a day, which is known after 30 more
    assert (last.ends, last.at_risk) == (1, 1)
    assert last.ended.value == pytest.approx(0.375)
    assert last.converted.value == pytest.approx(0.375)


def test_the_clock_starts_at_the_first_item_or_at_one_that_is_given():
    assert time_to_convert(TimeToConvert(to=["home"]), view()).times.median_seconds == 0
    again = time_to_convert(TimeToConvert(from_=["home"], to=["home"]), view()).times
    assert (again.started, again.converted) == (4, 0)
    carts = time_to_convert(TimeToConvert(from_=["cart", "cancel"]), view()).times
    # d is lost from sight at once; of b and c, one converts after three days
    assert (carts.started, carts.converted, carts.median_seconds) == (3, 1, 3 * 86_400)
    assert carts.started_customers.page(9).ids == ("b", "c", "d")


def test_a_horizon_cuts_what_is_later():
    times = time_to_convert(TimeToConvert(horizon="3d"), view()).times
    assert (times.converted, times.open) == (1, 3)
    assert times.nodes[-1].seconds == 3 * 86_400


def test_two_populations_are_compared():
    question = TimeToConvert(against={"touched": ["cancel"]}, at=["3d"])
    answer = time_to_convert(question, view())
    assert answer.against is not None
    assert answer.log_rank is not None
    assert (answer.times.started, answer.against.started) == (3, 1)
    assert answer.against.customers.page(9).ids == ("c",)
    # a converts while a, b and c are followed, c while b and c are: 2/3 + 1/2 are expected
    assert answer.log_rank.observed == 1
    assert answer.log_rank.expected == pytest.approx(2 / 3 + 1 / 2)
    variance = 2 / 9 + 1 / 4
    assert answer.log_rank.chi_square == pytest.approx((1 / 6) ** 2 / variance)


def test_nobody_and_no_outcome():
    empty = time_to_convert(TimeToConvert(), graph_from_rows([]).journeys())
    assert (empty.units, empty.times.started, empty.as_of_us) == (0, 0, None)
    assert empty.times.nodes == ()
    silent = time_to_convert(TimeToConvert(), graph_from_rows([("a", 1, "home")]).journeys())
    assert len(silent.warnings) == 1
    assert (silent.times.converted, silent.times.median_seconds) == (0, None)


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (TimeToConvert(from_=["hoome"]), UnknownItemError),
        (TimeToConvert(to=[]), InvalidOptionError),
        (TimeToConvert(to=["cart"], competing=["cart"]), ConflictingOptionsError),
        (TimeToConvert(horizon="3"), InvalidDurationError),
        (TimeToConvert(at=["3"]), InvalidDurationError),
        (TimeToConvert(at=["1d"] * 101), InvalidOptionError),
        (TimeToConvert(percents=[0]), InvalidOptionError),
        (TimeToConvert(against={"touch": ["a"]}), UnknownOptionError),
    ],
)
def test_bad_options_are_refused(question, error):
    with pytest.raises(error):
        time_to_convert(question, view())


@given(case=cases(), sees_ends=st.booleans(), times=st.lists(st.sampled_from(
    ["1us", "1h", "1d", "29d", "30d", "31d", "400d"]), min_size=1, max_size=4, unique=True),
)  # fmt: skip
def test_shares_are_those_of_the_naive_twin(case: Case, sees_ends: bool, times: list[str]) -> None:
    journeys, units = view_and_units(case)
    world, options = case
    answer = time_to_convert(TimeToConvert(ends=sees_ends, at=times), journeys).times
    stops = [
        follow(
            unit, starts=None, goals=None, rivals=set(), sees_ends=sees_ends, horizon=None,
            outcomes=naive.outcomes_of(unit, options.get("outcome"), world),
            as_of=journeys.as_of_us, inactivity=journeys.inactivity_us,
        )
        for unit in units
    ]  # fmt: skip
    assert answer.started == answer.converted + answer.competed + answer.ended + answer.open
    for node in answer.nodes:
        known = [stop for stop in stops if stop is not None]
        time = round(node.seconds * 1e6)
        found = {
            name: getattr(node, name).value
            for name in ("converted", "competed", "ended", "waiting")
        }
        if None not in found.values():
            expected = shares(known, time)
            assert found == {name: pytest.approx(float(x)) for name, x in expected.items()}
        assert node.conversions == sum(fate == "converted" and t <= time for t, fate in known)
        if journeys.unit is Unit.CUSTOMER:
            assert node.customers.count == node.conversions


@given(case=cases(), data=st.data())
def test_who_converts_takes_the_two_steps_of_a_funnel(case: Case, data: st.DataObject) -> None:
    world, options = case
    journeys, _units = view_and_units((world, {**options, "split": None, "unit": "customer"}))
    items = st.lists(st.sampled_from(journeys.items), min_size=1, max_size=2, unique=True)
    if not journeys.items:
        return
    starts, goals = data.draw(items), data.draw(items)
    times = time_to_convert(TimeToConvert(from_=starts, to=goals), journeys).times
    steps = [FunnelStep(any_of=tuple(starts)), FunnelStep(any_of=tuple(goals))]
    first, second = funnel(Funnel(steps=steps), journeys).steps
    assert (times.started, times.converted) == (first.units, second.units)
    assert times.customers.indexes.tolist() == second.customers.indexes.tolist()


@given(case=cases())
def test_ends_are_the_exits_of_drop_off(case: Case) -> None:
    world, options = case
    journeys, _units = view_and_units((world, {**options, "where": None, "rules": None}))
    times = time_to_convert(TimeToConvert(ends=True), journeys).times
    answer = drop_off(DropOff(), journeys)
    assert times.ended == answer.exits
    assert times.ended_customers.indexes.tolist() == answer.exit_customers.indexes.tolist()


@pytest.mark.realdata
def test_repeat_purchases_of_cdnow_are_those_of_pandas_and_scipy() -> None:
    from scipy import stats

    frame = pd.read_parquet(Path(os.environ["JOURNEYGRAPH_DATA"]) / "cdnow.parquet")
    journeys = from_pandas(frame).journeys()
    answer = time_to_convert(
        TimeToConvert(from_=["purchase"], to=["purchase"], at=["30d", "90d", "360d"]), journeys
    )
    days = frame.sort_values(["customer_id", "timestamp"], kind="stable")["timestamp"]
    order = frame.loc[days.index].groupby("customer_id").cumcount()
    first = frame.loc[days.index][order == 0].set_index("customer_id")["timestamp"]
    second = frame.loc[days.index][order == 1].set_index("customer_id")["timestamp"]
    second = second.reindex(first.index)
    waited = (second.fillna(frame["timestamp"].max()) - first).dt.days.to_numpy()
    times = answer.times
    assert (times.started, times.converted) == (len(first), int(second.notna().sum()))
    curve = stats.ecdf(stats.CensoredData.right_censored(waited, second.isna().to_numpy())).sf
    for node in times.nodes:
        [left] = curve.evaluate([node.seconds / 86_400])
        assert node.converted.value == pytest.approx(1 - float(left), rel=1e-9)
        assert node.at_risk == int((waited >= node.seconds / 86_400).sum())
