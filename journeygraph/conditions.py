"""Conditions on interactions, compiled: which codes of which columns, which values, from when.

A condition on names comes down to a table of yes or no by code, so that sixty thousand names cost
no more than two. Columns are taken piece by piece, on threads: what one condition writes is still
at hand when the next one reads it, and each column is read once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from journeygraph.errors import (
    InvalidOptionError,
    UnknownChannelError,
    UnknownStageError,
    UnknownTouchpointError,
    near_misses,
)
from journeygraph.given import Amount, Names, amount_minor
from journeygraph.kernels.select import (
    count_below,
    list_code,
    list_marked,
    skip_before,
    skip_rows,
    skip_values,
)
from journeygraph.threads import goals, how_many, n_threads, on_threads
from journeygraph.vocabulary import STAGES, UNKNOWN, code_of, normalise_channel

if TYPE_CHECKING:
    from journeygraph.graph import IntArray, JourneyGraph

__all__ = [
    "BoolArray",
    "Conditions",
    "channel_table",
    "in_pieces",
    "ranks",
    "rows_at",
    "stage_table",
    "touchpoint_table",
    "value_limits",
    "word_table",
]

BoolArray = npt.NDArray[np.bool_]
Int64Array = npt.NDArray[np.int64]

_ROWS_PER_PIECE = 1 << 17
_LEAST, _MOST = int(np.iinfo(np.int64).min) + 1, int(np.iinfo(np.int64).max)
_Result = TypeVar("_Result")


@dataclass(frozen=True, eq=False, kw_only=True)
class Conditions:
    """What an interaction must meet, all of it.

    Attributes
    ----------
    tables
        Columns of codes, each with the table that says which codes are meant.
    values
        The column of values, the least and the most that are meant; a missing one is not.
    since
        The column of times and the earliest that is meant.
    """

    tables: tuple[tuple[IntArray, BoolArray], ...] = ()
    values: tuple[IntArray, int, int] | None = None
    since: tuple[IntArray, int] | None = None

    @property
    def ask_nothing(self) -> bool:
        """Whether every interaction meets them."""
        return not self.tables and self.values is None and self.since is None

    @cached_property
    def _one_code(self) -> tuple[IntArray, int] | None:
        """The column and the code where that is all that is asked: compared, not looked up."""
        if len(self.tables) != 1 or self.values is not None or self.since is not None:
            return None
        column, keeps = self.tables[0]
        codes = np.flatnonzero(keeps)
        return (column, int(codes[0])) if len(codes) == 1 else None

    def skip(self, piece: slice, codes: IntArray, skipped: int) -> None:
        """Write `skipped` into the codes of a piece of the rows where these are not met."""
        for column, keeps in self.tables:
            skip_rows(column[piece], keeps, codes, skipped)
        if self.values is not None:
            value_minor, least, most = self.values
            skip_values(value_minor[piece], least, most, codes, skipped)
        if self.since is not None:
            at_us, from_us = self.since
            skip_before(at_us[piece], from_us, codes, skipped)

    def rows(self, n_rows: int) -> Int64Array:
        """Rows that meet them, ascending."""
        if self._one_code is not None:
            return _rows_at_on_threads(*self._one_code, n_rows)

        def of(piece: slice) -> Int64Array:
            marks = np.ones(piece.stop - piece.start, np.uint8)
            self.skip(piece, marks, 0)
            found: Int64Array = list_marked(marks, piece.start)
            return found

        return np.concatenate([np.zeros(0, np.int64), *in_pieces(of, n_rows)])


def in_pieces(work: Callable[[slice], _Result], n_rows: int) -> list[_Result]:
    """What `work` gives for each piece of the rows, in their order, on threads.

    Each thread takes pieces that lie together: to hand out one by one costs as much as a piece.
    """
    bounds = range(0, n_rows, _ROWS_PER_PIECE)
    pieces = [slice(first, min(first + _ROWS_PER_PIECE, n_rows)) for first in bounds]
    at_once = -(-len(pieces) // n_threads()) or 1
    parts = [pieces[first : first + at_once] for first in range(0, len(pieces), at_once)]
    found = on_threads(lambda part: [work(piece) for piece in part], parts)
    return [result for part in found for result in part]


def rows_at(codes: IntArray, code: int, first: int, last: int) -> Int64Array:
    """Rows from `first` to before `last` that have a code, ascending."""
    found: Int64Array = list_code(codes.view(np.uint8), codes.itemsize, code, first, last)
    return found


def _rows_at_on_threads(codes: IntArray, code: int, n_rows: int) -> Int64Array:
    cuts = [0, *goals(n_rows, how_many(n_rows)).tolist(), n_rows]
    parts = on_threads(lambda part: rows_at(codes, code, *part), list(pairwise(cuts)))
    return np.concatenate(parts)


def ranks(rows: Int64Array, bounds: IntArray) -> Int64Array:
    """How many of some rows are below each bound; both ascend."""
    sealed = [np.asarray(array, np.int64).view() for array in (rows, bounds)]
    for array in sealed:
        array.flags.writeable = False
    counts: Int64Array = count_below(*sealed)
    return counts


def touchpoint_table(graph: JourneyGraph, given: Names, argument: str) -> BoolArray:
    """Which touchpoints are named.

    Raises
    ------
    UnknownTouchpointError
        Where a name is not a touchpoint of the graph.
    """
    codes = {name: code for code, name in enumerate(graph.touchpoints)}
    unknown = [name for name in given if name not in codes]
    if unknown:
        raise UnknownTouchpointError(argument, unknown[0], graph.touchpoints)
    return _table(len(codes), (codes[name] for name in given))


def channel_table(graph: JourneyGraph, given: Names, argument: str) -> BoolArray:
    """Which channels are named, in any spelling; "unknown" is where none is said.

    Raises
    ------
    UnknownChannelError
        Where a name is not a channel of the graph.
    """
    codes = {name: code for code, name in enumerate(graph.channels)}
    found = [codes.get(name, codes.get(normalise_channel(name))) for name in given]
    if None in found:
        raise UnknownChannelError(argument, given[found.index(None)], graph.channels)
    return _table(len(codes), (code for code in found if code is not None))


def stage_table(given: Names, argument: str) -> BoolArray:
    """Which stages are named, in any spelling; "unknown" is where none is said.

    Raises
    ------
    UnknownStageError
        Where a word is not a stage.
    """
    codes = [_word_code(word, STAGES) for word in given]
    if None in codes:
        raise UnknownStageError(argument, given[codes.index(None)], STAGES)
    return _table(len(STAGES) + 1, (code for code in codes if code is not None))


def word_table(words: tuple[str, ...], given: Names, argument: str) -> BoolArray:
    """Which words of a closed set are named, in any spelling; "unknown" is where none is said.

    Raises
    ------
    InvalidOptionError
        Where a word is not in the set.
    """
    codes = [_word_code(word, words) for word in given]
    if None in codes:
        wrong = given[codes.index(None)]
        near = near_misses(wrong, words)
        expected = f"one of {', '.join(words)}" + (f": perhaps {near[0]!r}" if near else "")
        raise InvalidOptionError(argument, wrong, expected)
    return _table(len(words) + 1, (code for code in codes if code is not None))


def _word_code(word: str, words: tuple[str, ...]) -> int | None:
    code = 0 if word.strip().casefold() == UNKNOWN else code_of(word, words)
    return None if code == 0 and word.strip().casefold() != UNKNOWN else code


def _table(size: int, codes: Iterable[int]) -> BoolArray:
    table = np.zeros(size, np.bool_)
    table[list(codes)] = True
    table.flags.writeable = False
    return table


def value_limits(
    graph: JourneyGraph, least: Amount | None, most: Amount | None, arguments: Sequence[str]
) -> tuple[int, int] | None:
    """The values from `least` to `most`, both included, in minor units; None without limits.

    Raises
    ------
    InvalidOptionError
        Where one is not an amount, or the least is more than the most.
    """
    if least is None and most is None:
        return None
    low = _minor(least, arguments[0], graph.exponent, math.ceil, _LEAST)
    high = _minor(most, arguments[1], graph.exponent, math.floor, _MOST)
    if least is not None and most is not None and low > high:
        raise InvalidOptionError(arguments[1], most, f"at least {arguments[0]}, {least}")
    return low, high


def _minor(
    given: Any, argument: str, exponent: int, whole: Callable[[Decimal], int], missing: int
) -> int:
    if given is None:
        return missing
    return max(_LEAST, min(_MOST, whole(amount_minor(given, argument, exponent))))
