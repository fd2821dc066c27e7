"""Threads that answer queries: so many at once, so many waiting, and no longer than allowed.

A thread cannot be stopped from outside. Where nobody waits for an answer any more, because time
is up or the caller has gone, the work is told so and stops before its next question; its thread
counts as busy until then, so that the machine is never asked for more than it was set to give.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from api.settings import ServerSettings

__all__ = [
    "THREAD_NAMES",
    "BusyError",
    "CallerGoneError",
    "ClosingError",
    "TimeUpError",
    "Work",
    "Workers",
]

THREAD_NAMES = "journeygraph-work"
"""With which the names of all its threads begin."""

_Result = TypeVar("_Result")
_PATIENCE_SECONDS = 0.5  # so long nobody looks whether the caller is still there


class BusyError(Exception):
    """All threads are busy and the waiting room is full."""


class TimeUpError(Exception):
    """There was no answer in time."""


class ClosingError(Exception):
    """There will be no answer, because the program ends."""


class CallerGoneError(Exception):
    """Whoever asked has left."""


class Work(Generic[_Result]):
    """Something to do, and what tells it that nobody waits any more."""

    def __init__(self, do: Callable[[], _Result], abandon: Callable[[], None]) -> None:
        self.do = do
        self.abandon = abandon


class Workers:
    """A pool of threads.

    Parameters
    ----------
    at_once, waiting
        How many pieces of work there may be in all: done at the same time, and waiting.
    seconds
        How long one may take, its waiting included.
    """

    def __init__(self, at_once: int, waiting: int, seconds: float) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix=THREAD_NAMES)
        self._room = at_once + waiting
        self._seconds = seconds
        self._under_way: set[Work[Any]] = set()
        self._closing = asyncio.Event()

    @classmethod
    def of(cls, settings: ServerSettings) -> Workers:
        """As many as the settings say."""
        return cls(settings.at_once, settings.waiting, settings.seconds)

    def start(self, do: Callable[[], None]) -> None:
        """Do something for which nobody waits; its error is raised nowhere."""
        self._threads.submit(do)

    async def run(self, work: Work[_Result], gone: Callable[[], Awaitable[None]]) -> _Result:
        """Do a piece of work.

        Parameters
        ----------
        gone
            Ends when the caller has left.

        Raises
        ------
        BusyError, TimeUpError, CallerGoneError, ClosingError
        """
        if len(self._under_way) >= self._room:
            raise BusyError
        self._under_way.add(work)
        started = self._threads.submit(work.do)
        result = asyncio.wrap_future(started)
        result.add_done_callback(lambda done: self._finish(work, done))
        try:
            await self._wait(result, gone)
        except BaseException:
            work.abandon()
            started.cancel()
            raise
        return result.result()

    async def _wait(self, result: asyncio.Future[Any], gone: Callable[[], Awaitable[None]]) -> None:
        patience = min(_PATIENCE_SECONDS, self._seconds)
        await asyncio.wait({result}, timeout=patience)
        if result.done():
            return
        leaving = asyncio.ensure_future(gone())
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            await asyncio.wait(
                {result, leaving, closing},
                timeout=self._seconds - patience,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            leaving.cancel()
            closing.cancel()
        if not result.done():
            raise _why(leaving, closing)

    def _finish(self, work: Work[Any], done: asyncio.Future[Any]) -> None:
        self._under_way.discard(work)
        if not done.cancelled():
            done.exception()  # looked at: asyncio logs what nobody has

    def close(self) -> None:
        """Take nothing more on, end all waiting, and tell the work that nobody waits."""
        self._closing.set()
        self._threads.shutdown(wait=False, cancel_futures=True)
        for work in list(self._under_way):
            work.abandon()


def _why(leaving: asyncio.Future[None], closing: asyncio.Future[Any]) -> Exception:
    if closing.done():
        return ClosingError()
    return CallerGoneError() if leaving.done() else TimeUpError()
