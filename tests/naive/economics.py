"""Economics, one interaction after the other, as docs/economics.md words it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.naive.journey_map import items_of
from tests.naive.journeys import Unit, outcomes_of
from tests.naive.referrals import grow
from tests.strategies import World

__all__ = ["NaiveGroup", "groups", "root_of", "spread"]


@dataclass
class NaiveGroup:
    count: int = 0
    units: set[int] = field(default_factory=set)
    journeys: set[int] = field(default_factory=set)
    outcomes: dict[int, int] = field(default_factory=dict)  # by journey
    with_outcome: set[int] = field(default_factory=set)
    amounts: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    customers: dict[int, str] = field(default_factory=dict)  # by unit


def groups(
    units: Sequence[Unit], world: World, rule: Any, by: str, own: str
) -> dict[Any, NaiveGroup]:
    """Every group; None is who is in none.

    Parameters
    ----------
    own
        What paths are made of.
    """
    found: dict[Any, NaiveGroup] = defaultdict(NaiveGroup)
    costs = world.columns.get("cost", [None] * len(world.rows))
    journey = 0
    for number, unit in enumerate(units):
        outcomes, root = outcomes_of(unit, rule, world), root_of(world, unit.customer)
        for one in unit.journeys:
            alone = Unit(unit.customer, unit.history, [one])
            path = tuple(item.item for item in one.items)
            extent = {met.arrival for met in one.extent}
            n_outcomes = sum(arrival in extent for arrival in outcomes)
            for item, interactions in items_of(alone):
                for met in interactions:
                    names = {
                        "all": "all", "path": path, "chain": root,
                        "touchpoint": met.touchpoint, "channel": met.channel, "stage": met.stage,
                    }  # fmt: skip
                    group = found[item if by == own else names[by]]
                    group.count += 1
                    group.units.add(number)
                    group.customers[number] = unit.customer
                    group.journeys.add(journey)
                    group.outcomes[journey] = n_outcomes
                    if n_outcomes:
                        group.with_outcome.add(number)
                    for name, amount in (("value", met.value), ("cost", costs[met.arrival])):
                        if amount is not None:
                            group.amounts[name].append((number, amount))
            journey += 1
    return dict(found)


def root_of(world: World, customer: str) -> str | None:
    """With whom the chain of a customer begins; None where nobody brought anybody."""
    forest = grow([row[:3] for row in world.referrals])
    root = forest.root(customer)
    return root if forest.children(root) else None


def spread(group: NaiveGroup, name: str) -> tuple[Fraction, Fraction]:
    """The mean of an amount over units, and the squared error of it that customers explain."""
    signs = {"value": 1, "cost": -1} if name == "margin" else {name: 1}
    units = Counter(group.customers.values())
    sums = dict.fromkeys(units, 0)
    for amount, sign in signs.items():
        for unit, minor in group.amounts[amount]:
            sums[group.customers[unit]] += sign * minor
    n, n_customers = len(group.units), len(units)
    mean = Fraction(sum(sums.values()), n)
    errors = sum(((sums[one] - mean * units[one]) ** 2 for one in units), Fraction(0))
    widened = Fraction(n_customers, max(n_customers - 1, 1))
    return mean, errors * widened / (n * n)
