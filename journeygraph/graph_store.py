"""Open a version of a store as a graph.

The rows of a version are read and sorted once, kept by `graph_cache` under the revisions of the
tables that went in, and memory-mapped ever after: opening then costs the same for a thousand
interactions and for a billion. Further columns are read, brought into the same order and kept
when somebody first asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InconsistentGraphError
from journeygraph.graph import MISSING, IntArray, JourneyGraph, Referrals, code_type
from journeygraph.graph_cache import ArrayCache, Arrays, NoCache
from journeygraph.graph_changes import graph_key
from journeygraph.graph_layout import Arrivals, arrange, graph_channels
from journeygraph.lake.store import Store, StoreVersion
from journeygraph.store_columns import StoreColumns
from journeygraph.store_rows import Tables, Wanted, names_by_code, read_rows

__all__ = ["graph_of_tables", "open_graph"]

Int64Array = npt.NDArray[np.int64]

_CHUNK = 1 << 20
_INTERACTIONS = {
    "customer": Wanted(np.int64),
    "at": Wanted(np.int64),
    "touchpoint": Wanted(np.int32),
    "channel": Wanted(np.int32, -1),
    "stage": Wanted(np.uint8, 0),
    "value": Wanted(np.int64, MISSING),
    "sequence": Wanted(np.int64, 0),
}
_REFERRALS = {
    "referrer": Wanted(np.int64, -1),
    "referred": Wanted(np.int64),
    "at": Wanted(np.int64, MISSING),
    "medium": Wanted(np.int32, -1),
}


def open_graph(store: Path | str, version: int | None = None) -> JourneyGraph:
    """The graph of a store.

    Parameters
    ----------
    store
        Folder of the store.
    version
        A version of it, as `journeygraph history` lists them; the last by default.

    Raises
    ------
    StoreNotFoundError, NotAStoreError, EmptyStoreError, UnknownVersionError, DamagedStoreError
    """
    lake = Store.open(store)
    entry = lake.version(version)
    cache = ArrayCache(lake.path / "cache", graph_key(entry))
    try:
        return graph_of_tables(lake, entry, cache)
    except InconsistentGraphError:
        cache.forget("core")
        return graph_of_tables(lake, entry, cache)


def graph_of_tables(
    tables: Tables, entry: StoreVersion, cache: ArrayCache | None = None
) -> JourneyGraph:
    """The graph of tables as a store has them; without a cache they are in memory only."""
    kept = cache or NoCache()
    core = kept.get("core", lambda: _make_core(tables, entry))
    version = entry.number if cache else None
    return _graph(version, entry, core, StoreColumns(tables, entry, kept, core))


def _graph(
    version: int | None, entry: StoreVersion, core: Arrays, further: StoreColumns
) -> JourneyGraph:
    return JourneyGraph(
        version=version,
        as_of_us=core.facts["as_of_us"],
        customer_starts=core["customer_starts"],
        at_us=core["at_us"],
        touchpoint_codes=core["touchpoint_codes"],
        channel_codes=core["channel_codes"],
        stage_codes=core["stage_codes"],
        value_minor=core["value_minor"],
        touchpoints=tuple(core.facts["touchpoints"]),
        channels=tuple(core.facts["channels"]),
        currency=entry.currency,
        exponent=entry.exponent,
        referrals=Referrals(
            referrers=core["referrers"],
            referred=core["referred"],
            at_us=core["referral_at_us"],
            medium_codes=core["medium_codes"],
        ),
        further=further,
    )


def _make_core(tables: Tables, entry: StoreVersion) -> Arrays:
    rows = read_rows(tables, entry, "interactions", _INTERACTIONS)
    referrals = read_rows(tables, entry, "referrals", _REFERRALS)
    known = read_rows(tables, entry, "customers", {"customer": Wanted(np.int64)})["customer"]
    customers = _Customers(
        entry.counts.get("identities", 0),
        rows["customer"], known, referrals["referrer"], referrals["referred"],
    )  # fmt: skip
    touchpoints = names_by_code(tables, entry, "touchpoints")
    channels = _Channels(names_by_code(tables, entry, "channels"), entry, touchpoints)
    arranged = arrange(
        Arrivals(
            customers=customers.indexes(rows.pop("customer")),
            at_us=rows["at"],
            touchpoints=rows["touchpoint"],
            channels=channels.codes(rows.pop("channel")),
            stages=rows["stage"],
            value_minor=rows["value"],
            sequence=rows["sequence"] if rows["sequence"].any() else None,
        ),
        n_customers=customers.n_customers,
        touchpoints=touchpoints,
        channels=channels.names,
        dictionary=entry.dictionary,
    )
    as_of_us = int(rows["at"].max()) if len(rows["at"]) else 0
    return Arrays(
        {
            **{name: getattr(arranged, name) for name in arranged.__dataclass_fields__},
            "customer_keys": customers.keys,
            "referrers": customers.indexes(referrals["referrer"]),
            "referred": customers.indexes(referrals["referred"]),
            "referral_at_us": referrals["at"],
            "medium_codes": channels.codes(referrals["medium"]),
        },
        {"as_of_us": as_of_us, "touchpoints": touchpoints, "channels": list(channels.names)},
    )


class _Customers:
    """Surrogate keys of a store to customer indexes of a graph.

    Keys are given once for all versions; a graph has only those that its rows name. Where that
    is all of them, the index is the key.
    """

    def __init__(self, n_keys: int, *used: Int64Array) -> None:
        there = np.zeros(n_keys, np.bool_)
        for keys in used:
            if len(keys) and (int(keys.max()) >= n_keys or int(keys.min()) < -1):
                raise InconsistentGraphError("customers", "have keys that nobody was given")
            there[keys if np.all(keys >= 0) else keys[keys >= 0]] = True
        self.keys = np.flatnonzero(there)
        self.n_customers = len(self.keys)
        self._all = self.n_customers == n_keys
        self._index = np.append(np.cumsum(there, dtype=np.int64) - 1, -1)

    def indexes(self, keys: Int64Array) -> Int64Array:
        """Customer index of each key, in place; -1 stays -1."""
        if not self._all:
            for begin in range(0, len(keys), _CHUNK):
                keys[begin : begin + _CHUNK] = self._index[keys[begin : begin + _CHUNK]]
        return keys


class _Channels:
    """Channel codes of a store to those of a graph, in which 0 is "not said"."""

    def __init__(self, said: list[str], entry: StoreVersion, touchpoints: list[str]) -> None:
        self.names = graph_channels(said, entry.dictionary, touchpoints)
        of_name: Mapping[str, int] = {name: code for code, name in enumerate(self.names)}
        kind = code_type(len(self.names))
        self._codes = np.array([*(of_name[name] for name in said), 0], kind)

    def codes(self, codes: IntArray) -> IntArray:
        """The codes of a graph; -1 becomes 0."""
        n_said = len(self._codes) - 1
        if len(codes) and (int(codes.max()) >= n_said or int(codes.min()) < -1):
            raise InconsistentGraphError("channels", f"name more than the {n_said} that there are")
        return np.asarray(self._codes[codes])
