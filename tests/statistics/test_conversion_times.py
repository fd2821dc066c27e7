"""Units that are followed to their conversion: any cut equals the naive twin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.graph_build import graph_from_rows
from journeygraph.statistics.conversion_times import Clock, Fate, follow
from tests.journeys.views import cases
from tests.naive import journeys as naive
from tests.naive.time_to_convert import follow as naive_follow
from tests.statistics.sequences import Case, view_and_units
from tests.statistics.walkers import DAY_US

HORIZONS = st.none() | st.sampled_from([1, DAY_US, 30 * DAY_US])


@given(
    case=cases(simultaneous=True, many_touchpoints=True), data=st.data(), at_most=st.integers(1, 5),
    horizon=HORIZONS, sees_ends=st.booleans(),
)  # fmt: skip
def test_any_cut_follows_every_unit_as_the_twin_does(
    case: Case, data: st.DataObject, at_most: int, horizon: int | None, sees_ends: bool
) -> None:
    view, units = view_and_units(case)
    items = st.sets(st.sampled_from(range(view.n_items)), min_size=1, max_size=3)
    some = st.none() if not view.n_items else st.none() | items
    starts, goals, rivals = (data.draw(some) for _ in range(3))
    rivals = (rivals or set()) - (goals or set())
    clock = Clock(
        starts=None if starts is None else tuple(starts),
        goals=None if goals is None else tuple(goals),
        rivals=tuple(rivals),
        sees_ends=sees_ends,
        horizon_us=horizon,
    )
    followed = follow(view, clock, at_most)
    world, options = case

    def named(codes: set[int]) -> set[str]:
        return {view.items[code] for code in codes}

    expected = {
        number: naive_follow(
            unit,
            starts=None if starts is None else named(starts),
            goals=None if goals is None else named(goals),
            rivals=named(rivals),
            sees_ends=sees_ends,
            horizon=horizon,
            outcomes=naive.outcomes_of(unit, options.get("outcome"), world),
            as_of=view.as_of_us,
            inactivity=view.inactivity_us,
        )
        for number, unit in enumerate(units)
    }
    found = {
        unit: (elapsed, Fate(fate).name.lower())
        for unit, elapsed, fate in zip(
            followed.units.tolist(), followed.elapsed_us.tolist(), followed.fates.tolist(),
            strict=True,
        )
    }  # fmt: skip
    assert found == {unit: stop for unit, stop in expected.items() if stop is not None}
    assert list(found) == sorted(found)


@pytest.mark.parametrize("threads", ["1", "3"])
def test_any_number_of_threads_gives_the_same(
    threads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        (f"c{number}", number * 1000 + step * 7, "purchase" if (number + step) % 5 == 0 else "home")
        for number in range(40_000)
        for step in range(4)
    ]
    view = graph_from_rows(rows).journeys(inactivity=timedelta(microseconds=10_000))
    monkeypatch.setenv("JOURNEYGRAPH_THREADS", "2")
    two = follow(view, Clock(sees_ends=True))
    monkeypatch.setenv("JOURNEYGRAPH_THREADS", threads)
    found = follow(view, Clock(sees_ends=True))
    assert (found.elapsed_us == two.elapsed_us).all()
    assert (found.fates == two.fates).all()
    assert found.counts[Fate.CONVERTED] == 32_000
    assert found.counts[Fate.OPEN] == 2  # c39991 and c39996 were here lately and never buy
