"""Loyalty touchpoints against the naive twin, scipy, and shares that others published."""

from __future__ import annotations

import json
import math
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, false_discovery_control, fisher_exact
from scipy.stats.contingency import odds_ratio as scipy_odds_ratio
from scipy.stats.contingency import relative_risk

from journeygraph.errors import (
    ConflictingOptionsError,
    InvalidDurationError,
    InvalidOptionError,
    UnknownColumnError,
    UnknownValueError,
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
from tests.journeys.views import ask, cases
from tests.naive import journeys as naive_journeys
from tests.naive import loyalty as naive
from tests.strategies import DAY_US, World

DAYS = st.integers(1, 90).map(lambda days: days * DAY_US)
OPTIONS = {
    "repeat": "repeat_purchase_within",
    "active": "active_at",
    "no churn": "no_churn",
    "churn": "churn_within",
    "value": "value_within",
}


def lasting(microseconds: int | None) -> timedelta | None:
    return None if microseconds is None else timedelta(microseconds=microseconds)


def asked(rule: naive.Rule, **options: Any) -> LoyaltyTouchpoints:
    definition: dict[str, Any] = {OPTIONS[rule.kind]: lasting(rule.horizon)}
    loyalty = Loyalty(**definition)
    window = lasting(rule.window)
    return LoyaltyTouchpoints(loyalty=loyalty, exposure_window=window, first=1000, **options)


@st.composite
def questions(draw: st.DrawFn) -> tuple[World, dict[str, Any], naive.Rule]:
    world, options = draw(cases())
    rule = naive.Rule(
        kind=draw(st.sampled_from(sorted(OPTIONS))),
        horizon=draw(st.one_of(st.just(1), DAYS)),
        inactivity=draw(DAYS),
        window=draw(st.one_of(st.none(), DAYS)),
    )
    return world, options, rule


def both(
    world: World, options: dict[str, Any], rule: naive.Rule
) -> tuple[Journeys, list[naive_journeys.Unit]] | None:
    try:
        units = naive_journeys.units(world, **options)
    except (naive_journeys.MatchesNothingError, naive_journeys.InterleavedError):
        return None
    return ask(world.graph, options, inactivity=lasting(rule.inactivity)), units


def names(found: list[naive_journeys.Unit], numbers: set[int]) -> set[str]:
    return {found[number].customer for number in numbers}


@given(question=questions())
def test_every_number_is_that_of_the_naive_twin(
    question: tuple[World, dict[str, Any], naive.Rule],
) -> None:
    world, options, rule = question
    view_and_units = both(world, options, rule)
    if view_and_units is None:
        return
    view, units = view_and_units
    answer = loyalty_touchpoints(asked(rule, at_least=0), view)
    expected = naive.tables(units, world, options, rule)
    assert answer.loyal == expected.states[naive.LOYAL]
    assert answer.units == answer.loyal + expected.states[naive.NOT_LOYAL]
    assert answer.censored == expected.states[naive.CENSORED]
    assert answer.not_eligible == expected.states[naive.NOT_ELIGIBLE]
    assert answer.base_rate_interval == wilson(answer.loyal, answer.units, 0.95)
    states = [naive.judge(unit, world, options, rule) for unit in units]
    numbers = {number for number, state in enumerate(states) if state in naive.JUDGED}
    assert set(answer.customers.page(100).ids) == names(units, numbers)
    assert {node.touchpoint for node in answer.nodes} == set(view.items)
    for node in answer.nodes:
        assert node.exposed == expected.exposed[node.touchpoint]
        assert node.exposed_loyal == expected.exposed_loyal[node.touchpoint]
        exposed = expected.who.get(node.touchpoint, set())
        loyal = {number for number in numbers if states[number] == naive.LOYAL}
        assert set(node.customers.page(100).ids) == names(units, exposed)
        assert set(node.exposed_loyal_customers.page(100).ids) == names(units, exposed & loyal)
        assert set(node.unexposed_customers.page(100).ids) == names(units, numbers - exposed)
        others = names(units, (numbers & loyal) - exposed)
        assert set(node.unexposed_loyal_customers.page(100).ids) == others
        assert_agrees_with_scipy(node, answer)


def assert_agrees_with_scipy(node: LoyaltyTouchpoint, answer: LoyaltyAnswer) -> None:
    assert node.exposed + node.unexposed == answer.units
    assert node.exposed_loyal + node.unexposed_loyal == answer.loyal
    assert node.exposed_interval == wilson(node.exposed_loyal, node.exposed, 0.95)
    assert node.unexposed_interval == wilson(node.unexposed_loyal, node.unexposed, 0.95)
    assert node.small == (node.exposed < 30 or node.unexposed < 30)
    if node.exposed and answer.loyal:
        assert answer.base_rate is not None
        rate = node.exposed_loyal / node.exposed
        assert node.lift == pytest.approx(rate / answer.base_rate, rel=1e-12)
    else:
        assert node.lift is None
    margins = (node.exposed, node.unexposed, answer.loyal, answer.units - answer.loyal)
    assert (node.p_value is None) == (node.untested is not None) == (0 in margins)
    assert (node.q_value is None) == (node.test is None) == (node.p_value is None)
    assert (node.odds_ratio.value is None) == (0 in margins)
    if 0 not in margins:
        assert_tested_as_by_scipy(node)


def assert_tested_as_by_scipy(node: LoyaltyTouchpoint) -> None:
    table = np.array(
        [
            [node.exposed_loyal, node.exposed - node.exposed_loyal],
            [node.unexposed_loyal, node.unexposed - node.unexposed_loyal],
        ]
    )
    chi_square = chi2_contingency(table, correction=False)
    if chi_square.expected_freq.min() < 5:
        assert node.test == "exact"
        assert node.p_value == pytest.approx(fisher_exact(table).pvalue, rel=1e-9)
    else:
        assert node.test == "chi-square"
        assert node.p_value == pytest.approx(chi_square.pvalue, rel=1e-9)
    cells = table + 0.5 if (table == 0).any() else table.astype(float)
    log_ratio = math.log(cells[0, 0] * cells[1, 1] / cells[0, 1] / cells[1, 0])
    half = 1.959963984540054 * math.sqrt((1 / cells).sum())
    estimate = node.odds_ratio
    assert estimate.value == pytest.approx(math.exp(log_ratio), rel=1e-9)
    assert estimate.low == pytest.approx(math.exp(log_ratio - half), rel=1e-9)
    assert estimate.high == pytest.approx(math.exp(log_ratio + half), rel=1e-9)


@given(question=questions())
def test_pages_and_thresholds_change_no_number(
    question: tuple[World, dict[str, Any], naive.Rule],
) -> None:
    world, options, rule = question
    view_and_units = both(world, options, rule)
    if view_and_units is None:
        return
    view, _units = view_and_units
    whole = loyalty_touchpoints(asked(rule), view)
    p_values = [node.p_value for node in whole.nodes if node.p_value is not None]
    assert p_values == sorted(p_values)
    assert whole.tested == len(p_values)
    q_values = [node.q_value for node in whole.nodes[: len(p_values)]]
    if p_values:
        assert q_values == pytest.approx(false_discovery_control(p_values), rel=1e-9)
    paged: list[LoyaltyTouchpoint] = []
    after = None
    while True:
        question_of_page = LoyaltyTouchpoints(
            loyalty=asked(rule).loyalty, exposure_window=lasting(rule.window), first=2, after=after
        )
        answer = loyalty_touchpoints(question_of_page, view)
        paged += answer.nodes
        after = answer.page_info.end_cursor
        if not answer.page_info.has_next_page:
            break
    assert [node.touchpoint for node in paged] == [node.touchpoint for node in whole.nodes]
    common = loyalty_touchpoints(asked(rule, at_least=2), view)
    assert [(node.touchpoint, node.q_value) for node in common.nodes] == [
        (node.touchpoint, node.q_value) for node in whole.nodes if node.exposed >= 2
    ]


# --- by hand ------------------------------------------------------------------------------------


def met(customers: range, *touchpoints: str, at: int = 0) -> list[tuple[Any, ...]]:
    return [(f"c{number}", at, name) for number in customers for name in touchpoints]


def bought(customers: range, *days: int) -> list[tuple[Any, ...]]:
    return [(f"c{number}", day * DAY_US, "purchase") for number in customers for day in days]


@pytest.fixture(scope="module", name="shop")
def _shop() -> JourneyGraph:
    """120 buyers: who saw the demo came back in 40 of 60 cases, others in 20 of 60."""
    rows = met(range(120), "home") + met(range(60), "demo") + met(range(118), "cart")
    rows += bought(range(120), 10) + bought(range(40), 20) + bought(range(60, 80), 30)
    rows += [*met(range(120, 125), "home", at=0), *bought(range(125, 135), 95)]
    rows += [("late", 100 * DAY_US, "home")]
    attributes = {f"c{number}": {"promoter": "yes" if number % 3 else "No"} for number in range(90)}
    return graph_from_rows(rows, attributes=attributes)


def ask_shop(shop: JourneyGraph, **loyalty: Any) -> LoyaltyAnswer:
    return loyalty_touchpoints(LoyaltyTouchpoints(loyalty=Loyalty(**loyalty)), shop.journeys())


def test_a_shop_by_hand(shop: JourneyGraph) -> None:
    answer = ask_shop(shop, repeat_purchase_within="20d")
    assert (answer.units, answer.loyal, answer.censored, answer.not_eligible) == (120, 60, 10, 6)
    assert answer.base_rate == 0.5
    assert answer.loyalty == (
        "another outcome later than, and within 20d of, the first outcome (touchpoint 'purchase')"
    )
    assert answer.wording == "associated with"
    assert answer.adjusted_for == ()
    demo, cart, home = answer.nodes
    assert (demo.touchpoint, demo.exposed, demo.exposed_loyal) == ("demo", 60, 40)
    assert demo.lift == pytest.approx(4 / 3)
    assert demo.odds_ratio.value == pytest.approx(4.0)  # (40 x 40) / (20 x 20)
    table = np.array([[40, 20], [20, 40]])
    interval = scipy_odds_ratio(table, kind="sample").confidence_interval(0.95)
    assert demo.odds_ratio.low == pytest.approx(interval.low)
    assert demo.odds_ratio.high == pytest.approx(interval.high)
    assert demo.lift == pytest.approx(relative_risk(40, 60, 60, 120).relative_risk)
    assert demo.risk_difference.value == pytest.approx(1 / 3)
    assert not demo.small
    assert (cart.touchpoint, cart.forced, cart.small, cart.test) == ("cart", True, True, "exact")
    assert cart.odds_ratio.value == pytest.approx(60.5 * 2.5 / (58.5 * 0.5))
    assert (home.p_value, home.untested, home.forced) == (None, "everybody met it", True)
    assert answer.tested == 2
    (forced,) = answer.warnings
    assert forced.startswith("Nearly everybody met 'home', 'cart'")


def test_the_exposure_window(shop: JourneyGraph) -> None:
    def units(window: str) -> int:
        question = LoyaltyTouchpoints(
            loyalty=Loyalty(repeat_purchase_within="20d"), exposure_window=window
        )
        return len(loyalty_touchpoints(question, shop.journeys()).nodes)

    assert (units("10d"), units("9d23h")) == (3, 0)


def test_a_column_at_its_word(shop: JourneyGraph) -> None:
    answer = ask_shop(shop, column="promoter")
    assert (answer.units, answer.loyal, answer.not_eligible) == (90, 60, 46)
    assert any("may follow the outcome" in warning for warning in answer.warnings)
    assert answer.loyalty == "the customers table says 'yes' under 'promoter'"
    by_value = ask_shop(shop, column="promoter", equals="No")
    assert (by_value.units, by_value.loyal) == (90, 30)
    purchase = next(node for node in answer.nodes if node.touchpoint == "purchase")
    assert purchase.exposed == 90  # all that a customer met is exposure


def test_few_loyal_and_many_censored_are_warned_of(shop: JourneyGraph) -> None:
    answer = ask_shop(shop, repeat_purchase_within="89d")
    assert answer.units == 120
    answer = ask_shop(shop, active_at="2d")
    assert any("who began it" in warning for warning in answer.warnings)
    assert any("fewer than 30 on one side" in warning for warning in answer.warnings)
    answer = ask_shop(shop, no_churn="91d")
    assert (answer.units, answer.censored) == (0, 130)
    assert any("censored (130) than judged (0)" in warning for warning in answer.warnings)
    assert answer.base_rate is None


def test_a_journey_is_judged_on_what_its_customer_does_later() -> None:
    rows = [("a", 0, "ad"), ("a", DAY_US, "purchase"), ("a", 5 * DAY_US, "mail"),
            ("a", 6 * DAY_US, "purchase"), ("b", 40 * DAY_US, "ad")]  # fmt: skip
    view = graph_from_rows(rows).journeys(split={"outcome": True}, unit="journey")
    question = LoyaltyTouchpoints(loyalty=Loyalty(repeat_purchase_within="7d"), at_least=0)
    answer = loyalty_touchpoints(question, view)
    assert (answer.units, answer.loyal, answer.not_eligible) == (2, 1, 1)
    assert {node.touchpoint: node.exposed for node in answer.nodes} == {
        "ad": 1, "mail": 1, "purchase": 0
    }  # fmt: skip


@pytest.mark.parametrize(
    ("loyalty", "options", "error", "says"),
    [
        ({}, {}, InvalidOptionError, "repeatPurchaseWithin"),
        ({"active_at": "9d", "no_churn": "9d"}, {}, ConflictingOptionsError, "noChurn"),
        ({"active_at": "9d", "equals": "x"}, {}, ConflictingOptionsError, "loyalty.equals"),
        ({"active_at": "90"}, {}, InvalidDurationError, "loyalty.activeAt='90'"),
        ({"column": "promotor"}, {}, UnknownColumnError, "Did you mean 'promoter'"),
        ({"column": "promoter", "equals": "no"}, {}, UnknownValueError, "Did you mean 'No'"),
        ({"column": "promoter"}, {"exposure_window": "9d"}, ConflictingOptionsError, "exposure"),
        ({"no_churn": "9d"}, {"exposure_window": "soon"}, InvalidDurationError, "exposureWindow"),
        ({"no_churn": "9d"}, {"at_least": -1}, InvalidOptionError, "at_least"),
        ({"no_churn": "9d", "at_least": 1}, {}, ConflictingOptionsError, "loyalty.atLeast"),
        ({"promoter": "promotor"}, {}, UnknownColumnError, "Did you mean 'promoter'"),
        ({"promoter": "promoter"}, {}, InvalidOptionError, "a column of numbers"),
        ({"promoter": "promoter", "equals": "yes"}, {}, ConflictingOptionsError, "equals"),
        ({"value_within": "9d", "at_least": float("nan")}, {}, InvalidOptionError, "a number"),
        ({"no_churn": "9d"}, {"first": -1}, InvalidOptionError, "first"),
    ],
)
def test_bad_input(
    shop: JourneyGraph, loyalty: Any, options: Any, error: type[Exception], says: str
) -> None:
    question = LoyaltyTouchpoints(loyalty=Loyalty(**loyalty), **options)
    with pytest.raises(error, match=says):
        loyalty_touchpoints(question, shop.journeys())


def test_a_column_of_other_words_must_be_told_which_is_loyal() -> None:
    attributes: dict[str, dict[str, Any]] = {
        "a": {"score": 10, "kind": "gold", "is_in": True},
        "b": {"score": 9.5, "kind": "", "is_in": False},
        "c": {"score": None, "kind": None, "is_in": None},
    }
    view = graph_from_rows([(name, 1, "visit") for name in "abc"], attributes=attributes).journeys()

    def counts(**loyalty: Any) -> tuple[int, int, int]:
        answer = loyalty_touchpoints(LoyaltyTouchpoints(loyalty=Loyalty(**loyalty)), view)
        return answer.units, answer.loyal, answer.not_eligible

    with pytest.raises(InvalidOptionError, match="'gold' is neither"):
        counts(column="kind")
    assert counts(column="kind", equals="gold") == (1, 1, 2)
    assert counts(column="score", equals="10") == (2, 1, 1)
    assert counts(column="is_in") == counts(column="is_in", equals="true") == (2, 1, 1)


# --- what others published ----------------------------------------------------------------------


def data(name: str) -> Path:
    return Path(os.environ["JOURNEYGRAPH_DATA"]) / name


def truth(name: str) -> dict[str, Any]:
    return dict(json.loads((data("truth") / name).read_text()))


@pytest.fixture(scope="module", name="hotels")
def _hotels() -> JourneyGraph:
    frame = pd.read_parquet(data("hotel_bookings.parquet"))
    at_us = frame["timestamp"].astype("int64")
    rows = zip(frame["case_id"], at_us.tolist(), frame["touchpoint"], frame["channel"], strict=True)
    columns = frame[["case_id", "reservation_status", "is_repeated_guest"]]
    attributes: Any = columns.set_index("case_id").to_dict("index")
    return graph_from_rows(list(rows), attributes=attributes)


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "loyalty"),
    [
        ("cancellation", Loyalty(column="reservation_status", equals="Canceled")),
        ("repeat_guest", Loyalty(column="is_repeated_guest")),
    ],
)
def test_hotel_bookings_by_channel(hotels: JourneyGraph, name: str, loyalty: Loyalty) -> None:
    expected = truth(f"channel_hotel_{name}.json")
    answer = loyalty_touchpoints(LoyaltyTouchpoints(loyalty=loyalty), hotels.journeys(by="channel"))
    assert answer.units == expected["rows"]
    assert answer.base_rate == pytest.approx(expected["overall_share"])
    nodes = {node.touchpoint: node for node in answer.nodes}
    assert len(nodes) == len(expected["groups"])
    for group in expected["groups"]:
        node = nodes[group["value"]]
        assert node.exposed == group["n"]
        assert node.exposed_rate == pytest.approx(group["outcome_share"])
        assert node.unexposed_rate == pytest.approx(group["rest_share"])
        assert node.lift == pytest.approx(group["lift"])
        if node.test == "chi-square":  # scipy's file has chi-square for five bookings as well
            assert node.p_value == pytest.approx(group["chi2_p"], rel=1e-9)
        if group["odds_ratio"] > 0:  # an empty cell gets its half here
            assert node.odds_ratio.value == pytest.approx(group["odds_ratio"])
        assert_agrees_with_scipy(node, answer)


