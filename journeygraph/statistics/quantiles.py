"""Quantiles of lengths of time: nearest rank, exact where all values are at hand, else by bucket.

A median is not mergeable, a histogram is. All engines share one committed table of integer
bucket edges, 0 and ceil(2 ** (k / 16)) µs (`bucket_edges.txt`), so that their histograms are
equal, and so are the quantiles read from them: the geometric middle of the bucket that holds
the value of that rank, at most 2.2 % off, since a bucket is 2 ** (1 / 16) wide.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = [
    "N_BUCKETS",
    "bucket_edges",
    "bucket_middle_us",
    "by_group",
    "exact_quantile_us",
    "nearest_rank",
    "quantile_us",
    "quantiles_us",
]

Int64Array = npt.NDArray[np.int64]

N_BUCKETS = 1009
"""Enough for all lengths of time that 64 bits hold."""


@lru_cache(maxsize=1)
def bucket_edges() -> Int64Array:
    """Where each bucket begins, µs: bucket 0 holds 0, bucket b what is below the next edge.

    Below 2 ** 4 some edges are equal: of equal ones only the last bucket holds anything.
    """
    text = Path(__file__).with_name("bucket_edges.txt").read_text(encoding="ascii")
    edges = np.array(text.split(), np.int64)
    edges.flags.writeable = False
    return edges


def nearest_rank(count: int, percent: int) -> int:
    """The 1-based rank of a percentile among `count` values in order: ceil(percent / 100 * n)."""
    return max(1, -(-count * percent // 100))


def exact_quantile_us(elapsed_us: Int64Array, percent: int) -> float | None:
    """The percentile by nearest rank of values in any order; None where there are none."""
    if not len(elapsed_us):
        return None
    place = nearest_rank(len(elapsed_us), percent) - 1
    return float(np.sort(elapsed_us)[place])


def by_group(groups: Int64Array, values: Int64Array, n_groups: int) -> list[Int64Array]:
    """The values of each group, in their order; groups are numbered from 0."""
    order = np.argsort(groups.astype(np.min_scalar_type(n_groups)), kind="stable")  # by radix
    bounds = np.concatenate([[0], np.cumsum(np.bincount(groups, minlength=n_groups))])
    ordered = values[order]
    return [ordered[start:end] for start, end in zip(bounds[:-1], bounds[1:], strict=True)]


def quantile_us(histogram: Int64Array, percent: int) -> float | None:
    """The percentile by nearest rank from counts by bucket; None where there are none.

    Parameters
    ----------
    histogram
        (N_BUCKETS,) counts.
    """
    [quantile] = quantiles_us(histogram[None, :], percent)
    return None if math.isnan(quantile) else float(quantile)


def quantiles_us(histograms: Int64Array, percent: int) -> npt.NDArray[np.float64]:
    """The percentile of each of several histograms; NaN where one is empty.

    Parameters
    ----------
    histograms
        (n, N_BUCKETS) counts.
    """
    cumulative = np.cumsum(histograms, axis=1)
    counts = cumulative[:, -1:]
    ranks = np.maximum(1, -(-counts * percent // 100))
    buckets = np.argmax(cumulative >= ranks, axis=1)
    return np.where(counts[:, 0] > 0, _bucket_middles()[buckets], np.nan)


@lru_cache(maxsize=1)
def _bucket_middles() -> npt.NDArray[np.float64]:
    return np.array([bucket_middle_us(bucket) for bucket in range(N_BUCKETS)])


def bucket_middle_us(bucket: int) -> float:
    """The geometric middle of the least and the largest whole number in a bucket."""
    edges = bucket_edges()
    least = int(edges[bucket])
    largest = int(edges[bucket + 1]) - 1 if bucket + 1 < N_BUCKETS else np.iinfo(np.int64).max
    return math.sqrt(least) * math.sqrt(largest) if least else 0.0
