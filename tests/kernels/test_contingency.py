"""The tests of fourfold tables against scipy's."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact

from journeygraph.kernels.contingency import compare_groups


@st.composite
def fourfold(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """Four cells of very different sizes."""
    most = draw(st.sampled_from([3, 12, 80, 3_000]))
    cells = st.one_of(st.integers(0, most), st.integers(0, 12))
    return draw(cells), draw(cells), draw(cells), draw(cells)


def compare(a: int, b: int, c: int, d: int) -> tuple[float, float, bool]:
    chi_squares, p_values, are_exact = compare_groups(
        np.array([a + b]), np.array([a]), a + b + c + d, a + c
    )
    return float(chi_squares[0]), float(p_values[0]), bool(are_exact[0])


@given(table=fourfold())
@example(table=(3, 1, 1, 3))
@example(table=(47, 38, 136, 66_867))
@example(table=(80, 0, 0, 10_000_000))  # too unlikely to be written down
def test_p_values_are_those_of_scipy(table: tuple[int, int, int, int]) -> None:
    a, b, c, d = table
    chi_square, p, is_exact = compare(a, b, c, d)
    margins = (a + b, c + d, a + c, b + d)
    if 0 in margins:
        assert math.isnan(chi_square)
        assert math.isnan(p)
        return
    fewest = Fraction(min(margins[:2]) * min(margins[2:]), sum(table))
    assert is_exact == (fewest < 5)
    expected = chi2_contingency([[a, b], [c, d]], correction=False)
    assert chi_square == pytest.approx(expected.statistic, rel=1e-10, abs=1e-12)
    if is_exact:
        assert p == pytest.approx(fisher_exact(np.array([[a, b], [c, d]])).pvalue, rel=1e-9)
    else:
        assert p == pytest.approx(expected.pvalue, rel=1e-9)


def test_ladies_tasting_tea() -> None:
    assert compare(3, 1, 1, 3)[1] == pytest.approx(34 / 70)  # Fisher 1935: 17/70 on one side
    assert compare(4, 0, 0, 4)[1] == pytest.approx(2 / 70)


def test_very_large_tables_do_not_overflow() -> None:
    table = [[700_000_000, 800_000_000], [700_050_000, 799_950_000]]
    _, p, is_exact = compare(*table[0], *table[1])
    assert not is_exact
    assert p == pytest.approx(chi2_contingency(table, correction=False).pvalue, rel=1e-6)
    table = [[0, 40], [3_000_000, 2_000_000_000]]
    _, p, is_exact = compare(*table[0], *table[1])
    assert is_exact
    assert p == pytest.approx(fisher_exact(np.array(table)).pvalue, rel=1e-6)
