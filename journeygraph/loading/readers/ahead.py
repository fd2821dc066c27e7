"""Reading the next batch while the last one is checked and written: one thread, one batch ahead."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["read_ahead"]

_T = TypeVar("_T")
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class _Item(Generic[_T]):
    value: _T


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None


def read_ahead(items: Iterator[_T]) -> Iterator[_T]:
    """The same items, made by another thread; an error there is raised here, in its turn."""
    ready: queue.Queue[_Item[_T] | _End] = queue.Queue(maxsize=1)
    is_stopped = threading.Event()

    def give(item: _Item[_T] | _End) -> None:
        while not is_stopped.is_set():
            try:
                ready.put(item, timeout=_POLL_SECONDS)
            except queue.Full:
                continue
            return

    def work() -> None:
        error: BaseException | None = None
        try:
            for item in items:
                give(_Item(item))
                if is_stopped.is_set():
                    break
        except BaseException as raised:  # noqa: BLE001 - handed over, raised by the reader of it
            error = raised
        give(_End(error))

    thread = threading.Thread(target=work, name="read-ahead", daemon=True)
    thread.start()
    try:
        while isinstance(found := ready.get(), _Item):
            yield found.value
        if found.error is not None:
            raise found.error
    finally:
        is_stopped.set()
        thread.join()
