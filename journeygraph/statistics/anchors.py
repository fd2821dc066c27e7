"""Paths as ranges of rows: all journeys, or what of them an anchor leaves.

An anchor says where a path begins, where it ends, or what it goes through. FIRST and LAST give a
unit one path, by its first or last occurrence in all its journeys; EVERY gives one for each, so
that paths may overlap. They are ranges over the same rows: nothing is copied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.ascending import each_once
from journeygraph.errors import InvalidOptionError
from journeygraph.kernels import anchors as kernels
from journeygraph.kernels.sequences import copy_items
from journeygraph.options import Word
from journeygraph.threads import evenly, on_threads

if TYPE_CHECKING:
    from journeygraph.conditions import BoolArray
    from journeygraph.journeys import Journeys

__all__ = [
    "Anchor",
    "Occurrence",
    "PathRanges",
    "all_paths",
    "paths_between",
    "paths_from",
    "paths_through",
    "paths_to",
]

Int64Array = npt.NDArray[np.int64]

MOST_COPIED = 1 << 28
"""Rows that overlapping paths may have together to be counted as whole ones."""


class Occurrence(Word, argument="occurrence"):
    """Which occurrence of the anchor makes a path."""

    FIRST = "first"
    LAST = "last"
    EVERY = "every"


@dataclass(frozen=True, eq=False, slots=True)
class Anchor:
    """Which interactions are meant.

    Attributes
    ----------
    wanted
        By code of item.
    meets
        By row, what is asked of the interaction itself; empty where nothing is.
    """

    wanted: BoolArray
    meets: BoolArray


@dataclass(frozen=True, eq=False, kw_only=True)
class PathRanges:
    """Paths of journeys, in the order of journeys and of rows.

    Attributes
    ----------
    starts, ends
        Rows of each path; every path has an item.
    of_journeys
        The journey that each lies in.
    backwards
        Whether steps are counted from the end.
    runs_on
        Whether paths go on to the end of their journey.
    """

    journeys: Journeys
    starts: Int64Array
    ends: Int64Array
    of_journeys: Int64Array
    backwards: bool = False
    runs_on: bool = True

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def units(self) -> Int64Array:
        """The unit of each path, ascending."""
        return self.journeys.journey_units[self.of_journeys].astype(np.int64)

    @cached_property
    def different_units(self) -> Int64Array:
        """The units with a path, ascending, each once."""
        return each_once(self.units)

    def units_of(self, are_meant: BoolArray) -> Int64Array:
        """The units of some of the paths, ascending, each once."""
        return each_once(self.units[are_meant])

    def view(self) -> Journeys:
        """The paths as journeys, to count whole paths in: no other question fits them.

        Paths that overlap are laid out one behind the other.

        Raises
        ------
        InvalidOptionError
            Where they would take more memory than an answer is worth.
        """
        options: dict[str, Any] = {"journey_units": self.units, "selection": None}
        if not (self.starts[1:] < self.ends[:-1]).any():
            return replace(
                self.journeys, journey_starts=self.starts, journey_ends=self.ends, **options
            )
        n_rows = int((self.ends - self.starts).sum())
        if n_rows > MOST_COPIED:
            expected = f"FIRST or LAST: overlapping paths would have {n_rows:,} rows"
            raise InvalidOptionError("occurrence", "EVERY", expected)
        codes, n_items = self.journeys.item_codes, self.journeys.n_items
        starts, items = copy_items(codes, n_items, self.starts, self.ends)
        return replace(
            self.journeys, item_codes=items, sets=None, journey_starts=starts[:-1],
            journey_ends=starts[1:], **options,
        )  # fmt: skip


def all_paths(journeys: Journeys) -> PathRanges:
    """Every journey from its first item to its last."""
    return PathRanges(
        journeys=journeys,
        starts=journeys.journey_starts,
        ends=journeys.journey_ends,
        of_journeys=np.arange(journeys.n_journeys, dtype=np.int64),
    )


def paths_from(journeys: Journeys, anchor: Anchor, occurrence: Occurrence) -> PathRanges:
    """From the anchor to the end of its journey."""
    rows, of_journeys = _chosen(journeys, occurrence, *_found(journeys, anchor))
    return PathRanges(
        journeys=journeys,
        starts=rows,
        ends=journeys.journey_ends[of_journeys],
        of_journeys=of_journeys,
    )


def paths_to(journeys: Journeys, anchor: Anchor, occurrence: Occurrence) -> PathRanges:
    """From the begin of a journey to the anchor, read from the anchor backwards."""
    rows, of_journeys = _chosen(journeys, occurrence, *_found(journeys, anchor))
    return PathRanges(
        journeys=journeys,
        starts=journeys.journey_starts[of_journeys],
        ends=_run_ends(journeys, rows, of_journeys),
        of_journeys=of_journeys,
        backwards=True,
        runs_on=False,
    )


def paths_through(journeys: Journeys, anchor: Anchor, occurrence: Occurrence) -> PathRanges:
    """Whole journeys that hold the anchor: the unit's first, its last, or every one."""
    rows, of_journeys = _chosen(journeys, occurrence, *_found(journeys, anchor))
    of_journeys = of_journeys[np.diff(of_journeys, prepend=-1) > 0]
    return PathRanges(
        journeys=journeys,
        starts=journeys.journey_starts[of_journeys],
        ends=journeys.journey_ends[of_journeys],
        of_journeys=of_journeys,
    )


