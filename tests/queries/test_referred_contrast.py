"""Referred against matched customers: the naive twin in plain Python, statsmodels, and lenders."""

from __future__ import annotations

import os
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import journeygraph
from journeygraph.errors import (
    ConflictingOptionsError,
    InvalidDurationError,
    InvalidOptionError,
    UnknownColumnError,
)
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Journeys
from journeygraph.renaming import named_by
from journeygraph.statistics.referrals import forest_of
from queries.calendar_periods import Period
from queries.intervals import benjamini_hochberg, wilson
from queries.loyalty import Loyalty
from queries.referral_credit import CreditRule, Referrals
from queries.referred_contrast import (
    ReferredContrast,
    ReferredContrastAnswer,
    referred_contrast,
)
from tests.strategies import DAY_US, World, worlds

END = 150 * DAY_US
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GROUPS = ("without_interaction", "referred_later", "unclear", "censored", "referred", "others")


def ids(answer: ReferredContrastAnswer, name: str) -> set[str]:
    name = {"others": "other", "matched_others": "matched_other"}.get(name, name)
    return set(getattr(answer, f"{name}_customers").page(1000).ids)


def measure(answer: ReferredContrastAnswer, name: str) -> Any:
    return next(one for one in answer.measures if one.measure == name)


@st.composite
def newcomers(draw: st.DrawFn) -> World:
    """Customers who come in three months by two channels, and some of whom bring others."""
    names = [f"c{number}" for number in range(14)]
    row = st.tuples(
        st.sampled_from(names), st.integers(0, 80).map(lambda day: day * DAY_US),
        st.sampled_from(["visit", "purchase"]), st.sampled_from(["web", None]), st.none(),
        st.sampled_from([None, 100, 250, -40]),
    )  # fmt: skip
    link = st.tuples(
        st.sampled_from([None, *names]), st.sampled_from(names),
        st.sampled_from([None, *(day * DAY_US for day in range(0, 60, 6))]),
        st.sampled_from(["email", "phone"]),
    )  # fmt: skip
    return World(
        rows=draw(st.lists(row, min_size=10, max_size=60)),
        referrals=draw(st.lists(link, max_size=10)),
    )


def split_up(world: World, within: int, unattributed: bool) -> dict[str, set[str]]:
    """Who is in which group, from the definitions; the first referral that is one's own counts."""
    as_of = max(row[1] for row in world.rows)
    chosen = forest_of(world.graph).parent_referrals.tolist()  # has a twin of its own
    found: dict[str, set[str]] = {name: set() for name in (*GROUPS, "undated")}
    for index, one in enumerate(world.all_customers()):
        mine = world.of_customer(one)
        rows = [row for row in world.referrals if row[1] == one and row[0] != one]
        when = world.referrals[chosen[index]][2] if chosen[index] >= 0 else None
        is_referred = chosen[index] >= 0
        if not is_referred and unattributed and any(row[0] is None for row in rows):
            is_referred = True
            when = min((r[2] for r in rows if r[0] is None and r[2] is not None), default=None)
        if not mine:
            found["without_interaction"].add(one)
        elif is_referred and when is not None and when > mine[0][1]:
            found["referred_later"].add(one)
        elif not is_referred and rows:
            found["unclear"].add(one)
        elif mine[0][1] + within > as_of:
            found["censored"].add(one)
        else:
            found["referred" if is_referred else "others"].add(one)
            if is_referred and when is None:
                found["undated"].add(one)
    return found


def strata_of(world: World, groups: dict[str, set[str]], by_channel: bool) -> list[list[set[str]]]:
    """[referred, others] of each stratum."""
    strata: dict[Any, list[set[str]]] = defaultdict(lambda: [set(), set()])
    for place, name in enumerate(("referred", "others")):
        for one in groups[name]:
            first = world.of_customer(one)[0]
            day = EPOCH + timedelta(microseconds=first[1])
            strata[day.year, day.month, first[3] if by_channel else None][place].add(one)
    return list(strata.values())


