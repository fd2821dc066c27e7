"""What precedes a referral against the naive twin, and its tables against statsmodels."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import InvalidDurationError, InvalidOptionError, UnknownColumnError
from journeygraph.graph_build import graph_from_rows
from queries.before_referral import FEELINGS, BeforeReferral, before_referral
from queries.intervals import benjamini_hochberg, wilson
from tests.strategies import DAY_US, World, worlds

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@st.composite
def cases(draw: st.DrawFn) -> World:
    """Many customers who come in two months, some of whom refer somebody."""
    names = [f"c{number}" for number in range(12)]
    row = st.tuples(
        st.sampled_from(names), st.integers(0, 45).map(lambda day: day * DAY_US),
        st.sampled_from(["ad", "call", "visit"]), st.none(), st.none(), st.none(),
    )  # fmt: skip
    rows = draw(st.lists(row, min_size=20, max_size=60))
    link = st.tuples(
        st.sampled_from(names[:7]), st.sampled_from(names[6:]),
        st.sampled_from([None, *(day * DAY_US for day in range(5, 50, 3))]), st.none(),
    )  # fmt: skip
    feelings = st.lists(
        st.sampled_from([None, -500, 0, 700]), min_size=len(rows), max_size=len(rows)
    )
    return World(
        rows=rows,
        referrals=draw(st.lists(link, max_size=9)),
        columns={"emotion": draw(feelings)},
    )


def month(at: int) -> tuple[int, int]:
    day = EPOCH + timedelta(microseconds=at)
    return day.year, day.month


def moments(world: World) -> tuple[set[str], dict[str, int], dict[str, int]]:
    """Referrers, and the moments that count of cases and of controls."""
    made = [row for row in world.referrals if row[0] not in {None, row[1]}]
    referrers = {row[0] for row in made}
    first = {row[0]: world.of_customer(row[0])[0][1] for row in world.rows}
    as_of = max(row[1] for row in world.rows)
    index: dict[str, int] = {}
    for one in first:
        times = [row[2] for row in made if row[0] == one and row[2] is not None]
        if times and first[one] <= min(times) <= as_of:
            index[one] = min(times)
    waits: dict[Any, list[int]] = defaultdict(list)
    for one, at in index.items():
        waits[month(first[one])].append(at - first[one])
    turns: dict[Any, int] = defaultdict(int)
    given: dict[str, int] = {}
    for one in world.all_customers():
        if one in first and one not in referrers and (offered := waits[month(first[one])]):
            at = first[one] + sorted(offered)[turns[month(first[one])] % len(offered)]
            turns[month(first[one])] += 1
            if at <= as_of:
                given[one] = at
    return referrers, index, given


def within(world: World, one: str, at: int, days: int) -> list[int]:
    """Places in `rows` of what the customer did so many days before."""
    return [
        place
        for place, row in enumerate(world.rows)
        if row[0] == one and at - days * DAY_US <= row[1] < at
    ]


def met(world: World, places: list[int]) -> set[str]:
    signs = [world.columns["emotion"][place] for place in places]
    felt = {FEELINGS[int(np.sign(sign)) + 1] for sign in signs if sign is not None}
    return {world.rows[place][2] for place in places} | felt


@given(world=cases(), days=st.sampled_from([5, 20]), activity=st.booleans())
def test_who_is_compared_and_what_they_met(world: World, days: int, activity: bool) -> None:
    question = BeforeReferral(before=f"{days}d", match_activity=activity, first=1000)
    answer = before_referral(question, world.graph.journeys())
    referrers, index, given = moments(world)
    first = {row[0]: world.of_customer(row[0])[0][1] for row in world.rows}
    strata: dict[Any, list[tuple[str, bool, set[str]]]] = defaultdict(list)
    for one, at in [*index.items(), *given.items()]:
        places = within(world, one, at, days)
        key = (month(first[one]), len(places).bit_length() if activity else 0)
        strata[key].append((one, one in index, met(world, places)))
    useful = [rows for rows in strata.values() if len({is_case for _, is_case, _ in rows}) == 2]
    everybody = [row for rows in useful for row in rows]
    mine = {one for one, is_case, _ in everybody if is_case}
    others = {one for one, is_case, _ in everybody if not is_case}
    assert set(answer.referrer_customers.page(100).ids) == referrers
    assert set(answer.case_customers.page(100).ids) == mine
    assert set(answer.all_control_customers.page(100).ids) == others
    assert set(answer.unmatched_customers.page(100).ids) == set(index) - mine
    assert (answer.cases, answer.controls, answer.strata) == (len(mine), len(others), len(useful))
    for node in [*answer.nodes, *answer.feelings]:
        have = {one for one, _, what in everybody if node.item in what}
        assert set(node.customers.page(100).ids) == have & mine
        assert set(node.control_customers.page(100).ids) == have & others
        assert node.case_share == wilson(len(have & mine), len(mine), 0.95)
        assert node.control_share == wilson(len(have & others), len(others), 0.95)
        check(node, [table(rows, node.item) for rows in useful])
    names = {what for _, _, whats in everybody for what in whats}
    assert {node.item for node in [*answer.nodes, *answer.feelings]} == names
    tested = [node for node in [*answer.nodes, *answer.feelings] if node.p_value is not None]
    assert answer.tested == len(tested)
    q_values = benjamini_hochberg([node.p_value or 0.0 for node in tested])
    assert [node.q_value for node in tested] == pytest.approx(q_values.tolist())


def table(rows: list[tuple[str, bool, set[str]]], item: str) -> list[list[int]]:
    def number(is_case: bool, has: bool) -> int:
        return sum(row[1] is is_case and (item in row[2]) is has for row in rows)

    return [[number(True, True), number(True, False)], [number(False, True), number(False, False)]]


def check(node: Any, tables: list[list[list[int]]]) -> None:
    """Against the textbook's sums, stratum by stratum."""
    r = sum(a * d / (a + b + c + d) for (a, b), (c, d) in tables)
    s = sum(b * c / (a + b + c + d) for (a, b), (c, d) in tables)
    if r and s:
        assert node.odds_ratio.value == pytest.approx(r / s)
    else:
        assert node.odds_ratio.value is None


