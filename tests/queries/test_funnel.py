"""The funnel: what it counts by example, what must hold always, and what is refused."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import (
    InvalidDurationError,
    InvalidOptionError,
    JourneyGraphError,
    UnknownItemError,
    UnknownOptionError,
)
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Unit
from journeygraph.statistics.base import total
from journeygraph.statistics.transitions import TRANSITIONS
from queries.funnel import Funnel, FunnelStep, StepOrder, funnel
from tests.journeys.views import cases
from tests.statistics.sequences import Case, view_and_units
from tests.statistics.walkers import DAY_US, steps_of
from tests.strategies import World, worlds

windows = st.none() | st.sampled_from(["1us", "1h", "1d", "30d"])
orders = st.sampled_from([StepOrder.ORDERED, StepOrder.STRICT])


def view_of(**journeys: str) -> Any:
    """A view of one customer each, one item a day: `view_of(a="home cart")`."""
    rows = [
        (customer, day * DAY_US, item)
        for customer, items in journeys.items()
        for day, item in enumerate(items.split())
    ]
    return graph_from_rows(rows).journeys()


def counts(view: Any, *steps: Any, **options: Any) -> list[int]:
    return [step.units for step in funnel(Funnel(steps=steps, **options), view).steps]


def drawn_steps(data: st.DataObject, view: Any) -> tuple[FunnelStep, ...]:
    return tuple(FunnelStep(any_of=tuple(sorted(step))) for step in steps_of(data, view))


def test_something_in_between_breaks_a_strict_funnel_only():
    view = view_of(a="home cart purchase", b="home help cart purchase", c="cart home")
    assert counts(view, "home", "cart", "purchase") == [3, 2, 2]
    assert counts(view, "home", "cart", "purchase", order="STRICT") == [3, 1, 1]


def test_the_window_includes_its_last_moment():
    view = view_of(a="home help cart")
    assert counts(view, "home", "cart", window="2d") == [1, 1]
    assert counts(view, "home", "cart", window=timedelta(days=2, microseconds=-1)) == [1, 0]


def test_a_later_start_counts_where_the_first_is_too_early():
    view = view_of(a="home help help home cart")
    [_home, cart] = funnel(Funnel(steps=["home", "cart"], window="1d"), view).steps
    assert (cart.units, round(cart.median_seconds or 0, -4)) == (1, 90_000)


def test_an_interaction_serves_one_step_only():
    view = view_of(a="home", b="home home", c="home help home")
    assert counts(view, "home", "home") == [3, 2]
    assert counts(view, "home", "home", order="strict") == [3, 1]


def test_steps_may_share_items():
    view = view_of(a="home cart", b="cart home", c="home home", d="cart help")
    shared = {"anyOf": ["home", "cart"]}
    assert counts(view, shared, "home") == [4, 2]
    assert counts(view, shared, shared) == [4, 3]


def test_the_first_of_equal_moments_is_the_first_that_arrived():
    ties = [("a", 0, "home"), ("a", 0, "cart"), ("b", 0, "cart"), ("b", 0, "home")]
    view = graph_from_rows(ties).journeys()
    assert counts(view, "home", "cart", window="1us") == [2, 1]


def test_open_is_who_could_still_and_dropped_is_the_rest():
    rows = [("a", 0, "home"), ("b", 8 * DAY_US, "home"), ("c", 9 * DAY_US, "cart")]
    rows += [("a", 10 * DAY_US, "help")]
    view = graph_from_rows(rows).journeys()
    [home, cart] = funnel(Funnel(steps=["home", "cart"], window="2d"), view).steps
    assert (home.units, home.dropped, home.open) == (2, 0, 0)
    assert (cart.units, cart.dropped, cart.open) == (0, 2, 0)
    [_, cart] = funnel(Funnel(steps=["home", "cart"], window=timedelta(2.1)), view).steps
    assert (cart.dropped, cart.open) == (1, 1)
    assert cart.dropped_customers.page(9).ids == ("a",)
    view = graph_from_rows(rows).journeys(inactivity="1d")
    [_, cart] = funnel(Funnel(steps=["home", "cart"]), view).steps
    assert (cart.dropped, cart.open) == (1, 1)
    assert cart.dropped_customers.page(9).ids == ("b",)


def test_shares_say_of_whom():
    view = view_of(a="home cart purchase", b="home cart", c="home", d="help")
    answer = funnel(Funnel(steps=["home", "cart", "purchase"]), view)
    assert answer.units == 4
    assert [step.of_first for step in answer.steps] == [1, 2 / 3, 1 / 3]
    assert [step.of_previous for step in answer.steps] == [None, 2 / 3, 1 / 2]
    last = answer.steps[2].of_previous_interval
    assert (last.successes, last.of) == (1, 2)
    assert all(step.small for step in answer.steps)


def test_a_step_that_nobody_meets_has_shares_of_nobody():
    view = view_of(a="home cart purchase")
    answer = funnel(Funnel(steps=["purchase", "home", "cart"]), view)
    assert [step.units for step in answer.steps] == [1, 0, 0]
    assert [step.of_previous for step in answer.steps] == [None, 0, None]
    assert answer.steps[2].median_seconds is None


def test_labels_and_items():
    view = view_of(a="home cart")
    steps = [FunnelStep(any_of=("home", "cart", "home")), FunnelStep(any_of=("cart",), label="C")]
    answer = funnel(Funnel(steps=steps, window="7d"), view)
    assert [(step.label, step.items) for step in answer.steps] == [
        ("home or cart", ("home", "cart")),
        ("C", ("cart",)),
    ]
    assert (answer.window_seconds, answer.order) == (7 * 86_400, StepOrder.ORDERED)


def test_channels_are_named_as_everybody_does():
    view = graph_from_rows([("a", 0, "x", "web"), ("a", 1, "x", "e-mail")]).journeys(by="channel")
    assert counts(view, "website", "E-Mail") == [1, 1]


def test_repeats_that_were_collapsed_begin_with_the_first():
    rows = [("a", day * DAY_US, item) for day, item in enumerate(["home", "home", "cart"])]
    view = graph_from_rows(rows).journeys(rules={"collapse": True})
    [_, cart] = funnel(Funnel(steps=["home", "cart"], order="strict", exact=True), view).steps
    assert (cart.units, cart.median_seconds) == (1, 2 * 86_400)
    assert counts(view, "home", "home") == [1, 0]


@given(case=cases(), data=st.data(), window=windows, order=orders)
def test_numbers_add_up_and_their_customers_are_listed(
    case: Case, data: st.DataObject, window: str | None, order: StepOrder
) -> None:
    view, _units = view_and_units(case)
    if not view.items:
        return
    question = Funnel(steps=drawn_steps(data, view), window=window, order=order)
    answer = funnel(question, view)
    for before, step in zip(answer.steps, answer.steps[1:], strict=False):
        assert before.units - step.units == step.dropped + step.open
        assert step.units <= before.units
    for step in answer.steps:
        if view.unit is Unit.CUSTOMER:
            assert step.customers.count == step.units
            assert step.dropped_customers.count == step.dropped
            assert step.open_customers.count == step.open
        assert step.customers.count <= step.units
        assert min(step.dropped, step.open) >= 0


@given(case=cases(), data=st.data(), window=windows)
def test_who_goes_strictly_goes_in_order_and_a_longer_window_loses_nobody(
    case: Case, data: st.DataObject, window: str | None
) -> None:
    view, _units = view_and_units(case)
    if not view.items:
        return
    steps = drawn_steps(data, view)
    strict = counts(view, *steps, window=window, order="strict")
    ordered = counts(view, *steps, window=window)
    longer = counts(view, *steps, window=None)
    pairs = zip(strict, ordered, longer, strict=True)
    assert all(one <= two <= three for one, two, three in pairs)


@given(case=cases())
def test_an_edge_is_a_strict_funnel_of_two_steps(case: Case) -> None:
    view, _units = view_and_units(case)
    edges = {
        (view.items[row["source"]], view.items[row["target"]]): row["units"]
        for row in total(TRANSITIONS, view).to_pylist()
    }
    met = sorted({name for edge in edges for name in edge})
    for source in met:
        for target in met:
            expected = edges.get((source, target), 0)
            assert counts(view, source, target, order="STRICT")[1] == expected


@given(world=worlds(), data=st.data(), window=windows, order=orders, end=st.integers(1, 70))
def test_what_comes_after_until_changes_nothing(
    world: World, data: st.DataObject, window: str | None, order: StepOrder, end: int
) -> None:
    known = sorted({row[2] for row in world.rows})
    if not known:
        return
    until = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=end)
    kept = [row for row in world.rows if row[1] < end * DAY_US]
    earlier = graph_from_rows(kept, touchpoints=known).journeys()
    later = graph_from_rows(world.rows, touchpoints=known).journeys(where={"until": until})
    question = Funnel(steps=drawn_steps(data, later), window=window, order=order)
    answers = funnel(question, earlier), funnel(question, later)
    for one, two in zip(*(answer.steps for answer in answers), strict=True):
        assert (one.units, one.median_seconds) == (two.units, two.median_seconds)
        assert one.dropped + one.open == two.dropped + two.open


@given(case=cases(), data=st.data(), window=windows, order=orders)
def test_exact_medians_are_within_a_bucket_of_the_others(
    case: Case, data: st.DataObject, window: str | None, order: StepOrder
) -> None:
    view, _units = view_and_units(case)
    if not view.items:
        return
    steps = drawn_steps(data, view)
    rough, exact = (
        funnel(Funnel(steps=steps, window=window, order=order, exact=asked), view).steps
        for asked in (False, True)
    )
    for one, two in zip(rough, exact, strict=True):
        assert (one.exact, two.exact) == (False, True)
        for ours, theirs in (
            (one.median_seconds, two.median_seconds),
            (one.median_from_first_seconds, two.median_from_first_seconds),
        ):
            assert (ours is None) == (theirs is None)
            assert ours is None or theirs is None or math.isclose(ours, theirs, rel_tol=0.022)


BAD: list[tuple[dict[str, Any], type[JourneyGraphError], str]] = [
    ({"steps": []}, InvalidOptionError, "0 steps"),
    ({"steps": ["home"] * 31}, InvalidOptionError, "31 steps"),
    ({"steps": "home"}, InvalidOptionError, "list of steps"),
    ({"steps": [{"anyOf": []}]}, InvalidOptionError, "anyOf"),
    ({"steps": [{"label": "x"}]}, InvalidOptionError, "anyOf"),
    ({"steps": [{"of": ["home"]}]}, UnknownOptionError, "'label'"),
    ({"steps": [7]}, InvalidOptionError, "steps"),
    ({"steps": ["hme"]}, UnknownItemError, "Did you mean 'home'"),
    ({"steps": ["home"], "window": "7"}, InvalidDurationError, "a number and a unit"),
    ({"steps": ["home"], "window": "0d"}, InvalidDurationError, "window"),
    ({"steps": ["home"], "order": "sideways"}, InvalidOptionError, "ORDERED, STRICT or ANY"),
]


@pytest.mark.parametrize(("options", "error", "says"), BAD)
def test_bad_input_is_refused(options, error, says):
    with pytest.raises(error) as refused:
        funnel(Funnel(**options), view_of(a="home cart"))
    assert says in str(refused.value)
