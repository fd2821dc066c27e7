"""What like customers met, stratum by stratum, against sets and fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels.matching import compare_strata, find_exposed, rows_before
from journeygraph.kernels.tiny import read_only
from tests.kernels.widths import CODE_TYPES

N_CODES = 3


@given(
    customers=st.lists(st.lists(st.integers(0, 9), max_size=6).map(sorted), max_size=5),
    moments=st.lists(st.integers(-1, 10), min_size=5, max_size=5),
)
def test_rows_before_a_moment(customers, moments):
    starts = np.cumsum([0, *map(len, customers)])
    at_us = read_only([at for of in customers for at in of])
    moments = read_only(moments[: len(customers)])
    assert rows_before(read_only(starts), at_us, moments).tolist() == [
        start + sum(at < moment for at in of)
        for start, of, moment in zip(starts.tolist(), customers, moments.tolist(), strict=False)
    ]


people = st.lists(st.lists(st.integers(0, N_CODES), max_size=4), min_size=1, max_size=4)
strata = st.lists(st.tuples(people, people), max_size=3)
"""Of each stratum the cases and the controls, each as the codes met; N_CODES is nothing."""


def laid_out(strata, dtype):
    members = [(of, not group) for one in strata for group in (0, 1) for of in one[group]]
    ends = np.cumsum([0, *(len(of) for of, _ in members)])
    codes = read_only([code for of, _ in members for code in of], dtype)
    sizes = [len(cases) + len(controls) for cases, controls in strata]
    are_cases = np.array([is_case for _, is_case in members], np.bool_)
    return codes, ends[:-1], ends[1:], are_cases, np.cumsum([0, *sizes])


def fold(met_cases, met_controls, n_cases, n_controls):
    """R, S, PR, PS + QR, QS; cases beyond the expected; the hypergeometric variance."""
    n = n_cases + n_controls
    a, b, c, d = met_cases, n_cases - met_cases, met_controls, n_controls - met_controls
    r, s, p, q = (Fraction(top, n) for top in (a * d, b * c, a + d, b + c))
    beyond = a - Fraction(n_cases * (a + c), n)
    variance = Fraction(n_cases * (a + c) * n_controls * (b + d), n * n * (n - 1))
    return [r, s, p * r, p * s + q * r, q * s, beyond, variance]


@given(strata=strata)
@pytest.mark.parametrize("dtype", CODE_TYPES)
def test_cases_and_controls(dtype, strata):
    codes, first, end, are_cases, starts = laid_out(strata, dtype)
    counts, sums = compare_strata(codes, N_CODES, first, end, are_cases, starts)
    for code in range(N_CODES):
        met = [[sum(code in of for of in group) for group in one] for one in strata]
        assert counts[code].tolist() == [sum(of[group] for of in met) for group in (0, 1)]
        folded = [fold(*of, *map(len, one)) for of, one in zip(met, strata, strict=True) if any(of)]
        expected = [float(sum(column)) for column in zip(*folded, strict=True)] or [0.0] * 7
        assert sums[code].tolist() == pytest.approx(expected)
        assert find_exposed(codes, code, first, end).tolist() == [
            code in of for one in strata for group in one for of in group
        ]
