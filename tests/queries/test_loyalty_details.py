"""Strata, doses, first days, hazards and permutations: naive twin, statsmodels, published data."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_ind
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.stats.contingency_tables import StratifiedTable

from journeygraph.errors import (
    ConflictingOptionsError,
    InvalidOptionError,
    UnknownColumnError,
)
from journeygraph.graph import JourneyGraph
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Journeys
from queries.intervals import wilson
from queries.loyalty import Loyalty
from queries.loyalty_touchpoints import (
    LoyaltyAnswer,
    LoyaltyTouchpoint,
    LoyaltyTouchpoints,
    loyalty_touchpoints,
)
from tests.naive import loyalty as naive
from tests.queries.test_loyalty_touchpoints import asked, both, names, questions
from tests.strategies import DAY_US

ITEMS = ("ad", "mail", "demo")


def ask(view: Journeys, horizon: str = "30d", **options: Any) -> LoyaltyAnswer:
    loyalty = options.pop("loyalty", Loyalty(repeat_purchase_within=horizon))
    return loyalty_touchpoints(LoyaltyTouchpoints(loyalty=loyalty, **options), view)


def by_name(answer: LoyaltyAnswer) -> dict[str, LoyaltyTouchpoint]:
    return {node.touchpoint: node for node in answer.nodes}


@pytest.fixture(scope="module", name="shop")
def _shop() -> JourneyGraph:
    """900 buyers of three towns and two channels; mail works, and most in the north."""
    draw = np.random.default_rng(11)
    rows: list[tuple[Any, ...]] = []
    attributes: dict[str, dict[str, Any]] = {}
    for number in range(900):
        name, town = f"c{number}", ("north", "south", "west")[number % 3]
        attributes[name] = {"town": town, "id": str(number)}
        index = int(draw.integers(2, 40)) * DAY_US
        channel = "web" if draw.random() < 0.4 else "store"
        rows.append((name, 0, "home", channel))
        mails = int(draw.integers(0, 8)) if draw.random() < 0.6 else 0
        moments = draw.integers(0, index, mails).tolist()
        rows += [(name, at, "mail", "email") for at in moments]
        rows += [(name, int(draw.integers(0, index)), "ad", "web") for _ in range(number % 2)]
        rows.append((name, index, "purchase", channel))
        if draw.random() < 0.1 + 0.08 * mails + 0.2 * (town == "north"):
            after = int(draw.integers(1, 45)) * DAY_US  # whole days: many ties
            rows.append((name, index + after, "purchase", channel))
    rows.append(("late", 70 * DAY_US, "home", "web"))
    return graph_from_rows(rows, attributes=attributes)


# --- the naive twin -----------------------------------------------------------------------------


@given(question=questions(), days=st.integers(1, 40))
def test_doses_and_first_days_are_those_of_the_naive_twin(question: Any, days: int) -> None:
    world, options, rule = question
    view_and_units = both(world, options, rule)
    if view_and_units is None:
        return
    view, units = view_and_units
    answer = loyalty_touchpoints(asked(rule, at_least=0, dose=(1, 2, 4), first_days=(days,)), view)
    since = {unit.customer: min(one.at for one in everything(world, unit)) for unit in units}
    for node in answer.nodes:
        expected: dict[str, set[int]] = {"0": set(), "1": set(), "2-3": set(), "4+": set()}
        early = set()
        for number, unit in enumerate(units):
            if naive.judge(unit, world, options, rule) not in naive.JUDGED:
                continue
            met = naive.meetings(unit, world, options, rule).get(node.touchpoint, [])
            times = len(met)
            expected["0" if not times else "1" if times < 2 else "2-3" if times < 4 else "4+"].add(
                number
            )
            if met and min(met) - since[unit.customer] < days * DAY_US:
                early.add(number)
        assert [dose.times for dose in node.dose] == list(expected)
        assert [dose.units for dose in node.dose] == [len(who) for who in expected.values()]
        assert sum(dose.units for dose in node.dose[1:]) == node.exposed
        assert sum(dose.loyal for dose in node.dose[1:]) == node.exposed_loyal
        assert node.dose[0].units == node.unexposed
        for dose, who in zip(node.dose, expected.values(), strict=True):
            assert set(dose.customers.page(100).ids) == names(units, who)
            assert dose.interval == wilson(dose.loyal, dose.units, 0.95)
        assert node.first_days[0].exposed == len(early)
        assert set(node.first_days[0].customers.page(100).ids) == names(units, early)


def everything(world: Any, unit: Any) -> list[Any]:
    from tests.naive.journeys import interactions_of

    return interactions_of(world, unit.customer)


# --- independent tools --------------------------------------------------------------------------


def stratified(shop: JourneyGraph, item: str, answer: LoyaltyAnswer) -> dict[Any, np.ndarray]:
    """Tables of (exposed, unexposed) by (loyal, not) for each town and first channel."""
    node = by_name(answer)[item]
    people = {
        "exposed": set(node.customers.page(1000).ids),
        "loyal": set(answer.loyal_customers.page(1000).ids),
    }
    interactions = shop.to_pandas().interactions
    first = interactions.groupby("customer", sort=False)["channel"].first()
    towns = shop.attributes["town"].to_numpy()
    tables: dict[Any, np.ndarray] = {}
    for customer in answer.customers.page(1000).ids:
        stratum = (towns[shop.customer_index(customer)], first[customer])
        table = tables.setdefault(stratum, np.zeros((2, 2)))
        table[int(customer not in people["exposed"]), int(customer not in people["loyal"])] += 1
    return tables


@pytest.mark.parametrize("item", ["mail", "ad"])
def test_pooled_as_statsmodels_pools(shop: JourneyGraph, item: str) -> None:
    answer = ask(shop.journeys(), strata=("town", "channel"))
    assert answer.adjusted_for == ("town", "first channel")
    tables = stratified(shop, item, answer)
    theirs = StratifiedTable(list(tables.values()))
    ours = by_name(answer)[item].adjusted
    assert ours is not None
    assert (ours.strata, ours.empty_strata) == (6, 0)
    assert ours.odds_ratio.value == pytest.approx(theirs.oddsratio_pooled)
    low, high = theirs.oddsratio_pooled_confint()
    assert (ours.odds_ratio.low, ours.odds_ratio.high) == pytest.approx((low, high))
    assert ours.p_value == pytest.approx(theirs.test_null_odds(correction=False).pvalue)
    assert ours.heterogeneity_p == pytest.approx(theirs.test_equal_odds(adjust=False).pvalue)
    assert ours.risk_difference.value == pytest.approx(pooled_difference(tables))
    assert ours.risk_difference.low is not None
    assert ours.risk_difference.high is not None
    assert ours.risk_difference.low < pooled_difference(tables) < ours.risk_difference.high


def pooled_difference(tables: dict[Any, np.ndarray]) -> float:
    above = weight = 0.0
    for (a, b), (c, d) in tables.values():
        weights = (a + b) * (c + d) / (a + b + c + d)
        above += weights * (a / (a + b) - c / (c + d))
        weight += weights
    return above / weight


def test_the_interval_of_a_pooled_difference_holds_what_it_promises() -> None:
    """Sato's variance against differences drawn again and again."""
    draw = np.random.default_rng(5)
    values, widths = [], []
    for _ in range(150):
        rows, attributes = [], {}
        for number in range(240):
            name, stratum = f"c{number}", number % 4
            attributes[name] = {"group": str(stratum)}
            rows.append((name, 0, "mail" if draw.random() < 0.5 else "home"))
            rows.append((name, DAY_US, "purchase"))
            chance = 0.1 + 0.1 * stratum + 0.2 * (rows[-2][2] == "mail")
            rows += [(name, 2 * DAY_US, "purchase")] * int(draw.random() < chance)
        rows.append(("late", 99 * DAY_US, "home"))
        view = graph_from_rows(rows, attributes=attributes).journeys()
        pooled = by_name(ask(view, strata=("group",)))["mail"].adjusted
        assert pooled is not None
        estimate: Any = pooled.risk_difference
        values.append(estimate.value)
        widths.append((estimate.high - estimate.low) / 2 / 1.959964)
    assert np.mean(values) == pytest.approx(0.2, abs=0.02)
    assert np.std(values) == pytest.approx(np.mean(widths), rel=0.2)


