"""The points of a trend, and how each differs from the one before."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from journeygraph.kernels.contingency import compare_groups
from queries.contrasts import risk_difference
from queries.intervals import SMALL_GROUP, benjamini_hochberg

__all__ = ["TrendPoint", "with_changes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """A number at one time, and how it differs from the one before.

    Attributes
    ----------
    period, from_us, until_us
        Over periods: which, and its limits. Over versions: null, when it was made, null.
    version
        The version of the store that holds it.
    data_version
        The version of the data that it was computed of.
    value, amount_minor
        The number, or the amount of money; the other is None.
    low, high
        Of a rate: Wilson's interval.
    above, below
        Of a rate: the counts above and below the line.
    change
        This value less the one before; None at the first point and where one is missing.
    amount_change_minor
        The same of an amount.
    change_low, change_high, p_value, q_value
        Over periods, of a rate: the change's interval, its p value, and the false discovery rate
        over all changes of the trend.
    open
        Whether the period was not over when it was computed.
    small
        Of a rate: fewer than 30 units here or, for the change, before.
    """

    period: str | None
    from_us: int | None
    until_us: int | None
    version: int
    data_version: int
    value: float | None
    amount_minor: int | None
    low: float | None
    high: float | None
    above: int | None
    below: int | None
    change: float | None
    amount_change_minor: int | None
    change_low: float | None
    change_high: float | None
    p_value: float | None
    q_value: float | None
    open: bool
    small: bool


def with_changes(points: list[TrendPoint], confidence: float, *, tested: bool) -> list[TrendPoint]:
    """The points, each with its difference to the one before; `tested` where it is of a rate."""
    changed = points[:1]
    for before, point in zip(points, points[1:], strict=False):
        found = _difference(before, point)
        changed.append(_tested(before, found, confidence) if tested else found)
    p_values = [np.nan if point.p_value is None else point.p_value for point in changed]
    q_values = benjamini_hochberg(p_values).tolist() if p_values else []
    return [
        point if point.p_value is None else replace(point, q_value=q_value)
        for point, q_value in zip(changed, q_values, strict=True)
    ]


def _difference(before: TrendPoint, point: TrendPoint) -> TrendPoint:
    if point.value is not None and before.value is not None:
        return replace(point, change=point.value - before.value)
    if point.amount_minor is not None and before.amount_minor is not None:
        return replace(point, amount_change_minor=point.amount_minor - before.amount_minor)
    return point


def _tested(before: TrendPoint, point: TrendPoint, confidence: float) -> TrendPoint:
    counts = (point.above, point.below, before.above, before.below)
    if any(count is None for count in counts):
        return point
    above, below, above_before, below_before = (int(count or 0) for count in counts)
    difference = risk_difference(above, below, above_before, below_before, confidence)
    _chi, p_values, _exact = compare_groups(
        np.array([below]), np.array([above]), below + below_before, above + above_before
    )
    p_value = float(p_values[0])
    return replace(
        point,
        change_low=difference.low,
        change_high=difference.high,
        p_value=None if np.isnan(p_value) else p_value,
        small=min(below, below_before) < SMALL_GROUP,
    )
