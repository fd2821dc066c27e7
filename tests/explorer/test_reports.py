"""Reports: one file with everything in it, whoever makes it, and no name in it is markup."""

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.explorer.catalogue import UnknownFigureError, UnknownViewError, catalogue
from api.explorer.reports import UnansweredError, ViewReport, as_variables, filled
from journeygraph.errors import InvalidOptionError
from journeygraph.graph_build import graph_from_rows
from queries.customer import customer
from queries.experience import Experience, experience
from queries.journey_map import JourneyMap, journey_map
from queries.loyalty import Loyalty
from queries.loyalty_touchpoints import LoyaltyTouchpoints, loyalty_touchpoints
from queries.next_best import NextBest, next_best
from queries.referrals import Referrals, referrals
from tests.api.conftest import Ask
from tests.explorer.browsing import Address, closed, look, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

HOSTILE = [
    "<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "<!--<script>",
    "__JOURNEYGRAPH_REPORT__ $& ' \"", "\u2028&lt;", "شكوى عبر الهاتف", "電話での苦情の受付と対応",
    "a very long name of a touchpoint that nobody can read in a picture " * 3,
]  # fmt: skip


def content_of(html: str) -> Any:
    (content,) = re.findall(r'<script type="application/json" id="content">(.*?)</script>', html)
    return json.loads(content)


def looked_at(browser: "Browser", file: Path) -> "Page":
    """A report as its reader sees it: from a disk, without a server."""
    page = browser.new_context().new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url))
    page.goto(file.as_uri())
    page.locator("[data-figure] svg, [data-figure] .empty").first.wait_for()
    assert said == [file.as_uri()]
    return page


def test_a_report_holds_what_the_api_says(
    browser: "Browser", demo_store: Path, ask: Ask, tmp_path: Path
) -> None:
    where = {"channels": ["web"], "customers": {"attributes": {"segment": ["office"]}}}
    asked = as_variables({"where": where, "by": "touchpoint", "confidence": 0.9})
    html = ViewReport(view="map", population=asked).html(demo_store)
    content = content_of(html)
    (part,) = content["parts"]
    again = ask(part["query"], **part["variables"])
    assert part["pictures"][0]["answer"] == again["journeys"]["journeyMap"]
    assert (content["store"]["version"], content["currency"]) == (3, "EUR")
    assert part["population"] == "channels: web · segment: office · confidence: 0.9"
    file = tmp_path / "map.html"
    file.write_text(html, encoding="utf-8")
    page = looked_at(browser, file)
    assert page.get_by_text(part["size"]).is_visible()
    row = page.locator("""[data-key='["purchase","cart"]'] [data-column='units']""")
    units = [
        one["units"] for one in again["journeys"]["journeyMap"]["nodes"] if one["item"] == "cart"
    ]
    assert row.get_attribute("data-value") == str(units[0])
    page.context.close()


def test_the_page_saves_the_same_as_the_command_makes(
    browser: "Browser", address: Address, demo_store: Path
) -> None:
    page = opened(browser, address, look(view="loyalty"))
    page.locator("[data-figure]").get_by_role("button", name="Save").click()
    with page.expect_download() as saving:
        page.get_by_role("button", name="The whole view (HTML)").click()
    saved = Path(saving.value.path()).read_text(encoding="utf-8")
    closed(page)
    made = ViewReport(view="loyalty").html(demo_store)
    (here,), (there,) = (content_of(html)["parts"] for html in (saved, made))
    assert here["pictures"] == there["pictures"]
    assert (here["size"], here["population"]) == (there["size"], "Everybody")
    assert here["warnings"] == there["warnings"] != []


@pytest.mark.parametrize("place", range(len(HOSTILE)))
def test_no_name_is_markup(browser: "Browser", tmp_path: Path, place: int) -> None:
    name = HOSTILE[place]
    rows = [(name, 0, name, name, "support", 100), (name, 1, "home", "web", "inquiry", None)]
    graph = graph_from_rows(rows)
    file = journey_map(JourneyMap(), graph.journeys()).figure().save(tmp_path / "map.html")
    page = looked_at(browser, file)
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 2
    cells = page.locator("td[data-column='item']").evaluate_all(
        "cells => cells.map(cell => cell.dataset.value)"
    )
    assert name in cells
    page.context.close()


