"""Open a version of a store as a graph.

The rows of a version are read and sorted once, kept by `graph_cache` under the revisions of the
tables that went in, and memory-mapped ever after: opening then costs the same for a thousand
interactions and for a billion. Further columns are read, brought into the same order and kept
when somebody first asks for them.
"""

from __future__ import annotations

from pathlib import Path

from journeygraph.errors import InconsistentGraphError
from journeygraph.graph import JourneyGraph, Referrals
from journeygraph.graph_cache import ArrayCache, Arrays, NoCache
from journeygraph.graph_changes import graph_key
from journeygraph.graph_reading import read_core
from journeygraph.lake.store import Store, StoreVersion
from journeygraph.store_columns import StoreColumns
from journeygraph.store_rows import Tables

__all__ = ["graph_of_tables", "open_graph"]


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
    core = kept.get("core", lambda: read_core(tables, entry))
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
