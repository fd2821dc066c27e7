"""One step of a funnel, as it is answered."""

from __future__ import annotations

from dataclasses import dataclass

from queries.customer_lists import CustomerList
from queries.funnel_times import FunnelTimes
from queries.intervals import Estimate

__all__ = ["FunnelStepAnswer"]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FunnelStepAnswer:
    """One step: who comes so far, and what became of those who came to the step before.

    "The step before" is the last one that is not optional. What it lost is dropped + open, or at
    an optional step, skipped.

    Attributes
    ----------
    units
        Units that reach it.
    of_first, of_previous
        As a share of those that reach the first step, and the one before; None where that is
        nobody. The first step has no step before.
    dropped
        Units that reached the step before, not this one, and could not any more; none at an
        optional step.
    open
        Units that reached the step before, not this one, and could still; none at an optional
        step.
    optional
        Whether it may be passed over.
    skipped
        At an optional step, units that reached the step before and not this one.
    median_seconds, median_from_first_seconds
        From the step before, optional or not, that was met, and from the first step; None at the
        first step and where nobody came.
    times, times_from_first
        The same as distributions; None at the first step.
    exact
        Whether the medians are exact, or the middles of buckets (at most 2.2 % off).
    small
        Fewer than 30 units reach it.
    customers, dropped_customers, open_customers, skipped_customers
        Who reaches it, who dropped, who is open, and who passed it over.
    """

    label: str
    items: tuple[str, ...]
    units: int
    of_first: float | None
    of_first_interval: Estimate
    of_previous: float | None
    of_previous_interval: Estimate
    dropped: int
    open: int
    optional: bool
    skipped: int
    median_seconds: float | None
    median_from_first_seconds: float | None
    times: FunnelTimes | None
    times_from_first: FunnelTimes | None
    exact: bool
    small: bool
    customers: CustomerList
    dropped_customers: CustomerList
    open_customers: CustomerList
    skipped_customers: CustomerList
