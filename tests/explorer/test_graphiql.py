"""GraphiQL at /graphql: queries are written, run, linked to and stopped; nothing from outside."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from api.graphql.execution import Executor
from tests.api.serving import serving
from tests.explorer.browsing import Address, closed, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

EXAMPLES = ["Common paths", "Transitions", "Drop-off", "Funnel", "Referral chains",
            "Loyalty touchpoints", "One customer"]  # fmt: skip
ANSWER = ".graphiql-response .view-lines"


def graphiql(browser: "Browser", address: Address, **state: str) -> "Page":
    page = opened(browser, address, f"/graphql#{urlencode(state)}")
    page.wait_for_selector(".graphiql-query-editor .view-line span")
    return page


def run(page: "Page") -> None:
    page.get_by_role("button", name="Execute query").click()


def test_every_example_is_answered(browser: "Browser", address: Address) -> None:
    page = graphiql(browser, address)
    for number, example in enumerate(EXAMPLES, 2):
        page.get_by_role("button", name=example, exact=True).click()
        page.wait_for_selector(f".graphiql-tab >> nth={number - 1}")
        with page.expect_response(lambda response: response.url.endswith("/graphql")) as answered:
            run(page)
        body = answered.value.json()
        assert "errors" not in body, example
        assert body["data"]
    closed(page)


def test_a_link_brings_query_and_variables(browser: "Browser", address: Address) -> None:
    query = "query($first: Int!) { journeys { commonPaths(first: $first) { units } } }"
    page = graphiql(browser, address, query=query, variables='{"first": 3}')
    run(page)
    page.locator(ANSWER).get_by_text("700").wait_for()
    closed(page)


def test_names_from_the_data_are_never_markup(browser: "Browser", address: Address) -> None:
    evil = "<img src=x onerror=alert(1)>"
    page = graphiql(browser, address, query=f'{{ customer(id: "{evil}") {{ id }} }}')
    run(page)
    page.locator(ANSWER).get_by_text("UNKNOWN_CUSTOMER").wait_for()
    assert page.locator("img").count() == 0
    closed(page)


def test_what_is_stopped_is_stopped_on_the_server(
    browser: "Browser", demo_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, answer = threading.Event(), Executor.answer

    def waiting(self: Executor, query: str, request: Any, *more: Any, **how: Any) -> Any:
        if "slow" in query:
            release.wait(20)
        return answer(self, query, request, *more, **how)

    monkeypatch.setattr(Executor, "answer", waiting)
    with serving(demo_store) as port:
        address = f"http://127.0.0.1:{port}"
        page = graphiql(browser, address, query="{ slow: store { version } }")
        with page.expect_event("requestfailed"):
            run(page)
            page.get_by_role("button", name="Stop query").click()
        release.set()
        closed(page)
