"""Marks of a picture by their keys, and what the panel says when they are clicked."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

__all__ = ["listed", "mark_of", "said"]


def said(key: Sequence[object]) -> str:
    """A key as the page writes it."""
    return json.dumps(key, separators=(",", ":"), ensure_ascii=False)


def mark_of(page: "Page", figure: str, key: str) -> "Locator":
    """The part of a picture with this key, whatever characters it has."""
    marks = page.locator(f"[data-figure='{figure}'] svg [data-key]")
    places = marks.evaluate_all(
        "(marks, key) => marks.flatMap((mark, at) => (mark.dataset.key === key ? [at] : []))", key
    )
    assert len(places) == 1, (key, places)
    return marks.nth(places[0])


def listed(page: "Page", figure: str, key: str, list_number: int = 0) -> int:
    """How many customers one of the panel's lists has when the mark is clicked."""
    mark_of(page, figure, key).dispatch_event("click")
    panel = page.get_by_role("complementary", name="Details")
    words = panel.locator(".customers").nth(list_number).locator(".hint").inner_text()
    panel.get_by_role("button", name="Close details").click()
    panel.wait_for(state="detached")
    return 0 if words == "No customer." else int(words.split(" of ")[1].split()[0].replace(",", ""))
