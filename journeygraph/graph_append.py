"""The graph of a version, made from that of an earlier one to which rows were only added.

Rows that come later change nothing in the order of those that are there. So only the new rows
are read and sorted; where they belong is searched in the old arrays, and all that lies between
two of them is copied. The result is the same to the byte as one from scratch, for which the
tests compare the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InconsistentGraphError
from journeygraph.graph import MISSING, IntArray
from journeygraph.graph_cache import Arrays
from journeygraph.graph_layout import Arranged, Arrivals, arrange, inserted, plain, row_type
from journeygraph.graph_reading import REFERRALS, ChannelCodes, core_arrays
from journeygraph.lake.versions import StoreVersion
from journeygraph.store_columns import StoreColumns
from journeygraph.store_rows import Tables, Wanted, names_by_code, read_rows
from journeygraph.threads import on_threads

__all__ = ["Appended", "append_rows"]

Int64Array = npt.NDArray[np.int64]

_INTERACTIONS = {
    "customer": Wanted(np.int64),
    "at": Wanted(np.int64),
    "touchpoint": Wanted(np.int32),
    "channel": Wanted(np.int32, -1),
    "stage": Wanted(np.uint8, 0),
    "value": Wanted(np.int64, MISSING),
    "sequence": Wanted(np.int64, 0),
}
_NOTHING = np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False, slots=True)
class Appended:
    """The arrays of the newer graph, and which of its customers the new rows concern."""

    core: Arrays
    customers: Int64Array


def append_rows(tables: Tables, entry: StoreVersion, base: StoreColumns) -> Appended | None:
    """The arrays of a version from those of an earlier one; None where it takes another way.

    That is where most rows are new, or where a customer who had no row before stands among
    those who had.

    Parameters
    ----------
    tables, entry
        The store and the version.
    base
        The columns of the earlier version, whose rows are the first of this one.
    """
    n_old = base.entry.counts.get("interactions", 0)
    if entry.counts.get("interactions", 0) > 2 * n_old:
        return None
    touchpoints = names_by_code(tables, entry, "touchpoints")
    known = base.core.facts["touchpoints"]
    added = _Added.read(tables, entry, base)
    keys = _all_keys(base.core["customer_keys"], entry.counts.get("identities", 0), added.keys)
    if keys is None or touchpoints[: len(known)] != known:
        return None
    return _append(base, added, keys, touchpoints, ChannelCodes(tables, entry, touchpoints))


@dataclass(eq=False, slots=True, kw_only=True)
class _Added:
    """What came later, in the order of arrival; customers by key."""

    entry: StoreVersion
    rows: dict[str, npt.NDArray[Any]]
    known: Int64Array
    referrals: dict[str, npt.NDArray[Any]]
    keys: Int64Array = field(init=False)

    def __post_init__(self) -> None:
        columns = (self.rows["customer"], self.known, self.referrals["referred"])
        if any(len(column) and column.min() < 0 for column in columns):
            raise InconsistentGraphError("customers", "have keys that nobody was given")
        used = np.unique(np.concatenate([*columns, self.referrals["referrer"]]))
        self.keys = used[np.searchsorted(used, 0) :]

    @classmethod
    def read(cls, tables: Tables, entry: StoreVersion, base: StoreColumns) -> _Added:
        counts = base.entry.counts
        wanted = {
            "interactions": _INTERACTIONS,
            "customers": {"customer": Wanted(np.int64)},
            "referrals": REFERRALS,
        }
        rows, customers, referrals = (
            read_rows(tables, entry, table, columns, counts.get(table, 0))
            for table, columns in wanted.items()
        )
        return cls(entry=entry, rows=rows, known=customers["customer"], referrals=referrals)


def _all_keys(old: Int64Array, n_given: int, used: Int64Array) -> Int64Array | None:
    """The keys of all customers; None where a new one is not behind all the old ones."""
    if len(used) and used[-1] >= n_given:
        raise InconsistentGraphError("customers", "have keys that nobody was given")
    if not len(old):
        return used
    places = np.minimum(np.searchsorted(old, used), len(old) - 1)
    new = used[old[places] != used]
    return None if len(new) and new[0] < old[-1] else np.concatenate([old, new])


def _append(
    base: StoreColumns,
    added: _Added,
    keys: Int64Array,
    touchpoints: list[str],
    channels: ChannelCodes,
) -> Appended:
    core, rows, referrals = base.core, added.rows, added.referrals
    places = _Places(keys)
    customers, local = np.unique(places.of(rows["customer"]), return_inverse=True)
    sequence = rows["sequence"] if rows["sequence"].any() else None
    new = arrange(
        Arrivals(
            customers=local.reshape(-1),
            at_us=rows["at"],
            touchpoints=rows["touchpoint"],
            channels=channels.of(rows["channel"]),
            stages=rows["stage"],
            value_minor=rows["value"],
            sequence=sequence,
        ),
        n_customers=len(customers),
        touchpoints=touchpoints,
        channels=channels.names,
        dictionary=added.entry.dictionary,
    )
    owners = np.repeat(customers, np.diff(new.customer_starts))
    turns = _NOTHING if sequence is None else sequence[new.order]
    codes = np.array(channels.of_names(core.facts["channels"]), channels.kind)
    n_old = len(core["at_us"])
    latest = [core.facts["as_of_us"]] if n_old else []
    latest += [int(rows["at"].max())] if len(rows["at"]) else []
    referrers, referred = places.of(referrals["referrer"]), places.of(referrals["referred"])
    appended = core_arrays(
        _merged(base, new, owners, turns, codes, len(keys)),
        keys,
        {
            "referrers": np.concatenate([core["referrers"], referrers]),
            "referred": np.concatenate([core["referred"], referred]),
            "referral_at_us": np.concatenate([core["referral_at_us"], referrals["at"]]),
            "medium_codes": np.concatenate(
                [codes[core["medium_codes"]], channels.of(referrals["medium"])]
            ),
        },
        {
            "as_of_us": max(latest, default=0),
            "has_sequence": core.facts["has_sequence"] or sequence is not None,
            "touchpoints": touchpoints,
            "channels": list(channels.names),
        },
    )  # fmt: skip
    return Appended(appended, places.of(added.keys))


class _Places:
    """Customer indexes of keys, -1 of -1."""

    def __init__(self, keys: Int64Array) -> None:
        self._keys = keys
        self._is_all = not len(keys) or int(keys[-1]) == len(keys) - 1

    def of(self, keys: Int64Array) -> Int64Array:
        if self._is_all:
            return keys
        return np.where(keys < 0, -1, np.searchsorted(self._keys, keys)).astype(np.int64)


def _merged(
    base: StoreColumns,
    new: Arranged,
    owners: Int64Array,
    turns: Int64Array,
    channel_codes: IntArray,
    n_customers: int,
) -> Arranged:
    """Old and new interactions in one order."""
    core = base.core
    before = _insertions(base, new.at_us, owners, turns)
    n_old = len(core["at_us"])
    new_order = (new.order.astype(np.int64) + n_old).astype(row_type(n_old + len(owners)))
    columns: list[tuple[IntArray, IntArray]] = [
        (core["at_us"], new.at_us),
        (core["value_minor"], new.value_minor),
        (core["order"], new_order),
        (core["touchpoint_codes"], new.touchpoint_codes),
        (_recoded(core["channel_codes"], channel_codes), new.channel_codes),
        (core["stage_codes"], new.stage_codes),
    ]
    at_us, value_minor, order, touchpoint_codes, codes, stage_codes = on_threads(
        lambda pair: inserted(*pair, before), columns
    )
    return Arranged(
        customer_starts=_starts(core["customer_starts"], owners, n_customers),
        order=order,
        at_us=at_us,
        touchpoint_codes=touchpoint_codes,
        channel_codes=codes,
        stage_codes=stage_codes,
        value_minor=value_minor,
    )


def _insertions(
    base: StoreColumns, at_us: Int64Array, owners: Int64Array, turns: Int64Array
) -> Int64Array:
    from journeygraph.kernels.layout import find_insertions

    before = np.zeros(len(owners), np.int64)
    sequence = base.number("sequence") if base.core.facts["has_sequence"] else _NOTHING
    find_insertions(
        plain(base.core["customer_starts"]), plain(base.core["at_us"]), plain(sequence),
        plain(owners), plain(at_us), plain(turns), before,
    )  # fmt: skip
    return before


def _recoded(codes: IntArray, of_code: IntArray) -> IntArray:
    """Codes by the code that each one has now."""
    if np.array_equal(of_code, np.arange(len(of_code))):
        return codes
    return np.take(of_code, codes)


def _starts(old: Int64Array, owners: Sequence[int] | Int64Array, n_customers: int) -> Int64Array:
    starts = np.zeros(n_customers + 1, np.int64)
    np.cumsum(np.bincount(owners, minlength=n_customers), out=starts[1:])
    starts[: len(old)] += old
    starts[len(old) :] += old[-1]
    return starts
