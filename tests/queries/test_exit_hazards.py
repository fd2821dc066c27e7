"""Hazards of leaving: what adds up, what the twin and drop-off count, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import InvalidDurationError, InvalidOptionError, UnknownItemError
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Unit
from journeygraph.statistics.exit_places import EXIT_PLACES
from queries.drop_off import DropOff, drop_off
from queries.exit_hazards import ExitHazards, exit_hazards
from tests.journeys.views import cases
from tests.naive.exit_hazards import NaivePlace, places
from tests.statistics.sequences import Case, assert_any_cut_is_the_whole, view_and_units
from tests.statistics.walkers import DAY_US, walkers

WIDTHS = st.none() | st.sampled_from([30 * DAY_US, 365 * DAY_US])

# Until day 100: a buys, b and c leave at the cart, d has just come.
ROWS = [
    ("a", 1 * DAY_US, "home"), ("a", 2 * DAY_US, "cart"), ("a", 3 * DAY_US, "purchase"),
    ("b", 1 * DAY_US, "cart"),
    ("c", 1 * DAY_US, "home"), ("c", 9 * DAY_US, "cart"),
    ("d", 99 * DAY_US, "home"), ("d", 100 * DAY_US, "cart"),
]  # fmt: skip


def view():
    return graph_from_rows(ROWS).journeys()


def test_by_position():
    answer = exit_hazards(ExitHazards(), view())
    assert (answer.units, answer.exits, answer.open, answer.with_outcome) == (4, 2, 1, 1)
    assert [(node.position, node.at_risk, node.exits, node.open) for node in answer.nodes] == [
        (1, 4, 1, 0), (2, 3, 1, 1), (3, 1, 0, 0),
    ]  # fmt: skip
    assert [node.hazard.value for node in answer.nodes] == [0.25, 0.5, 0]
    assert [node.remaining for node in answer.nodes] == [0.75, 0.375, 0.375]
    second = answer.nodes[1]
    assert second.customers.page(9).ids == ("c",)
    assert second.open_customers.page(9).ids == ("d",)
    assert second.at_risk_customers.page(9).ids == ("a", "c", "d")


def test_of_an_item_by_time():
    answer = exit_hazards(ExitHazards(item="cart", every="7d"), view())
    assert (answer.item, answer.every_seconds, answer.exits) == ("cart", 7 * 86_400, 2)
    assert [(node.from_seconds, node.at_risk, node.exits, node.open) for node in answer.nodes] == [
        (0, 3, 1, 1), (7 * 86_400, 1, 1, 0),
    ]  # fmt: skip
    assert answer.nodes[1].until_seconds == 14 * 86_400
    assert answer.nodes[0].remaining is answer.nodes[0].position is None
    assert answer.nodes[0].at_risk_customers.page(9).ids == ("a", "b", "d")


def test_nobody():
    answer = exit_hazards(ExitHazards(), graph_from_rows([]).journeys())
    assert (answer.units, answer.places, answer.nodes) == (0, 0, ())


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (ExitHazards(item="caart"), UnknownItemError),
        (ExitHazards(every="7"), InvalidDurationError),
        (ExitHazards(every="1us"), InvalidOptionError),
        (ExitHazards(first=-1), InvalidOptionError),
    ],
)
def test_bad_options_are_refused(question, error):
    with pytest.raises(error):
        exit_hazards(question, view())


@given(case=cases(many_touchpoints=True), data=st.data(), width=WIDTHS, at_most=st.integers(1, 5))
def test_places_are_those_of_the_naive_twin(
    case: Case, data: st.DataObject, width: int | None, at_most: int
) -> None:
    journeys, units = view_and_units(case)
    item = data.draw(st.none() | st.sampled_from(journeys.items)) if journeys.items else None
    code = None if item is None else journeys.items.index(item)
    codes = None if code is None else (code,)
    assert_any_cut_is_the_whole(EXIT_PLACES, journeys, at_most, items=codes, width_us=width or 0)
    every = None if width is None else timedelta(microseconds=width)
    answer = exit_hazards(ExitHazards(item=item, every=every, first=1000), journeys)
    expected = places(walkers(case, journeys, units), item, width)
    assert answer.places == len(expected)
    found = [
        NaivePlace(node.at_risk, node.exits, node.open, node.with_outcome) for node in answer.nodes
    ]
    assert found == expected[:1000]
    for node in answer.nodes[:5]:
        if journeys.unit is Unit.CUSTOMER:
            assert node.customers.count == node.exits
            assert node.open_customers.count == node.open
            assert node.at_risk_customers.count == node.at_risk


@given(case=cases(), width=WIDTHS)
def test_exits_add_up_to_those_of_drop_off(case: Case, width: int | None) -> None:
    journeys, _units = view_and_units(case)
    every = None if width is None else timedelta(microseconds=width)
    answer, known = exit_hazards(ExitHazards(every=every), journeys), drop_off(DropOff(), journeys)
    fates = (answer.exits, answer.open, answer.with_outcome)
    assert fates == (known.exits, known.open, known.with_outcome)
    for node in known.nodes:
        of_item = exit_hazards(ExitHazards(item=node.item, every=every), journeys)
        assert (of_item.exits, of_item.open) == (node.exits, node.open)


@given(case=cases())
def test_hazards_multiply_to_the_share_that_is_left(case: Case) -> None:
    journeys, units = view_and_units(case)
    left, share = walkers(case, journeys, units), 1.0
    for node in exit_hazards(ExitHazards(first=1000), journeys).nodes:
        # one unit after the other: who exits here, of those whose fate here is known
        here = [unit for unit in left if sum(map(len, unit.journeys)) == node.position]
        exits = sum(not unit.is_open and not unit.has_outcome for unit in here)
        known = len(left) - sum(unit.is_open for unit in here)
        share *= 1 - exits / known if known else 1.0
        assert node.remaining == pytest.approx(share)
        left = [unit for unit in left if unit not in here]
    assert left == []
