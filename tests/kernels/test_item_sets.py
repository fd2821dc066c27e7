"""Sets of what is close together: each kernel against plain Python on lists."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels import item_sets
from journeygraph.kernels.tiny import read_only
from tests.kernels.widths import CODE_TYPES

N_NAMES = 4

# Journeys as lists of (name, at), ascending; names of N_NAMES and more are no items.
journeys = st.lists(
    st.lists(st.tuples(st.integers(0, N_NAMES + 1), st.integers(0, 12)), max_size=40).map(
        lambda rows: [(name, at) for (name, _), at in zip(rows, sorted(at for _, at in rows))]  # noqa: B905
    ),
    max_size=4,
)


def laid_out(parts, dtype=np.uint8):
    bounds = np.cumsum([0, *map(len, parts)])
    rows = [row for part in parts for row in part]
    names, at = read_only([name for name, _ in rows], dtype), read_only([at for _, at in rows])
    return (read_only(bounds[:-1]), read_only(bounds[1:])), names, at


def in_groups(parts, tolerance):
    """Rows of each set, journey by journey."""
    groups, row = [], 0
    for part in parts:
        begin = None
        for name, at in part:
            if name < N_NAMES:
                if begin is None or at - begin > tolerance:
                    groups.append([])
                    begin = at
                groups[-1].append(row)
            row += 1
    return groups


@given(parts=journeys, tolerance=st.integers(0, 6))
@pytest.mark.parametrize("dtype", CODE_TYPES)
def test_sets_are_found_and_recoded(dtype, parts, tolerance):
    ranges, names, at = laid_out(parts, dtype)
    written = np.zeros(len(names), np.uint32)
    bounds, members = item_sets.find_sets(*ranges, names, N_NAMES, at, tolerance, written)
    sets = [
        tuple(members[first:last].tolist())
        for first, last in zip(bounds[:-1], bounds[1:], strict=True)
    ]
    assert len(set(sets)) == len(sets)
    groups = in_groups(parts, tolerance)
    held = {rows[0]: tuple(sorted({int(names[row]) for row in rows})) for rows in groups}
    assert set(sets) == {of for of in held.values() if len(of) > 1}
    items = read_only([100 + number for number in range(len(sets))])
    codes = np.zeros(len(names), dtype)
    found = read_only(written, np.uint32)
    item_sets.recode_sets(*ranges, found, N_NAMES, items, 254, 255, codes)
    extends = {row for rows in groups for row in rows[1:]}
    for row, code in enumerate(codes.tolist()):
        if row in held:
            of = held[row]
            assert code == (of[0] if len(of) == 1 else 100 + sets.index(of))
        else:
            assert code == (255 if row in extends else 254)


@given(parts=journeys, tolerance=st.integers(0, 6), data=st.data())
def test_first_rows(parts, tolerance, data):
    ranges, names, at = laid_out(parts)
    first_of = {row: rows[0] for rows in in_groups(parts, tolerance) for row in rows}
    found = np.full(len(names), -7)
    item_sets.write_first_rows(*ranges, names, N_NAMES, at, tolerance, 0, found)
    assert found.tolist() == [first_of.get(row, -1) for row in range(len(names))]
    asked = sorted(data.draw(st.sets(st.integers(0, max(len(names) - 1, 0)))))
    rows = read_only(asked if len(names) else [])
    first = item_sets.find_first_rows(*ranges, names, N_NAMES, at, tolerance, rows)
    assert first.tolist() == [first_of.get(row, row) for row in rows.tolist()]


def test_many_sets_and_large_ones():
    """Tables grow, names come in any order, and sets that differ in one name are two."""
    n_names = 300
    parts = [[(name, 0) for name in reversed(range(n_names)) if name != gone] for gone in range(40)]
    parts += [[(one, 0), (other, 0)] for one in range(60) for other in range(one)]
    ranges, names, at = laid_out(parts, np.uint16)
    written = np.zeros(len(names), np.uint32)
    bounds, members = item_sets.find_sets(*ranges, names, n_names, at, 0, written)
    sets = [
        set(members[first:last].tolist())
        for first, last in zip(bounds[:-1], bounds[1:], strict=True)
    ]
    assert sets == [{name for name, _ in part} for part in parts]
    assert [written[start] - n_names for start in ranges[0]] == list(range(len(parts)))
