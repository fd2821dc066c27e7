"""Delta Lake commits that survive a crash.

They are made by `deltalake`, which flushes nothing and checks nothing; what it leaves out is
done here. Nobody else writes meanwhile: the caller holds the lock of the store.

Delta Lake can replace files only by partition. Every file is therefore a partition of its own,
`segment`, which at the same time says in which order files are read. The number of the load
would be the nearer choice, but then a thousand small loads would remain a thousand files.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from journeygraph.lake.durable import make_folder, sync_file, sync_folder, write_file
from journeygraph.lake.errors import DamagedStoreError
from journeygraph.lake.log import (
    LOG,
    SEGMENT,
    checkpoint_file,
    checkpoint_versions,
    commit_file,
    commit_versions,
    seal_file,
    sealed_versions,
)
from journeygraph.lake.parquet import DataFile, sha256_of
from journeygraph.lake.tables import StoredTable

if TYPE_CHECKING:
    from deltalake.transaction import AddAction, PostCommitHookProperties

__all__ = ["checkpoint", "columns_of", "commit", "forget_before", "roll_back", "unflushed_by"]

_OS_ERROR = re.compile(r"os error (\d+)")


def commit(
    folder: Path,
    table: StoredTable,
    base: int | None,
    added: Sequence[DataFile],
    removed: Sequence[DataFile],
) -> int:
    """Add and remove data files in one commit; the new Delta version.

    It is durable once `unflushed_by` has been flushed.

    Parameters
    ----------
    folder
        The folder of the table.
    table
        Its columns.
    base
        The last Delta version of the table; None: there is no table yet.
    added
        Files that are there.
    removed
        Files of the base.
    """
    from deltalake import DeltaTable, Schema
    from deltalake.transaction import create_table_with_add_actions

    columns = [pa.field(SEGMENT, pa.int64(), nullable=False), *table.arrow_schema]
    schema = Schema.from_arrow(pa.schema(columns))
    actions = [_add_action(file) for file in added]
    (folder / LOG).mkdir(parents=True, exist_ok=True)
    with _library_errors(folder):
        if base is None:
            create_table_with_add_actions(
                str(folder),
                schema,
                actions,
                partition_by=[SEGMENT],
                configuration=_configuration(table),
                post_commithook_properties=_no_hooks(),
            )
        else:
            DeltaTable(folder, version=base).create_write_transaction(
                actions,
                "overwrite" if removed else "append",
                schema,
                partition_by=[SEGMENT],
                partition_filters=_segments_of(removed),
                post_commithook_properties=_no_hooks(),
            )
    return 0 if base is None else base + 1


def columns_of(folder: Path, version: int) -> pa.Schema:
    """The columns of a table as its log has them; `DamagedStoreError` where it cannot be read."""
    from deltalake import DeltaTable

    with _library_errors(folder):
        columns = pa.schema(DeltaTable(folder, version=version).schema().to_arrow())
    return pa.schema([field for field in columns if field.name != SEGMENT])


def unflushed_by(folder: Path, version: int, added: Sequence[DataFile]) -> list[Path]:
    """What a commit has written and nobody has flushed: its file, data files, folders' names."""
    files = [folder / file.name for file in added]
    return [*files, commit_file(folder, version), folder / LOG, folder, folder.parent]


def checkpoint(folder: Path, version: int) -> None:
    """Write the list of files whole and seal it; commits before it need not be read any more."""
    from deltalake import DeltaTable

    with _library_errors(folder):
        DeltaTable(folder, version=version).create_checkpoint()
    path = checkpoint_file(folder, version)
    sync_file(path)
    sync_file(folder / LOG / "_last_checkpoint")
    write_file(seal_file(folder, version), sha256_of(path).encode())


def roll_back(folder: Path, version: int | None, attic: Path) -> None:
    """Take away the commits after `version`, which no version of the store names.

    They are moved to the attic and not deleted, for the case that a version of the store has
    been lost by other means than a crash; vacuum empties it. Checkpoints without a seal are
    deleted: the commits say the same.
    """
    if not (folder / LOG).is_dir():
        return
    last = -1 if version is None else version
    sealed = set(sealed_versions(folder))
    for number in checkpoint_versions(folder):
        if number > last or number not in sealed:
            (folder / LOG / "_last_checkpoint").unlink(missing_ok=True)
            _delete_checkpoint(folder, number)
    for number in commit_versions(folder):
        if number > last:
            make_folder(attic)
            name = f"{folder.name}-{number}-{time.time_ns()}.json"
            commit_file(folder, number).replace(attic / name)
    sync_folder(folder / LOG)


def forget_before(folder: Path, version: int) -> None:
    """Delete the commits that only versions before this one need, which can then not be read."""
    if version not in checkpoint_versions(folder):
        checkpoint(folder, version)
    for number in commit_versions(folder):
        if number < version:
            commit_file(folder, number).unlink()
    for number in checkpoint_versions(folder):
        if number < version:
            _delete_checkpoint(folder, number)
    sync_folder(folder / LOG)


def _delete_checkpoint(folder: Path, version: int) -> None:
    seal_file(folder, version).unlink(missing_ok=True)
    checkpoint_file(folder, version).unlink()


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
    """What the operating system refused is an OSError, all else is damage."""
    if isinstance(error, OSError) and error.errno is not None:
        return error
    reason = str(error).partition("\n")[0]
    if number := _OS_ERROR.search(str(error)):
        return OSError(int(number[1]), reason, str(folder))
    return DamagedStoreError(folder / LOG, f"the log of the table cannot be read ({reason})")


def _add_action(file: DataFile) -> AddAction:
    from deltalake.transaction import AddAction

    stats: dict[str, Any] = {"numRecords": file.rows, "nullCount": {}}
    if file.first_load is not None:
        stats["minValues"] = {"load": file.first_load}
        stats["maxValues"] = {"load": file.last_load}
        stats["nullCount"] = {"load": 0}
    return AddAction(
        path=file.name,
        size=file.size,
        partition_values={SEGMENT: str(file.segment)},
        modification_time=time.time_ns() // 1_000_000,
        data_change=True,
        stats=json.dumps(stats),
    )


def _segments_of(files: Sequence[DataFile]) -> list[tuple[str, str, list[str]]] | None:
    return [(SEGMENT, "in", [str(file.segment) for file in files])] if files else None


def _configuration(table: StoredTable) -> dict[str, str | None]:
    """Statistics of the number of the load and of nothing else: none of a text."""
    if table.by_load:
        return {"delta.dataSkippingStatsColumns": "load"}
    return {"delta.dataSkippingNumIndexedCols": "0"}


def _no_hooks() -> PostCommitHookProperties:
    from deltalake.transaction import PostCommitHookProperties

    return PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
