"""How many threads, and running on them: kernels release the interpreter's lock.

One place decides, so that a server can be held to part of a machine (JOURNEYGRAPH_THREADS).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InvalidOptionError

__all__ = ["evenly", "goals", "how_many", "n_threads", "on_threads"]

_LEAST_SIZE = 1 << 16  # below this a thread costs more than it saves

_Part = TypeVar("_Part")
_Result = TypeVar("_Result")


def n_threads() -> int:
    """Threads to use: JOURNEYGRAPH_THREADS, else the processors that this process may run on.

    Raises
    ------
    InvalidOptionError
        Where JOURNEYGRAPH_THREADS is not a whole number above 0.
    """
    given = os.environ.get("JOURNEYGRAPH_THREADS", "").strip()
    if given:
        if not given.isdecimal() or int(given) < 1:
            raise InvalidOptionError("JOURNEYGRAPH_THREADS", given, "a whole number above 0")
        return int(given)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def on_threads(work: Callable[[_Part], _Result], parts: Sequence[_Part]) -> list[_Result]:
    """What `work` gives for each part, in their order; the first error of a part is raised."""
    if len(parts) < 2 or n_threads() < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(min(len(parts), n_threads())) as pool:
        return list(pool.map(work, parts))


def evenly(sizes: npt.NDArray[np.int64], at_most: int | None = None) -> list[slice]:
    """Cut a list of things into ranges of about equal size together, none of them empty.

    Parameters
    ----------
    sizes
        Of each thing.
    at_most
        How many ranges; by default one for each thread, and fewer where there is little to do.
    """
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    inner = np.searchsorted(ends, goals(total, how_many(total, at_most)), side="right")
    cuts = [0, *inner.tolist(), len(sizes)]
    return [slice(first, last) for first, last in pairwise(cuts) if first < last]


def how_many(total: int, at_most: int | None = None) -> int:
    """How many parts to cut so much into: `at_most`, else as many as there are threads.

    By default it is fewer where there is little to do.
    """
    return min(n_threads(), total // _LEAST_SIZE + 1) if at_most is None else at_most


def goals(total: int, n_parts: int) -> npt.NDArray[np.int64]:
    """Where to cut so much between equal parts."""
    return total * np.arange(1, n_parts, dtype=np.int64) // n_parts
