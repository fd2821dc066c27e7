"""A run that is cut off, at whatever moment, leaves nothing half done, and the next one goes on."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time

import pytest

from journeygraph.lake.maintenance import check, compact, vacuum
from journeygraph.lake.store import Store
from queries.stored import run
from queries.stored.plan import plan_of
from queries.stored.plan_file import BadPlanError
from queries.stored.run import PartReason, recompute
from tests.graph.stores import write_load
from tests.lake.crashes import Disk, crashing
from tests.stored.computing import FUNNEL, LATER, SMALL, assert_as_asked, everything

PLAN = plan_of({"periods": "month", "statistics": [FUNNEL, {"statistic": "summary"}]})


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "store"
    write_load(path, SMALL)
    recompute(path, plan_of({"statistics": [{"statistic": "summary"}]}))
    write_load(path, LATER)
    return path


def interrupted_after(path, n_parts, plan=PLAN):
    def stop(progress):
        if progress.done >= n_parts:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recompute(path, plan, progress=stop)


def test_what_is_finished_is_taken_over(template, tmp_path):
    path = shutil.copytree(template, tmp_path / "store")
    interrupted_after(path, 5)
    assert Store.open(path).version().kind == "load"
    done = recompute(path, PLAN)
    assert (done.resumed, done.computed) == (5, 3)
    assert_as_asked(path, PLAN)
    assert not list((path / "work").rglob("*.parts"))


def test_what_a_load_in_between_leaves_true_is_taken_over(template, tmp_path):
    path = shutil.copytree(template, tmp_path / "store")
    interrupted_after(path, 8 - 1)
    write_load(path, LATER)
    done = recompute(path, PLAN)
    resumed = {one.part.place for one in done.parts if one.reason is PartReason.RESUMED}
    assert {place[1] for place in resumed} == {"1970-01", "1970-02"}
    assert_as_asked(path, PLAN)


def test_a_damaged_file_of_the_work_area_is_done_again(template, tmp_path):
    path = shutil.copytree(template, tmp_path / "store")
    interrupted_after(path, 5)
    for file in (path / "work").rglob("*.parts"):
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    done = recompute(path, PLAN)
    assert (done.resumed, done.computed) == (0, 8)
    assert_as_asked(path, PLAN)


def test_an_error_of_one_entry_keeps_what_others_have_finished(template, tmp_path):
    path = shutil.copytree(template, tmp_path / "store")
    bad = {"statistics": [{"statistic": "summary"}, {**FUNNEL, "steps": ["ad", "nowhere"]}]}
    with pytest.raises(BadPlanError, match="nowhere") as refused:
        recompute(path, plan_of({**bad, "periods": "month"}))
    assert refused.value.field == "statistics[2]"
    assert Store.open(path).version().kind == "load"


def test_a_power_cut_at_flushes_and_renames(template, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "_KEEP_EVERY_SECONDS", 0.0)
    crash_at, seen = 0, set()
    while True:
        path = shutil.copytree(template, tmp_path / str(crash_at))
        disk = Disk(path, crash_at)
        with crashing(disk):
            recompute(path, PLAN)
        store = Store.open(path)
        assert store.version().number in {3, 4}
        seen.add(store.version().number)
        done = recompute(path, PLAN)
        assert done.version == (4 if store.version(done.data_version).number == 3 else None)
        assert_as_asked(path, PLAN)
        assert check(store) == []
        if disk.n_events < crash_at:
            break
        crash_at += 5
    assert seen == {3, 4}
    assert crash_at > 10


def test_killed_at_random_moments(tmp_path):
    path = tmp_path / "store"
    write_load(path, SMALL)
    drawn = random.Random(20240131)
    for _ in range(3):
        program = [sys.executable, "-m", "tests.stored.recompute_again_and_again", str(path)]
        process = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(drawn.uniform(0.05, 2.0))
        process.kill()
        process.communicate()
        store = Store.open(path)
        cut_off = (store.version_numbers()[-1] + 1,)  # the next write clears it
        assert {problem.versions for problem in check(store)} <= {cut_off}
    plan = everything(periods="month")
    recompute(path, plan)
    assert_as_asked(path, plan)


def test_upkeep_beside_stored_statistics(template, tmp_path):
    path = shutil.copytree(template, tmp_path / "store")
    recompute(path, PLAN)
    store = Store.open(path)
    compact(store)
    vacuum(store, keep=1)
    assert check(store) == []
    assert_as_asked(path, PLAN)
    assert recompute(path, PLAN).version is None
    write_load(path, LATER)
    assert recompute(path, PLAN).version is not None
    assert_as_asked(path, PLAN)
    damaged = next((path / "tables" / "statistics_summary").glob("*.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:-9])
    assert {problem.file for problem in check(store)} == {damaged}


def test_what_another_plan_has_finished_stays_until_it_is_old(template, tmp_path):
    path = shutil.copytree(template, tmp_path / "store")
    interrupted_after(path, 5)
    other = plan_of({"name": "other", "statistics": [{"statistic": "drop_off"}]})
    assert recompute(path, other).computed == 1
    for file in (path / "work").rglob("*.parts"):
        os.utime(file, (0, 0))
    done = recompute(path, PLAN)
    assert (done.resumed, done.computed) == (5, 3)
    interrupted_after(path, 3, plan_of({"statistics": [{"statistic": "summary", "by": "channel"}],
                                        "periods": "week"}))  # fmt: skip
    for file in (path / "work").rglob("*.parts"):
        os.utime(file, (0, 0))
    recompute(path, other)
    assert not list((path / "work").rglob("*.parts"))
