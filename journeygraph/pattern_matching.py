"""Who did what a pattern says: the journeys that are left when `where.did` has been asked.

A pattern is about the journeys that an analyst sees: the items of the view, cleaned, cut and
collapsed. So it comes last of all, and takes journeys away whole; the outcome, openness and value
of the units that stay are judged on their whole histories as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from journeygraph.given import Names
from journeygraph.item_names import ItemNames
from journeygraph.kernels.pattern_matches import match_by_sets, match_by_table, match_in_time
from journeygraph.labelling import Labels
from journeygraph.pattern_automaton import Automaton, compile_pattern
from journeygraph.pattern_states import table_of
from journeygraph.population import Units
from journeygraph.splitting import Ranges
from journeygraph.threads import evenly, on_threads

__all__ = ["Did", "keep_units", "matching", "units_that_did"]

BoolArray = npt.NDArray[np.bool_]
Array = npt.NDArray[Any]


class Did(NamedTuple):
    """Patterns of what units did: all of the first, none of the second."""

    did: Names
    not_did: Names


def units_that_did(
    asked: Did, journeys: Ranges, units: Units, labels: Labels, at_us: Array, names: ItemNames
) -> BoolArray:
    """Which units have a journey that matches, for each pattern of `did`, and none for the others.

    Raises
    ------
    UnreadablePatternError, UnknownItemError, PatternMatchesNothingError, TooLargePatternError
        Where a pattern cannot be used.
    """
    kept = np.ones(len(units.starts), np.bool_)
    automata = [
        (compile_pattern(pattern, argument, names), argument == "where.did")
        for argument, patterns in (("where.did", asked.did), ("where.notDid", asked.not_did))
        for pattern in patterns
    ]
    for automaton, is_wanted in automata:
        did = np.zeros(len(kept), np.bool_)
        did[units.of_journeys[matching(automaton, journeys, labels, at_us)]] = True
        kept &= did if is_wanted else ~did
    return kept


def keep_units(kept: BoolArray, journeys: Ranges, units: Units) -> tuple[Ranges, Units]:
    """The journeys of some units alone, and these units."""
    if kept.all():
        return journeys, units
    stay = kept[units.of_journeys]
    numbers = np.cumsum(kept, dtype=np.int64) - 1
    kept_journeys = Ranges(journeys.starts[stay], journeys.ends[stay], journeys.customers[stay])
    return kept_journeys, Units(
        of_journeys=numbers[units.of_journeys[stay]],
        customers=units.customers[kept],
        starts=units.starts[kept],
        ends=units.ends[kept],
    )


def matching(automaton: Automaton, journeys: Ranges, labels: Labels, at_us: Array) -> BoolArray:
    """Which journeys match.

    Those that would if there were no limits of time are found first: only they are timed.
    """
    sizes = journeys.ends - journeys.starts
    found = _on_threads(_untimed(automaton, labels), journeys.starts, journeys.ends, sizes)
    if not automaton.is_timed or not found.any():
        return found
    timed = _timed(automaton, labels, at_us)
    found[found] = _on_threads(timed, journeys.starts[found], journeys.ends[found], sizes[found])
    return found


_Match = Callable[[Array, Array, BoolArray], None]


def _on_threads(match: _Match, starts: Array, ends: Array, sizes: Array) -> BoolArray:
    matches = np.zeros(len(starts), np.bool_)

    def of(part: slice) -> None:
        match(_sealed(starts[part]), _sealed(ends[part]), matches[part])

    on_threads(of, evenly(sizes))
    return matches


def _untimed(automaton: Automaton, labels: Labels) -> _Match:
    table, n_items = table_of(automaton), len(labels.items)
    if table is not None:
        codes = _sealed(labels.codes)

        def by_table(starts: Array, ends: Array, matches: BoolArray) -> None:
            match_by_table(
                codes, n_items, starts, ends, table.kind_of, table.next_states, table.n_kinds,
                table.accepts_at_end, table.start, matches,
            )  # fmt: skip

        return by_table
    wide, places = _wide(labels), _sealed(automaton.item_places)
    follow, ways = _words(automaton.follow()), _ways(automaton)

    def by_sets(starts: Array, ends: Array, matches: BoolArray) -> None:
        match_by_sets(wide, n_items, starts, ends, places, follow, ways, matches)

    return by_sets


def _timed(automaton: Automaton, labels: Labels, at_us: Array) -> _Match:
    wide, places, n_items = _wide(labels), _sealed(automaton.item_places), len(labels.items)
    edges = [
        (edge.source, edge.target, edge.measure, edge.update, edge.least_us, edge.most_us)
        for edge in automaton.edges
    ]
    table = np.array(edges, np.int64).reshape(-1, 6)
    edge_places, edge_us = (_sealed(np.ascontiguousarray(side)) for side in
                            (table[:, :4], table[:, 4:]))  # fmt: skip
    ways, at = _ways(automaton), _sealed(at_us)

    def in_time(starts: Array, ends: Array, matches: BoolArray) -> None:
        match_in_time(wide, n_items, starts, ends, at, places, ways, edge_places, edge_us, matches)

    return in_time


def _ways(automaton: Automaton) -> Array:
    return _words([
        automaton.first, automaton.last, automaton.start_places, automaton.end_places,
        automaton.clocked_least, automaton.queued,
    ])  # fmt: skip


def _words(sets: list[int]) -> Array:
    return _sealed(np.array(sets, np.uint64))


def _wide(labels: Labels) -> Array:
    """Codes of the widest type; what is no item is above all items still."""
    return _sealed(labels.codes.astype(np.uint32, copy=False))


def _sealed(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view
