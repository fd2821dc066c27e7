"""The batch job as a scheduler runs it: exit statuses, logs, the documented line for cron."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.application import app
from api.cli.recompute import EXIT_STATUSES
from journeygraph.lake.store import Store
from journeygraph.lake.work_area import work_area
from tests.cli.console import run
from tests.graph.stores import write_load
from tests.stored.computing import LATER, SMALL

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "recompute.md").read_text(encoding="utf-8")
PLAN = """\
periods: month
statistics:
  - statistic: transitions
  - {statistic: funnel, name: checkout, steps: [ad, cart]}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_load(tmp_path / "shop", SMALL)
    (tmp_path / "plan.yaml").write_text(PLAN)
    return tmp_path


def journeygraph(*words):
    """One of our commands, in this process: starting another takes longer than what it does."""
    return CliRunner().invoke(app, [str(word) for word in words])


def recompute(*words):
    return journeygraph("recompute", "--store", "shop", *words)


def test_a_run_by_night(folder):
    done = recompute("--plan", "plan.yaml", "--log-json", "--json")
    assert done.exit_code == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["version"], report["computed"], report["kept"]) == (2, 8, 0)
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert [event["event"] for event in events] == ["recompute started", "recompute finished"]
    assert events[1]["computed"] == 8
    again = recompute("--plan", "plan.yaml")
    assert again.exit_code == 0
    assert again.stdout.startswith("Nothing new: the statistics of version 2 are there")
    assert 'event="recompute finished"' in again.stderr
    write_load(folder / "shop", LATER)
    dry = recompute("--plan", "plan.yaml", "--dry-run")
    assert dry.stdout.startswith("Dry run: 4 of 8 parts would be computed of version 3")
    assert re.search(r"checkout +the end of the data moved +2\n", dry.stdout)
    assert re.search(r"checkout +unchanged +2\n", dry.stdout)
    rows = journeygraph("statistics", "checkout", "--store", "shop", "--json")
    assert len(json.loads(rows.stdout)["nodes"]) == 12
    shown = journeygraph("statistics", "checkout", "--store", "shop")
    assert "12 of 12 rows of store version 3" in shown.stdout
    trend = journeygraph(
        "trend", "checkout", "--measure", "of_first", "--key", "label=cart", "--store", "shop",
    )  # fmt: skip
    assert trend.exit_code == 0, trend.stderr
    assert "1970-03 (open)" in trend.stdout


def test_exit_statuses(folder):
    (folder / "bad.yaml").write_text("statistics:\n  - statistic: transitions\n    frist: 1\n")
    bad = recompute("--plan", "bad.yaml")
    assert (bad.exit_code, "bad.yaml:3: statistics[1].frist" in bad.stderr) == (78, True)
    (folder / "names.yaml").write_text(PLAN.replace("cart", "cort"))
    unknown = recompute("--plan", "names.yaml")
    assert (unknown.exit_code, "names.yaml:4" in unknown.stderr) == (78, True)
    nowhere = journeygraph("recompute", "--store", "nowhere")
    assert (nowhere.exit_code, "STORE_NOT_FOUND" in nowhere.stderr) == (66, True)
    (folder / "other.yaml").write_text("name: other\nstatistics:\n  - statistic: summary\n")
    away = ("--plan", "other.yaml", "--engine", "neo4j", "--uri", "bolt://127.0.0.1:1")
    assert recompute(*away).exit_code == 69
    assert recompute("--uri", "bolt://127.0.0.1:1").exit_code == 1  # not of the local engine
    assert recompute("--engine", "abacus").exit_code == 1
    assert recompute("--plans", "x").exit_code == 2
    with work_area(Store.open(folder / "shop"), "recompute", "1s"):
        busy = recompute("--wait", "10ms")
        assert (busy.exit_code, "WORK_BUSY" in busy.stderr) == (75, True)
    damaged = next((folder / "shop" / "tables" / "interactions").glob("*.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:-5])
    shutil.rmtree(folder / "shop" / "cache", ignore_errors=True)
    assert recompute("--plan", "plan.yaml").exit_code == 65


@pytest.mark.parametrize(("end", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_scheduler_may_end_it_and_the_next_run_goes_on(folder, end, status):
    program = (
        "import os, signal, sys; from queries.stored import run; done = []\n"
        "answer = run._Run._computed\n"
        "def slow(self, part):\n"
        "    done.append(part)\n"
        f"    if len(done) == 4: os.kill(os.getpid(), signal.{end.name})\n"
        "    return answer(self, part)\n"
        "run._Run._computed = slow\n"
        "from api.cli import main; main()"
    )
    command = [sys.executable, "-c", program, "recompute", "--store", "shop", "--plan", "plan.yaml"]
    ended = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert ended.returncode == status, ended.stderr
    assert "Traceback" not in ended.stderr
    assert Store.open(folder / "shop").version().number == 1
    report = json.loads(recompute("--plan", "plan.yaml", "--json").stdout)
    assert (report["resumed"], report["computed"]) == (3, 5)


def test_the_line_for_cron(folder):
    [line] = re.findall(r"```cron\n(.*)\n```", PAGE)
    minute, hour, *days, command = line.split(" ", 5)
    assert (minute, hour, days) == ("30", "2", ["*", "*", "*"])
    assert "%" not in command  # cron takes it for the end of a line
    ran = run(f"HOME={folder} sh -c {json.dumps(command).replace('$', chr(92) + '$')}", folder)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == ran.stderr == ""
    log = (folder / "recompute.log").read_text().splitlines()
    assert json.loads(log[0])["event"] == "recompute started"
    assert any(line.startswith("Store version 2: 8 of 8 parts computed") for line in log)


def test_the_page_lists_every_status():
    listed = {int(status) for status in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}
    assert {0, 1, 2, 3, *EXIT_STATUSES.values()} == listed
    assert "| 130, 143 |" in PAGE
    for name in re.findall(r"status in \(([\d, ]+)\)", PAGE):
        assert set(map(int, name.split(","))) <= listed - {75}
