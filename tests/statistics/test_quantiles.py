"""The committed table, the bucket of a value, and quantiles against a sorted list."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journeygraph.kernels.buckets import bucket_of, count_buckets
from journeygraph.statistics.quantiles import (
    N_BUCKETS,
    bucket_edges,
    bucket_middle_us,
    exact_quantile_us,
    nearest_rank,
    quantile_us,
)

LARGEST = 2**63 - 1
times = st.one_of(
    st.integers(0, 200), st.integers(0, 10**14), st.integers(0, LARGEST),
    st.integers(0, 62).map(lambda power: 2**power),
    st.integers(1, 62).map(lambda power: 2**power - 1),
)  # fmt: skip


def test_the_committed_edges_are_the_defined_ones() -> None:
    edges = [int(edge) for edge in bucket_edges()]
    assert len(edges) == N_BUCKETS
    assert edges[0] == 0
    for k, edge in enumerate(edges[1:]):  # ceil(2 ** (k / 16)), in whole numbers
        assert edge**16 >= 2**k > (edge - 1) ** 16


@given(times)
@example(LARGEST)
@example(2**53 + 1)
def test_a_value_is_in_the_last_bucket_that_begins_at_or_below_it(value: int) -> None:
    below = [bucket for bucket, edge in enumerate(bucket_edges()) if edge <= value]
    assert bucket_of(np.int64(value), bucket_edges()) == below[-1]


@given(times)
def test_the_middle_of_its_bucket_is_within_the_promised_error(value: int) -> None:
    middle = bucket_middle_us(bucket_of(np.int64(value), bucket_edges()))
    assert math.isclose(middle, value, rel_tol=0.022)


@given(st.lists(st.integers(0, 10**13), min_size=1, max_size=60), st.sampled_from([50, 95]))
def test_quantiles_are_the_nearest_rank(values: list[int], percent: int) -> None:
    rank = next(rank for rank in range(1, 61) if 100 * rank >= percent * len(values))
    expected = sorted(values)[rank - 1]
    array = np.array(values, np.int64)
    assert exact_quantile_us(array, percent) == expected
    estimate = quantile_us(count_buckets(array, bucket_edges()), percent)
    assert estimate is not None
    assert math.isclose(estimate, expected, rel_tol=0.022)


def test_quantiles_of_nothing_are_none() -> None:
    assert exact_quantile_us(np.zeros(0, np.int64), 50) is None
    assert quantile_us(np.zeros(N_BUCKETS, np.int64), 50) is None


@pytest.mark.parametrize(("count", "rank"), [(1, 1), (19, 19), (20, 19), (21, 20), (100, 95)])
def test_the_rank_of_the_95th_percentile_is_exact(count: int, rank: int) -> None:
    assert nearest_rank(count, 95) == rank
