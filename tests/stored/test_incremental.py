"""A run that computes only what changed stores what computing everything anew would store."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.lake.store import Store
from queries.stored.plan import plan_of
from queries.stored.run import PartReason, recompute
from tests.graph.stores import write_load
from tests.stored.computing import (
    COUNTRIES,
    FUNNEL,
    LATER,
    SMALL,
    assert_as_asked,
    everything,
    unload,
)
from tests.strategies import CUSTOMERS, DAY_US, World, worlds

_ATTRIBUTES = st.lists(
    st.tuples(
        st.sampled_from(CUSTOMERS[:6]),
        st.fixed_dictionaries({"country": st.sampled_from(["DE", "FR", 7])}),
    ),
    max_size=4,
)
_SHARED = st.fixed_dictionaries(
    {
        "periods": st.sampled_from([None, "day", "week", "month", {"of": "week", "last": 2}]),
        "segments": st.sampled_from(
            [None, {"column": "channel"}, {"attribute": "country"}, {"column": "initiator"}]
        ),
        "by": st.sampled_from(["touchpoint", "channel", "touchpoint_at_channel"]),
        "inactivity": st.sampled_from(["30d", "2d"]),
        "timezone": st.sampled_from(["UTC", "America/Los_Angeles"]),
    },
    optional={
        "split": st.sampled_from([{"inactivity": "1d"}, {"outcome": True}]),
        "unit": st.just("journey"),
        "rules": st.just({"collapse": True}),
        "where": st.sampled_from([{"customers": {"has_outcome": True}}, {"did": ".+"}]),
    },
)


@settings(max_examples=8)
@given(
    shared=_SHARED,
    loads=st.lists(st.tuples(worlds(), _ATTRIBUTES), min_size=1, max_size=3),
    out=st.lists(st.integers(1, 3), max_size=2, unique=True),
)
def test_any_history_gives_what_computing_anew_gives(shared, loads, out):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store"
        plan = everything(**shared)
        for world, attributes in loads:
            write_load(path, world, attributes=[("a", {"country": "DE"}), *attributes])
            recompute(path, plan)
            assert_as_asked(path, plan)
        for load in out:
            if load <= len(loads):
                unload(path, load)
                if shared["segments"] != {"attribute": "country"}:
                    recompute(path, plan)
                    assert_as_asked(path, plan)


def test_a_closed_month_is_kept_when_others_load(tmp_path):
    path, plan = tmp_path / "store", plan_of({"periods": "month", "statistics": [FUNNEL]})
    write_load(path, SMALL)
    assert [part.part.place[1] for part in recompute(path, plan).parts] == [
        None, "1970-01", "1970-02", "1970-03",
    ]  # fmt: skip
    write_load(path, LATER)
    done = recompute(path, plan)
    reasons = {part.part.place[1]: part.reason for part in done.parts}
    assert reasons == {
        None: PartReason.END,
        "1970-01": PartReason.KEPT,
        "1970-02": PartReason.KEPT,
        "1970-03": PartReason.END,
    }
    assert assert_as_asked(path, plan) == 4
    rows = Store.open(path).read("statistics_funnel", Store.open(path).version()).to_pylist()
    assert {row["period"]: row["store_version"] for row in rows} == {
        None: 3, "1970-01": 1, "1970-02": 1, "1970-03": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("late", "computed"),
    [
        (("e", 3 * DAY_US, "ad", "web", None, None), {None, "1970-01", "1970-02", "1970-03"}),
        (("e", 31 * DAY_US, "ad", "web", None, None), {None, "1970-02", "1970-03"}),
    ],
)
def test_what_reaches_back_is_computed_again_from_there_on(tmp_path, late, computed):
    path, plan = tmp_path / "store", plan_of({"periods": "month", "statistics": [FUNNEL]})
    write_load(path, SMALL)
    recompute(path, plan)
    write_load(path, World(rows=[late]))
    done = recompute(path, plan)
    assert {part.part.place[1] for part in done.parts if part.reason.is_computed} == computed
    assert {part.reason for part in done.parts if part.reason.is_computed} == {PartReason.DATA}
    assert_as_asked(path, plan)


def test_loaded_and_taken_out_again_is_as_before(tmp_path):
    path, plan = tmp_path / "store", everything(periods="month", segments={"column": "channel"})
    write_load(path, SMALL)
    recompute(path, plan)
    write_load(path, LATER)
    unload(path, 2)
    done = recompute(path, plan)
    by_name = {part.part.entry.name for part in done.parts if part.reason.is_computed}
    # these depend on whole tables; and on how many names the store knows
    assert by_name <= {"referrals", "advocates", "k_factor"}
    assert_as_asked(path, plan)


def test_an_attribute_said_later_touches_only_its_segments(tmp_path):
    path = tmp_path / "store"
    plan = plan_of({"statistics": [
        {"statistic": "transitions", "segments": {"attribute": "country"}, "periods": "month"},
        {"statistic": "summary", "periods": "month"},
    ]})  # fmt: skip
    write_load(path, SMALL, attributes=COUNTRIES)
    recompute(path, plan)
    write_load(path, World(rows=[], customers=["a"]), attributes=[("c", {"country": "FR"})])
    done = recompute(path, plan)
    assert {part.part.place for part in done.parts if part.reason.is_computed} == {
        ("transitions", period, "attribute country", value)
        for period in (None, "1970-03")
        for value in ("DE", "FR")
    }
    assert_as_asked(path, plan)


def test_a_run_that_changes_nothing_writes_nothing(tmp_path):
    path, plan = tmp_path / "store", everything(periods="month")
    write_load(path, SMALL)
    first = recompute(path, plan)
    assert (first.version, first.kept) == (2, 0)
    before = sorted(file.name for file in path.rglob("*") if file.is_file())
    again = recompute(path, plan)
    assert (again.version, again.computed, again.kept) == (None, 0, first.computed)
    assert sorted(file.name for file in path.rglob("*") if file.is_file()) == before


def test_a_renamed_entry_and_a_renamed_plan_compute_nothing(tmp_path):
    path = tmp_path / "store"
    write_load(path, SMALL)
    recompute(path, plan_of({"statistics": [{"statistic": "transitions"}]}))
    other = plan_of(
        {"name": "weekly", "statistics": [{"statistic": "transitions", "name": "edges"}]}
    )
    done = recompute(path, other)
    assert (done.computed, done.version) == (0, 3)
    assert_as_asked(path, other)
    rows = Store.open(path).read("statistics_transitions", Store.open(path).version()).to_pylist()
    assert {(row["plan"], row["entry"]) for row in rows} == {
        ("default", "transitions"), ("weekly", "edges"),
    }  # fmt: skip


def test_what_a_plan_no_longer_has_goes_and_older_versions_keep_it(tmp_path):
    path = tmp_path / "store"
    write_load(path, SMALL)
    recompute(path, plan_of({"statistics": [{"statistic": "transitions"}, FUNNEL]}))
    shorter = plan_of({"statistics": [FUNNEL]})
    done = recompute(path, shorter)
    assert (done.computed, done.removed) == (0, 1)
    assert_as_asked(path, shorter)
    store = Store.open(path)
    assert store.read("statistics_transitions", store.version()).num_rows == 0
    assert store.read("statistics_transitions", store.version(2)).num_rows > 0
