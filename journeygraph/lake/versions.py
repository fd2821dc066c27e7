"""The versions of a store: one small file each, written last.

A version names the Delta version of every table. It appears by one rename, so that a load is
seen whole or not at all, whatever happened between the commits of the single tables.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from journeygraph.lake.durable import numbered_files, write_file
from journeygraph.lake.errors import DamagedStoreError

__all__ = [
    "Dictionary",
    "StoreVersion",
    "dictionary_file",
    "dictionary_files",
    "load_version",
    "save_version",
    "version_file",
    "version_numbers",
]

Dictionary = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreVersion:
    """What the store held after one load, unload, retry or change of the dictionary.

    Parameters
    ----------
    number
        1 for the first, then counting up.
    at_us
        When it was written, microseconds UTC.
    kind
        "load", "unload", "retry", "dictionary", …
    load
        The load that it is about, if any.
    note
        What its writer wants people to read in the history.
    tables
        The Delta version of every table that has been written to.
    revisions
        A key of the rows of every table, for caches: it changes with the rows, and not with
        compaction, which changes only the files that hold them.
    digests
        Of the list of data files of every table.
    counts
        Rows by table.
    next_load
        The number that the next load gets; numbers of unloaded loads do not come back.
    currency, exponent
        Of all money in the store.
    dictionary
        Touchpoint to stage, channel, initiator, environment and level.
    """

    number: int
    at_us: int
    kind: str
    load: int | None
    note: str
    tables: Mapping[str, int]
    revisions: Mapping[str, str]
    digests: Mapping[str, str]
    counts: Mapping[str, int]
    next_load: int
    currency: str | None = None
    exponent: int = 2
    dictionary: Dictionary = field(default_factory=dict)


_FIELDS = ("number", "at_us", "kind", "load", "note", "tables", "revisions", "digests", "counts",
           "next_load", "currency", "exponent")  # fmt: skip


def version_numbers(folder: Path) -> list[int]:
    """The numbers of the versions that are there, ascending."""
    return numbered_files(folder, ".json")


def load_version(folder: Path, number: int) -> StoreVersion:
    """Read a version; DamagedStoreError where its file is not what was written."""
    path = version_file(folder, number)
    content = _read(path, "this version of the store is missing")
    try:
        document = orjson.loads(content)
        entry = document["version"]
        intact = document["sha256"] == _digest(entry) and entry["number"] == number
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise DamagedStoreError(path, "this version of the store is cut short") from error
    if not intact:
        raise DamagedStoreError(path, "this version of the store is not what was written")
    dictionary = _load_dictionary(folder, entry["dictionary"])
    return StoreVersion(**{name: entry[name] for name in _FIELDS}, dictionary=dictionary)


def save_version(folder: Path, version: StoreVersion) -> None:
    """Write a version, durably and at once, and the dictionary that it names before it."""
    entry: dict[str, Any] = {name: getattr(version, name) for name in _FIELDS}
    for name in ("tables", "revisions", "digests", "counts"):
        entry[name] = dict(entry[name])
    entry["dictionary"] = _save_dictionary(folder, version.dictionary)
    document = {"sha256": _digest(entry), "version": entry}
    content = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    write_file(version_file(folder, version.number), content)


def version_file(folder: Path, number: int) -> Path:
    """Where a version is written."""
    return folder / f"{number:08d}.json"


def dictionary_file(folder: Path, dictionary: Dictionary) -> Path:
    """Where a dictionary is written."""
    return folder / f"dictionary-{hashlib.sha256(_content(dictionary)).hexdigest()}.json"


def dictionary_files(folder: Path) -> list[Path]:
    """The files of all dictionaries."""
    return sorted(folder.glob("dictionary-*.json"))


def _load_dictionary(folder: Path, sha256: str | None) -> Dictionary:
    if sha256 is None:
        return {}
    path = folder / f"dictionary-{sha256}.json"
    content = _read(path, "this dictionary of touchpoints is missing")
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DamagedStoreError(path, "this dictionary of touchpoints is not what was written")
    dictionary: Dictionary = orjson.loads(content)
    return dictionary


def _save_dictionary(folder: Path, dictionary: Dictionary) -> str | None:
    if not dictionary:
        return None
    path = dictionary_file(folder, dictionary)
    if not path.exists():
        write_file(path, _content(dictionary))
    return path.stem.removeprefix("dictionary-")


def _content(dictionary: Dictionary) -> bytes:
    plain = {touchpoint: dict(words) for touchpoint, words in dictionary.items()}
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DamagedStoreError(path, what) from error


def _digest(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)).hexdigest()
