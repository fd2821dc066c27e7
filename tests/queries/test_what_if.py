"""What if: the naive chain in fractions, attribution's removal effects, and identities."""

from __future__ import annotations

from fractions import Fraction
from typing import Any
from unittest import mock

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from journeygraph.errors import InvalidOptionError, UnknownItemError, UnknownOptionError
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Journeys
from journeygraph.statistics import absorbing, changed_chain
from journeygraph.statistics.paths_to_outcomes import PathRule
from queries.attribution import Attribution, attribution
from queries.what_if import WhatIf, WhatIfAnswer, what_if
from tests.journeys.views import cases
from tests.naive.what_if import expected
from tests.statistics.sequences import Case, view_and_units
from tests.statistics.test_attribution import naive_paths
from tests.strategies import DAY_US

WAYS_TO_SOLVE = {
    "as they stand": (10_000, 3_000, 1_000),
    "factorised": (10_000, 0, 1_000),
    "by steps": (0, 3_000, 1_000),
    "by steps that do not suffice": (0, 3_000, 3),
}
"""FEW_STATES, MOST_DENSE_STATES and _MOST_STEPS."""


def asked(view: Journeys, **options: Any) -> WhatIfAnswer:
    return what_if(WhatIf(**{"replicates": 0, **options}), view)


@settings(max_examples=15)
@given(case=cases(), order=st.integers(1, 2), data=st.data())
def test_it_is_the_naive_chain(case: Case, order: int, data: st.DataObject) -> None:
    view, units = view_and_units(case)
    assume(len(view.items) < 30)
    paths, n_open = naive_paths(case, view, units, PathRule())
    paths = [path for path in paths if path.items]
    met = sorted({name for path in paths for name in path.names})
    assume(met)
    kinds = data.draw(st.lists(st.sampled_from("rfs-"), min_size=len(met), max_size=len(met)))
    share = st.sampled_from([0.0, 0.125, 0.5, 1.0])
    amounts = {name: data.draw(share) for name in met}
    chosen = {
        kind: [name for name, own in zip(met, kinds, strict=True) if own == kind] for kind in "rfs"
    }
    answer = asked(
        view,
        order=order,
        remove=chosen["r"],
        fix=[{"item": name, "drop_off": amounts[name]} for name in chosen["f"]],
        speed_up=[{"item": name, "factor": amounts[name]} for name in chosen["s"]],
    )
    exact = {name: Fraction(amount) for name, amount in amounts.items()}
    outcomes, value = expected(
        paths, order, {*chosen["r"]}, {name: exact[name] for name in chosen["f"]},
        {name: exact[name] for name in chosen["s"]},
    )  # fmt: skip
    assert answer.outcomes.expected == pytest.approx(float(outcomes), abs=1e-9)
    largest = max(abs(path.value) for path in paths) / 100
    assert answer.value.expected == pytest.approx(float(value) / 100, abs=1e-9 * (1 + largest))
    converting = [path for path in paths if path.converts]
    assert (answer.outcomes.actual, answer.paths) == (len(converting), len(paths))
    assert answer.value.actual == pytest.approx(
        sum(path.value for path in converting) / 100, abs=1e-9 * (1 + largest)
    )
    assert answer.open_paths == n_open


@settings(max_examples=12)
@given(
    case=cases(many_touchpoints=True),
    order=st.integers(1, 3),
    way=st.sampled_from([*WAYS_TO_SOLVE]),
)
def test_nothing_changed_is_as_it_is_and_removal_is_that_of_attribution(
    case: Case, order: int, way: str
) -> None:
    view, _units = view_and_units(case)
    assume(view.n_items > 0)
    nothing = asked(view, order=order)
    for number in (nothing.outcomes, nothing.outcome_rate, nothing.value):
        if number.actual is not None:
            assert number.expected == pytest.approx(number.actual, rel=1e-9, abs=1e-6)
    known = attribution(Attribution(order=order, first=1000), view)
    few, most_dense, most_steps = WAYS_TO_SOLVE[way]
    with (
        mock.patch.object(changed_chain, "FEW_STATES", few),
        mock.patch.object(changed_chain, "MOST_DENSE_STATES", most_dense),
        mock.patch.object(absorbing, "_MOST_STEPS", most_steps),
    ):
        for node in known.nodes[:4]:
            found = asked(view, order=order, remove=[node.item]).outcomes
            if found.actual:
                assert found.change == pytest.approx(-(node.removal_effect or 0.0), abs=1e-9)


