"""The view of common paths: its numbers are the API's, and what a click on a way leads to."""

from typing import TYPE_CHECKING

import pytest

from tests.api.conftest import Ask
from tests.explorer.browsing import Address, closed, look, number, numbers, opened, shown

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

QUERY = """query($where: WhereInput) { journeys(where: $where, rules: {collapse: true}) {
  commonPaths(first: 10) {
    otherUnits
    nodes { items units share outcomeRate { value low high } medianSeconds value }
  }
} }"""


def test_numbers_are_those_of_the_api(browser: "Browser", address: Address, ask: Ask) -> None:
    page = opened(browser, address, look(view="paths", channel="web", collapse="yes", v_first=10))
    answer = ask(QUERY, where={"channels": ["web"]})["journeys"]["commonPaths"]
    *listed, other = numbers(page, "common-paths")
    assert len(listed) == 10
    for row, path in zip(listed, answer["nodes"], strict=True):
        assert row["path"] == " > ".join(path["items"])
        assert row["value"] == path["value"]
        rate = path["outcomeRate"]
        for column, expected in {
            "units": path["units"], "share": path["share"], "outcomeRate": rate["value"],
            "low": rate["low"], "high": rate["high"], "medianSeconds": path["medianSeconds"],
        }.items():  # fmt: skip
            assert number(row[column]) == expected, column
    assert number(other["units"]) == answer["otherUnits"]
    closed(page)


def test_a_way_leads_to_its_customers_and_narrows_the_population(page: "Page", ask: Ask) -> None:
    page.get_by_role("link", name="Paths", exact=True).click()
    shown(page)
    way = page.locator("[data-figure='common-paths'] [role='button']").first
    way.click()
    panel = page.get_by_role("complementary", name="Details")
    listed = panel.get_by_role("listitem")
    listed.first.wait_for()
    answer = ask(
        "{ journeys { commonPaths(first: 1) { nodes { units customers { nodes { id } } } } } }"
    )
    path = answer["journeys"]["commonPaths"]["nodes"][0]
    ids = [customer["id"] for customer in path["customers"]["nodes"]]
    assert listed.all_inner_texts() == ids[:25]
    panel.get_by_role("button", name="Only who went this way").click()
    shown(page)
    (row, other) = numbers(page, "common-paths")
    assert (number(row["units"]), number(row["share"])) == (path["units"], 1)
    assert number(other["units"]) == 0
    page.go_back()
    shown(page)
    panel.wait_for()
