"""What a long piece of work has finished so far, kept so that the next one need not do it again.

Each finished part is kept under a key that says all that it depends on, so that whoever finds it
may use it, whatever happened in between. It is no version of the store: nobody reads it but the
next piece of work of the same kind, and it may be deleted at any time. Only one process works
here at once: the lock is the operating system's, which takes it back when its holder dies.
"""

from __future__ import annotations

import hashlib
import logging
import time
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyarrow as pa

from journeygraph.durations import Duration, parse_duration
from journeygraph.lake.durable import make_folder, write_file
from journeygraph.lake.errors import StoreBusyError, WorkBusyError, reporting_access
from journeygraph.lake.lock import exclusive_lock
from journeygraph.lake.store import Store

__all__ = ["WorkArea", "work_area"]

_ENDING = ".parts"
_COLUMNS = pa.schema([pa.field("key", pa.string()), pa.field("rows", pa.large_binary())])
_DIGEST_BYTES = 64
_LEFT_SECONDS = 7 * 86_400
_log = logging.getLogger(__name__)


class WorkArea:
    """Finished parts in a folder; made by `work_area`, which holds the lock."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self._places: dict[str, tuple[Path, int]] = {}
        self._last: tuple[Path, pa.Table] | None = None
        for path in folder.glob(f".*{_ENDING}.*"):  # a writer was killed over it
            path.unlink(missing_ok=True)
        for path in sorted(folder.glob(f"*{_ENDING}")):
            self._note(path, _read(path))

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def __getitem__(self, key: str) -> pa.Table:
        path, place = self._places[key]
        if self._last is None or self._last[0] != path:
            self._last = path, _read(path)
        return _unpacked(self._last[1]["rows"][place].as_py())

    def keep(self, parts: Mapping[str, pa.Table]) -> None:
        """Write finished parts, which are on the disk when it returns, all of them or none."""
        if not parts:
            return
        packed = pa.table([list(parts), [_packed(rows) for rows in parts.values()]], _COLUMNS)
        content = _packed(packed)
        path = self._folder / f"{uuid.uuid4().hex}{_ENDING}"
        with reporting_access(self._store.path, "written"):
            write_file(path, hashlib.sha256(content).hexdigest().encode() + content)
        self._note(path, packed)

    def forget(self, keys: Collection[str]) -> None:
        """Forget parts that are in a version of the store now, and what nobody has taken for long.

        What an interrupted piece of other work has finished stays.
        """
        needed = {path for key, (path, _place) in self._places.items() if key not in keys}
        with reporting_access(self._store.path, "written"):
            for path in self._folder.glob(f"*{_ENDING}"):
                if path not in needed or path.stat().st_mtime < time.time() - _LEFT_SECONDS:
                    path.unlink(missing_ok=True)
        self._last = None
        self._places = {key: place for key, place in self._places.items() if place[0].exists()}

    def _note(self, path: Path, packed: pa.Table) -> None:
        self._places.update((key, (path, n)) for n, key in enumerate(packed["key"].to_pylist()))


@contextmanager
def work_area(store: Store, kind: str, wait: Duration) -> Iterator[WorkArea]:
    """The area of one kind of work, for whoever has it alone.

    Raises
    ------
    WorkBusyError
        Where another process has it, after waiting.
    StoreAccessError, StoreFullError
        Where the store cannot be written to.
    """
    wait_us = parse_duration(wait, "wait")
    folder = store.path / "work" / kind
    with ExitStack() as stack:
        with reporting_access(store.path, "written"):
            make_folder(folder)
            try:
                stack.enter_context(exclusive_lock(folder / "lock", wait_us))
            except StoreBusyError as busy:
                raise WorkBusyError(store.path, kind, busy.holder, busy.waited_seconds) from None
            area = WorkArea(store, folder)
        yield area


def _packed(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return sink.getvalue().to_pybytes()


def _unpacked(content: bytes) -> pa.Table:
    with pa.ipc.open_stream(content) as reader:
        return reader.read_all()


def _read(path: Path) -> pa.Table:
    """What a file holds; nothing where it is not what was written."""
    content = path.read_bytes()
    digest, packed = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    if digest != hashlib.sha256(packed).hexdigest().encode():
        _log.warning("%s is damaged; its parts are done again", path)
        return _COLUMNS.empty_table()
    return _unpacked(packed)
