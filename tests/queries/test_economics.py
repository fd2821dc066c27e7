"""Economics: against the naive twin, scipy and pandas, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import journeygraph
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError, UnknownColumnError
from journeygraph.graph_build import graph_from_rows
from journeygraph.statistics.base import total
from journeygraph.statistics.economics import ECONOMICS, units_with_amounts
from journeygraph.statistics.feelings import ITEM
from queries.amounts import Amount, Margin
from queries.economics import Economics, EconomicsBy, economics
from queries.economics_groups import EconomicsGroup
from tests.journeys.views import cases
from tests.naive import economics as naive
from tests.statistics.sequences import Case, assert_any_cut_is_the_whole, view_and_units
from tests.strategies import DAY_US

ROWS = [
    ("a", 0 * DAY_US, "ad", "web", "inquiry", None),
    ("a", 1 * DAY_US, "shop", "store", "purchase", 5_000),
    ("a", 2 * DAY_US, "shop", "store", "purchase", 1_000),
    ("b", 3 * DAY_US, "ad", "web", "inquiry", None),
    ("b", 4 * DAY_US, "shop", "web", "purchase", 0),
    ("c", 5 * DAY_US, "ad", "web", None, None),
]  # fmt: skip
COSTS = [100, 250, None, 300, None, None]
TYPES = pd.DataFrame({"customer": ["a", "b"], "tariff": ["gold", "basic"]})


def view(costs=COSTS, **options: Any):
    referrals = [("a", "b", 0, None)]
    graph = graph_from_rows(ROWS, referrals=referrals, cost=costs)
    return graph.journeys(outcome={"touchpoints": ["shop"]}, **options)


def groups(question: Economics, journeys=None):
    answer = economics(question, view() if journeys is None else journeys)
    return {node.group: node for node in answer.nodes}


def test_what_touchpoints_bring_and_cost():
    answer = economics(Economics(), view())
    assert [node.group for node in answer.nodes] == ["shop", "ad"]
    shop, ad = answer.nodes
    assert (shop.units, shop.count, shop.journeys, shop.items) == (2, 3, 2, ())
    assert (shop.value.total_minor, shop.value.count, shop.value.units) == (6_000, 3, 2)
    assert (shop.value.missing, shop.value.share) == (0, 1.0)
    assert (shop.cost.total_minor, shop.cost.count, shop.cost.missing) == (250, 1, 2)
    assert (shop.margin.total_minor, shop.margin.of_value) == (5_750, 5_750 / 6_000)
    assert (ad.value.total_minor, ad.value.missing_share, ad.value.per_unit) == (None, 1.0, None)
    assert ad.margin == Margin(
        total_minor=None, of_value=None, per_unit=None, low=None, high=None
    )  # what nobody says is not 0
    assert (ad.cost.total_minor, ad.cost.share, ad.cost.missing) == (400, 400 / 650, 1)
    # ads were met in the journeys of a, with two outcomes, of b, with one, and of c, with none
    assert (ad.outcomes, ad.with_outcome) == (3, 2)
    assert (ad.cost_per_outcome, ad.cost_per_unit_with_outcome) == (pytest.approx(4 / 3), 2.0)
    assert ad.outcome_customers.page(9).ids == ("a", "b")
    assert ad.cost_customers.page(9).ids == ("a", "b")
    assert ad.value_customers.page(9).ids == ()
    assert ad.customers.page(9).ids == ("a", "b", "c")
    [warning] = answer.warnings
    assert warning.startswith("3 of 6 interactions say what they cost.")


def test_the_interval_is_that_of_a_mean():
    overall = economics(Economics(), view()).overall
    for told, sums in ((overall.value, [60, 0, 0]), (overall.cost, [3.5, 3, 0]),
                       (overall.margin, [56.5, -3, 0])):  # fmt: skip
        low, high = stats.t.interval(0.95, 2, np.mean(sums), stats.sem(sums))
        assert told.per_unit == pytest.approx(np.mean(sums))
        assert (told.low, told.high) == (pytest.approx(low), pytest.approx(high))


def test_paths_chains_and_segments_add_up_to_the_whole():
    paths = groups(Economics(by="path"))
    assert {name: node.items for name, node in paths.items()} == {
        "ad > shop > shop": ("ad", "shop", "shop"), "ad > shop": ("ad", "shop"), "ad": ("ad",),
    }  # fmt: skip
    assert paths["ad > shop"].margin.total_minor == -300
    answer = economics(Economics(by="chain"), view())
    [chain] = answer.nodes
    assert (chain.group, chain.units, chain.value.total_minor) == ("a", 2, 6_000)
    assert answer.outside is not None
    assert (answer.outside.group, answer.outside.customers.page(9).ids) == ("none", ("c",))
    assert (answer.other_count, answer.other_value_minor, answer.other_cost_minor) == (0, 0, 0)
    assert answer.coverage == 5 / 6


def test_segments_are_of_an_attribute():
    frame = pd.DataFrame(
        ROWS, columns=["customer", "at", "touchpoint", "channel", "stage", "value"]
    )
    frame["at"] = pd.to_datetime(frame["at"], unit="us", utc=True)
    graph = journeygraph.from_pandas(frame, customers=TYPES)
    answer = economics(Economics(segment_by="tariff"), graph.journeys())
    assert answer.by is EconomicsBy.SEGMENT
    assert [(node.group, node.units) for node in answer.nodes] == [("gold", 1), ("basic", 1)]
    assert answer.outside is not None
    assert answer.outside.units == 1
    assert answer.warnings[-1] == (
        "No interaction says what it cost, so that there is no cost and no margin."
    )
    with pytest.raises(UnknownColumnError, match="tarif"):
        economics(Economics(segment_by="tarif"), graph.journeys())


def test_pages_others_and_orders():
    whole = economics(Economics(by="path", order="units"), view())
    first = economics(Economics(by="path", order="units", first=1), view())
    rest = economics(Economics(by="path", order="units", after=first.page_info.end_cursor), view())
    assert [node.group for node in (*first.nodes, *rest.nodes)] == [
        node.group for node in whole.nodes
    ]
    assert (first.groups, first.other_groups, first.other_count) == (3, 2, 3)
    assert first.other_value_minor == 0
    assert first.other_cost_minor == 300
    assert [node.group for node in economics(Economics(order="cost"), view()).nodes] == [
        "ad", "shop",
    ]  # fmt: skip
    few = economics(Economics(at_least=3), view())
    assert [node.group for node in few.nodes] == ["ad"]
    assert (few.groups, few.other_groups, few.other_value_minor) == (2, 1, 6_000)


def test_nobody_and_nothing_said():
    answer = economics(Economics(), graph_from_rows([]).journeys())
    assert (answer.units, answer.nodes, answer.outside, answer.coverage) == (0, (), None, None)
    assert answer.warnings == ()
    rows = [(*row[:5], None) for row in ROWS]
    told = economics(Economics(), graph_from_rows(rows).journeys(outcome={"touchpoints": ["ad"]}))
    assert [warning.split(",")[0] for warning in told.warnings] == [
        "No interaction says what it brought", "No interaction says what it cost",
    ]  # fmt: skip
    assert told.other_value_minor is None


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (Economics(by="team"), InvalidOptionError),
        (Economics(by="segment"), InvalidOptionError),
        (Economics(by="path", segment_by="tariff"), ConflictingOptionsError),
        (Economics(segment_by="tariff"), UnknownColumnError),
        (Economics(order="profit"), InvalidOptionError),
        (Economics(at_least=0), InvalidOptionError),
        (Economics(first=-1), InvalidOptionError),
    ],
)
def test_bad_options_are_refused(question, error):
    with pytest.raises(error):
        economics(question, view())


def with_costs(case: Case, data: st.DataObject) -> Case:
    world, options = case
    costs = data.draw(
        st.lists(
            st.sampled_from([None, None, 0, 7, 10**6]),
            min_size=len(world.rows), max_size=len(world.rows),
        )
    )  # fmt: skip
    return replace(world, columns={**world.columns, "cost": costs}), options


def assert_told(told: Amount | Margin, one: naive.NaiveGroup, name: str) -> None:
    said = {"value", "cost"} if name == "margin" else {name}
    if not all(one.amounts[amount] for amount in said):
        assert told.total_minor is told.per_unit is told.low is None
        return
    mean, squared = naive.spread(one, name)
    assert told.total_minor == mean * len(one.units)
    assert told.per_unit == pytest.approx(float(mean) / 100)
    n = len(set(one.customers.values()))
    if n < 2:
        assert told.low is told.high is None
        return
    half = stats.t.ppf(0.975, n - 1) * float(squared) ** 0.5 / 100
    assert told.low == pytest.approx(told.per_unit - half)
    assert told.high == pytest.approx(told.per_unit + half)


@settings(max_examples=10)
@given(
    case=cases(), by=st.sampled_from(["touchpoint", "channel", "stage", "path", "chain"]),
    data=st.data(),
)  # fmt: skip
def test_every_group_is_that_of_the_naive_twin(case: Case, by: str, data: st.DataObject):
    case = with_costs(case, data)
    journeys, units = view_and_units(case)
    world, options = case
    answer = economics(Economics(by=by, first=1000), journeys)
    expected = naive.groups(units, world, options.get("outcome"), by, options["by"])
    named: dict[Any, EconomicsGroup] = {
        node.items if by == "path" else node.group: node for node in answer.nodes
    }
    if answer.outside is not None:
        named[None] = answer.outside
    assert set(named) == set(expected)
    for name, one in expected.items():
        node = named[name]
        assert (node.count, node.units, node.journeys) == (
            one.count, len(one.units), len(one.journeys),
        )  # fmt: skip
        assert (node.outcomes, node.with_outcome) == (
            sum(one.outcomes.values()), len(one.with_outcome),
        )  # fmt: skip
        for amount in ("value", "cost"):
            told: Amount = getattr(node, amount)
            said = one.amounts[amount]
            assert (told.count, told.units) == (len(said), len({unit for unit, _ in said}))
            assert told.missing == one.count - len(said)
            assert_told(told, one, amount)
        assert_told(node.margin, one, "margin")
        assert node.customers.count == len({one.customers[unit] for unit in one.units})
        assert node.value_customers.count == len(
            {one.customers[unit] for unit, _ in one.amounts["value"]}
        )
        assert node.outcome_customers.count == len(
            {one.customers[unit] for unit in one.with_outcome}
        )
    whole = naive.groups(units, world, options.get("outcome"), "all", options["by"])
    for one in whole.values():
        assert answer.overall.count == one.count
        assert_told(answer.overall.value, one, "value")
    assert answer.other_count == 0
    assert sum(node.count for node in named.values()) == answer.count


@settings(max_examples=6)
@given(case=cases(), at_most=st.integers(1, 5), data=st.data())
def test_any_cut_is_the_whole(case: Case, at_most: int, data: st.DataObject) -> None:
    journeys, _units = view_and_units(with_costs(case, data))
    for by in (None, ITEM, "stage"):
        whole = assert_any_cut_is_the_whole(ECONOMICS, journeys, at_most, by=by)
        for row in whole.to_pylist():
            asked = {"by": by, "group": row["group"]}
            assert len(units_with_amounts(journeys, **asked)) == row["units"]
            assert len(units_with_amounts(journeys, "cost", **asked)) == row["cost_units"]


def test_customers_are_whole_where_a_block_is_cut_into_parts(monkeypatch):
    from journeygraph import cutting

    journeys = view(unit="journey", split={"inactivity": "12h"})
    whole = total(ECONOMICS, journeys)
    monkeypatch.setattr(cutting, "ROWS_AT_ONCE", 1)
    assert total(ECONOMICS, journeys).equals(whole)
    assert whole["customers"].to_pylist() == [3]
    assert whole["units"].to_pylist() == [6]


def test_what_is_printed(capsys):
    from api.cli.economics import print_economics

    print_economics(economics(Economics(by="chain"), view()), view())
    told = capsys.readouterr().out
    assert (
        "Economics in money – 3 customers, 6 interactions; 1 groups, those listed cover 83.3 %"
        in (told)
    )
    [line] = [line for line in told.splitlines() if line.startswith("none")][:1]
    assert line.split() == ["none", "1", "(few)", "1", "–", "–", "0", "–", "–", "0", "–", "–"]