def test_one_stratum_is_the_crude_table(shop: JourneyGraph) -> None:
    graph = graph_from_rows(
        [("a", 0, "x"), ("late", 99 * DAY_US, "x")], attributes={"a": {"k": "1"}}
    )
    assert ask(graph.journeys(), strata=("k",)).nodes == ()
    everybody = shop.journeys(where={"customers": {"attributes": {"town": ["west"]}}})
    answer = ask(everybody, strata=("town",))
    for node in answer.nodes:
        if node.untested or node.adjusted is None:
            continue
        assert node.adjusted.odds_ratio.value == pytest.approx(node.odds_ratio.value)
        assert node.adjusted.odds_ratio.low == pytest.approx(node.odds_ratio.low)
        assert node.adjusted.risk_difference.value == pytest.approx(node.risk_difference.value)
        assert node.adjusted.heterogeneity_p is None


def test_hazard_ratios_are_those_of_phreg(shop: JourneyGraph) -> None:
    answer = ask(shop.journeys(), hazard=True, horizon="40d")
    check_hazards(shop, answer, None)
    answer = ask(shop.journeys(), hazard=True, horizon="40d", strata=("town",))
    check_hazards(shop, answer, shop.attributes["town"].to_numpy())


def check_hazards(shop: JourneyGraph, answer: LoyaltyAnswer, towns: Any) -> None:
    frame = shop.to_pandas().interactions
    at = frame["at"].astype("int64") // frame["at"].astype("int64").diff().abs().max() * 0
    at_us = pd.Series(shop.at_us, frame.index) + at
    bought = at_us[frame["touchpoint"] == "purchase"].groupby(frame["customer"]).agg(list)
    rows = []
    for customer, moments in bought.items():
        first, *later = sorted(moments)
        watched = min(40 * DAY_US, shop.as_of_us - first)
        event = bool(later) and later[0] - first <= watched
        rows.append((customer, later[0] - first if event else watched, event))
    watch = pd.DataFrame(rows, columns=["customer", "time", "event"]).set_index("customer")
    before = frame[at_us < frame["customer"].map({name: min(at) for name, at in bought.items()})]
    index = [shop.customer_index(str(customer)) for customer in watch.index]
    for item in ("mail", "ad"):
        met = watch.index.isin(before.loc[before["touchpoint"] == item, "customer"])
        options = {} if towns is None else {"strata": towns[index]}
        model = PHReg(
            watch["time"].to_numpy() / DAY_US, met.astype(float)[:, None],
            status=watch["event"].to_numpy().astype(int), ties="efron", **options,
        )  # fmt: skip
        theirs = model.fit()
        ours = by_name(answer)[item].hazard_ratio
        assert ours is not None
        assert (ours.units, ours.exposed) == (len(watch), int(met.sum()))
        assert ours.events == int(watch["event"].sum())
        assert ours.value == pytest.approx(float(np.exp(theirs.params[0])), rel=1e-6)
        low, high = np.exp(theirs.conf_int()[0])
        assert (ours.low, ours.high) == pytest.approx((low, high), rel=1e-5)
        assert ours.p_value == pytest.approx(float(theirs.pvalues[0]), rel=1e-4)


