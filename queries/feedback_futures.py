"""What customers did, and felt, in a stretch of time that begins when their exposure has ended."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from journeygraph.graph import MISSING_SCALE
from queries.feedback import AskedFeedback

__all__ = ["Futures", "futures_of"]

Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_BY_CUSTOMER = (0, 1)
"""Codes of initiators: not said, customer."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Futures:
    """The interactions of units later than a moment of each, and at most the horizon later.

    Attributes
    ----------
    units
        Feedback, of a customer each, ascending by customer.
    begins_us
        By unit; interactions at that very moment are not later.
    rows, row_units
        Rows of the graph, by unit and then by time, and whose they are.
    """

    units: AskedFeedback
    begins_us: Int64Array
    horizon_us: int
    rows: Int64Array
    row_units: Int64Array

    @cached_property
    def returned(self) -> BoolArray:
        """By unit, whether the customer began an interaction; one of which nobody says who did."""
        initiators = self.units.journeys.graph.column("initiator")[self.rows]
        return self._any(np.isin(initiators, _BY_CUSTOMER))

    @cached_property
    def had_outcome(self) -> BoolArray:
        """By unit, whether the outcome of the journeys came."""
        journeys = self.units.journeys
        return self._any(np.isin(self.rows, journeys.outcome.rows(journeys.graph)))

    @cached_property
    def churned(self) -> BoolArray:
        """By unit, whether a silence was longer than the inactivity limit."""
        n_units, at_us = len(self.units), self.units.journeys.graph.at_us[self.rows]
        owners = np.concatenate([np.arange(n_units), self.row_units, np.arange(n_units)])
        times = np.concatenate([self.begins_us, at_us, self.begins_us + self.horizon_us])
        order = np.lexsort((times, owners))
        gaps = np.diff(times[order])
        inside = np.diff(owners[order]) == 0
        is_silent = inside & (gaps > self.units.journeys.inactivity_us)
        churned = np.zeros(n_units, np.bool_)
        churned[owners[order][:-1][is_silent]] = True
        return churned

    @cached_property
    def feelings(self) -> FloatArray:
        """By unit the mean of what the customer felt, -1 to 1; NaN where nothing is said."""
        emotions = self.units.journeys.graph.column("emotion")[self.rows]
        said = emotions != MISSING_SCALE
        owners, n_units = self.row_units[said], len(self.units)
        counts = np.bincount(owners, minlength=n_units)
        sums = np.bincount(owners, emotions[said].astype(np.float64), n_units)
        with np.errstate(invalid="ignore"):
            return np.where(counts > 0, sums / counts / 1000, np.nan)

    @cached_property
    def tenure_us(self) -> Int64Array:
        """By unit, from the customer's first interaction to the opening; 0 without one before."""
        graph = self.units.journeys.graph
        starts = graph.customer_starts[self.units.customers]
        ends = graph.customer_starts[self.units.customers + 1]
        if not graph.n_interactions:
            return np.zeros(len(self.units), np.int64)
        first_us = np.asarray(graph.at_us[np.minimum(starts, graph.n_interactions - 1)])
        since_us = np.where(ends > starts, self.units.opened_us - first_us, 0)
        return np.maximum(since_us, 0)

    def _any(self, holds: BoolArray) -> BoolArray:
        found = np.zeros(len(self.units), np.bool_)
        found[self.row_units[holds]] = True
        return found


def futures_of(units: AskedFeedback, begins_us: Int64Array, horizon_us: int) -> Futures:
    """The futures of units: feedback of a customer each, ascending by customer."""
    graph = units.journeys.graph
    starts = graph.customer_starts[units.customers]
    sizes = graph.customer_starts[units.customers + 1] - starts
    owners = np.repeat(np.arange(len(units)), sizes)
    behind = np.cumsum(sizes) - sizes
    rows = np.arange(len(owners)) + np.repeat(starts - behind, sizes)
    after_us = graph.at_us[rows] - begins_us[owners]
    inside = (after_us > 0) & (after_us <= horizon_us)
    return Futures(
        units=units,
        begins_us=begins_us,
        horizon_us=horizon_us,
        rows=rows[inside],
        row_units=owners[inside],
    )
