"""What differs between two views that select the same of two versions: whose journeys to count.

A statistic of the newer view is that of the older one, less what the customers who changed added
to it, and what they add now. Changed has whoever a load said something about, and others as well:
with the end of the data, some who were open are so no longer, and a condition on customers may
depend on what a load said about somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from journeygraph.graph import Referrals
from journeygraph.graph_changes import change_between
from journeygraph.graph_layout import rows_of_customers
from journeygraph.graph_selection import SelectedColumns, columns_of_customers
from journeygraph.labelling import repeated_code, skipped_code
from journeygraph.late_columns import LateColumn
from journeygraph.outcome import compile_outcome

if TYPE_CHECKING:
    from journeygraph.graph import IntArray
    from journeygraph.journeys import Journeys

__all__ = ["Limit", "ViewChange", "change_of_view", "in_codes_of", "journeys_of"]

Int64Array = npt.NDArray[np.int64]

_WORTH_IT = 10
"""Where more than one interaction in so many is of customers who changed, all are counted anew."""

_WIDE_COLUMNS = 6
"""Columns of 64 bits that changed customers' rows take at most, or nearly."""


@dataclass(frozen=True, eq=False, slots=True)
class ViewChange:
    """The journeys, in an older and a newer view, of the customers who differ between them."""

    before: Journeys
    after: Journeys

    @property
    def nbytes(self) -> int:
        """Bytes of what is held here and nowhere else."""
        return _nbytes(self.before) + _nbytes(self.after)


class Limit(NamedTuple):
    """What ties a statistic to the end of the data.

    What is said of a unit may change while the end of the data is less than this after a moment
    of the unit: the one when it was last seen, or where that is not said, any of its moments.
    """

    us: int
    since_last_seen: bool = False


def change_of_view(older: Journeys, newer: Journeys, limit: Limit | None) -> ViewChange | None:
    """Whose journeys to count to bring a statistic up to date; None where that is not known.

    Both views must remember (`remembering`), of the same line.

    Parameters
    ----------
    limit
        What ties the statistic to the end of the data; None where nothing does.
    """
    if older.memory is None or newer.memory is None:
        return None
    change = change_between(older.memory.graph, newer.memory.graph)
    if change is None:
        return None
    differ = np.zeros(newer.graph.n_customers, np.bool_)
    differ[change.customers] = True
    differ[_judged_otherwise(older, newer, limit)] = True
    if older.kept_customers is not None and newer.kept_customers is not None:
        n_known = len(older.kept_customers)
        differ[:n_known] |= older.kept_customers != newer.kept_customers[:n_known]
    customers = np.flatnonzero(differ)
    starts = newer.graph.customer_starts
    if _WORTH_IT * int(np.sum(starts[customers + 1] - starts[customers])) > starts[-1]:
        return None
    known = customers[: np.searchsorted(customers, older.graph.n_customers)]
    return ViewChange(journeys_of(older, known), journeys_of(newer, customers))


def _judged_otherwise(older: Journeys, newer: Journeys, limit: Limit | None) -> IntArray:
    """Whose units the end of the data may have passed by meanwhile, and perhaps some more."""
    then_us, now_us = older.as_of_us, newer.as_of_us
    if limit is None or then_us == now_us or not older.graph.n_interactions:
        return np.zeros(0, np.int64)
    last_us = newer.unit_last_at_us
    units = np.flatnonzero(last_us > then_us - limit.us)
    first_us = last_us[units]
    if not limit.since_last_seen:
        first_us = newer.graph.at_us[newer.unit_starts[units]]
    return newer.unit_customers[units[first_us <= now_us - limit.us]]


def journeys_of(journeys: Journeys, customers: Int64Array) -> Journeys:
    """The journeys of some customers alone, in a graph of these; at a cost that follows them.

    Parameters
    ----------
    customers
        Indexes, ascending, each once.
    """
    graph, further = journeys.graph, SelectedColumns(journeys.graph, customers)
    columns: dict[str, Any] = columns_of_customers(graph, further)
    own = replace(
        graph,
        **columns,
        customer_starts=further.starts,
        referrals=Referrals.none(),
        further=further,
    )
    touchpoint_codes, sets = graph.given("touchpoint_codes"), journeys.sets
    if isinstance(touchpoint_codes, LateColumn) or not _is_same(
        journeys.item_codes, touchpoint_codes
    ):
        item_codes = rows_of_customers(further.begins, further.starts, journeys.item_codes)
    else:
        item_codes = own.touchpoint_codes
    if sets is not None:
        name_codes = rows_of_customers(further.begins, further.starts, sets.name_codes)
        sets = replace(sets, name_codes=name_codes)
    kept = journeys.kept_customers
    return replace(
        journeys,
        graph=own,
        item_codes=item_codes,
        **_units_of(journeys, further),
        outcome=compile_outcome(own, journeys.outcome.rule),
        kept_customers=None if kept is None else kept[customers],
        sets=sets,
        selection=None,
        view_options=None,
    )


