"""Writing the last rows while the next are checked: one thread, at most two batches behind.

Compressing and flushing takes a third of a load's time and holds no lock of the interpreter. Most
batches are only put aside, until they make a group of rows; with one batch less, whoever checks
would wait for the one that is written, and then be waited for.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Protocol

import pyarrow as pa

__all__ = ["Sink", "WriteBehind"]

_MOST_BEHIND = 2


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
        self._pending: deque[Future[None]] = deque()

    def append(self, table: str, rows: pa.Table, load: int | None = None) -> None:
        """Stage rows; an error of rows before them is raised here, or by what comes next."""
        self._wait(_MOST_BEHIND - 1)
        if self._sink is not None:
            self._pending.append(self._pool.submit(self._sink.append, table, rows, load))

    def flush(self) -> None:
        """Wait for what was given; raise its error."""
        self._wait(0)

    def _wait(self, at_most: int) -> None:
        """Wait until at most so many are to be written."""
        while len(self._pending) > at_most:
            self._pending.popleft().result()

    def __enter__(self) -> WriteBehind:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
