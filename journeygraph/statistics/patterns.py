"""Frequent patterns with gaps: items in this order within one journey, others between them.

Not mergeable: which longer patterns are worth counting is known when the shorter ones have been
counted over all customers, so mining goes over the view several times. All threads share one
layout and take the items that patterns begin with one after the other; what they find is the
same in any order.

Mining is bounded: beyond `MAX_PATTERNS` it stops with an error, as nobody reads so many, and
what a low support finds in long journeys grows beyond any memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.errors import TooManyPatternsError
from journeygraph.kernels import gapped_patterns, pattern_lists, patterns
from journeygraph.kernels.pattern_rows import mark_following
from journeygraph.kernels.ranking import ordered_lists
from journeygraph.options import Word
from journeygraph.statistics.pattern_layout import Layout, Limits, lay_out, survey
from journeygraph.statistics.remembering import remembered
from journeygraph.statistics.sequences import IntArray, Lists, SequenceCounts, read_only
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["MAX_PATTERNS", "Keep", "PatternCounts", "PatternRule", "mine_patterns"]

MAX_PATTERNS = 500_000
"""The most patterns that are found before mining gives up."""

_BATCHES = 64

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class Keep(Word, argument="keep"):
    """Which of the frequent patterns are kept."""

    ALL = "all"
    CLOSED = "closed"
    MAXIMAL = "maximal"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternRule:
    """Which patterns are looked for.

    Attributes
    ----------
    least
        Fewest units, 1 or more.
    min_length, max_length
        Fewest and most elements.
    limits
        How far apart they may be.
    keep
        All of them, or only those that no pattern of one element more makes redundant: one
        that as many units have (CLOSED), or one at all (MAXIMAL).
    """

    least: int
    min_length: int = 1
    max_length: int = 5
    limits: Limits = Limits()
    keep: Keep = Keep.ALL


@dataclass(frozen=True, eq=False, kw_only=True)
class PatternCounts(SequenceCounts):
    """Patterns with how many units and journeys have each.

    Attributes
    ----------
    parents, last_items
        A tree of all patterns found: the number of the pattern without its last element, -1
        for one element, and this element as a number among `item_codes`.
    item_codes
        What the items are in the view.
    numbers
        Which of the tree's patterns these are, ascending; units and counts are theirs.
    second
        Units of the second population; 0 where there is none.
    """

    parents: Int64Array
    last_items: Int64Array
    item_codes: Int64Array
    numbers: Int64Array
    units: Int64Array
    counts: Int64Array
    second: Int64Array

    def lists(self, numbers: IntArray | slice = slice(None)) -> Lists:
        """The items of some of the patterns."""
        starts, items = pattern_lists.spell_patterns(
            self.parents, self.last_items, self.numbers[numbers].copy()
        )
        return Lists(starts, self.item_codes[items].astype(np.uint32))

    def by_name(self, items: Sequence[str]) -> Int64Array:
        """The patterns in the order of their items' names."""
        ranks = np.empty(len(items), np.int64)
        ranks[sorted(range(len(items)), key=items.__getitem__)] = np.arange(len(items))
        lists = self.lists()
        order: Int64Array = ordered_lists(lists.starts, ranks[lists.items], 0, len(self))
        return order

    def only(self, chosen: BoolArray) -> PatternCounts:
        """Some of the patterns."""
        return replace(
            self, numbers=read_only(self.numbers[chosen]), units=read_only(self.units[chosen]),
            counts=read_only(self.counts[chosen]), second=read_only(self.second[chosen]),
        )  # fmt: skip


def mine_patterns(
    view: Journeys, rule: PatternRule, second_units: BoolArray | None = None
) -> PatternCounts:
    """Every pattern that enough units have within one journey.

    Parameters
    ----------
    second_units
        By unit: whether it is of the second population, which is counted apart.

    Raises
    ------
    TooManyPatternsError
        Where there are more than `MAX_PATTERNS`.
    """
    options = {"rule": rule, "second_units": second_units}
    return remembered(view, "patterns", options, lambda: _mine(view, rule, second_units))


def _mine(view: Journeys, rule: PatternRule, second_units: BoolArray | None) -> PatternCounts:
    surveyed = survey(view)
    totals = np.sum(surveyed[1], axis=0)
    frequent = np.flatnonzero(totals[0] >= rule.least)
    layout = lay_out(view, frequent, rule.limits, surveyed, first_only=rule.limits.are_none)
    second = np.zeros(0, np.bool_) if second_units is None else second_units
    singles = _singles(layout, totals[:2, frequent], second)
    budget = _Budget(rule, view)
    budget.spend(len(singles))
    found = [] if rule.max_length == 1 else _longer(layout, rule, second, budget)
    return _kept(_joined(layout, singles, found), rule)


