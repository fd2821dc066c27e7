"""The flow: its numbers are the API's, what is drawn adds up, and what clicks lead to."""

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.conftest import Ask
from tests.explorer.browsing import Address, closed, look, number, numbers, opened, shown
from tests.explorer.marks import listed, mark_of, said

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

GRID = """{ unitsWithPath count
  nodes { items units count outcomeRate { value low high } medianSeconds
          step { id step isOther stopped exits open withOutcome beyond } }
  columns { step count overCount overExits overOpen overWithOutcome }
  flows { step source target count units } }"""
AROUND = look(
    view="flow", inactivity="60d", collapse="yes", v_show="around", v_item="cart", v_steps=3,
    v_rows=3, v_occurrence="LAST",
)  # fmt: skip


def around(ask: Ask) -> dict[str, Any]:
    asked = "form: STEP_GRID, steps: 3, rows: 3, flows: true, first: 1000, occurrence: LAST"
    said = ask(
        f"""{{ journeys(inactivity: "60d", rules: {{collapse: true}}) {{
          before: commonPaths({asked}, endsAt: ["cart"]) {GRID}
          after: commonPaths({asked}, startsAt: ["cart"]) {GRID} }} }}"""
    )
    return dict(said["journeys"])


def rows_of(page: "Page", kind: str) -> list[dict[str, str]]:
    return [row for row in numbers(page, "flow") if row["kind"] == kind]


def test_numbers_are_those_of_the_api(browser: "Browser", address: Address, ask: Ask) -> None:
    page = opened(browser, address, AROUND)
    sides = around(ask)
    assert all(grid["unitsWithPath"] > 100 for grid in sides.values())
    places = [node for side in ("before", "after") for node in sides[side]["nodes"]]
    for row, node in zip(rows_of(page, "place"), places, strict=True):
        step, rate = node["step"], node["outcomeRate"]
        assert row["from"] == node["items"][0] if node["items"] else step["isOther"]
        for column, expected in {
            "paths": node["count"], "units": node["units"], "exits": step["exits"],
            "open": step["open"], "withOutcome": step["withOutcome"], "stopped": step["stopped"],
            "beyond": step["beyond"], "outcomeRate": rate["value"], "low": rate["low"],
            "high": rate["high"], "medianSeconds": node["medianSeconds"],
        }.items():  # fmt: skip
            assert number(row[column]) == expected, column
    columns = [column for side in ("before", "after") for column in sides[side]["columns"]]
    for row, column in zip(rows_of(page, "step"), columns, strict=True):
        shown_here = [row["paths"], row["stopped"], row["exits"], row["open"], row["withOutcome"]]
        told = ["count", "overCount", "overExits", "overOpen", "overWithOutcome"]
        assert [number(one) for one in shown_here] == [column[name] for name in told]
    flows = [flow for side in ("before", "after") for flow in sides[side]["flows"]]
    drawn = [(number(row["paths"]), number(row["units"])) for row in rows_of(page, "flow")]
    assert drawn == [(flow["count"], flow["units"]) for flow in flows]
    closed(page)


def heights(page: "Page") -> dict[str, float]:
    """How high marks are drawn, by their keys: places as bars, what goes on and ends as bands."""
    found: dict[str, float] = page.locator("[data-figure='flow'] svg [data-key]").evaluate_all(
        """marks => Object.fromEntries(marks.map(mark => {
             const band = mark.tagName === "path" ? mark : mark.querySelector("path");
             const bar = mark.querySelectorAll("rect")[1];
             if (!band) return [mark.dataset.key, Number(bar.getAttribute("height"))];
             // M x y C … x y V bottom: the height of its right end
             const numbers = band.getAttribute("d").match(/-?[0-9.]+/g).map(Number);
             return [mark.dataset.key, numbers[8] - numbers[7]];
           }))"""
    )
    return found


def test_what_is_drawn_adds_up(browser: "Browser", address: Address) -> None:
    page = opened(browser, address, AROUND)
    rows = keyed(page)
    drawn = heights(page)
    places = {key: row for key, row in rows.items() if json.loads(key)[0] == "place"}
    highest = max((key for key in places if key in drawn), key=lambda key: drawn[key])
    scale = drawn[highest] / float(places[highest]["paths"])
    out: defaultdict[str, float] = defaultdict(float)
    for key, height in drawn.items():
        parts = json.loads(key)
        if parts[0] == "flow":
            _, side, step, source, _target = parts
            assert height == pytest.approx(max(0.6, float(rows[key]["paths"]) * scale), abs=0.02)
            out[said(["place", side, step, source])] += height
        elif parts[0] in {"exits", "open", "outcome", "begins", "beyond"}:
            out[parts[1]] += height
    assert len(out) > 8
    for key, height in out.items():
        if json.loads(key)[1:3] != ["before", 1]:  # the anchor is drawn once, for both sides
            assert height == pytest.approx(drawn[key], abs=1.5), key
    closed(page)


def keyed(page: "Page") -> dict[str, dict[str, str]]:
    """Rows of the table by their keys."""
    rows = numbers(page, "flow")
    keys: list[str] = page.locator("[data-figure='flow'] .numbers tbody tr").evaluate_all(
        "rows => rows.map(row => row.dataset.key)"
    )
    return dict(zip(keys, rows, strict=True))


def test_every_part_leads_to_its_customers(browser: "Browser", address: Address, ask: Ask) -> None:
    page = opened(browser, address, AROUND)
    sides = around(ask)
    place = next(node for node in sides["after"]["nodes"] if node["step"]["exits"])
    ids = {node["step"]["id"]: node["items"] for node in sides["after"]["nodes"]}
    flow = next(one for one in sides["after"]["flows"] if ids[one["source"]] and ids[one["target"]])
    key = ["place", "after", place["step"]["step"], *place["items"]]
    names = [ids[flow["source"]][0], ids[flow["target"]][0]]
    for mark, count in [
        (key, place["units"]),
        (["exits", said(key)], place["step"]["exits"]),
        (["flow", "after", flow["step"], *names], flow["units"]),
        (["step", "after", 2], sides["after"]["columns"][1]["count"]),
    ]:
        assert listed(page, "flow", said(mark)) == count, mark
    mark_of(page, "flow", said(key)).dispatch_event("click")
    page.get_by_role("button", name="The flow from here on").click()
    shown(page)
    assert page.evaluate("location.hash").count("v.show=from") == 1
    (first,) = [row for row in rows_of(page, "place") if row["step"] == "step 1"]
    assert first["from"] == place["items"][0]
    page.go_back()
    shown(page)
    assert len(rows_of(page, "place")) == sum(len(grid["nodes"]) for grid in sides.values())
    closed(page)
