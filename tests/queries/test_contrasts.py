"""Differences and odds ratios against published examples, scipy, and each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats.contingency import odds_ratio as scipy_odds_ratio

from queries.contrasts import odds_ratio, risk_difference


@st.composite
def groups(draw: st.DrawFn) -> tuple[int, int, int, int]:
    of, other_of = draw(st.integers(0, 60)), draw(st.integers(0, 60))
    return draw(st.integers(0, of)), of, draw(st.integers(0, other_of)), other_of


@pytest.mark.parametrize(
    ("group", "low", "high"),
    [  # Newcombe 1998, table II, method 10
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((10, 10, 0, 20), 0.6791, 1.0),
    ],
)
def test_differences_that_newcombe_published(
    group: tuple[int, int, int, int], low: float, high: float
) -> None:
    found = risk_difference(*group, 0.95)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@given(group=groups())
def test_a_difference_lies_within_its_interval_and_turns_with_its_groups(
    group: tuple[int, int, int, int],
) -> None:
    successes, of, other_successes, other_of = group
    found = risk_difference(*group, 0.95)
    turned = risk_difference(other_successes, other_of, successes, of, 0.95)
    if not of or not other_of:
        assert found.value is None
        assert turned.low is None
        return
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert -1 - 1e-12 <= found.low <= found.value <= found.high <= 1 + 1e-12
    assert turned.value == pytest.approx(-found.value)
    assert turned.low == pytest.approx(-found.high)


@given(group=groups())
def test_odds_ratios_are_those_of_scipy(group: tuple[int, int, int, int]) -> None:
    successes, of, other_successes, other_of = group
    table = np.array([[successes, of - successes], [other_successes, other_of - other_successes]])
    found = odds_ratio(*group, 0.95)
    assert (found.successes, found.of) == (successes, of)
    if 0 in table.sum(0) or 0 in table.sum(1):
        assert found.value is None
        return
    assert found.value is not None
    if (table > 0).all():
        expected = scipy_odds_ratio(table, kind="sample")
        interval = expected.confidence_interval(0.95)
        assert found.value == pytest.approx(expected.statistic)
        assert found.low == pytest.approx(interval.low)
        assert found.high == pytest.approx(interval.high)
    else:
        halved = table + 0.5
        assert found.value == pytest.approx(
            halved[0, 0] * halved[1, 1] / halved[0, 1] / halved[1, 0]
        )
