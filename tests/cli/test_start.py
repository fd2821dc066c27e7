"""What a command brings into memory, and what it leaves out."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def _modules_after(script: str) -> set[str]:
    script += "\nimport sys; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )  # fmt: skip
    return set(done.stdout.split("\n"))


def test_help_brings_nothing_heavy_in() -> None:
    script = (
        "import sys; sys.argv = ['journeygraph', '--help']\n"
        "from api.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass"
    )
    heavy = {
        "deltalake", "graphene", "lifelines", "networkx", "numba", "numpy", "pandas", "polars",
        "pyarrow", "scipy", "starlette", "statsmodels", "uvicorn",
    }  # fmt: skip
    assert not heavy & _modules_after(script)


def test_a_kernel_does_without_scipy_and_scipy_is_there_afterwards() -> None:
    if os.environ.get("NUMBA_DISABLE_JIT") == "1":
        pytest.skip("Python itself runs the kernels")
    script = (
        "from journeygraph.lean_numba import leave_blas_out\n"
        "leave_blas_out()\n"
        "import sys\n"
        "import numpy as np\n"
        "from journeygraph.kernels.contingency import compare_groups\n"
        "compare_groups(*np.ones((2, 1), np.int64), 2, 1)\n"
        "assert 'numba.np.arraymath' in sys.modules\n"
        "assert 'scipy.linalg' not in sys.modules\n"
        "import scipy.linalg\n"
        "assert scipy.linalg.det(np.eye(2)) == 1"
    )
    assert "scipy.linalg" in _modules_after(script)
