"""How many threads each peer may use: the same for all, two unless BENCH_THREADS says otherwise.

Set in the environment before a peer is imported, since many read it then; DuckDB and chdb are told
in their own modules.
"""

from __future__ import annotations

import os

__all__ = ["N_THREADS", "environment"]

N_THREADS = int(os.environ.get("BENCH_THREADS", "2"))

_NAMES = (
    "JOURNEYGRAPH_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
)


def environment() -> dict[str, str]:
    """What the process of a peer finds in its environment."""
    threads = dict.fromkeys(_NAMES, str(N_THREADS))
    return {**os.environ, **threads, "RETENTIONEERING_NO_TRACK": "1", "DO_NOT_TRACK": "1"}