def paths_between(
    journeys: Journeys, first: Anchor, last: Anchor, occurrence: Occurrence
) -> PathRanges:
    """The shortest stretches from one anchor to another; `kernels.anchors.find_stretches`."""
    codes, given = _codes(journeys), (first.wanted, first.meets, last.wanted, last.meets)

    def find(starts: Int64Array, ends: Int64Array) -> tuple[Int64Array, ...]:
        found: tuple[Int64Array, ...] = kernels.find_stretches(*codes, *given, starts, ends)
        return found

    starts, lasts, of_journeys = _on_journeys(journeys, find)
    starts, lasts, of_journeys = _chosen(journeys, occurrence, starts, lasts, of_journeys)
    return PathRanges(
        journeys=journeys,
        starts=starts,
        ends=_run_ends(journeys, lasts, of_journeys),
        of_journeys=of_journeys,
        runs_on=False,
    )


def _found(journeys: Journeys, anchor: Anchor) -> tuple[Int64Array, ...]:
    """Rows of the anchor, and their journeys."""
    codes, given = _codes(journeys), (anchor.wanted, anchor.meets)

    def find(starts: Int64Array, ends: Int64Array) -> tuple[Int64Array, ...]:
        found: tuple[Int64Array, ...] = kernels.find_items(*codes, *given, starts, ends)
        return found

    return _on_journeys(journeys, find)


def _on_journeys(
    journeys: Journeys, find: Callable[..., tuple[Int64Array, ...]]
) -> tuple[Int64Array, ...]:
    """What is found in journeys, on threads; the last column is the number of a journey."""
    starts, ends = journeys.journey_starts, journeys.journey_ends

    def of(part: slice) -> tuple[Int64Array, ...]:
        *rows, of_journeys = find(starts[part], ends[part])
        return *rows, of_journeys + part.start

    parts = on_threads(of, evenly(ends - starts) or [slice(0, 0)])
    return tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))


def _codes(journeys: Journeys) -> tuple[npt.NDArray[np.uint8], int, int]:
    codes = journeys.item_codes
    return codes.view(np.uint8), codes.itemsize, journeys.n_items


def _run_ends(journeys: Journeys, rows: Int64Array, of_journeys: Int64Array) -> Int64Array:
    ends = journeys.journey_ends[of_journeys]
    behind: Int64Array = kernels.run_ends(*_codes(journeys), journeys.repeated_code, rows, ends)
    return behind


def _chosen(
    journeys: Journeys, occurrence: Occurrence, *found: Int64Array
) -> tuple[Int64Array, ...]:
    """Of what was found, in order, the journeys last: all, or one of each unit."""
    if occurrence is Occurrence.EVERY:
        return found
    units = journeys.journey_units[found[-1]].astype(np.int64)
    if occurrence is Occurrence.FIRST:
        kept = np.diff(units, prepend=-1) > 0
    else:
        kept = np.diff(units, append=journeys.n_units) > 0
    return tuple(column[kept] for column in found)
