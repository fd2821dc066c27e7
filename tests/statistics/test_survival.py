"""Life tables: published numbers, other tools, and what they are without censoring."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from journeygraph.statistics.survival import life_table, log_log_interval, log_rank
from tests.naive.time_to_convert import shares

# Remission of acute leukaemia in weeks (Freireich et al. 1963, Blood 21:699; printed in Gehan 1965
# and in Cox 1972, table 1): 6-MP, where 0 is still in remission, and placebo.
TREATED = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
TREATED_EVENTS = [1] * 9 + [0] * 12
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]

FATES = ("open", "converted", "competed", "ended")
stops = st.lists(st.tuples(st.integers(0, 9), st.sampled_from(FATES)), min_size=1, max_size=25)


def arrays(followed):
    times = np.array([time for time, _fate in followed], np.int64)
    return times, np.array([FATES.index(fate) for _time, fate in followed], np.int8)


def treated():
    return life_table(np.array(TREATED), np.array(TREATED_EVENTS))


def placebo():
    return life_table(np.array(PLACEBO), np.ones(len(PLACEBO), np.int64))


def test_the_remissions_are_as_printed():
    """Kalbfleisch and Prentice 2002, table 1.2; Cox and Oakes 1984, table 4.1."""
    table = treated()
    assert [(time, table.followed(time)) for time in (6, 7, 10, 13, 16, 22, 23)] == [
        (6, 21), (7, 17), (10, 15), (13, 12), (16, 11), (22, 7), (23, 6),
    ]  # fmt: skip
    printed = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    for time, share in printed.items():
        assert table.without_event[table.place(time)] == pytest.approx(share, abs=0.0005)
    errors = {6: 0.0764, 7: 0.0869, 10: 0.0963, 13: 0.1068, 16: 0.1141, 22: 0.1282, 23: 0.1346}
    for time, error in errors.items():
        found = table.without_event_variance[table.place(time)] ** 0.5
        assert found == pytest.approx(error, abs=0.00005)
    assert table.reached_us(table.incidence[:, 0], 50) == 23
    assert placebo().reached_us(placebo().incidence[:, 0], 50) == 8
    assert table.reached_us(table.incidence[:, 0], 75) is None


def test_the_log_rank_of_the_remissions_is_as_printed():
    """Chi-square 16.79 with 9 events where 19.25 are expected (Collett 2015, example 2.12; R)."""
    found = log_rank(treated(), placebo())
    assert (found.observed, found.expected) == (9, pytest.approx(19.25, abs=0.005))
    assert found.chi_square == pytest.approx(16.79, abs=0.005)
    assert found.p_value == pytest.approx(4.17e-5, rel=0.005)


@given(followed=stops)
def test_shares_are_those_of_scipy(followed):
    times, fates = arrays(followed)
    events = fates > 0
    assume(events.any())
    table = life_table(times, events.astype(np.int8))
    found = stats.ecdf(stats.CensoredData.right_censored(times, ~events)).sf
    places = np.searchsorted(table.times_us, found.quantiles)
    np.testing.assert_allclose(table.without_event[places], found.probabilities, atol=1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that ends at shares of 0 and 1 are undefined
        band = found.confidence_interval(0.9, method="log-log")
    told = (found.probabilities > 1e-9) & (found.probabilities < 1 - 1e-9)
    quantile = stats.norm.ppf(0.95)
    low, high = log_log_interval(
        table.incidence[:, 0], table.incidence_variance[:, 0], float(quantile)
    )
    np.testing.assert_allclose(1 - high[places][told], band.low.probabilities[told], rtol=1e-7)
    np.testing.assert_allclose(1 - low[places][told], band.high.probabilities[told], rtol=1e-7)


@given(first=stops, second=stops)
def test_the_log_rank_is_that_of_scipy(first, second):
    groups = [arrays(group) for group in (first, second)]
    assume(all((fates > 0).any() for _times, fates in groups))
    found = log_rank(*(life_table(times, (fates > 0).astype(np.int8)) for times, fates in groups))
    assume(found.chi_square is not None)
    other = stats.logrank(
        *(stats.CensoredData.right_censored(times, fates == 0) for times, fates in groups)
    )
    assert found.p_value == pytest.approx(other.pvalue, abs=1e-9)


@given(followed=stops, time=st.integers(-1, 10))
def test_shares_are_the_naive_ones_and_add_up(followed, time):
    times, fates = arrays(followed)
    table = life_table(times, fates, 3)
    place = table.place(time)
    found = [*table.incidence[place], table.without_event[place]] if place >= 0 else [0, 0, 0, 1]
    assert found == pytest.approx([float(share) for share in shares(followed, time).values()])
    assert sum(found) == pytest.approx(1)
    assert table.followed(time) == sum(elapsed >= time for elapsed, _fate in followed)


@given(followed=stops, time=st.integers(0, 10))
def test_without_censoring_shares_and_variances_are_those_of_counting(followed, time):
    followed = [(elapsed, "ended" if fate == "open" else fate) for elapsed, fate in followed]
    times, fates = arrays(followed)
    table, n_units = life_table(times, fates, 3), len(followed)
    place = table.place(time)
    assume(place >= 0)
    for number, name in enumerate(FATES[1:]):
        share = sum(fate == name and elapsed <= time for elapsed, fate in followed) / n_units
        assert table.incidence[place, number] == pytest.approx(share)
        variance = table.incidence_variance[place, number]
        assert variance == pytest.approx(share * (1 - share) / n_units, abs=1e-9)


@given(followed=stops)
def test_one_kind_of_event_has_greenwoods_variance(followed):
    times, fates = arrays(followed)
    table = life_table(times, (fates > 0).astype(np.int8))
    np.testing.assert_allclose(
        table.incidence_variance[:, 0], table.without_event_variance, atol=1e-12
    )
    np.testing.assert_allclose(table.incidence[:, 0], 1 - table.without_event, atol=1e-12)


def test_nobody_has_no_shares():
    table = life_table(np.zeros(0, np.int64), np.zeros(0, np.int8), 3)
    assert (table.place(5), table.followed(5), table.knows(5)) == (-1, 0, False)
    assert table.reached_us(table.incidence[:, 0], 50) is None
    assert log_rank(table, table).p_value is None


def test_nothing_is_known_beyond_the_last_who_was_followed():
    table = life_table(np.array([1, 5]), np.array([1, 0]))
    assert table.knows(5)
    assert not table.knows(6)
    assert life_table(np.array([1, 5]), np.array([1, 1])).knows(6)
