"""Stored statistics, read back, and their trends."""

from __future__ import annotations

import pytest

import journeygraph
from journeygraph.errors import (
    ConflictingOptionsError,
    InvalidOptionError,
    UnknownColumnError,
    UnknownOptionError,
)
from journeygraph.lake.store import Store
from queries.contrasts import risk_difference
from queries.fourfold import fourfold_tables
from queries.intervals import benjamini_hochberg, wilson
from queries.stored.plan import plan_of
from queries.stored.reading import (
    NoStatisticsError,
    Statistics,
    UnknownStatisticError,
    statistics,
)
from queries.stored.run import recompute
from queries.stored.trend import AmbiguousTrendError, Over, Trend, trend
from tests.graph.stores import write_load
from tests.stored.computing import everything
from tests.strategies import DAY_US, World

MONTHS = ("1970-01", "1970-02", "1970-03")
BUYERS = {0: (40, 12), 31: (50, 30), 59: (8, 8)}
"""By first day of a month: who sees the ad in it, and how many of these go to the cart."""


def world_of(buyers):
    rows = []
    for day, (n_customers, n_on) in buyers.items():
        for number in range(n_customers):
            rows.append((f"{day}-{number}", (day + 2) * DAY_US, "ad", "web", None, None))
            if number < n_on:
                at_us = (day + 3) * DAY_US
                rows.append((f"{day}-{number}", at_us, "cart", "web", None, 100))
    return World(rows=rows, referrals=[("0-0", "31-1", None, None), ("0-0", "31-2", None, None)])


PLAN = plan_of({"name": "shop", "periods": "month", "statistics": [
    {"statistic": "funnel", "name": "checkout", "steps": ["ad", "cart"]},
    {"statistic": "transitions", "segments": {"column": "channel"}},
    {"statistic": "common_paths"},
    {"statistic": "advocates"},
]})  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("shop") / "store"
    write_load(path, world_of({0: BUYERS[0]}))
    recompute(path, PLAN)
    write_load(path, world_of({31: BUYERS[31], 59: BUYERS[59]}))
    recompute(path, PLAN)
    return path


def read(path, version=None, **options):
    store = Store.open(path)
    entry = store.version(version)
    return statistics(
        Statistics(**options), store, entry, lambda: journeygraph.open(path, entry.number)
    )


def follow(path, version=None, **options):
    store = Store.open(path)
    return trend(Trend(**options), store, store.version(version))


def test_rows_by_period_and_segment_in_order(path):
    answer = read(path, name="transitions", segment="all")
    assert [(row.period, row.scope, row.rank) for row in answer.nodes] == [
        (period, scope, rank)
        for period in (None, *MONTHS)
        for scope, rank in (("whole", 0), ("listed", 1))
    ]
    web = read(path, name="transitions", period="1970-02", segment_by="channel", segment="web")
    [whole, listed] = web.nodes
    assert (whole.count, listed.source, listed.target) == (30, "ad", "cart")
    assert (listed.units, listed.of, listed.share) == (30, 50, 0.6)


def test_pages_give_every_row_once(path):
    whole = read(path, name="transitions").nodes
    seen, after = [], None
    while True:
        page = read(path, name="transitions", first=3, after=after)
        assert page.rows == len(whole)
        seen += page.nodes
        after = page.page_info.end_cursor
        if not page.page_info.has_next_page:
            break
    assert [row.values for row in seen] == [row.values for row in whole]


def test_an_entry_a_path_and_a_customer(path):
    steps = read(path, name="checkout", period="1970-01").nodes[1:]
    assert [(row.label, row.units) for row in steps] == [("ad", 40), ("cart", 12)]
    paths = read(path, name="common_paths", period="1970-01", plan="shop").nodes
    assert [row.items for row in paths] == [None, ("ad",), ("ad", "cart")]
    assert paths[2].value_minor == 1200
    [advocate] = read(path, name="advocates", period="all").nodes
    assert (advocate.customer, advocate.brought) == ("0-0", 2)
    assert read(path, name="common_paths", plan="other").nodes == ()


def test_earlier_runs_stay_readable(path):
    assert read(path, 2, name="checkout", period="all").nodes[1].units == 40
    assert read(path, 4, name="checkout", period="all").nodes[1].units == 98
    early, late = (read(path, version, name="checkout", period="1970-01") for version in (2, 4))
    assert {row.store_version for row in early.nodes} == {1}
    assert {row.store_version for row in late.nodes} == {3}  # it was not over at the first run


