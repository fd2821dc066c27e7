"""Figures in a notebook: the widget that anywidget is given, and what its module draws."""

from typing import TYPE_CHECKING, Any

import pytest

from queries.journey_map import JourneyMap, journey_map

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from api.explorer.pictures import AnswerFigure

pytestmark = pytest.mark.browser

_SHOWN = """async ({ esm, answer, figure }) => {
  const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  const told = { figure, answer, currency: "EUR" };
  const model = { get: (name) => told[name], on() {}, off() {} };
  const host = document.body.appendChild(document.createElement("div"));
  widget.render({ model, el: host });
}"""


@pytest.fixture
def figure(snapshots: Any) -> "AnswerFigure":
    graph = snapshots.graph(snapshots.entry(None))
    figure: AnswerFigure = journey_map(JourneyMap(), graph.journeys()).figure()
    return figure


def test_a_notebook_gets_a_widget(figure: "AnswerFigure") -> None:
    widget = figure.widget()
    bundle, *_ = figure._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    state = widget.get_state()
    assert (state["figure"], state["currency"]) == ("journey-map", "EUR")
    assert state["answer"] == figure.answer


def test_its_module_draws_the_answer(browser: "Browser", figure: "AnswerFigure") -> None:
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.set_content("<body style='background: white; width: 900px'></body>")
    given = {"esm": figure.widget()._esm, "answer": figure.answer, "figure": figure.name}
    page.evaluate(_SHOWN, given)
    page.wait_for_selector("svg")
    words = page.locator("p").inner_text()
    assert str(figure.answer["units"]) in words.replace(",", "")
    drawn = page.locator("svg").first.text_content() or ""
    for stage in figure.answer["stages"]:
        assert stage["stage"] in drawn
    page.close()
    assert said == []
