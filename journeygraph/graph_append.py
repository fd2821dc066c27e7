"""The graph of a version, made from that of an earlier one to which rows were only added.

Rows that come later change nothing in the order of those that are there. So only the new rows
are read and sorted, and where they belong is searched in the old arrays: that is a patch
(`graph_patch`). An earlier version may be a patch itself; the new rows then go into that one, and
both are one patch to the same base. The result is the same to the byte as one from scratch, for
which the tests compare the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.ascending import each_once
from journeygraph.errors import InconsistentGraphError
from journeygraph.graph import MISSING, IntArray
from journeygraph.graph_cache import Arrays
from journeygraph.graph_layout import Arranged, Arrivals, arrange, inserted, plain, row_type
from journeygraph.graph_patch import ROWS, empty_patch, patched, recoded
from journeygraph.graph_reading import REFERRALS, ChannelCodes
from journeygraph.lake.versions import StoreVersion
from journeygraph.merged_keys import merged_keys
from journeygraph.store_rows import Tables, Wanted, names_by_code, read_rows

__all__ = ["Appended", "Earlier", "append_rows"]

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
_WHO = {"customer", "referrer", "referred"}
_NOTHING = np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False, slots=True)
class Earlier:
    """An earlier version, whose rows are the first of this one.

    Attributes
    ----------
    entry
        The version.
    base, base_key
        The arrays that were written whole, and what they were made from.
    patch
        What came since; None where that are all of its arrays.
    sequence
        Gives the sequence of the rows of the base, in their order.
    """

    entry: StoreVersion
    base: Arrays
    base_key: Mapping[str, Any]
    patch: Arrays | None
    sequence: Callable[[], IntArray]

    @property
    def core(self) -> Arrays:
        """The arrays of the version."""
        return self.base if self.patch is None else patched(self.base, self.patch)

    @property
    def since(self) -> Arrays:
        """What came since, if only that nothing did."""
        return empty_patch(self.base) if self.patch is None else self.patch


@dataclass(frozen=True, eq=False, slots=True)
class Appended:
    """The patch of the newer graph, and which of its customers the new rows concern."""

    patch: Arrays
    customers: Int64Array


def append_rows(tables: Tables, entry: StoreVersion, earlier: Earlier) -> Appended | None:
    """The patch of a version from that of an earlier one; None where it takes another way.

    That is where most rows are new, or where a customer who had no row before stands among
    those who had.

    Parameters
    ----------
    tables, entry
        The store and the version.
    """
    if entry.counts.get("interactions", 0) > 2 * earlier.entry.counts.get("interactions", 0):
        return None
    touchpoints = names_by_code(tables, entry, "touchpoints")
    known = earlier.since.facts["touchpoints"]
    added = _Added.read(tables, entry, earlier.entry)
    keys = _Keys.of(earlier, entry.counts.get("identities", 0), added.keys)
    if keys is None or touchpoints[: len(known)] != known:
        return None
    channels = ChannelCodes(tables, entry, touchpoints)
    return _append(earlier, added, keys, touchpoints, channels)


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
        self.keys = _different(np.concatenate([*columns, self.referrals["referrer"]]))

    @classmethod
    def read(cls, tables: Tables, entry: StoreVersion, earlier: StoreVersion) -> _Added:
        counts = earlier.counts
        wanted = {
            "interactions": _INTERACTIONS,
            "customers": {"customer": Wanted(np.int64)},
            "referrals": REFERRALS,
        }
        rows, customers, referrals = (
            read_rows(tables, entry, table, columns, counts.get(table, 0))
            for table, columns in wanted.items()
        )
        merged = merged_keys(tables, entry)
        for columns in (rows, customers, referrals):
            for name in _WHO & columns.keys():
                columns[name] = merged.resolve(columns[name])
        return cls(entry=entry, rows=rows, known=customers["customer"], referrals=referrals)


class _Keys:
    """Customers by key: those of the base, those of its patch, and then new ones.

    Parameters
    ----------
    base, more
        Keys of the base, and all that come after these; they ascend.
    """

    def __init__(self, base: Int64Array, more: Int64Array) -> None:
        self._base = base
        self.more = more
        last = more if len(more) else base
        self.n_all = len(base) + len(more)
        self._is_all = not self.n_all or int(last[-1]) == self.n_all - 1

    @classmethod
    def of(cls, earlier: Earlier, n_given: int, used: Int64Array) -> _Keys | None:
        """The keys of all customers; None where a new one is not behind all the old ones."""
        if len(used) and used[-1] >= n_given:
            raise InconsistentGraphError("customers", "have keys that nobody was given")
        known = cls(earlier.base["customer_keys"], earlier.since["customer_keys"])
        new = used[~known.hold(used)]
        if len(new) and known.n_all and new[0] < known.last:
            return None
        return cls(earlier.base["customer_keys"], np.concatenate([known.more, new]))

    @property
    def last(self) -> int:
        """The largest of all."""
        return int((self.more if len(self.more) else self._base)[-1])

    def hold(self, keys: Int64Array) -> npt.NDArray[np.bool_]:
        """Whether each of some keys is one of these."""
        places = self.of_keys(keys)
        held = np.zeros(len(keys), np.bool_)
        for known, first in ((self._base, 0), (self.more, len(self._base))):
            inside = np.flatnonzero((places >= first) & (places < first + len(known)))
            held[inside] = known[places[inside] - first] == keys[inside]
        return held

    def of_keys(self, keys: Int64Array) -> Int64Array:
        """Customer indexes of keys, -1 of -1."""
        if self._is_all:
            return keys
        behind = len(self._base) + np.searchsorted(self.more, keys)
        in_base = np.searchsorted(self._base, keys)
        places = np.where(in_base < len(self._base), in_base, behind)
        return np.where(keys < 0, -1, places).astype(np.int64)


def _append(
    earlier: Earlier,
    added: _Added,
    keys: _Keys,
    touchpoints: list[str],
    channels: ChannelCodes,
) -> Appended:
    rows = added.rows
    owners = keys.of_keys(rows["customer"])
    customers = _different(owners)
    new = arrange(
        Arrivals(
            customers=_places(customers, owners, keys.n_all),
            at_us=rows["at"],
            touchpoints=rows["touchpoint"],
            channels=channels.of(rows["channel"]),
            stages=rows["stage"],
            value_minor=rows["value"],
            sequence=rows["sequence"] if rows["sequence"].any() else None,
        ),
        n_customers=len(customers),
        touchpoints=touchpoints,
        channels=channels.names,
        dictionary=added.entry.dictionary,
    )
    patch = {
        **_merged(earlier, new, customers, rows["sequence"], channels),
        **_referrals(earlier.since, added, keys, channels),
        "customer_keys": keys.more,
    }
    n_rows = added.entry.counts.get("interactions", 0)
    kinds = {"order": n_rows, "before": n_rows, "owners": keys.n_all}
    patch.update({name: patch[name].astype(row_type(n)) for name, n in kinds.items()})
    before = earlier.since.facts
    latest = [before["as_of_us"]] if earlier.entry.counts.get("interactions", 0) else []
    latest += [int(rows["at"].max())] if len(rows["at"]) else []
    facts = {
        "as_of_us": max(latest, default=0),
        "has_sequence": before["has_sequence"] or bool(rows["sequence"].any()),
        "touchpoints": touchpoints,
        "channels": list(channels.names),
    }
    return Appended(Arrays(patch, facts), keys.of_keys(added.keys))


def _merged(
    earlier: Earlier,
    new: Arranged,
    customers: Int64Array,
    sequence: Int64Array,
    channels: ChannelCodes,
) -> dict[str, npt.NDArray[Any]]:
    """The rows of the earlier patch and new ones in one order.

    Parameters
    ----------
    new, customers
        The new rows, by place among the customers who have any.
    sequence
        Of the new rows, as they arrived.
    """
    base, patch = earlier.base, earlier.since
    owners = np.repeat(customers, np.diff(new.customer_starts))
    turns = sequence[new.order] if sequence.any() else _NOTHING
    base_turns = earlier.sequence() if base.facts["has_sequence"] else _NOTHING
    before = _insertions(base["customer_starts"], base["at_us"], base_turns, owners, new, turns)
    within = _places_in_patch(patch, owners, new, turns)
    n_old = earlier.entry.counts.get("interactions", 0)
    come = {
        **{name: getattr(new, name) for name in ROWS},
        "order": new.order.astype(np.int64) + n_old,
        "owners": owners,
        "before": before,
    }
    old = {name: patch[name] for name in come}
    old["channel_codes"] = _in_codes(old["channel_codes"], patch, channels)
    if len(turns) or len(patch["turns"]):
        old["turns"] = _all_turns(patch["turns"], len(patch["order"]))
        come["turns"] = _all_turns(turns, len(owners))
    return {"turns": _NOTHING, **{name: inserted(old[name], come[name], within) for name in old}}


def _places_in_patch(
    patch: Arrays, owners: Int64Array, new: Arranged, turns: Int64Array
) -> Int64Array:
    """Before which row of a patch each new row belongs."""
    there = np.asarray(patch["owners"], np.int64)
    either = _different(np.concatenate([there, owners]))
    starts = np.append(np.searchsorted(there, either), len(there))
    own = np.searchsorted(either, owners)
    return _insertions(starts, patch["at_us"], patch["turns"], own, new, turns)


def _insertions(
    starts: Int64Array,
    at_us: Int64Array,
    sequence: IntArray,
    owners: Int64Array,
    new: Arranged,
    turns: Int64Array,
) -> Int64Array:
    from journeygraph.kernels.layout import find_insertions

    before = np.zeros(len(owners), np.int64)
    find_insertions(
        plain(starts), plain(at_us), plain(sequence), plain(owners), plain(new.at_us),
        plain(turns), before,
    )  # fmt: skip
    return before


def _referrals(
    patch: Arrays, added: _Added, keys: _Keys, channels: ChannelCodes
) -> dict[str, npt.NDArray[Any]]:
    """The referrals of the earlier patch and new ones."""
    new = added.referrals
    media = _in_codes(patch["medium_codes"], patch, channels)
    pairs = {
        "referrers": (patch["referrers"], keys.of_keys(new["referrer"])),
        "referred": (patch["referred"], keys.of_keys(new["referred"])),
        "referral_at_us": (patch["referral_at_us"], new["at"]),
        "medium_codes": (media, channels.of(new["medium"])),
    }
    return {name: np.concatenate(pair) for name, pair in pairs.items()}


def _in_codes(codes: IntArray, patch: Arrays, channels: ChannelCodes) -> IntArray:
    return recoded(codes.astype(channels.kind), patch.facts["channels"], channels.names)


def _places(chosen: Int64Array, numbers: Int64Array, end: int) -> Int64Array:
    """Where among those chosen each number stands, all below an end: looked up, not searched."""
    places = np.empty(end, np.int64)  # pages that nobody writes to take no memory
    places[chosen] = np.arange(len(chosen))
    return places[numbers]


def _all_turns(turns: Int64Array, n_rows: int) -> Int64Array:
    return turns if len(turns) else np.zeros(n_rows, np.int64)


def _different(numbers: Int64Array) -> Int64Array:
    """The numbers from 0 on, ascending, each once."""
    return each_once(np.sort(numbers[numbers >= 0]))
