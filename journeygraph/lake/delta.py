"""Delta Lake commits that survive a crash, and file lists that are what was committed.

What `deltalake` does not do is done here: the log is flushed, its last commits are looked at
before the library is let near them (a torn one is silently taken as empty, others end in a Rust
panic), and a list of files is compared with the digest that the version of the store keeps.

Delta Lake can replace files only by partition. Every file is therefore a partition of its own,
`segment`, which at the same time says in which order files are read. The number of the load
would be the nearer choice, but then a thousand small loads would remain a thousand files.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa

from journeygraph.lake.durable import make_folder, sync_file, sync_folder, write_file
from journeygraph.lake.errors import DamagedStoreError
from journeygraph.lake.parquet import DataFile, sha256_of
from journeygraph.lake.tables import StoredTable

if TYPE_CHECKING:
    from deltalake.transaction import AddAction, PostCommitHookProperties

__all__ = [
    "LogReader",
    "checkpoint",
    "commit",
    "digest_of_files",
    "forget_before",
    "files_at",
    "log_versions",
    "roll_back",
]

LOG = "_delta_log"
_SEGMENT = "segment"


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
    begin = _last_to_trust(folder, version)
    files = _listed(folder, begin) if begin >= 0 else []
    files = _replayed(folder, files, begin, version)
    if digest_of_files(files) != digest:
        raise DamagedStoreError(
            folder / LOG, "the list of data files in this log is not the one that was written"
        )
    return files


class LogReader:
    """Lists of files of many versions of a table, read in ascending order.

    The library needs tens of milliseconds for an old version; from one version to the next it
    takes one small file. The digest says whether both come to the same.

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


def commit(
    folder: Path,
    table: StoredTable,
    base: int | None,
    added: Sequence[DataFile],
    removed: Sequence[DataFile],
) -> int:
    """Add and remove data files in one durable commit; the new Delta version.

    The caller holds the lock of the store, the added files are on the disk, and `base` is the
    last version of the table (None: there is no table yet).
    """
    from deltalake import DeltaTable, Schema
    from deltalake.transaction import create_table_with_add_actions

    schema = Schema.from_arrow(
        pa.schema([pa.field(_SEGMENT, pa.int64(), nullable=False), *table.arrow_schema])
    )
    actions = [_add_action(file) for file in added]
    make_folder(folder / LOG)
    with _library_errors(folder):
        if base is None:
            create_table_with_add_actions(
                str(folder),
                schema,
                actions,
                partition_by=[_SEGMENT],
                configuration=_configuration(table),
                post_commithook_properties=_no_hooks(),
            )
        else:
            DeltaTable(folder, version=base).create_write_transaction(
                actions,
                "overwrite" if removed else "append",
                schema,
                partition_by=[_SEGMENT],
                partition_filters=_filter(removed),
                post_commithook_properties=_no_hooks(),
            )
    version = 0 if base is None else base + 1
    sync_file(_commit_file(folder, version))
    sync_folder(folder / LOG)
    return version


def checkpoint(folder: Path, version: int) -> None:
    """Write the list of files whole, so that opening need not read every commit before it.

    Delta Lake gives checkpoints no checksum, and an altered one makes the library panic; a seal
    with its SHA-256 is put beside it, last.
    """
    from deltalake import DeltaTable

    with _library_errors(folder):
        DeltaTable(folder, version=version).create_checkpoint()
    path = _checkpoint_file(folder, version)
    sync_file(path)
    sync_file(folder / LOG / "_last_checkpoint")
    write_file(_seal(path), sha256_of(path).encode())


def roll_back(folder: Path, version: int | None, attic: Path) -> None:
    """Take away the commits after `version`, which no version of the store names.

    They are moved to the attic and not deleted, for the case that a version of the store has
    been lost by other means than a crash; vacuum empties it. Checkpoints that are not whole,
    which a power cut can leave, are deleted: the commits say the same.
    """
    if not (folder / LOG).is_dir():
        return
    last = -1 if version is None else version
    for number in _checkpoints(folder):
        path = _checkpoint_file(folder, number)
        if number > last or not _seal(path).exists():
            for part in (folder / LOG / "_last_checkpoint", _seal(path), path):
                part.unlink(missing_ok=True)
    for number in log_versions(folder):
        if number > last:
            make_folder(attic)
            name = f"{folder.name}-{number}-{time.time_ns()}.json"
            _commit_file(folder, number).replace(attic / name)
    sync_folder(folder / LOG)


def forget_before(folder: Path, version: int) -> None:
    """Delete the commits that only versions before this one need, which can then not be read."""
    if version not in _checkpoints(folder):
        checkpoint(folder, version)
    for number in log_versions(folder):
        if number < version:
            _commit_file(folder, number).unlink()
    for number in _checkpoints(folder):
        if number < version:
            _seal(_checkpoint_file(folder, number)).unlink(missing_ok=True)
            _checkpoint_file(folder, number).unlink()
    sync_folder(folder / LOG)


def log_versions(folder: Path) -> list[int]:
    """The versions whose commits are in the log, ascending."""
    return sorted(int(path.stem) for path in (folder / LOG).glob("*.json") if path.stem.isdecimal())


def _last_to_trust(folder: Path, version: int) -> int:
    """The last version, up to this one, for which the library reads no checkpoint without seal.

    While a checkpoint is being written, or after a power cut just then, it has none.
    """
    unsealed = [
        number
        for number in _checkpoints(folder)
        if number <= version and not _seal(_checkpoint_file(folder, number)).exists()
    ]
    return min(unsealed, default=version + 1) - 1


