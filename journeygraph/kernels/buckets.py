"""Which bucket of the committed table a length of time falls into."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["bucket_of", "count_buckets", "warm"]


@numba.njit(nogil=True, cache=True)
def bucket_of(elapsed_us, bucket_edges):
    """Find the bucket of a length of time: the last edge that is not above it.

    Parameters
    ----------
    elapsed_us
        Not negative.
    bucket_edges
        (n_buckets,) int64: 0, then ceil(2 ** (k / 16)) for k = 0, 1, …

    Notes
    -----
    A float's exponent and upper four bits guess k from below, never more than two short, unless
    its rounding went up to the next power of two; the integers of the table decide. Nothing is
    asked on the way: which bucket it is cannot be guessed.
    """
    last = len(bucket_edges) - 1
    bucket = ((np.float64(max(elapsed_us, 1)).view(np.int64) >> 48) - (1023 << 4)) + 1
    bucket = min(bucket, last)
    bucket -= bucket_edges[bucket] > elapsed_us
    bucket += bucket_edges[min(bucket + 1, last)] <= elapsed_us and bucket < last
    bucket += bucket_edges[min(bucket + 1, last)] <= elapsed_us and bucket < last
    return bucket


@numba.njit(nogil=True, cache=True)
def count_buckets(elapsed_us, bucket_edges):
    """Count lengths of time by bucket.

    Parameters
    ----------
    elapsed_us
        (n,) int64, not negative.

    Returns
    -------
    histogram
        (n_buckets,) int64.
    """
    histogram = np.zeros(len(bucket_edges), np.int64)
    for value in elapsed_us:
        histogram[bucket_of(value, bucket_edges)] += 1
    return histogram


def warm() -> None:
    """Compile for the types met."""
    for times in (np.array([1, 5]), read_only([1, 5])):
        count_buckets(times, read_only([0, 1, 2, 3]))
