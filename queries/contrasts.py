"""Two groups compared: how far apart their shares are, and how sure that is.

The difference carries Newcombe's interval, made of the two Wilson intervals, which stays within
-1 and 1 and holds for small groups (Newcombe 1998, method 10,
doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I). The odds ratio carries
Wald's interval on the logarithm, with half a unit added to every cell only where one is empty
(Haldane 1956, Anscombe 1956).
"""

from __future__ import annotations

import math
from typing import cast

from queries.intervals import Estimate, normal_quantile, wilson

__all__ = ["odds_ratio", "risk_difference"]


def risk_difference(
    successes: int, of: int, other_successes: int, other_of: int, confidence: float
) -> Estimate:
    """The share of one group less the share of the other; no value where one group is empty.

    The counts that the estimate carries are those of the first group.
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
        low=value - math.hypot(share - low, other_high - other_share),
        high=value + math.hypot(high - share, other_share - other_low),
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


def _numbers(estimate: Estimate) -> tuple[float, float, float]:
    return cast("tuple[float, float, float]", (estimate.value, estimate.low, estimate.high))


def _no_value(successes: int, of: int) -> Estimate:
    return Estimate(value=None, low=None, high=None, successes=successes, of=of)
