"""What can be taken along: the picture, its numbers, its question."""

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest

from api.graphql.execution import Executor
from api.snapshots import Snapshots
from tests.explorer.browsing import Address, closed, look, numbers, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

STATE = look(view="paths", channel="web", v_first=10)
SVG = "{http://www.w3.org/2000/svg}"


def saved(page: "Page", what: str) -> Path:
    page.get_by_role("button", name="Save").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=what).click()
    return Path(download.value.path())


def test_the_picture_its_numbers_and_its_question_can_be_saved(
    browser: "Browser", address: Address, executor: Executor, snapshots: Snapshots
) -> None:
    page = opened(browser, address, STATE)
    drawing = ElementTree.fromstring(saved(page, "Picture (SVG)").read_text())
    assert drawing.tag == f"{SVG}svg"
    assert len(drawing.findall(f"{SVG}g")) == 10
    assert not list(drawing.iter(f"{SVG}script"))
    png = saved(page, "Picture (PNG)").read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    for side, at in (("width", 16), ("height", 20)):
        pixels = int.from_bytes(png[at : at + 4])
        assert pixels == pytest.approx(2 * float(drawing.attrib[side]), abs=2)
    rows = list(csv.DictReader(io.StringIO(saved(page, "Numbers (CSV)").read_text("utf-8-sig"))))
    assert rows == numbers(page, "common-paths")
    text = saved(page, "Query (GraphQL)").read_text()
    comments = [line[2:] for line in text.splitlines() if line.startswith("# ")]
    answer = executor.answer(text, snapshots.request(), json.loads("\n".join(comments[1:])))
    units = [node["units"] for node in answer.body["data"]["journeys"]["commonPaths"]["nodes"]]
    assert [int(row["units"]) for row in rows[:-1]] == units
    closed(page)


def test_the_question_shown_is_the_one_asked(
    browser: "Browser", address: Address, executor: Executor, snapshots: Snapshots
) -> None:
    page = opened(browser, address, STATE)
    page.get_by_role("button", name="GraphQL", exact=True).click()
    panel = page.get_by_role("complementary", name="Details")
    query = panel.get_by_label("Query", exact=True).inner_text()
    variables = panel.get_by_label("Variables", exact=True).inner_text()
    answer = executor.answer(query, snapshots.request(), json.loads(variables))
    nodes = answer.body["data"]["journeys"]["commonPaths"]["nodes"]
    shown = [int(row["units"]) for row in numbers(page, "common-paths")[:-1]]
    assert shown == [node["units"] for node in nodes]
    link = panel.get_by_role("link", name="Open in GraphiQL").get_attribute("href")
    assert link is not None
    carried = parse_qs(link.partition("#")[2])
    assert carried == {"query": [query], "variables": [variables]}
    page.keyboard.press("Escape")
    panel.wait_for(state="detached")
    closed(page)
