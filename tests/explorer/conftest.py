"""One chromium and one server for all tests of the explorer that a process runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.api.conftest import ask, demo_files, demo_store, executor, respond, snapshots
from tests.api.serving import serving
from tests.explorer.browsing import Address, closed, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["address", "ask", "browser", "demo_files", "demo_store", "executor", "page", "respond",
           "snapshots"]  # fmt: skip

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--no-first-run"]  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", headless=True, args=ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(demo_store: Path) -> Iterator[Address]:
    """A server over the demo company."""
    with serving(demo_store) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def page(browser: "Browser", address: Address) -> Iterator["Page"]:
    """The explorer as it is when opened first; what its console says fails the test."""
    page = opened(browser, address)
    yield page
    closed(page)
