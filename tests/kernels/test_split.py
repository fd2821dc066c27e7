"""Where journeys begin and end: each kernel against plain Python on lists."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels import split
from journeygraph.kernels.tiny import read_only
from tests.kernels.widths import CODE_TYPES

# Customers as lists of (code, at); codes of 2 and more are not items.
histories = st.lists(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=20).map(
        lambda rows: [(code, at) for (code, _), at in zip(rows, sorted(at for _, at in rows))]  # noqa: B905
    ),
    max_size=4,
)
N_ITEMS = 2
REPEATED = 255


def laid_out(parts):
    """Starts and ends of lists laid out one after the other."""
    bounds = np.cumsum([0, *map(len, parts)])
    return read_only(bounds[:-1]), read_only(bounds[1:])


@given(customers=histories, gap=st.integers(1, 4))
@pytest.mark.parametrize("item_type", CODE_TYPES)
def test_gaps_are_between_items(item_type, customers, gap) -> None:
    starts, ends = laid_out(customers)
    rows = [row for customer in customers for row in customer]
    found = split.find_gaps(
        starts, ends, read_only([code for code, _ in rows], item_type), N_ITEMS,
        read_only([at for _, at in rows]), gap,
    )  # fmt: skip
    expected = []
    for first, customer in zip(starts, customers, strict=True):
        items = [(first + row, at) for row, (code, at) in enumerate(customer) if code < N_ITEMS]
        expected += [row for (_, before), (row, at) in pairwise(items) if at - before >= gap]
    assert found.tolist() == expected


@given(sizes=st.lists(st.integers(1, 6), max_size=5), cuts=st.sets(st.integers(-1, 30)))
def test_ranges_are_cut(sizes, cuts) -> None:
    customers = [[None] * size for size in sizes]
    starts, ends = laid_out(customers)
    found = split.cut_ranges(starts, ends, read_only(sorted(cuts)))
    expected = []
    for place, (first, last) in enumerate(zip(starts, ends, strict=True)):
        bounds = [first, *(cut for cut in sorted(cuts) if first < cut < last), last]
        expected += [(a, b, place) for a, b in pairwise(bounds)]
    assert list(zip(*(part.tolist() for part in found), strict=True)) == expected


@given(customers=histories)
def test_what_holds_an_item(customers) -> None:
    starts, ends = laid_out(customers)
    codes = read_only([code for customer in customers for code, _ in customer], np.uint8)
    assert split.hold_item(starts, ends, codes, N_ITEMS).tolist() == [
        any(code < N_ITEMS for code, _ in customer) for customer in customers
    ]


@given(customers=histories)
def test_repeats_are_marked(customers) -> None:
    starts, ends = laid_out(customers)
    codes = np.array([code for customer in customers for code, _ in customer], np.uint8)
    split.collapse_runs(starts, ends, codes, N_ITEMS, REPEATED)
    expected = []
    for customer in customers:
        before = None
        for code, _ in customer:
            expected.append(REPEATED if code < N_ITEMS and code == before else code)
            before = code if code < N_ITEMS else before
    assert codes.tolist() == expected


groupings = st.lists(st.lists(st.integers(-1, 2), max_size=20), max_size=4)


@given(customers=groupings)
def test_groups_are_brought_together(customers) -> None:
    starts, ends = laid_out(customers)
    groups = read_only([group for customer in customers for group in customer], np.int32)
    runs = split.find_runs(starts, ends, groups)
    assert runs.tolist() == [
        first + row + 1
        for first, customer in zip(starts, customers, strict=True)
        for row, (one, other) in enumerate(pairwise(customer))
        if one != other
    ]
    n_runs = [1 + sum(one != other for one, other in pairwise(one)) for one in customers if one]
    n_groups = [len(set(customer)) for customer in customers if customer]
    assert split.count_interleaved(starts, ends, groups, 3) == sum(
        runs > distinct for runs, distinct in zip(n_runs, n_groups, strict=True)
    )
    order = np.arange(len(groups))
    split.order_by_group(starts, ends, groups, 3, order)
    assert order.tolist() == [
        first + row
        for first, customer in zip(starts, customers, strict=True)
        for _, row in sorted((customer.index(group), row) for row, group in enumerate(customer))
    ]
