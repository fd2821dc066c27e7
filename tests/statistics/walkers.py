"""Units of the journeys' naive twin in the words of the twins of funnels and exits."""

from __future__ import annotations

from hypothesis import strategies as st

from journeygraph.journeys import Journeys
from tests.naive import journeys as naive
from tests.naive.funnel import Unit
from tests.statistics.sequences import Case
from tests.strategies import DAY_US

__all__ = ["DAY_US", "steps_of", "walkers", "windows"]

windows = st.none() | st.sampled_from([1, 3, DAY_US // 24, DAY_US, 7 * DAY_US, 30 * DAY_US])


def walkers(
    case: Case, view: Journeys, units: list[naive.Unit], inactivity_us: int | None = None
) -> list[Unit]:
    """Each unit with its items, whether it is open, and whether it has the outcome."""
    world, options = case
    limit_us = view.inactivity_us if inactivity_us is None else inactivity_us
    return [
        Unit(
            journeys=[
                [(kept.start, kept.item) for kept in journey.items] for journey in unit.journeys
            ],
            is_open=naive.is_open(unit, view.as_of_us, limit_us),
            has_outcome=bool(naive.outcomes_of(unit, options.get("outcome"), world)),
        )
        for unit in units
    ]


def steps_of(data: st.DataObject, view: Journeys, at_most: int = 3) -> list[set[str]]:
    """Draw steps of items that the view has."""
    step = st.sets(st.sampled_from(view.items), min_size=1, max_size=2)
    return data.draw(st.lists(step, min_size=1, max_size=at_most))
