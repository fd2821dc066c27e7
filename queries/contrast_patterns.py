"""Patterns that set two populations apart: how many units of each have them, and how sure that is.

Both populations are units of the same journeys, selected and cleaned alike, and nobody is in
both. Patterns are mined among all units together. Which patterns are tested then says nothing
about how the populations differ in them (given how many units have a pattern, which of them are
in which population is what the test is about), so that the q values keep their promise; taking
those that are frequent in either population would choose patterns by the difference itself
(Bourgon, Gentleman and Huber 2010, doi:10.1073/pnas.0914005107). Every pattern found is tested,
whatever is listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.cohorts import CustomerWhere, limits_of
from journeygraph.moments import time_zone
from journeygraph.population import population_of
from journeygraph.splitting import Unit
from queries.contrasts import odds_ratio, risk_difference
from queries.customer_lists import CustomerList, customers_of_units
from queries.fourfold import FourfoldTables, fourfold_tables
from queries.intervals import SMALL_GROUP, Estimate, wilson

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from journeygraph.statistics.patterns import PatternCounts

__all__ = ["Contrast", "Contrasts", "FindUnits", "PathContrast", "Populations"]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
FindUnits = Callable[[], Int64Array]
"""Gives units, ascending."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class PathContrast:
    """How two populations differ in one path.

    Attributes
    ----------
    units, against_units
        Units of the first and of the second population that have it.
    share, against_share
        Of all units of that population, with Wilson's interval.
    difference
        The first share less the second, with Newcombe's interval.
    odds_ratio
        First over second, with Wald's interval on the logarithm.
    growth
        The first share over the second; None where the second is 0.
    p_value
        Of Pearson's chi-square without correction, or of Fisher's exact test where a cell is
        expected to hold less than 5; None where there is nothing to compare.
    test
        "chi-square" or "exact"; None without a p value.
    untested
        Why there is no p value.
    q_value
        The false discovery rate at which it is still found, over all patterns tested.
    small
        Fewer than 30 units in one of the populations.
    customers, against_customers
        Who stands behind units and against_units.
    """

    units: int
    share: Estimate
    against_units: int
    against_share: Estimate
    difference: Estimate
    odds_ratio: Estimate
    growth: float | None
    p_value: float | None
    test: str | None
    untested: str | None
    q_value: float | None
    small: bool
    customers: CustomerList
    against_customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Contrast:
    """The two populations that were compared.

    Attributes
    ----------
    units, against_units
        All units of the first and of the second population.
    tested
        Patterns with a p value: over so many the q values control the false discoveries.
    wording
        How a finding is to be read.
    warnings
        What to be careful about.
    customers, against_customers
        Who stands behind the counts.
    """

    units: int
    against_units: int
    tested: int
    wording: str = "associated with"
    warnings: tuple[str, ...]
    customers: CustomerList = field(repr=False)
    against_customers: CustomerList = field(repr=False)


@dataclass(frozen=True, eq=False, slots=True)
class Populations:
    """The units of a view in two: `in_second` says by unit where it is."""

    journeys: Journeys
    in_second: BoolArray

    @classmethod
    def of(cls, journeys: Journeys, against: CustomerWhere) -> Populations:
        """The second population are the units of the customers for whom `against` holds.

        Raises
        ------
        JourneyGraphError
            Where the condition names what is not there.
        """
        graph = journeys.graph
        meant = population_of(
            graph,
            until_us=limits_of(journeys.where, time_zone(journeys.timezone))[1],
            customers=against,
            split=None,
            unit=Unit.CUSTOMER,
            outcome=journeys.outcome,
        ).kept
        assert meant is not None  # there is a condition
        return cls(journeys, meant[journeys.unit_customers])

    def customers(self, find: FindUnits, is_second: bool) -> CustomerList:
        """Who stands behind those units found that are of one population."""

        def units() -> Int64Array:
            found = find()
            chosen: Int64Array = found[self.in_second[found] == is_second]
            return chosen

        return CustomerList(self.journeys, lambda: customers_of_units(self.journeys, units()))


