"""Where one journey ends and the next begins, and how a customer's journeys make units.

A journey is a range of rows of one customer, skipped ones included. What a split makes without
an item is no journey: there would be nothing to ask about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from journeygraph.durations import Duration, parse_duration
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError
from journeygraph.given import flag, text
from journeygraph.graph import IntArray
from journeygraph.kernels.split import collapse_runs, cut_ranges, find_gaps, hold_item
from journeygraph.labelling import Labels, repeated_code
from journeygraph.options import Word
from journeygraph.threads import evenly, on_threads

__all__ = ["Ranges", "Split", "Unit", "bounds", "collapse", "cut_at", "gaps", "with_items"]

Int64Array = npt.NDArray[np.int64]


class Unit(Word, argument="unit"):
    """What is counted."""

    CUSTOMER = "customer"
    JOURNEY = "journey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How a customer's interactions become journeys; one of the three.

    Attributes
    ----------
    inactivity
        An item that comes at least this long after the item before it begins a journey.
    outcome
        The outcome ends a journey, whether or not it is itself kept.
    column
        Interactions with the same value here make a journey: "session", or any column or
        property of names. Those without a value make one of their own.
    """

    inactivity: Duration | None = None
    outcome: bool = False
    column: str | None = None

    def __post_init__(self) -> None:
        flag(self.outcome, "split.outcome")
        given = [
            name for name in ("inactivity", "outcome", "column")
            if getattr(self, name) not in (None, False)
        ]  # fmt: skip
        if len(given) > 1:
            raise ConflictingOptionsError(f"split.{given[0]}", f"split.{given[1]}")
        if not given:
            raise InvalidOptionError("split", {}, "inactivity, outcome: true, or column")
        if self.inactivity is not None:
            parse_duration(self.inactivity, "split.inactivity")
        if self.column is not None:
            text(self.column, "split.column")

    @property
    def gap_us(self) -> int:
        """The length of `inactivity`, 0 without."""
        if self.inactivity is None:
            return 0
        return parse_duration(self.inactivity, "split.inactivity")


class Ranges(NamedTuple):
    """Ranges of rows, ascending, and the customer of each."""

    starts: Int64Array
    ends: Int64Array
    customers: IntArray


def bounds(starts: Int64Array, ends: Int64Array) -> tuple[Int64Array, Int64Array]:
    """The same bounds, in one array where each range begins where the one before ends."""
    if not len(starts) or not np.array_equal(starts[1:], ends[:-1]):
        return starts, ends
    offsets = np.append(starts, ends[-1:])
    return offsets[:-1], offsets[1:]


def gaps(ranges: Ranges, labels: Labels, at_us: Int64Array, gap_us: int) -> Int64Array:
    """Rows of the items that come at least `gap_us` after the item before them."""
    codes, n_items = _read_only(labels.codes), len(labels.items)

    def of(part: slice) -> Int64Array:
        starts, ends = _read_only(ranges.starts[part]), _read_only(ranges.ends[part])
        found: Int64Array = find_gaps(starts, ends, codes, n_items, at_us, gap_us)
        return found

    found = on_threads(of, evenly(ranges.ends - ranges.starts))
    return np.concatenate([np.zeros(0, np.int64), *found])


def cut_at(ranges: Ranges, cuts: Int64Array) -> Ranges:
    """Divide ranges where a row within them is a cut; `cuts` ascend."""
    if not len(cuts):
        return ranges
    starts, ends, places = cut_ranges(
        _read_only(ranges.starts), _read_only(ranges.ends), _read_only(cuts)
    )
    return Ranges(starts, ends, ranges.customers[places])


def with_items(ranges: Ranges, labels: Labels) -> Ranges:
    """The ranges that hold an item."""
    if labels.own:
        return ranges
    codes, n_items = _read_only(labels.codes), len(labels.items)

    def of(part: slice) -> npt.NDArray[np.bool_]:
        starts, ends = _read_only(ranges.starts[part]), _read_only(ranges.ends[part])
        found: npt.NDArray[np.bool_] = hold_item(starts, ends, codes, n_items)
        return found

    parts = on_threads(of, evenly(ranges.ends - ranges.starts))
    holds = np.concatenate([np.zeros(0, np.bool_), *parts])
    return ranges if holds.all() else Ranges(*(array[holds] for array in ranges))


def collapse(ranges: Ranges, labels: Labels) -> None:
    """Mark what repeats the item before it in its journey, in the labels' own codes."""
    repeated = repeated_code(labels.codes.dtype)

    def of(part: slice) -> None:
        starts, ends = _read_only(ranges.starts[part]), _read_only(ranges.ends[part])
        collapse_runs(starts, ends, labels.codes, len(labels.items), repeated)

    on_threads(of, evenly(ranges.ends - ranges.starts))


def _read_only(array: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
    view = array.view()
    view.flags.writeable = False
    return view