def test_what_is_not_there_is_said(path):
    with pytest.raises(NoStatisticsError, match="Version 1"):
        read(path, 1, name="checkout")
    with pytest.raises(UnknownStatisticError, match="'checkout'"):
        read(path, name="chekout")
    with pytest.raises(InvalidOptionError, match="first"):
        read(path, name="checkout", first=1001)
    with pytest.raises(UnknownColumnError, match="measure='unit'"):
        follow(path, name="checkout", measure="unit")
    with pytest.raises(UnknownColumnError, match="keys='labl'"):
        follow(path, name="checkout", measure="units", keys={"labl": "ad"})
    with pytest.raises(InvalidOptionError, match="until"):
        follow(path, name="checkout", measure="of", from_="1970-02-01", until="1970-01-01")
    with pytest.raises(ConflictingOptionsError):
        follow(path, name="checkout", measure="of", period="1970-01")


def test_a_rate_over_periods_with_intervals_and_q_values(path):
    answer = follow(path, name="checkout", measure="of_first", keys={"label": "cart"})
    assert [point.period for point in answer.nodes] == list(MONTHS)
    counts = [(n_on, n_customers) for n_customers, n_on in BUYERS.values()]
    p_values = []
    for place, point in enumerate(answer.nodes):
        above, below = counts[place]
        assert (point.above, point.below, point.value) == (above, below, above / below)
        estimate = wilson(above, below, 0.95)
        assert (point.low, point.high) == (estimate.low, estimate.high)
        if place:
            difference = risk_difference(above, below, *counts[place - 1], 0.95)
            assert point.change == pytest.approx(difference.value, abs=1e-12)
            assert (point.change_low, point.change_high) == (difference.low, difference.high)
            [p_value] = fourfold_tables(
                below + counts[place - 1][1], above + counts[place - 1][0],
                one_number(below), one_number(above),
            ).p_values  # fmt: skip
            assert point.p_value == p_value
            p_values.append(p_value)
    assert [point.q_value for point in answer.nodes[1:]] == benjamini_hochberg(p_values).tolist()
    assert answer.tested == 2
    assert [point.small for point in answer.nodes] == [False, False, True]
    assert [point.open for point in answer.nodes] == [False, False, True]


def one_number(number):
    import numpy as np

    return np.array([number], np.int64)


def test_amounts_paths_and_times(path):
    keys = {"items": ["ad", "cart"]}
    answer = follow(path, name="common_paths", measure="value", keys=keys)
    assert [point.amount_minor for point in answer.nodes] == [1200, 3000, 800]
    assert [point.amount_change_minor for point in answer.nodes] == [None, 1800, -2200]
    assert {point.value for point in answer.nodes} == {None}
    within = follow(path, name="common_paths", measure="value", keys=keys, from_="1970-02-01",
                    until="1970-03-01")  # fmt: skip
    assert [point.period for point in within.nodes] == ["1970-02"]
    first = follow(path, name="common_paths", measure="value", keys=keys, first=2)
    assert (len(first.nodes), first.points, first.page_info.has_next_page) == (2, 3, True)


def test_over_versions_there_is_a_difference_and_no_test(path):
    answer = follow(path, name="checkout", measure="of_first", keys={"label": "cart"},
                    over=Over.VERSIONS)  # fmt: skip
    assert [(point.version, point.data_version) for point in answer.nodes] == [(2, 1), (4, 3)]
    assert [point.value for point in answer.nodes] == [12 / 40, 50 / 98]
    assert answer.nodes[1].change == pytest.approx(50 / 98 - 12 / 40)
    assert {point.p_value for point in answer.nodes} == {None}
    kept = follow(path, name="checkout", measure="units", keys={"label": "ad"}, over="versions",
                  period="1970-01")  # fmt: skip
    # the month was not over at the first run
    assert [(point.version, point.data_version, point.value) for point in kept.nodes] == [
        (2, 1, 40.0),
        (4, 3, 40.0),
    ]
    assert len(follow(path, 3, name="checkout", measure="of", over="versions").nodes) == 1


def test_a_trend_of_several_things_is_refused(path):
    with pytest.raises(AmbiguousTrendError, match="label"):
        follow(path, name="checkout", measure="units", keys={"small": "False"})
    answer = follow(path, name="transitions", measure="count", segment="web")
    assert [point.value for point in answer.nodes] == [12.0, 30.0, 8.0]


def test_an_unknown_option_of_a_question_is_refused():
    with pytest.raises(UnknownOptionError):
        everything().entries[-1].statistic.ask({"nothing": 1})
