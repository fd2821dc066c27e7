"""Drop-off: what adds up, what a funnel says of the same, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import InvalidDurationError, InvalidOptionError
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Unit
from queries.drop_off import DropOff, drop_off
from queries.funnel import Funnel, funnel
from tests.journeys.views import cases
from tests.statistics.sequences import Case, view_and_units
from tests.statistics.walkers import DAY_US

limits = st.none() | st.sampled_from(["1h", "1d", "30d", "36500d"])

# Until day 100: a bought, b left at the cart, c has just come, d went back to the start and left.
ROWS = [
    ("a", 1 * DAY_US, "home"),
    ("a", 2 * DAY_US, "cart"),
    ("a", 3 * DAY_US, "purchase"),
    ("a", 4 * DAY_US, "home"),
    ("b", 1 * DAY_US, "home"),
    ("b", 1 * DAY_US, "cart"),
    ("c", 100 * DAY_US, "home"),
    ("d", 1 * DAY_US, "cart"),
    ("d", 2 * DAY_US, "home"),
]


def test_who_bought_never_exits_and_who_was_just_here_is_open():
    answer = drop_off(DropOff(), graph_from_rows(ROWS).journeys())
    assert (answer.units, answer.exits, answer.open, answer.with_outcome) == (4, 2, 1, 1)
    assert answer.inactivity_seconds == 30 * 86_400
    assert answer.as_of_us == 100 * DAY_US
    assert [(node.item, node.visits, node.exits, node.open) for node in answer.nodes] == [
        ("cart", 3, 1, 0),
        ("home", 4, 1, 1),
        ("purchase", 1, 0, 0),
    ]
    home = answer.nodes[1]
    assert (home.rate.value, home.rate.successes, home.rate.of) == (1 / 3, 1, 3)
    assert home.small
    assert home.customers.page(10).ids == ("d",)
    assert home.visitors.page(10).ids == ("a", "b", "c", "d")


def test_an_item_that_only_open_units_met_has_no_rate():
    view = graph_from_rows([("a", 1, "home")]).journeys()
    [node] = drop_off(DropOff(), view).nodes
    assert (node.visits, node.open, node.rate.value, node.rate.low) == (1, 1, None, None)


def test_the_limit_can_be_given_for_this_question_alone():
    view = graph_from_rows(ROWS).journeys(inactivity="30d")
    assert drop_off(DropOff(inactivity="99d"), view).open == 3
    assert drop_off(DropOff(inactivity=timedelta(days=99)), view).open == 3
    assert drop_off(DropOff(), graph_from_rows(ROWS).journeys(inactivity="99d")).open == 3


def test_no_journeys_have_no_exits():
    answer = drop_off(DropOff(), graph_from_rows([]).journeys())
    assert (answer.units, answer.exits, answer.open, answer.with_outcome) == (0, 0, 0, 0)
    assert answer.nodes == ()
    assert not answer.page_info.has_next_page


@given(case=cases(), limit=limits)
def test_numbers_add_up_and_their_customers_are_listed(case: Case, limit: str | None) -> None:
    view, _units = view_and_units(case)
    answer = drop_off(DropOff(inactivity=limit), view)
    assert answer.units == answer.exits + answer.open + answer.with_outcome
    assert sum(node.exits for node in answer.nodes) == answer.exits
    assert sum(node.open for node in answer.nodes) == answer.open
    if view.unit is Unit.CUSTOMER:
        assert answer.exit_customers.count == answer.exits
        assert answer.open_customers.count == answer.open
        assert answer.with_outcome_customers.count == answer.with_outcome
    for node in answer.nodes:
        assert node.exits + node.open <= node.visits
        if view.unit is Unit.CUSTOMER:
            assert node.customers.count == node.exits
            assert node.open_customers.count == node.open
            assert node.visitors.count == node.visits
        else:
            assert node.customers.count <= node.exits
            assert (node.customers.count > 0) == (node.exits > 0)


@given(case=cases())
def test_visits_are_what_a_funnel_of_one_step_counts(case: Case) -> None:
    view, _units = view_and_units(case)
    for node in drop_off(DropOff(), view).nodes:
        [step] = funnel(Funnel(steps=[node.item]), view).steps
        assert step.units == node.visits
        assert step.customers.indexes.tolist() == node.visitors.indexes.tolist()


@given(case=cases(), first=st.integers(1, 3))
def test_all_pages_together_are_the_whole_list(case: Case, first: int) -> None:
    view, _units = view_and_units(case)
    whole = [(node.item, node.exits) for node in drop_off(DropOff(), view).nodes]
    assert whole == sorted(whole, key=lambda row: (-row[1], row[0]))
    paged, after, more = [], None, True
    while more:
        answer = drop_off(DropOff(first=first, after=after), view)
        paged += [(node.item, node.exits) for node in answer.nodes]
        after, more = answer.page_info.end_cursor, answer.page_info.has_next_page
    assert paged == whole


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (DropOff(inactivity="30"), InvalidDurationError),
        (DropOff(inactivity="0d"), InvalidDurationError),
        (DropOff(first=-1), InvalidOptionError),
        (DropOff(first=10**6), InvalidOptionError),
        (DropOff(after="no cursor"), InvalidOptionError),
    ],
)
def test_bad_options_are_refused(question, error):
    with pytest.raises(error):
        drop_off(question, graph_from_rows(ROWS).journeys())
