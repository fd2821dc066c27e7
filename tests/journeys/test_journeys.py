"""Views are what the naive twin says they are, and the parts add up to the whole."""

from __future__ import annotations

import os
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph import conditions, labelling, threads
from journeygraph.errors import InterleavedJourneysError, PatternMatchesNothingError
from journeygraph.graph import JourneyGraph
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Block, Journeys, Unit
from tests.journeys.views import ask, cases, described, expected
from tests.naive import journeys as naive
from tests.strategies import DAY_US, World, graphs

Case = tuple[World, dict[str, Any]]


def _both(case: Case) -> tuple[Journeys, list[naive.Unit]] | None:
    """The view and the twin's units, None where both refuse."""
    world, options = case
    try:
        units = naive.units(world, **options)
    except naive.MatchesNothingError:
        # Journeys may overlap as well: which of two faults is named first is all the same.
        with pytest.raises((PatternMatchesNothingError, InterleavedJourneysError)):
            ask(world.graph, options)
        return None
    except naive.InterleavedError:
        with pytest.raises(InterleavedJourneysError):
            ask(world.graph, options)
        return None
    return ask(world.graph, options), units


@given(case=cases(simultaneous=True, many_touchpoints=True))
def test_a_view_is_what_the_naive_twin_says(case: Case) -> None:
    both = _both(case)
    if both:
        assert described(both[0]) == expected(both[1])


@given(case=cases(simultaneous=True))
def test_pieces_and_threads_change_nothing(case: Case) -> None:
    """A column is taken in pieces of thousands of rows, threads take customers: here a few."""
    with (
        mock.patch.object(conditions, "_ROWS_PER_PIECE", 3),
        mock.patch.object(threads, "_LEAST_SIZE", 2),
        mock.patch.dict(os.environ, JOURNEYGRAPH_THREADS="4"),
    ):
        both = _both(case)
        if both:
            assert described(both[0]) == expected(both[1])
            assert both[0].unit_value_minor.tolist() == [naive.value_of(one) for one in both[1]]
            assert len(both[0].blocks()) <= 4


@given(case=cases(simultaneous=True), limit=st.sampled_from([1, DAY_US, 30 * DAY_US]))
def test_outcome_openness_and_value_are_those_of_the_unfiltered_history(
    case: Case, limit: int
) -> None:
    both = _both(case)
    if not both:
        return
    (view, units), (world, options) = both, case
    arrival, rule = view.graph.column("row"), options.get("outcome")
    outcomes = [naive.outcomes_of(unit, rule, world) for unit in units]
    named = [*arrival.tolist(), -1]  # row -1 is no row
    assert view.unit_value_minor.tolist() == [naive.value_of(unit) for unit in units]
    assert [named[row] for row in view.unit_first_outcome] == [[*o, -1][0] for o in outcomes]
    assert [named[row] for row in view.unit_last_outcome] == [[-1, *o][-1] for o in outcomes]
    assert sorted(arrival[view.outcome_rows]) == sorted(sum(outcomes, []))
    assert view.journey_has_outcome.tolist() == [
        any(naive.is_outcome(one, rule, world) for one in journey.extent)
        for unit in units
        for journey in unit.journeys
    ]
    latest = max((row[1] for row in world.rows), default=0)
    until = (options.get("where") or {}).get("until", latest)
    assert view.as_of_us == min(latest, until)
    assert view.unit_is_open(limit).tolist() == [
        naive.is_open(unit, view.as_of_us, limit) for unit in units
    ]