def test_the_trend_is_a_correlation(shop: JourneyGraph) -> None:
    node = by_name(ask(shop.journeys(), dose=(1, 2, 3, 6)))["mail"]
    assert [dose.times for dose in node.dose] == ["0", "1", "2", "3-5", "6+"]
    steps = np.repeat(np.arange(5), [dose.units for dose in node.dose])
    loyal = np.concatenate([np.arange(dose.units) < dose.loyal for dose in node.dose])
    correlation = np.corrcoef(steps, loyal)[0, 1]
    assert node.dose_trend is not None
    assert node.dose_trend.z == pytest.approx(correlation * np.sqrt(len(steps)))
    assert node.dose_trend.p_value < 0.01


def test_phi_and_lift(shop: JourneyGraph) -> None:
    answer = ask(shop.journeys())
    for node in answer.nodes:
        if node.untested or node.test == "exact":
            continue
        cells = np.array([
            node.exposed_loyal, node.exposed - node.exposed_loyal,
            node.unexposed_loyal, node.unexposed - node.unexposed_loyal,
        ], float)  # fmt: skip
        met = np.repeat([1, 1, 0, 0], cells.astype(int))
        loyal = np.repeat([1, 0, 1, 0], cells.astype(int))
        assert node.phi.value == pytest.approx(np.corrcoef(met, loyal)[0, 1])
        assert interval_of(node.phi) == pytest.approx(delta(cells, phi_of), rel=1e-4)
        low, high = delta(cells, lambda table: float(np.log(lift_of(table))))
        assert interval_of(node.lift_interval) == pytest.approx(np.exp([low, high]), rel=1e-4)


