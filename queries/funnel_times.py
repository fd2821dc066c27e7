"""How long it takes from step to step: quantiles, and how many took how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.quantiles import (
    N_BUCKETS,
    bucket_edges,
    exact_quantile_us,
    quantile_us,
)

__all__ = ["FunnelTimes", "TimeBucket", "times_of"]

Int64Array = npt.NDArray[np.int64]

_BUCKETS_PER_OCTAVE = 16
_PERCENTS = (10, 25, 50, 75, 90, 95)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBucket:
    """How many took at least `from_seconds` and less than `until_seconds`."""

    from_seconds: float
    until_seconds: float
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelTimes:
    """A distribution of lengths of time; quantiles are None where nobody came.

    Attributes
    ----------
    units
        Whose times these are.
    exact
        Whether the quantiles are, or the middles of fine buckets (at most 2.2 % off).
    buckets
        Each twice as wide as the one before, from the first that holds somebody to the last;
        exact.
    """

    units: int
    p10_seconds: float | None
    p25_seconds: float | None
    p50_seconds: float | None
    p75_seconds: float | None
    p90_seconds: float | None
    p95_seconds: float | None
    exact: bool
    buckets: tuple[TimeBucket, ...]


def times_of(histogram: Int64Array, every_us: Int64Array | None) -> FunnelTimes:
    """The distribution.

    Parameters
    ----------
    histogram
        (N_BUCKETS,) counts.
    every_us
        All times, where the quantiles are to be exact.
    """
    return FunnelTimes(
        units=int(histogram.sum()),
        **{
            f"p{percent}_seconds": _seconds(
                quantile_us(histogram, percent)
                if every_us is None
                else exact_quantile_us(every_us, percent)
            )
            for percent in _PERCENTS
        },
        exact=every_us is not None,
        buckets=tuple(_buckets(histogram)),
    )


def _seconds(microseconds: float | None) -> float | None:
    return None if microseconds is None else microseconds / 1e6


def _buckets(histogram: Int64Array) -> list[TimeBucket]:
    """Buckets of an octave: bucket 0 holds 0, and is part of the first."""
    firsts = np.append(0, np.arange(1 + _BUCKETS_PER_OCTAVE, N_BUCKETS, _BUCKETS_PER_OCTAVE))
    counts = np.add.reduceat(histogram, firsts)
    held = np.flatnonzero(counts)
    if not len(held):
        return []
    edges = [0, *(int(bucket_edges()[first]) for first in firsts[1:]), 1 << 63]
    return [
        TimeBucket(
            from_seconds=edges[octave] / 1e6,
            until_seconds=edges[octave + 1] / 1e6,
            units=int(counts[octave]),
        )
        for octave in range(int(held[0]), int(held[-1]) + 1)
    ]
