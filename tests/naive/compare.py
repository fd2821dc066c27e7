"""Two populations compared one unit after the other, as docs/compare.md words it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.naive.journeys import Unit, is_open, outcomes_of, value_of
from tests.strategies import World

__all__ = ["Side", "difference_of_means", "p_of_shares", "side_of"]

Numbers = list[list[Fraction]]
"""Of each unit."""


@dataclass
class Side:
    """One population: of each unit, whose it is and what it says."""

    owners: list[str]
    had: list[bool]
    open: list[bool]
    values: Numbers
    lengths: Numbers
    times: Numbers
    items: list[set[str]]
    edges: list[list[tuple[str, str]]]


def side_of(units: Sequence[Unit], world: World, rule: Any, as_of: int, limit_us: int) -> Side:
    return Side(
        owners=[unit.customer for unit in units],
        had=[bool(outcomes_of(unit, rule, world)) for unit in units],
        open=[is_open(unit, as_of, limit_us) for unit in units],
        values=[[Fraction(value_of(unit), 100)] for unit in units],
        lengths=[[Fraction(len(journey.items)) for journey in unit.journeys] for unit in units],
        times=[
            [
                Fraction(journey.items[-1].end - journey.items[0].start, 1_000_000)
                for journey in unit.journeys
            ]
            for unit in units
        ],
        items=[{one.item for journey in unit.journeys for one in journey.items} for unit in units],
        edges=[
            [
                (before.item, behind.item)
                for journey in unit.journeys
                for before, behind in zip(journey.items, journey.items[1:], strict=False)
            ]
            for unit in units
        ],
    )


def difference_of_means(
    one: Numbers, other: Numbers, owners: Sequence[str], others: Sequence[str]
) -> tuple[float, float, float] | None:
    """The difference, its standard error and its degrees of freedom; None where there are none."""
    parts, means, sizes = [], [], []
    for numbers, names in ((one, owners), (other, others)):
        flat = [number for mine in numbers for number in mine]
        by_name: dict[str, list[Fraction]] = {}
        for mine, name in zip(numbers, names, strict=True):
            if mine:
                by_name.setdefault(name, []).extend(mine)
        if len(by_name) < 2:
            return None
        mean = sum(flat) / Fraction(len(flat))
        widen = math.sqrt(len(by_name) / (len(by_name) - 1)) / len(flat)
        parts.append(
            {
                name: widen * float(sum(number - mean for number in mine))
                for name, mine in by_name.items()
            }
        )
        means.append(mean)
        sizes.append(len(by_name))
    variances = [sum(part**2 for part in mine.values()) for mine in parts]
    both = parts[0].keys() & parts[1].keys()
    common = sum(parts[0][name] * parts[1][name] for name in both)
    spread = sum(v**2 / (n - 1) for v, n in zip(variances, sizes, strict=True))
    error = sum(variances) - 2 * common
    if error <= 1e-9 * sum(variances) or not spread:
        return None
    degrees = sum(variances) ** 2 / spread
    pairs = len(both)
    if pairs:
        alone = sum(sizes) - 2 * pairs
        degrees = pairs - 1 + (degrees - pairs + 1) * alone / (alone + 2 * pairs)
    return float(means[0] - means[1]), math.sqrt(error), degrees


def p_of_shares(
    one: Sequence[bool],
    other: Sequence[bool],
    owners: Sequence[str],
    others: Sequence[str],
    apart: Callable[[list[list[int]]], float],
) -> float | None:
    """The p value of a difference of shares; `apart` tests the table where nobody is shared."""
    n, m = len(one), len(other)
    hits, theirs = sum(one), sum(other)
    if not n or not m or hits + theirs in (0, n + m):
        return None
    pooled = (hits + theirs) / (n + m)
    common = [
        (mine - pooled) * (other_hit - pooled)
        for mine, owner in zip(one, owners, strict=True)
        for other_hit, name in zip(other, others, strict=True)
        if owner == name
    ]
    if not common:
        return apart([[hits, n - hits], [theirs, m - theirs]])
    variance = pooled * (1 - pooled) * (1 / n + 1 / m) - 2 * sum(common) / (n * m)
    if variance <= 1e-12 / min(n, m):
        return None
    return math.erfc(abs(hits / n - theirs / m) / math.sqrt(2 * variance))
