"""The population bar and the address: what is chosen is asked, linked to, and brought back."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.conftest import Ask
from tests.explorer.browsing import Address, closed, look, number, numbers, opened, shown

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

SUMMARY = """query($where: WhereInput) {
  journeys(where: $where) { summary { customers interactions } }
}"""
OFFICE = {"customers": {"attributes": [{"name": "segment", "values": ["office"]}]}}


def size(page: "Page") -> str:
    shown(page)
    return page.locator(".bar .size").first.inner_text()


def said(ask: Ask, **where: object) -> str:
    summary = ask(SUMMARY, where=where)["journeys"]["summary"]
    return f"{summary['customers']:,} customers, {summary['interactions']:,} interactions"


def test_a_choice_is_asked_linked_to_and_taken_back(
    browser: "Browser", address: Address, page: "Page", ask: Ask
) -> None:
    everybody = size(page)
    assert everybody == said(ask)
    page.get_by_role("button", name="Segment", exact=True).click()
    page.get_by_role("checkbox", name="office").check()
    page.keyboard.press("Escape")
    assert size(page) == said(ask, **OFFICE)
    page.get_by_role("button", name="Channel", exact=True).click()
    page.get_by_role("checkbox", name="web", exact=True).check()
    page.keyboard.press("Escape")
    narrowed = size(page)
    assert narrowed == said(ask, channels=["web"], **OFFICE)
    link = opened(browser, address, page.url.removeprefix(f"{address}/"))
    assert size(link) == narrowed
    assert link.get_by_role("button", name="Segment office").is_visible()
    closed(link)
    page.go_back()
    assert size(page) == said(ask, **OFFICE)
    page.go_back()
    assert size(page) == everybody
    page.go_forward()
    page.get_by_role("button", name="Clear Segment").click()
    assert size(page) == everybody


CHOICES = {
    "view": "paths", "until": "2025-03-01", "stage": ["inquiry", "comparison"], "has_outcome": "no",
    "referred": "no", "not_touched": "complaint", "did": '"any ~ page" .* "any ~ page"',
    "group": "*page~ any ~~ page", "exclude": "newsletter", "split": "inactivity:7d",
    "unit": "JOURNEY", "inactivity": "10d", "confidence": "0.9", "outcome_touchpoint": "cart",
    "v_first": 10,
}  # fmt: skip
CHOSEN = """query($where: WhereInput) {
  journeys(
    where: $where unit: JOURNEY split: {inactivity: "7d"} inactivity: "10d" confidence: 0.9
    outcome: {touchpoints: ["cart"]}
    rules: {exclude: ["newsletter"], group: [{pattern: "*page", as: "any ~ page"}]}
  ) { commonPaths(first: 10) { nodes { items units outcomeRate { low high } } } }
}"""
WHERE = {
    "until": "2025-03-01", "stages": ["inquiry", "comparison"],
    "did": ['"any ~ page" .* "any ~ page"'],
    "customers": {"hasOutcome": False, "referred": False, "notTouched": ["complaint"]},
}  # fmt: skip


def test_every_kind_of_choice_is_in_the_address(
    browser: "Browser", address: Address, ask: Ask
) -> None:
    page = opened(browser, address, look(**CHOICES))
    nodes = ask(CHOSEN, where=WHERE)["journeys"]["commonPaths"]["nodes"]
    assert len(nodes) > 2
    rows = [row for row in numbers(page, "common-paths") if row["path"] != "(other)"]
    for row, node in zip(rows, nodes, strict=True):
        assert row["path"] == " > ".join(node["items"])
        assert number(row["units"]) == node["units"]
        assert number(row["high"]) == node["outcomeRate"]["high"]
    before = page.url
    page.get_by_role("link", name="Flow", exact=True).click()
    shown(page)
    page.go_back()
    shown(page)
    assert page.url == before
    closed(page)


def test_an_address_written_by_hand_does_no_harm(browser: "Browser", address: Address) -> None:
    page = opened(
        browser, address,
        "#view=nothing&by=SOMETHING&pick={&unit=&attribute=x&compare=maybe&v.steps=-4&numbers=2",
    )  # fmt: skip
    problem = page.get_by_role("alert")
    problem.wait_for()
    assert "'x'" in problem.inner_text()
    page.get_by_role("button", name="Ask of everybody").click()
    shown(page)
    assert problem.count() == 0
    closed(page)


SHARES = """query($where: WhereInput) {
  journeys(where: $where) { commonPaths(first: 100) { nodes { items share } } }
}"""


COMPARE = """query($with: WhereInput!) { journeys(where: {customers: {hasOutcome: true}}) {
  compare(with: $with) {
    exitRate { population { value } against { value } difference { value low high qValue } }
    emotion { population { value } against { value } difference { value low high qValue } }
    transitions(first: 1000) { nodes { source target population { share { value } }
      against { share { value } } shareDifference { value low high qValue } } } } } }"""


def differences(page: "Page", figure: str) -> dict[str, dict[str, str]]:
    """Rows of a table of differences by their keys: numbers, interval, q, if it is sure."""
    rows: list[dict[str, str]] = page.locator(f"[data-figure='{figure}'] tbody").evaluate(
        """body => [...body.rows].map(row => {
             const [a, b, change, interval, q] = [...row.querySelectorAll("td")];
             return {key: row.dataset.key, sure: row.dataset.sure ?? "", a: a.dataset.value,
                     b: b.dataset.value, change: change.dataset.value,
                     low: interval.dataset.low, high: interval.dataset.high, q: q.dataset.q}; })"""
    )
    return {row["key"]: row for row in rows}


def agrees(row: dict[str, str], a: Any, b: Any, difference: dict[str, float]) -> None:
    assert (number(row["a"]), number(row["b"])) == (a, b)
    assert number(row["change"]) == pytest.approx(-difference["value"], abs=1e-12)
    # the API says A less B, the page B less A
    assert (number(row["low"]), number(row["high"])) == (-difference["high"], -difference["low"])
    assert number(row["q"]) == difference["qValue"]
    assert (row["sure"] == "yes") == (difference["qValue"] <= 0.05)


def test_differences_are_marked_where_they_are_beyond_chance(
    browser: "Browser", address: Address, ask: Ask
) -> None:
    sides = {"has_outcome": "yes", "b_has_outcome": "no"}
    page = opened(browser, address, look(view="path-map", compare="yes", **sides))
    answer = ask(COMPARE, **{"with": {"customers": {"hasOutcome": False}}})["journeys"]["compare"]
    whole = differences(page, "whole-differences")
    for name in ("exitRate", "emotion"):
        side = answer[name]
        agrees(whole[name], side["population"]["value"], side["against"]["value"],
               side["difference"])  # fmt: skip
    edges = {
        ("edge", node["source"], node["target"]): node for node in answer["transitions"]["nodes"]
    }
    rows = differences(page, "path-map-differences")
    compared = [(row, edges[tuple(key)]) for row in rows.values()
                if (key := json.loads(row["key"]))[0] == "edge"]  # fmt: skip
    assert len(compared) > 3
    for row, node in compared:
        agrees(row, node["population"]["share"]["value"], node["against"]["share"]["value"],
               node["shareDifference"])  # fmt: skip
    assert compared[0][0]["sure"] == "yes"
    drawn = page.locator("[data-figure='path-map'][data-mark='A'] svg").text_content() or ""
    assert "▲" in drawn
    assert "▽" in drawn
    page.get_by_role("button", name="The tests as GraphQL").click()
    assert "compare(with: $with)" in page.get_by_role("complementary").inner_text()
    page.get_by_role("link", name="Flow", exact=True).click()
    shown(page)
    said = page.locator("[data-figure='flow-differences'] figcaption").inner_text()
    assert "have no test" in said
    page.get_by_label("Items").last.select_option("CHANNEL")
    shown(page)
    assert "differ in more than who is looked at" in page.get_by_role("note").inner_text()
    assert page.locator("[data-figure='whole-differences']").count() == 0
    closed(page)


def test_two_populations_stand_side_by_side(browser: "Browser", address: Address, ask: Ask) -> None:
    page = opened(
        browser, address,
        look(view="paths", compare="yes", attribute="segment~ office", b_attribute="segment~ home",
             v_first=100),
    )  # fmt: skip
    home = {"customers": {"attributes": [{"name": "segment", "values": ["home"]}]}}
    shares = [
        {tuple(node["items"]): node["share"] for node in nodes}
        for where in (OFFICE, home)
        for nodes in [ask(SHARES, where=where)["journeys"]["commonPaths"]["nodes"]]
    ]
    both = shares[0].keys() & shares[1].keys()
    assert len(both) > 5
    for mark, side in zip("AB", shares, strict=True):
        rows = {row["path"]: number(row["share"]) for row in numbers(page, "common-paths", mark)}
        assert all(rows[" > ".join(items)] == share for items, share in side.items())
    table = page.locator("[data-figure='common-paths-differences'] tbody")
    rows = table.evaluate(
        """body => [...body.rows].map(row => [row.dataset.key,
             ...[...row.querySelectorAll("td[data-value]")].map(cell => cell.dataset.value)])"""
    )
    assert len(rows) == 12
    for key, a, b, change in rows:
        items = key if key == "other" else tuple(json.loads(key))
        if items in both:
            assert (number(a), number(b)) == (shares[0][items], shares[1][items])
            assert number(change) == pytest.approx(shares[1][items] - shares[0][items], abs=1e-12)
    page.get_by_role("button", name="Compare", exact=True).click()
    shown(page)
    assert page.locator("[data-mark='B']").count() == 0
    closed(page)
