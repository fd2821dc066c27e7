"""Times to convert and shares over time, one unit after the other, in fractions.

Written from docs/time-to-convert.md: the clock starts at the first of some items (or the first
item), and the first of conversion, competing event and end stops it; else the end of the data or
the horizon does.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tests.naive import journeys as naive

__all__ = ["Stop", "follow", "places_of", "shares"]

Stop = tuple[int, str]
"""How long a unit was followed, and "converted", "competed", "ended" or "open"."""


def places_of(unit: naive.Unit) -> list[tuple[int, str]]:
    """The items of a unit, each with the place in its history of the interaction it begins with."""
    found = []
    for journey in unit.journeys:
        rows = [one for one in journey.extent if one.arrival in journey.kept]
        for item in journey.items:
            found.append((unit.history.index(rows[0]), item.item))
            while rows and rows.pop(0).arrival != item.last:
                pass
    return found


def follow(
    unit: naive.Unit,
    *,
    starts: set[str] | None,
    goals: set[str] | None,
    rivals: set[str],
    sees_ends: bool,
    horizon: int | None,
    outcomes: list[int],
    as_of: int,
    inactivity: int,
) -> Stop | None:
    """What stopped the clock of a unit; None where it never started."""
    items = places_of(unit)
    began = [place for place, item in items if starts is None or item in starts]
    if not began:
        return None
    start = began[0]
    earliest = start if starts is None else start + 1
    events = [
        *((place, "competed") for place, item in items if item in rivals),
        *((place, "converted") for place, item in items if goals is not None and item in goals),
    ]
    if goals is None:
        arrivals = [one.arrival for one in unit.history]
        events += [(arrivals.index(outcome), "converted") for outcome in outcomes]
    events = [(place, event) for place, event in events if place >= earliest]
    # of one interaction that is both, the conversion counts
    events.sort(key=lambda one: (one[0], one[1] == "competed"))
    start_at, last_at = unit.history[start].at, unit.history[-1].at
    if events:
        stop = (unit.history[events[0][0]].at - start_at, events[0][1])
    elif sees_ends and last_at + inactivity <= as_of:
        stop = (last_at + inactivity - start_at, "ended")
    else:
        stop = (as_of - start_at, "open")
    if horizon is not None and stop[0] > horizon:
        return horizon, "open"
    return stop


def shares(stops: Sequence[Stop], time: int) -> dict[str, Fraction]:
    """Aalen and Johansen's shares after a time; what has not happened is "waiting"."""
    found = {name: Fraction(0) for name in ("converted", "competed", "ended")}
    waiting = Fraction(1)
    for moment in sorted({elapsed for elapsed, event in stops if event != "open"}):
        if moment > time:
            break
        at_risk = sum(elapsed >= moment for elapsed, _event in stops)
        before = waiting
        for name in found:
            share = Fraction(stops.count((moment, name)), at_risk)
            found[name] += before * share
            waiting -= before * share
    return {**found, "waiting": waiting}
