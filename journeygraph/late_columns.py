"""Columns of a graph that are put together when somebody first looks at them.

A graph that was made from an earlier one and a few new rows holds both, and how they go together.
To put a column together is a copy of all of it; who opens a graph to bring what was counted up to
date looks at the rows of some customers only, and those are taken from the two parts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from journeygraph.graph import IntArray, JourneyGraph

__all__ = ["LateColumn", "LateRows", "MadeOnce", "let_columns_be_late"]

Int64Array = npt.NDArray[np.int64]


class LateRows(Protocol):
    """Rows of a graph in parts."""

    def whole(self, name: str) -> npt.NDArray[Any]:
        """A column of all rows."""
        ...

    def of_customers(self, customers: Int64Array) -> LateRows:
        """The rows of some customers alone, given by ascending index."""
        ...


class MadeOnce:
    """Arrays by name, each made when it is first asked for; threads may ask at once.

    Parameters
    ----------
    make
        Makes an array.
    """

    def __init__(self, make: Callable[[str], npt.NDArray[Any]]) -> None:
        self._make = make
        self._made: dict[str, npt.NDArray[Any]] = {}
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        with self._lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            if name not in self._made:
                self._made[name] = self._make(name)
            return self._made[name]


@dataclass(frozen=True, eq=False, slots=True)
class LateColumn:
    """A column that is there when it is asked for; its codes have been checked."""

    rows: LateRows
    name: str
    n_rows: int

    def __len__(self) -> int:
        return self.n_rows


def let_columns_be_late(kind: type[JourneyGraph], names: Sequence[str]) -> None:
    """Have fields of a graph take a `LateColumn` for an array, and always give an array."""
    for name in names:
        setattr(kind, name, _Field(name))


class _Field:
    """A read-only array, made of a late column at the first look.

    Threads may look at once: each of them gets the same array from the rows.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, graph: JourneyGraph, _kind: type | None = None) -> IntArray:
        given = graph.__dict__[self._name]
        if isinstance(given, LateColumn):
            given = graph.__dict__[self._name] = _read_only(given.rows.whole(given.name))
        array: IntArray = given
        return array

    def __set__(self, graph: JourneyGraph, given: IntArray | LateColumn) -> None:
        is_late = isinstance(given, LateColumn)
        graph.__dict__[self._name] = given if is_late else _read_only(np.asarray(given))


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view
