"""Two populations with conditions of their own: each as it is alone, and the shared allowed for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from journeygraph.cohorts import Where
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError, UnknownOptionError
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Journeys
from journeygraph.renaming import named_by
from journeygraph.statistics.remembering import StatisticsCache
from journeygraph.statistics.survival import log_rank_of_clusters
from queries.contrasts import risk_difference
from queries.drop_off import DropOff, drop_off
from queries.drop_off_contrast import DropOffContrast, contrast_drop_off, drop_off_contrast
from queries.funnel import Funnel, FunnelCompare, FunnelEntry, funnel
from queries.intervals import benjamini_hochberg
from queries.shared_customers import NOTHING_SHARED, SharedSums, compare_overlapping
from queries.time_to_convert import TimeToConvert, time_to_convert
from tests.strategies import DAY_US, World, worlds

SECOND = [
    {"until": "1970-01-10"},
    {"from": "1970-01-02T00:00:01", "until": "1970-02-01"},
    {"channels": ["web"]},
    {"did": "home .* product"},
    {"customers": {"has_outcome": True}},
]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Journeys, Any]:
    """A view, and the conditions of a second population that its store knows."""
    world: World = draw(worlds(max_customers=6))
    rows = [
        *world.rows, ("a", 0, "home", "web", None, None), ("a", 1, "product", None, None, None),
        ("b", 2, "purchase", "web", None, None),
    ]  # fmt: skip
    graph = graph_from_rows(rows, referrals=world.referrals)
    split = draw(st.sampled_from([None, {"inactivity": "2d"}]))
    unit = draw(st.sampled_from(["customer", "journey"]))
    first = draw(st.sampled_from([None, {"from": "1970-01-01T06:00"}, {"until": "1970-01-20"}]))
    view = graph.journeys(where=first, split=split, unit=unit, inactivity="3d")
    return view, draw(st.sampled_from(SECOND))


def made(view: Journeys, where: Any) -> Journeys:
    """The second population by hand."""
    assert view.view_options is not None
    return view.view_options.graph.journeys(**view.view_options.arguments(where=where))


def shared_by_hand(one: Sequence[Sequence[str]], other: Sequence[Sequence[str]]) -> SharedSums:
    """Sums of products over the customers of [hits, of] of both, as often as they are named."""
    (hits, of), (other_hits, other_of) = one, other
    names = {*of} & {*other_of}

    def products(mine: Sequence[str], theirs: Sequence[str]) -> int:
        return sum(mine.count(name) * theirs.count(name) for name in names)

    return SharedSums(
        products(hits, other_hits), products(hits, other_of), products(of, other_hits),
        products(of, other_of),
    )  # fmt: skip


def owners(view: Journeys, units: Sequence[int]) -> list[str]:
    return view.customer_ids(np.array(list(units), np.int64))


@given(pair=pairs())
def test_another_population_differs_in_nothing_else(pair: tuple[Journeys, Any]) -> None:
    view, where = pair
    found, expected = view.with_where(where), made(view, where)
    assert found.selection == expected.selection
    assert found.unit_customers.tolist() == expected.unit_customers.tolist()
    assert (found.as_of_us, found.confidence, found.unit) == (
        expected.as_of_us, view.confidence, view.unit
    )  # fmt: skip
    again = found.with_where(view.where)
    assert again.selection == view.selection


def test_what_was_made_of_a_view_cannot_make_another() -> None:
    view = graph_from_rows([("a", 1, "visit", "web")]).journeys()
    assert named_by(view, "channel").view_options is None
    with pytest.raises(InvalidOptionError):
        named_by(view, "channel").with_where({"channels": ["web"]})


def test_second_views_are_remembered_and_only_the_last_few() -> None:
    graph = graph_from_rows([(f"c{n}", n, "visit", "web") for n in range(9)])
    cache = StatisticsCache(1 << 20)
    view = cache.journeys(graph, unit="customer")
    second = view.with_where({"until": "1970-01-01T00:00:00.000005"})
    assert view.with_where({"until": "1970-01-01T00:00:00.000005"}) is second
    assert second.memory is not None
    drop_off(DropOff(), second)
    before = cache.use
    drop_off(DropOff(), view.with_where({"until": "1970-01-01T00:00:00.000005"}))
    assert (cache.use.hits, cache.use.misses) == (before.hits + 1, before.misses)
    for micro in range(1, 5):
        view.with_where({"until": f"1970-01-01T00:00:00.00000{micro}"})
    assert view.with_where({"until": "1970-01-01T00:00:00.000005"}) is not second


def test_without_shared_customers_it_is_pearsons_test_and_newcombes_interval() -> None:
    difference, p_value = compare_overlapping((30, 100), (55, 130), NOTHING_SHARED, 0.95)
    table = [[30, 70], [55, 75]]
    assert p_value == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)
    assert difference == risk_difference(30, 100, 55, 130, 0.95)


def test_of_the_same_customers_it_is_mcnemars_test() -> None:
    tables = pytest.importorskip("statsmodels.stats.contingency_tables")
    both, only_one, only_other, neither = 40, 25, 12, 63
    n = both + only_one + only_other + neither
    one, other = both + only_one, both + only_other
    shared = SharedSums(hits=both, hits_of=one, of_hits=other, of=n)
    difference, p_value = compare_overlapping((one, n), (other, n), shared, 0.95)
    paired = [[both, only_one], [only_other, neither]]
    expected = tables.mcnemar(paired, exact=False, correction=False)
    assert p_value == pytest.approx(expected.pvalue)
    # Newcombe's interval for pairs, with their phi and without a correction for continuity
    phi = (both * neither - only_one * only_other) / math.sqrt(
        one * (n - one) * other * (n - other)
    )
    here, there = (stats.binomtest(k, n).proportion_ci(method="wilson") for k in (one, other))
    apart = (one - other) / n
    down, up = one / n - here.low, there.high - other / n
    assert difference.low == pytest.approx(apart - math.sqrt(down**2 - 2 * phi * down * up + up**2))


def test_two_periods_of_the_same_customers_are_not_found_different_too_often() -> None:
    """Everybody of the first period comes again, and mostly does the same."""
    random = np.random.default_rng(11)
    found = 0
    for _ in range(600):
        first = random.random(300) < 0.4
        comes = random.random(300) < 0.6
        again = np.where(random.random(300) < 0.7, first, random.random(300) < 0.4)[comes]
        more = random.random(120) < 0.4
        shared = SharedSums(
            int((first[comes] & again).sum()), int(first[comes].sum()), int(again.sum()),
            int(comes.sum()),
        )  # fmt: skip
        cells = (int(first.sum()), 300), (int(again.sum() + more.sum()), len(again) + 120)
        p_value = compare_overlapping(*cells, shared, 0.95)[1]
        found += p_value is not None and p_value < 0.05
    assert 0.03 < found / 600 < 0.075


@given(
    pair=pairs(), strict=st.booleans(), entry=st.sampled_from(list(FunnelEntry)),
    exact=st.booleans(),
)  # fmt: skip
def test_both_funnels_are_what_they_are_alone(
    pair: tuple[Journeys, Any], strict: bool, entry: FunnelEntry, exact: bool
) -> None:
    view, where = pair
    options: Any = {
        "steps": ["home", "product", "purchase"], "entry": entry, "exact": exact,
        "order": "strict" if strict else "ordered",
    }  # fmt: skip
    found = funnel(Funnel(**options, compare=FunnelCompare(where=where)), view).comparison
    assert found is not None
    second = made(view, where)
    alone = [funnel(Funnel(**options), one) for one in (view, second)]
    for group, answer in zip((found.first, found.second), alone, strict=True):
        for step, expected in zip(group.steps, answer.steps, strict=True):
            assert (step.units, step.dropped, step.open, step.median_seconds) == (
                expected.units, expected.dropped, expected.open, expected.median_seconds
            )  # fmt: skip
            assert step.customers.page(100).ids == expected.customers.page(100).ids
    mine, theirs = (set(owners(one, range(one.n_units))) for one in (view, second))
    assert set(found.shared_customers.page(100).ids) == mine & theirs
    assert found.shared == len(mine & theirs)
    assert bool(found.warnings) is bool(mine & theirs)
    tested = [step.p_value for step in found.steps if step.p_value is not None]
    assert [s.q_value for s in found.steps if s.q_value is not None] == pytest.approx(
        benjamini_hochberg(tested).tolist()
    )
    if view.unit == "customer" and entry is not FunnelEntry.EVERY:
        check_steps(found)


def check_steps(found: Any) -> None:
    for number in range(1, 3):
        sides = [
            [list(group.steps[at].customers.page(100).ids) for at in (number, number - 1)]
            for group in (found.first, found.second)
        ]
        sums = shared_by_hand(sides[0], sides[1])
        step = found.steps[number]
        if not sums.of:
            assert step.test in {None, "chi-square", "exact"}
            continue
        cells = [(len(hits), len(of)) for hits, of in sides]
        difference, p_value = compare_overlapping(cells[0], cells[1], sums, 0.95)
        assert (step.difference, step.p_value) == (difference, p_value)
        assert step.test == (None if p_value is None else "overlapping")


@given(pair=pairs())
def test_both_drop_offs_are_what_they_are_alone(pair: tuple[Journeys, Any]) -> None:
    view, where = pair
    answer = drop_off_contrast(DropOffContrast(against_where=where, first=1000), view)
    second = made(view, where)
    sides = [
        {node.item: node for node in drop_off(DropOff(first=1000), one).nodes if node.visits}
        for one in (view, second)
    ]
    assert {node.item for node in answer.nodes} == {*sides[0], *sides[1]}
    assert (answer.units, answer.against_units) == (view.n_units, second.n_units)
    assert answer.shared == answer.shared_customers.count
    for node in answer.nodes:
        for shown, side in zip((node.population, node.against), sides, strict=True):
            expected = side.get(node.item)
            assert (shown is None) is (expected is None)
            if shown is not None and expected is not None:
                assert (shown.visits, shown.rate) == (expected.visits, expected.rate)
        if view.unit == "customer" and node.population and node.against:
            check_item(node)


def check_item(node: Any) -> None:
    sides = []
    for side in (node.population, node.against):
        visitors, open_here, exits = (
            getattr(side, name).page(100).ids
            for name in ("visitors", "open_customers", "customers")
        )
        sides.append([list(exits), [one for one in visitors if one not in open_here]])
    sums = shared_by_hand(sides[0], sides[1])
    if sums.of:
        cells = [(len(hits), len(of)) for hits, of in sides]
        difference, p_value = compare_overlapping(cells[0], cells[1], sums, 0.95)
        assert (node.difference, node.p_value) == (difference, p_value)


@given(pair=pairs(), ends=st.booleans())
def test_both_curves_are_what_they_are_alone(pair: tuple[Journeys, Any], ends: bool) -> None:
    view, where = pair
    options: Any = {"from_": ["home"], "ends": ends, "at": ["1d", "7d"]}
    answer = time_to_convert(TimeToConvert(**options, against_where=where), view)
    alone = [time_to_convert(TimeToConvert(**options), one) for one in (view, made(view, where))]
    for shown, other in zip((answer.times, answer.against), alone, strict=True):
        assert shown is not None
        assert (shown.started, shown.converted, shown.open) == (
            other.times.started, other.times.converted, other.times.open
        )  # fmt: skip
        assert shown.quantiles == other.times.quantiles
    both = set.intersection(*(set(one.times.started_customers.page(100).ids) for one in alone))
    assert set(answer.shared_customers.page(100).ids) == both
    assert answer.log_rank is not None
    assert answer.log_rank.observed == answer.times.converted


def test_the_same_population_twice_cannot_be_told_apart() -> None:
    rows = [(f"c{n}", 0, "home") for n in range(40)]
    rows += [(f"c{n}", n * DAY_US, "purchase") for n in range(1, 40, 2)]
    view = graph_from_rows(rows).journeys()
    answer = time_to_convert(
        TimeToConvert(against_where={"touchpoints": ["home", "purchase"]}), view
    )
    assert answer.shared == 40
    assert answer.log_rank is not None
    assert answer.log_rank.expected == pytest.approx(answer.log_rank.observed)
    assert answer.log_rank.p_value is None
    steps = funnel(
        Funnel(steps=["home", "purchase"], compare=FunnelCompare(where=Where(from_="1969-01-01"))),
        view,
    ).comparison
    assert steps is not None
    assert steps.steps[1].p_value is None
    assert steps.steps[1].difference.low == pytest.approx(0)
    exits = drop_off_contrast(DropOffContrast(against_where={"from": "1969-01-01"}), view)
    assert exits.tested == 0


def test_the_log_rank_test_of_clusters_sums_what_each_of_them_contributes() -> None:
    random = np.random.default_rng(2)
    n = 60
    elapsed = random.integers(1, 15, n)
    events, first = random.random(n) < 0.7, random.random(n) < 0.5
    clusters = random.integers(0, 35, n)
    found = log_rank_of_clusters(elapsed, events, first, clusters)
    by_cluster: dict[int, float] = {}
    for unit in range(n):
        score = 0.0
        for time in sorted(set(elapsed[events].tolist())):
            at_risk = [other for other in range(n) if elapsed[other] >= time]
            share = np.mean([first[other] for other in at_risk])
            died = sum(bool(events[other]) for other in at_risk if elapsed[other] == time)
            if events[unit] and elapsed[unit] == time:
                score += first[unit] - share
            if elapsed[unit] >= time:
                score -= (first[unit] - share) * died / len(at_risk)
        cluster = int(clusters[unit])
        by_cluster[cluster] = by_cluster.get(cluster, 0.0) + score
    variance = sum(score**2 for score in by_cluster.values())
    assert found.variance == pytest.approx(variance)
    assert found.observed - found.expected == pytest.approx(sum(by_cluster.values()))


def test_openness_is_judged_at_the_end_of_each_period() -> None:
    rows = [("a", 0, "cart"), ("b", 40 * DAY_US, "cart"), ("end", 50 * DAY_US, "visit")]
    view = graph_from_rows(rows).journeys(inactivity="20d")
    question = DropOffContrast(against_where={"until": "1970-01-10"})
    (cart,) = (node for node in drop_off_contrast(question, view).nodes if node.item == "cart")
    assert cart.population is not None
    assert (cart.population.exits, cart.population.open) == (1, 1)  # b came 10 days before the end
    assert cart.against is not None
    assert (cart.against.exits, cart.against.open) == (0, 1)  # a was there 9 days before this one


def test_views_of_two_stores_share_customers_by_their_ids() -> None:
    one = graph_from_rows([("a", 1, "x"), ("b", 2, "x"), ("c", 3, "x")]).journeys()
    other = graph_from_rows([("c", 1, "x"), ("z", 2, "x"), ("b", 3, "y")]).journeys()
    assert contrast_drop_off(one, other).shared_customers.page(9).ids == ("b", "c")


def test_bad_input() -> None:
    view = graph_from_rows([("a", 1, "visit"), ("a", 2, "cart")]).journeys()
    where, customers = {"from": "1970-01-01"}, {"touched": ["cart"]}
    with pytest.raises(ConflictingOptionsError):
        drop_off_contrast(DropOffContrast(against=customers, against_where=where), view)
    with pytest.raises(ConflictingOptionsError):
        time_to_convert(TimeToConvert(against=customers, against_where=where), view)
    compare: Any = {"where": where, "customers": customers}
    with pytest.raises(ConflictingOptionsError):
        funnel(Funnel(steps=["visit"], compare=compare), view)
    with pytest.raises(InvalidOptionError):
        drop_off_contrast(DropOffContrast(), view)
    with pytest.raises(UnknownOptionError):
        drop_off_contrast(DropOffContrast(against_where={"form": "1970"}), view)
