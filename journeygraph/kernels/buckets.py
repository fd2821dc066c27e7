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
    its rounding went up to the next power of two; the integers of the table decide.
    """
    if elapsed_us < 1:
        return 0
    bucket = ((np.float64(elapsed_us).view(np.int64) >> 48) - (1023 << 4)) + 1
    last = len(bucket_edges) - 1
    if bucket > last:
        bucket = last
    while bucket_edges[bucket] > elapsed_us:
        bucket -= 1
    while bucket < last and bucket_edges[bucket + 1] <= elapsed_us:
        bucket += 1
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
