"""Who is loyal and what they had met is what the naive twin says, however it is cut."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Journeys
from journeygraph.kernels import loyalty as kernels
from journeygraph.statistics.base import merge, total
from journeygraph.statistics.loyalty import (
    LoyaltyKind,
    LoyaltyRule,
    judge_units,
    loyalty_exposures,
)
from tests.journeys.views import ask, cases
from tests.naive import journeys as naive_journeys
from tests.naive import loyalty as naive
from tests.strategies import DAY_US, World

Case = tuple[World, dict[str, Any]]

KINDS = {
    "repeat": LoyaltyKind.REPEAT_PURCHASE,
    "active": LoyaltyKind.ACTIVE,
    "no churn": LoyaltyKind.NO_CHURN,
    "churn": LoyaltyKind.CHURN,
    "value": LoyaltyKind.VALUE,
}
STATES = {
    naive.NOT_ELIGIBLE: kernels.NOT_ELIGIBLE,
    naive.CENSORED: kernels.CENSORED,
    naive.NOT_LOYAL: kernels.NOT_LOYAL,
    naive.LOYAL: kernels.LOYAL,
}

lengths = st.sampled_from([1, 2, DAY_US // 24, DAY_US, 2 * DAY_US, 30 * DAY_US, 90 * DAY_US])


@st.composite
def rules(draw: st.DrawFn) -> naive.Rule:
    return naive.Rule(
        kind=draw(st.sampled_from(sorted(KINDS))),
        horizon=draw(lengths),
        inactivity=draw(lengths),
        window=draw(st.one_of(st.none(), lengths)),
    )


def both(case: Case, inactivity_us: int) -> tuple[Journeys, list[naive_journeys.Unit]] | None:
    world, options = case
    try:
        units = naive_journeys.units(world, **options)
    except (naive_journeys.MatchesNothingError, naive_journeys.InterleavedError):
        return None
    return ask(world.graph, options, inactivity=timedelta(microseconds=inactivity_us)), units


def compiled(rule: naive.Rule) -> LoyaltyRule:
    return LoyaltyRule(
        kind=KINDS[rule.kind], horizon_us=rule.horizon, exposure_window_us=rule.window
    )


@given(case=cases(), rule=rules())
def test_states_and_exposures_are_those_of_the_naive_twin(case: Case, rule: naive.Rule) -> None:
    asked = both(case, rule.inactivity)
    if asked is None:
        return
    view, units = asked
    judged = judge_units(view, compiled(rule))
    assert judged.states.tolist() == [STATES[naive.judge(unit, *case, rule)] for unit in units]
    expected = naive.tables(units, *case, rule)
    counted = total(loyalty_exposures, view, judged=judged).to_pydict()
    items = [view.items[item] for item in counted["item"]]
    assert items == list(view.items)
    assert counted["exposed"] == [expected.exposed[item] for item in items]
    assert counted["exposed_loyal"] == [expected.exposed_loyal[item] for item in items]
    for code, item in enumerate(items):
        found = np.flatnonzero(judged.exposed_to(code)).tolist()
        assert found == sorted(expected.who.get(item, ()))


@given(case=cases(), rule=rules())
def test_any_division_into_blocks_gives_the_same(case: Case, rule: naive.Rule) -> None:
    asked = both(case, rule.inactivity)
    if asked is None:
        return
    view, _units = asked
    judged = judge_units(view, compiled(rule))
    whole = total(loyalty_exposures, view, judged=judged)
    parts = [loyalty_exposures.partial(block, judged=judged) for block in view.blocks(at_most=3)]
    assert not parts or merge(loyalty_exposures, parts).equals(whole)


@given(case=cases(), said=st.dictionaries(st.sampled_from("abc"), st.booleans()))
def test_a_column_judges_by_customer_and_counts_all_exposure(
    case: Case, said: dict[str, bool]
) -> None:
    asked = both(case, DAY_US)
    if asked is None:
        return
    view, units = asked
    states = [
        STATES[
            {None: naive.NOT_ELIGIBLE, True: naive.LOYAL, False: naive.NOT_LOYAL}[said.get(name)]
        ]
        for name in view.graph.customer_id(np.arange(view.graph.n_customers))
    ]
    rule = LoyaltyRule(kind=LoyaltyKind.COLUMN, said=np.array(states, np.uint8))
    judged = judge_units(view, rule)
    expected = naive.tables(units, *case, naive.Rule("column", said={**said}))
    counted = total(loyalty_exposures, view, judged=judged).to_pydict()
    assert counted["exposed"] == [expected.exposed[item] for item in view.items]
    assert counted["exposed_loyal"] == [expected.exposed_loyal[item] for item in view.items]


@pytest.mark.parametrize("n_items", [64, 65])
def test_few_items_are_counted_as_many_are(n_items: int, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(n_items)
    customers, items = generator.integers(0, 40, 900), generator.integers(0, n_items, 900)
    rows = [
        (f"c{customer}", 7_777_777 * number, f"t{item}")
        for number, (customer, item) in enumerate(zip(customers, items, strict=True))
    ]
    view = graph_from_rows(rows).journeys()
    assert view.n_items == n_items
    said = generator.integers(0, 4, view.graph.n_customers).astype(np.uint8)
    said[said == kernels.CENSORED] = kernels.NOT_ELIGIBLE
    judged = judge_units(view, LoyaltyRule(kind=LoyaltyKind.COLUMN, said=said))
    whole = total(loyalty_exposures, view, judged=judged)
    monkeypatch.setattr("journeygraph.statistics.loyalty.MOST_ITEMS", 0)
    assert total(loyalty_exposures, view, judged=judged).equals(whole)
    met = {
        (name, item) for name, _, item in rows
        if said[view.graph.customer_index(name)] >= kernels.NOT_LOYAL
    }  # fmt: skip
    assert whole["exposed"].to_pylist() == [
        sum(item == one for _, item in met) for one in view.items
    ]


def test_nobody_at_all() -> None:
    view = graph_from_rows([]).journeys()
    judged = judge_units(view, LoyaltyRule(kind=LoyaltyKind.NO_CHURN, horizon_us=1))
    assert judged.count_states() == [0, 0, 0, 0]
    assert total(loyalty_exposures, view, judged=judged).num_rows == 0


@pytest.mark.parametrize(
    ("second_at", "horizon", "state"),
    [
        (0, 10, kernels.NOT_LOYAL),  # at the same moment is not later
        (10, 10, kernels.LOYAL),  # the end of the horizon belongs to it
        (11, 10, kernels.NOT_LOYAL),
        (5, 20, kernels.LOYAL),  # until asOf
        (5, 21, kernels.CENSORED),  # loyal already, but not watched for the whole horizon
    ],
)
def test_the_edges_of_a_repeat_purchase(second_at: int, horizon: int, state: int) -> None:
    rows = [("a", 0, "purchase"), ("a", second_at, "purchase"), ("b", 20, "visit")]
    view = graph_from_rows(rows).journeys()
    rule = LoyaltyRule(kind=LoyaltyKind.REPEAT_PURCHASE, horizon_us=horizon)
    assert judge_units(view, rule).states.tolist() == [state, kernels.NOT_ELIGIBLE]


def test_journeys_that_overlap_are_judged_in_the_order_of_time() -> None:
    rows = [("a", day * DAY_US, "purchase") for day in (1, 2, 3, 40)] + [("b", 50 * DAY_US, "ad")]
    orders = ["first", "second", "first", "second", "third"]
    view = graph_from_rows(rows, order=orders).journeys(split={"column": "order"}, unit="journey")
    assert np.any(np.diff(view.graph.at_us[:4]) < 0)
    within = {1: kernels.LOYAL, 2: kernels.LOYAL}  # of days 1 and 2 another follows a day later
    rule = LoyaltyRule(kind=LoyaltyKind.REPEAT_PURCHASE, horizon_us=DAY_US)
    first_days = (view.graph.at_us[view.unit_first_outcome[:2]] // DAY_US).tolist()
    assert judge_units(view, rule).states.tolist() == [
        *(within[day] for day in first_days), kernels.NOT_ELIGIBLE
    ]  # fmt: skip
    gaps = LoyaltyRule(kind=LoyaltyKind.NO_CHURN, horizon_us=35 * DAY_US)
    assert set(judge_units(view, gaps).states[:2].tolist()) == {kernels.NOT_LOYAL}
