"""What is skipped is said; where nothing may be skipped, a skip is an error."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TESTS = """
import pytest

@pytest.mark.realdata
@pytest.mark.parametrize("n", range(3))
def test_reads_data(n):
    pass

@pytest.mark.spark
@pytest.mark.realdata
def test_reads_data_on_spark():
    pass

def test_needs_nothing():
    pass

@pytest.mark.xfail(reason="known")
def test_known_to_fail():
    raise ValueError
"""

MARKERS = """
[pytest]
markers =
    realdata: x
    spark: x
"""

REALDATA = "set JOURNEYGRAPH_DATA to a folder with the data sets"
SPARK = "install Java 17 or later and customer-journeygraph[spark]"


@pytest.fixture
def run(pytester, monkeypatch):
    """Run a file of tests as this project does, on a machine that has no part at all."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JOURNEYGRAPH_DATA", raising=False)
    monkeypatch.delenv("JOURNEYGRAPH_EVERYTHING", raising=False)
    pytester.makeini(MARKERS)

    def run_tests(source: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(source)
        options = ("-p", "tests.parts", "-p", "no:cacheprovider", *options)
        return pytester.runpytest_subprocess(*options)

    return run_tests


@pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n", "1")], ids=["alone", "in a worker"])
def test_each_missing_part_is_named_once_at_the_end(run, workers):
    result = run(TESTS, *workers)
    result.assert_outcomes(passed=1, skipped=4, xfailed=1)
    assert result.ret == pytest.ExitCode.OK
    assert result.outlines[-3:-1] == [
        f"skipped: realdata (4 tests): {REALDATA}",
        f"skipped: spark (1 test): {SPARK}",
    ]
    assert "1 passed, 4 skipped, 1 xfailed" in result.outlines[-1]


def test_nothing_is_said_where_nothing_is_missing(run, tmp_path, monkeypatch):
    monkeypatch.setenv("JOURNEYGRAPH_DATA", str(tmp_path))
    result = run(TESTS, "-k", "not spark")
    result.assert_outcomes(passed=4, xfailed=1, deselected=1)
    result.stdout.no_fnmatch_line("skipped:*")


def test_a_folder_that_is_not_there_is_no_data(run, tmp_path, monkeypatch):
    monkeypatch.setenv("JOURNEYGRAPH_DATA", str(tmp_path / "absent"))
    run(TESTS, "-k", "not spark").assert_outcomes(passed=1, skipped=3, xfailed=1, deselected=1)


def test_a_missing_part_is_an_error_where_nothing_may_be_skipped(run, monkeypatch):
    monkeypatch.setenv("JOURNEYGRAPH_EVERYTHING", "1")
    result = run(TESTS)
    result.assert_outcomes(passed=1, errors=4, xfailed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"realdata is missing: {REALDATA}"])


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ("import pytest\ndef test_a():\n    pytest.skip('tired')", {"failed": 1}),
        ("import pytest\n@pytest.mark.skip('tired')\ndef test_a(): pass", {"errors": 1}),
        ("import pytest\npytest.importorskip('tired')", {"errors": 1}),
    ],
    ids=["in the test", "by a marker", "the whole file"],
)
def test_any_other_skip_is_an_error_too(run, monkeypatch, source, outcome):
    monkeypatch.setenv("JOURNEYGRAPH_EVERYTHING", "1")
    result = run(source)
    result.assert_outcomes(**outcome)
    result.stdout.fnmatch_lines(["JOURNEYGRAPH_EVERYTHING is set, and this was not run. *tired*"])