def test_the_common_odds_ratio_is_that_of_statsmodels() -> None:
    tables = pytest.importorskip("statsmodels.stats.contingency_tables")
    random = np.random.default_rng(3)
    rows, links = [], []
    counted: dict[int, list[list[int]]] = {0: [[0, 0], [0, 0]], 1: [[0, 0], [0, 0]]}
    for number in range(400):
        start = int(random.integers(0, 2))
        is_case, has = bool(random.random() < 0.3), bool(random.random() < 0.4 + 0.2 * start)
        has = has or (is_case and bool(random.random() < 0.3))
        at = start * 40 * DAY_US
        rows.append((f"c{number}", at, "ad" if has else "visit"))
        if is_case:
            links.append((f"c{number}", f"b{number}", at + DAY_US))
        counted[start][0 if is_case else 1][0 if has else 1] += 1
    rows.append(("last", 99 * DAY_US, "visit"))
    answer = before_referral(BeforeReferral(), graph_from_rows(rows, referrals=links).journeys())
    node = next(node for node in answer.nodes if node.item == "ad")
    pooled = tables.StratifiedTable([np.array(one, float) for one in counted.values()])
    assert node.odds_ratio.value == pytest.approx(pooled.oddsratio_pooled)
    low, high = pooled.oddsratio_pooled_confint(0.05)
    assert node.odds_ratio.low == pytest.approx(low)
    assert node.odds_ratio.high == pytest.approx(high)
    assert node.p_value == pytest.approx(pooled.test_null_odds(correction=False).pvalue)
    assert answer.strata == 2
    assert answer.adjusted_for[0] == "month of the first interaction"


def test_attributes_are_matched_on() -> None:
    rows = [(name, 0, "visit") for name in "abcd"] + [("z", 9 * DAY_US, "visit")]
    country = {"a": "DE", "b": "DE", "c": "FR", "d": "FR", "z": "IT"}
    graph = graph_from_rows(
        rows, referrals=[("a", "x", DAY_US)],
        attributes={name: {"country": value} for name, value in country.items()},
    )  # fmt: skip
    answer = before_referral(BeforeReferral(match_on=("country",)), graph.journeys())
    assert answer.case_customers.page(9).ids == ("a",)
    assert answer.all_control_customers.page(9).ids == ("b",)
    assert "country" in answer.adjusted_for
    with pytest.raises(UnknownColumnError):
        before_referral(BeforeReferral(match_on=("shoe size",)), graph.journeys())


@given(world=worlds(), first=st.integers(0, 2))
def test_any_world(world: World, first: int) -> None:
    answer = before_referral(BeforeReferral(first=first), world.graph.journeys())
    assert len(answer.nodes) <= first
    assert answer.cases + answer.unmatched_cases <= answer.referrers


def test_bad_input() -> None:
    journeys = graph_from_rows([("a", 1, "visit")]).journeys()
    with pytest.raises(InvalidDurationError):
        before_referral(BeforeReferral(before="30"), journeys)
    with pytest.raises(InvalidOptionError):
        before_referral(BeforeReferral(at_least=-1), journeys)
    empty = before_referral(BeforeReferral(), graph_from_rows([]).journeys())
    assert (empty.cases, empty.nodes, empty.feelings) == (0, (), ())
