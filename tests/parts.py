"""Tests that need a part which not every machine has: a browser, a data set, a server.

A test says what it needs with a marker. Where the part is missing the test is skipped and the
end of the run names the part, how many tests waited for it, and how to get it. With
JOURNEYGRAPH_EVERYTHING=1 nothing may be skipped: a missing part is an error, and so is a skip
for any other reason, because a check that silently does not run guards nothing.
"""

import importlib.util
import os
import shutil
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.neo4j_server import places

WAITED = "waited for"
EXPLORER = Path(__file__).parents[1] / "api" / "explorer" / "built"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something that a test may need; `name` is its marker, `remedy` says how to get it."""

    name: str
    is_here: Callable[[], bool]
    remedy: str


def _has_browser() -> bool:
    built = (EXPLORER / "index.html").is_file()
    return built and shutil.which("chromium") is not None and _can_import("playwright")


def _has_real_data() -> bool:
    folder = os.environ.get("JOURNEYGRAPH_DATA")
    return bool(folder) and Path(folder or "").is_dir()


def _has_spark() -> bool:
    return shutil.which("java") is not None and _can_import("pyspark")


def _can_import(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


PARTS = (
    Part(
        name="browser",
        is_here=_has_browser,
        remedy="install Debian's chromium and the Python package playwright, and run make explorer",
    ),
    Part(
        name="neo4j",
        is_here=places.is_here,
        remedy="install a Java runtime (17 or 21), Maven and openssl, then run make neo4j-server",
    ),
    Part(
        name="realdata",
        is_here=_has_real_data,
        remedy="set JOURNEYGRAPH_DATA to a folder with the data sets",
    ),
    Part(
        name="spark",
        is_here=_has_spark,
        remedy="install Java 17 or later and customer-journeygraph[spark]",
    ),
)


def nothing_may_be_skipped() -> bool:
    """Whether this run was asked to leave nothing out."""
    return os.environ.get("JOURNEYGRAPH_EVERYTHING", "0") not in {"", "0"}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Stop a test whose part is missing before its fixtures look for the part."""
    missing = [part for part in PARTS if item.get_closest_marker(part.name) and not part.is_here()]
    if not missing:
        return
    reason = "; ".join(f"{part.name} is missing: {part.remedy}" for part in missing)
    if nothing_may_be_skipped():
        pytest.fail(reason, pytrace=False)
    item.user_properties.extend((WAITED, part.name) for part in missing)
    pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make a skipped test an error where nothing may be skipped; an expected failure is none."""
    report = yield
    if not hasattr(report, "wasxfail"):
        _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Make a file that skips itself an error where nothing may be skipped."""
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.outcome != "skipped" or not nothing_may_be_skipped():
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"JOURNEYGRAPH_EVERYTHING is set, and this was not run. {reason}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> Generator[None, None, None]:
    """Name each part that tests waited for, last before the closing line."""
    yield
    for line in skipped_lines(terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(line)


def skipped_lines(reports: list[pytest.TestReport]) -> Iterator[str]:
    """One line for each part that was missing, by name."""
    waiting = Counter(
        name
        for report in reports
        for key, name in getattr(report, "user_properties", ())
        if key == WAITED
    )
    for part in PARTS:
        if n_tests := waiting[part.name]:
            tests = "test" if n_tests == 1 else "tests"
            yield f"skipped: {part.name} ({n_tests} {tests}): {part.remedy}"
