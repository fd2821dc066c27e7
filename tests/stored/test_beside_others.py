"""Runs beside other runs, loads and readers."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

import journeygraph
from journeygraph.backends.local import LocalEngine
from journeygraph.errors import UnsupportedByEngineError
from journeygraph.graph_changes import change_between, graph_key
from journeygraph.lake.errors import StoreBusyError, WorkBusyError
from journeygraph.lake.maintenance import check
from journeygraph.lake.store import Store
from journeygraph.lake.work_area import work_area
from journeygraph.statistics.remembering import StatisticsCache
from queries.stored import engines
from queries.stored.engines import EngineOptions, engine_of
from queries.stored.plan import plan_of
from queries.stored.run import PartReason, recompute
from queries.transitions import Transitions, transitions
from tests.backends.divided import DividedEngine
from tests.graph.stores import write_load
from tests.stored.computing import FUNNEL, LATER, LOYAL, SMALL, assert_as_asked, everything, unload

PLAN = plan_of({"periods": "month", "statistics": [FUNNEL, {"statistic": "summary"}]})


@pytest.fixture
def path(tmp_path):
    write_load(tmp_path / "store", SMALL)
    return tmp_path / "store"


def test_a_second_run_gives_up_and_a_dry_run_needs_no_lock(path):
    store = Store.open(path)
    with work_area(store, "recompute", "1s"):
        with pytest.raises(WorkBusyError, match="recompute of this store is running"):
            recompute(path, PLAN, wait="10ms")
        assert recompute(path, PLAN, dry_run=True).computed == 8
    assert store.version().number == 1


def test_a_writer_who_holds_the_store_is_waited_for_and_nothing_is_lost(path):
    with (
        Store.open(path).writer(),
        pytest.raises(StoreBusyError, match="is writing to this store"),
    ):
        recompute(path, PLAN, wait="10ms")
    done = recompute(path, PLAN)
    assert (done.resumed, done.computed) == (8, 0)
    assert_as_asked(path, PLAN)


@pytest.mark.parametrize(
    "change", [lambda path: write_load(path, LATER), lambda path: unload(path, 1)]
)
def test_a_load_in_the_middle_of_a_run(path, change):
    write_load(path, SMALL)
    changed = []

    def in_between(progress):
        if progress.done == 3:
            changed.append(change(path))

    done = recompute(path, PLAN, progress=in_between)
    assert (done.data_version, changed[0].number, done.version) == (2, 3, 4)
    store = Store.open(path)
    rows = store.read("statistics_summary", store.version()).to_pylist()
    assert {row["store_version"] for row in rows} == {2}
    assert graph_key(store.version()) == graph_key(changed[0])
    recompute(path, PLAN)
    assert_as_asked(path, PLAN)


def test_two_runs_and_a_loader_at_once(path):
    program = (
        "import sys; from tests.stored.computing import everything;"
        "from queries.stored.run import recompute;"
        "[recompute(sys.argv[1], everything(periods='month', name=sys.argv[2]), wait='2m')"
        " for _ in range(3)]"
    )
    running = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", program, str(path), name])
        for name in ("one", "two", "one")
    ]
    for _ in range(3):
        write_load(path, LATER)
    assert [process.wait(280) for process in running] == [0, 0, 0]
    for name in ("one", "two"):
        plan = everything(periods="month", name=name)
        recompute(path, plan)
        assert_as_asked(path, plan)
    assert check(Store.open(path)) == []


def test_readers_of_the_data_see_no_difference(path):
    memory = StatisticsCache(1 << 20)
    before = journeygraph.open(path)
    view = memory.journeys(before)
    transitions(Transitions(), view)
    recompute(path, PLAN)
    after = journeygraph.open(path)
    change = change_between(before, after)
    assert change is not None
    assert len(change.customers) == 0
    hits = memory.use.hits
    transitions(Transitions(), memory.journeys(after))
    assert memory.use.hits > hits
    assert memory.use.misses == memory.use.entries


def test_a_dry_run_says_what_would_be_computed_and_writes_nothing(path):
    files = sorted(file for file in path.rglob("*") if "cache" not in file.parts)
    planned = recompute(path, PLAN, dry_run=True)
    assert planned.version is None
    assert {one.reason for one in planned.parts} == {PartReason.NEW}
    assert sorted(file for file in path.rglob("*") if "cache" not in file.parts) == files
    recompute(path, PLAN)
    other = plan_of({"periods": "month", "statistics": [{**FUNNEL, "window": "1d"}]})
    planned = recompute(path, other, dry_run=True)
    assert {one.reason for one in planned.parts} == {PartReason.PLAN}
    assert planned.removed == 4


def test_an_engine_that_does_not_answer_something_leaves_it_out(path):
    class Engine(LocalEngine):
        def journeys(self, **options):
            if options["by"] == "channel":
                raise UnsupportedByEngineError("toy", "channels")
            return super().journeys(**options)

    plan = plan_of({"statistics": [
        {"statistic": "summary"}, {"statistic": "transitions", "by": "channel"},
    ]})  # fmt: skip
    done = recompute(path, plan, engine=Engine)
    assert done.unsupported == (("transitions", "The engine 'toy' does not give channels."),)
    assert (done.version, len(done.parts)) == (2, 1)
    assert recompute(path, plan, engine=Engine).version is None
    assert recompute(path, plan).computed == 1
    assert_as_asked(path, plan)


def test_an_engine_elsewhere_stores_what_asking_here_gives(path):
    names = ("summary", "transitions", "common_paths", "drop_off", "referrals")
    statistics = [*({"statistic": name} for name in names), FUNNEL, LOYAL]
    plan = plan_of({"statistics": statistics, "periods": "month"})
    done = recompute(path, plan, engine=DividedEngine)
    assert done.unsupported == ()
    assert assert_as_asked(path, plan) == len(done.parts) > 7
    assert recompute(path, plan).version is None


def test_the_engine_of_a_run_is_that_of_its_options(path, monkeypatch):
    reached = []

    def opened(options):
        reached.append(options)
        return DividedEngine(journeygraph.open(options.store, options.version))

    monkeypatch.setattr(engines, "open_engine", opened)
    options = EngineOptions(engine="spark", store=path, master="local[1]")
    assert recompute(path, PLAN, engine=engine_of(options)).computed == 8
    assert reached == [replace(options, version=1)]
    assert recompute(path, PLAN, engine=engine_of(options)).computed == 0
    assert len(reached) == 1  # nothing to compute needs no engine