@dataclass(frozen=True, eq=False, slots=True)
class Contrasts:
    """All patterns found, tested."""

    populations: Populations
    against: CustomerWhere
    tables: FourfoldTables

    @classmethod
    def of(
        cls, populations: Populations, counts: PatternCounts, against: CustomerWhere
    ) -> Contrasts:
        """Test every pattern: having it is the group, being of the first population the hit."""
        n_units = populations.journeys.n_units
        n_first = n_units - int(np.count_nonzero(populations.in_second))
        sizes = _read_only(counts.units), _read_only(counts.units - counts.second)
        tables = fourfold_tables(n_units, n_first, *sizes)
        return cls(populations, against, tables)

    def ranking(self, counts: PatternCounts) -> Int64Array:
        """Patterns by p, the smallest first, then by chi-square, the largest first, then by name.

        Those that cannot be tested come last.
        """
        by_name = counts.by_name(self.populations.journeys.items)
        order = np.lexsort((-self.tables.chi_squares[by_name], self.tables.p_values[by_name]))
        return by_name[order]

    def of_pattern(self, number: int, find: FindUnits) -> PathContrast:
        """One pattern in both populations."""
        tables, confidence = self.tables, self.populations.journeys.confidence
        n_first, n_second = self._sizes
        first = int(tables.sizes_hit[number])
        second = int(tables.sizes[number]) - first
        share, other = wilson(first, n_first, confidence), wilson(second, n_second, confidence)
        cells = (first, n_first, second, n_second, confidence)
        untested = self._untested(int(tables.sizes[number]))
        is_tested = untested is None
        return PathContrast(
            units=first,
            share=share,
            against_units=second,
            against_share=other,
            difference=risk_difference(*cells),
            odds_ratio=odds_ratio(*cells),
            growth=first * n_second / (second * n_first) if second and n_first else None,
            p_value=float(tables.p_values[number]) if is_tested else None,
            test=("exact" if tables.are_exact[number] else "chi-square") if is_tested else None,
            untested=untested,
            q_value=float(tables.q_values[number]) if is_tested else None,
            small=min(n_first, n_second) < SMALL_GROUP,
            customers=self.populations.customers(find, False),
            against_customers=self.populations.customers(find, True),
        )

    def summary(self) -> Contrast:
        """The populations as a whole."""
        n_first, n_second = self._sizes
        n_units = self.populations.journeys.n_units

        def everybody() -> Int64Array:
            return np.arange(n_units)

        return Contrast(
            units=n_first,
            against_units=n_second,
            tested=self.tables.n_tested,
            warnings=tuple(self._warnings()),
            customers=self.populations.customers(everybody, False),
            against_customers=self.populations.customers(everybody, True),
        )

    @property
    def _sizes(self) -> tuple[int, int]:
        return self.tables.hits, self.tables.units - self.tables.hits

    def _untested(self, n_with: int) -> str | None:
        n_first, n_second = self._sizes
        reasons = (
            (n_first == 0, "the first population is empty"),
            (n_second == 0, "the second population is empty"),
            (n_with == self.tables.units, "everybody has it"),
        )
        return next((reason for holds, reason in reasons if holds), None)

    def _warnings(self) -> Iterator[str]:
        n_first, n_second = self._sizes
        if min(n_first, n_second) < SMALL_GROUP:
            yield (
                f"Of the {self.tables.units} units, {n_second} are of the second population: "
                f"fewer than {SMALL_GROUP} on one side cannot tell patterns apart."
            )
        if self.against.has_outcome is not None:
            yield (
                "Patterns are looked for in whole journeys, also behind the outcome that tells the "
                "populations apart: split by outcome and exclude it to see what comes before."
            )


def _read_only(sizes: Int64Array) -> Int64Array:
    """As tests take counts: they are compiled for one kind of array."""
    view = sizes.view()
    view.flags.writeable = False
    return view
