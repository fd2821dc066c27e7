"""A statistic brought up to date: what changed is taken out as it was and put in as it is.

The measures are whole numbers that are added up over customers, so what comes out is equal to
what counting everything anew gives, to the bit. Which statistic can be treated so is declared by
each (`Refresh`), never guessed: those with a minimum or a maximum, and those of whole trees, are
not, and are counted anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.statistics.view_changes import Limit, ViewChange, change_of_view, in_codes_of

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from journeygraph.statistics.base import MergeableStatistic

__all__ = ["Refresh", "code_places", "refreshed", "shared_change"]

Int64Array = npt.NDArray[np.int64]


def _no_limit(_journeys: Journeys, **_options: Any) -> Limit | None:
    return None


def _the_same(options: Mapping[str, Any], _journeys: Journeys) -> Mapping[str, Any]:
    return options


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """How a statistic can be brought up to date.

    Attributes
    ----------
    item_keys
        Those of its keys that are codes of items, or lists of them.
    options_name_items
        Whether codes of items are among its options.
    limit
        `limit(journeys, **options)`: what ties the statistic to the end of the data; None where
        nothing does.
    options_for
        `options_for(options, journeys)`: the options for the journeys of some customers alone,
        where they are not the same; None where there are none.
    """

    item_keys: tuple[str, ...] = ()
    options_name_items: bool = False
    limit: Callable[..., Limit | None] = _no_limit
    options_for: Callable[[Mapping[str, Any], Journeys], Mapping[str, Any] | None] = _the_same


def refreshed(
    statistic: MergeableStatistic,
    known: pa.Table,
    older: Journeys,
    newer: Journeys,
    options: Mapping[str, Any],
) -> pa.Table | None:
    """The merged table of a newer view from that of an older one; None where it is counted anew.

    Parameters
    ----------
    known
        The merged table of the older view, with the same options.
    """
    refresh = statistic.refresh
    if refresh is None or (refresh.options_name_items and not _begins_with(newer, older)):
        return None
    change = shared_change(older, newer, refresh.limit(newer, **options))
    if change is None:
        return None
    places = code_places(older.items, newer.items)
    if places is not None:
        known = _recoded(known, refresh.item_keys, places)
    before = in_codes_of(change.before, _all_items(older, newer))
    gone = _counted_of(statistic, before, options)
    come = _counted_of(statistic, change.after, options)
    if gone is None or come is None:
        return None
    return _put_together(statistic, known, gone, come)


def _counted_of(
    statistic: MergeableStatistic, journeys: Journeys, options: Mapping[str, Any]
) -> pa.Table | None:
    from journeygraph.statistics.base import total

    assert statistic.refresh is not None
    own = statistic.refresh.options_for(options, journeys)
    return None if own is None else total(statistic, journeys, **own)


def shared_change(older: Journeys, newer: Journeys, limit: Limit | None) -> ViewChange | None:
    """What differs between two views that remember; found once for all statistics.

    See `change_of_view`.
    """
    if older.memory is None or newer.memory is None:
        return None
    asked = "change", older.memory.view, limit
    change: ViewChange | None = newer.memory.known(asked)
    if change is None:
        change = change_of_view(older, newer, limit)
        if change is not None:
            newer.memory.put(asked, change)
    return change


def code_places(codes: tuple[str, ...], items: tuple[str, ...]) -> Int64Array | None:
    """The code in a list of items of each of other codes, by name; None where all are the same.

    What is not in the list any more gets a code behind all of the list, each its own.
    """
    if items[: len(codes)] == codes:
        return None
    places = {name: code for code, name in enumerate(items)}
    gone = (code for code in range(len(items), len(items) + len(codes)))
    return np.array([places[name] if name in places else next(gone) for name in codes], np.int64)


def _begins_with(newer: Journeys, older: Journeys) -> bool:
    return newer.items[: older.n_items] == older.items


def _all_items(older: Journeys, newer: Journeys) -> tuple[str, ...]:
    """The items of the newer view, and behind them those that only the older one has."""
    there = set(newer.items)
    return (*newer.items, *(name for name in older.items if name not in there))


def _put_together(
    statistic: MergeableStatistic, known: pa.Table, gone: pa.Table, come: pa.Table
) -> pa.Table:
    from journeygraph.statistics.base import merge

    merged = merge(statistic, [known, _negative(statistic, gone), come])
    merged = merged.filter(pa.array(~_is_nothing(statistic, merged)))
    always = come.filter(pa.array(_is_nothing(statistic, come)))  # rows that are there at 0, too
    return merge(statistic, [merged, always]) if len(always) else merged.combine_chunks()


def _is_nothing(statistic: MergeableStatistic, table: pa.Table) -> npt.NDArray[np.bool_]:
    nothing = np.ones(len(table), np.bool_)
    for name in statistic.measures:
        nothing &= table[name].to_numpy() == 0
    return nothing


def _negative(statistic: MergeableStatistic, table: pa.Table) -> pa.Table:
    for name in statistic.measures:
        column = pa.array(-table[name].to_numpy(), table.schema.field(name).type)
        table = table.set_column(table.column_names.index(name), name, column)
    return table


def _recoded(table: pa.Table, keys: tuple[str, ...], places: Int64Array) -> pa.Table:
    for key in keys:
        column = table[key].combine_chunks()
        is_list = pa.types.is_nested(column.type)
        codes = column.flatten() if is_list else column
        moved = pa.array(places[codes.to_numpy()].astype(codes.to_numpy().dtype), codes.type)
        if is_list:
            moved = type(column).from_arrays(column.offsets, moved)
        table = table.set_column(table.column_names.index(key), key, moved)
    return table