@given(world=newcomers(), days=st.sampled_from([3, 20]), told=st.booleans(), flat=st.booleans())
def test_who_is_compared_and_in_what(world: World, days: int, told: bool, flat: bool) -> None:
    within = days * DAY_US
    question = ReferredContrast(
        within=f"{days}d", match_on=() if flat else ("channel",), include_unattributed=told
    )
    answer = referred_contrast(question, world.graph.journeys())
    groups = split_up(world, within, told)
    for name in (*GROUPS, "undated"):
        assert ids(answer, name) == groups[name], name
        assert getattr(answer, name) == len(groups[name])
    assert answer.customers == sum(len(groups[name]) for name in GROUPS)
    strata = strata_of(world, groups, not flat)
    useful = [both for both in strata if all(both)]
    assert (answer.strata, answer.strata_without_counterpart) == (
        len(useful), len(strata) - len(useful)
    )  # fmt: skip
    for place, name in enumerate(("referred", "others")):
        matched = set().union(*(both[place] for both in useful))
        assert ids(answer, f"matched_{name}") == matched
        assert getattr(answer, f"unmatched_{name}") == len(groups[name] - matched)
    check_measures(answer, world, useful, within)


def done(world: World, one: str, within: int) -> dict[str, float]:
    """What the measures say of one customer."""
    rows = world.of_customer(one)
    mine = [row for row in rows if row[1] <= rows[0][1] + within]
    return {
        "outcome": float(any(row[2] == "purchase" for row in mine)),
        "value": sum(row[5] or 0 for row in mine) / 100,
        "interactions": float(len(mine)),
    }


def check_measures(
    answer: ReferredContrastAnswer, world: World, strata: list[list[set[str]]], within: int
) -> None:
    for name in ("outcome", "value", "interactions"):
        found = measure(answer, name)
        amounts = [[[done(world, one, within)[name] for one in sorted(group)] for group in both]
                   for both in strata]  # fmt: skip
        weights = [len(a) * len(b) / (len(a) + len(b)) for a, b in amounts]
        for place, group in enumerate((found.referred, found.others)):
            everybody = [amount for both in amounts for amount in both[place]]
            assert (group.units, group.having) == (len(everybody), sum(map(bool, everybody)))
            assert group.having_customers.count == group.having
            assert group.customers.count == group.units
            if everybody:
                assert group.value == pytest.approx(mean(everybody))
                adjusted = sum(
                    w * mean(both[place]) for w, both in zip(weights, amounts, strict=True)
                )
                assert group.adjusted == pytest.approx(adjusted / sum(weights))
        if strata:
            apart = found.referred.adjusted - found.others.adjusted
            assert found.difference == pytest.approx(apart, abs=1e-12)
        else:
            assert found.difference is None
        if found.is_share:
            assert (
                found.referred.low == wilson(found.referred.having, found.referred.units, 0.95).low
            )


@given(world=worlds(), days=st.sampled_from([1, 20]), credit=st.sampled_from(list(CreditRule)))
def test_everybody_is_in_one_group_and_rules_change_nothing(
    world: World, days: int, credit: CreditRule
) -> None:
    question = ReferredContrast(referrals=Referrals(credit=credit), within=f"{days}d")
    answer = referred_contrast(question, world.graph.journeys())
    assert answer.customers == sum(getattr(answer, name) for name in GROUPS)
    assert answer.referred == answer.matched_referred + answer.unmatched_referred
    assert answer.others == answer.matched_others + answer.unmatched_others
    sets = [ids(answer, name) for name in GROUPS]
    assert sum(map(len, sets)) == len(set().union(*sets)) == answer.customers
    cut = world.graph.journeys(
        split={"column": "session"} if "session" in world.columns else {"inactivity": "1d"},
        by="channel", unit="journey", rules={"collapse": True},
    )  # fmt: skip
    again = referred_contrast(question, cut)
    for one, other in zip(answer.measures, again.measures, strict=True):
        assert (one.referred.value, one.others.value, one.difference, one.p_value) == (
            other.referred.value, other.others.value, other.difference, other.p_value
        )  # fmt: skip
    p_values = [one.p_value for one in answer.measures] + [answer.time_to_outcome.p_value]
    q_values = [one.q_value for one in answer.measures] + [answer.time_to_outcome.q_value]
    tested = [p for p in p_values if p is not None]
    assert answer.tested == len(tested)
    assert [q for q in q_values if q is not None] == pytest.approx(
        benjamini_hochberg(tested).tolist()
    )


