"""The report tells every row of a run, judges the goals, and leaves other sizes as they are."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.report import INTRODUCTION, with_section
from benchmarks.section import section

MACHINE = {
    "processor": "Abacus", "processors": 2, "memory_gib": 24, "system": "Linux 6",
    "python": "3.11.7", "numba": "0.68", "numpy": "2.4", "threads": 2, "load_average": 0.3,
    "date": "2026-01-31",
}  # fmt: skip


def row(workload: str, peer: str, seconds: float, **further: Any) -> dict[str, Any]:
    info = {
        "workload": workload, "peer": peer, "cpu_seconds": 2 * seconds, "peak_mib": 1234.5,
        "parts": {}, "deviation": None, **further,
    }  # fmt: skip
    return {"stats": {"min": seconds}, "extra_info": info}


def result(size: str = "10M", *rows: dict[str, Any], **further: Any) -> dict[str, Any]:
    return {
        "machine_info": {**MACHINE, "size": size},
        "commit_info": {"id": "abc123", "changed": False},
        "bandwidth": {"read_1": 5.0, "copy_1": 6.0, "read_2": 8.0, "copy_2": 9.0},
        "bytes": {"starts": 10**7, "touchpoint": 10**7, "channel": 10**7, "at": 8 * 10**7},
        "benchmarks": list(rows),
        "problems": [],
        "absent": {},
        "peers": {"journeygraph": {"version": "1", "import_seconds": 0.5, "load_seconds": 2.0}},
        **further,
    }


def line_of(text: str, beginning: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(f"| {beginning}"))


def test_a_row_has_the_ratio_the_goal_and_the_limit() -> None:
    text = section(
        result(
            "10M",
            row("transitions", "journeygraph", 0.025),
            row("transitions", "duckdb", 0.5),
            row("transitions", "polars", 0.3),
        )
    )
    # 100 MB at 8 GB/s are 12.5 ms
    assert line_of(text, "transitions with times") == (
        "| transitions with times | 25.0 | polars | 300 | **12.0** | 10× at 10M | hit (12.0×) "
        "| 100 | 12.5 | 2.00 |"
    )


def test_a_goal_that_is_missed_says_by_how_much() -> None:
    rows = row("funnel", "journeygraph", 0.1), row("funnel", "chdb", 0.5)
    assert "| miss (5.00×) |" in section(result("10M", *rows))


@pytest.mark.parametrize("seconds", [0.00001, 0.01])
def test_a_goal_may_be_a_time(seconds: float) -> None:
    text = section(result("10M", row("history", "journeygraph", seconds)))
    verdict = "hit" if seconds < 1e-4 else "miss (10.0 ms)"
    assert f"| {verdict} |" in line_of(text, "one customer's history")


def test_a_goal_is_judged_at_its_own_size_and_beside_its_own_peer() -> None:
    rows = (
        row("referral_forest", "journeygraph", 0.01),
        row("referral_forest", "polars", 0.1),
        row("referral_forest", "networkx", 2.0),
    )
    assert "| hit (200×) |" in line_of(section(result("1M", *rows)), "referral forest")
    assert "| miss (10.0×) |" in line_of(section(result("10M", *rows)), "referral forest")


def test_a_goal_may_be_held_against_another_workload() -> None:
    rows = row("open_stored", "journeygraph", 0.01), row("load_parquet", "journeygraph", 2.0)
    assert "hit (200×)" in line_of(section(result("10M", *rows)), "open what was stored")


def test_a_goal_beside_a_peer_that_is_not_there_is_not_called_reached() -> None:
    text = section(result("1M", row("patterns", "journeygraph", 0.1)))
    assert "not measured beside prefixspan" in line_of(text, "frequent patterns with gaps")


def test_who_failed_and_who_took_no_part_is_told_with_the_reason() -> None:
    text = section(
        result(
            "10M",
            row("loyalty", "journeygraph", 0.1),
            problems=[
                {"workload": "loyalty", "peer": "chdb", "problem": "differs: 1 | 2\nat once"}
            ],
            absent={"prefixspan": "ModuleNotFoundError: No module named 'prefixspan'"},
        )
    )
    assert "| chdb: differs: 1 \\| 2 at once | | | |" in text
    assert (
        "| prefixspan | took no part: ModuleNotFoundError: No module named 'prefixspan' |" in text
    )


def test_parts_and_what_remembering_saves_are_told() -> None:
    text = section(
        result(
            "1M",
            row("append", "journeygraph", 0.006, parts={"load": 0.003, "graph": 0.001}),
            row("answer_funnel", "journeygraph", 0.01),
            row("again_funnel", "journeygraph", 0.0002),
        )
    )
    assert "ours in parts: load 3.00 ms, graph 1.00 ms." in text
    assert line_of(text, "funnel |") == "| funnel | 10.0 | 0.200 | 0.0200 | 1,234 |"


def test_what_a_simulation_is_off_is_told() -> None:
    rows = (
        row("removal_effects", "journeygraph", 0.01),
        row("removal_effects", "channelattribution", 0.1, deviation=0.0291),
    )
    assert "| channelattribution (up to 2.9% off) |" in section(result("1M", *rows))


def test_a_busy_machine_is_told() -> None:
    busy = result("1M", machine_info={**MACHINE, "size": "1M", "load_average": 4.0})
    assert "The machine was busy" in section(busy)
    assert "The machine was busy" not in section(result("1M"))


def test_writing_a_section_leaves_the_others_as_they_are() -> None:
    page = with_section("", "10M", "ten")
    page = with_section(page, "1M", "one")
    again = with_section(page.replace("# Benchmark", "# Something else"), "1M", "another one")
    assert again.startswith(INTRODUCTION)
    assert again == with_section(with_section("", "1M", "another one"), "10M", "ten")
    assert again.index("another one") < again.index("begin 10M")
    assert with_section(again, "10M", "ten") == again
