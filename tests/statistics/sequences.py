"""What the tests of transitions, paths and n-grams share: views with their naive twins."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import assume

from journeygraph.errors import InterleavedJourneysError, PatternMatchesNothingError
from journeygraph.journeys import Journeys
from journeygraph.statistics.base import MergeableStatistic, merge, total
from tests.journeys.views import ask
from tests.naive import journeys as naive
from tests.naive.paths import Facts, Occurrences, Path, facts
from tests.strategies import World

__all__ = ["Case", "assert_any_cut_is_the_whole", "by_path", "expected_facts", "view_and_units"]

Case = tuple[World, dict[str, Any]]


def view_and_units(case: Case) -> tuple[Journeys, list[naive.Unit]]:
    """The view and the twin's units; what both refuse is not what is tested here."""
    world, options = case
    try:
        view = ask(world.graph, options)
    except (InterleavedJourneysError, PatternMatchesNothingError):
        assume(False)
        raise
    return view, naive.units(world, **options)


def expected_facts(
    case: Case, units: list[naive.Unit], occurrences: Occurrences
) -> dict[Path, Facts]:
    world, options = case
    rule = options.get("outcome")
    return facts(units, occurrences, lambda one: naive.is_outcome(one, rule, world))


def by_path(view: Journeys, table: pa.Table) -> dict[Path, tuple[int, int]]:
    """Units and count by the names of the path."""
    return {
        tuple(view.items[code] for code in row["path"]): (row["units"], row["count"])
        for row in table.to_pylist()
    }


def assert_any_cut_is_the_whole(
    statistic: MergeableStatistic, view: Journeys, at_most: int, **options: Any
) -> pa.Table:
    """Merge the partials of blocks, however they are cut; give the whole."""
    whole = total(statistic, view, **options)
    parts = [statistic.partial(block, **options) for block in view.blocks(at_most)]
    if parts:
        assert merge(statistic, parts).equals(whole)
        assert merge(statistic, [merge(statistic, parts[:1]), *parts[1:]]).equals(whole)
    assert merge(statistic, [whole]).equals(whole)
    assert merge(statistic, [whole, whole.slice(0, 0)]).equals(whole)
    return whole
