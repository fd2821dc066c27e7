"""Which data files a version of a Delta table has, read from its log and proved by a digest.

The log is read here and not by `deltalake`, which takes a torn commit for an empty one, panics
on an altered checkpoint, needs 20 ms for a version and 200 ms to be imported. What is read is
compared with the digest that the version of the store keeps, so that it is what was written or
an error. A test compares it with the library's own reading.

A checkpoint counts only with a seal beside it, a file with its SHA-256 that is written last:
Delta Lake gives checkpoints no checksum, and a power cut may leave half of one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from journeygraph.lake.durable import numbered_files
from journeygraph.lake.errors import DamagedStoreError
from journeygraph.lake.parquet import DataFile, sha256_of

__all__ = [
    "LOG",
    "SEGMENT",
    "LogReader",
    "checkpoint_file",
    "checkpoint_versions",
    "commit_file",
    "commit_versions",
    "digest_of_files",
    "files_at",
    "seal_file",
    "sealed_versions",
]

LOG = "_delta_log"
"""The folder of the log within the folder of a table."""

SEGMENT = "segment"
"""The partition column; see `delta`."""

_SEALED = ".checkpoint.parquet.sha256"


def files_at(folder: Path, version: int, digest: str) -> list[DataFile]:
    """The data files of a version of a table, in the order of their rows.

    Parameters
    ----------
    folder
        The folder of the table.
    version
        The Delta version.
    digest
        What `digest_of_files` gave when it was committed.

    Raises
    ------
    DamagedStoreError
        Where the log is cut short, altered or missing.
    """
    sealed = [number for number in sealed_versions(folder) if number <= version]
    begin = max(sealed, default=-1)
    files = _files_in_checkpoint(folder, begin) if sealed else []
    files = _replayed(folder, files, begin, version)
    if digest_of_files(files) != digest:
        raise DamagedStoreError(
            folder / LOG, "the list of data files in this log is not the one that was written"
        )
    return files


class LogReader:
    """Lists of files of many versions of a table, read in ascending order, each from the last.

    Parameters
    ----------
    folder
        The folder of the table.
    version, files
        Where to begin, if that is known.
    """

    def __init__(
        self, folder: Path, version: int | None = None, files: Sequence[DataFile] = ()
    ) -> None:
        self._folder = folder
        self._version = version
        self._files = list(files)

    def files(self, version: int, digest: str) -> list[DataFile]:
        """The same as `files_at`."""
        files = None
        if self._version is not None and self._version <= version:
            files = _replayed(self._folder, self._files, self._version, version)
        if files is None or digest_of_files(files) != digest:
            files = files_at(self._folder, version, digest)
        self._version, self._files = version, files
        return files


def digest_of_files(files: Iterable[DataFile]) -> str:
    """A digest over everything that the log says of these files, in their order."""
    lines = [
        f"{file.name} {file.segment} {file.rows} {file.size} {file.first_load} {file.last_load}"
        for file in files
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def commit_versions(folder: Path) -> list[int]:
    """The versions whose commits are in the log, ascending."""
    return numbered_files(folder / LOG, ".json")


def checkpoint_versions(folder: Path) -> list[int]:
    """The versions that have a checkpoint, ascending."""
    return numbered_files(folder / LOG, ".checkpoint.parquet")


def sealed_versions(folder: Path) -> list[int]:
    """The versions whose checkpoint has a seal, ascending."""
    return numbered_files(folder / LOG, _SEALED)


def commit_file(folder: Path, version: int) -> Path:
    """Where the commit of a version is."""
    return folder / LOG / f"{version:020d}.json"


def checkpoint_file(folder: Path, version: int) -> Path:
    """Where the checkpoint of a version is."""
    return folder / LOG / f"{version:020d}.checkpoint.parquet"


def seal_file(folder: Path, version: int) -> Path:
    """Where the SHA-256 of the checkpoint of a version is."""
    return folder / LOG / f"{version:020d}{_SEALED}"


def _files_in_checkpoint(folder: Path, version: int) -> list[DataFile]:
    path = checkpoint_file(folder, version)
    try:
        if seal_file(folder, version).read_bytes() != sha256_of(path).encode():
            raise DamagedStoreError(
                path, "this checkpoint of the log, or its .sha256, is not what was written"
            )
        actions = pq.read_table(path, columns=["add"])["add"].to_pylist()
        return [_as_data_file(action) for action in actions if action is not None]
    except FileNotFoundError as error:
        raise DamagedStoreError(path, "this checkpoint of the log is missing") from error
    except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise DamagedStoreError(path, "this checkpoint of the log cannot be read") from error


def _replayed(folder: Path, files: Iterable[DataFile], version: int, until: int) -> list[DataFile]:
    """The files of a later version, from those of an earlier one and the commits between."""
    known = {file.name: file for file in files}
    for number in range(version + 1, until + 1):
        path = commit_file(folder, number)
        try:
            for line in path.read_bytes().splitlines():
                _apply(orjson.loads(line), known)
        except FileNotFoundError as error:
            raise DamagedStoreError(path, "this commit of the table's log is missing") from error
        except (KeyError, TypeError, ValueError) as error:
            what = "this commit of the table's log is cut short or altered"
            raise DamagedStoreError(path, what) from error
    return sorted(known.values(), key=lambda file: file.segment)


def _apply(line: dict[str, Any], known: dict[str, DataFile]) -> None:
    if "remove" in line:
        known.pop(line["remove"]["path"], None)
    elif "add" in line:
        file = _as_data_file(line["add"])
        known[file.name] = file


def _as_data_file(action: dict[str, Any]) -> DataFile:
    stats = orjson.loads(action["stats"])
    return DataFile(
        name=action["path"],
        segment=int(dict(action["partitionValues"])[SEGMENT]),
        rows=stats["numRecords"],
        size=action["size"],
        first_load=stats.get("minValues", {}).get("load"),
        last_load=stats.get("maxValues", {}).get("load"),
    )