def _replayed(folder: Path, files: Iterable[DataFile], version: int, until: int) -> list[DataFile]:
    """The files of a later version, from those of an earlier one and the commits between."""
    known = {file.name: file for file in files}
    for number in range(version + 1, until + 1):
        path = _commit_file(folder, number)
        try:
            for line in _read_commit(path):
                _apply(line, known)
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedStoreError(path, "this commit of the table's log is altered") from error
    return sorted(known.values(), key=lambda file: file.segment)


def _apply(line: dict[str, Any], known: dict[str, DataFile]) -> None:
    if "remove" in line:
        known.pop(line["remove"]["path"], None)
    elif "add" in line:
        file = _as_data_file(line["add"])
        known[file.name] = file


def _listed(folder: Path, version: int) -> list[DataFile]:
    from deltalake import DeltaTable

    _check_log(folder, version)
    with _library_errors(folder):
        actions = pa.table(DeltaTable(folder, version=version).get_add_actions(flatten=True))
    files = [
        DataFile(
            name=action["path"],
            segment=action[f"partition.{_SEGMENT}"],
            rows=action["num_records"],
            size=action["size_bytes"],
            first_load=action.get("min.load"),
            last_load=action.get("max.load"),
        )
        for action in actions.to_pylist()
    ]
    return sorted(files, key=lambda file: file.segment)


def _as_data_file(action: dict[str, Any]) -> DataFile:
    stats = orjson.loads(action["stats"])
    return DataFile(
        name=action["path"],
        segment=int(action["partitionValues"][_SEGMENT]),
        rows=stats["numRecords"],
        size=action["size"],
        first_load=stats.get("minValues", {}).get("load"),
        last_load=stats.get("maxValues", {}).get("load"),
    )


def _check_log(folder: Path, version: int) -> None:
    """Look at what the library is going to read: the last checkpoint and the commits after it."""
    start = max((number for number in _checkpoints(folder) if number <= version), default=-1)
    if start >= 0 and not _is_intact(_checkpoint_file(folder, start)):
        raise DamagedStoreError(
            _checkpoint_file(folder, start),
            "this checkpoint of the log, or its .sha256, is not what was written",
        )
    for number in range(start + 1, version + 1):
        _read_commit(_commit_file(folder, number))


def _read_commit(path: Path) -> list[dict[str, Any]]:
    try:
        actions = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    except FileNotFoundError as error:
        raise DamagedStoreError(path, "this commit of the table's log is missing") from error
    except orjson.JSONDecodeError:
        actions = []
    if not actions or not all(isinstance(action, dict) for action in actions):
        raise DamagedStoreError(path, "this commit of the table's log is cut short or altered")
    return actions


def _checkpoints(folder: Path) -> list[int]:
    return [
        int(path.name.partition(".")[0]) for path in (folder / LOG).glob("*.checkpoint.parquet")
    ]


def _seal(checkpoint_file: Path) -> Path:
    return checkpoint_file.with_name(f"{checkpoint_file.name}.sha256")


def _is_intact(checkpoint_file: Path) -> bool:
    seal = _seal(checkpoint_file)
    return seal.exists() and seal.read_bytes() == sha256_of(checkpoint_file).encode()


@contextmanager
def _library_errors(folder: Path) -> Iterator[None]:
    """Turn what `deltalake` raises, panics included, into an error that names the log."""
    from deltalake.exceptions import DeltaError

    try:
        yield
    except (DeltaError, OSError, ValueError) as error:
        raise _log_error(folder, error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise _log_error(folder, error) from error


def _log_error(folder: Path, error: BaseException) -> BaseException:
    if isinstance(error, OSError) and error.errno is not None:
        return error
    reason = str(error).partition("\n")[0]
    if "os error 28" in reason:
        return OSError(28, "No space left on device", str(folder))
    if "os error 13" in reason:
        return PermissionError(13, "Permission denied", str(folder))
    return DamagedStoreError(folder / LOG, f"the log of the table cannot be read ({reason})")


def _add_action(file: DataFile) -> AddAction:
    from deltalake.transaction import AddAction

    loads = {"load": file.first_load}, {"load": file.last_load}
    stats = {"numRecords": file.rows, "nullCount": {}}
    if file.first_load is not None:
        stats |= {"minValues": loads[0], "maxValues": loads[1], "nullCount": {"load": 0}}
    return AddAction(
        path=file.name,
        size=file.size,
        partition_values={_SEGMENT: str(file.segment)},
        modification_time=time.time_ns() // 1_000_000,
        data_change=True,
        stats=json.dumps(stats),
    )


def _filter(removed: Sequence[DataFile]) -> list[tuple[str, str, list[str]]] | None:
    return [(_SEGMENT, "in", [str(file.segment) for file in removed])] if removed else None


def _configuration(table: StoredTable) -> dict[str, str | None]:
    if table.by_load:
        return {"delta.dataSkippingStatsColumns": "load"}
    return {"delta.dataSkippingNumIndexedCols": "0"}


def _no_hooks() -> PostCommitHookProperties:
    from deltalake.transaction import PostCommitHookProperties

    return PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)


def _commit_file(folder: Path, version: int) -> Path:
    return folder / LOG / f"{version:020d}.json"


def _checkpoint_file(folder: Path, version: int) -> Path:
    return folder / LOG / f"{version:020d}.checkpoint.parquet"
