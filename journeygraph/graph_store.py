"""Open a version of a store as a graph.

The rows of a version are read and sorted once, kept by `graph_cache` under the revisions of the
tables that went in, and memory-mapped ever after: opening then costs the same for a thousand
interactions and for a billion. A version to which rows were only added is made from the one
before: what follows the new rows is the reading and the sorting. Further columns are read,
brought into the same order and kept when somebody first asks for them.
"""

from __future__ import annotations

from functools import partial
from itertools import islice
from pathlib import Path

from journeygraph.errors import InconsistentGraphError
from journeygraph.graph import JourneyGraph, Referrals
from journeygraph.graph_append import append_rows
from journeygraph.graph_cache import ArrayCache, Arrays, NoCache
from journeygraph.graph_changes import graph_key, versions_added_to
from journeygraph.graph_reading import read_core
from journeygraph.lake.store import Store, StoreVersion
from journeygraph.store_columns import StoreColumns
from journeygraph.store_rows import Tables

__all__ = ["graph_of_tables", "open_graph"]

_LOOK_BACK = 64


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
        return _opened(lake, entry, cache, cache.get("core", lambda: _make(lake, entry, cache)))
    except InconsistentGraphError:
        cache.forget("core")
        return _opened(lake, entry, cache, cache.get("core", lambda: read_core(lake, entry)))


def graph_of_tables(tables: Tables, entry: StoreVersion) -> JourneyGraph:
    """The graph of tables as a store has them, in memory only."""
    core = read_core(tables, entry)
    return _graph(None, entry, core, StoreColumns(tables, entry, NoCache(), core))


def _opened(store: Store, entry: StoreVersion, cache: ArrayCache, core: Arrays) -> JourneyGraph:
    further = StoreColumns(store, entry, cache, core, partial(_base, store, entry))
    return _graph(entry.number, entry, core, further)


def _make(store: Store, entry: StoreVersion, cache: ArrayCache) -> Arrays:
    """The arrays of a version: from those of an earlier one where that can be, or from scratch."""
    base = _base(store, entry)
    appended = None if base is None else append_rows(store, entry, base)
    if base is None or appended is None:
        return read_core(store, entry)
    changes = Arrays({"customers": appended.customers})
    cache.get("changes", lambda: changes, graph_key(base.entry))
    return appended.core


def _base(store: Store, entry: StoreVersion) -> StoreColumns | None:
    """The latest version that was opened before, and to which rows were only added since."""
    for earlier in islice(versions_added_to(store, entry), _LOOK_BACK):
        cache = ArrayCache(store.path / "cache", graph_key(earlier))
        core = cache.peek("core")
        if core is not None:
            return StoreColumns(store, earlier, cache, core, partial(_base, store, earlier))
    return None


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
