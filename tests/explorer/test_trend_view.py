"""Measures over time: the numbers of the API, who counts in them, two populations tested."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.conftest import Ask
from tests.explorer.browsing import Address, closed, look, number, numbers, opened, shown
from tests.explorer.marks import listed
from tests.explorer.test_state import agrees, differences

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

_QUERY = """query($of: TrendMeasure!, $every: Duration!) { journeys {
  trend(of: $of, every: $every, first: 1000) {
    nodes { period whole value low high n of open counted small }
    changes { period before after pValue qValue }
} } }"""
_AGAINST = """{
  journeys(where: {customers: {attributes: [{name: "segment", values: ["office"]}]}}) {
  trend(of: OUTCOME_RATE, within: "30d",
        againstWhere: {customers: {attributes: [{name: "segment", values: ["home"]}]}}) {
    nodes { period value against { value } difference { value low high qValue } } } } }"""


def agree(row: dict[str, str], expected: dict[str, Any]) -> None:
    for column, value in expected.items():
        found = row[column] if isinstance(value, str) else number(row[column])
        assert found == value, column


def test_a_trend_has_the_numbers_of_the_api(browser: "Browser", address: Address, ask: Ask) -> None:
    answer = ask(_QUERY, of="INTERACTIONS", every="week")["journeys"]["trend"]
    page = opened(browser, address, look(view="trend", v_of="INTERACTIONS", v_every="week"))
    rows = numbers(page, "journey-trend")
    changes = {change["period"]: change for change in answer["changes"]}
    assert changes
    unchanged = dict.fromkeys(["before", "after", "pValue", "qValue"])
    for row, node in zip(rows, answer["nodes"], strict=True):
        assert ("partial" in row["mind"]) == (not node.pop("whole"))
        assert ("n < 30" in row["mind"]) == node.pop("small")
        agree(row, unchanged | node | changes.get(node["period"], {}))
    assert listed(page, "journey-trend", rows[20]["period"]) == number(rows[20]["counted"])
    page.get_by_label("Follow").first.select_option("FUNNEL_CONVERSION")
    page.get_by_text("Choose the steps of the funnel, two at least.").wait_for()
    page.get_by_label("Follow").first.select_option("EXIT_RATE")
    page.get_by_text("those that left there without the outcome").wait_for()
    shown(page)
    nodes = ask(_QUERY, of="EXIT_RATE", every="week")["journeys"]["trend"]["nodes"]
    rows = numbers(page, "journey-trend")
    assert [number(row["open"]) for row in rows] == [node["open"] for node in nodes]
    assert sum(node["open"] for node in nodes) > 0
    closed(page)


def test_two_populations_over_time_are_tested(
    browser: "Browser", address: Address, ask: Ask
) -> None:
    page = opened(browser, address, look(
        view="trend", v_of="OUTCOME_RATE", v_within="30d", compare="yes",
        attribute="segment~ office", b_attribute="segment~ home",
    ))  # fmt: skip
    nodes = {node["period"]: node for node in ask(_AGAINST)["journeys"]["trend"]["nodes"]}
    rows = differences(page, "journey-trend-differences")
    tested = {period: row for period, row in rows.items() if nodes[period]["difference"]["qValue"]}
    assert tested
    for period, row in tested.items():
        node = nodes[period]
        agrees(row, node["value"], node["against"]["value"], node["difference"])
    closed(page)