@given(case=cases(simultaneous=True))
def test_kept_skipped_and_repeated_are_all_there_is(case: Case) -> None:
    both = _both(case)
    if not both:
        return
    view, units = both
    for journey in (one for unit in units for one in unit.journeys):
        assert len(journey.extent) >= journey.n_kept + journey.n_repeated > 0
    kinds = np.concatenate([np.zeros(0, np.int64), *(
        view.item_codes[first:last].astype(np.int64)
        for first, last in zip(view.journey_starts, view.journey_ends, strict=True)
    )])  # fmt: skip
    n_kept = int((kinds < view.n_items).sum())
    n_repeated = int(((kinds >= view.n_items) & (kinds == view.repeated_code)).sum())
    n_skipped = int(((kinds >= view.n_items) & (kinds == view.skipped_code)).sum())
    assert n_kept == sum(one.n_kept for unit in units for one in unit.journeys)
    assert n_repeated == sum(one.n_repeated for unit in units for one in unit.journeys)
    assert n_kept + n_repeated + n_skipped == int((view.journey_ends - view.journey_starts).sum())


@given(case=cases(simultaneous=True))
def test_journeys_do_not_overlap_and_stay_within_their_units(case: Case) -> None:
    both = _both(case)
    if not both:
        return
    view = both[0]
    assert (view.journey_starts < view.journey_ends).all()
    assert (view.journey_starts[1:] >= view.journey_ends[:-1]).all()
    assert (view.unit_starts[view.journey_units] <= view.journey_starts).all()
    assert (view.unit_ends[view.journey_units] >= view.journey_ends).all()
    assert sorted(set(view.journey_units.tolist())) == list(range(view.n_units))
    assert (np.diff(view.journey_units) >= 0).all()
    split = case[1].get("split") or {}
    if "inactivity_us" in split or not split:  # these make no stretch without an item
        ends = np.flatnonzero(np.diff(view.unit_customers[view.journey_units], append=-1))
        starts = np.append(0, ends[:-1] + 1)[: len(ends)]
        histories = view.graph.customer_starts[np.unique(view.unit_customers)]
        assert view.journey_starts[starts].tolist() == histories.tolist()
        assert np.delete(view.journey_starts, starts).tolist() == (
            np.delete(view.journey_ends, ends).tolist()
        )


@given(case=cases(simultaneous=True), at_most=st.integers(1, 9))
def test_blocks_are_all_the_journeys_and_never_divide_a_customer(case: Case, at_most: int) -> None:
    both = _both(case)
    if not both:
        return
    view = both[0]
    blocks = view.blocks(at_most)
    assert len(blocks) <= at_most
    assert [j for b in blocks for j in range(b.journey_lo, b.journey_hi)] == list(
        range(view.n_journeys)
    )
    assert [u for b in blocks for u in range(b.unit_lo, b.unit_hi)] == list(range(view.n_units))
    customers = [_customers(view, block) for block in blocks]
    assert all(customers)
    assert sum(len(some) for some in customers) == len(set().union(*customers))


def _customers(view: Journeys, block: Block) -> set[int]:
    units = view.journey_units[block.journey_lo : block.journey_hi]
    assert set(units) == set(range(block.unit_lo, block.unit_hi))
    return set(view.unit_customers[units].tolist())


def test_blocks_hold_about_as_many_interactions() -> None:
    rows = [(f"c{customer}", at, "x") for customer in range(100) for at in range(customer % 7 + 1)]
    view = graph_from_rows(rows).journeys()
    sizes = [
        int((view.journey_ends - view.journey_starts)[b.journey_lo : b.journey_hi].sum())
        for b in view.blocks(4)
    ]
    assert len(sizes) == 4
    assert max(sizes) - min(sizes) <= 2 * 7


def test_there_are_as_many_blocks_as_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    view = graph_from_rows([(f"c{n % 500}", n, "x") for n in range(300_000)]).journeys()
    for n_threads in (1, 3):
        monkeypatch.setenv("JOURNEYGRAPH_THREADS", str(n_threads))
        assert len(view.blocks()) == n_threads


@given(graph=graphs(many_touchpoints=True))
def test_the_plain_case_uses_the_arrays_of_the_graph(graph: JourneyGraph) -> None:
    for by, codes in (
        ("touchpoint", graph.touchpoint_codes),
        ("channel", graph.channel_codes),
        ("stage", graph.stage_codes),
    ):
        view = graph.journeys(by=by, where={"until": "2000-01-01"}, split={"inactivity": "1d"})
        assert np.shares_memory(view.item_codes, codes) or not len(codes)
        assert view.item_codes.dtype == codes.dtype