def interval_of(estimate: Any) -> tuple[float, float]:
    return estimate.low, estimate.high


def phi_of(table: np.ndarray) -> float:
    a, b, c, d = table
    return float((a * d - b * c) / np.sqrt((a + b) * (c + d) * (a + c) * (b + d)))


def lift_of(table: np.ndarray) -> float:
    a, b, c, _d = table
    return float(a / (a + b) * table.sum() / (a + c))


def delta(cells: np.ndarray, function: Any) -> tuple[float, float]:
    """An interval by numerical derivatives over multinomial cells."""
    n, shares = cells.sum(), cells / cells.sum()
    slopes = np.array([
        (function(shares + step) - function(shares - step)) / 2e-6 for step in np.eye(4) * 1e-6
    ])  # fmt: skip
    variance = ((slopes**2 * shares).sum() - (slopes * shares).sum() ** 2) / n
    middle, half = function(cells), 1.959964 * np.sqrt(variance)
    return middle - half, middle + half


# --- outcomes -----------------------------------------------------------------------------------


def test_means_are_compared_as_scipy_does() -> None:
    draw = np.random.default_rng(2)
    rows: list[tuple[Any, ...]] = [("late", 99 * DAY_US, "home")]
    spent: dict[str, list[float]] = {"mail": [], "home": []}
    for number in range(120):
        item = "mail" if number % 3 else "home"
        rows += [(f"c{number}", 0, item), (f"c{number}", DAY_US, "purchase", None, None, 500)]
        amounts = draw.integers(0, 4000 if number % 3 else 900, int(draw.integers(0, 3))).tolist()
        rows += [(f"c{number}", 2 * DAY_US, "purchase", None, None, value) for value in amounts]
        rows.append((f"c{number}", 60 * DAY_US, "purchase", None, None, 10**6))  # too late
        spent[item].append(sum(amounts) / 100)
    answer = ask(graph_from_rows(rows).journeys(), loyalty=Loyalty(value_within="30d", at_least=20))
    assert answer.loyal == sum(value >= 20 for values in spent.values() for value in values)
    assert answer.loyalty.startswith("worth 20 or more within 30d of the first outcome")
    means = by_name(answer)["mail"].mean_value
    assert means is not None
    theirs = ttest_ind(spent["mail"], spent["home"], equal_var=False)
    low, high = theirs.confidence_interval()
    assert means.exposed_mean == pytest.approx(np.mean(spent["mail"]))
    assert means.unexposed_mean == pytest.approx(np.mean(spent["home"]))
    assert (means.low, means.high) == pytest.approx((low, high))
    assert means.p_value == pytest.approx(theirs.pvalue)
    assert by_name(ask(graph_from_rows(rows).journeys()))["mail"].mean_value is None


def test_churn_is_the_other_side_of_no_churn(shop: JourneyGraph) -> None:
    view = shop.journeys(inactivity="10d")
    stay = ask(view, loyalty=Loyalty(no_churn="30d"), hazard=True)
    leave = ask(view, loyalty=Loyalty(churn_within="30d"), hazard=True)
    assert leave.units == stay.units
    assert leave.loyal == stay.units - stay.loyal
    assert any("those who left" in text for text in leave.warnings)
    assert leave.loyalty.startswith("left: a gap longer than 10d in the 30d after")
    for name, node in by_name(leave).items():
        other = by_name(stay)[name]
        assert node.hazard_ratio == other.hazard_ratio
        assert node.p_value == pytest.approx(other.p_value)
        if node.phi.value is not None and other.phi.value is not None:
            assert node.phi.value == pytest.approx(-other.phi.value)