class _Budget:
    """How many patterns may still be found, by all threads together."""

    def __init__(self, rule: PatternRule, view: Journeys) -> None:
        self._error = TooManyPatternsError(MAX_PATTERNS, rule.least, view.n_units, view.unit)
        self._lock = Lock()
        self._left = MAX_PATTERNS

    @property
    def left(self) -> int:
        """How many; an error where there are none left, so that no thread begins anew."""
        self.spend(0)
        return self._left

    def spend(self, n_patterns: int) -> None:
        """Count patterns that were found."""
        with self._lock:
            self._left -= n_patterns
            if self._left < 0:
                raise self._error


def _singles(layout: Layout, totals: Int64Array, second: BoolArray) -> Int64Array:
    """Units, journeys and units of the second population that have each item, (n_items, 3)."""
    n_second = np.zeros(layout.stop, np.int64)
    if len(second):
        items = np.repeat(np.arange(layout.stop), np.diff(layout.root_starts))
        units = layout.units_of(layout.entries)
        is_new = (np.diff(items, prepend=-1) != 0) | (np.diff(units, prepend=-1) != 0)
        n_second = np.bincount(items[is_new & second[units]], minlength=layout.stop)
    return np.column_stack([*totals, n_second])


def _longer(
    layout: Layout, rule: PatternRule, second: BoolArray, budget: _Budget
) -> list[Int64Array]:
    """The patterns of two and more elements, as miners find them."""
    if layout.limits.are_none and layout.stop <= patterns.MOST_ITEMS:
        return _by_masks(layout, rule, second, budget)
    return _by_windows(layout, rule, second, budget)


def _by_masks(
    layout: Layout, rule: PatternRule, second: BoolArray, budget: _Budget
) -> list[Int64Array]:
    view, nothing = layout.view, np.zeros(0, np.int64)
    codes = layout.codes.astype(np.uint8)
    masks = np.empty(len(codes), np.int64)
    layout.on_blocks(lambda lo, hi: mark_following(codes, layout.stop, lo, hi, masks))
    is_split = view.n_units < view.n_journeys
    units = layout.units_of(slice(None)) if is_split or len(second) else nothing
    second_masks = np.where(second[units], masks, 0) if len(second) else nothing
    allowed = (1 << layout.stop) - 1

    def mine(item: int) -> Int64Array:
        entries = layout.entries[layout.root_starts[item] : layout.root_starts[item + 1]]
        found: Int64Array = patterns.mine_masks(
            codes, masks, second_masks, units if is_split else nothing, item, entries, allowed,
            rule.least, rule.max_length, budget.left,
        )  # fmt: skip
        budget.spend(len(found))
        return found

    return on_threads(mine, _most_first(layout).tolist())


def _by_windows(
    layout: Layout, rule: PatternRule, second: BoolArray, budget: _Budget
) -> list[Int64Array]:
    of_kernel = (
        layout.codes, layout.reach(), layout.journeys, layout.view.journey_units, second,
        layout.stop,
    )  # fmt: skip

    def mine(roots: Int64Array) -> Int64Array:
        found: Int64Array = gapped_patterns.mine_windows(
            of_kernel, roots, layout.root_starts, layout.entries, layout.limits.are_none,
            rule.least, rule.max_length, budget.left,
        )  # fmt: skip
        budget.spend(len(found))
        return found

    order = _most_first(layout)
    n_batches = min(_BATCHES, len(order))
    return on_threads(mine, [order[batch::n_batches] for batch in range(n_batches)])


def _most_first(layout: Layout) -> Int64Array:
    """Items by how many places they have: the longest tasks begin first."""
    return np.argsort(-np.diff(layout.root_starts), kind="stable")


def _joined(layout: Layout, singles: Int64Array, found: list[Int64Array]) -> PatternCounts:
    """One tree of all that was found, patterns of one element first."""
    n_items = layout.stop
    parents, offset = [np.full(n_items, -1, np.int64)], n_items
    for part in found:
        parents.append(np.where(part[:, 0] < 0, -1 - part[:, 0], part[:, 0] + offset))
        offset += len(part)
    numbers = [np.column_stack([np.arange(n_items), singles]), *(part[:, 1:] for part in found)]
    columns = np.concatenate(numbers).T
    last_items, units, counts, second = (
        read_only(np.ascontiguousarray(column)) for column in columns
    )
    return PatternCounts(
        parents=read_only(np.concatenate(parents)), last_items=last_items,
        item_codes=read_only(layout.items), numbers=read_only(np.arange(len(units))),
        units=units, counts=counts, second=second,
    )  # fmt: skip


def _kept(counts: PatternCounts, rule: PatternRule) -> PatternCounts:
    lists = counts.lists()
    chosen = np.diff(lists.starts) >= rule.min_length
    if rule.keep is not Keep.ALL:
        with np.errstate(over="ignore"):  # hashes wrap around
            contained = pattern_lists.mark_contained(
                lists.starts, lists.items, counts.units, rule.keep is Keep.CLOSED
            )
        chosen &= ~contained
    return counts if chosen.all() else counts.only(chosen)
