"""Drop-off: all four pictures say what the API says, and clicks build a funnel."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.conftest import Ask
from tests.explorer.browsing import Address, closed, look, number, numbers, opened, shown
from tests.explorer.marks import listed, mark_of, said

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

STEPS = ["product page", "cart", "purchase"]
VIEW = look(
    view="drop-off", inactivity="60d", v_step=STEPS, v_window="30d", v_group="attribute:segment",
    v_axis="even", v_first=5,
)  # fmt: skip
QUERY = """query($steps: [FunnelStepInput!]!, $percents: [Int!]) { journeys(inactivity: "60d") {
  funnel(steps: $steps, window: "30d", breakdown: {attribute: "segment"}) {
    units
    steps { units ofFirst ofPreviousInterval { value low high } dropped open medianSeconds }
    breakdown { value steps { units ofFirstInterval { value low high } dropped open } }
  }
  timeToConvert(from: ["product page"], to: ["purchase"], horizon: "30d", percents: $percents) {
    times { started converted open nodes { seconds atRisk conversions converted { value low high } }
            quantiles { percent seconds lowSeconds highSeconds } }
  }
  dropOff(first: 5) { units exits open nodes { item visits exits open rate { value low high } } }
} }"""


def answered(ask: Ask) -> dict[str, Any]:
    steps = [{"anyOf": [item]} for item in STEPS]
    return dict(ask(QUERY, steps=steps, percents=list(range(1, 100)))["journeys"])


def told(row: dict[str, str], *columns: str) -> list[float | None]:
    return [number(row[column]) for column in columns]


def test_numbers_are_those_of_the_api(browser: "Browser", address: Address, ask: Ask) -> None:
    page = opened(browser, address, VIEW)
    answer = answered(ask)
    for row, step in zip(numbers(page, "funnel"), answer["funnel"]["steps"], strict=True):
        previous = step["ofPreviousInterval"]
        assert told(row, "units", "ofFirst", "dropped", "open", "medianSeconds") == [
            step[name] for name in ("units", "ofFirst", "dropped", "open", "medianSeconds")
        ]
        assert told(row, "ofPrevious", "low", "high") == [*previous.values()]
    groups = answer["funnel"]["breakdown"]
    assert len(groups) > 1
    cells = [(group["value"], step) for group in groups for step in group["steps"]]
    for row, (value, step) in zip(numbers(page, "funnel-groups"), cells, strict=True):
        assert row["group"] == value
        assert told(row, "units", "dropped", "open") == [
            step["units"],
            step["dropped"],
            step["open"],
        ]
        assert told(row, "ofFirst", "low", "high") == [*step["ofFirstInterval"].values()]
    closed(page)


def test_exits_and_times_are_those_of_the_api(
    browser: "Browser", address: Address, ask: Ask
) -> None:
    page = opened(browser, address, VIEW)
    answer = answered(ask)
    exits = answer["dropOff"]
    *items, elsewhere, whole = numbers(page, "exits")
    for row, node in zip(items, exits["nodes"], strict=True):
        assert row["item"] == node["item"]
        assert told(row, "visits", "exits", "open") == [node["visits"], node["exits"], node["open"]]
        assert told(row, "rate", "low", "high") == [*node["rate"].values()]
    assert told(whole, "visits", "exits", "open") == [exits["units"], exits["exits"], exits["open"]]
    for kind in ("exits", "open"):
        rest = number(elsewhere[kind]) or 0
        assert rest + sum(node[kind] for node in exits["nodes"]) == exits[kind]
    times = answer["timeToConvert"]["times"]
    first, *rows = numbers(page, "time-to-convert")
    assert told(first, "atRisk", "conversions", "open") == [
        times["started"], times["converted"], times["open"]
    ]  # fmt: skip
    n_nodes = len(times["nodes"])
    for row, node in zip(rows[:n_nodes], times["nodes"], strict=True):
        assert told(row, "seconds", "atRisk", "conversions") == [
            node["seconds"], node["atRisk"], node["conversions"]
        ]  # fmt: skip
        assert told(row, "converted", "low", "high") == [*node["converted"].values()]
    for row, one in zip(rows[n_nodes:], times["quantiles"], strict=True):
        assert told(row, "reached", "reachedEarliest", "reachedLatest") == [
            one["seconds"], one["lowSeconds"], one["highSeconds"]
        ]  # fmt: skip
    closed(page)


def test_clicks_build_a_funnel_and_list_who_is_behind_it(
    browser: "Browser", address: Address, ask: Ask
) -> None:
    page = opened(browser, address, look(view="drop-off", inactivity="60d"))
    for number_of, item in enumerate(STEPS[:2], start=1):
        mark_of(page, "exits", said(["item", item])).dispatch_event("click")
        action = f"Begin a funnel with {item}" if number_of == 1 else f"Add {item} as step 2"
        page.get_by_role("button", name=action).click()
        shown(page)
        assert len(numbers(page, "funnel")) == number_of
    (_, second) = numbers(page, "funnel")
    said_by_api = ask(
        """{ journeys(inactivity: "60d") {
             funnel(steps: [{anyOf: ["product page"]}, {anyOf: ["cart"]}]) {
               steps { units dropped } } } }"""
    )["journeys"]["funnel"]["steps"][1]
    assert told(second, "units", "dropped") == [said_by_api["units"], said_by_api["dropped"]]
    step = said(["funnel", 2])
    assert listed(page, "funnel", step) == said_by_api["units"]
    assert listed(page, "funnel", step, 1) == said_by_api["dropped"]
    mark_of(page, "funnel", step).dispatch_event("click")
    page.get_by_role("button", name="Take this step out").click()
    shown(page)
    (only,) = numbers(page, "funnel")
    assert only["label"] == STEPS[0]
    closed(page)


EXCLUDED = """{ journeys { funnel(
  steps: [{anyOf: ["product page"]}, {anyOf: ["purchase"]}], exclude: [{anyOf: ["newsletter"]}]
) { left steps { units dropped } } } }"""


def test_one_click_adds_a_step_and_what_lies_between_can_be_excluded(
    browser: "Browser", address: Address, ask: Ask
) -> None:
    page = opened(browser, address, look(view="drop-off"))
    for number_of, item in enumerate(["product page", "purchase"], start=1):
        mark_of(page, "exits", said(["add", item])).press("Enter")
        step = said(["funnel", number_of])
        page.locator(f"[data-figure='funnel'] svg [data-key='{step}']").wait_for()
    page.get_by_label("Add: Without, in between").fill("newsletter")
    page.get_by_label("Who meets it").wait_for()
    answer = ask(EXCLUDED)["journeys"]["funnel"]
    assert answer["left"] > 0
    page.get_by_text(f"{answer['left']:,} are in no step").wait_for()
    for row, step in zip(numbers(page, "funnel"), answer["steps"], strict=True):
        assert told(row, "units", "dropped") == [step["units"], step["dropped"]]
    page.go_back()
    page.go_back()
    page.go_back()
    shown(page)
    assert page.locator("[data-figure='funnel']").count() == 0
    closed(page)


def bar_widths(page: "Page", key: str) -> list[float]:
    widths: list[float] = mark_of(page, "funnel", key).evaluate(
        """mark => [...mark.querySelectorAll("rect")].slice(1)
             .filter(rect => rect.getAttribute("fill") !== "url(#rows-hatch)")
             .map(rect => Number(rect.getAttribute("width")))"""
    )
    return widths


def test_bars_of_a_step_are_as_wide_as_the_step_before(
    browser: "Browser", address: Address
) -> None:
    page = opened(browser, address, VIEW)
    first, *later = (bar_widths(page, said(["funnel", step])) for step in (1, 2, 3))
    before = first
    for widths in later:
        assert sum(widths) == pytest.approx(before[0], abs=1)
        before = widths
    closed(page)
