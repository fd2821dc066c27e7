"""Amounts of money with what says none beside them, and means with an interval that knows whose.

A mean is over units, and its interval that of a ratio of sums over customers (the cluster-robust
one of a regression on a constant, with Student's t of one degree of freedom less than there are
customers; Cameron and Miller 2015, doi:10.3368/jhr.50.2.317): where every customer is one unit, it
is the textbook one of a mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from journeygraph.kernels.economics import LIMB_BITS
from queries.intervals import student_quantile

__all__ = ["Amount", "Margin", "amount_of", "margin_of", "per"]

_Sums = Mapping[str, int]
_NOTHING: dict[str, float | None] = {"per_unit": None, "low": None, "high": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """What the interactions of a group brought, or cost.

    Attributes
    ----------
    total_minor
        In minor units, exact; None where no interaction says anything.
    share
        Of the same of all interactions; None where that is not above 0.
    count, units
        Interactions that say it, and their units.
    missing, missing_share
        Interactions that do not, and their share: not known, and in no sum.
    per_unit, low, high
        The total by all units of the group, in major units, and its interval; None where nobody
        says anything, or fewer than two customers are in the group.
    """

    total_minor: int | None
    share: float | None
    count: int
    units: int
    missing: int
    missing_share: float | None
    per_unit: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """Value less cost, as far as they are said; all None where one of them never is.

    Attributes
    ----------
    total_minor
        In minor units, exact.
    of_value
        The total by the value; None where that is not above 0.
    per_unit, low, high
        The total by all units of the group, in major units, and its interval.
    """

    total_minor: int | None
    of_value: float | None
    per_unit: float | None
    low: float | None
    high: float | None


def amount_of(name: str, sums: _Sums, whole: int, exponent: int, confidence: float) -> Amount:
    """The value or the cost of a row of `journeygraph.statistics.economics.ECONOMICS`.

    Parameters
    ----------
    name
        "value" or "cost".
    whole
        The same of all interactions.
    """
    interactions, count, total = sums["interactions"], sums[f"{name}s"], sums[f"{name}_minor"]
    is_said = count > 0
    mean = _mean(total, name, sums[f"{name}_n"], sums, exponent, confidence)
    return Amount(
        total_minor=total if is_said else None,
        share=total / whole if is_said and whole > 0 else None,
        count=count,
        units=sums[f"{name}_units"],
        missing=interactions - count,
        missing_share=(interactions - count) / interactions if interactions else None,
        **(mean if is_said else _NOTHING),
    )


def margin_of(sums: _Sums, exponent: int, confidence: float) -> Margin:
    """The margin of such a row."""
    if not (sums["values"] and sums["costs"]):
        return Margin(total_minor=None, of_value=None, **_NOTHING)
    value, total = sums["value_minor"], sums["value_minor"] - sums["cost_minor"]
    with_units = sums["value_n"] - sums["cost_n"]
    return Margin(
        total_minor=total,
        of_value=total / value if value > 0 else None,
        **_mean(total, "margin", with_units, sums, exponent, confidence),
    )


def per(total_minor: int | None, of: int, exponent: int) -> float | None:
    """An amount by a count, in major units; None where one of them is nothing."""
    return None if total_minor is None or not of else total_minor / (of * 10**exponent)


def _mean(
    total: int, name: str, with_units: int, sums: _Sums, exponent: int, confidence: float
) -> dict[str, float | None]:
    """The mean over units; exact until the root, so that large amounts lose no digits."""
    units, customers = sums["units"], sums["customers"]
    if not units:
        return _NOTHING
    scale = 10**exponent
    value = total / (units * scale)
    if customers < 2:
        return {"per_unit": value, "low": None, "high": None}
    mean = Fraction(total, units)
    squares = sum(sums[f"{name}_square_{part}"] << (LIMB_BITS * part) for part in range(4))
    spread = squares - 2 * mean * with_units + mean * mean * sums["n_n"]
    variance = float(spread / (units * units)) * customers / (customers - 1)
    half = student_quantile(customers - 1, confidence) * math.sqrt(variance) / scale
    return {"per_unit": value, "low": value - half, "high": value + half}