def _units_of(journeys: Journeys, further: SelectedColumns) -> dict[str, Any]:
    """The journeys and units of some customers, where they are in a graph of these."""
    graph, customers = journeys.graph, further.customers
    units, of_unit = _members(journeys.unit_customers, customers, graph.n_customers)
    numbers, of_journey = _members(journeys.journey_units, units, journeys.n_units)
    found = {
        "journey_units": of_journey.astype(journeys.journey_units.dtype, copy=False),
        "unit_customers": of_unit.astype(journeys.unit_customers.dtype, copy=False),
    }
    extents = {
        "journey": (journeys.journey_starts, journeys.journey_ends),
        "unit": (journeys.unit_starts, journeys.unit_ends),
    }
    bounds = graph.customer_starts[:-1], graph.customer_starts[1:]
    shifts = (further.starts[:-1] - further.begins)[of_unit]
    members: dict[str, tuple[Int64Array, Any]] = {
        "journey": (numbers, of_journey),
        "unit": (units, slice(None)),
    }
    for name, pair in extents.items():
        own = further.starts[:-1], further.starts[1:]
        if not all(map(_is_same, pair, bounds)):  # not each customer's whole history
            chosen, of = members[name]
            own = tuple(rows[chosen] + shifts[of] for rows in pair)
        found |= {f"{name}_starts": own[0], f"{name}_ends": own[1]}
    return found


def in_codes_of(journeys: Journeys, items: tuple[str, ...]) -> Journeys:
    """The same journeys with the codes of another list of items, in which all of theirs are."""
    n_own = journeys.n_items
    if items[:n_own] == journeys.items and len(items) < skipped_code(journeys.item_codes.dtype):
        return replace(journeys, items=items)
    places = {name: code for code, name in enumerate(items)}
    codes = journeys.item_codes.astype(np.int64)
    is_item = codes < n_own
    moved = np.array([places[name] for name in journeys.items] or [0], np.int64)
    repeated, skipped = repeated_code(np.uint32), skipped_code(np.uint32)
    no_item = np.where(codes == journeys.repeated_code, repeated, skipped)
    recoded = np.where(is_item, moved[np.where(is_item, codes, 0)], no_item)
    return replace(journeys, items=items, item_codes=recoded.astype(np.uint32))


def _members(owners: IntArray, chosen: Int64Array, n_owners: int) -> tuple[Int64Array, Int64Array]:
    """Places of what belongs to those chosen, and the place of its owner among them.

    Both ascend. `owners` ascend, and are all there are in their order where they are as many.
    """
    if len(owners) == n_owners and _is_plain(owners):
        return chosen, np.arange(len(chosen))
    place = np.full(n_owners, -1, np.int32)
    place[chosen] = np.arange(len(chosen), dtype=np.int32)
    of_chosen = place[owners]
    members = np.flatnonzero(of_chosen >= 0)
    return members, of_chosen[members].astype(np.int64)


def _is_plain(owners: IntArray) -> bool:
    return bool(np.all(owners[1:] > owners[:-1]))


def _is_same(array: IntArray, other: IntArray) -> bool:
    """Whether two arrays are the same memory."""
    mine, its = array.__array_interface__, other.__array_interface__
    return all(mine[name] == its[name] for name in ("data", "typestr", "shape", "strides"))


def _nbytes(journeys: Journeys) -> int:
    graph = journeys.graph
    names = [] if journeys.sets is None else [journeys.sets.name_codes]
    arrays = (
        *names, graph.customer_starts, journeys.item_codes, journeys.journey_starts,
        journeys.journey_ends, journeys.journey_units, journeys.unit_customers,
        journeys.unit_starts, journeys.unit_ends,
    )  # fmt: skip
    # columns that are gathered when asked for, and what a view finds out about units
    held = _WIDE_COLUMNS * graph.n_interactions * 8
    return held + sum(array.nbytes for array in arrays)
