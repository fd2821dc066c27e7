"""Paths and what stands on them: any cut equals the whole equals the naive twin."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import InvalidOptionError
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Journeys
from journeygraph.kernels.touches import CREDIT_PARTS, VALUE_PARTS
from journeygraph.statistics.attribution import (
    DECAYED_TOUCHES,
    ITEM_SETS,
    ITEMS_MET,
    MOVES,
    TOUCHES,
    bits_of,
    highest_order,
)
from journeygraph.statistics.base import total
from journeygraph.statistics.path_survey import (
    MOST_SET_ITEMS,
    PATH_SURVEY,
    is_plain,
    moves_and_sets,
)
from journeygraph.statistics.paths_to_outcomes import (
    PathRule,
    PathScope,
    paths_of_journeys,
    total_of,
)
from tests.journeys.views import cases
from tests.naive import attribution as naive
from tests.naive import journeys as naive_journeys
from tests.statistics.sequences import Case, assert_any_cut_is_the_whole, view_and_units

rules = st.builds(
    PathRule,
    scope=st.sampled_from(PathScope),
    with_outcome_item=st.booleans(),
    open_as_null=st.booleans(),
)


def naive_paths(
    case: Case, view: Journeys, units: list[naive_journeys.Unit], rule: PathRule, **options: Any
) -> tuple[list[naive.Path], int]:
    world, asked = case
    return naive.paths(
        units,
        lambda one: naive_journeys.is_outcome(one, asked.get("outcome"), world),
        view.as_of_us,
        view.inactivity_us,
        scope=rule.scope.value,
        with_outcome_item=rule.with_outcome_item,
        open_as_null=rule.open_as_null,
        **options,
    )


@given(case=cases(simultaneous=True, many_touchpoints=True), rule=rules, at_most=st.integers(1, 5))
def test_touches_are_the_naive_touches(case: Case, rule: PathRule, at_most: int) -> None:
    view, units = view_and_units(case)
    whole = assert_any_cut_is_the_whole(TOUCHES, view, at_most, rule=rule)
    expected: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for path in naive_paths(case, view, units, rule)[0]:
        if path.converts:
            for place, name in enumerate(path.names):
                cell = expected[name, len(path.names)]
                is_last = place == len(path.names) - 1
                for role, there in (("first", place == 0), ("last", is_last), ("any", True)):
                    cell[role] += there
                    cell[f"{role}_value"] += path.value * there
    assert {(view.items[row.pop("item")], row.pop("length")): row for row in whole.to_pylist()} == {
        key: {name: cell[name] for name in TOUCHES.measures} for key, cell in expected.items()
    }


@given(case=cases(simultaneous=True, many_touchpoints=True), rule=rules, at_most=st.integers(1, 5))
def test_items_met_are_those_of_the_naive_paths(case: Case, rule: PathRule, at_most: int) -> None:
    view, units = view_and_units(case)
    whole = assert_any_cut_is_the_whole(ITEMS_MET, view, at_most, rule=rule)
    expected: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for path in naive_paths(case, view, units, rule)[0]:
        for name in set(path.names):
            cell = expected[name, len(set(path.names))]
            cell[0] += path.converts
            cell[1] += not path.converts
            cell[2] += path.value
    measures = ("outcomes", "nulls", "value_minor")
    assert {
        (view.items[row["item"]], row["size"]): [row[name] for name in measures]
        for row in whole.to_pylist()
    } == expected


@given(
    case=cases(simultaneous=True), rule=rules, order=st.integers(1, 4), at_most=st.integers(1, 5)
)
def test_moves_are_the_naive_moves(case: Case, rule: PathRule, order: int, at_most: int) -> None:
    view, units = view_and_units(case)
    order = min(order, highest_order(view.n_items))
    whole = assert_any_cut_is_the_whole(MOVES, view, at_most, rule=rule, order=order)
    n_bits, n = bits_of(view.n_items), view.n_items
    mask = (1 << n_bits) - 1

    def state_of(packed: int) -> tuple[str, ...]:
        codes = [packed >> n_bits * place & mask for place in reversed(range(order))]
        return tuple(view.items[code - 1] for code in codes if code)

    names: list[str | bool] = [*view.items, True, False]
    found: dict[Any, Counter[str | bool]] = defaultdict(Counter)
    for row in whole.to_pylist():
        found[state_of(row["state"])][names[row["next"] - 1]] += row["moves"]
    assert n == len(view.items)
    assert found == naive.chain(naive_paths(case, view, units, rule)[0], order)


@given(case=cases(simultaneous=True), rule=rules, at_most=st.integers(1, 5))
def test_sets_are_the_naive_sets(case: Case, rule: PathRule, at_most: int) -> None:
    view, units = view_and_units(case)
    whole = assert_any_cut_is_the_whole(ITEM_SETS, view, at_most, rule=rule)
    expected: dict[frozenset[str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for path in naive_paths(case, view, units, rule)[0]:
        if path.items:
            cell = expected[frozenset(path.names)]
            cell[0] += path.converts
            cell[1] += not path.converts
            cell[2] += path.value
    assert {
        frozenset(view.items[item] for item in range(view.n_items) if row["items"] >> item & 1): [
            row["outcomes"], row["nulls"], row["value_minor"]
        ]
        for row in whole.to_pylist()
    } == expected  # fmt: skip


@given(
    case=cases(simultaneous=True),
    rule=rules,
    at_most=st.integers(1, 5),
    half_life_us=st.sampled_from([1, 1000, 86_400_000_000, 604_800_000_000]),
)
def test_decayed_credit_adds_up_and_is_the_naive_one(
    case: Case, rule: PathRule, at_most: int, half_life_us: int
) -> None:
    view, units = view_and_units(case)
    options = {"rule": rule, "half_life_us": half_life_us}
    whole = assert_any_cut_is_the_whole(DECAYED_TOUCHES, view, at_most, **options)
    expected: dict[str, float] = defaultdict(float)
    converting = [
        path for path in naive_paths(case, view, units, rule)[0] if path.converts and path.items
    ]
    for path in converting:
        last_at = path.items[-1][0]
        shares = [2.0 ** ((at - last_at) / half_life_us) for at, _name, _channel in path.items]
        for name, share in zip(path.names, shares, strict=True):
            expected[name] += share / sum(shares)
    found = {view.items[row["item"]]: row["credit_parts"] for row in whole.to_pylist()}
    for name in {*found, *expected}:  # each touch is rounded to one part
        assert found.get(name, 0) / CREDIT_PARTS == pytest.approx(expected[name], abs=1e-7)
    assert sum(whole["credit_parts"].to_pylist()) == len(converting) * CREDIT_PARTS
    assert sum(whole["value_parts"].to_pylist()) == VALUE_PARTS * sum(
        path.value for path in converting
    )


@given(case=cases(simultaneous=True), rule=rules)
def test_paths_that_were_cut_before_count_the_same(case: Case, rule: PathRule) -> None:
    view, units = view_and_units(case)
    parts = paths_of_journeys(view, rule)
    expected, n_open = naive_paths(case, view, units, rule)
    assert sum(len(part.starts) for part in parts) == len(expected)
    assert sum(part.n_open for part in parts) == n_open
    for statistic in (MOVES, TOUCHES, ITEMS_MET, ITEM_SETS):
        assert total_of(statistic, parts).equals(total(statistic, view, rule=rule))


@given(case=cases(simultaneous=True), rule=rules, data=st.data())
def test_a_weight_is_a_path_that_often(case: Case, rule: PathRule, data: st.DataObject) -> None:
    view, _units = view_and_units(case)
    for part in paths_of_journeys(view, rule):
        n = len(part.starts)
        weights = data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
        weighted = part.weighted(np.array(weights, np.int64))
        repeated = part.only(np.repeat(np.arange(n), weights))
        for statistic, measures in (
            (MOVES, ["moves"]),
            (TOUCHES, ["first", "last", "any"]),
            (ITEMS_MET, ["outcomes", "nulls"]),
            (ITEM_SETS, ["outcomes", "nulls"]),
        ):
            keys = list(statistic.keys)
            one, other = (
                {
                    tuple(row[key] for key in keys): [row[name] for name in measures]
                    for row in total_of(statistic, [paths]).to_pylist()
                    if any(row[name] for name in measures)
                }
                for paths in (weighted, repeated)
            )
            assert one == other


def test_long_paths_and_many_items_count_as_short_ones_and_few_do() -> None:
    """Beyond the dense tables: 70,000 items, and a path longer than the table has lengths."""
    rng = np.random.default_rng(1)
    names = [f"page {number}" for number in range(70_000)]
    walks = [rng.integers(0, 70_000, 3_000).tolist(), [1, 1, 2], [5], *([[7, 8]] * 3)]
    rows = [
        (str(customer), at, names[code])
        for customer, walk in enumerate(walks)
        for at, code in enumerate(walk)
    ] + [(str(customer), len(walk), "purchase") for customer, walk in enumerate(walks)]
    view = graph_from_rows(rows, touchpoints=names).journeys()
    assert view.item_codes.dtype == np.uint32
    expected: Counter[tuple[int, int]] = Counter()
    met: Counter[tuple[int, int]] = Counter()
    moves: Counter[tuple[int, int]] = Counter()
    for walk in walks:
        expected.update((code, len(walk)) for code in walk)
        met.update((code, len(set(walk))) for code in set(walk))
        codes = [0, *(code + 1 for code in walk), view.n_items + 1]
        moves.update(zip(codes, codes[1:], strict=False))
    found = total(TOUCHES, view).to_pylist()
    assert {(row["item"], row["length"]): row["any"] for row in found} == expected
    found = total(ITEMS_MET, view).to_pylist()
    assert {(row["item"], row["size"]): row["outcomes"] for row in found} == met
    found = total(MOVES, view).to_pylist()
    assert {(row["state"], row["next"]): row["moves"] for row in found} == moves
    with pytest.raises(InvalidOptionError, match="order=3 cannot be used"):
        total(MOVES, view, order=3)
    with pytest.raises(InvalidOptionError, match="items=70001 cannot be used"):
        total(ITEM_SETS, view)


def test_a_table_of_all_moves_and_a_hash_table_count_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(2)
    rows = [
        (str(rng.integers(300)), int(at), f"t{rng.integers(12)}", None, None, 0)
        for at in range(5_000)
    ]
    view = graph_from_rows(rows).journeys(outcome={"touchpoints": ["t3"]})
    for order in (1, 2, 3):
        dense = total(MOVES, view, order=order)
        monkeypatch.setattr("journeygraph.statistics.attribution._DENSE_BITS", 0)
        assert total(MOVES, view, order=order).equals(dense)
        monkeypatch.undo()
    dense = total(ITEM_SETS, view)
    monkeypatch.setattr("journeygraph.statistics.attribution._DENSE_SET_ITEMS", 0)
    assert total(ITEM_SETS, view).equals(dense)


@given(case=cases(simultaneous=True), rule=rules, at_most=st.integers(1, 5))
def test_a_survey_is_moves_and_sets(case: Case, rule: PathRule, at_most: int) -> None:
    view, _units = view_and_units(case)
    if view.n_items > MOST_SET_ITEMS:
        with pytest.raises(InvalidOptionError):
            moves_and_sets(view, rule)
        return
    assert_any_cut_is_the_whole(PATH_SURVEY, view, at_most, rule=rule)
    assert_survey(view, rule)


def assert_survey(view: Journeys, rule: PathRule) -> None:
    """The same as counted path by path."""
    moves, sets = moves_and_sets(view, rule)
    parts = paths_of_journeys(view, rule)
    assert moves.equals(total_of(MOVES, parts))
    assert moves.equals(total(MOVES, view, rule=rule))
    expected = total_of(ITEM_SETS, parts).to_pylist()
    assert {row["items"]: row["outcomes"] for row in sets.to_pylist()} == {
        row["items"]: row["outcomes"] for row in expected if row["outcomes"]
    }


@pytest.mark.parametrize("scope", PathScope)
@pytest.mark.parametrize("with_outcome_item", [True, False])
@pytest.mark.parametrize("open_as_null", [True, False])
@pytest.mark.parametrize("split", [None, {"inactivity": "3d"}, {"outcome": True}])
def test_plain_journeys_are_surveyed_at_once(
    scope: PathScope, with_outcome_item: bool, open_as_null: bool, split: Any
) -> None:
    rng = np.random.default_rng(5)
    rows = []
    for customer in range(400):
        for at in np.sort(rng.integers(0, 60, int(rng.geometric(0.15)))).tolist():
            touchpoint = "purchase" if rng.random() < 0.15 else f"t{rng.integers(9)}"
            rows.append((str(customer), at * 86_400_000_000, touchpoint))
    view = graph_from_rows(rows).journeys(split=split)
    rule = PathRule(scope=scope, with_outcome_item=with_outcome_item, open_as_null=open_as_null)
    assert all(is_plain(block) for block in view.blocks(3))
    assert_survey(view, rule)
    assert_any_cut_is_the_whole(PATH_SURVEY, view, 7, rule=rule)
    assert_any_cut_is_the_whole(MOVES, view, 7, rule=rule)


def test_no_journeys_have_no_paths() -> None:
    view = graph_from_rows([]).journeys()
    for statistic in (MOVES, TOUCHES, ITEMS_MET, ITEM_SETS, DECAYED_TOUCHES):
        assert total(statistic, view).num_rows == 0
