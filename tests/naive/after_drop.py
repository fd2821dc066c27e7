"""What follows some steps, one unit after the other, as docs/drop-off.md words it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tests.naive import journeys as naive
from tests.naive.time_to_convert import places_of

__all__ = ["Next", "next_of", "table"]

Next = tuple[str, list[str]]
"""The side of a unit that took all steps, and the items in its budget."""


def next_of(
    unit: naive.Unit,
    steps: Sequence[set[str]],
    *,
    goals: set[str] | None,
    outcomes: list[int],
    n_next: int | None,
    within: int | None,
    as_of: int,
    inactivity: int,
) -> Next | None:
    """None for a unit that does not take all steps."""
    items, anchor = places_of(unit), -1
    for step in steps:
        behind = [place for place, item in items if place > anchor and item in step]
        if not behind:
            return None
        anchor = behind[0]
    if goals is None:
        arrivals = [one.arrival for one in unit.history]
        converts = any(arrivals.index(outcome) > anchor for outcome in outcomes)
    else:
        converts = any(place > anchor and item in goals for place, item in items)
    is_open = naive.is_open(unit, as_of, inactivity)
    later = [(place, item) for place, item in items if place > anchor]
    at = unit.history[anchor].at
    if within is not None:
        budget = [item for place, item in later if unit.history[place].at - at <= within]
        is_over = at + within <= as_of
    else:
        budget = [item for _place, item in later[:n_next]]
        is_over = len(budget) == n_next or not is_open
    if not converts and is_open:
        return "undecided", budget
    if not is_over:
        return "unobserved", budget
    return ("converters" if converts else "droppers"), budget


def table(found: Sequence[Next]) -> dict[str, tuple[int, int]]:
    """Of each item the droppers and the converters that meet it in their budget."""
    counts = {
        side: Counter(item for of, budget in found if of == side for item in set(budget))
        for side in ("droppers", "converters")
    }
    items = set(counts["droppers"]) | set(counts["converters"])
    return {item: (counts["droppers"][item], counts["converters"][item]) for item in items}