def test_promoters_by_attribute_and_by_the_latest_rating() -> None:
    rows = [("a", 0, "ad"), ("b", 0, "ad"), ("c", 0, "mail"), ("d", 0, "mail"), ("a", 5, "mail")]
    scores: dict[str, dict[str, Any]] = {
        "a": {"nps": 10}, "b": {"nps": "8.5"}, "c": {"nps": 9}, "d": {"nps": None}
    }  # fmt: skip
    graph = graph_from_rows(rows, attributes=scores, score=["3", "5", None, "4", "5"])

    def counts(view: Journeys, **loyalty: Any) -> tuple[int, int, int]:
        answer = ask(view, loyalty=Loyalty(**loyalty))
        return answer.units, answer.loyal, answer.not_eligible

    assert counts(graph.journeys(), promoter="nps") == (3, 2, 1)
    assert counts(graph.journeys(), promoter="nps", at_least=8.5) == (3, 3, 1)
    assert counts(graph.journeys(), promoter="score", at_least=5) == (3, 2, 1)  # a: 3, then 5
    before = graph.journeys(where={"until": "1970-01-01T00:00:00.000003"})
    assert counts(before, promoter="score", at_least=5) == (3, 1, 1)
    answer = ask(graph.journeys(), loyalty=Loyalty(promoter="nps"))
    assert answer.loyalty == (
        "promoters: the latest 'nps' is 9 or more; passives and detractors, below that, are both "
        "not loyal"
    )
    assert any("may follow the outcome" in text for text in answer.warnings)


@pytest.mark.realdata
def test_commerce_orders_that_came_late_have_fewer_promoters() -> None:
    """By DuckDB: five stars in the latest review, by whether the order came after the date given.

    Strata by state, pooled by statsmodels.
    """
    import duckdb

    folder = Path(os.environ["JOURNEYGRAPH_DATA"])
    found: Any = duckdb.sql(f"""
        with latest as (select customer_unique_id as id, arg_max(review_score,
          (review_answer_timestamp, review_id)) as score
          from '{folder}/olist_sample8k_reviews.parquet' group by 1)
        select customer_unique_id as id, any_value(score) as score,
          min(customer_state) as state, bool_or(order_delivered_customer_date::timestamp
          > order_estimated_delivery_date::timestamp) as late
        from '{folder}/olist_sample8k_orders.parquet' o join latest on id = customer_unique_id
        where order_delivered_customer_date is not null group by 1
    """)
    customers = found.df()
    rows = [
        (name, 0, "late" if late else "punctual")
        for name, late in zip(customers["id"], customers["late"], strict=True)
    ]
    attributes: Any = customers.set_index("id")[["score", "state"]].to_dict("index")
    view = graph_from_rows(rows, attributes=attributes).journeys()
    loyalty = Loyalty(promoter="score", at_least=5)
    node = by_name(ask(view, loyalty=loyalty, strata=("state",)))["late"]
    happy = customers["score"] >= 5
    assert node.exposed == int(customers["late"].sum())
    assert node.exposed_loyal == int((happy & customers["late"]).sum())
    tables = [
        np.array([
            [(part["late"] & happy[part.index]).sum(), (part["late"] & ~happy[part.index]).sum()],
            [(~part["late"] & happy[part.index]).sum(), (~part["late"] & ~happy[part.index]).sum()],
        ], float)
        for _, part in customers.groupby("state")
    ]  # fmt: skip
    usable = [table for table in tables if table.sum(axis=0).all() and table.sum(axis=1).all()]
    theirs = StratifiedTable(usable)
    assert node.adjusted is not None
    assert node.adjusted.strata == len(tables)
    assert node.adjusted.empty_strata == len(tables) - len(usable)
    assert node.adjusted.odds_ratio.value == pytest.approx(theirs.oddsratio_pooled)
    assert theirs.oddsratio_pooled < 0.5
    assert node.adjusted.p_value == pytest.approx(theirs.test_null_odds().pvalue)
    assert node.adjusted.heterogeneity_p == pytest.approx(theirs.test_equal_odds().pvalue)


