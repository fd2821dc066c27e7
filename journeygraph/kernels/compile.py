"""Compile every kernel into numba's cache, so that nobody waits for it when asking a question.

`python -m journeygraph.kernels.compile` finds every module of this package; each has a function
`warm()` that calls its kernels on tiny arrays of the types they meet (see `tiny`). Nobody needs
to run it: a kernel that was not compiled yet is compiled when it is first called, and that is
said then.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from types import ModuleType

from journeygraph import kernels

__all__ = ["compile_module", "kernel_module", "kernel_modules", "main"]

_PYTHON_RUNS_KERNELS = os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}
_WITHOUT_KERNELS = {"compile", "tiny"}


def kernel_modules() -> list[str]:
    """Names of every module with kernels."""
    found = (module.name for module in pkgutil.iter_modules(kernels.__path__))
    return [name for name in found if name not in _WITHOUT_KERNELS]


def kernel_module(name: str) -> ModuleType:
    """A module with kernels."""
    return importlib.import_module(f"{kernels.__name__}.{name}")


def compile_module(name: str) -> float:
    """Compile the kernels of a module; give the seconds that it took."""
    began = time.perf_counter()
    kernels.FIRST_NEED.is_told = True
    module = kernel_module(name)
    if not _PYTHON_RUNS_KERNELS:
        module.warm()
    return time.perf_counter() - began


def _n_processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def main() -> int:
    """Compile on all processors, with a line of progress for each module, and the total time."""
    write = sys.stderr.write
    write("Compiling the kernels (once; optional, they compile when first used)\n")
    began = time.perf_counter()
    names = kernel_modules()
    with ProcessPoolExecutor(_n_processors(), mp_context=get_context("spawn")) as pool:
        for name, seconds in zip(names, pool.map(compile_module, names), strict=True):
            write(f"  {name:<16} {seconds:6.1f} s\n")
    write(f"Compiled in {time.perf_counter() - began:.1f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
