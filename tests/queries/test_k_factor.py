"""K by cohort of inviters, and customers whose referrer left, against the naive twin."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from journeygraph.errors import ConflictingOptionsError, InvalidDurationError, InvalidOptionError
from journeygraph.graph_build import graph_from_rows
from queries.calendar_periods import Period, periods_of
from queries.intervals import wilson
from queries.k_factor import KFactor, KFactorAnswer, k_factor
from queries.referrals import CreditRule, Referrals
from queries.referrer_left import ReferrerLeft, referrer_left
from tests.naive.referrals import grow, shares
from tests.strategies import DAY_US, World, worlds

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def seen(world: World) -> dict[str, list[int]]:
    times = {one: [row[1] for row in world.of_customer(one)] for one in world.all_customers()}
    return {one: at for one, at in times.items() if at}


def middle(numbers: list[int]) -> float | None:
    return sorted(numbers)[(len(numbers) - 1) // 2] / 1e6 if numbers else None


def cohort_of(at_us: int, period: Period) -> str:
    day = (EPOCH + timedelta(microseconds=at_us)).date()
    if period is Period.MONTH:
        return day.strftime("%Y-%m")
    return "{}-W{:02}".format(*day.isocalendar()[:2])


def credited_pairs(world: World, credit: CreditRule) -> list[tuple[str, str, int | None, float]]:
    """(referrer, referred, at, weight) of every credited referral."""
    rows = [row[:3] for row in world.referrals]
    if credit is not CreditRule.SPLIT:
        edges = grow(rows, credit.value).edges.values()
        return [(edge.referrer or "", edge.referred, edge.at, 1.0) for edge in edges]
    found = []
    for one, referrers in shares(rows, [True] * len(rows)).items():
        for by in referrers:
            known = [row[2] for row in rows if row[:2] == (by, one) and row[2] is not None]
            found.append((by, one, min(known, default=None), 1 / len(referrers)))
    return found


@given(
    world=worlds(),
    days=st.sampled_from([1, 20, 50]),
    credit=st.sampled_from(list(CreditRule)),
    period=st.sampled_from(list(Period)),
)
def test_k_is_that_of_the_naive_twin(
    world: World, days: int, credit: CreditRule, period: Period
) -> None:
    question = KFactor(
        referrals=Referrals(credit=credit), period=period, within=f"{days}d", replicates=20
    )
    answer = k_factor(question, world.graph.journeys())
    first = {one: at[0] for one, at in seen(world).items()}
    as_of, within = max((row[1] for row in world.rows), default=0), days * DAY_US
    pairs = credited_pairs(world, credit)

    for node in [*answer.nodes, answer.overall]:
        cohort = getattr(node, "cohort", None)
        members = {one for one in first if cohort in {None, cohort_of(first[one], period)}}
        observed = {one for one in members if first[one] + within <= as_of}
        brought = [
            (by, one, weight)
            for by, one, at, weight in pairs
            if by in observed
            and (when := first.get(one) if at is None else at) is not None
            and 0 <= when - first[by] <= within
        ]
        assert set(node.customers.page(100).ids) == members
        assert set(node.observed_customers.page(100).ids) == observed
        assert set(node.inviter_customers.page(100).ids) == {by for by, _, _ in brought}
        assert set(node.brought_customers.page(100).ids) == {one for _, one, _ in brought}
        assert (node.members, node.observed) == (len(members), len(observed))
        assert node.inviters == node.inviter_customers.count
        assert node.brought == node.brought_customers.count
        credit_sum = sum(weight for _, _, weight in brought)
        assert node.credit == pytest.approx(credit_sum)
        expected_k = credit_sum / len(observed) if observed else None
        assert node.k == (None if expected_k is None else pytest.approx(expected_k))
        lags = [first[one] - first[by] for by, one, _ in brought if one in first]
        assert (node.timed, node.cycle_seconds) == (len(lags), middle(lags))
    assert [node.cohort for node in answer.nodes] == sorted(
        {cohort_of(first[one], period) for one in first}
    )
    assert answer.without_interaction == len(set(world.all_customers()) - set(first))
    assert sum(node.members for node in answer.nodes) == answer.overall.members == len(first)


def test_whoever_was_not_watched_for_the_whole_window_is_not_below_the_line() -> None:
    rows = [("a", 0, "visit"), ("late", 25 * DAY_US, "visit"), ("c", 30 * DAY_US, "visit")]
    links = [("a", "c", 10 * DAY_US), ("late", "d", 26 * DAY_US), ("a", "e", 31 * DAY_US)]
    graph = graph_from_rows(rows, referrals=links)
    answer = k_factor(KFactor(), graph.journeys())
    assert (answer.overall.members, answer.overall.observed, answer.overall.k) == (3, 1, 1.0)
    assert (answer.outside_window, answer.undated) == (1, 0)
    assert answer.overall.cycle_seconds == 30 * 86_400
    until = graph.journeys(where={"until": "1970-01-30"})
    assert k_factor(KFactor(), until).overall.observed == 0
    assert k_factor(KFactor(), until).overall.k is None


def test_intervals() -> None:
    n = 400
    rows = [(f"c{one}", 0, "visit") for one in range(n)] + [("z", 60 * DAY_US, "visit")]
    links = [(f"c{one % 150}", f"b{one}", DAY_US) for one in range(200)]
    journeys = graph_from_rows(rows, referrals=links).journeys()
    factor = k_factor(KFactor(replicates=20_000), journeys).nodes[0]
    counts = np.array([2] * 50 + [1] * 100 + [0] * 250)
    assert factor.k == counts.mean()
    half = 1.96 * counts.std() / math.sqrt(n)
    assert factor.low == pytest.approx(counts.mean() - half, abs=0.01)
    assert factor.high == pytest.approx(counts.mean() + half, abs=0.01)
    assert factor.interval == "bootstrap"
    assert k_factor(KFactor(), journeys).overall.low == k_factor(KFactor(), journeys).overall.low
    nobody = k_factor(KFactor(), graph_from_rows(rows).journeys()).nodes[0]
    assert (nobody.k, nobody.low, nobody.interval) == (0.0, 0.0, "poisson")
    assert nobody.high == pytest.approx(stats.chi2.ppf(0.975, 2) / 2 / n)


@given(
    at_us=st.lists(st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999), max_size=3),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Apia", "America/St_Johns"]),
)
def test_periods_are_those_of_the_calendar(at_us: list[int], zone: str) -> None:
    near = [at // 1000 for at in at_us]  # within decades: centuries of weeks take long
    numbers, names = periods_of(np.array(near, np.int64), Period.WEEK, ZoneInfo(zone))
    for at, number in zip(near, numbers.tolist(), strict=True):
        local = (EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone)).date()
        assert names[number] == "{:04}-W{:02}".format(*local.isocalendar()[:2])
    numbers, names = periods_of(np.array(at_us, np.int64), Period.MONTH, ZoneInfo("UTC"))
    for at, number in zip(at_us, numbers.tolist(), strict=True):
        day: date = (EPOCH + timedelta(microseconds=at)).date()
        assert names[number] == f"{day.year:04}-{day.month:02}"


def test_bad_input() -> None:
    journeys = graph_from_rows([("a", 1, "visit")]).journeys()
    for options in ({"replicates": 0}, {"period": "year"}, {"first": -1}):
        with pytest.raises(InvalidOptionError):
            k_factor(KFactor(**options), journeys)
    with pytest.raises(InvalidDurationError):
        k_factor(KFactor(within="30"), journeys)
    with pytest.raises(ConflictingOptionsError):
        referrer_left(ReferrerLeft(referrals=Referrals(credit=CreditRule.SPLIT)), journeys)
    empty: KFactorAnswer = k_factor(KFactor(), graph_from_rows([]).journeys())
    assert (empty.nodes, empty.overall.k, empty.overall.interval) == ((), None, None)


@given(world=worlds(), days=st.sampled_from([1, 10, 30]), until=st.none() | st.integers(1, 40))
def test_who_is_left_is_that_of_the_naive_twin(world: World, days: int, until: int | None) -> None:
    where = {"until": EPOCH + timedelta(days=until)} if until else None
    journeys = world.graph.journeys(where=where)
    answer = referrer_left(ReferrerLeft(inactivity=f"{days}d", first=1000), journeys)
    end = until * DAY_US if until else 1 << 60
    last = {
        one: max(at for at in times if at < end)
        for one, times in seen(world).items()
        if min(times) < end
    }
    as_of = max((row[1] for row in world.rows), default=0)
    as_of = min(as_of, end) if until else as_of
    chosen = set(last) if until else set(world.all_customers())
    forest = grow([row[:3] for row in world.referrals])

    def active(one: str) -> bool:
        return as_of - last[one] < days * DAY_US

    brought = {one: forest.parent(one) or "" for one in chosen & set(forest.edges)}
    judged = {one for one, by in brought.items() if one in last and by in last}
    left = {one for one in judged if not active(brought[one])}
    listed = {one for one in left if active(one)}
    here = judged - left
    assert answer.customers == len(judged) == answer.all_customers.count
    assert answer.unseen == len(brought) - len(judged) == answer.unseen_customers.count
    assert set(answer.referrer_left_customers.page(100).ids) == left
    assert set(answer.referrer_left_active_customers.page(100).ids) == listed
    assert set(answer.referrer_here_customers.page(100).ids) == here
    n_here = sum(active(one) for one in here)
    assert answer.referrer_here_active == n_here == answer.referrer_here_active_customers.count
    assert answer.left_rate == wilson(len(listed), len(left), 0.95)
    assert answer.here_rate == wilson(n_here, len(here), 0.95)
    assert {
        (node.customer, node.referrer, node.last_at_us, node.referrer_last_at_us)
        for node in answer.nodes
    } == {(one, brought[one], last[one], last[brought[one]]) for one in listed}
    if left and here:
        table = [[len(listed), len(left) - len(listed)], [n_here, len(here) - n_here]]
        if 0 not in np.sum(table, axis=0):
            assert answer.p_value == pytest.approx(stats.fisher_exact(np.array(table)).pvalue)


def test_most_recently_left_first() -> None:
    rows = [("a", 5 * DAY_US, "visit"), ("b", 9 * DAY_US, "visit"), ("c", 99 * DAY_US, "visit"),
            ("d", 98 * DAY_US, "visit"), ("e", 99 * DAY_US, "visit")]  # fmt: skip
    links = [("a", "c"), ("b", "d"), ("c", "e")]
    journeys = graph_from_rows(rows, referrals=links).journeys()
    answer = referrer_left(ReferrerLeft(), journeys)
    assert [(node.referrer, node.customer) for node in answer.nodes] == [("b", "d"), ("a", "c")]
    assert (answer.referrer_left, answer.referrer_here, answer.referrer_here_active) == (2, 1, 1)
    page = referrer_left(ReferrerLeft(first=1), journeys)
    assert page.page_info.has_next_page
