"""Whose paths were counted: the customers behind the counts of an attribution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journeygraph.journeys import Journeys
from journeygraph.kernels.attribution import find_paths_with
from journeygraph.statistics.paths_to_outcomes import (
    PathRule,
    Paths,
    PathScope,
    paths_of_journeys,
)
from queries.customer_lists import CustomerList, customers_of_units

__all__ = ["PathCustomers"]

Units = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PathCustomers:
    """Customers by their paths; the paths are cut again when a list is read."""

    journeys: Journeys
    rule: PathRule

    @property
    def n_outcomes(self) -> int:
        """Outcomes that paths could lead to."""
        if self.rule.scope is PathScope.EACH_OUTCOME:
            return len(self.journeys.outcome_rows)
        return int(self.journeys.journey_has_outcome.sum())

    def that_met(self, item: int) -> CustomerList:
        """Who met an item on the way to an outcome."""
        return self._list(lambda paths: _with_items(paths, item, item) & paths.converts)

    def credited(self) -> CustomerList:
        """Who met anything on the way to an outcome."""
        return self._list(lambda paths: _with_any(paths) & paths.converts)

    def null(self) -> CustomerList:
        """Who has a path that came to nothing."""
        return self._list(lambda paths: ~paths.converts)

    def without_path(self) -> CustomerList:
        """Who has an outcome with nothing before it."""
        return CustomerList(
            self.journeys, lambda: customers_of_units(self.journeys, self._units_without_path())
        )

    def open(self) -> CustomerList:
        """Who has a journey that is still open."""

        def find() -> Units:
            journeys = self.journeys
            last_at = journeys.graph.at_us[journeys.journey_ends - 1]
            is_open = last_at > self.rule.closed_until_us(journeys)
            units = journeys.journey_units[is_open & ~journeys.journey_has_outcome]
            return customers_of_units(journeys, units)

        return CustomerList(self.journeys, find)

    def _units_without_path(self) -> Units:
        journeys = self.journeys
        parts = paths_of_journeys(journeys, self.rule)
        if self.rule.scope is not PathScope.EACH_OUTCOME:
            found = [part.units[part.converts & ~_with_any(part)] for part in parts]
            return np.concatenate(found)
        rows = [part.ends[part.converts & _with_any(part)] for part in parts]
        credited = np.concatenate(rows) - int(self.rule.with_outcome_item)
        left = np.setdiff1d(journeys.outcome_rows, credited, assume_unique=True)
        return np.asarray(np.searchsorted(journeys.unit_starts, left, side="right") - 1)

    def _list(self, are_listed: Callable[[Paths], npt.NDArray[np.bool_]]) -> CustomerList:
        def find() -> Units:
            parts = paths_of_journeys(self.journeys, self.rule)
            units = np.concatenate([part.units[are_listed(part)] for part in parts])
            return customers_of_units(self.journeys, units)

        return CustomerList(self.journeys, find)


def _with_items(paths: Paths, first: int, last: int) -> npt.NDArray[np.bool_]:
    found = find_paths_with(paths.item_codes, paths.starts, paths.ends, first, last)
    return np.asarray(found)


def _with_any(paths: Paths) -> npt.NDArray[np.bool_]:
    return _with_items(paths, 0, paths.n_items - 1)
