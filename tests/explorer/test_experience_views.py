"""Experience, feedback, preferences: their numbers are the API's; what clicks and empty data do."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.demo_data import DemoFiles
from journeygraph.loading.load import load
from journeygraph.loading.options import LoadOptions
from tests.api.conftest import Ask
from tests.api.serving import serving
from tests.explorer.browsing import Address, closed, look, number, numbers, opened, shown
from tests.explorer.marks import mark_of, said
from tests.explorer.test_every_view import strange_names

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["strange_names"]

pytestmark = pytest.mark.browser

_FELT = """units share count met { value low high }
emotion { value low high ratings missingShare } expectation { value low high ratings missingShare }
experience { value low high ratings missingShare } gap { value low high ratings missingShare }"""
_EXPERIENCE = f"""{{ journeys {{
  experience(by: CHANNEL, first: 20) {{
    overall {{ {_FELT} }} curve {{ group {_FELT} }} phases {{ group {_FELT} }}
    peakEnd {{ withOutcome {{ value low high }} difference {{ value pValue }}
               moods {{ units outcome {{ value low high }} }} }}
    nodes {{ group {_FELT} }} }}
  months: experience(by: CHANNEL, first: 20, over: "month") {{
    nodes {{ group periods {{ period {_FELT} }} }} }}
  turns(first: 20) {{ nodes {{ item journeys improved worsened byChance qValue sure
                             change {{ value low high }} }} }} }} }}"""
_TIMES = "{ done waiting closedWithout median { seconds lowSeconds } p95 { seconds } }"
_GROUP = f"""name count open overdue closed reopened
promises {{ kept keptRate {{ value low high }} }}
timeToAcknowledge {_TIMES} timeToAct {_TIMES} timeToClose {_TIMES}"""
_FEEDBACK = f"""{{ journeys {{
  feedbackLoop(by: TOUCHPOINT, first: 10) {{ all {{ {_GROUP} }} nodes {{ {_GROUP} }} }}
  feedbackOutcomes(step: ACTED, horizon: "30d") {{
    nodes {{ outcome group units happened rate {{ value }} otherRate {{ value }} qValue
             difference {{ value low high }} adjusted {{ riskDifference {{ value }} }} }} }}
  feedbackItems(overdue: true, first: 25) {{ count nodes {{ customer {{ id }} }} }} }} }}"""
_PREFERENCES = """{ journeys { preferences(first: 25, stated: "unpacking") {
  nodes { item units qValue quadrant importance { value low high units }
          performance { value low high ratings } chosen { value low high } evenShare
          returned { value low high } left { value low high }
          initiated { value low high } } } } }"""
_STEPS = (
    ("timeToAcknowledge", "acknowledged"),
    ("timeToAct", "acted on"),
    ("timeToClose", "closed"),
)


def agree(row: dict[str, str], expected: dict[str, Any]) -> None:
    for column, value in expected.items():
        found = row[column] if isinstance(value, str) else number(row[column])
        assert found == value, column


def three(name: str, found: dict[str, Any]) -> dict[str, Any]:
    """An estimate as three columns of a table."""
    return {name: found["value"], f"{name}Low": found["low"], f"{name}High": found["high"]}


def felt(node: dict[str, Any]) -> dict[str, Any]:
    cells = {"units": node["units"], "share": node["share"], "count": node["count"]}
    for name in ("emotion", "expectation", "experience", "gap"):
        mean = node[name]
        cells |= three(name, mean)
        cells |= {f"{name}Ratings": mean["ratings"], f"{name}Missing": mean["missingShare"]}
    return cells | three("met", node["met"])


def same(rows: list[dict[str, str]], expected: list[dict[str, Any]]) -> None:
    assert len(rows) == len(expected) > 0
    for row, cells in zip(rows, expected, strict=True):
        agree(row, cells)


def listed(page: "Page") -> list[str]:
    """What the first list of the panel says."""
    panel = page.get_by_role("complementary", name="Details")
    panel.locator(".customers").first.locator("li").first.wait_for()
    return panel.locator(".customers").first.get_by_role("listitem").all_inner_texts()


def test_experience_has_the_numbers_of_the_api(
    browser: "Browser", address: Address, ask: Ask
) -> None:
    answer = ask(_EXPERIENCE)["journeys"]
    found = answer["experience"]
    page = opened(browser, address, look(view="experience", v_by="CHANNEL"))
    curve = [{"group": one["group"]} | felt(one) for one in found["curve"] + found["phases"]]
    same(numbers(page, "emotion-curve"), curve)
    groups = [{"group": one["group"]} | felt(one) for one in found["nodes"]]
    same(numbers(page, "experience-heat"), [{"group": "(all)"} | felt(found["overall"]), *groups])
    moments = numbers(page, "peak-end")
    for place, moment in enumerate(found["peakEnd"]):
        rows = moments[7 * place : 7 * place + 7]
        agree(rows[1], {"emotion": moment["withOutcome"]["value"],
                        "low": moment["withOutcome"]["low"]})  # fmt: skip
        agree(rows[3], {"emotion": moment["difference"]["value"],
                        "pValue": moment["difference"]["pValue"]})  # fmt: skip
        for row, mood in zip(rows[4:], moment["moods"], strict=True):
            agree(row, {"journeys": mood["units"]} | three("outcome", mood["outcome"]))
    turned = [{**one, "change": one["change"]["value"], "low": one["change"]["low"],
               "high": one["change"]["high"]} for one in answer["turns"]["nodes"]]  # fmt: skip
    same(numbers(page, "turns"), turned)
    mark_of(page, "emotion-curve", said(["stage", found["curve"][0]["group"]])).press("Enter")
    panel = page.get_by_role("complementary", name="Details")
    panel.get_by_text(f"{found['curve'][0]['units']:,} met it").wait_for()
    assert len(listed(page)) == 25
    panel.get_by_role("button", name="Close details").click()
    page.get_by_label("Columns").select_option("gap")
    page.locator("[data-figure='gap-over-time'] .numbers table").wait_for()
    months = [{"group": one["group"], "period": period["period"]} | felt(period)
              for one in answer["months"]["nodes"] for period in one["periods"]]  # fmt: skip
    rows = [row for row in numbers(page, "gap-over-time") if row["group"] != "(all)"]
    same(rows, months)
    closed(page)


@pytest.fixture(scope="module")
def with_feedback(
    tmp_path_factory: pytest.TempPathFactory, demo_store: Path, demo_files: DemoFiles
) -> Iterator[Address]:
    """A server over the demo company with its feedback."""
    store = tmp_path_factory.mktemp("feedback") / "store"
    shutil.copytree(demo_store, store)
    load(store, [demo_files.feedback], LoadOptions(table="feedback"))
    with serving(store) as port:
        yield f"http://127.0.0.1:{port}"


def test_feedback_has_the_numbers_of_the_api(browser: "Browser", with_feedback: Address) -> None:
    state = {"v_by": "TOUCHPOINT", "v_horizon": "30d"}
    page = opened(browser, with_feedback, look(view="feedback", **state))
    posted = page.request.post(f"{with_feedback}/graphql", data={"query": _FEEDBACK})
    answer = posted.json()["data"]["journeys"]
    loop, items = answer["feedbackLoop"], answer["feedbackItems"]
    groups = [{**loop["all"], "name": "(all)"}, *loop["nodes"]]
    same(numbers(page, "feedback-standing"), [
        {"group": one["name"], "kept": one["promises"]["kept"]}
        | three("kept", one["promises"]["keptRate"]) | {"kept": one["promises"]["kept"]}
        | {name: one[name] for name in ("count", "open", "overdue", "closed", "reopened")}
        for one in groups
    ])  # fmt: skip
    same(numbers(page, "feedback-times"), [
        {"group": one["name"], "step": word, "median": one[step]["median"]["seconds"],
         "medianLow": one[step]["median"]["lowSeconds"], "p95": one[step]["p95"]["seconds"]}
        | {name: one[step][name] for name in ("done", "waiting", "closedWithout")}
        for one in groups for step, word in _STEPS
    ])  # fmt: skip
    order = ["RETURNED", "OUTCOME", "CHURNED"]
    nodes = sorted(answer["feedbackOutcomes"]["nodes"],
                   key=lambda node: (order.index(node["outcome"]), node["group"]))  # fmt: skip
    same(numbers(page, "feedback-outcomes")[: len(nodes)], [
        {"units": node["units"], "happened": node["happened"], "value": node["rate"]["value"],
         "other": node["otherRate"]["value"], "difference": node["difference"]["value"],
         "low": node["difference"]["low"], "high": node["difference"]["high"],
         "adjusted": node["adjusted"]["riskDifference"]["value"], "qValue": node["qValue"]}
        for node in nodes
    ])  # fmt: skip
    mark_of(page, "feedback-standing", said(["all"])).click()
    said_of = listed(page)
    assert [text.split("\n")[0] for text in said_of] == [
        one["customer"]["id"] for one in items["nodes"]
    ]
    assert all("overdue since" in text for text in said_of)
    closed(page)


def test_preferences_have_the_numbers_of_the_api(
    browser: "Browser", address: Address, ask: Ask
) -> None:
    nodes = ask(_PREFERENCES)["journeys"]["preferences"]["nodes"]
    page = opened(browser, address, look(view="preferences", v_stated="unpacking"))
    same(numbers(page, "preferences-grid"), [
        {"item": node["item"], "importanceUnits": node["importance"]["units"],
         "qValue": node["qValue"], "ratings": node["performance"]["ratings"]}
        | three("importance", node["importance"]) | three("performance", node["performance"])
        for node in nodes
    ])  # fmt: skip
    same(numbers(page, "preferences-choice"), [
        {"item": node["item"], "units": node["units"], "evenShare": node["evenShare"]}
        | {column: value for name in ("chosen", "returned", "left", "initiated")
           for column, value in three(name, node[name]).items()}
        for node in nodes
    ])  # fmt: skip
    known = [node for node in nodes if node["importance"]["value"] is not None]
    drawn = [node["item"] for node in known if node["performance"]["value"] is not None]
    points = page.locator("[data-figure='preferences-grid'] svg [data-key]")
    assert points.evaluate_all("points => points.map(one => one.dataset.key)") == drawn
    points.first.press("Enter")
    page.get_by_role("complementary").get_by_text(f"{nodes[0]['units']:,} met it").wait_for()
    closed(page)


@pytest.mark.parametrize("view", ["experience", "feedback", "preferences"])
def test_what_nobody_said_is_asked_for(
    browser: "Browser", strange_names: Address, view: str
) -> None:
    page = opened(browser, strange_names, look(view=view))
    empty = page.locator(".picture .empty").first.inner_text()
    assert "oad" in empty
    assert "bar above" in empty or "wider population" in empty
    closed(page)


_CUSTOMER = """query($id: ID!) { customer(id: $id) {
  standing { lastItem lastAt sinceSeconds outcomes value longestGapSeconds meanEmotion lastEmotion
             metOrSurpassed expectations brought }
  feedback { nodes { id openedAt closedAt dueAt touchpoint } }
  similar { nodes { item probability { value low high } medianSeconds } nothing { value } }
  nextBest(objective: VALUE) { prefix
    nodes { item gain low high qValue units compared comparedWith sendFrom } } } }"""


def test_a_customers_page_has_the_numbers_of_the_api(
    browser: "Browser", with_feedback: Address
) -> None:
    page = opened(browser, with_feedback, look(view="feedback"))
    mark_of(page, "feedback-standing", said(["all"])).click()
    listed(page)
    page.get_by_role("complementary").get_by_role("listitem").first.get_by_role("button").click()
    shown(page)
    page.get_by_label("Next contact for").select_option("VALUE")
    page.locator("[data-figure='customer-standing']").wait_for()
    shown(page)
    customer = page.get_by_role("textbox", name="Customer").input_value()
    posted = page.request.post(
        f"{with_feedback}/graphql", data={"query": _CUSTOMER, "variables": {"id": customer}}
    )
    answer = posted.json()["data"]["customer"]
    known = {name: value for name, value in answer["standing"].items() if value is not None}
    same(numbers(page, "customer-standing"), [known])
    pieces = {row["id"]: row for row in numbers(page, "customer-feedback")}
    assert pieces.keys() == {piece["id"] for piece in answer["feedback"]["nodes"]}
    for piece in answer["feedback"]["nodes"]:
        agree(pieces[piece["id"]], {name: value or "" for name, value in piece.items()})
    *next_ones, nothing = numbers(page, "similar-customers")
    same(next_ones, [
        {"item": one["item"], "probability": one["probability"]["value"],
         "low": one["probability"]["low"], "medianSeconds": one["medianSeconds"]}
        for one in answer["similar"]["nodes"]
    ])  # fmt: skip
    agree(nothing, {"probability": answer["similar"]["nothing"]["value"]})
    if answer["nextBest"]["prefix"]:
        rows = numbers(page, "next-best")
        for row, node in zip(rows, answer["nextBest"]["nodes"], strict=True):
            agree(row, node)
    else:
        empty = page.locator("[data-figure='next-best'] .empty").inner_text()
        assert "Too few were contacted" in empty
    closed(page)
