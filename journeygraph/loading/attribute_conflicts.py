"""Attributes of a customer that were said twice, and differently.

Every row of the customers table is kept, and of several that say an attribute the later wins. What
it replaced is no less in the store: here it is listed, customer by customer, with the files. Rows
of ids that were merged are rows of one customer. Only customers of several rows are looked into.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from journeygraph.lake.store import Store, StoreVersion

__all__ = ["AttributeConflict", "attribute_conflicts", "conflicts_in", "conflicts_of_load"]

Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeConflict:
    """A value of an attribute that another one replaced.

    Attributes
    ----------
    customer, attribute
        Whose, and which.
    kept, replaced
        The later value, and the one before it.
    load, file, id
        Where the later one came from, and the id that it came with.
    replaced_load, replaced_file, replaced_id
        The same of the one before.
    """

    customer: str
    attribute: str
    kept: str
    replaced: str
    load: int
    file: str
    id: str
    replaced_load: int
    replaced_file: str
    replaced_id: str


def conflicts_in(
    store_path: Path | str,
    version: int | None = None,
    *,
    load: int | None = None,
    customer: str | None = None,
) -> list[AttributeConflict]:
    """The conflicts of a version of a store; see `attribute_conflicts`.

    Parameters
    ----------
    customer
        Only those of the customer whom this id means, or belongs to.
    """
    store = Store.open(store_path)
    found = attribute_conflicts(store, store.version(version), load)
    if customer is None:
        return found
    return [one for one in found if customer in (one.customer, one.id, one.replaced_id)]


def attribute_conflicts(
    store: Store, version: StoreVersion, load: int | None = None
) -> list[AttributeConflict]:
    """Every value of an attribute that a later row replaced by another, by customer and arrival.

    Parameters
    ----------
    load
        Only what this load replaced.
    """
    return _told(store, version, _replaced(store, version, load))


def conflicts_of_load(
    store: Store, version: StoreVersion, load: int, first: int
) -> tuple[int, list[AttributeConflict]]:
    """How many values a load replaced, and the first of them."""
    changes = _replaced(store, version, load)
    return len(changes), _told(store, version, changes[:first])


@dataclass(frozen=True, slots=True)
class _Change:
    owner: int
    attribute: str
    later: Mapping[str, Any]
    before: Mapping[str, Any]
    kept: str
    replaced: str


def _replaced(store: Store, version: StoreVersion, load: int | None) -> list[_Change]:
    if not store.has_rows("customers", version):
        return []
    keys = store.read("customers", version, ["customer"])
    owners = _owners(store, version, keys["customer"].to_numpy())
    chosen = _of_several_rows(owners, keys["load"].to_numpy(), load)
    if not len(chosen):  # what they say is most of the table
        return []
    rows = store.read("customers", version, ["file", "customer", "properties"])
    return [
        change
        for change in _changes(rows.take(pa.array(chosen)).to_pylist(), owners[chosen])
        if load is None or change.later["load"] == load
    ]


def _owners(store: Store, version: StoreVersion, keys: Int64Array) -> Int64Array:
    """The key of the customer whom each key belongs to."""
    if not store.has_rows("merges", version):
        return keys
    merges = store.read("merges", version)
    order = np.argsort(merges["customer"].to_numpy())
    known, into = (merges[name].to_numpy()[order] for name in ("customer", "into"))
    places = np.searchsorted(known, keys).clip(0, len(known) - 1)
    return np.where(known[places] == keys, into[places], keys)


def _of_several_rows(owners: Int64Array, loads: Int64Array, load: int | None) -> Int64Array:
    """Rows of customers who have several, by customer and in the order of their arrival."""
    is_meant = np.bincount(owners) > 1
    if load is not None:
        is_touched = np.zeros(len(is_meant), np.bool_)
        is_touched[owners[loads == load]] = True
        is_meant &= is_touched
    chosen = np.flatnonzero(is_meant[owners])
    return chosen[np.argsort(owners[chosen], kind="stable")]


def _changes(rows: list[dict[str, Any]], owners: Int64Array) -> Iterator[_Change]:
    said: dict[str, tuple[str, Mapping[str, Any]]] = {}
    last = None
    for row, owner in zip(rows, owners.tolist(), strict=True):
        if owner != last:
            said, last = {}, owner
        for attribute, value in orjson.loads(row["properties"] or "{}").items():
            if value is None or value == "":
                continue
            text = str(value)
            if attribute in said and said[attribute][0] != text:
                replaced, before = said[attribute]
                yield _Change(owner, attribute, row, before, text, replaced)
            said[attribute] = text, row


def _told(store: Store, version: StoreVersion, changes: list[_Change]) -> list[AttributeConflict]:
    if not changes:
        return []
    keys = {change.owner for change in changes}
    keys |= {row["customer"] for change in changes for row in (change.later, change.before)}
    ids = _ids(store, version, sorted(keys))
    ledger = store.read("loads", version, ["file", "name"]).to_pylist()
    files = {(row["load"], row["file"]): row["name"] for row in ledger}

    def file_of(row: Mapping[str, Any]) -> str:
        return files.get((row["load"], row["file"]), "")

    return [
        AttributeConflict(
            customer=ids[change.owner],
            attribute=change.attribute,
            kept=change.kept,
            replaced=change.replaced,
            load=change.later["load"],
            file=file_of(change.later),
            id=ids[change.later["customer"]],
            replaced_load=change.before["load"],
            replaced_file=file_of(change.before),
            replaced_id=ids[change.before["customer"]],
        )
        for change in changes
    ]


def _ids(store: Store, version: StoreVersion, keys: list[int]) -> dict[int, str]:
    import pyarrow.compute as pc

    rows = store.read("identities", version)
    found = rows.filter(pc.is_in(rows["customer"], pa.array(keys, pa.int64())))
    return dict(zip(found["customer"].to_pylist(), found["id"].to_pylist(), strict=True))
