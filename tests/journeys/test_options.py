"""What people write as options, and what they are told where it cannot be used."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from journeygraph.cohorts import CustomerWhere, Where
from journeygraph.errors import JourneyGraphError
from journeygraph.graph import JourneyGraph
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import By, Journeys, Split, Unit
from journeygraph.outcome import OutcomeRule
from journeygraph.rules import Group, Rules
from tests.strategies import DAY_US

HOUR_US = DAY_US // 24


@pytest.fixture(scope="module")
def graph() -> JourneyGraph:
    return graph_from_rows(
        [
            ("a", 0, "home", "web", "inquiry", None),
            ("a", DAY_US, "cart*", "Web", None, 1999),
            ("a", 2 * DAY_US, "Purchase", "call center", "purchase", 2000),
            ("b", HOUR_US, "home", None, None, None),
            ("b", 3 * DAY_US, "page/shoes/1", "email", "comparison", None),
            ("c", DAY_US, "page/hats/7", "web", None, -5),
        ],
        attributes={
            "a": {"country": "DE", "age": "30"},
            "b": {"country": "FR"},
            "d": {"country": "DE"},
        },
        referrals=[("a", "b"), ("c", "c"), (None, "a")],
        currency="EUR",
        session=["1", "1", "2", "1", None, "1"],
    )


def kept(view: Journeys) -> list[int]:
    """Arrivals of what is kept."""
    arrival = view.graph.column("row")
    return sorted(
        int(arrival[row])
        for first, last in zip(view.journey_starts, view.journey_ends, strict=True)
        for row in range(first, last)
        if view.item_codes[row] < view.n_items or view.item_codes[row] == view.repeated_code
    )


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"channels": "WEB"}, [0, 1, 5]),
        ({"channels": ["callcenter", "unknown"]}, [2, 3]),
        ({"stages": ["Awareness", "decision"]}, [0, 2]),
        ({"stages": ["Unknown"]}, [1, 3, 5]),
        ({"minValue": "19.99"}, [1, 2]),
        ({"min_value": 19.995}, [2]),
        ({"maxValue": Decimal("19.99")}, [1, 5]),
        ({"min_value": -1, "max_value": 0}, [5]),
        ({"excludeTouchpoints": ["home"]}, [1, 2, 4, 5]),
        ({"touchpoints": {"home", "cart*"}, "exclude_touchpoints": ("home",)}, [1]),
        ({"from": None, "channels": None}, [0, 1, 2, 3, 4, 5]),
        ({"customers": {"touched": ["Purchase", "page/hats/7"]}}, [0, 1, 2, 5]),
        ({"customers": {"notTouched": "home"}}, [5]),
        ({"customers": {"ids": ["a", "c", "a"]}}, [0, 1, 2, 5]),
        ({"customers": {"referred": True}}, [3, 4]),
        ({"customers": {"referred": False}}, [0, 1, 2, 5]),
        ({"customers": {"hasOutcome": False}}, [3, 4, 5]),
        ({"customers": {"attributes": {"country": "DE"}}}, [0, 1, 2]),
        ({"customers": {"attributes": {"country": ["DE", "FR"], "age": [30]}}}, [0, 1, 2]),
        ({"customers": {"attributes": [{"name": "country", "values": ["FR"]}]}}, [3, 4]),
        (Where(customers=CustomerWhere(touched=("home",), has_outcome=True)), [0, 1, 2]),
        ({"until": "1970-01-02", "customers": {"touched": ["page/shoes/1"]}}, []),
        ({"from": "1970-01-03", "customers": {"touched": ["home"]}}, [2, 4]),
    ],
)
def test_where_keeps(graph: JourneyGraph, where: Any, expected: list[int]) -> None:
    assert kept(graph.journeys(where=where)) == expected


@pytest.mark.parametrize(
    ("moment", "timezone", "at_us"),
    [
        ("1970-01-02", "UTC", DAY_US),
        (" 1970-01-02T00:00 ", "UTC", DAY_US),
        (date(1970, 1, 2), "Europe/Berlin", DAY_US - HOUR_US),
        ("1970-01-02", "America/New_York", DAY_US + 5 * HOUR_US),
        ("1970-01-02T00:00+01:00", "America/New_York", DAY_US - HOUR_US),
        ("1970-01-02T00:00:00.000001Z", "Asia/Tokyo", DAY_US + 1),
        (datetime(1970, 1, 2, tzinfo=UTC), "Asia/Tokyo", DAY_US),
        (datetime(1970, 1, 2), "Asia/Tokyo", DAY_US - 9 * HOUR_US),
        (pd.Timestamp("1970-01-02", tz="Europe/Berlin"), "UTC", DAY_US - HOUR_US),
        # The clocks of Berlin skip 02:30 on 31 March 2024 and show it twice on 27 October.
        ("2024-03-31T01:59", "Europe/Berlin", 1_711_846_740_000_000),
        ("2024-03-31T02:30", "Europe/Berlin", 1_711_848_600_000_000),
        ("2024-03-31T03:30", "Europe/Berlin", 1_711_848_600_000_000),
        ("2024-10-27T02:30", "Europe/Berlin", 1_729_989_000_000_000),
        ("2024-10-27T02:30+01:00", "Europe/Berlin", 1_729_992_600_000_000),
        ("2024-10-28", "Europe/Berlin", 1_730_070_000_000_000),
    ],
)
def test_from_is_included_and_until_is_not(moment: Any, timezone: str, at_us: int) -> None:
    graph = graph_from_rows([("a", at_us - 1, "x"), ("a", at_us, "x"), ("a", at_us + 1, "x")])
    assert kept(graph.journeys(where={"from": moment}, timezone=timezone)) == [1, 2]
    view = graph.journeys(where={"until": moment}, timezone=timezone)
    assert kept(view) == [0]
    assert view.as_of_us == at_us
    assert view.unit_ends.tolist() == [1]


def test_what_is_before_from_is_history_and_what_is_after_until_is_nothing(
    graph: JourneyGraph,
) -> None:
    late = graph.journeys(where={"from": "1970-01-04", "until": "1971-01-01"})
    assert late.customer_ids(np.arange(late.n_units)) == ["b"]
    assert late.unit_starts.tolist() == [3]
    early = graph.journeys(where={"until": "1970-01-03"})
    assert early.n_units == 3
    assert early.outcome_rows.tolist() == []
    assert early.unit_value_minor.tolist() == [1999, 0, -5]


@pytest.mark.parametrize(
    ("outcome", "rows"),
    [
        (None, [2]),
        ({"stages": ["purchase", "comparison"]}, [2, 4]),
        ({"minValue": "19.99"}, [1, 2]),
        ({"touchpoints": ["cart*", "Purchase"], "minValue": 20}, [2]),
        (OutcomeRule(touchpoints=("home",)), [0, 3]),
    ],
)
def test_outcome(graph: JourneyGraph, outcome: Any, rows: list[int]) -> None:
    assert graph.journeys(outcome=outcome).outcome_rows.tolist() == rows


def test_without_a_touchpoint_purchase_the_stage_with_a_value_is_the_outcome() -> None:
    rows = [("a", 0, "buy", None, "purchase", 1), ("a", 1, "buy", None, "purchase", 0),
            ("a", 2, "buy", None, "purchase"), ("a", 3, "buy", None, "support", 9)]  # fmt: skip
    view = graph_from_rows(rows).journeys()
    assert view.outcome_rows.tolist() == [0]
    assert view.outcome.wording == "stage purchase, a value of at least 0.01"


@pytest.mark.parametrize(
    ("rules", "items"),
    [
        ({"rename": {"home": "start", "cart*": "home"}},
         ["start", "home", "Purchase", "page/shoes/1", "page/hats/7"]),
        ({"rename": {"home": "cart*"}}, ["cart*", "Purchase", "page/shoes/1", "page/hats/7"]),
        ({"group": [{"pattern": "page/*", "as": "page"}]}, ["home", "cart*", "Purchase", "page"]),
        ({"group": [{"pattern": r"page/(\w+)/\d+", "as": r"page \1", "regex": True}]},
         ["home", "cart*", "Purchase", "page shoes", "page hats"]),
        ({"group": [{"pattern": "?age*", "as_": "x"}, Group(pattern="*o*", as_="o")]},
         ["o", "cart*", "Purchase", "x"]),
        ({"group": [{"pattern": "page*", "as": "page"}, {"pattern": "*", "as": "rest"}]},
         ["rest", "page"]),
        ({"exclude": [r"cart\*", "page*"]}, ["home", "Purchase"]),
        ({"exclude": "*"}, []),
        ({"rename": {"home": "a"}, "group": [{"pattern": "a", "as": "b"}], "exclude": ["b"]},
         ["cart*", "Purchase", "page/shoes/1", "page/hats/7"]),
    ],
)  # fmt: skip
def test_rules(graph: JourneyGraph, rules: Any, items: list[str]) -> None:
    assert list(graph.journeys(rules=rules).items) == items


def test_rules_see_the_names_of_items_in_any_spelling(graph: JourneyGraph) -> None:
    view = graph.journeys(by="channel", rules={"rename": {"Call Center": "voice"}})
    assert view.items == ("unknown", "web", "voice", "email")
    assert view.item_codes_of("step", ["E-Mail"]) == (3,)
    assert graph.journeys(by="STAGE").item_codes_of("step", ["Awareness"]) == (1,)
    pairs = graph.journeys(by="touchpoint_at_channel", rules={"exclude": ["*@web"]})
    assert pairs.items == ("home@unknown", "Purchase@call centre", "page/shoes/1@email")


def test_a_pattern_from_outside_cannot_hold_the_server_up() -> None:
    graph = graph_from_rows([("a", 0, "a" * 5_000 + "b")])
    view = graph.journeys(rules={"group": [{"pattern": "(a|a)*|(a+)+b", "as": "x", "regex": True}]})
    assert view.items == ("x",)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ({"where": {"chanels": ["web"]}}, "UNKNOWN_OPTION", "Did you mean 'channels'?"),
        ({"where": {"customers": {"hasOutcom": True}}}, "UNKNOWN_OPTION", "'hasOutcome'"),
        ({"where": {"customers": {"not_touch": ["home"]}}}, "UNKNOWN_OPTION", "'not_touched'"),
        ({"where": {"min-value": 3}}, "UNKNOWN_OPTION", "'minValue'"),
        ({"where": "web"}, "INVALID_OPTION", "where='web'"),
        ({"where": {"channels": []}}, "INVALID_OPTION", "where.channels=[]"),
        ({"where": {"channels": [3]}}, "INVALID_OPTION", "where.channels=[3]"),
        ({"where": {"channels": 3}}, "INVALID_OPTION", "where.channels=3"),
        ({"where": {"touchpoints": {"home": 1}}}, "INVALID_OPTION", "where.touchpoints"),
        ({"where": {"channels": ["wep"]}}, "UNKNOWN_CHANNEL", "Did you mean 'web'?"),
        ({"where": {"touchpoints": ["hom"]}}, "UNKNOWN_TOUCHPOINT", "Did you mean 'home'?"),
        ({"where": {"excludeTouchpoints": ["?"]}}, "UNKNOWN_TOUCHPOINT", "excludeTouchpoints"),
        ({"where": {"stages": ["suport"]}}, "UNKNOWN_STAGE", "Did you mean 'support'?"),
        ({"where": {"initiators": ["costumer"]}}, "INVALID_OPTION", "perhaps 'customer'"),
        ({"where": {"levels": [""]}}, "INVALID_OPTION", "where.levels=''"),
        ({"where": {"minValue": "cheap"}}, "INVALID_OPTION", "where.minValue='cheap'"),
        ({"where": {"minValue": float("nan")}}, "INVALID_OPTION", "where.minValue=nan"),
        ({"where": {"minValue": "1e99"}}, "INVALID_OPTION", "where.minValue='1e99'"),
        ({"where": {"minValue": True}}, "INVALID_OPTION", "where.minValue=True"),
        ({"where": {"minValue": 2, "maxValue": 1}}, "INVALID_OPTION", "where.maxValue=1"),
        ({"where": {"from": "yesterday"}}, "INVALID_OPTION", "where.from='yesterday'"),
        ({"where": {"from": 2024}}, "INVALID_OPTION", "where.from=2024"),
        ({"where": {"from": pd.NaT}}, "INVALID_OPTION", "where.from=NaT"),
        ({"where": {"from": "2024-01-02", "until": "2024-01-02"}}, "INVALID_OPTION", "later than"),
        ({"where": {"customers": {"ids": ["z"]}}}, "UNKNOWN_CUSTOMER", "'z'"),
        ({"where": {"customers": {"touched": ["z"]}}}, "UNKNOWN_TOUCHPOINT", "customers.touched"),
        ({"where": {"customers": {"referred": "yes"}}}, "INVALID_OPTION", "true or false"),
        ({"where": {"customers": {"attributes": {"land": ["DE"]}}}}, "UNKNOWN_COLUMN", "'country'"),
        ({"where": {"customers": {"attributes": {"country": ["D"]}}}}, "UNKNOWN_VALUE", "'DE'"),
        ({"where": {"customers": {"attributes": {"country": []}}}}, "INVALID_OPTION", "value"),
        ({"where": {"customers": {"attributes": [{"name": "x"}]}}}, "INVALID_OPTION", "values"),
        ({"rules": {"rename": {"hom": "x"}}}, "UNKNOWN_ITEM", "Did you mean 'home'?"),
        ({"rules": {"rename": {"home": ""}}}, "INVALID_OPTION", "rules.rename=''"),
        ({"rules": {"rename": [("home", "x")]}}, "INVALID_OPTION", "mapping of old names"),
        ({"rules": {"exclude": ["pages/*"]}}, "PATTERN_MATCHES_NOTHING", "rules.exclude='pages/*'"),
        ({"rules": {"exclude": ["Home"]}}, "PATTERN_MATCHES_NOTHING", "Did you mean 'home'?"),
        ({"rules": {"group": [{"pattern": "z", "as": "x"}]}}, "PATTERN_MATCHES_NOTHING", "'z'"),
        ({"rules": {"group": [{"pattern": "*"}]}}, "INVALID_OPTION", "'as'"),
        ({"rules": {"group": {"pattern": "*", "as": "x"}}}, "INVALID_OPTION", "a list of"),
        ({"rules": {"group": [{"pattern": "*", "as": "x", "re": True}]}}, "UNKNOWN_OPTION", "'re'"),
        ({"rules": {"group": [{"pattern": "(", "as": "x", "regex": True}]}},
         "INVALID_PATTERN", "missing )"),
        ({"rules": {"group": [{"pattern": "a)|(b", "as": "x", "regex": True}]}},
         "INVALID_PATTERN", "unexpected )"),
        ({"rules": {"group": [{"pattern": "(?=h).*", "as": "x", "regex": True}]}},
         "INVALID_PATTERN", "look-around"),
        ({"rules": {"group": [{"pattern": "(x{1000}){1000}", "as": "x", "regex": True}]}},
         "INVALID_PATTERN", "repetition"),
        ({"rules": {"group": [{"pattern": "home", "as": r"\2", "regex": True}]}},
         "INVALID_PATTERN", "parenthesized"),
        ({"rules": {"exclude": ["x" * 1_001]}}, "INVALID_OPTION", "at most 1000 characters"),
        ({"rules": {"exclude": ["home"] * 1_001}}, "INVALID_OPTION", "at most 1000 patterns"),
        ({"rules": {"exclude": ["\ud800"]}}, "INVALID_OPTION", "a text"),
        ({"rules": {"collapse": "yes"}}, "INVALID_OPTION", "rules.collapse='yes'"),
        ({"split": {}}, "INVALID_OPTION", "inactivity"),
        ({"split": {"inactivity": "30m", "outcome": True}}, "CONFLICTING_OPTIONS", "split.outcome"),
        ({"split": {"inactivity": 30}}, "INVALID_DURATION", "split.inactivity=30"),
        ({"split": {"column": "sesion"}}, "UNKNOWN_COLUMN", "Did you mean 'session'"),
        ({"split": {"column": ""}}, "INVALID_OPTION", "split.column=''"),
        ({"outcome": {}}, "INVALID_OPTION", "at least one of"),
        ({"outcome": {"touchpoints": ["buy"]}}, "UNKNOWN_TOUCHPOINT", "outcome.touchpoints='buy'"),
        ({"outcome": {"stages": ["buy"]}}, "UNKNOWN_STAGE", "outcome.stages='buy'"),
        ({"by": "touch point"}, "INVALID_OPTION", "TOUCHPOINT_AT_CHANNEL"),
        ({"unit": "session"}, "INVALID_OPTION", "CUSTOMER or JOURNEY"),
        ({"unit": None}, "INVALID_OPTION", "unit=None"),
        ({"inactivity": 30}, "INVALID_DURATION", "inactivity=30"),
        ({"confidence": 95}, "INVALID_OPTION", "confidence=95"),
        ({"confidence": "high"}, "INVALID_OPTION", "confidence='high'"),
        ({"timezone": "Berlin"}, "INVALID_OPTION", "'Europe/Berlin'"),
        ({"timezone": "../../etc/passwd"}, "INVALID_OPTION", "timezone="),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said(
    graph: JourneyGraph, options: dict[str, Any], code: str, said: str
) -> None:
    with pytest.raises(JourneyGraphError) as raised:
        graph.journeys(**options)
    assert raised.value.code == code
    assert said in str(raised.value)


def test_an_item_that_is_not_there_has_near_misses(graph: JourneyGraph) -> None:
    with pytest.raises(JourneyGraphError, match="steps='hme' is not an item.*\n.*'home'"):
        graph.journeys().item_codes_of("steps", ["hme"])


def test_dataclasses_and_mappings_say_the_same(graph: JourneyGraph) -> None:
    views = [
        graph.journeys(
            where=Where(touchpoints=("home", "Purchase")),
            rules=Rules(rename={"home": "start"}, collapse=True),
            split=Split(inactivity=timedelta(hours=36)),
            by=By.TOUCHPOINT,
            unit=Unit.JOURNEY,
        ),
        graph.journeys(
            where={"touchpoints": ["home", "Purchase"]},
            rules={"rename": {"home": "start"}, "collapse": True},
            split={"inactivity": "36h"},
            by="TOUCHPOINT",
            unit="JOURNEY",
        ),
    ]
    assert views[0].journey_starts.tolist() == views[1].journey_starts.tolist() == [0, 2, 3]
    assert views[0].item_codes.tolist() == views[1].item_codes.tolist()
    assert repr(views[0]) == "<Journeys: 3 journeys of 3 journeys by touchpoint (5 items)>"


def test_sessions_that_overlap_are_counted_by_journey_only(graph: JourneyGraph) -> None:
    rows = [("a", 0, "x"), ("a", 1, "y"), ("a", 2, "z"), ("b", 3, "x")]
    graph = graph_from_rows(rows, order=["1", "2", "1", "3"], cost=[1, 2, 3, 4])
    with pytest.raises(JourneyGraphError, match="overlap in time for 1 customer"):
        graph.journeys(split={"column": "order"})
    view = graph.journeys(split={"column": "order"}, unit="journey")
    assert [view.items[code] for code in view.item_codes] == ["x", "z", "y", "x"]
    assert view.journey_starts.tolist() == [0, 2, 3]
    assert view.graph.column("cost").tolist() == [1, 3, 2, 4]
    assert view.graph.coded("order").codes.tolist() == [0, 0, 1, 2]
    assert view.customer_ids(view.journey_units) == ["a", "a", "b"]
