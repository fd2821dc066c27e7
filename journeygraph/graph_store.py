"""Open a version of a store as a graph.

The rows of a version are read and sorted once, kept by `graph_cache` under the revisions of the
tables that went in, and memory-mapped ever after: opening then costs the same for a thousand
interactions and for a billion. A version to which rows were only added is made from the one
before, at a cost that follows the new rows: they are kept as a patch to a base (`graph_patch`).
Further columns are read, brought into the same order and kept when somebody first asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from journeygraph.errors import InconsistentGraphError
from journeygraph.graph import JourneyGraph, Referrals
from journeygraph.graph_append import Appended, Earlier, append_rows
from journeygraph.graph_cache import ArrayCache, Arrays, NoCache
from journeygraph.graph_changes import graph_key, versions_added_to
from journeygraph.graph_patch import columns_of, is_small, patched, whole
from journeygraph.graph_reading import read_core
from journeygraph.lake.store import Store, StoreVersion
from journeygraph.store_columns import StoreColumns
from journeygraph.store_rows import Tables

__all__ = ["graph_of_tables", "open_graph"]

_LOOK_BACK = 64
_CORE, _PATCH = "core", "patch"


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
    cache = _cache(lake, entry)
    try:
        return _opened(lake, entry, cache, _core(lake, entry, cache))
    except InconsistentGraphError:
        cache.forget(_CORE)
        cache.forget(_PATCH)
        core = cache.get(_CORE, lambda: read_core(lake, entry))
        return _opened(lake, entry, cache, core)


def graph_of_tables(tables: Tables, entry: StoreVersion) -> JourneyGraph:
    """The graph of tables as a store has them, in memory only."""
    core = read_core(tables, entry)
    return _graph(None, entry, core, StoreColumns(tables, entry, NoCache(), core))


def _cache(store: Store, entry: StoreVersion) -> ArrayCache:
    return ArrayCache(store.path / "cache", graph_key(entry))


def _opened(store: Store, entry: StoreVersion, cache: ArrayCache, core: Arrays) -> JourneyGraph:
    further = StoreColumns(store, entry, cache, core, partial(_base, store, entry))
    return _graph(entry.number, entry, core, further)


def _core(store: Store, entry: StoreVersion, cache: ArrayCache) -> Arrays:
    """The arrays of a version: as kept, from those of an earlier one, or from scratch."""
    kept = _kept(store, entry)
    if kept is not None:
        return kept.core
    earlier = next(_earlier(store, entry), None)
    appended = None if earlier is None else append_rows(store, entry, earlier)
    if earlier is not None and appended is not None:
        return _keep(cache, earlier, appended)
    return cache.get(_CORE, lambda: read_core(store, entry))


def _keep(cache: ArrayCache, earlier: Earlier, appended: Appended) -> Arrays:
    """Keep a patch where it is small, else the whole."""
    patch, changes = appended.patch, Arrays({"customers": appended.customers})
    core = patched(earlier.base, patch)
    cache.get("changes", lambda: changes, graph_key(earlier.entry))
    if not is_small(patch, earlier.base):
        return cache.get(_CORE, lambda: whole(core))
    facts = {"base": earlier.base_key, "graph": patch.facts}
    cache.forget(_PATCH)  # one to a base that is gone
    cache.get(_PATCH, lambda: Arrays(patch.arrays, facts))
    return core


def _kept(store: Store, entry: StoreVersion) -> Earlier | None:
    """What is kept of a version; None where that is not enough."""
    cache, key, patch = _cache(store, entry), graph_key(entry), None
    base = cache.peek(_CORE)
    if base is None:
        patch = cache.peek(_PATCH)
        if patch is None:
            return None
        key = patch.facts["base"]
        cache = ArrayCache(store.path / "cache", key)
        base = cache.peek(_CORE)
    if base is None:
        return None
    # the rows of the base are the first of this version's, so that these say their sequence
    columns = StoreColumns(store, entry, cache, base)
    return Earlier(
        entry=entry,
        base=base,
        base_key=key,
        patch=None if patch is None else Arrays(patch.arrays, patch.facts["graph"]),
        sequence=partial(columns.number, "sequence"),
    )


def _earlier(store: Store, entry: StoreVersion) -> Iterator[Earlier]:
    """Versions that were opened before, and to which rows were only added since, the last first."""
    for version in islice(versions_added_to(store, entry), _LOOK_BACK):
        kept = _kept(store, version)
        if kept is not None:
            yield kept


def _base(store: Store, entry: StoreVersion) -> StoreColumns | None:
    """The columns of the latest of these."""
    earlier = next(_earlier(store, entry), None)
    if earlier is None:
        return None
    older = earlier.entry
    try:
        core = earlier.core
    except InconsistentGraphError:  # that is found, and mended, when somebody opens it
        return None
    return StoreColumns(store, older, _cache(store, older), core, partial(_base, store, older))


def _graph(
    version: int | None, entry: StoreVersion, core: Arrays, further: StoreColumns
) -> JourneyGraph:
    return JourneyGraph(
        version=version,
        as_of_us=core.facts["as_of_us"],
        customer_starts=core["customer_starts"],
        **columns_of(core),
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
