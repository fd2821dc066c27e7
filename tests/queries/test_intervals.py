"""Intervals and false discovery rates against scipy and against formulas written anew."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from journeygraph.errors import InvalidOptionError
from queries.intervals import Estimate, benjamini_hochberg, normal_quantile, wilson

confidences = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.999])
p_values = st.lists(st.floats(0, 1) | st.sampled_from([0.01, 0.05, 0.5, 1.0]), max_size=30)


def ends(estimate: Estimate) -> tuple[float, float]:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low, estimate.high


@given(of=st.integers(1, 10**9), part=st.floats(0, 1), confidence=confidences)
def test_wilson_is_scipys(of, part, confidence):
    successes = round(part * of)
    ours = wilson(successes, of, confidence)
    theirs = stats.binomtest(successes, of).proportion_ci(confidence, method="wilson")
    assert ours.value == successes / of
    assert ends(ours) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert 0 <= ends(ours)[0] <= successes / of <= ends(ours)[1] <= 1
    assert (ours.successes, ours.of) == (successes, of)


@pytest.mark.parametrize(("successes", "of"), [(1, 4), (17, 40), (600, 1001)])
def test_the_ends_solve_the_score_equation(successes, of):
    """At an end of the interval, the score test just does not refuse the share."""

    def score(share: float) -> float:
        distance = abs(successes / of - share)
        return distance / math.sqrt(share * (1 - share) / of) - float(stats.norm.ppf(0.975))

    ours = wilson(successes, of, 0.95)
    assert ours.low == pytest.approx(optimize.brentq(score, 1e-9, successes / of))
    assert ours.high == pytest.approx(optimize.brentq(score, successes / of, 1 - 1e-9))


def test_nothing_below_the_line_is_no_value():
    nothing = wilson(0, 0, 0.95)
    assert (nothing.value, nothing.low, nothing.high) == (None, None, None)
    assert (nothing.successes, nothing.of) == (0, 0)


def test_the_ends_are_exact_where_nobody_or_everybody_did():
    assert wilson(0, 7, 0.95).low == 0.0
    assert wilson(7, 7, 0.95).high == 1.0


@given(confidence=confidences)
def test_normal_quantile_is_scipys(confidence):
    assert normal_quantile(confidence) == pytest.approx(stats.norm.ppf(0.5 + confidence / 2))


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.5, math.nan])
def test_a_confidence_outside_0_to_1_is_refused(confidence):
    with pytest.raises(InvalidOptionError, match="confidence"):
        wilson(1, 2, confidence)


@pytest.mark.parametrize(("successes", "of"), [(3, 2), (-1, 2), (0, -1)])
def test_what_is_no_share_is_refused(successes, of):
    with pytest.raises(InvalidOptionError, match="successes"):
        wilson(successes, of, 0.95)


@given(p=p_values)
def test_q_values_are_scipys(p):
    expected = stats.false_discovery_control(p, method="bh") if p else np.zeros(0)
    assert benjamini_hochberg(p) == pytest.approx(expected)


@given(p=p_values)
def test_q_values_by_their_definition(p):
    """q is the least rate at which the step-up procedure rejects this hypothesis."""
    tests = len(p)
    expected = [
        min(min(1.0, q * tests / sum(other <= q for other in p)) for q in p if q >= mine)
        for mine in p
    ]
    assert benjamini_hochberg(p).tolist() == pytest.approx(expected)


@given(p=p_values)
def test_a_missing_p_value_changes_nothing_for_the_others(p):
    with_gaps = [value for known in p for value in (math.nan, known)]
    q = benjamini_hochberg(with_gaps)
    assert np.isnan(q[::2]).all()
    assert q[1::2].tolist() == benjamini_hochberg(p).tolist()


@pytest.mark.parametrize("p", [[0.5, 1.1], [-0.1]])
def test_what_is_no_p_value_is_refused(p):
    with pytest.raises(InvalidOptionError, match="p_values"):
        benjamini_hochberg(p)
