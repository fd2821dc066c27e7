"""Journeys laid out for patterns: what mining and looking up share.

The layout holds the rows of some items only, in 32 bits a place. Blocks of customers write
their own part of it, so that it is the same on any number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.kernels import pattern_rows as kernels
from journeygraph.statistics.base import blocks_or_nothing
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = ["Layout", "Limits", "lay_out", "survey"]

Int64Array = npt.NDArray[np.int64]
Places = npt.NDArray[np.uint32]

_NO_LIMIT = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far apart the elements of a pattern may be; None where that does not matter.

    Attributes
    ----------
    gap
        Most items between two consecutive elements.
    gap_us
        Most time between two consecutive elements, from start to start.
    span_us
        Most time from the first element to the last.
    """

    gap: int | None = None
    gap_us: int | None = None
    span_us: int | None = None

    @property
    def are_none(self) -> bool:
        """Whether anything may stand between, for any time."""
        return self.gap is None and not self.are_of_time

    @property
    def are_of_time(self) -> bool:
        """Whether times matter."""
        return self.gap_us is not None or self.span_us is not None

    def to_numpy(self) -> Int64Array:
        """As kernels take them: a gap of 0 is one step."""
        steps = None if self.gap is None else self.gap + 1
        given = (steps, self.gap_us, self.span_us)
        return np.array([_NO_LIMIT if limit is None else limit for limit in given], np.int64)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Layout:
    """Rows of some items, one after the other, a stop behind each journey.

    Attributes
    ----------
    items
        The codes that these items have in the view; here they are numbered from 0.
    codes, rows, journeys, ordinals
        By place: item or stop, row of the graph, journey, and items before it in its journey.
    bounds
        Places where blocks of customers begin, and where the last ends.
    root_starts, entries
        Where the places of each item begin, and these: the first in each journey, or all.
    """

    view: Journeys
    limits: Limits
    items: Int64Array
    codes: Places
    rows: Places
    journeys: Places
    ordinals: Places
    bounds: Int64Array
    root_starts: Int64Array
    entries: Places

    @property
    def stop(self) -> int:
        """The code behind each journey."""
        return len(self.items)

    def reach(self) -> Places:
        """How far one can go from each place within the limits (`kernels.mark_reach`)."""
        reach = np.empty((2, len(self.codes)), np.uint32)
        at_us: npt.NDArray[np.integer[Any]] = np.zeros(0, np.int64)
        if self.limits.are_of_time and len(self.entries):
            at_us = self.view.graph.at_us[np.where(self.codes == self.stop, 0, self.rows)]
        limits = self.limits.to_numpy()

        def mark(lo: int, hi: int) -> None:
            kernels.mark_reach(self.codes, self.stop, lo, hi, self.ordinals, at_us, limits, reach)

        self.on_blocks(mark)
        return reach

    def on_blocks(self, work: Callable[[int, int], None]) -> None:
        """Do something with the places from one to another, which are whole journeys."""
        on_threads(lambda ends: work(*ends), list(pairwise(self.bounds.tolist())))

    def units_of(self, places: npt.NDArray[np.integer[Any]] | slice) -> Int64Array:
        """The unit that each place belongs to."""
        return self.view.journey_units[self.journeys[places]].astype(np.int64, copy=False)


def survey(view: Journeys) -> tuple[list[Block], list[Int64Array]]:
    """Blocks of the view and, by block, units, journeys and rows of each item, (3, n_items)."""
    blocks = blocks_or_nothing(view)

    def count(block: Block) -> Int64Array:
        counts: Int64Array = kernels.survey_items(
            view.item_codes, view.n_items, view.journey_starts, view.journey_ends,
            view.journey_units, block.journey_lo, block.journey_hi,
        )  # fmt: skip
        return counts

    return blocks, on_threads(count, blocks)


def lay_out(
    view: Journeys,
    items: Int64Array,
    limits: Limits,
    surveyed: tuple[list[Block], list[Int64Array]] | None = None,
    *,
    first_only: bool = False,
) -> Layout:
    """Lay out the rows of some items.

    Parameters
    ----------
    items
        Their codes, ascending.
    surveyed
        What `survey` gave, if it was asked already.
    first_only
        Whether the first place of an item in each journey will do.
    """
    blocks, surveys = surveyed or survey(view)
    counts = np.stack(surveys)[:, :, items]
    n_journeys = np.array([block.journey_hi - block.journey_lo for block in blocks])
    places = _starts(counts[:, 2].sum(axis=1) + n_journeys)
    n_entries = counts[:, 1 if first_only else 2]
    root_starts = _starts(n_entries.sum(axis=0))
    cursors = root_starts[:-1] + np.cumsum(n_entries, axis=0) - n_entries
    labels = np.full(view.n_items, len(items), np.uint32)
    labels[items] = np.arange(len(items))
    codes, rows, journeys, ordinals = (np.empty(int(places[-1]), np.uint32) for _ in range(4))
    entries = np.empty(int(root_starts[-1]), np.uint32)

    def write(number: int) -> None:
        block = blocks[number]
        kernels.lay_out(
            view.item_codes, view.n_items, view.journey_starts, view.journey_ends,
            block.journey_lo, block.journey_hi, labels, len(items), first_only,
            int(places[number]), cursors[number].copy(), codes, rows, journeys, ordinals, entries,
        )  # fmt: skip

    on_threads(write, range(len(blocks)))
    return Layout(
        view=view, limits=limits, items=items, codes=codes, rows=rows, journeys=journeys,
        ordinals=ordinals, bounds=places, root_starts=root_starts, entries=entries,
    )  # fmt: skip


def _starts(sizes: Sequence[int] | Int64Array) -> Int64Array:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