@pytest.mark.realdata
def test_passengers_who_rated_a_touchpoint_highly() -> None:
    expected = truth("loyalty_airline_satisfaction.json")
    frame = pd.read_parquet(data("airline_satisfaction.parquet"))
    published = expected["touchpoints"][:3]
    rows = [(customer, 0, "flight") for customer in frame["customer_id"]]
    for entry in published:
        liked = frame.loc[frame[entry["touchpoint"]] >= 4, "customer_id"]
        rows += [(customer, 1, entry["touchpoint"]) for customer in liked]
    attributes: Any = frame.set_index("customer_id")[["outcome"]].to_dict("index")
    loyalty = Loyalty(column="outcome", equals="Satisfied")
    view = graph_from_rows(rows, attributes=attributes).journeys()
    answer = loyalty_touchpoints(LoyaltyTouchpoints(loyalty=loyalty), view)
    assert (answer.units, answer.loyal) == (expected["passengers"], expected["satisfied"])
    nodes = {node.touchpoint: node for node in answer.nodes}
    for entry in published:
        node = nodes[entry["touchpoint"]]
        assert node.exposed_rate == pytest.approx(entry["share_satisfied_if_rating_ge4"])
        assert node.q_value == 0.0
    assert nodes["flight"].untested == "everybody met it"


@pytest.mark.realdata
def test_buyers_of_music_come_again() -> None:
    frame = pd.read_parquet(data("cdnow.parquet"))
    at_us = frame["timestamp"].astype("int64").tolist()
    view = graph_from_rows(
        list(zip(frame["customer_id"], at_us, frame["touchpoint"], strict=True))
    ).journeys()
    answer = loyalty_touchpoints(
        LoyaltyTouchpoints(loyalty=Loyalty(repeat_purchase_within="180d")), view
    )
    first = frame.groupby("customer_id")["timestamp"].transform("min")
    since = frame["timestamp"] - first
    again = frame[(since > pd.Timedelta(0)) & (since <= pd.Timedelta("180D"))]
    latest = frame["timestamp"].max()
    watched = first.groupby(frame["customer_id"]).first() + pd.Timedelta("180D") <= latest
    assert answer.units == int(watched.sum())
    assert answer.censored == int((~watched).sum())
    loyal = set(again["customer_id"]) & set(watched[watched].index)
    assert answer.loyal == len(loyal)
    repeaters = frame[since > pd.Timedelta(0)]["customer_id"].nunique()
    published = truth("rfm_cdnow.json")
    assert repeaters == published["customers"] - published["frequency"]["zero"]
