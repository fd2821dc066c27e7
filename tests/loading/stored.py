"""What a store holds, as plain Python, read with nothing of the loading itself."""

import orjson

from journeygraph.lake.store import Store
from journeygraph.schema import NAMES_OF_ITEMS, TABLES, Kind
from journeygraph.vocabulary import (
    ENVIRONMENTS,
    FEEDBACK_KINDS,
    FEEDBACK_STEPS,
    INITIATORS,
    LEVELS,
    STAGES,
    name_of,
)

__all__ = ["quarantine", "rows_of", "snapshot"]

_WORDS = {"stage": STAGES, "initiator": INITIATORS, "environment": ENVIRONMENTS,
          "level": LEVELS, "kind": FEEDBACK_KINDS, "step": FEEDBACK_STEPS}  # fmt: skip


def rows_of(path, table="interactions", version=None):
    """The rows of a table in order: texts for keys, names and words, microseconds for times."""
    store = Store.open(path)
    entry = store.version(version)
    if table not in entry.tables:
        return []
    ids = _listed(store, entry, "identities", "id")
    names = {name: _listed(store, entry, name, "name") for name in set(NAMES_OF_ITEMS.values())}
    return [
        {
            "load": row["load"], "file": row["file"], "row": row["row"],
            **{column.name: _value(column, row[column.name], ids, names)
               for column in TABLES[table].columns},
            "properties": orjson.loads(row["properties"] or "{}"),
        }
        for row in _with_integer_times(store.read(table, entry)).to_pylist()
    ]  # fmt: skip


def quarantine(path, version=None):
    """The rows in quarantine, in the order of load, file and row."""
    store = Store.open(path)
    entry = store.version(version)
    if "quarantine" not in entry.tables:
        return []
    rows = [
        {**row, "raw": orjson.loads(row["raw"] or "{}")}
        for row in store.read("quarantine", entry).to_pylist()
    ]
    return sorted(rows, key=lambda row: (row["load"], row["file"], row["row"]))


def snapshot(path):
    """Everything that the last version holds, to be compared."""
    store = Store.open(path)
    entry = store.latest()
    if entry is None:
        return None
    return entry.number, {table: rows_of(path, table) for table in TABLES}, quarantine(path)


def _listed(store, entry, table, column):
    return store.read(table, entry)[column].to_pylist() if table in entry.tables else []


def _with_integer_times(table):
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(place, field.name, table[field.name].cast(pa.int64()))
    return table


def _value(column, value, ids, names):
    if column.kind is Kind.WORD:
        return name_of(value, _WORDS[column.name])
    if value is None:
        return None
    if column.kind is Kind.CUSTOMER:
        return ids[value]
    return names[NAMES_OF_ITEMS[column.name]][value] if column.kind is Kind.NAME else value
