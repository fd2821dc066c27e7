"""Writing the last rows while the next are checked: one thread, at most one batch behind.

Compressing and flushing takes a quarter of a load's time and holds no lock of the interpreter.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Protocol

import pyarrow as pa

__all__ = ["Sink", "WriteBehind"]


class Sink(Protocol):
    """Where rows go."""

    def append(self, table: str, rows: pa.Table, load: int | None = None) -> None:
        """Stage rows."""
        ...


class WriteBehind:
    """A sink that hands rows to another one in a thread of its own, in their order.

    Nobody else may use the other sink between `append` and `flush`.

    Parameters
    ----------
    sink
        Where the rows go; None where they go nowhere.
    """

    def __init__(self, sink: Sink | None) -> None:
        self._sink = sink
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="write-behind")
        self._pending: Future[None] | None = None

    def append(self, table: str, rows: pa.Table, load: int | None = None) -> None:
        """Stage rows; an error of the rows before them is raised here."""
        self.flush()
        if self._sink is not None:
            self._pending = self._pool.submit(self._sink.append, table, rows, load)

    def flush(self) -> None:
        """Wait for what was given; raise its error."""
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.result()

    def __enter__(self) -> WriteBehind:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
