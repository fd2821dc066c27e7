"""Interactions so close together that their order says nothing: a set of them is one item.

Many logs know a day or a second, and what was written down together stands in whatever order the
program wrote it. With a tolerance, a set begins with an item and holds every item at most so long
after it in its journey. A set comes after the split, which is about interactions and might cut
one in two, and before the collapse, which makes one item of equal sets.

A set is one item code at its first row, and its other rows extend it, so that whatever counts
items, and what is remembered of them, knows nothing of sets. What is asked about names and not
about their order goes back to the names, which are kept by row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.given import Names
from journeygraph.graph import IntArray, code_type
from journeygraph.item_names import ItemNames, name_of_set
from journeygraph.kernels.item_sets import find_first_rows, find_sets, recode_sets, write_first_rows
from journeygraph.labelling import By, Labels, repeated_code, same_item, skipped_code
from journeygraph.splitting import Ranges
from journeygraph.threads import evenly, on_threads

if TYPE_CHECKING:
    from journeygraph.conditions import BoolArray

__all__ = ["ItemSets", "in_sets", "names_of"]

Int64Array = npt.NDArray[np.int64]
_Found = tuple[Int64Array, Int64Array]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ItemSets:
    """What is behind the items of a view whose items are sets.

    Attributes
    ----------
    tolerance_us
        A set holds the items at most so long after its first.
    names
        The names that sets are made of.
    members
        By what an item is called the codes of its names, ascending.
    name_codes
        By row of the graph the code of its own name; n_names or more where it is no item.
    are_collapsed
        Whether equal sets that follow each other are one item.
    """

    tolerance_us: int
    names: Sequence[str]
    members: Mapping[str, tuple[int, ...]]
    name_codes: IntArray
    are_collapsed: bool = False

    def first_rows(
        self, starts: Int64Array, ends: Int64Array, at_us: Int64Array, rows: Int64Array
    ) -> Int64Array:
        """The first row of the set that each of some rows, ascending, is in; else the row."""
        found: Int64Array = find_first_rows(
            _read_only(starts), _read_only(ends), _read_only(self.name_codes), len(self.names),
            at_us, self.tolerance_us, _read_only(rows),
        )  # fmt: skip
        return found

    def every_first_row(
        self, starts: Int64Array, ends: Int64Array, at_us: Int64Array
    ) -> Int64Array:
        """By row from the first journey to the last: the first row of its set, -1 for no item."""
        found = np.full(int(ends[-1] - starts[0]) if len(starts) else 0, -1, np.int64)
        if len(starts):
            write_first_rows(
                _read_only(starts), _read_only(ends), _read_only(self.name_codes),
                len(self.names), at_us, self.tolerance_us, int(starts[0]), found,
            )  # fmt: skip
        return found

    def are_names(self, piece: slice) -> BoolArray:
        """Which rows are items, or parts of one."""
        return np.asarray(self.name_codes[piece] < len(self.names))


def in_sets(
    journeys: Ranges, labels: Labels, at_us: Int64Array, tolerance_us: int
) -> tuple[Labels, ItemSets]:
    """Make sets of the items of each journey.

    The items are those of `labels`, each as a set of one, and behind them every set of several
    names that there is, in the order of their codes; so they do not hang on how the rows are cut.
    """
    names, name_codes = labels.items, _read_only(labels.codes)
    found_codes = np.zeros(len(name_codes), np.uint32)
    parts = evenly(journeys.ends - journeys.starts)

    def find(part: slice) -> _Found:
        found: _Found = find_sets(
            _read_only(journeys.starts[part]), _read_only(journeys.ends[part]), name_codes,
            len(names), at_us, tolerance_us, found_codes,
        )  # fmt: skip
        return found

    lists = [_as_tuples(*found) for found in on_threads(find, parts)]
    sets = sorted({one for of_part in lists for one in of_part})
    items = [name_of_set([name]) for name in names]
    items += [name_of_set(names[code] for code in one) for one in sets]
    code_of = {one: code for code, one in enumerate(sets, start=len(names))}
    kind = code_type(len(items))
    codes = np.zeros(len(name_codes), kind)

    def recode(job: tuple[slice, list[tuple[int, ...]]]) -> None:
        part, of_part = job
        recode_sets(
            _read_only(journeys.starts[part]), _read_only(journeys.ends[part]),
            _read_only(found_codes), len(names),
            _read_only(np.array([code_of[one] for one in of_part], np.int64)),
            skipped_code(kind), repeated_code(kind), codes,
        )  # fmt: skip

    on_threads(recode, list(zip(parts, lists, strict=True)))
    held = dict(zip(items, [*((code,) for code in range(len(names))), *sets], strict=True))
    return Labels(items=tuple(items), codes=codes, own=False), ItemSets(
        tolerance_us=tolerance_us, names=names, members=held, name_codes=name_codes
    )


def names_of(by: By, items: Names, sets: ItemSets | None) -> ItemNames:
    """The items of a view by name."""
    if sets is None:
        return ItemNames(items=items, same=same_item(by))
    return ItemNames(items=items, same=same_item(by), names=sets.names, members=sets.members)


def _as_tuples(set_starts: Int64Array, members: Int64Array) -> list[tuple[int, ...]]:
    flat = members.tolist()
    return [tuple(flat[first:last]) for first, last in pairwise(set_starts.tolist())]


def _read_only(array: IntArray) -> IntArray:
    view = array.view()
    view.flags.writeable = False
    return view