def shop(n: int = 60) -> Journeys:
    """Of those who search, half see the cart; of these two in three buy."""
    rows: list[Any] = []
    for number in range(n):
        name = f"c{number}"
        rows.append((name, 0, "search", None, None, None))
        if number % 2:
            rows.append((name, 1, "cart", None, None, None))
        if number % 6 in (1, 3):
            rows.append((name, 2, "purchase", None, None, 1000 + 10 * number))
    rows.append(("last", 99 * DAY_US, "search", None, None, None))
    return graph_from_rows(rows).journeys()


def test_numbers_by_hand() -> None:
    view = shop()
    # 60 search, of whom 30 go on to the cart, of whom 20 buy
    fixed = asked(view, fix=[{"item": "search", "drop_off": 0.25}])
    assert fixed.outcomes.actual == 20
    assert fixed.outcomes.expected == pytest.approx(60 * 0.75 * 2 / 3)
    assert fixed.value.expected == pytest.approx((fixed.value.actual or 0) * 1.5)
    [change] = fixed.changes
    assert (change.times, change.drop_off, change.drop_off_then) == (60, 0.5, 0.25)
    # a third leaves at the cart: at half the wait a quarter of 0.5/3 + ... does
    faster = asked(view, speed_up=[{"item": "cart", "factor": 0.5}])
    assert faster.changes[0].drop_off_then == pytest.approx((1 / 6) / (1 / 6 + 2 / 3))
    assert faster.outcomes.expected == pytest.approx(30 * 0.8)
    both = asked(view, remove=["cart"], fix=[{"item": "search", "drop_off": 0.25}])
    assert both.outcomes.expected == 0
    assert both.changes[1].drop_off_then == 0.25
    assert len(both.assumptions) == 4
    assert not asked(view).changes


def test_intervals_come_from_drawn_customers_and_hang_on_the_seed() -> None:
    view = shop()
    one, same, other = (
        asked(view, fix=[{"item": "search", "drop_off": 0.25}], replicates=60, seed=seed).outcomes
        for seed in (1, 1, 2)
    )
    assert one == same != other
    assert one.low is not None
    assert one.high is not None
    assert one.low < 30 < one.high
    # 60 customers who each bring an outcome with the chance of 1 in 2: a deviation of about 4
    assert 8 < one.high - one.low < 26
    assert one.difference_low is not None
    assert 0 < one.difference_low < 10 < (one.difference_high or 0)
    assert asked(view).outcomes.low is None


def test_what_to_mind() -> None:
    view = shop()
    kept = asked(view, fix=[{"item": "search", "drop_off": 0.9}])
    assert any("nothing changes there" in text for text in kept.warnings)
    assert kept.outcomes.expected == pytest.approx(20)
    assert any("fewer than 30" in text for text in kept.warnings)
    rows = [("a", 0, "ad"), ("a", 1, "end"), ("b", 0, "ad"), ("b", 1, "purchase"),
            ("c", 90 * DAY_US, "purchase")]  # fmt: skip
    stuck = asked(graph_from_rows(rows).journeys(), fix=[{"item": "end", "drop_off": 0.0}])
    assert any("Nobody went on" in text for text in stuck.warnings)
    assert stuck.outcomes.expected == pytest.approx(1)
    unmet = asked(graph_from_rows(rows).journeys(), remove=["purchase"])
    assert any("on no path" in text for text in unmet.warnings)


def test_nobody_goes_round_for_ever() -> None:
    rows = [("a", at, "wheel") for at in range(5)]
    rows += [("b", 0, "ad"), ("b", 1, "purchase"), ("c", 90 * DAY_US, "purchase")]
    answer = asked(graph_from_rows(rows).journeys(), fix=[{"item": "wheel", "drop_off": 0.0}])
    assert answer.outcomes.expected == pytest.approx(1)


def test_nobody() -> None:
    answer = what_if(WhatIf(replicates=3), graph_from_rows([]).journeys())
    assert (answer.paths, answer.outcomes.actual, answer.outcomes.change) == (0, 0, None)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"remove": ["seach"]}, UnknownItemError),
        ({"fix": [{"item": "cart", "drop_off": 1.5}]}, InvalidOptionError),
        ({"fix": [{"item": "cart", "drop_off": float("nan")}]}, InvalidOptionError),
        ({"fix": [{"item": "cart", "dropoff": 0.5}]}, UnknownOptionError),
        ({"fix": [{"item": "cart"}]}, InvalidOptionError),
        ({"speed_up": [{"factor": 0.5}]}, UnknownItemError),
        ({"speed_up": [{"item": "cart", "factor": -1}]}, InvalidOptionError),
        ({"remove": ["cart"], "fix": [{"item": "cart", "drop_off": 0.1}]}, InvalidOptionError),
        ({"order": 0}, InvalidOptionError),
        ({"replicates": 1001}, InvalidOptionError),
        ({"seed": -1}, InvalidOptionError),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        asked(shop(6), **options)
