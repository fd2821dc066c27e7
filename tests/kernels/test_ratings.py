"""Sums of ratings against adding them up one unit after the other."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels.ratings import sum_ratings, sum_tallies
from journeygraph.kernels.tiny import read_only

LIMB = 1 << 16

ratings = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(-2000, 2000)), max_size=20
)


def summed(rows, n_groups):
    groups, units, values = (
        read_only([row[place] for row in rows], np.int64) for place in (1, 0, 2)
    )
    return sum_ratings(groups, values, units, n_groups)


def squares_of(row):
    return int(row[5]) * LIMB * LIMB + 2 * int(row[6]) * LIMB + int(row[7])


@given(rows=ratings.map(sorted))
def test_sums_are_those_of_each_unit(rows):
    found = summed(rows, 3)
    for group in range(3):
        of_units = defaultdict(list)
        for unit, other, rating in rows:
            if other == group:
                of_units[unit].append(rating)
        sums = [(len(values), sum(values)) for values in of_units.values()]
        assert found[group, :5].tolist() == [
            sum(n for n, _total in sums),
            len(sums),
            sum(total for _n, total in sums),
            sum(n * n for n, _total in sums),
            sum(n * total for n, total in sums),
        ]
        assert squares_of(found[group]) == sum(total * total for _n, total in sums)


@given(rows=ratings.map(sorted), cut=st.integers(0, 4))
def test_sums_of_some_units_and_of_the_others_add_up(rows, cut):
    parts = [row for row in rows if row[0] < cut], [row for row in rows if row[0] >= cut]
    assert np.array_equal(sum(summed(part, 3) for part in parts), summed(rows, 3))


@given(rows=ratings.map(sorted))
def test_tallies_are_ratings_that_were_added_up_before(rows):
    tallied = defaultdict(lambda: [0, 0])
    for unit, group, rating in rows:
        tallied[unit, group][0] += 1
        tallied[unit, group][1] += rating
    columns = ([], [], [], [])
    for (unit, group), (count, total) in sorted(tallied.items()):
        for column, number in zip(columns, (group, count, total, unit), strict=True):
            column.append(number)
    found = sum_tallies(*(read_only(column, np.int64) for column in columns), 3)
    assert np.array_equal(found, summed(rows, 3))


def test_a_unit_of_very_many_ratings_is_exact():
    n_ratings = 3_000_000 if hasattr(sum_ratings, "py_func") else 3_000
    values = np.full(n_ratings, -2000, np.int64)
    zeros = np.zeros(n_ratings, np.int64)
    (found,) = sum_ratings(*(read_only(column) for column in (zeros, values, zeros)), 1)
    total = -2000 * n_ratings
    assert found[:5].tolist() == [n_ratings, 1, total, n_ratings**2, total * n_ratings]
    assert squares_of(found) == total * total
