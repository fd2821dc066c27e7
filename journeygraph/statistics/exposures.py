"""The list behind every deeper look at loyalty: which unit met which item, how often, how soon.

Fourfold counts are sums and stay a mergeable statistic (`statistics.loyalty`). Strata, doses, the
first days, hazards and permuted labels need units side by side with what they met; the list is
made once for a question, in blocks on threads, and holds each pair once. It costs some 20 bytes a
pair, and only questions that ask for more than fourfold counts pay for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.kernels import exposures as kernels
from journeygraph.kernels.hazards import time_gaps, time_repeats
from journeygraph.kernels.loyalty import CENSORED, LOYAL, NOT_LOYAL
from journeygraph.statistics.base import blocks_or_nothing
from journeygraph.statistics.loyalty import JudgedUnits, LoyaltyKind
from journeygraph.statistics.loyalty_future import future_of, outcomes_of, sealed
from journeygraph.threads import on_threads

__all__ = ["Exposures", "exposures_of", "follow_up"]

Int64Array = npt.NDArray[np.int64]
Int32Array = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class Exposures:
    """Pairs of a unit and an item that it met before its exposure ended, by unit.

    Attributes
    ----------
    units, items, times
        By pair; how many times the unit met the item.
    after_us
        By pair, from the customer's first interaction to the first time.
    """

    judged: JudgedUnits
    units: Int32Array
    items: Int32Array
    times: Int32Array
    after_us: Int64Array

    @property
    def n_items(self) -> int:
        """Items of the view."""
        return self.judged.journeys.n_items

    @cached_property
    def are_judged(self) -> BoolArray:
        """By unit, whether it is judged loyal or not."""
        return self.judged.states >= NOT_LOYAL

    @cached_property
    def are_loyal(self) -> BoolArray:
        """By unit."""
        return self.judged.states == LOYAL

    @cached_property
    def of_judged(self) -> Exposures:
        """The pairs of judged units alone."""
        return self.only(self.are_judged[self.units])

    def only(self, pairs: BoolArray) -> Exposures:
        """Some of the pairs."""
        if pairs.all():
            return self
        return Exposures(
            judged=self.judged, units=self.units[pairs], items=self.items[pairs],
            times=self.times[pairs], after_us=self.after_us[pairs],
        )  # fmt: skip

    def count(self) -> tuple[Int64Array, Int64Array]:
        """By item: units that met it, and the loyal among them."""
        loyal = self.items[self.are_loyal[self.units]]
        return (
            np.bincount(self.items, minlength=self.n_items).astype(np.int64),
            np.bincount(loyal, minlength=self.n_items).astype(np.int64),
        )

    def units_of(self, item: int) -> Int32Array:
        """Who met an item, ascending."""
        starts = self._starts_by_item
        return self.units[self._by_item[starts[item] : starts[item + 1]]]

    @cached_property
    def _by_item(self) -> Int64Array:
        return np.argsort(self.items, kind="stable")

    @cached_property
    def _starts_by_item(self) -> Int64Array:
        sizes = np.bincount(self.items, minlength=self.n_items)
        return np.concatenate([[0], np.cumsum(sizes)])


def exposures_of(judged: JudgedUnits, *, with_censored: bool = False) -> Exposures:
    """The list of all judged units; with those too that were watched for a part of the horizon."""
    journeys = judged.journeys
    judged.prepare()
    least, first_at_us = CENSORED if with_censored else NOT_LOYAL, sealed(judged.since_us)

    def listed(block: Any) -> tuple[npt.NDArray[Any], ...]:
        rows = judged.rows(block.journey_lo, block.journey_hi)
        arguments: Any = (*rows, *judged.rule_arguments(), least, first_at_us)
        return kernels.list_exposures(*arguments)

    parts = on_threads(listed, blocks_or_nothing(journeys))
    units, items, times, after_us = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Exposures(judged=judged, units=units, items=items, times=times, after_us=after_us)


def follow_up(judged: JudgedUnits) -> tuple[Int64Array, BoolArray]:
    """By unit how long it was watched for the event, -1 for never, and whether that was seen.

    The event is another outcome, or, where units are judged by their gaps, the gap.
    """
    journeys, rule = judged.journeys, judged.rule
    future = future_of(journeys)
    if rule.kind is LoyaltyKind.REPEAT_PURCHASE:
        return time_repeats(
            sealed(future.index_rows), sealed(future.row_ends), outcomes_of(journeys, future.order),
            future.at_us, rule.horizon_us, journeys.as_of_us,
        )  # fmt: skip
    return time_gaps(
        sealed(future.index_rows), sealed(future.row_ends), future.at_us, rule.horizon_us,
        journeys.inactivity_us, journeys.as_of_us,
    )  # fmt: skip