# --- permutations -------------------------------------------------------------------------------


def test_permutations(shop: JourneyGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    view = shop.journeys()
    answer = ask(view, permutations=199, seed=4)
    nodes = by_name(answer)
    assert answer.permutation_limit is not None
    assert 1.5 < answer.permutation_limit < 4
    assert nodes["mail"].permutation_p == 1 / 200  # as close as no permutation comes
    assert nodes["home"].permutation_p is None  # everybody met it
    for node in answer.nodes:
        if node.permutation_p is not None and node.p_value is not None:
            assert node.permutation_p >= node.p_value * 0.5 or node.permutation_p == 1 / 200
    again = ask(view, permutations=199, seed=4)
    monkeypatch.setenv("JOURNEYGRAPH_THREADS", "1")
    alone = ask(view, permutations=199, seed=4)
    for other in (again, alone):
        assert [node.permutation_p for node in other.nodes] == [
            node.permutation_p for node in answer.nodes
        ]
    within = ask(view, permutations=99, strata=("town",))
    assert by_name(within)["mail"].permutation_p == 1 / 100


def test_chance_alone_is_found_out_as_often_as_it_may_be() -> None:
    draw = np.random.default_rng(8)
    found = 0
    for _ in range(60):
        rows: list[tuple[Any, ...]] = [("late", 99 * DAY_US, "home")]
        for number in range(80):
            rows += [(f"c{number}", 0, item) for item in "pqrst" if draw.random() < 0.5]
            rows.append((f"c{number}", DAY_US, "purchase"))
            rows += [(f"c{number}", 2 * DAY_US, "purchase")] * int(draw.random() < 0.5)
        answer = ask(graph_from_rows(rows).journeys(), permutations=99, seed=1)
        found += any((node.permutation_p or 1) <= 0.1 for node in answer.nodes)
    assert found <= 13  # 6 expected; 14 or more come once in 500 times


# --- edges --------------------------------------------------------------------------------------


def test_strata_in_bins(shop: JourneyGraph) -> None:
    view = shop.journeys()
    for name in ("tenure", "exposure"):
        answer = ask(view, strata=(name,), strata_bins=4)
        assert answer.adjusted_for == (f"{name} (4 bins)",)
        pooled = by_name(answer)["mail"].adjusted
        assert pooled is not None
        assert 2 <= pooled.strata <= 4
    long = ask(view, strata=("id",))
    pooled = by_name(long)["mail"].adjusted
    assert pooled is not None
    assert pooled.strata == pooled.empty_strata == long.units  # one unit each says nothing
    assert pooled.odds_ratio.value is pooled.p_value is None
    assert pooled.heterogeneity_p is None


def test_the_order_of_customers_changes_nothing(shop: JourneyGraph) -> None:
    frame = shop.to_pandas().interactions
    rows = list(zip(frame["customer"], shop.at_us.tolist(), frame["touchpoint"],
                    frame["channel"], strict=True))  # fmt: skip
    backwards = sorted(rows, key=lambda row: (row[0][::-1], row[1]))
    attributes = {
        f"c{number}": {"town": ("north", "south", "west")[number % 3]} for number in range(900)
    }
    options: dict[str, Any] = {"strata": ("town", "tenure"), "dose": (1, 3), "hazard": True,
                               "first_days": (5,)}  # fmt: skip
    one = by_name(ask(shop.journeys(), **options))
    other = by_name(ask(graph_from_rows(backwards, attributes=attributes).journeys(), **options))
    for name, node in one.items():
        assert node.adjusted is not None
        assert other[name].adjusted is not None
        for field in ("odds_ratio", "risk_difference"):
            mine, theirs = getattr(node.adjusted, field), getattr(other[name].adjusted, field)
            assert mine.value == pytest.approx(theirs.value)
        assert [dose.loyal for dose in node.dose] == [dose.loyal for dose in other[name].dose]
        mine_h, theirs_h = node.hazard_ratio, other[name].hazard_ratio
        assert mine_h is not None
        assert theirs_h is not None
        assert mine_h.value == pytest.approx(theirs_h.value)


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"strata": ("twon",)}, UnknownColumnError, "Did you mean 'town'"),
        ({"strata": ("town", "town")}, InvalidOptionError, "each name once"),
        ({"strata": ("tenure",), "strata_bins": 1}, InvalidOptionError, "strata_bins"),
        ({"dose": (2, 2)}, InvalidOptionError, "each larger"),
        ({"dose": (0, 2)}, InvalidOptionError, "above 0"),
        ({"first_days": (-1,)}, InvalidOptionError, "firstDays"),
        ({"permutations": -1}, InvalidOptionError, "permutations"),
        ({"permutations": 9, "seed": -1}, InvalidOptionError, "seed"),
        ({"hazard": True, "loyalty": Loyalty(active_at="9d")}, ConflictingOptionsError, "hazard"),
        ({"hazard": True, "loyalty": Loyalty(column="town", equals="west")},
         ConflictingOptionsError, "hazard"),
    ],
)  # fmt: skip
def test_bad_input(shop: JourneyGraph, options: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        ask(shop.journeys(), **options)


def test_nobody_at_all() -> None:
    view = graph_from_rows([]).journeys()
    answer = ask(view, strata=("tenure", "channel"), dose=(1,), first_days=(1, 2), hazard=True,
                 permutations=3)  # fmt: skip
    assert answer.nodes == ()
    assert answer.units == 0


def test_one_side_without_an_event_has_no_hazard_ratio() -> None:
    rows = [(f"c{n}", 0, "ad" if n < 5 else "home") for n in range(10)]
    rows += [(f"c{n}", DAY_US, "purchase") for n in range(10)]
    rows += [(f"c{n}", 3 * DAY_US, "purchase") for n in range(4)]
    ratio = by_name(ask(graph_from_rows(rows).journeys(), "2d", hazard=True))["ad"].hazard_ratio
    assert ratio is not None
    assert (ratio.value, ratio.p_value, ratio.events, ratio.exposed_events) == (None, None, 4, 4)


def test_who_stays_longer_is_warned_of() -> None:
    rows = [(f"c{n}", 0, "home") for n in range(80)]
    rows += [(f"c{n}", (40 if n < 40 else 4) * DAY_US, "purchase") for n in range(80)]
    rows += [(f"c{n}", 30 * DAY_US, "newsletter") for n in range(40)]
    rows += [(f"c{n}", 3 * DAY_US, "search") for n in range(0, 80, 2)]
    answer = ask(graph_from_rows([*rows, ("late", 99 * DAY_US, "home")]).journeys())
    nodes = by_name(answer)
    assert nodes["newsletter"].survivors
    assert not nodes["search"].survivors
    assert any("'newsletter' had at least twice as long" in text for text in answer.warnings)
    windowed = ask(
        graph_from_rows([*rows, ("late", 99 * DAY_US, "home")]).journeys(), exposure_window="4d"
    )
    assert not any(node.survivors for node in windowed.nodes)


# --- published ----------------------------------------------------------------------------------

BERKELEY = {  # men admitted, men rejected, women admitted, women rejected
    "A": (512, 313, 89, 19),
    "B": (353, 207, 17, 8),
    "C": (120, 205, 202, 391),
    "D": (138, 279, 131, 244),
    "E": (53, 138, 94, 299),
    "F": (22, 351, 24, 317),
}
"""Graduate admissions at Berkeley, fall 1973, the six largest departments.

Bickel, Hammel and O'Connell (1975), Science 187, doi:10.1126/science.187.4175.398; the counts as
in Freedman, Pisani and Purves, "Statistics", and in R's `UCBAdmissions`.
"""


def test_admissions_at_berkeley() -> None:
    """Men seem preferred; within departments they are not (R: mantelhaen.test(UCBAdmissions))."""
    rows: list[tuple[Any, ...]] = []
    attributes: dict[str, dict[str, Any]] = {}
    for department, counts in BERKELEY.items():
        for cell, count in enumerate(counts):
            for number in range(count):
                name = f"{department}{cell}-{number}"
                rows.append((name, 0, "a man" if cell < 2 else "a woman"))
                attributes[name] = {
                    "department": department, "admitted": "no" if cell % 2 else "yes"
                }  # fmt: skip
    view = graph_from_rows(rows, attributes=attributes).journeys()
    answer = ask(view, loyalty=Loyalty(column="admitted"), strata=("department",))
    man = by_name(answer)["a man"]
    assert answer.units == 4526
    assert man.odds_ratio.value == pytest.approx(1.84108, abs=1e-5)  # crude: 1198*1278/(1493*557)
    assert man.adjusted is not None
    assert man.adjusted.odds_ratio.value == pytest.approx(0.9046968, abs=1e-6)
    tables = [np.array(counts, float).reshape(2, 2) for counts in BERKELEY.values()]
    theirs = StratifiedTable(tables)
    assert man.adjusted.p_value == pytest.approx(theirs.test_null_odds().pvalue)
    assert man.adjusted.heterogeneity_p == pytest.approx(theirs.test_equal_odds().pvalue)
    low, high = theirs.oddsratio_pooled_confint()
    assert interval_of(man.adjusted.odds_ratio) == pytest.approx((low, high))


@pytest.mark.realdata
def test_buyers_of_music_by_the_size_of_their_first_order() -> None:
    """The same by pandas and statsmodels, within the month in which customers came."""
    orders = pd.read_parquet(Path(os.environ["JOURNEYGRAPH_DATA"]) / "cdnow.parquet")
    orders = orders.drop_duplicates(["customer_id", "timestamp"]).sort_values("timestamp")
    at = orders["timestamp"].astype("int64")
    per = orders.assign(at=at).groupby("customer_id")
    buyers = pd.DataFrame({
        "first": per["at"].min(), "second": per["at"].nth(1).set_axis(
            per.nth(1)["customer_id"]), "cds": per["number_of_cds"].first(),
    })  # fmt: skip
    buyers["month"] = per["timestamp"].min().dt.strftime("%Y-%m")
    rows = [
        (name, first - 1, "large" if cds >= 3 else "small")
        for name, first, cds in zip(buyers.index, buyers["first"], buyers["cds"], strict=True)
    ]
    rows += list(zip(orders["customer_id"], at.tolist(), orders["touchpoint"], strict=True))
    attributes = {str(name): {"month": month} for name, month in buyers["month"].items()}
    view = graph_from_rows(rows, attributes=attributes).journeys()
    answer = ask(view, "180d", strata=("month",), hazard=True)
    node = by_name(answer)["large"]
    horizon = 180 * DAY_US
    judged = buyers[buyers["first"] + horizon <= at.max()]
    loyal = judged["second"] - judged["first"] <= horizon
    assert (answer.units, answer.loyal) == (len(judged), int(loyal.sum()))
    tables = [
        pd.crosstab(part["cds"] < 3, ~loyal[part.index]).to_numpy()
        for _, part in judged.groupby("month")
    ]
    theirs = StratifiedTable(tables)
    assert node.adjusted is not None
    assert node.adjusted.odds_ratio.value == pytest.approx(theirs.oddsratio_pooled)
    assert node.adjusted.p_value == pytest.approx(theirs.test_null_odds().pvalue)
    assert node.adjusted.heterogeneity_p == pytest.approx(theirs.test_equal_odds().pvalue)
    few = buyers.iloc[::40]  # PHReg takes its time
    graph = graph_from_rows([row for row in rows if row[0] in few.index] + [("z", at.max(), "end")])
    ours = by_name(ask(graph.journeys(), "180d", hazard=True))["large"].hazard_ratio
    watched = np.minimum(horizon, at.max() - few["first"])
    event = few["second"] - few["first"] <= watched
    times = np.where(event, few["second"] - few["first"], watched) / DAY_US
    exposed = (few["cds"] >= 3).to_numpy(float)[:, None]
    fit = PHReg(times, exposed, status=event.to_numpy(int), ties="efron").fit()
    assert ours is not None
    assert ours.value == pytest.approx(float(np.exp(fit.params[0])), rel=1e-6)
    assert ours.p_value == pytest.approx(float(fit.pvalues[0]), rel=1e-4)