def shop(n: int = 500, seed: int = 5) -> tuple[pd.DataFrame, Journeys]:
    """Customers of two months and two countries; who is referred buys sooner, and more."""
    random = np.random.default_rng(seed)
    rows: list[tuple[Any, ...]] = []
    links, attributes, facts = [], {}, []
    for number in range(n):
        one, month, land = f"c{number}", int(random.integers(2)), ["DE", "FR"][random.integers(2)]
        start = (month * 31 + int(random.integers(0, 28))) * DAY_US
        referred = bool(random.random() < (0.2 + 0.3 * month + 0.2 * (land == "FR")))
        wait = int(random.exponential(20 if referred else 30)) + 1
        value = int(random.gamma(2, 1500)) + 1000 * month + 500 * referred
        rows.append((one, start, "visit", None, None, None))
        buys = bool(random.random() < 0.7) and start + wait * DAY_US <= END
        if buys:
            rows.append((one, start + wait * DAY_US, "purchase", None, None, value))
        if referred:
            links.append((f"friend {number}", one, start - DAY_US))
        attributes[one] = {"land": land}
        inside = buys and wait <= 30
        facts.append((month, land, referred, inside, value / 100 if inside else 0.0,
                      wait if buys else None, start / DAY_US))  # fmt: skip
    rows.append(("last", END, "visit", None, None, None))
    names = ["month", "land", "referred", "bought", "value", "wait", "start"]
    frame = pd.DataFrame(facts, columns=names)
    frame["converted"] = frame["wait"].notna()
    frame["followed"] = frame["wait"].fillna(END / DAY_US - frame["start"])
    graph = graph_from_rows(rows, referrals=links, attributes=attributes)
    return frame, graph.journeys()


def test_the_numbers_are_those_of_statsmodels() -> None:
    tables = pytest.importorskip("statsmodels.stats.contingency_tables")
    import statsmodels.api as sm
    from statsmodels.duration.survfunc import survdiff

    frame, journeys = shop()
    answer = referred_contrast(ReferredContrast(within="30d", match_on=("land",)), journeys)
    assert (answer.matched_referred, answer.matched_others) == (
        frame["referred"].sum(), (~frame["referred"]).sum()
    )  # fmt: skip
    stratum = frame["month"].astype(str) + frame["land"]
    counted = [
        pd.crosstab(~part["referred"], ~part["bought"]).to_numpy(float)
        for _, part in frame.groupby(stratum)
    ]
    pooled = tables.StratifiedTable(counted)
    found = measure(answer, "outcome")
    low, high = pooled.oddsratio_pooled_confint(0.05)
    odds = found.odds_ratio
    assert (odds.value, odds.low, odds.high) == pytest.approx((pooled.oddsratio_pooled, low, high))
    assert found.p_value == pytest.approx(pooled.test_null_odds(correction=False).pvalue)
    dummies = pd.get_dummies(stratum).astype(float)
    columns = pd.concat([frame["referred"].astype(float), dummies], axis=1)
    for name, amounts in (("value", frame["value"]), ("outcome", frame["bought"].astype(float))):
        fitted = sm.OLS(amounts, columns).fit(cov_type="HC1", use_t=True)
        one = measure(answer, name)
        assert one.difference == pytest.approx(fitted.params["referred"])
        if name == "value":
            limits = fitted.conf_int().loc["referred"].tolist()
            assert [one.low, one.high] == pytest.approx(limits)
            assert one.p_value == pytest.approx(fitted.pvalues["referred"])
    times = answer.time_to_outcome
    chi_square, p_value = survdiff(
        frame["followed"], frame["converted"].astype(int), frame["referred"].astype(int),
        strata=stratum.astype("category").cat.codes,
    )  # fmt: skip
    assert times.p_value == pytest.approx(p_value)
    assert times.referred_converted == frame.loc[frame["referred"], "converted"].sum()
    assert times.low is not None
    assert times.hazard_ratio is not None
    assert times.low < times.hazard_ratio


def test_the_interval_of_the_difference_is_satos() -> None:
    """The formulas of Sato (1989) as they are printed, stratum by stratum."""
    frame, journeys = shop()
    answer = referred_contrast(ReferredContrast(within="30d", match_on=("land",)), journeys)
    above = weight = by_value = by_itself = 0.0
    for _, part in frame.groupby(["month", "land"]):
        one, other = part.loc[part["referred"], "bought"], part.loc[~part["referred"], "bought"]
        n1, n0, a, c = len(one), len(other), int(one.sum()), int(other.sum())
        n = n1 + n0
        above += (a * n0 - c * n1) / n
        weight += n1 * n0 / n
        by_value += (n1 * n1 * c - n0 * n0 * a + n1 * n0 * (n0 - n1) / 2) / n**2
        by_itself += (a * (n0 - c) + c * (n1 - a)) / (2 * n)
    difference = above / weight
    half = 1.959963984540054 * ((difference * by_value + by_itself) / weight**2) ** 0.5
    found = measure(answer, "outcome")
    assert (found.difference, found.low, found.high) == pytest.approx(
        (difference, difference - half, difference + half)
    )


