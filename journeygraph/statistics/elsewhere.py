"""Views and graphs whose interactions are not in this process: what they can be asked instead.

A question needs tables of merged partials and lists of customers, never the rows themselves. So
it runs unchanged where somebody else has the rows, as long as that engine gives the very tables
that would be counted here. `total` and `find_customers` ask a view of this kind instead of
counting; the engines stand in `journeygraph.backends`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

    from journeygraph.graph import Referrals
    from journeygraph.outcome import Outcome
    from journeygraph.statistics.base import MergeableStatistic
    from journeygraph.statistics.finders import Finder
    from journeygraph.statistics.sequences import Sequences

__all__ = ["GraphElsewhere", "JourneysElsewhere"]

Int64Array = npt.NDArray[np.int64]


class JourneysElsewhere(ABC):
    """Journeys that another engine selects and counts."""

    @abstractmethod
    def total(self, statistic: MergeableStatistic, options: Mapping[str, Any]) -> pa.Table:
        """The merged table of a statistic: the one that would be counted here, to the last bit."""

    @abstractmethod
    def customers(self, finder: Finder, options: Mapping[str, Any]) -> Int64Array:
        """Indexes of the customers whose units a finder finds, distinct and ascending."""

    @abstractmethod
    def sequences(self, length: int | None) -> Sequences:
        """Every whole path, or every run of so many items, with its units and occurrences."""


class GraphElsewhere(ABC):
    """Customers and referrals of interactions that another engine has; customers are indexes.

    What is by customer index has an entry for every customer, those without an interaction
    included.
    """

    @cached_property
    def forests(self) -> dict[Any, Any]:
        """The forests of referrals that were grown of it; see `referrals.forest_of`."""
        return {}

    @property
    @abstractmethod
    def n_customers(self) -> int:
        """How many customers."""

    @property
    @abstractmethod
    def referrals(self) -> Referrals:
        """Who brought whom, in the order of arrival."""

    @abstractmethod
    def first_interactions(self) -> Int64Array:
        """By customer index: when first seen, MISSING for who never was."""

    @abstractmethod
    def first_outcomes(self, outcome: Outcome) -> Int64Array:
        """By customer index: when the outcome came first, MISSING for whom it never did."""

    @abstractmethod
    def customer_values(self) -> Int64Array:
        """By customer index: what the customer brought in, in minor units of money."""

    @abstractmethod
    def customer_values_since(self, customers: Int64Array, since_us: Int64Array) -> Int64Array:
        """By customer index: what some customers brought in from a moment of each on, else 0.

        Parameters
        ----------
        customers
            Their indexes, ascending.
        since_us
            The moment of each, included; MISSING, which is before all moments, for everything.
        """
