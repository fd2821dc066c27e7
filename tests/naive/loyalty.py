"""Loyalty and exposure, read off DEFINITIONS.md, on the naive twin's units.

Exposure looks at interactions one by one, so a collapsed run cannot hide what was met.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.naive.journeys import (
    Interaction,
    Unit,
    all_names,
    clean,
    interactions_of,
    is_outcome,
    meets,
    name_of,
)
from tests.strategies import World

__all__ = ["Rule", "Table", "as_of", "exposures", "judge", "meetings", "tables"]

NOT_ELIGIBLE, CENSORED, NOT_LOYAL, LOYAL = "not eligible", "censored", "not loyal", "loyal"
JUDGED = {NOT_LOYAL, LOYAL}


@dataclass(frozen=True)
class Rule:
    """`kind` is "repeat", "active", "no churn", "churn", "value" or "column"; times in µs."""

    kind: str
    horizon: int = 0
    inactivity: int = 0
    window: int | None = None
    said: dict[str, bool | None] | None = None


@dataclass(frozen=True)
class Table:
    """States with their units; by item, units that met it and the loyal among them."""

    states: Counter[str]
    exposed: Counter[str]
    exposed_loyal: Counter[str]
    who: dict[str, set[int]]  # by item, the numbers of the units


def as_of(world: World, options: dict[str, Any]) -> int:
    latest = max((row[1] for row in world.rows), default=0)
    return min(latest, (options.get("where") or {}).get("until", latest))


def index_place(unit: Unit, world: World, options: dict[str, Any]) -> int | None:
    """Where in the unit's history its first outcome is."""
    places = [
        place
        for place, one in enumerate(unit.history)
        if is_outcome(one, options.get("outcome"), world)
    ]
    return places[0] if places else None


def judge(unit: Unit, world: World, options: dict[str, Any], rule: Rule) -> str:
    if rule.said is not None:
        said = rule.said.get(unit.customer)
        return NOT_ELIGIBLE if said is None else LOYAL if said else NOT_LOYAL
    place = index_place(unit, world, options)
    if place is None:
        return NOT_ELIGIBLE
    begin = unit.history[place].at
    end = begin + rule.horizon
    if end > as_of(world, options):
        return CENSORED
    until = (options.get("where") or {}).get("until")
    later = [
        one
        for one in interactions_of(world, unit.customer)
        if begin < one.at <= end and (until is None or one.at < until)
    ]
    return LOYAL if is_loyal(later, begin, end, world, options, rule) else NOT_LOYAL


def is_loyal(
    later: list[Interaction],
    begin: int,
    end: int,
    world: World,
    options: dict[str, Any],
    rule: Rule,
) -> bool:
    if rule.kind == "repeat":
        return any(is_outcome(one, options.get("outcome"), world) for one in later)
    if rule.kind == "active":
        return any(
            one.initiator in {"customer", "unknown"} and one.at > end - rule.inactivity
            for one in later
        )
    if rule.kind == "value":
        return sum(one.value or 0 for one in later) > 0
    moments = [begin, *sorted(one.at for one in later), end]
    stays = all(
        after - before <= rule.inactivity
        for before, after in zip(moments, moments[1:], strict=False)
    )
    return stays if rule.kind == "no churn" else not stays


def exposures(unit: Unit, world: World, options: dict[str, Any], rule: Rule) -> set[str]:
    """Items of the view that the unit met before its index event, or at all for a column."""
    history = unit.history
    if rule.said is None:
        place = index_place(unit, world, options)
        assert place is not None
        since = -(10**30) if rule.window is None else history[place].at - rule.window
        history = [one for one in history[:place] if one.at >= since]
    by = options.get("by", "touchpoint")
    item_of = clean(all_names(world, by), options.get("rules") or {})
    met = {item_of[name_of(one, by)] for one in history if meets(one, options.get("where") or {})}
    return {item for item in met if item is not None}


def tables(units: list[Unit], world: World, options: dict[str, Any], rule: Rule) -> Table:
    found = Table(Counter(), Counter(), Counter(), {})
    for number, unit in enumerate(units):
        state = judge(unit, world, options, rule)
        found.states[state] += 1
        if state in JUDGED:
            for item in exposures(unit, world, options, rule):
                found.exposed[item] += 1
                found.exposed_loyal[item] += state == LOYAL
                found.who.setdefault(item, set()).add(number)
    return found


def meetings(unit: Unit, world: World, options: dict[str, Any], rule: Rule) -> dict[str, list[int]]:
    """By item the moments at which the unit met it in its exposure; of a collapsed run one."""
    history = unit.history
    if rule.said is None:
        place = index_place(unit, world, options)
        assert place is not None
        since = -(10**30) if rule.window is None else history[place].at - rule.window
        history = [one for one in history[:place] if one.at >= since]
    exposure = {one.arrival for one in history}
    by, rules = options.get("by", "touchpoint"), options.get("rules") or {}
    item_of = clean(all_names(world, by), rules)
    found: dict[str, list[int]] = {}
    for journey in unit.journeys:
        before, is_met = None, False
        for one in journey.extent:
            item = item_of[name_of(one, by)] if meets(one, options.get("where") or {}) else None
            if item is None:
                continue
            if not (rules.get("collapse") and item == before):
                is_met = False
            before = item
            if one.arrival in exposure and not is_met:
                is_met = True
                found.setdefault(item, []).append(one.at)
    return found