def test_balance_before_and_after() -> None:
    frame, journeys = shop()
    answer = referred_contrast(
        ReferredContrast(within="30d", balance_of=("land", "land")), journeys
    )
    found = {(one.covariate, one.value): one for one in answer.balance}
    french = found["land", "FR"]
    is_french = (frame["land"] == "FR").astype(float)
    one, other = is_french[frame["referred"]], is_french[~frame["referred"]]
    spread = ((one.var(ddof=0) + other.var(ddof=0)) / 2) ** 0.5
    assert french.difference_before == pytest.approx((one.mean() - other.mean()) / spread)
    sizes = frame.groupby("month")["referred"].agg(["sum", "size"])
    shares = frame["month"].map(sizes["sum"] / sizes["size"])
    weights = np.where(frame["referred"], 1 - shares, shares)
    after = [np.average(is_french[of], weights=weights[of])
             for of in (frame["referred"], ~frame["referred"])]  # fmt: skip
    assert french.difference_after == pytest.approx((after[0] - after[1]) / spread)
    assert french.unbalanced
    assert "land" in answer.warnings[-1]
    days = found["first interaction (days)", None]
    assert abs(days.difference_after or 0) < abs(days.difference_before or 0)
    alike = referred_contrast(ReferredContrast(within="30d", match_on=("land",)), journeys)
    matched = {(one.covariate, one.value): one for one in alike.balance}["land", "FR"]
    assert matched.difference_after == pytest.approx(0, abs=1e-12)
    assert matched.difference_before == french.difference_before


def test_loyalty_is_judged_by_the_definitions_that_there_are() -> None:
    rows: list[tuple[Any, ...]] = []
    for one, days in {"r1": (0, 40), "r2": (1,), "r3": (2, 35), "o1": (3,), "o2": (4, 44),
                      "o3": (5, 20, 50), "o4": ()}.items():  # fmt: skip
        rows.append((one, (days[0] if days else 5) * DAY_US, "visit"))
        rows += [(one, day * DAY_US, "purchase") for day in days]
    rows += [("late", 55 * DAY_US, "visit"), ("late", 56 * DAY_US, "purchase")]
    rows.append(("end", 100 * DAY_US, "visit"))
    graph = graph_from_rows(rows, referrals=[(f"f{one}", one, None) for one in ("r1", "r2", "r3")])
    question = ReferredContrast(within="10d", loyalty=Loyalty(repeat_purchase_within="30d"))
    answer = referred_contrast(question, graph.journeys(where={"until": "1970-03-20"}))
    found = measure(answer, "loyal")
    # three judged of each: r3 bought again after 33 days, r1 after 40; o3 after 15
    assert (found.referred.units, found.referred.having) == (3, 0)
    assert (found.others.units, found.others.having) == (3, 1)
    assert found.others.having_customers.page(9).ids == ("o3",)
    assert set(answer.loyalty_not_eligible_customers.page(9).ids) == {"o4"}
    assert answer.loyalty is not None
    assert answer.loyalty.startswith("another outcome later than")
    assert measure(answer, "outcome").small
    assert "fewer than 30" in " ".join(answer.warnings)
    far = ReferredContrast(within="10d", loyalty=Loyalty(repeat_purchase_within="75d"))
    early = referred_contrast(far, graph.journeys(where={"until": "1970-03-20"}))
    assert set(early.loyalty_censored_customers.page(9).ids) == {"o2", "o3"}  # after day 78 - 75


def test_what_they_bring_is_followed_for_equally_long() -> None:
    rows = [(one, 0, "visit") for one in ("a", "b", "x")] + [("end", 90 * DAY_US, "visit")]
    rows += [("y", 20 * DAY_US, "visit"), ("z", 40 * DAY_US, "visit")]
    links = [("a", "b", None), ("b", "y", 20 * DAY_US), ("b", "z", None), ("x", "later", None)]
    answer = referred_contrast(
        ReferredContrast(within="30d"), graph_from_rows(rows, referrals=links).journeys()
    )
    brought = measure(answer, "brought")
    # b and y are compared with a and x: z came 40 days after b, nobody saw whom x brought
    assert (brought.referred.value, brought.others.value) == (0.5, 0.5)
    assert brought.others.having_customers.page(9).ids == ("a",)
    assert measure(answer, "referrer").referred.having_customers.page(9).ids == ("b",)
    assert answer.undated_customers.page(9).ids == ("b", "z")


