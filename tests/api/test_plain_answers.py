"""Answers as JSON: names by one rule, exact money, moments, and nothing of Python itself."""

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.answers import camel_case, moment, money, to_json
from journeygraph.graph import JourneyGraph
from journeygraph.journeys import By
from queries.drop_off import DropOff, drop_off


@pytest.mark.parametrize(
    ("python", "shown"),
    [
        ("units", "units"),
        ("outcome_rate", "outcomeRate"),
        ("from_", "from"),
        ("p95_seconds", "p95Seconds"),
        ("median_from_first_seconds", "medianFromFirstSeconds"),
    ],
)
def test_one_rule_spells_names(python: str, shown: str) -> None:
    assert camel_case(python) == shown


@given(st.integers(-(10**20), 10**20), st.integers(0, 4))
def test_money_is_exact(minor: int, exponent: int) -> None:
    text = str(money(minor, exponent))
    whole, _point, fraction = text.lstrip("-").partition(".")
    assert len(fraction) == exponent
    assert int(whole + fraction) * (-1 if text.startswith("-") else 1) == minor


def test_moments_are_iso_in_utc() -> None:
    assert moment(0) == "1970-01-01T00:00:00Z"
    assert moment(1_700_000_000_123_456) == "2023-11-14T22:13:20.123456Z"
    assert moment(-62_135_596_800_000_000) == "0001-01-01T00:00:00Z"
    assert moment(253_402_300_799_999_999) == "9999-12-31T23:59:59.999999Z"
    assert moment(None) is money(None, 2) is None


@dataclass(frozen=True)
class Answer:
    by: By
    total_minor: int | None
    seen_us: int | None
    words: tuple[str, ...]
    _graph: object = None


def test_an_answer_is_plain_json() -> None:
    answer = Answer(By.TOUCHPOINT_AT_CHANNEL, 123_450, 0, ("a", "é"), object())
    assert json.loads(to_json(answer, 2)) == {
        "by": "TOUCHPOINT_AT_CHANNEL",
        "total": "1234.50",
        "seen": "1970-01-01T00:00:00Z",
        "words": ["a", "é"],
    }
    assert json.loads(to_json([answer], 0))[0]["total"] == "123450"


def test_lists_of_customers_are_left_out(graph: JourneyGraph) -> None:
    said = json.loads(to_json(drop_off(DropOff(), graph.journeys()), graph.exponent))
    assert said["asOf"].startswith("2025-")
    assert {"customers", "visitors", "openCustomers"}.isdisjoint(said["nodes"][0])
    assert said["nodes"][0]["rate"]["successes"] == said["nodes"][0]["exits"]
