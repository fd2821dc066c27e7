"""What holds for every view: no markup from data, accessible, in light and dark, on a tablet."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.explorer import BUILT
from journeygraph.lake.store import Store
from tests.api.serving import serving
from tests.explorer.browsing import Address, closed, look, opened, shown
from tests.graph.stores import write_load
from tests.strategies import World

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

EVIL = "<img src=x onerror=alert(1)>"
NAMES = [EVIL, "سلة التسوق العربية", "購物車頁面", "a very long touchpoint " * 12, "'\"&</script>"]
AXE = BUILT.parent / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES: dict[str, Any] = {
    "light": {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast"]}},
}


def views(page: "Page") -> list[str]:
    links = page.get_by_role("navigation", name="Views").get_by_role("link")
    return links.all_inner_texts()


def visit(page: "Page", view: str) -> None:
    page.get_by_role("navigation", name="Views").get_by_role("link", name=view, exact=True).click()
    page.wait_for_selector(f"h1:text-is('{view}')")
    page.wait_for_selector("main[data-ready='yes'], main .needs")


@pytest.fixture(scope="module")
def strange_names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """A server over names that are markup, run from right to left, or have no end; and over 500."""
    store = tmp_path_factory.mktemp("strange") / "store"
    rows = [
        (f"{EVIL}{customer}", at, NAMES[(customer + at) % len(NAMES)], EVIL, None, None)
        for customer in range(40)
        for at in range(4)
    ]
    rows += [
        (f"c{n % 50}", 10 + n // 50, f"touchpoint number {n:03}", "web", None, None)
        for n in range(500)
    ]
    attributes = [(f"{EVIL}{customer}", {EVIL: EVIL}) for customer in range(40)]
    write_load(store, World(rows=rows), attributes=attributes)
    with serving(store) as port:
        yield f"http://127.0.0.1:{port}"


def test_names_from_the_data_are_never_markup(browser: "Browser", strange_names: Address) -> None:
    page = opened(browser, strange_names, look(numbers="yes"))
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    for view in views(page):
        visit(page, view)
        assert page.locator("img, main script").count() == 0, view
    visit(page, "Flow")  # the last view is of one customer, and has no population
    page.get_by_role("button", name="Segment", exact=True).click()
    page.get_by_role("checkbox", name=EVIL).check()
    page.keyboard.press("Escape")
    shown(page)
    assert page.get_by_role("button", name=f"Segment {EVIL}").is_visible()
    assert page.locator("img").count() == 0
    closed(page)


def problems(page: "Page", scheme: str, within: str = "html") -> list[tuple[str, str]]:
    """What axe finds, by rule, each with the first element that it is about."""
    found = page.evaluate(
        "([within, rules]) => axe.run(document.querySelector(within), rules)",
        [within, RULES[scheme]],
    )
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_is_accessible_and_fits_a_tablet(
    browser: "Browser", address: Address, scheme: Any
) -> None:
    tablet = {"width": 820, "height": 1180}
    page = opened(browser, address, viewport=tablet, color_scheme=scheme)
    page.evaluate(AXE.read_text())
    assert problems(page, scheme) == []
    for view in views(page):
        visit(page, view)
        assert page.evaluate("document.documentElement.scrollWidth") <= 820, view
        # what is around it is the same in all
        assert problems(page, scheme, "main") == [], view
    closed(page)


def test_two_populations_with_their_numbers_are_accessible(
    browser: "Browser", address: Address
) -> None:
    state = look(
        view="paths", compare="yes", numbers="yes", b_attribute="segment~ office", v_first=5
    )
    page = opened(browser, address, state)
    page.evaluate(AXE.read_text())
    page.get_by_role("button", name="Rules").first.click()
    assert problems(page, "light") == []
    page.get_by_role("button", name="GraphQL", exact=True).first.click()
    assert problems(page, "light") == []
    closed(page)


def test_all_can_be_done_from_the_keyboard(page: "Page") -> None:
    from playwright.sync_api import expect

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the picture")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    pill = page.get_by_role("button", name="Stage", exact=True)
    pill.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox", name="inquiry")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Stage inquiry")).to_be_focused()
    shown(page)
    page.get_by_role("link", name="Paths", exact=True).press("Enter")
    shown(page)
    way = page.locator("[data-figure='common-paths'] [role='button']").first
    way.press("Enter")
    panel = page.get_by_role("complementary", name="Details")
    expect(panel.get_by_role("heading", level=2)).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def test_an_empty_store_says_how_to_fill_it(browser: "Browser", tmp_path: Path) -> None:
    Store.create_or_open(tmp_path / "store")
    with serving(tmp_path / "store") as port:
        page = opened(browser, f"http://127.0.0.1:{port}", "/#view=paths")
        problem = page.get_by_role("alert")
        problem.wait_for()
        assert "journeygraph load FILE" in problem.inner_text()
        closed(page)


def test_what_is_wrong_is_said_with_what_to_do(browser: "Browser", address: Address) -> None:
    page = opened(browser, address, "/" + look(view="paths", did="crat", touched="cart"))
    problem = page.get_by_role("alert")
    problem.wait_for()
    assert "Did you mean 'cart'?" in problem.inner_text()
    page.get_by_role("button", name="Ask of everybody").click()
    shown(page)
    assert page.locator("[data-figure='common-paths'] [role='button']").count() == 15
    closed(page)


def test_a_long_question_can_be_stopped_and_is_replaced_by_a_new_one(
    browser: "Browser", demo_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from api.graphql.execution import Executor

    release, answer = threading.Event(), Executor.answer

    def waiting(self: Executor, query: str, request: Any, *more: Any, **how: Any) -> Any:
        if "query Paths" in query and '"home"' not in str(more).replace("'", '"'):
            release.wait(30)
        return answer(self, query, request, *more, **how)

    monkeypatch.setattr(Executor, "answer", waiting)
    with serving(demo_store) as port:
        page = opened(browser, f"http://127.0.0.1:{port}", "/#view=paths")
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Stopped.").wait_for()
        page.get_by_role("button", name="Ask again").click()
        page.get_by_text("Asking…").wait_for()
        page.get_by_role("button", name="Segment", exact=True).click()
        with page.expect_event("requestfailed"):
            page.get_by_role("checkbox", name="home").check()
        page.keyboard.press("Escape")
        shown(page)
        release.set()
        closed(page)