@pytest.mark.parametrize(
    ("options", "at_most"),
    [
        ({}, 0),
        ({"by": "channel"}, 0),
        ({"by": "stage", "unit": "journey"}, 0),
        ({"rules": {"rename": {"t1": "u"}}}, 0),
        ({"rules": {"collapse": True}}, 1),
        ({"rules": {"exclude": ["t1"]}}, 4),
        ({"by": "touchpoint_at_channel"}, 1),
        ({"where": {"from": "1970-01-01T00:00:00.001"}}, 4),
        ({"where": {"customers": {"touched": ["t1"]}}}, 4),
        ({"where": {"touchpoints": ["t1"]}}, 4),
    ],
)
def test_what_a_view_holds_for_each_interaction(options: dict[str, Any], at_most: int) -> None:
    rows = [(f"c{n % 500}", n, f"t{n * n % 7 % 3}", "web") for n in range(4_000)]
    graph = graph_from_rows(rows)
    shared = [graph.customer_starts, graph.customer_numbers, graph.touchpoint_codes]
    known = {id(_root(array)) for array in [*shared, graph.channel_codes, graph.stage_codes]}
    arrays = {id(_root(array)): _root(array) for array in _arrays(graph.journeys(**options))}
    more = sum(array.nbytes for key, array in arrays.items() if key not in known)
    assert more <= at_most * graph.n_interactions


def _arrays(view: Journeys) -> list[np.ndarray[Any, Any]]:
    return [
        view.item_codes, view.journey_starts, view.journey_ends, view.journey_units,
        view.unit_customers, view.unit_starts, view.unit_ends,
    ]  # fmt: skip


def _root(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


@given(graph=graphs())
def test_nothing_of_a_view_can_be_written_to(graph: JourneyGraph) -> None:
    for view in (graph.journeys(), graph.journeys(rules={"collapse": True}, unit=Unit.JOURNEY)):
        for name, array in vars(view).items():
            assert not isinstance(array, np.ndarray) or not array.flags.writeable, name


@pytest.mark.parametrize(
    ("n_names", "kind"),
    [(254, np.uint8), (255, np.uint16), (65_534, np.uint16), (65_535, np.uint32)],
)
def test_codes_grow_where_the_two_largest_would_be_items(n_names: int, kind: type) -> None:
    graph = graph_from_rows([("a", n, f"t{n}") for n in range(n_names)])
    since = "1970-01-01T00:00:00.000002"
    view = graph.journeys(rules={"rename": {"t0": "0"}, "collapse": True}, where={"from": since})
    assert view.n_items == n_names
    assert view.item_codes.dtype == kind
    assert view.item_codes[:2].tolist() == [view.skipped_code] * 2
    assert view.item_codes[2:].tolist() == list(range(2, n_names))
    assert view.repeated_code == np.iinfo(kind).max


def test_grouping_many_touchpoints_into_few_takes_one_byte() -> None:
    graph = graph_from_rows([("a", n, f"page {n}") for n in range(1000)])
    view = graph.journeys(rules={"group": [{"pattern": "page *", "as": "page"}]})
    assert view.items == ("page",)
    assert view.item_codes.dtype == np.uint8


@pytest.mark.parametrize("most_pairs", [0, labelling._MOST_PAIRS])
def test_only_pairs_that_occur_become_items(
    most_pairs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labelling, "_MOST_PAIRS", most_pairs)
    rows = [("a", n, f"t{n % 60_000}", f"c{n % 50}") for n in range(61_000)]
    view = graph_from_rows(rows).journeys(by="TOUCHPOINT_AT_CHANNEL")
    assert view.n_items == len({(row[2], row[3]) for row in rows})
    assert view.item_codes.dtype == np.uint16
    assert [view.items[code] for code in view.item_codes[:3]] == ["t0@c0", "t1@c1", "t2@c2"]
