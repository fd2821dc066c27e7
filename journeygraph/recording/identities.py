"""Two ids, one customer: merged by a key table, and un-merged, without touching what was loaded.

Rows keep the id that they came with. Which ids are one customer stands in a table of the store,
versioned like all others, and is resolved when a version is opened: older versions see no merge,
and un-merging brings back what was there to the byte. Everything is checked while the lock is held.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from journeygraph.durations import Duration
from journeygraph.lake.errors import EmptyStoreError
from journeygraph.lake.known_customers import KnownCustomers
from journeygraph.lake.store import Store, StoreVersion
from journeygraph.lake.tables import STORED_TABLES
from journeygraph.loading.attribute_conflicts import attribute_conflicts
from journeygraph.recording.errors import NotMergedError
from journeygraph.recording.key_table import read_key_table

__all__ = [
    "MergeReport",
    "MergedIdentity",
    "UnmergeReport",
    "list_identities",
    "merge_identities",
    "unmerge_identities",
]

_MERGES = STORED_TABLES["merges"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeReport:
    """What a merge did.

    Attributes
    ----------
    version
        The version that has it; the one that was there where there was nothing to do.
    merged
        Ids that are now one with another.
    customers
        Customers whom these belong to.
    already
        Ids that belonged to them before.
    unknown
        Ids, those of customers included, that no row had; rows to come find them.
    conflicts
        Values of attributes that another id of the same customer says otherwise: of several rows
        the later says it, and `journeygraph.loading.attribute_conflicts` lists them.
    """

    version: int
    merged: int
    customers: int
    already: int
    unknown: int
    conflicts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmergeReport:
    """What was taken back, and the version without it."""

    version: int
    unmerged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedIdentity:
    """An id, and the customer that it belongs to."""

    id: str
    customer: str


def merge_identities(
    store_path: Path | str,
    file: Path | str,
    *,
    columns: tuple[str, str] = ("id", "customer"),
    encoding: str | None = None,
    wait: Duration = "10s",
) -> MergeReport:
    """Merge ids by a key table: every listed id belongs to the customer named beside it.

    Parameters
    ----------
    store_path
        Folder of the store.
    file
        CSV, Parquet or JSON Lines.
    columns
        Its column of ids, and that of customers, who are ids as well.
    encoding
        Of text; UTF-8 by default.
    wait
        How long to wait for another writer.

    Raises
    ------
    BadKeyTableError
        With the lines, where an id belongs to two customers, a customer to another one, or a value
        is missing; in the file, or together with what is merged in the store. Nothing is merged.
    EmptyStoreError, StoreBusyError
        Where nothing has been loaded, or another program writes for too long.
    """
    table = read_key_table(Path(file), columns, encoding)
    store = Store.open(store_path)
    with store.writer(wait) as writer:
        if writer.base is None:
            raise EmptyStoreError(store.path)
        new = table.beyond(_merged_in(store, writer.base))
        already = len(table.customer_of) - len(new)
        if not new:
            return MergeReport(
                version=writer.base.number,
                merged=0,
                customers=0,
                already=already,
                unknown=0,
                conflicts=0,
            )
        known = KnownCustomers(store, writer.base)
        ids = known.encode(pa.array(list(new), pa.string()))
        customers = known.encode(pa.array(list(new.values()), pa.string()))
        unknown = known.new()
        writer.append("identities", unknown)
        writer.append("merges", pa.table({"customer": ids, "into": customers}))
        version = writer.commit(kind="merge", note=Path(file).name)
    found = attribute_conflicts(store, version)
    merged = set(new.values())
    conflicts = [one for one in found if one.customer in merged and one.id != one.replaced_id]
    return MergeReport(
        version=version.number,
        merged=len(new),
        customers=len(merged),
        already=already,
        unknown=unknown.num_rows,
        conflicts=len(conflicts),
    )


def unmerge_identities(
    store_path: Path | str, ids: Collection[str] | None = None, *, wait: Duration = "10s"
) -> UnmergeReport:
    """Take merges back.

    Parameters
    ----------
    ids
        Those that are customers of their own again; all by default.

    Raises
    ------
    NotMergedError
        Where one of them is not merged; then nothing is taken back.
    EmptyStoreError, StoreBusyError
        As of `merge_identities`.
    """
    store = Store.open(store_path)
    with store.writer(wait) as writer:
        if writer.base is None:
            raise EmptyStoreError(store.path)
        rows = _rows(store, writer.base)
        names = _names(store, writer.base, rows["customer"])
        merged = {names[key]: key for key in rows["customer"].to_pylist()}
        wanted = list(merged) if ids is None else list(dict.fromkeys(ids))
        stray = [name for name in wanted if name not in merged]
        if stray:
            raise NotMergedError(stray[0], sorted(merged))
        if not wanted:
            return UnmergeReport(version=writer.base.number, unmerged=0)
        gone = pa.array([merged[name] for name in wanted], pa.int64())
        writer.replace_rows(_MERGES, lambda there: _are_not(there["customer"], gone), [])
        note = "all" if ids is None else f"{len(wanted)} ids"
        version = writer.commit(kind="unmerge", note=note)
    return UnmergeReport(version=version.number, unmerged=len(wanted))


def list_identities(
    store_path: Path | str, version: int | None = None, customer: str | None = None
) -> list[MergedIdentity]:
    """What is merged in a version, by customer and id.

    Parameters
    ----------
    version
        The last by default.
    customer
        Only those of the customer whom this id means, or belongs to.
    """
    store = Store.open(store_path)
    merged = _merged_in(store, store.version(version))
    if customer is not None:
        meant = merged.get(customer, customer)
        merged = {name: of for name, of in merged.items() if of == meant}
    ordered = sorted(merged.items(), key=lambda pair: (pair[1], pair[0]))
    return [MergedIdentity(id=name, customer=of) for name, of in ordered]


def _merged_in(store: Store, version: StoreVersion) -> dict[str, str]:
    """The customer of each id that is merged."""
    rows = _rows(store, version)
    both = pa.chunked_array([*rows["customer"].chunks, *rows["into"].chunks], pa.int64())
    names = _names(store, version, both)
    pairs = zip(rows["customer"].to_pylist(), rows["into"].to_pylist(), strict=True)
    return {names[key]: names[into] for key, into in pairs}


def _rows(store: Store, version: StoreVersion) -> pa.Table:
    if not store.has_rows("merges", version):
        return _MERGES.arrow_schema.empty_table()
    return store.read("merges", version)


def _names(store: Store, version: StoreVersion, keys: pa.ChunkedArray) -> dict[int, str]:
    """The ids of some keys."""
    if not len(keys):
        return {}
    import pyarrow.compute as pc

    rows = store.read("identities", version)
    found = rows.filter(pc.is_in(rows["customer"], pc.unique(keys)))
    return dict(zip(found["customer"].to_pylist(), found["id"].to_pylist(), strict=True))


def _are_not(keys: pa.ChunkedArray, gone: pa.Array) -> Any:
    import pyarrow.compute as pc

    return pc.invert(pc.is_in(keys, gone))
