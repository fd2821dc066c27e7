"""The summary counts what the naive twin keeps."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from journeygraph.graph_build import graph_from_rows
from queries.summary import Summary, summary
from tests.journeys.views import ask, cases
from tests.naive import journeys as naive
from tests.strategies import World


@given(case=cases())
def test_the_summary_counts_what_is_kept(case: tuple[World, dict[str, Any]]) -> None:
    world, options = case
    try:
        units = naive.units(world, **options)
    except (naive.MatchesNothingError, naive.InterleavedError):
        return
    journeys = [journey for unit in units for journey in unit.journeys]
    kept = [one for journey in journeys for one in journey.extent if one.arrival in journey.kept]
    times = sorted(one.at for one in kept)
    assert summary(ask(world.graph, options)) == Summary(
        customers=len({unit.customer for unit in units}),
        journeys=len(journeys),
        interactions=len(kept),
        touchpoints=len({one.touchpoint for one in kept}),
        channels=len({one.channel for one in kept} - {"unknown"}),
        from_us=times[0] if times else None,
        until_us=times[-1] if times else None,
    )


def test_the_summary_of_nothing() -> None:
    nothing = summary(graph_from_rows([]).journeys())
    assert nothing == Summary(
        customers=0,
        journeys=0,
        interactions=0,
        touchpoints=0,
        channels=0,
        from_us=None,
        until_us=None,
    )
