"""The path map: its numbers are the API's, the slider says what it covers, and clicks list who."""

from typing import TYPE_CHECKING

import pytest

from tests.api.conftest import Ask
from tests.explorer.browsing import Address, closed, look, number, numbers, opened, shown
from tests.explorer.marks import listed, mark_of, said

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

QUERY = """query($first: Int!) { journeys(rules: {collapse: true}) {
  transitions(first: $first) {
    count coverage otherCount otherEdges
    nodes { source target units share count medianSeconds }
  }
  commonPaths(form: NGRAM, length: 2, first: $first) { coveredUnits coverage }
  dropOff(first: 1000) { nodes { item visits exits open rate { value low high } } }
} }"""


def test_numbers_are_those_of_the_api(browser: "Browser", address: Address, ask: Ask) -> None:
    page = opened(browser, address, look(view="path-map", collapse="yes", v_detail=2))
    answer = ask(QUERY, first=15)["journeys"]
    edges, rows = answer["transitions"], numbers(page, "path-map")
    drawn = [row for row in rows if row["kind"] == "transition"]
    for row, edge in zip(drawn, edges["nodes"], strict=True):
        assert (row["item"], row["target"]) == (edge["source"], edge["target"])
        for column in ("units", "share", "count", "medianSeconds"):
            assert number(row[column]) == edge[column]
    (other,) = (row for row in rows if row["kind"] == "other transitions")
    (whole,) = (row for row in rows if row["kind"] == "all")
    assert number(other["count"]) == edges["otherCount"] > 0
    assert number(whole["count"]) == edges["count"]
    assert number(whole["units"]) == answer["commonPaths"]["coveredUnits"]
    connected = {name for edge in edges["nodes"] for name in (edge["source"], edge["target"])}
    nodes = [node for node in answer["dropOff"]["nodes"] if node["item"] in connected]
    items = [row for row in rows if row["kind"] == "item"]
    assert len(nodes) > 5
    for row, node in zip(items, nodes, strict=True):
        assert row["item"] == node["item"]
        assert [number(row[name]) for name in ("visits", "exits", "open")] == [
            node["visits"], node["exits"], node["open"]
        ]  # fmt: skip
        assert [number(row[name]) for name in ("rate", "low", "high")] == [*node["rate"].values()]
    closed(page)


def test_the_slider_says_what_is_covered(browser: "Browser", address: Address, ask: Ask) -> None:
    page = opened(browser, address, look(view="path-map", collapse="yes", v_detail=0))
    for stop, first in ((0, 5), (6, 60)):
        if stop:
            page.get_by_role("slider", name="Detail").fill(str(stop))
            page.wait_for_function("() => location.hash.includes('v.detail=6')")
            shown(page)
        answer = ask(QUERY, first=first)["journeys"]["transitions"]
        words = page.locator("main").inner_text()
        assert f"{len(answer['nodes'])} transitions, {percent(answer['coverage'])}" in words
    closed(page)


def percent(share: float) -> str:
    return "100%" if share == 1 else f"{share:.1%}"


def test_marks_list_who_is_behind_them(browser: "Browser", address: Address, ask: Ask) -> None:
    page = opened(browser, address, look(view="path-map", collapse="yes", v_detail=2))
    answer = ask(QUERY, first=15)["journeys"]
    edge = next(one for one in answer["transitions"]["nodes"] if one["source"] != one["target"])
    key = said(["edge", edge["source"], edge["target"]])
    assert listed(page, "path-map", key) == edge["units"]
    node = next(one for one in answer["dropOff"]["nodes"] if one["item"] == edge["source"])
    item = said(["item", node["item"]])
    assert listed(page, "path-map", item) == node["visits"]
    assert listed(page, "path-map", item, 1) == node["exits"]
    mark_of(page, "path-map", key).dispatch_event("click")
    page.get_by_role("button", name="Only who went this way").click()
    shown(page)
    (row,) = (
        row for row in numbers(page, "path-map")
        if (row["item"], row["target"]) == (edge["source"], edge["target"])
    )  # fmt: skip
    assert (number(row["units"]), number(row["share"])) == (edge["units"], 1)
    closed(page)
