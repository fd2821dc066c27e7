"""What goes with given patterns: outcome, value and duration, by unit.

A unit counts once for each pattern, by its first occurrence: in its first journey that holds
the pattern, the one that ends first, and of those the one that begins first. All durations are
at hand, so that the quantiles are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from journeygraph.kernels.pattern_places import locate_patterns
from journeygraph.kernels.pattern_rows import last_rows_of_runs
from journeygraph.statistics.pattern_layout import Layout, Limits, Places, lay_out
from journeygraph.statistics.quantiles import nearest_rank
from journeygraph.statistics.remembering import remembered
from journeygraph.statistics.sequences import Lists, read_only
from journeygraph.threads import n_threads, on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["PatternFacts", "pattern_facts", "units_with_patterns"]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_Fact = TypeVar("_Fact")

_OCCURRENCES_AT_ONCE = 1 << 22
"""About so many occurrences are held by a thread."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class PatternFacts:
    """Facts by pattern, in the order that they were asked in.

    `covered` says by unit whether it has any of the patterns.
    """

    outcome_units: list[int]
    value_minor: list[int]
    median_us: list[float]
    p95_us: list[float]
    covered: BoolArray

    @property
    def nbytes(self) -> int:
        """Bytes of memory that they hold, about."""
        return self.covered.nbytes + 200 * len(self.median_us)


@dataclass(frozen=True, eq=False, slots=True)
class _First:
    """The first occurrence of one pattern in each of its units, which ascend."""

    units: Int64Array
    last_rows: Int64Array
    elapsed_us: Int64Array


def pattern_facts(
    view: Journeys, lists: Lists, n_units: Int64Array, limits: Limits
) -> PatternFacts:
    """Units with the outcome, value and durations of each pattern.

    Parameters
    ----------
    lists, n_units
        The patterns, and how many units have each, one at least.
    """
    options = {"starts": lists.starts, "items": lists.items, "limits": limits}
    return remembered(view, "pattern facts", options, lambda: _facts(view, lists, n_units, limits))


def _facts(view: Journeys, lists: Lists, n_units: Int64Array, limits: Limits) -> PatternFacts:
    covered = np.zeros(view.n_units, np.bool_)
    last_outcome, values = view.unit_last_outcome, view.unit_value_minor

    def describe(first: _First) -> tuple[int, int, float, float]:
        covered[first.units] = True
        n_with_outcome = np.count_nonzero(last_outcome[first.units] > first.last_rows)
        return int(n_with_outcome), int(values[first.units].sum()), *_quantiles(first.elapsed_us)

    columns = list(zip(*_of_each(view, lists, n_units, limits, describe), strict=True))
    outcome_units, value_minor, median_us, p95_us = columns or ((), (), (), ())
    return PatternFacts(
        outcome_units=[int(n) for n in outcome_units],
        value_minor=[int(value) for value in value_minor],
        median_us=list(median_us),
        p95_us=list(p95_us),
        covered=read_only(covered),
    )


def units_with_patterns(
    view: Journeys, lists: Lists, n_units: Int64Array, limits: Limits
) -> Int64Array:
    """The units that have any of the patterns, ascending."""
    covered = np.zeros(view.n_units, np.bool_)

    def mark(first: _First) -> None:
        covered[first.units] = True

    _of_each(view, lists, n_units, limits, mark)
    return np.flatnonzero(covered)


def _quantiles(elapsed_us: Int64Array) -> tuple[float, float]:
    places = [nearest_rank(len(elapsed_us), percent) - 1 for percent in (50, 95)]
    ordered = np.partition(elapsed_us, places)
    return float(ordered[places[0]]), float(ordered[places[1]])


def _of_each(
    view: Journeys,
    lists: Lists,
    n_units: Int64Array,
    limits: Limits,
    describe: Callable[[_First], _Fact],
) -> list[_Fact]:
    """What `describe` says of each pattern, in their order."""
    if not len(lists):
        return []
    items = np.unique(lists.items).astype(np.int64)
    layout = lay_out(view, items, limits)
    reach = layout.reach()
    spelt = lists.tuples()
    order = sorted(range(len(spelt)), key=spelt.__getitem__)

    def work(part: list[int]) -> list[_Fact]:
        asked = Lists.of([spelt[number] for number in part])
        return [describe(first) for first in _first_occurrences(layout, reach, asked)]

    parts = list(_parts(order, n_units))
    facts = [fact for found in on_threads(work, parts) for fact in found]
    by_number = dict(zip(order, facts, strict=True))
    return [by_number[number] for number in range(len(spelt))]


def _parts(order: list[int], n_units: Int64Array) -> Iterator[list[int]]:
    """Stretches of the order with not too many occurrences each."""
    at_once = min(_OCCURRENCES_AT_ONCE, int(n_units.sum()) // n_threads() + 1)
    part: list[int] = []
    n_occurrences = 0
    for number in order:
        if part and n_occurrences + n_units[number] > at_once:
            yield part
            part, n_occurrences = [], 0
        part.append(number)
        n_occurrences += int(n_units[number])
    if part:
        yield part


def _first_occurrences(layout: Layout, reach: Places, lists: Lists) -> Iterator[_First]:
    view = layout.view
    of_kernel = (
        layout.codes, reach, layout.journeys, view.journey_units, layout.stop,
    )  # fmt: skip
    items = np.searchsorted(layout.items, lists.items).astype(np.uint32)
    found = locate_patterns(
        of_kernel, layout.root_starts, layout.entries, layout.limits.are_none,
        lists.starts, items,
    )  # fmt: skip
    bounds = np.searchsorted(found[:, 0], np.arange(len(lists) + 1))
    for start, end in zip(bounds[:-1], bounds[1:], strict=True):
        yield _described(layout, found[start:end, 1], found[start:end, 2])


def _described(layout: Layout, first_places: Int64Array, last_places: Int64Array) -> _First:
    view = layout.view
    row_ends = view.journey_ends[layout.journeys[last_places]]
    last_rows = last_rows_of_runs(
        view.item_codes, view.n_items, view.repeated_code, row_ends,
        layout.rows[last_places].astype(np.int64),
    )  # fmt: skip
    at_us = view.graph.at_us
    return _First(
        units=layout.units_of(last_places),
        last_rows=last_rows,
        elapsed_us=at_us[last_rows] - at_us[layout.rows[first_places]],
    )
