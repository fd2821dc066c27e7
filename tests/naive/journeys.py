"""Journeys, read off DEFINITIONS.md and docs/journeys.md: lists of interactions, one at a time.

Options are mappings as in a notebook, `where` with its `from` and `until` in microseconds.
Names are taken to be known: what is not is tested apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.naive.referrals import grow
from tests.strategies import World

DAY_US = 86_400_000_000


class MatchesNothingError(Exception):
    """A pattern matches no name."""


class InterleavedError(Exception):
    """Journeys of one customer overlap, and customers are counted."""


@dataclass(frozen=True)
class Interaction:
    arrival: int
    at: int
    sequence: int
    touchpoint: str
    channel: str
    stage: str
    initiator: str
    value: int | None
    groups: dict[str, Any]  # by column that a split can use


@dataclass
class Kept:
    """An item of a journey; `end` is the last `at` of a run or set, `last` its arrival."""

    item: str
    start: int
    end: int
    last: int
    members: list[tuple[str, Interaction]] = field(default_factory=list)  # of its first set

    @property
    def names(self) -> set[str]:
        """What it holds, several where it is a set."""
        return {name for name, _ in self.members}


@dataclass
class Journey:
    extent: list[Interaction]
    items: list[Kept] = field(default_factory=list)
    kept: set[int] = field(default_factory=set)  # arrivals of what is an item or repeats one
    n_kept: int = 0
    n_repeated: int = 0
    sets: list[list[Interaction]] = field(default_factory=list)
    in_sets: bool = False  # whether an item is what its set is called


@dataclass
class Unit:
    customer: str
    history: list[Interaction]
    journeys: list[Journey]


def interactions_of(world: World, customer: str) -> list[Interaction]:
    def column(name: str, arrival: int) -> Any:
        return world.columns[name][arrival] if name in world.columns else None

    found = [
        Interaction(
            arrival=arrival,
            at=row[1],
            sequence=column("sequence", arrival) or 0,
            touchpoint=row[2],
            channel=row[3] or "unknown",
            stage=row[4] or "unknown",
            initiator=column("initiator", arrival) or "unknown",
            value=row[5],
            groups={name: column(name, arrival) for name in ("session", "colour")},
        )
        for arrival, row in enumerate(world.rows)
        if row[0] == customer
    ]
    return sorted(found, key=lambda one: (one.at, one.sequence, one.arrival))


def is_outcome(one: Interaction, rule: dict[str, Any] | None, world: World) -> bool:
    if rule is None:
        if any(row[2].casefold() == "purchase" for row in world.rows):
            return one.touchpoint.casefold() == "purchase"
        return one.stage == "purchase" and one.value is not None and one.value > 0
    return (
        one.touchpoint in rule.get("touchpoints", [one.touchpoint])
        and one.stage in rule.get("stages", [one.stage])
        and in_range(one.value, rule.get("min_value"), None)
    )


def in_range(value: int | None, least: Any, most: Any) -> bool:
    """Limits in major units of two decimals."""
    if least is None and most is None:
        return True
    return (
        value is not None
        and (least is None or value >= least * 100)
        and (most is None or value <= most * 100)
    )


def meets(one: Interaction, where: dict[str, Any]) -> bool:
    return (
        one.at >= where.get("from", one.at)
        and one.touchpoint in where.get("touchpoints", [one.touchpoint])
        and one.touchpoint not in where.get("exclude_touchpoints", [])
        and one.channel in where.get("channels", [one.channel])
        and one.stage in where.get("stages", [one.stage])
        and one.initiator in where.get("initiators", [one.initiator])
        and in_range(one.value, where.get("min_value"), where.get("max_value"))
    )


def is_meant(
    customer: str, history: list[Interaction], asked: dict[str, Any], rule: Any, world: World
) -> bool:
    touched = {one.touchpoint for one in history}
    parent = grow([row[:3] for row in world.referrals]).parent(customer)
    has_outcome = any(is_outcome(one, rule, world) for one in history)
    return (
        customer in asked.get("ids", [customer])
        and ("touched" not in asked or bool(touched & set(asked["touched"])))
        and not touched & set(asked.get("not_touched", []))
        and (parent is not None) == asked.get("referred", parent is not None)
        and has_outcome == asked.get("has_outcome", has_outcome)
    )


def matches(pattern: str, name: str) -> bool:
    """`*` is any text, `?` any character."""
    if not pattern:
        return not name
    if pattern[0] == "*":
        return any(matches(pattern[1:], name[cut:]) for cut in range(len(name) + 1))
    return bool(name) and pattern[0] in ("?", name[0]) and matches(pattern[1:], name[1:])


def grouped(name: str, group: dict[str, Any]) -> str | None:
    if group.get("regex"):
        found = re.fullmatch(group["pattern"], name, re.DOTALL)
        return found.expand(group["as"]) if found else None
    return group["as"] if matches(group["pattern"], name) else None


def clean(names: list[str], rules: dict[str, Any]) -> dict[str, str | None]:
    """The item of each name, None where it is excluded."""
    renamed = {name: rules.get("rename", {}).get(name, name) for name in names}
    for group in rules.get("group", []):
        if all(grouped(name, group) is None for name in renamed.values()):
            raise MatchesNothingError
    items = {}
    for old, new in renamed.items():
        hits = [hit for group in rules.get("group", []) if (hit := grouped(new, group)) is not None]
        items[old] = hits[0] if hits else new
    for pattern in rules.get("exclude", []):
        if not any(matches(pattern, name) for name in items.values()):
            raise MatchesNothingError
    return {
        old: None if any(matches(pattern, item) for pattern in rules.get("exclude", [])) else item
        for old, item in items.items()
    }


def name_of(one: Interaction, by: str) -> str:
    return {
        "touchpoint": one.touchpoint,
        "channel": one.channel,
        "stage": one.stage,
        "touchpoint_at_channel": f"{one.touchpoint}@{one.channel}",
    }[by]


def all_names(world: World, by: str) -> list[str]:
    if by == "stage":
        return ["unknown", "inquiry", "comparison", "purchase", "support"]
    everybody = [one for name in world.all_customers() for one in interactions_of(world, name)]
    names = {name_of(one, by) for one in everybody}
    if by == "channel":
        names |= {"unknown"} | {row[3] for row in world.referrals if row[3]}
    return sorted(names)


def cut(
    history: list[Interaction], items: dict[int, str], split: dict[str, Any], ends: list[bool]
) -> list[list[Interaction]]:
    """A history cut into stretches; `items` by arrival, `ends` says which row is the outcome."""
    if "column" in split:
        stretches: dict[Any, list[Interaction]] = {}
        for one in history:
            stretches.setdefault(one.groups[split["column"]], []).append(one)
        return list(stretches.values())
    cuts: list[list[Interaction]] = [[]]
    last_item_at = None
    for place, one in enumerate(history):
        if split.get("outcome") and place > 0 and ends[place - 1]:
            cuts.append([])
        if "inactivity_us" in split and one.arrival in items:
            if last_item_at is not None and one.at - last_item_at >= split["inactivity_us"]:
                cuts.append([])
            last_item_at = one.at
        cuts[-1].append(one)
    return cuts


def together(kept: list[Interaction], tolerance_us: int | None) -> list[list[Interaction]]:
    """What is at most so long after the first of a group is in it; without a tolerance alone."""
    groups: list[list[Interaction]] = []
    for one in kept:
        if tolerance_us is not None and groups and one.at - groups[-1][0].at <= tolerance_us:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def called(names: set[str]) -> str:
    """The names of a set in their order; of a "+" by itself one can tell that it is no sign."""
    marked = []
    for name in sorted(names):
        words = re.split(r"(\s)", name)
        plus = [word[-1:] == "+" and not word[:-1].strip("\\") for word in words]
        marked.append("".join("\\" * hit + word for word, hit in zip(words, plus, strict=True)))
    return " + ".join(marked)


def journey_of(
    extent: list[Interaction], items: dict[int, str], collapse: bool, tolerance_us: int | None
) -> Journey:
    journey = Journey(extent)
    kept = [one for one in extent if one.arrival in items]
    journey.kept = {one.arrival for one in kept}
    journey.sets, journey.in_sets = together(kept, tolerance_us), tolerance_us is not None
    for group in journey.sets:
        members = [(items[one.arrival], one) for one in group]
        names = {name for name, _ in members}
        item = members[0][0] if tolerance_us is None else called(names)
        first, last = group[0], group[-1]
        if collapse and journey.items and journey.items[-1].item == item:
            journey.items[-1].end, journey.items[-1].last = last.at, last.arrival
        else:
            journey.items.append(Kept(item, first.at, last.at, last.arrival, members))
            journey.n_kept += 1
    journey.n_repeated = len(kept) - journey.n_kept
    return journey


def units(
    world: World,
    *,
    where: dict[str, Any] | None = None,
    rules: dict[str, Any] | None = None,
    split: dict[str, Any] | None = None,
    by: str = "touchpoint",
    unit: str = "customer",
    outcome: dict[str, Any] | None = None,
) -> list[Unit]:
    where, rules, split = where or {}, rules or {}, split or {}
    item_of = clean(all_names(world, by), rules)
    found = []
    for customer in world.all_customers():
        history = [
            one
            for one in interactions_of(world, customer)
            if one.at < where.get("until", one.at + 1)
        ]
        if not is_meant(customer, history, where.get("customers", {}), outcome, world):
            continue
        items = {
            one.arrival: item
            for one in history
            if meets(one, where) and (item := item_of[name_of(one, by)]) is not None
        }
        stretches = cut(history, items, split, [is_outcome(one, outcome, world) for one in history])
        if unit == "customer" and [one for cut_ in stretches for one in cut_] != history:
            raise InterleavedError
        how = rules.get("collapse", False), rules.get("tolerance_us")
        journeys = [journey_of(part, items, *how) for part in stretches]
        journeys = [journey for journey in journeys if journey.items]
        if unit == "journey":
            found += [Unit(customer, journey.extent, [journey]) for journey in journeys]
        elif journeys:
            found.append(Unit(customer, history, journeys))
    return found


def value_of(unit: Unit) -> int:
    return sum(one.value or 0 for one in unit.history)


def outcomes_of(unit: Unit, rule: Any, world: World) -> list[int]:
    """Arrivals of the outcomes, in order; those of a set are one, at its first interaction."""
    stand_at = {
        one.arrival: group[0].arrival
        for journey in unit.journeys
        for group in journey.sets
        for one in group
    }
    found = [one.arrival for one in unit.history if is_outcome(one, rule, world)]
    return list(dict.fromkeys(stand_at.get(arrival, arrival) for arrival in found))


def is_open(unit: Unit, as_of: int, limit_us: int) -> bool:
    return as_of - unit.history[-1].at < limit_us
