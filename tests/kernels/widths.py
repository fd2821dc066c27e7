"""The types of codes that kernels are tried with.

Where bounds are checked, one: an index is in or out of range whatever the width of a code, and
each width of each kernel is compiled anew for these checks.
"""

from __future__ import annotations

import os

from journeygraph.kernels import tiny

__all__ = ["CODE_TYPES"]

CODE_TYPES = tiny.CODE_TYPES[:1] if os.environ.get("NUMBA_BOUNDSCHECK") == "1" else tiny.CODE_TYPES
