"""numba without scipy, in a process that is all ours.

With the first kernel numba looks for a library of linear algebra, and for that imports
`scipy.linalg`: 0.2 seconds for every command. It wants it for `np.cov` and `np.corrcoef` in
compiled code, which no kernel has. So while numba asks, there is none; whoever else wants scipy,
then or later, finds it.

Only for our own commands: who imports this package as a library may compile what they like.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import FrameType, ModuleType

__all__ = ["leave_blas_out"]

_ASKS = "numba.np.arraymath"
_IS_ASKED_FOR = "scipy.linalg"


class _NoBlas(MetaPathFinder):
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - as the import system has it
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> None:
        if fullname == _IS_ASKED_FOR and _is_numba_asking():
            raise ModuleNotFoundError("scipy.linalg is left out here", name=fullname)


def _is_numba_asking() -> bool:
    """Whether numba's module stands in this thread's calls: another thread may want scipy."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_globals.get("__name__") != _ASKS:
        frame = frame.f_back
    return frame is not None


def leave_blas_out() -> None:
    """Let numba go without scipy; to be called before the first kernel."""
    if _ASKS not in sys.modules:
        sys.meta_path.insert(0, _NoBlas())
