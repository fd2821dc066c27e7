"""How many threads, and running on them: kernels release the interpreter's lock.

One place decides, so that a server can be held to part of a machine (JOURNEYGRAPH_THREADS).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from journeygraph.errors import InvalidOptionError

__all__ = ["n_threads", "on_threads"]

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
