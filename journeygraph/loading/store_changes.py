"""Changes of a store that read no data: a load taken out, another dictionary."""

from __future__ import annotations

from pathlib import Path

from journeygraph.lake.errors import EmptyStoreError
from journeygraph.lake.store import Store, StoreVersion
from journeygraph.lake.tables import STORED_TABLES
from journeygraph.loading.dictionary import applied_to, read_dictionary
from journeygraph.loading.errors import UnknownLoadError

__all__ = ["store_dictionary", "unload"]


def unload(store_path: Path | str, load: int) -> StoreVersion:
    """Take a load out again: its rows, its quarantine, its entry; its files can be loaded anew.

    Earlier versions of the store keep it. Customers and names stay known, without rows.

    Raises
    ------
    UnknownLoadError
        Where the store has no such load.
    """
    path = Path(store_path)
    store = Store.open(path)
    with store.writer() as writer:
        if writer.base is None:
            raise EmptyStoreError(path)
        rows = store.read("loads", writer.base, ["name"])
        loads = sorted(set(rows["load"].to_pylist()))
        if load not in loads:
            raise UnknownLoadError(path, load, loads)
        for table in STORED_TABLES.values():
            if table.by_load and table.name in writer.base.tables:
                writer.remove_load(table.name, load)
        names = [row["name"] for row in rows.to_pylist() if row["load"] == load]
        return writer.commit(kind="unload", load=load, note=", ".join(names))


def store_dictionary(store_path: Path | str, file: Path | str) -> StoreVersion:
    """Put a touchpoint dictionary into the place of the store's.

    Raises
    ------
    BadDictionaryError
        With the line that cannot be read.
    """
    path = Path(store_path)
    dictionary = read_dictionary(Path(file))
    store = Store.open(path)
    with store.writer() as writer:
        if writer.base is None:
            raise EmptyStoreError(path)
        touchpoints = (
            store.read("touchpoints", writer.base)["name"].to_pylist()
            if "touchpoints" in writer.base.tables
            else []
        )
        applied = applied_to(dictionary, touchpoints)
        return writer.commit(kind="dictionary", note=Path(file).name, dictionary=applied)