def test_nobody_and_one_customer(browser: "Browser", tmp_path: Path) -> None:
    one = graph_from_rows([("ann", 0, "home", "web", None, None)])
    nobody = one.journeys(where={"touchpoints": ["home"], "from": "2020-01-01"})
    empty = journey_map(JourneyMap(), nobody).figure().save(tmp_path / "empty.html")
    page = looked_at(browser, empty)
    assert page.get_by_text("There is nothing to show.").is_visible()
    page.context.close()
    page = looked_at(browser, customer(one, "ann").figure().save(tmp_path / "ann.html"))
    assert page.get_by_text("ann: 1 interactions").is_visible()
    page.context.close()


def test_the_usual_picture_of_an_answer_is_its_own(snapshots: Any) -> None:
    journeys = snapshots.graph(snapshots.entry(None)).journeys()
    felt = experience(Experience(by="stage"), journeys)
    assert felt.figure().name == "experience-heat"
    assert felt.figure("emotion-curve").answer["count"] == felt.overall.count
    best = next_best(NextBest(prefix=["cart"]), journeys)
    assert (best.figure().name, best.figure().answer["units"]) == ("next-best", best.units)


def test_a_figure_reads_what_graphql_gives(ask: Ask, snapshots: Any) -> None:
    graph = snapshots.graph(snapshots.entry(None))
    answer = journey_map(JourneyMap(), graph.journeys())
    figure = answer.figure()
    assert (figure.name, figure.currency) == ("journey-map", "EUR")
    selection = next(one for one in catalogue().figures if one.name == "journey-map").selection
    assert (
        figure.answer
        == ask(f"{{ journeys {{ journeyMap {selection} }} }}")["journeys"]["journeyMap"]
    )
    tree = referrals(Referrals(), graph.journeys()).tree()
    assert tree is not None
    assert tree.figure().answer["size"] == tree.size
    question = LoyaltyTouchpoints(loyalty=Loyalty(repeat_purchase_within="90d"))
    loyal = loyalty_touchpoints(question, graph.journeys())
    assert loyal.figure().name == "loyalty-odds-ratio"
    assert loyal.figure("loyalty-lift").answer["units"] == loyal.units
    with pytest.raises(UnknownFigureError, match="Did you mean 'loyalty-lift'"):
        loyal.figure("loyalty-lifts")


def test_without_anywidget_a_notebook_gets_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)
    graph = graph_from_rows([("ann", 0, '"><script>alert(1)</script>', "web", None, None)])
    bundle = journey_map(JourneyMap(), graph.journeys()).figure()._repr_mimebundle_()
    html = bundle["text/html"]
    assert html.startswith("<iframe ")
    assert 'sandbox="allow-scripts"' in html
    assert html.count("<") == 2  # the frame's own two: what is in it is an attribute


def test_what_cannot_be_reported_is_refused(demo_store: Path) -> None:
    with pytest.raises(UnknownViewError, match="Did you mean 'map'"):
        ViewReport(view="maps").html(demo_store)
    with pytest.raises(InvalidOptionError, match="id=…"):
        ViewReport(view="customer").html(demo_store)
    with pytest.raises(InvalidOptionError, match="one of listed, atLeast"):
        ViewReport(view="map", settings={"shoe": 1}).html(demo_store)
    with pytest.raises(UnansweredError) as refused:
        ViewReport(view="customer", settings={"id": "nobody"}).html(demo_store)
    assert refused.value.code == "UNKNOWN_CUSTOMER"


def test_content_is_put_in_as_it_is() -> None:
    assert json.loads(filled("__JOURNEYGRAPH_REPORT__", {"name": "</script>$&"})) == {
        "name": "</script>$&"
    }
    assert "<" not in filled("__JOURNEYGRAPH_REPORT__", {"name": "</script><!--"})
