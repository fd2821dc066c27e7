"""The query page in a real browser: what an analyst does with it, and what must never happen."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.graphql.execution import Executor
from api.page import page_files
from api.snapshots import Snapshots
from tests.api.serving import serving
from tests.graph.stores import write_load
from tests.strategies import World

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--no-first-run"]  # fmt: skip
EXAMPLES = ["Common paths", "Transitions", "Drop-off", "Funnel", "Referral chains",
            "Loyalty touchpoints", "One customer"]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", headless=True, args=ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(demo_store: Path) -> Iterator[str]:
    with serving(demo_store) as port:
        yield f"http://127.0.0.1:{port}/graphql"


def opened(browser: "Browser", address: str, **options: Any) -> "Page":
    """A page that fails the test where its console has an error or it asks another host."""
    given = {"viewport": {"width": 1500, "height": 900}, **options}
    page = browser.new_context(**given).new_page()
    page.set_default_timeout(20_000)
    strange: list[str] = []
    page.on("console", lambda message: strange.append(message.text))
    page.on("pageerror", lambda error: strange.append(str(error)))
    host = address.rpartition("/")[0]
    page.on(
        "request",
        lambda request: strange.extend([request.url] * (not request.url.startswith(host))),
    )
    vars(page)["strange"] = strange
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    return page


@pytest.fixture
def page(browser: "Browser", address: str) -> Iterator["Page"]:
    page = opened(browser, address)
    yield page
    assert vars(page)["strange"] == []
    page.context.close()


def run(page: "Page") -> None:
    from playwright.sync_api import expect

    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#status")).to_contain_text(re.compile(r" in [\d,]+ ms"))


def write(page: "Page", query: str) -> Any:
    editor = page.get_by_label("Query", exact=True)
    editor.fill(query)
    return editor


@pytest.mark.browser
@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_shows_what_the_api_answers(
    page: "Page", example: str, executor: Executor, snapshots: Snapshots
) -> None:
    from playwright.sync_api import expect

    page.get_by_role("button", name=example, exact=True).click()
    expect(page.get_by_role("button", name=example, exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    run(page)
    assert page.locator("#errors").inner_text() == ""
    assert page.locator("#panel-table table, #panel-table dl").count() > 0
    page.get_by_role("tab", name="JSON").click()
    shown = json.loads(page.locator("#panel-json").inner_text())
    query = page.get_by_label("Query", exact=True).input_value()
    answer = executor.answer(query, snapshots.request())
    assert not answer.has_errors
    assert shown == answer.body


@pytest.mark.browser
def test_tables_have_the_rows_of_the_answer(page: "Page") -> None:
    write(page, "{ journeys { commonPaths(first: 7) { units nodes { items units share } "
                "pageInfo { hasNextPage endCursor } } } }")  # fmt: skip
    run(page)
    assert page.locator("#panel-table tbody tr").count() == 7
    assert page.locator("#panel-table thead th").all_inner_texts() == ["Items", "Units", "Share"]
    assert page.locator("#panel-table .facts").inner_text().split() == ["Units", "700"]
    assert "More rows follow. Go on with after:" in page.locator("#panel-table").inner_text()


@pytest.mark.browser
def test_a_link_brings_the_query_and_its_variables_back(page: "Page", browser: "Browser") -> None:
    query = 'query($first: Int!) {\n  journeys { commonPaths(first: $first) { units } } # "é&=#+'
    write(page, query + "\n}")
    page.locator("#variables-box summary").click()
    page.get_by_label("Variables, as a JSON object").fill('{"first": 3}')
    page.get_by_role("button", name="Copy link").click()
    again = opened(browser, page.url)
    assert again.get_by_label("Query", exact=True).input_value() == query + "\n}"
    assert again.get_by_label("Variables, as a JSON object").input_value() == '{"first": 3}'
    run(again)
    assert again.locator("#panel-table .facts").inner_text().split() == ["Units", "700"]
    assert vars(again)["strange"] == []
    again.context.close()


@pytest.mark.browser
def test_errors_are_told_in_words_and_lead_to_their_place(page: "Page") -> None:
    write(page, '{\n  store { version }\n  journeys {\n    funnel(steps: [{anyOf: ["crat"]}]) '
                "{ units }\n  }\n}")  # fmt: skip
    run(page)
    error = page.get_by_role("alert").inner_text()
    assert "'crat' is not an item of these journeys" in error
    assert "Did you mean 'cart'?" in error
    assert "UNKNOWN_ITEM at journeys.funnel" in error
    assert page.locator(".gutter .wrong").all_inner_texts() == ["4"]
    assert page.locator("#panel-table .facts").first.inner_text().split() == ["Version", "3"]
    page.get_by_role("button", name="line 4, column 5").click()
    editor = page.get_by_label("Query", exact=True)
    assert editor.evaluate("area => area.value.slice(area.selectionStart).startsWith('funnel')")
    write(page, "{ store {")
    run(page)
    assert "Syntax Error" in page.get_by_role("alert").inner_text()
    page.locator("#variables-box summary").click()
    page.get_by_label("Variables, as a JSON object").fill("{first: 3}")
    page.get_by_role("button", name="Run", exact=True).click()
    assert "The variables are no JSON object" in page.get_by_role("alert").inner_text()


@pytest.mark.browser
def test_all_can_be_done_from_the_keyboard(page: "Page") -> None:
    from playwright.sync_api import expect

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the query")).to_be_focused()
    page.keyboard.press("Enter")
    editor = page.get_by_label("Query", exact=True)
    expect(editor).to_be_focused()
    editor.fill("")
    page.keyboard.type("{")
    page.keyboard.press("Enter")
    page.keyboard.type("jour")
    expect(page.get_by_role("option", name="journeys")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.keyboard.type("summ")
    page.keyboard.press("Enter")
    page.keyboard.type("cust")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.type("omers")
    page.keyboard.press("Escape")
    written = re.sub(r"\s+", " ", editor.input_value())
    assert written == "{ journeys { summary { customers } }"
    editor.press("Control+End")
    page.keyboard.type("}")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#panel-table .facts")).to_have_text(re.compile("customers.*700"))
    page.get_by_role("tab", name="Tables").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="JSON")).to_be_focused()
    expect(page.locator("#panel-json")).to_be_visible()
    expect(page.locator("#panel-table")).to_be_hidden()


@pytest.mark.browser
def test_names_of_the_store_are_proposed_where_they_go(page: "Page") -> None:
    from playwright.sync_api import expect

    editor = write(page, "{ journeys(where: {touchpoints: [")
    editor.press("Control+End")
    editor.press("Control+Space")
    expect(page.get_by_role("option")).to_have_count(19)
    page.keyboard.type('"deliv')
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    assert editor.input_value() == '{ journeys(where: {touchpoints: ["delivery page"'
    page.keyboard.press("Control+z")
    assert editor.input_value().endswith('["deliv')


@pytest.mark.browser
def test_the_documentation_can_be_walked_and_searched(page: "Page") -> None:
    from playwright.sync_api import expect

    docs = page.get_by_role("complementary", name="Documentation")
    expect(docs.get_by_role("heading")).to_have_text("Query")
    docs.get_by_role("button", name="Journeys", exact=True).click()
    docs.get_by_role("button", name="FunnelAnswer").click()
    expect(docs.get_by_role("heading")).to_have_text("FunnelAnswer")
    expect(docs).to_contain_text("How many go through the steps.")
    trail = docs.get_by_role("navigation")
    expect(trail).to_have_text("Query › Journeys › FunnelAnswer")
    trail.get_by_role("button", name="Query").click()
    expect(docs.get_by_role("heading")).to_have_text("Query")
    search = docs.get_by_role("searchbox")
    search.fill("odds")
    expect(docs.get_by_role("listitem").first).to_contain_text(".oddsRatio")
    docs.get_by_role("button", name="LoyaltyTouchpoint.oddsRatio").click()
    expect(docs.get_by_role("heading")).to_have_text("LoyaltyTouchpoint")
    search.fill("no such thing")
    expect(docs).to_contain_text("Nothing here has “no such thing”")
    page.get_by_role("button", name="Close the documentation").click()
    expect(docs).to_be_hidden()
    page.get_by_role("button", name="Documentation", exact=True).click()
    expect(search).to_be_focused()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1700, 1180, 768])
def test_it_fits_a_tablet_in_light_and_dark(
    browser: "Browser", address: str, width: int, scheme: Any
) -> None:
    page = opened(browser, address, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.get_by_role("button", name="Loyalty touchpoints", exact=True).click()
    run(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    for name in ("Run", "Copy link", "Documentation"):
        box = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width
    assert vars(page)["strange"] == []
    page.context.close()


@pytest.mark.browser
def test_words_from_the_data_are_never_markup(browser: "Browser", tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)>"
    world = World(
        rows=[(evil, 1, evil, evil, None, None), (evil, 2, "b</script>", None, None, None)],
        columns={"note": [evil, evil]},
    )
    write_load(tmp_path / "store", world, attributes=[(evil, {evil: evil})])
    with serving(tmp_path / "store") as port:
        page = opened(browser, f"http://127.0.0.1:{port}/graphql#query=%3Cimg+src%3Dx%3E")
        write(
            page,
            """{ journeys { transitions { nodes { source target } }
          customers { nodes { id attributes { name value } interactions { nodes { touchpoint } } } }
          funnel(steps: [{anyOf: ["<img src=y>"]}]) { units } } }""",
        )
        run(page)
        assert page.locator("img, script:not([src])").count() == 0
        assert evil in page.locator("#panel-table").inner_text()
        assert "<img src=y>" in page.get_by_role("alert").inner_text()
        assert vars(page)["strange"] == []
        page.context.close()


@pytest.mark.browser
def test_a_query_can_be_stopped(
    browser: "Browser", demo_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from playwright.sync_api import expect

    release, answer = threading.Event(), Executor.answer

    def waiting(self: Executor, query: str, request: Any, *more: Any) -> Any:
        if "slow" in query:
            release.wait(20)
        return answer(self, query, request, *more)

    monkeypatch.setattr(Executor, "answer", waiting)
    with serving(demo_store) as port:
        page = opened(browser, f"http://127.0.0.1:{port}/graphql")
        write(page, "{ slow: store { version } }")
        page.get_by_role("button", name="Run", exact=True).click()
        expect(page.locator("#status")).to_have_text("Asking…")
        page.get_by_role("button", name="Stop", exact=True).click()
        expect(page.locator("#status")).to_have_text("Stopped.")
        release.set()
        run(page)
        assert page.locator("#panel-table .facts").inner_text().split() == ["Version", "3"]
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
    page.context.close()


@pytest.mark.browser
def test_the_page_says_when_nothing_is_loaded(browser: "Browser", tmp_path: Path) -> None:
    from journeygraph.lake.store import Store

    Store.create_or_open(tmp_path / "store")
    with serving(tmp_path / "store") as port:
        page = opened(browser, f"http://127.0.0.1:{port}/graphql")
        assert "Nothing has been loaded into this store" in page.locator("#store").inner_text()
        assert page.get_by_role("complementary").get_by_role("heading").inner_text() == "Query"
        page.context.close()


PLACES = {
    "{|": ("field", "journeys customer store"),
    "{ jou|": ("field", "journeys"),
    "{ journeys { commonPaths { nodes { |": ("field", "items units share"),
    "{ a: journeys { b: summary { |": ("field", "customers"),
    "{ journeys(|": ("argument", "where rules split by"),
    "{ journeys(by: |": ("value", "TOUCHPOINT CHANNEL STAGE"),
    "{ journeys(by: STAGE, un|": ("argument", "unit"),
    "{ journeys(where: {|": ("argument", "from until touchpoints"),
    '{ journeys(where: {channels: ["web", |': ("value", "email web"),
    '{ journeys(where: {stages: ["|': ("value", "inquiry support"),
    '{ journeys(where: {channels: ["web"]}, |': ("argument", "rules"),
    '{ journeys(where: {channels: ["web"]}) { |': ("field", "funnel"),
    '{ journeys { funnel(steps: [{anyOf: ["|': ("value", "cart purchase"),
    '{ journeys { funnel(steps: [{anyOf: ["cart"]}, {|': ("argument", "anyOf label"),
    "{ journeys(rules: {collapse: |": ("value", "true false"),
    "{ ...F } fragment F on |": ("type", "Journeys Query"),
    "{ ...F } fragment F on Journeys { |": ("field", "dropOff"),
    "{ journeys { ... on Journeys { |": ("field", "dropOff"),
    "{ journeys @skip(if: true) { |": ("field", "dropOff"),
    "query($a: Int = 3) { journeys { |": ("field", "dropOff"),
    "{ journeys # {\n { |": ("field", "dropOff"),
    "{ journeys { summary { customers } } |": ("field", "store"),
    "# |": ("nothing", ""),
    '{ customer(id: "c42"|': ("nothing", ""),
    "query($|": ("nothing", ""),
}


@pytest.mark.browser
def test_the_editor_knows_what_can_stand_where(page: "Page") -> None:
    for text, (kind, words) in PLACES.items():
        place, labels = page.evaluate(
            """async ([text, cursor]) => {
              const { placeAt, proposals } = await import("/page/language.js");
              const { INTROSPECTION, Schema } = await import("/page/schema.js");
              const asked = await fetch("/graphql", {method: "POST",
                headers: {"content-type": "application/json"},
                body: JSON.stringify({query: INTROSPECTION})});
              const schema = new Schema((await asked.json()).data);
              const known = (name) => ({touchpoints: ["cart"], anyOf: ["cart", "purchase"],
                channels: ["email", "web"], stages: ["inquiry", "support"]})[name];
              const place = placeAt(text, cursor, schema);
              const found = place.kind === "nothing" ? [] : proposals(place, schema, known);
              return [place.kind, found.map(({label}) => label)];
            }""",
            [text.replace("|", ""), text.index("|")],
        )
        assert (text, place) == (text, kind)
        assert set(words.split()) <= set(labels), text


def _colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))


def _contrast(one: str, other: str) -> float:
    """Of two colours, as WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_colour_can_be_read() -> None:
    css = page_files()["page.css"].content.decode()
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    for colours in (_colours(light), {**_colours(light), **_colours(dark)}):
        inks = ("ink", "faint", "wrong", "keyword", "argument", "string", "number", "type")
        for ground in ("ground", "raised", "sunken"):
            for ink in inks:
                assert _contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
        assert _contrast(colours["on-accent"], colours["accent"]) >= 4.5
        assert _contrast(colours["ink"], colours["wash"]) >= 4.5
        assert _contrast(colours["ink"], colours["wrong-wash"]) >= 4.5


def test_nothing_comes_from_outside() -> None:
    for name, file in page_files().items():
        text = file.content.decode()
        named = set(re.findall(r"https?://[^\s\"'`)<>]+", text))
        assert named <= {"http://www.w3.org/2000/svg"}, name
        assert "style=" not in text or name.endswith(".js"), name
        assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(", text), name
