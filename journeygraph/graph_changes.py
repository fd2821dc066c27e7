"""What differs between two versions of a store, as seen from their graphs: which customers.

Most versions only add rows to the one before. What was counted for a customer whom no added row
concerns then stays true, so that a statistic need only be made anew for those who changed. That
rows were only added is read from the history of the store and proved by nothing else: where a
load was taken out or mended, the dictionary changed or a version is gone, the answer is that it
is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.graph import JourneyGraph
from journeygraph.graph_cache import Arrays
from journeygraph.lake.errors import DamagedStoreError, UnknownVersionError
from journeygraph.lake.store import Store
from journeygraph.lake.versions import StoreVersion
from journeygraph.store_columns import StoreColumns, begins_with
from journeygraph.store_rows import Wanted, read_rows

__all__ = ["GraphChange", "change_between", "graph_key", "versions_added_to"]

Int64Array = npt.NDArray[np.int64]

_TABLES = ("interactions", "customers", "referrals", "touchpoints", "channels", "merges")


@dataclass(frozen=True, eq=False, slots=True)
class GraphChange:
    """Two graphs of one store, the newer with more rows, and the customers whom these concern.

    A customer of the older graph has the same index in the newer one, and a code the same name.

    Parameters
    ----------
    older, newer
        The graphs.
    customers
        Indexes in `newer`, ascending: who has other interactions, was said something about in a
        table of customers, is one end of a new referral, or is new. Whoever is not among them
        has the same interactions and attributes in both.
    """

    older: JourneyGraph
    newer: JourneyGraph
    customers: Int64Array

    @property
    def has_new_referrals(self) -> bool:
        """Whether there are more referrals, which tell on whole trees and not on their ends alone.

        Those of the older graph are the first of the newer one.
        """
        return len(self.newer.referrals) > len(self.older.referrals)


def change_between(older: JourneyGraph, newer: JourneyGraph) -> GraphChange | None:
    """Which customers differ; None where it is not known cheaply.

    It is known where both are graphs of the same store, and between them rows were only added;
    it takes a look at each version between, and the first time a pass over the newer graph, if
    that was not made from the older one.
    """
    before, after = older.further, newer.further
    if not isinstance(before, StoreColumns) or not isinstance(after, StoreColumns):
        return None
    if not _share_a_history(before, after) or not _share_codes(older, newer):
        return None
    if not begins_with(after.core["customer_keys"], before.core["customer_keys"]):
        return None
    key = graph_key(before.entry)
    if key == graph_key(after.entry):
        return GraphChange(older, newer, np.zeros(0, np.int64))
    changed = after.cache.get("changes", lambda: _make_changes(before, after, newer), key)
    return GraphChange(older, newer, changed["customers"])


def graph_key(entry: StoreVersion) -> dict[str, Any]:
    """What the rows, codes and order of the graph of a version depend on."""
    return {
        "tables": {name: entry.revisions.get(name) for name in _TABLES},
        "dictionary": {name: dict(words) for name, words in entry.dictionary.items()},
    }


def versions_added_to(store: Store, entry: StoreVersion) -> Iterator[StoreVersion]:
    """The earlier versions to which rows were only added to make this one, the latest first.

    Their rows are the first of this one's, table by table: a version that is a load adds rows
    and does nothing else to the tables of a graph.
    """
    after = entry
    for number in reversed([number for number in store.version_numbers() if number < entry.number]):
        try:
            before = store.version(number)
        except (DamagedStoreError, UnknownVersionError):  # since vacuumed
            return
        is_addition = after.kind == "load" or _revisions(after) == _revisions(before)
        is_next = before.number == after.number - 1
        if not (is_addition and is_next and before.dictionary == entry.dictionary):
            return
        yield before
        after = before


def _only_added(store: Store, older: StoreVersion, newer: StoreVersion) -> bool:
    """Whether the rows of the older version are the first of the newer one."""
    if older.number == newer.number:
        return _is_same(older, newer)
    between = takewhile(lambda v: v.number >= older.number, versions_added_to(store, newer))
    return any(_is_same(before, older) for before in between if before.number == older.number)


def _share_a_history(before: StoreColumns, after: StoreColumns) -> bool:
    store = after.tables
    if not isinstance(store, Store) or not isinstance(before.tables, Store):
        return False
    if store.path.absolute() != before.tables.path.absolute():
        return False
    return _only_added(store, before.entry, after.entry)


def _is_same(entry: StoreVersion, other: StoreVersion) -> bool:
    """Whether both are one version; compaction lists other files."""
    return (entry.at_us, dict(entry.revisions)) == (other.at_us, dict(other.revisions))


def _revisions(entry: StoreVersion) -> Mapping[str, str | None]:
    return {name: entry.revisions.get(name) for name in _TABLES}


def _share_codes(older: JourneyGraph, newer: JourneyGraph) -> bool:
    """Whether all that the older graph has codes for has them in the newer one."""
    return (
        newer.touchpoints[: len(older.touchpoints)] == older.touchpoints
        and newer.channels[: len(older.channels)] == older.channels
        and (newer.currency, newer.exponent) == (older.currency, older.exponent)
    )


def _make_changes(before: StoreColumns, after: StoreColumns, newer: JourneyGraph) -> Arrays:
    counts = before.entry.counts
    rows = np.flatnonzero(after.core["order"] >= counts.get("interactions", 0))
    said = read_rows(after.tables, after.entry, "customers", {"customer": Wanted(np.int64)})
    keys = after.merged.resolve(said["customer"][counts.get("customers", 0) :])
    referrals, n_known = newer.referrals, counts.get("referrals", 0)
    customers = np.concatenate(
        [
            np.searchsorted(newer.customer_starts, rows, "right") - 1,
            np.searchsorted(after.core["customer_keys"], keys),
            referrals.referrers[n_known:],
            referrals.referred[n_known:],
            np.arange(len(before.core["customer_keys"]), newer.n_customers),
        ]
    )
    return Arrays({"customers": np.unique(customers[customers >= 0]).astype(np.int64)})
