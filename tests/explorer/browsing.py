"""The explorer in a real browser: opened, looked at, and watched for what must never happen."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["Address", "closed", "look", "number", "numbers", "opened", "shown"]

Address = str
"""Of a server, without a slash at its end."""


def opened(browser: "Browser", address: Address, fragment: str = "", **options: Any) -> "Page":
    """A page that remembers what its console said and which other hosts it asked.

    `fragment` is the state of the explorer, `look(view="flow", channel="web")`, or the path and
    fragment of another page, `/graphql#query=…`.
    """
    given = {"viewport": {"width": 1440, "height": 900}, "accept_downloads": True, **options}
    page = browser.new_context(**given).new_page()
    page.set_default_timeout(20_000)
    strange: list[str] = []
    page.on("console", lambda message: strange.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: strange.append(str(error)))
    page.on("request", lambda request: strange.extend(_foreign(request.url, address)))
    vars(page)["strange"] = strange
    page.goto(address + (fragment if fragment.startswith("/") else f"/{fragment}"))
    if not fragment.startswith("/"):
        shown(page)
    return page


def _foreign(url: str, address: Address) -> list[str]:
    own = (f"{address}/", "data:", f"blob:{address}")
    return [] if url.startswith(own) else [f"asked {url}"]


def closed(page: "Page") -> None:
    """Close it, and fail where something strange was said or asked."""
    strange = vars(page)["strange"]
    page.context.close()
    assert strange == [], strange


def look(**state: Any) -> str:
    """The part of an address behind #; `v_key` is a key of the view, `b_key` of population B."""
    pairs: list[tuple[str, str]] = []
    for key, value in state.items():
        name = key.replace("v_", "v.", 1) if key.startswith("v_") else key
        name = name.replace("b_", "b.", 1) if name.startswith("b_") else name
        values = value if isinstance(value, list) else [value]
        pairs += [(name.replace("_", "-"), str(one)) for one in values]
    return f"#{urlencode(pairs)}"


def shown(page: "Page") -> None:
    """Wait until the answer to what the page asks is drawn."""
    page.wait_for_selector("main[data-ready='yes']")


def numbers(page: "Page", figure: str, mark: str | None = None) -> list[dict[str, str]]:
    """The rows of a figure's table, by column: the exact values, as the page has them."""
    of = f"[data-mark='{mark}']" if mark else ""
    table = page.locator(f"[data-figure='{figure}']{of} .numbers table")
    if not table.count():
        page.locator(f"[data-figure='{figure}']{of}").get_by_role("button", name="Numbers").click()
    table.wait_for()
    rows: list[dict[str, str]] = table.evaluate(
        """table => [...table.tBodies[0].rows].map(row => Object.fromEntries(
             [...row.cells].map(cell => [cell.dataset.column, cell.dataset.value])))"""
    )
    return rows


def number(text: str) -> float | None:
    """A number of a row as Python reads it: the same as in the answer, to the last digit."""
    return float(text) if text else None
