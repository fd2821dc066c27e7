"""Small arrays of the types that kernels meet, so that `warm` compiles what will be called.

numba compiles a kernel anew for every combination of types, and an array that cannot be written
to is another type than one that can. The arrays of a graph and of journeys are read-only.
"""

from __future__ import annotations

import numpy as np

__all__ = ["CODE_TYPES", "USUAL_CODE_TYPES", "read_only"]

CODE_TYPES = (np.uint8, np.uint16, np.uint32)
"""What codes of items, touchpoints and channels are stored in."""

USUAL_CODE_TYPES = CODE_TYPES[:2]
"""Compiled ahead; for more than 65,536 names a kernel is compiled when it is first called."""


def read_only(values, dtype=np.int64):
    """A read-only array, as the columns of a graph and the arrays of journeys are."""
    array = np.array(values, dtype)
    array.flags.writeable = False
    return array