def test_bad_input() -> None:
    journeys = graph_from_rows([("a", 1, "visit")]).journeys()
    with pytest.raises(InvalidDurationError):
        referred_contrast(ReferredContrast(within="30"), journeys)
    with pytest.raises(UnknownColumnError) as refused:
        referred_contrast(ReferredContrast(match_on=("shoe size",)), journeys)
    assert "match_on" in str(refused.value)
    with pytest.raises(InvalidOptionError):
        referred_contrast(ReferredContrast(match_on="channel"), journeys)
    with pytest.raises(InvalidOptionError):
        referred_contrast(ReferredContrast(period="year"), journeys)  # type: ignore[arg-type]
    both = Loyalty(no_churn="3d", column="x")
    with pytest.raises(ConflictingOptionsError):
        referred_contrast(ReferredContrast(loyalty=both), journeys)
    with pytest.raises(InvalidOptionError):
        referred_contrast(ReferredContrast(), named_by(journeys, "channel"))
    empty = referred_contrast(ReferredContrast(), graph_from_rows([]).journeys())
    assert (empty.customers, empty.strata, empty.tested, empty.as_of_us) == (0, 0, 0, None)
    assert [one.difference for one in empty.measures] == [None] * 5


@pytest.mark.realdata
def test_invited_lenders_are_those_of_pandas_and_statsmodels() -> None:
    """Lenders who were invited by a member, against others of the same month and country."""
    tables = pytest.importorskip("statsmodels.stats.contingency_tables")
    import statsmodels.api as sm

    lenders = pd.read_parquet(Path(os.environ["JOURNEYGRAPH_DATA"]) / "kiva_lenders.parquet")
    lenders = lenders.sort_values("timestamp").drop_duplicates("customer_id")
    graph = journeygraph.from_pandas(
        lenders[["customer_id", "timestamp", "touchpoint", "value"]],
        referrals=lenders.loc[lenders["was_invited"], ["customer_id"]].assign(referrer_id=None),
        customers=lenders[["customer_id", "country"]],
    )
    question = ReferredContrast(
        within="1d", match_on=("country",), include_unattributed=True, period=Period.MONTH
    )
    answer = referred_contrast(question, graph.journeys(outcome={"min_value": 1}))
    last = lenders["timestamp"].max() - pd.Timedelta("1D")
    seen = lenders[lenders["timestamp"] <= last].copy()
    seen["loans"] = seen["value"].fillna(0)
    seen["lent"] = seen["loans"] >= 1
    month = seen["timestamp"].dt.strftime("%Y-%m")
    seen["stratum"] = month + " " + seen["country"].fillna("")
    both = seen.groupby("stratum")["was_invited"].transform("nunique") == 2
    matched = seen[both]
    assert answer.referred == seen["was_invited"].sum()
    assert answer.matched_referred == matched["was_invited"].sum()
    assert answer.matched_others == (~matched["was_invited"]).sum()
    assert answer.strata == matched["stratum"].nunique()
    counted = []
    for _, part in matched.groupby("stratum"):
        one, other = (part.loc[part["was_invited"] == is_one, "lent"] for is_one in (True, False))
        counted.append(np.array([[one.sum(), (~one).sum()], [other.sum(), (~other).sum()]], float))
    pooled = tables.StratifiedTable(counted)
    outcome = measure(answer, "outcome")
    assert outcome.odds_ratio.value == pytest.approx(pooled.oddsratio_pooled)
    assert outcome.p_value == pytest.approx(pooled.test_null_odds(correction=False).pvalue)
    columns = pd.get_dummies(matched["stratum"]).astype(float)
    columns.insert(0, "invited", matched["was_invited"].astype(float))
    fitted = sm.OLS(matched["loans"], columns).fit(cov_type="HC1", use_t=True)
    value = measure(answer, "value")
    assert value.difference == pytest.approx(fitted.params["invited"])
    assert value.p_value == pytest.approx(fitted.pvalues["invited"])
