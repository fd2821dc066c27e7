"""What customers did from their first interaction on, by customer index, whatever was filtered.

Referral questions are about customers; what one filtered or renamed of the interactions must not
make anybody younger, poorer or less loyal. So they look at the plain histories behind the
journeys: those of the same graph, up to the same end, with the same outcome and limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from journeygraph.cohorts import Where
from journeygraph.errors import InvalidOptionError, UnknownColumnError
from journeygraph.graph import MISSING
from journeygraph.kernels.loyalty import CENSORED, LOYAL, NOT_ELIGIBLE, NOT_LOYAL
from journeygraph.kernels.matching import rows_before
from journeygraph.kernels.units import sum_values
from journeygraph.labelling import By
from journeygraph.moments import time_zone
from journeygraph.splitting import Unit
from journeygraph.statistics.loyalty import judge_units
from journeygraph.statistics.loyalty_future import sealed
from journeygraph.statistics.referral_credit import CreditedReferrals, first_interactions
from queries.calendar_periods import Period, periods_of
from queries.covariate_balance import Covariate
from queries.loyalty import Loyalty, compile_loyalty, loyalty_wording
from queries.matched_measures import MatchedMeasure, compare_means, compare_shares
from queries.matched_strata import Matched, crossed, match

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["Histories", "Judged"]

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]

_DAY_US = 86_400_000_000
_MOST_COLUMNS = 20


class Judged(NamedTuple):
    """Loyalty of matched customers: no measure where it was not asked for."""

    measures: tuple[MatchedMeasure, ...] = ()
    censored: Int64Array = np.zeros(0, np.int64)
    not_eligible: Int64Array = np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False, slots=True)
class Histories:
    """Whole histories of customers; arrays are by customer index.

    Attributes
    ----------
    journeys
        The plain view.
    within_us
        How long everybody is followed.
    first_at_us, seen
        The first interaction, and whether there is one before the end.
    followed
        Whether that is over at the end of the data.
    elapsed_us, converted
        From the first interaction to the first outcome, or else to the end of the data.
    """

    journeys: Journeys
    within_us: int
    first_at_us: Int64Array
    seen: BoolArray
    followed: BoolArray
    elapsed_us: Int64Array
    converted: BoolArray

    @classmethod
    def of(cls, journeys: Journeys, within_us: int) -> Histories:
        """The histories behind some journeys.

        Raises
        ------
        InvalidOptionError
            Where the journeys were made of other journeys.
        """
        options = journeys.view_options
        if options is None:
            raise InvalidOptionError("journeys", repr(journeys), "what graph.journeys(...) gives")
        plain = options.graph.journeys(**options.arguments(
            where=Where(until=options.where.until), rules=None, split=None, by=By.TOUCHPOINT,
            unit=Unit.CUSTOMER,
        ))  # fmt: skip
        graph, units = plain.graph, plain.unit_customers
        first = first_interactions(graph)
        seen = np.zeros(graph.n_customers, np.bool_)
        seen[units] = True
        outcome_at = np.full(graph.n_customers, MISSING, np.int64)
        rows = plain.unit_first_outcome
        outcome_at[units[rows >= 0]] = graph.at_us[rows[rows >= 0]]
        converted = outcome_at != MISSING
        ends = np.where(converted, outcome_at, plain.as_of_us)
        return cls(
            journeys=plain,
            within_us=within_us,
            first_at_us=first,
            seen=seen,
            followed=seen & (first <= plain.as_of_us - within_us),
            elapsed_us=np.where(seen, ends - np.where(seen, first, ends), 0),
            converted=converted,
        )

    def strata(
        self, customers: Int64Array, period: Period, columns: Sequence[Covariate]
    ) -> Int64Array:
        """A number for each of these customers: equal where they came together and are alike."""
        zone = time_zone(self.journeys.timezone)
        periods = periods_of(self.first_at_us[customers], period, zone)[0]
        codes = [np.asarray(column.numbers, np.int64)[customers] + 1 for column in columns]
        return crossed([periods, *codes])

    def covariates(self, given: Sequence[str], argument: str) -> list[Covariate]:
        """Attributes of customers, or columns of their first interaction, each once.

        Raises
        ------
        InvalidOptionError
            Where there are more than 20.
        UnknownColumnError
            Where one is neither.
        """
        if isinstance(given, str) or len(given) > _MOST_COLUMNS:
            raise InvalidOptionError(argument, given, f"a list of at most {_MOST_COLUMNS} names")
        return [self._covariate(name, argument) for name in dict.fromkeys(given)]

    def _covariate(self, name: str, argument: str) -> Covariate:
        graph = self.journeys.graph
        if name != "channel" and name in graph.attributes.columns:
            codes, values = graph.attribute_codes(name)
            return Covariate(name, codes, [str(value) for value in values])
        if name not in graph.column_names:
            known = {*map(str, graph.attributes.columns), *graph.column_names}
            raise UnknownColumnError(argument, name, sorted(known))
        coded = graph.coded(name)
        codes = np.full(graph.n_customers, -1, np.int64)
        codes[self.seen] = coded.codes[graph.customer_starts[:-1][self.seen]]
        return Covariate(f"first {name}", codes, [str(value) for value in coded.names])

    def days_covariate(self, customers: Int64Array) -> Covariate:
        """When customers came, in days after the first of these."""
        earliest = int(self.first_at_us[customers].min()) if len(customers) else 0
        days = np.where(self.seen, self.first_at_us - earliest, 0) / _DAY_US
        return Covariate("first interaction (days)", days)

    def compared(self, matched: Matched, edges: CreditedReferrals) -> list[MatchedMeasure]:
        """The measures that every comparison has."""
        journeys, customers = self.journeys, matched.customers
        has_outcome = self.converted & (self.elapsed_us <= self.within_us)
        starts, ends = self._rows(customers)
        values = sum_values(starts, ends, sealed(journeys.graph.value_minor))
        brought = self._brought(edges)[customers]
        return [
            compare_shares("outcome", has_outcome[customers], matched, journeys),
            compare_means("value", values / 10.0**journeys.graph.exponent, matched, journeys),
            compare_means("interactions", (ends - starts).astype(np.float64), matched, journeys),
            compare_shares("referrer", brought > 0, matched, journeys),
            compare_means("brought", brought, matched, journeys),
        ]

    def judged(
        self, loyalty: Loyalty | None, matched: Matched, strata: Int64Array, customers: Int64Array
    ) -> tuple[Judged, str | None]:
        """Loyalty of the matched customers of whom it can be told, and what it means.

        Parameters
        ----------
        strata, customers
            All who could be matched, and their strata.
        """
        if loyalty is None:
            return Judged(), None
        rule = compile_loyalty(loyalty, None, self.journeys)
        states = np.full(len(self.seen), NOT_ELIGIBLE, np.uint8)
        states[self.journeys.unit_customers] = judge_units(self.journeys, rule).states
        mine = states[matched.customers]
        told = mine >= NOT_LOYAL
        stratum_of = strata[np.searchsorted(customers, matched.customers)]
        again = match(matched.customers[told], matched.are_cases[told], stratum_of[told])
        measure = compare_shares("loyal", states[again.customers] == LOYAL, again, self.journeys)
        return Judged(
            measures=(measure,),
            censored=np.sort(matched.customers[mine == CENSORED]),
            not_eligible=np.sort(matched.customers[mine == NOT_ELIGIBLE]),
        ), loyalty_wording(loyalty, rule, self.journeys)

    def _rows(self, customers: Int64Array) -> tuple[Int64Array, Int64Array]:
        """The rows of these customers within the time that all are followed, its end included."""
        graph = self.journeys.graph
        moments = np.where(self.seen, self.first_at_us, 0) + self.within_us + 1
        ends = rows_before(graph.customer_starts, graph.at_us, moments)
        of_unit = np.full(graph.n_customers, 0, np.int64)
        of_unit[self.journeys.unit_customers] = self.journeys.unit_ends
        ends = np.minimum(ends, of_unit)[customers]
        return sealed(graph.customer_starts[:-1][customers]), sealed(ends)

    def _brought(self, edges: CreditedReferrals) -> FloatArray:
        """How many customers each brought in that time; those shared count in parts."""
        first = self.first_at_us
        at_us = self.journeys.graph.referrals.at_us[edges.rows]
        at_us = np.where(at_us == MISSING, first[edges.referred], at_us)
        known = (at_us != MISSING) & self.seen[edges.referrers]
        lags = np.where(known, at_us, 0) - np.where(known, first[edges.referrers], 0)
        inside = known & (lags >= 0) & (lags <= self.within_us)
        brought = np.bincount(edges.referrers[inside], 1 / edges.parts[inside], len(first))
        return brought.astype(np.float64)
