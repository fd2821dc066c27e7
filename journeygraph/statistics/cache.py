"""Values that were costly to make, kept within a bound of memory.

Nothing is known of a value here but its key and its size; that a key says all that the value
depends on is the care of whoever asks (`remembering`). What was used least recently goes first.
What many ask for at once is made once; what fails is not kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

from journeygraph.errors import InvalidOptionError

__all__ = ["CacheUse", "RecentValues", "Sized"]


class Sized(Protocol):
    """What can be kept: it says how many bytes it holds, and nobody can change it."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory that go when it goes."""
        ...


_Value = TypeVar("_Value", bound=Sized)

_PER_ENTRY = 1 << 10
"""What an entry takes beside its value, in bytes, and some more."""


@dataclass(frozen=True, slots=True)
class CacheUse:
    """What a cache was good for so far.

    Attributes
    ----------
    hits, misses
        How often a value was there, or being made, when it was asked for, and how often not.
    refreshed
        Of the misses, those that were made from an older version's value.
    evicted
        Values that had to go, or were too large to be kept at all.
    entries, bytes
        What is held now.
    """

    hits: int = 0
    misses: int = 0
    refreshed: int = 0
    evicted: int = 0
    entries: int = 0
    bytes: int = 0


class RecentValues:
    """The most recently used values, up to a number of bytes; safe to use from many threads.

    Parameters
    ----------
    at_most_bytes
        How much may be held; with 0 nothing is.
    """

    def __init__(self, at_most_bytes: int) -> None:
        if isinstance(at_most_bytes, bool) or at_most_bytes < 0:
            expected = "a number of bytes, 0 or more"
            raise InvalidOptionError("at_most_bytes", at_most_bytes, expected)
        self.at_most_bytes = at_most_bytes
        self._kept: OrderedDict[Hashable, tuple[Future[Any], int]] = OrderedDict()
        self._lock = threading.Lock()
        self._hits = self._misses = self._refreshed = self._evicted = self._bytes = 0

    @property
    def use(self) -> CacheUse:
        """How it is used, at this moment."""
        with self._lock:
            return CacheUse(
                self._hits, self._misses, self._refreshed, self._evicted, len(self._kept),
                self._bytes,
            )  # fmt: skip

    def get(self, key: Hashable, make: Callable[[], _Value]) -> _Value:
        """The value of a key, made if it is not there; made once for all who ask meanwhile.

        An error of `make` is told to all who wait, and not kept; but what is no `Exception`, such
        as an interruption, concerns only whoever made it, and the next one makes it again.
        """
        while True:
            mine: Future[_Value] = Future()
            with self._lock:
                there = self._kept.get(key)
                if there is None:
                    self._misses += 1
                    self._kept[key] = mine, 0
                else:
                    self._hits += 1
                    self._kept.move_to_end(key)
            if there is None:
                return self._made(key, mine, make)
            if isinstance(there[0].exception(), Exception | None):
                return cast(_Value, there[0].result())

    def put(self, key: Hashable, value: Sized) -> None:
        """Keep a value that was made already, unless there is one."""
        mine: Future[Any] = Future()
        mine.set_result(value)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = mine, 0
                self._keep(key, mine, value.nbytes + _PER_ENTRY)

    def known(self, key: Hashable) -> Any | None:
        """The value of a key if it is there, without waiting for one that is being made."""
        with self._lock:
            there = self._kept.get(key)
        if there is None or not there[0].done() or there[0].exception() is not None:
            return None
        return there[0].result()

    def count_refreshed(self) -> None:
        """Note that a value was made from that of an older version."""
        with self._lock:
            self._refreshed += 1

    def clear(self) -> None:
        """Forget all values; what is being made is still told to those who wait for it."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def _made(self, key: Hashable, mine: Future[_Value], make: Callable[[], _Value]) -> _Value:
        try:
            value = make()
            size = value.nbytes + _PER_ENTRY
        except BaseException as error:
            with self._lock:
                self._drop(key, mine)
            mine.set_exception(error)
            raise
        with self._lock:
            self._keep(key, mine, size)
        mine.set_result(value)
        return value

    def _keep(self, key: Hashable, mine: Future[_Value], size: int) -> None:
        if size > self.at_most_bytes:
            self._evicted += self._drop(key, mine)
            return
        there = self._kept.get(key)
        if there is None or there[0] is not mine:  # cleared meanwhile
            return
        self._kept[key] = mine, size
        self._kept.move_to_end(key)
        self._bytes += size
        made = [old for old, (_, held) in self._kept.items() if held] if self._is_full else []
        for old in made:
            if not self._is_full:
                break
            self._bytes -= self._kept.pop(old)[1]
            self._evicted += 1

    @property
    def _is_full(self) -> bool:
        return self._bytes > self.at_most_bytes

    def _drop(self, key: Hashable, mine: Future[_Value]) -> bool:
        there = self._kept.get(key)
        if there is None or there[0] is not mine:
            return False
        del self._kept[key]
        return True
