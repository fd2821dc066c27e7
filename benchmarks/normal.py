"""Results in one form, so that peers are compared for equality before they are timed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.workloads import N_LOOK_UPS, TOP

__all__ = ["Answer", "contingency", "customers_to_look_up", "deviation", "difference", "top"]

_TOLERANCE = 1e-9

Numbers = npt.NDArray[np.integer[Any]]


class Answer:
    """What a workload returns: everything computed, and how to put it into the normal form.

    Parameters
    ----------
    normal
        Gives the normal form.
    forget
        Removes what the workload left.
    parts
        Seconds of parts of the work, by their names.
    """

    def __init__(
        self, normal: Any, forget: Any = None, parts: Mapping[str, float] | None = None
    ) -> None:
        self._normal, self._forget = normal, forget
        self.parts = dict(parts or {})

    def normal(self) -> Any:
        """The result in the normal form; not timed."""
        return self._normal()

    def forget(self) -> None:
        """Remove what the workload left on the disk; not timed."""
        if self._forget is not None:
            self._forget()


def top(ranked: Iterable[tuple[int, tuple[str, ...]]]) -> list[tuple[int, tuple[str, ...]]]:
    """The first hundred of a ranking; given are at least all that are as frequent as those."""
    return sorted(((int(n), names) for n, names in ranked), key=lambda row: (-row[0], row[1]))[:TOP]


def customers_to_look_up(customers: Any) -> list[int]:
    """Whose histories are asked for: the same for every peer."""
    known = np.sort(np.asarray(customers))
    return np.random.default_rng(5).choice(known, N_LOOK_UPS).tolist()


def contingency(
    names: Sequence[str], exposed: Numbers, exposed_loyal: Numbers, n_customers: int, n_loyal: int
) -> list[tuple[str, int, int, float, float]]:
    """Odds ratio and chi-square test of every touchpoint: the same lines for every peer.

    Parameters
    ----------
    exposed, exposed_loyal
        Customers, and loyal customers, by place in `names`.
    """
    from scipy.special import chdtrc

    a, b = exposed_loyal.astype(float), (exposed - exposed_loyal).astype(float)
    c, d = n_loyal - a, n_customers - n_loyal - b
    with np.errstate(divide="ignore", invalid="ignore"):
        odds_ratios = a * d / (b * c)
        margins = (a + b) * (c + d) * (a + c) * (b + d)
        p_values = chdtrc(1, np.where(margins > 0, n_customers * (a * d - b * c) ** 2 / margins, 0))
    columns = (exposed_loyal, exposed, odds_ratios, p_values)
    return sorted(zip(names, *(column.tolist() for column in columns), strict=True))


def difference(
    one: Any, other: Any, where: str = "result", tolerance: float = _TOLERANCE
) -> str | None:
    """Where two normal forms differ first; None where they are the same.

    Parameters
    ----------
    tolerance
        By how much floats may differ: of them, and a fifth of it on top.
    """
    if isinstance(one, float) or isinstance(other, float):
        absolute = tolerance / 5 if tolerance > _TOLERANCE else 1e-12
        same = math.isclose(one, other, rel_tol=tolerance, abs_tol=absolute)
        return None if same else f"{where}: {one!r} and {other!r}"
    if isinstance(one, Mapping):
        one, other = sorted(one.items()), sorted(other.items())
    if isinstance(one, list | tuple):
        if len(one) != len(other):
            return f"{where}: {len(one)} and {len(other)} of them"
        pairs = zip(one, other, strict=True)
        parts = (difference(*pair, f"{where}[{at}]", tolerance) for at, pair in enumerate(pairs))
        return next((part for part in parts if part is not None), None)
    return None if one == other else f"{where}: {one!r} and {other!r}"


def deviation(one: Any, other: Any) -> float:
    """The largest difference of floats, of the first one, in two normal forms of one shape."""
    if isinstance(one, float):
        return abs(one - other) / max(abs(one), 1e-12)
    if isinstance(one, list | tuple):
        return max((deviation(*pair) for pair in zip(one, other, strict=True)), default=0.0)
    return 0.0
