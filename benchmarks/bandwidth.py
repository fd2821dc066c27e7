"""How fast memory is here and now, and hence how fast anything could be.

A workload that must read so many bytes cannot take less than those at the speed of a plain pass
over memory. Measured in the run whose figures it judges, as a machine that others share is not
always as fast.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.threads import N_THREADS

__all__ = ["Array", "measure_bandwidth"]

Array = npt.NDArray[np.float64]

_N_NUMBERS = 20_000_000  # 160 MB, far beyond any cache
_ROUNDS = 12


def measure_bandwidth(n_numbers: int = _N_NUMBERS, rounds: int = _ROUNDS) -> dict[str, float]:
    """Gigabytes a second: read, and read and written by a copy, on one thread and on all.

    Returns
    -------
    dict
        `read_1`, `copy_1`, and `read_2`, `copy_2` and so on where two threads are allowed.
    """
    source, target = np.ones(n_numbers), np.ones(n_numbers)
    found = {}
    for n_threads in sorted({1, N_THREADS}):
        bounds = np.linspace(0, n_numbers, n_threads + 1).astype(int)
        parts = [
            slice(int(start), int(end))
            for start, end in zip(bounds[:-1], bounds[1:], strict=True)
        ]  # fmt: skip
        with ThreadPoolExecutor(n_threads) as pool:
            read = _fastest(pool, lambda part: source[part].sum(), parts, rounds)
            copied = _fastest(
                pool, lambda part: np.copyto(target[part], source[part]), parts, rounds
            )
        found[f"read_{n_threads}"] = source.nbytes / read / 1e9
        found[f"copy_{n_threads}"] = 2 * source.nbytes / copied / 1e9
    return found


def _fastest(
    pool: ThreadPoolExecutor, work: Callable[[slice], Any], parts: list[slice], rounds: int
) -> float:
    fastest = float("inf")
    for _ in range(rounds):
        begin = time.perf_counter()
        list(pool.map(work, parts))
        fastest = min(fastest, time.perf_counter() - begin)
    return fastest
