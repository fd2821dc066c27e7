"""A tolerance makes sets of what is simultaneous: one item in every question, and still counted.

That a view with a tolerance is what the naive twin says, and every statistic of it as well, is
tested with the other rules; here is what is special to sets.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.cohorts import Where
from journeygraph.errors import InvalidDurationError, UnknownItemError
from journeygraph.graph import JourneyGraph
from journeygraph.graph_build import graph_from_rows
from journeygraph.item_names import name_of_set
from journeygraph.journeys import Journeys
from journeygraph.statistics.paths_to_outcomes import values_of_outcomes
from queries.common_paths import CommonPaths, common_paths
from queries.drop_off import DropOff, drop_off
from queries.exit_hazards import ExitHazards, exit_hazards
from queries.funnel import Funnel, funnel
from queries.funnel_options import (
    ExclusionMeaning,
    FunnelExclusion,
    FunnelStep,
    FunnelStepWhere,
    StepOrder,
)
from queries.loyalty import Loyalty
from queries.loyalty_touchpoints import LoyaltyTouchpoints, loyalty_touchpoints
from queries.time_to_convert import TimeToConvert, time_to_convert
from queries.transitions import Transitions, transitions
from tests.journeys.views import ask, cases, described, expected
from tests.naive import journeys as naive
from tests.strategies import World

TOUCHPOINTS = ("home", "cart", "ad", "purchase", "call")


@st.composite
def busy(draw: st.DrawFn) -> tuple[World, int]:
    """Few moments, so that most interactions are simultaneous with others."""
    row = st.tuples(
        st.sampled_from("ab"), st.integers(0, 8), st.sampled_from(TOUCHPOINTS),
        st.sampled_from([None, "web", "phone"]), st.none(), st.sampled_from([None, 5]),
    )  # fmt: skip
    rows = draw(st.lists(row, min_size=1, max_size=24))
    return World(rows=rows), draw(st.integers(0, 3))


def view_of(world: World, tolerance_us: int, **options: Any) -> Journeys:
    return world.graph.journeys(rules={"tolerance": f"{tolerance_us}us"}, **options)


def shop(*rows: tuple[str, int, str]) -> JourneyGraph:
    return graph_from_rows([(*row, None, None, None) for row in rows])


BOTH = shop(
    ("a", 1, "cart"), ("a", 1, "ad"), ("a", 5, "purchase"),
    ("b", 1, "ad"), ("b", 3, "cart"), ("b", 3, "purchase"),
    ("c", 1, "cart"), ("c", 2, "cart"), ("c", 9, "call"),
)  # fmt: skip


def named(view: Journeys, journey: int) -> list[str]:
    first, last = view.journey_starts[journey], view.journey_ends[journey]
    return [view.items[code] for code in view.item_codes[first:last] if code < view.n_items]


def test_a_set_is_one_item_of_names_in_their_order() -> None:
    exact = BOTH.journeys(rules={"tolerance": "0s"})
    assert [named(exact, journey) for journey in range(3)] == [
        ["ad + cart", "purchase"], ["ad", "cart + purchase"], ["cart", "cart", "call"],
    ]  # fmt: skip
    wide = BOTH.journeys(rules={"tolerance": "2us"})
    assert [named(wide, journey) for journey in range(3)] == [
        ["ad + cart", "purchase"], ["ad + cart + purchase"], ["cart", "call"],
    ]  # fmt: skip


def test_it_is_counted_from_the_first_and_never_across_a_journey() -> None:
    graph = shop(("a", 0, "ad"), ("a", 2, "cart"), ("a", 3, "call"), ("b", 3, "ad"))
    assert named(graph.journeys(rules={"tolerance": "2us"}), 0) == ["ad + cart", "call"]
    cut = graph.journeys(rules={"tolerance": "9us"}, split={"inactivity": "2us"})
    assert [named(cut, journey) for journey in range(3)] == [["ad"], ["call + cart"], ["ad"]]


def test_equal_sets_collapse_and_others_do_not() -> None:
    graph = shop(
        ("a", 1, "ad"), ("a", 1, "cart"), ("a", 2, "cart"), ("a", 2, "ad"), ("a", 3, "ad")
    )  # fmt: skip
    view = graph.journeys(rules={"tolerance": "0s", "collapse": True})
    assert named(view, 0) == ["ad + cart", "ad"]


@given(case=cases(simultaneous=True), tolerance_us=st.integers(0, 3))
def test_sets_are_what_the_naive_twin_says(case: tuple[World, dict[str, Any]], tolerance_us: int):
    world, options = case
    options = {**options, "rules": {"tolerance_us": tolerance_us}, "split": None}
    units, view = naive.units(world, **options), ask(world.graph, options)
    assert described(view) == expected(units)
    arrival, rule = view.graph.column("row"), options.get("outcome")
    outcomes = [naive.outcomes_of(unit, rule, world) for unit in units]
    assert arrival[view.outcome_rows].tolist() == sum(outcomes, [])
    by_arrival = dict(enumerate(world.rows))
    sets = [group for unit in units for journey in unit.journeys for group in journey.sets]
    worth = {group[0].arrival: [one.arrival for one in group] for group in sets}
    hits = {one.arrival for unit in units for one in unit.history
            if naive.is_outcome(one, rule, world)}  # fmt: skip
    assert values_of_outcomes(view).tolist() == [
        sum(by_arrival[one][5] or 0 for one in worth.get(row, [row]) if one in hits)
        for row in arrival[view.outcome_rows].tolist()
    ]


names = st.sets(st.text("a +\\=\t", min_size=1, max_size=4), min_size=1, max_size=3)


@given(one=names, other=names)
def test_no_two_sets_are_called_alike(one: set[str], other: set[str]) -> None:
    assert (name_of_set(one) == name_of_set(other)) == (one == other)
    assert name_of_set(one) == naive.called(one)


@given(held=st.lists(names, min_size=1, max_size=4))
def test_what_is_shown_can_be_asked(held: list[set[str]]) -> None:
    graph = shop(*[("a", at, name) for at, of in enumerate(held) for name in sorted(of)])
    view = graph.journeys(rules={"tolerance": "0s"})
    for of in held:
        assert view.items.index(name_of_set(of)) in view.item_names.codes("steps", name_of_set(of))
        for name in of - set(view.items) | {one for one in of if name_of_set([one]) == one}:
            holders = {view.items[code] for code in view.item_names.codes("steps", name)}
            assert holders >= {name_of_set(one) for one in held if name in one}


def test_a_name_means_every_set_that_holds_it() -> None:
    view = BOTH.journeys(rules={"tolerance": "0s"})

    def meant(name: str) -> set[str]:
        return {view.items[code] for code in view.item_names.codes("steps", name)}

    assert meant("cart") == {"cart", "ad + cart", "cart + purchase"}
    assert meant("cart + ad") == {"ad + cart"}
    assert meant("=cart") == meant("= cart") == {"cart"}
    assert meant("=ad + cart") == {"ad + cart"}
    with pytest.raises(UnknownItemError, match="steps='ad \\+ call' is not an item"):
        meant("ad + call")
    with pytest.raises(UnknownItemError, match="Did you mean 'cart'"):
        meant("crt")


def test_a_plus_in_a_name_is_told_from_a_set() -> None:
    graph = shop(("a", 1, "ad + cart"), ("a", 2, "ad"), ("a", 2, "cart"), ("a", 3, "C++"))
    view = graph.journeys(rules={"tolerance": "0s"})
    assert named(view, 0) == [r"ad \+ cart", "ad + cart", "C++"]

    def meant(name: str) -> list[str]:
        return [view.items[code] for code in view.item_names.codes("to", name)]

    assert meant("ad + cart") == meant("=ad + cart") == ["ad + cart"]  # what is shown is meant
    assert meant(r"ad \+ cart") == [r"ad \+ cart"]
    assert meant("C++") == ["C++"]
    assert named(graph.journeys(), 0) == ["ad + cart", "ad", "cart", "C++"]


@given(case=busy())
def test_an_edge_is_the_strict_funnel_of_these_two_sets(case: tuple[World, int]) -> None:
    view = view_of(*case)
    for edge in transitions(Transitions(first=100), view).nodes:
        steps = [f"={edge.source}", f"={edge.target}"]
        assert (
            funnel(Funnel(steps=steps, order=StepOrder.STRICT), view).steps[1].units == edge.units
        )
        assert edge.customers.count == edge.units


@given(case=busy())
def test_identities_of_paths_and_exits(case: tuple[World, int]) -> None:
    view = view_of(*case)
    answer = common_paths(CommonPaths(first=100), view)
    for path in answer.nodes:
        assert path.customers.count == path.units
    assert sum(path.units for path in answer.nodes) == view.n_units
    left = drop_off(DropOff(), view)
    assert sum(node.exits for node in left.nodes) + left.open + left.with_outcome == left.units
    for node in left.nodes:
        held = exit_hazards(ExitHazards(item=f"={node.item}", first=100), view)
        assert held.exits == node.exits


def in_sets(world: World, tolerance_us: int) -> list[list[list[tuple[int, str, str | None]]]]:
    """By customer the sets, as (at, touchpoint, channel) of each interaction."""
    found = []
    for customer in world.all_customers():
        sets: list[list[tuple[int, str, str | None]]] = []
        for row in world.of_customer(customer):
            if not sets or row[1] - sets[-1][0][0] > tolerance_us:
                sets.append([])
            sets[-1].append((row[1], row[2], row[3]))
        found.append(sets)
    return found


@given(case=busy(), first=st.sampled_from(TOUCHPOINTS), second=st.sampled_from(TOUCHPOINTS))
def test_a_funnel_goes_on_in_a_later_set(case: tuple[World, int], first: str, second: str) -> None:
    view = view_of(*case)
    if not {first, second} <= set(view.items):
        return
    lives = [[{name for _, name, _ in one} for one in sets] for sets in in_sets(*case)]
    ordered = sum(
        any(first in one and second in other for at, one in enumerate(life)
            for other in life[at + 1 :])
        for life in lives
    )  # fmt: skip
    strict = sum(
        any(first in one and second in other for one, other in zip(life, life[1:], strict=False))
        for life in lives
    )
    steps = [first, second]
    assert funnel(Funnel(steps=steps), view).steps[1].units == ordered
    assert funnel(Funnel(steps=steps, order=StepOrder.STRICT), view).steps[1].units == strict
    if "ad" not in view.items:
        return
    clear = sum(
        any(
            first in life[at]
            and second in life[to]
            and not any("ad" in between for between in life[at + 1 : to])
            for at in range(len(life))
            for to in range(at + 1, len(life))
        )
        for life in lives
    )
    exclude = [FunnelExclusion(any_of=("ad",), meaning=ExclusionMeaning.COUNTS_UP_TO)]
    assert funnel(Funnel(steps=steps, exclude=exclude), view).steps[1].units == clear


@given(case=busy(), name=st.sampled_from(TOUCHPOINTS))
def test_a_condition_is_met_by_an_interaction_that_is_meant(
    case: tuple[World, int], name: str
) -> None:
    """A set of a cart on the web and a call by phone holds no cart by phone."""
    view = view_of(*case)
    if name not in view.items or "phone" not in view.graph.channels:
        return
    meets = [
        [any(met == name and channel == "phone" for _, met, channel in one) for one in sets]
        for sets in in_sets(*case)
    ]
    step = FunnelStep(any_of=(name,), where=FunnelStepWhere(channels=("phone",)))
    assert funnel(Funnel(steps=[step]), view).steps[0].units == sum(map(any, meets))
    twice = funnel(Funnel(steps=[step, step]), view)
    assert twice.steps[1].units == sum(sum(life) > 1 for life in meets)
    asked = CommonPaths(starts_at=name, start_where=Where(channels=("phone",)), first=100)
    assert sum(path.units for path in common_paths(asked, view).nodes) == sum(map(any, meets))


@given(case=busy(), first=st.sampled_from(TOUCHPOINTS), second=st.sampled_from(TOUCHPOINTS))
def test_in_any_order_nothing_is_simultaneous(
    case: tuple[World, int], first: str, second: str
) -> None:
    view, plain = view_of(*case), case[0].graph.journeys()
    if not {first, second} <= set(plain.items):
        return
    question = Funnel(steps=[first, second], order=StepOrder.ANY)
    assert [step.units for step in funnel(question, view).steps] == [
        step.units for step in funnel(question, plain).steps
    ]


@given(case=busy())
def test_who_met_what_does_not_hang_on_the_order(case: tuple[World, int]) -> None:
    view, plain = view_of(*case), case[0].graph.journeys()
    question = LoyaltyTouchpoints(loyalty=Loyalty(repeat_purchase_within="3us"), first=100)
    answers = [loyalty_touchpoints(question, one) for one in (view, plain)]
    found, usual = (
        [(node.touchpoint, node.exposed, node.exposed_loyal) for node in answer.nodes]
        for answer in answers
    )
    assert found == usual


def test_patterns_match_a_set_by_any_of_its_names() -> None:
    def who(pattern: str, tolerance: str = "0s") -> list[str]:
        view = BOTH.journeys(rules={"tolerance": tolerance}, where={"did": pattern})
        return view.customer_ids(np.arange(view.n_units))

    assert who("ad .* purchase") == ["a", "b"]
    assert who("ad .* purchase", "2us") == ["a"]
    assert who("cart purchase") == ["a"]
    assert who("path_start [^call]+ path_end") == ["a", "b"]
    assert who("path_start [^cart]+ path_end") == []
    assert who("[^cart] cart") == ["b"]
    assert who("'ca*' path_end") == ["b", "c"]
    assert who("'= cart' '= cart'") == ["c"]
    assert who("'cart + ad'") == ["a"]


def test_a_clock_stops_in_a_later_set() -> None:
    view = BOTH.journeys(rules={"tolerance": "0s"}, outcome={"touchpoints": ["purchase"]})
    answer = time_to_convert(TimeToConvert(from_=["cart"]), view)
    assert (answer.times.started, answer.times.converted) == (3, 1)
    both = TimeToConvert(to=["cart"], competing=["purchase"])
    assert time_to_convert(both, view).times.converted == 3


def test_what_cannot_be_a_tolerance() -> None:
    for wrong in (5, "5", "-1s", "two seconds"):
        with pytest.raises(InvalidDurationError, match=r"rules\.tolerance="):
            BOTH.journeys(rules={"tolerance": wrong})


@pytest.mark.parametrize(("n_names", "kind"), [(30, "uint16"), (400, "uint32")])
def test_codes_grow_with_the_sets_that_there_are(n_names: int, kind: str) -> None:
    pairs = [(one, other) for one in range(n_names) for other in range(one)]
    rows = [
        ("a", at, f"page {name}", None, None, None)
        for at, pair in enumerate(pairs)
        for name in pair
    ]
    view = graph_from_rows(rows).journeys(rules={"tolerance": "0s"})
    assert (view.n_items, view.item_codes.dtype.name) == (n_names + len(pairs), kind)
    middle = len(pairs) // 2
    assert view.items[view.item_codes[2 * middle]] == name_of_set(
        [f"page {name}" for name in pairs[middle]]
    )
    assert transitions(Transitions(first=1), view).other_edges == len(pairs) - 2
