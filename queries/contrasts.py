"""Two groups compared: how far apart their shares are, and how sure that is.

The difference carries Newcombe's interval, made of the two Wilson intervals, which stays within
-1 and 1 and holds for small groups (Newcombe 1998, method 10,
doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I). The odds ratio carries
Wald's interval on the logarithm, with half a unit added to every cell only where one is empty
(Haldane 1956, Anscombe 1956). Lift, whose base holds the group itself, and phi (Matthews'
correlation) carry intervals by the delta method over the four cells: the logarithm of the one, and
the other as it is (Bishop, Fienberg and Holland 1975).
"""

from __future__ import annotations

import math
from typing import cast

from queries.intervals import Estimate, normal_quantile, wilson

__all__ = ["lift", "odds_ratio", "phi", "risk_difference"]


def risk_difference(
    successes: int,
    of: int,
    other_successes: int,
    other_of: int,
    confidence: float,
    correlation: float = 0.0,
) -> Estimate:
    """The share of one group less the share of the other; no value where one group is empty.

    The counts that the estimate carries are those of the first group.

    Parameters
    ----------
    correlation
        Of the two shares, where somebody is in both groups.
    """
    if of == 0 or other_of == 0:
        return _no_value(successes, of)
    one = wilson(successes, of, confidence)
    other = wilson(other_successes, other_of, confidence)
    share, low, high = _numbers(one)
    other_share, other_low, other_high = _numbers(other)
    value = share - other_share
    return Estimate(
        value=value,
        low=value - _together(share - low, other_high - other_share, correlation),
        high=value + _together(high - share, other_share - other_low, correlation),
        successes=successes,
        of=of,
    )


def odds_ratio(
    successes: int, of: int, other_successes: int, other_of: int, confidence: float
) -> Estimate:
    """The odds of one group over the odds of the other.

    No value where a group is empty, or where all or none of both groups succeeded: nothing can
    be compared then. The counts that the estimate carries are those of the first group.
    """
    cells = [successes, of - successes, other_successes, other_of - other_successes]
    margins = (of, other_of, successes + other_successes, cells[1] + cells[3])
    if 0 in margins:
        return _no_value(successes, of)
    added = 0.5 if 0 in cells else 0.0
    a, b, c, d = (cell + added for cell in cells)
    log_ratio = math.log(a) - math.log(b) - math.log(c) + math.log(d)
    half = normal_quantile(confidence) * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    return Estimate(
        value=a * d / (b * c),
        low=math.exp(log_ratio - half),
        high=math.exp(log_ratio + half),
        successes=successes,
        of=of,
    )


def lift(
    successes: int, of: int, other_successes: int, other_of: int, confidence: float
) -> Estimate:
    """The share of one group over the share of both groups together.

    No value where the group is empty, or nobody succeeded. Where nobody of the group did, half a
    unit is added to every cell for the interval, and the value stays 0.
    """
    if of == 0 or successes + other_successes == 0:
        return _no_value(successes, of)
    added = 0.5 if successes == 0 else 0.0
    a, size = successes + added, of + 2 * added
    hits, n = successes + other_successes + 2 * added, of + other_of + 4 * added
    middle = a * n / (size * hits)
    variance = a * (1 / a - 1 / size - 1 / hits) ** 2 + (size - a) / size**2
    variance += (hits - a) / hits**2 - 1 / n
    widening = math.exp(normal_quantile(confidence) * math.sqrt(max(0.0, variance)))
    value = successes * (of + other_of) / (of * (successes + other_successes))
    return Estimate(
        value=value,
        low=middle / widening if successes else 0.0,
        high=middle * widening,
        successes=successes,
        of=of,
    )


def phi(
    successes: int, of: int, other_successes: int, other_of: int, confidence: float
) -> Estimate:
    """The correlation of being in the first group with success, from -1 to 1.

    No value where a group is empty, or where all or none of both groups succeeded.
    """
    n, hits = of + other_of, successes + other_successes
    margins = float(of) * float(other_of) * float(hits) * float(n - hits)
    if margins == 0:
        return _no_value(successes, of)
    determinant = successes * (other_of - other_successes) - (of - successes) * other_successes
    value = determinant / math.sqrt(margins)
    group, hit = (of / n, other_of / n), (hits / n, (n - hits) / n)
    spread = group[0] * group[1] * hit[0] * hit[1]
    apart, apart_hit = group[0] - group[1], hit[0] - hit[1]
    uneven = apart**2 / (group[0] * group[1]) + apart_hit**2 / (hit[0] * hit[1])
    variance = 1 - value**2 + value * (1 + value**2 / 2) * apart * apart_hit / math.sqrt(spread)
    variance -= 0.75 * value**2 * uneven
    half = normal_quantile(confidence) * math.sqrt(max(0.0, variance) / n)
    return Estimate(
        value=value,
        low=max(-1.0, value - half),
        high=min(1.0, value + half),
        successes=successes,
        of=of,
    )


def _numbers(estimate: Estimate) -> tuple[float, float, float]:
    return cast("tuple[float, float, float]", (estimate.value, estimate.low, estimate.high))


def _together(one: float, other: float, correlation: float) -> float:
    """The root of two squares less what both have in common."""
    if not correlation:
        return math.hypot(one, other)
    return math.sqrt(max(0.0, one * one - 2 * correlation * one * other + other * other))


def _no_value(successes: int, of: int) -> Estimate:
    return Estimate(value=None, low=None, high=None, successes=successes, of=of)
