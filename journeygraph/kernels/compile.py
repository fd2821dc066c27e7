"""Compile every kernel into numba's cache, so that nobody waits for it when asking a question.

`python -m journeygraph.kernels.compile` finds every module of this package; each has a function
`warm()` that calls its kernels on tiny arrays of the types they meet (see `tiny`). Nobody needs
to run it: a kernel that was not compiled yet is compiled when it is first called.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import time
from collections.abc import Iterator
from types import ModuleType

from journeygraph import kernels

__all__ = ["compile_all", "kernel_modules", "main"]

_PYTHON_RUNS_KERNELS = os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}
_WITHOUT_KERNELS = {"compile", "tiny"}


def kernel_modules() -> Iterator[ModuleType]:
    """Every module with kernels, by name."""
    for module in pkgutil.iter_modules(kernels.__path__):
        if module.name not in _WITHOUT_KERNELS:
            yield importlib.import_module(f"{kernels.__name__}.{module.name}")


def compile_all() -> Iterator[tuple[str, float]]:
    """Compile module by module; give the name and the seconds of each when it is done."""
    for module in kernel_modules():
        began = time.perf_counter()
        if not _PYTHON_RUNS_KERNELS:
            module.warm()
        yield module.__name__.rpartition(".")[2], time.perf_counter() - began


def main() -> int:
    """Compile with a line of progress for each module, and the total time."""
    write = sys.stderr.write
    write("Compiling the kernels (once; optional, they compile when first used)\n")
    total = 0.0
    for name, seconds in compile_all():
        total += seconds
        write(f"  {name:<16} {seconds:6.1f} s\n")
    write(f"Compiled in {total:.1f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
