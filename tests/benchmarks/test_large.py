"""`make bench-large` in small: the same code, a few seconds instead of a quarter of an hour."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks import large
from benchmarks.files import Files
from benchmarks.large_page import large_page
from benchmarks.large_stages import STAGES, Job, run

N_INTERACTIONS = 24_000


def arguments(folder: Path, *further: str) -> list[str]:
    page = folder / "LARGE.md"
    return [
        "small", "--interactions", str(N_INTERACTIONS), "--folder", str(folder), "--page",
        str(page), "--limit-gib", "4", *further,
    ]  # fmt: skip


def test_all_stages_go_through_and_every_question_is_asked(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    status = large.main(arguments(tmp_path))
    page = (tmp_path / "LARGE.md").read_text()
    assert status == 0, page + capfd.readouterr().err
    assert f"# {N_INTERACTIONS:,} interactions within 4 GiB" in page
    assert "**Reached**" in page
    for title in ("load the interactions", "open again", "drop off", "attribution MARKOV",
                  "common paths WHOLE", "ask the same of it, refreshed"):  # fmt: skip
        assert f"| {title} " in page
    assert not (tmp_path / "small.store").exists()


def test_more_memory_than_allowed_is_a_failure_that_is_told(tmp_path: Path) -> None:
    outcome = large.Outcome()
    files = Files(tmp_path, "small")
    wanted = large.Wanted(files, N_INTERACTIONS, 1.0, tmp_path / "LARGE.md")
    told = {"step": "load", "wall": 1.0, "cpu": 1.0, "peak_mib": 1536.0, "anonymous_mib": 900.0}
    large._take("load", told, wanted, outcome)
    assert outcome.problems == ["load: load: held 1.5 GiB, more than 1"]


def test_rows_that_were_not_taken_are_a_failure_that_is_told(tmp_path: Path) -> None:
    outcome = large.Outcome()
    wanted = large.Wanted(Files(tmp_path, "small"), N_INTERACTIONS, 1.0, tmp_path / "LARGE.md")
    told = {"step": "load", "wall": 1.0, "cpu": 1.0, "peak_mib": 1.0, "anonymous_mib": 1.0}
    large._take("load", {**told, "facts": {"read": 5, "accepted": 5}}, wanted, outcome)
    assert outcome.problems == []
    large._take("load", {**told, "facts": {"read": 5, "accepted": 3}}, wanted, outcome)
    assert outcome.problems == ["load: load: 3 of 5 rows were taken"]


def test_a_machine_that_is_too_small_is_told_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(large, "available_gib", lambda: 3.0)
    assert large.main(arguments(tmp_path)) == 2
    assert "3.0 GiB of memory are available; a run that may take 4 GiB" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_too_little_disk_is_told() -> None:
    wanted = large.Wanted(Files(Path("somewhere"), "100M"), 100_000_000, 16.0, Path("page"))
    (sentence,) = large.missing(wanted, 5 * 2**30, 20.0)
    assert sentence.startswith("somewhere has 5.0 GiB of free disk; 100,000,000 interactions need")
    assert large.missing(wanted, 500 * 2**30, None) == []


def test_a_stage_that_fails_says_why_and_what_needs_it_is_not_begun(tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    job = Job(Files(tmp_path, "absent"), N_INTERACTIONS, tmp_path / "store")
    run("load", job, told.append)
    assert len(told) == 1
    assert "problem" in told[0]
    told.clear()
    run("ask", job, told.append)
    assert told[0]["problem"].startswith("StoreNotFoundError")


def test_the_page_tells_what_failed_and_what_was_measured_before() -> None:
    step = {"stage": "load", "step": "load the interactions", "wall": 12.0, "cpu": 20.0,
            "peak_mib": 2048.0, "anonymous_mib": None}  # fmt: skip
    machine = {
        "processor": "Abacus", "processors": 2, "memory_gib": 24, "system": "Linux", "python": "3",
        "numba": "0", "numpy": "2", "threads": 2, "load_average": 0.0, "date": "2026-01-31",
    }  # fmt: skip
    page = large_page(
        {"interactions": 10, "limit_gib": 1.0, "held": False, "steps": [step], "store_bytes": 0,
         "machine": machine, "commit": {"id": "abc", "changed": True},
         "problems": ["open: its process ended with status -9"]}
    )  # fmt: skip
    assert "**Not reached**:\n\n- open: its process ended with status -9" in page
    assert "| load the interactions | 12.00 | 20.00 |  | 2,048 |" in page
    assert "it was looked at only" in page
    assert list(STAGES) == ["generate", "load", "open", "ask", "append"]
