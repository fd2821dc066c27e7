"""Mapping files: our column to theirs, written down once for files that come again.

    customer: user_id
    touchpoint: page
    channel: ""          # leave it out although it would be recognised

One file may serve several tables, each under its name. JSON is read too.
"""

from __future__ import annotations

from pathlib import Path

from journeygraph.errors import near_misses
from journeygraph.loading.errors import BadMappingFileError
from journeygraph.loading.mapping import targets_of
from journeygraph.loading.yaml_text import Entry, read_entries
from journeygraph.schema import TABLES, Table

__all__ = ["read_mapping_file"]


def read_mapping_file(path: Path, table: Table) -> dict[str, str]:
    """What a mapping file says about one table.

    Raises
    ------
    BadMappingFileError
        With the line, where it is no mapping, or names a column that the table does not have.
    """

    def problem(what: str, line: int | None) -> BadMappingFileError:
        return BadMappingFileError(path, what, line)

    entries = read_entries(path, problem)
    sections = [entry for entry in entries if entry.entries is not None]
    for entry in sections:
        if entry.key not in TABLES:
            raise problem(
                f"{entry.key!r} is not one of the tables {', '.join(TABLES)}.", entry.line
            )
    if sections:
        of_table = next((entry.entries for entry in sections if entry.key == table.name), ())
        entries = (*(entry for entry in entries if entry.entries is None), *(of_table or ()))
    return {entry.key: _source(path, entry, table) for entry in entries}


def _source(path: Path, entry: Entry, table: Table) -> str:
    known = targets_of(table)
    if entry.entries is not None:
        raise BadMappingFileError(path, f"{entry.key!r} needs one column name.", entry.line)
    if entry.key not in known:
        near = near_misses(entry.key, known)
        hint = f" Did you mean {near[0]!r}?" if near else f" It has {', '.join(known)}."
        what = f"The table {table.name!r} has no column {entry.key!r}.{hint}"
        raise BadMappingFileError(path, what, entry.line)
    return entry.text
