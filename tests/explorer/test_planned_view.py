"""A planned journey: its numbers are the API's; how it is begun, changed and refused."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.explorer.reports import ViewReport
from journeygraph.errors import InvalidOptionError
from queries.journey_map import JourneyMap, journey_map
from tests.api.conftest import Ask
from tests.explorer.browsing import Address, closed, look, number, numbers, opened, shown
from tests.explorer.marks import listed, mark_of, said
from tests.explorer.test_every_view import AXE, problems
from tests.explorer.test_reports import content_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PLAN: dict[str, Any] = {
    "name": "to a machine",
    "stages": [
        {"stage": "finding", "touchpoints": [{"touchpoint": "product page", "repeats": True}]},
        {"stage": "choosing", "touchpoints": [
            {"touchpoint": "compare models", "optional": True, "repeats": True},
        ]},
        {"stage": "buying", "within": "7d", "touchpoints": [
            {"touchpoint": "cart"}, {"touchpoint": "delivery page", "within": "1d"},
            {"touchpoint": "purchase", "channel": "online purchase", "within": "1d"},
        ]},
        {"stage": "using", "touchpoints": [
            {"touchpoint": "unpacking"}, {"touchpoint": "onboarding call", "optional": True},
        ]},
    ],
}  # fmt: skip
_COUNTED = "{ value low high successes of }"
_QUERY = f"""query($planned: PlannedJourneyInput!) {{ journeys {{
  journeyMap(first: 10, planned: $planned) {{
  planned {{ units closed open follows {_COUNTED} openOnPlan fitness otherExtraCount
    fitnessBands {{ units share }}
    stages {{ stage units share late {_COUNTED} }}
    steps {{ stage met {_COUNTED} outOfOrder skipped notYet repeated late {_COUNTED} }}
    extras {{ item units share count }}
    deviations {{
      units rate {_COUNTED} otherRate {_COUNTED} difference {{ value low high }} pValue qValue
      emotion {{ value }} otherEmotion {{ value }}
      emotionDifference {{ value low high }} emotionQValue }} }}
}} }} }}"""


def agree(row: dict[str, str], expected: dict[str, Any]) -> None:
    for column, value in expected.items():
        found = row[column] if isinstance(value, str) else number(row[column])
        assert found == value, column


def late(of: dict[str, Any]) -> dict[str, Any]:
    counted = of["late"]
    return {"late": counted["successes"], "lateOf": counted["of"], "lateRate": counted["value"],
            "lateLow": counted["low"], "lateHigh": counted["high"]}  # fmt: skip


def widths(page: "Page", step: int) -> dict[str, float]:
    """How wide the parts of a step are drawn, by what they are."""
    found: dict[str, float] = page.locator(
        "[data-figure='planned-steps'] svg [data-key]"
    ).evaluate_all(
        """(marks, step) => Object.fromEntries(marks.flatMap((mark) => {
             const [kind, number, part] = JSON.parse(mark.dataset.key);
             const isPart = kind === 'step' && number === step && part;
             return isPart ? [[part, Number(mark.firstChild.getAttribute('width'))]] : [];
           }))""",
        step,
    )
    return found


def test_a_plan_has_the_numbers_of_the_api(browser: "Browser", address: Address, ask: Ask) -> None:
    planned = ask(_QUERY, planned=PLAN)["journeys"]["journeyMap"]["planned"]
    page = opened(browser, address, look(view="plan", v_planned=json.dumps(PLAN)))
    rows = numbers(page, "planned-steps")
    steps = [row for row in rows if row["touchpoint"] != "(any step of it)"]
    for row, step in zip(steps, planned["steps"], strict=True):
        met = step["met"]
        same = ("stage", "outOfOrder", "skipped", "notYet", "repeated")
        agree(row, {"met": met["successes"], "of": met["of"], "metRate": met["value"],
                    "metLow": met["low"], "metHigh": met["high"]}
              | late(step) | {name: step[name] for name in same})  # fmt: skip
    stages = [row for row in rows if row["touchpoint"] == "(any step of it)"]
    for row, stage in zip(stages, planned["stages"], strict=True):
        agree(
            row,
            {"stage": stage["stage"], "met": stage["units"], "metRate": stage["share"]}
            | late(stage),
        )
    everybody, follows, so_far, *bands = numbers(page, "planned-fit")
    agree(everybody, {"units": planned["units"], "fitness": planned["fitness"]})
    agree(follows, {"units": planned["follows"]["successes"], "of": planned["closed"],
                    "share": planned["follows"]["value"],
                    "low": planned["follows"]["low"]})  # fmt: skip
    agree(so_far, {"units": planned["openOnPlan"], "of": planned["open"]})
    for row, band in zip(bands, reversed(planned["fitnessBands"]), strict=True):
        agree(row, band)
    *extras, others = numbers(page, "planned-extras")
    for row, extra in zip(extras, planned["extras"], strict=True):
        agree(row, extra)
    agree(others, {"count": planned["otherExtraCount"]})
    for row, one in zip(numbers(page, "planned-deviations"), planned["deviations"], strict=True):
        felt = one["emotionDifference"]
        agree(row, {
            "units": one["units"], "rate": one["rate"]["value"], "rateOf": one["rate"]["of"],
            "otherRate": one["otherRate"]["value"], "otherOf": one["otherRate"]["of"],
            "difference": one["difference"]["value"], "low": one["difference"]["low"],
            "high": one["difference"]["high"], "pValue": one["pValue"], "qValue": one["qValue"],
            "emotion": one["emotion"]["value"], "otherEmotion": one["otherEmotion"]["value"],
            "emotionDifference": felt["value"], "emotionLow": felt["low"],
            "emotionHigh": felt["high"], "emotionQValue": one["emotionQValue"],
        })  # fmt: skip
    seen: set[str] = set()
    for place, step in enumerate(planned["steps"], 1):
        counts = {name: step[name] for name in ("outOfOrder", "skipped", "notYet")}
        counts |= {
            "late": step["late"]["successes"],
            "met": step["met"]["successes"] - step["late"]["successes"],
        }
        assert sum(counts.values()) == planned["units"]
        some = {name: n for name, n in counts.items() if n}
        drawn = widths(page, place)
        whole = sum(drawn.values())
        assert drawn == pytest.approx(
            {name: n * whole / planned["units"] for name, n in some.items()}, abs=1
        )
        seen |= some.keys()
    assert seen == {"met", "late", "outOfOrder", "skipped", "notYet"}
    key = said(["step", 4, "skipped"])
    assert listed(page, "planned-steps", key) == planned["steps"][3]["skipped"]
    assert listed(page, "planned-deviations", said_first(page)) == planned["deviations"][0]["units"]
    mark_of(page, "planned-steps", said(["step", 4])).press("Enter")
    page.get_by_role("button", name="Plan it as optional").click()
    shown(page)
    assert "optional" in numbers(page, "planned-steps")[6]["rules"]
    page.get_by_role("button", name="Change the plan").click()
    page.evaluate(AXE.read_text())
    assert problems(page, "light", ".plan") == []
    page.set_viewport_size({"width": 820, "height": 1180})
    assert page.evaluate("document.documentElement.scrollWidth") <= 820
    closed(page)


def said_first(page: "Page") -> str:
    """The key of the first deviation."""
    key = page.locator("[data-figure='planned-deviations'] svg [data-key]").first.get_attribute(
        "data-key"
    )
    assert key is not None
    return key


def test_a_plan_is_begun_from_a_path_and_changed(page: "Page", ask: Ask) -> None:
    page.get_by_role("link", name="Planned journey").click()
    shown(page)
    path = ask("{ journeys { commonPaths(first: 1) { nodes { items } } } }")
    items = path["journeys"]["commonPaths"]["nodes"][0]["items"]
    page.get_by_role("button", name="Start from the most common path", exact=True).click()
    shown(page)
    met = [row for row in numbers(page, "planned-steps") if row["touchpoint"].startswith("1. ")]
    assert met[0]["touchpoint"] == f"1. {items[0]}"
    page.get_by_role("button", name="Add a stage").click()
    page.get_by_role("combobox", name="Add a step to").last.fill("apology")
    page.locator(
        "[data-figure='planned-steps'] [data-column='touchpoint'] >> text=apology"
    ).wait_for()
    shown(page)
    assert numbers(page, "planned-steps")[-1]["touchpoint"].endswith(". apology")
    assert "apology" in page.url
    page.get_by_role("button", name="As text").click()
    text = page.get_by_role("textbox", name="Plan as text")
    assert json.loads(text.input_value())["stages"][-1]["touchpoints"] == ["apology"]
    text.fill("stages: [")
    page.get_by_role("button", name="Use this plan").click()
    assert "This is not JSON" in page.get_by_role("alert").inner_text()
    text.fill(json.dumps({"stages": [{"stage": "a", "within": "1", "touchpoints": ["cart"]}]}))
    page.get_by_role("button", name="Use this plan").click()
    page.get_by_text("stages[1].within: '1' is not a length of time").wait_for()
    assert page.get_by_text("BAD_PLANNED_JOURNEY").is_visible()
    page.get_by_role("button", name="Start over").click()
    shown(page)
    assert page.locator("[data-figure='common-paths'] svg").is_visible()


def test_answers_and_reports_draw_a_plan(demo_store: Path, snapshots: Any) -> None:
    graph = snapshots.graph(snapshots.entry(None))
    held = journey_map(JourneyMap(planned=PLAN), graph.journeys()).planned
    assert held is not None
    assert held.figure().name == "planned-steps"
    assert held.figure("planned-fit").answer["follows"]["of"] == held.closed
    html = ViewReport(view="plan", settings={"planned": PLAN}).html(demo_store)
    (part,) = content_of(html)["parts"]
    pictures = {picture["figure"]: picture["answer"] for picture in part["pictures"]}
    assert pictures["planned-deviations"]["tested"] == held.tested
    assert any("is itself the outcome" in warning for warning in part["warnings"])
    with pytest.raises(InvalidOptionError, match="planned=…, which this view needs"):
        ViewReport(view="plan").html(demo_store)
