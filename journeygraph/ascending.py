"""Numbers that ascend, each taken once."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["each_once"]

_Number = TypeVar("_Number", bound=np.integer[Any])


def each_once(ascending: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    """The numbers, each once; `numpy.unique` takes many times as long, as it sorts or hashes."""
    is_first = np.ones(len(ascending), np.bool_)
    np.not_equal(ascending[1:], ascending[:-1], out=is_first[1:])
    return ascending[is_first]
