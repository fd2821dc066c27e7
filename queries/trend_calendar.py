"""Which period things count in: the one they happen in, or the one in which their customer began.

The first and the last period are whole only where the data reaches their edges: a month of which
eleven days are loaded is no bad month. Weeks and longer periods may lack up to a day at either
edge, since hardly any data begins at midnight; days may not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.cohorts import limits_of
from journeygraph.durations import Duration
from journeygraph.errors import InvalidOptionError
from journeygraph.graph import MISSING
from journeygraph.moments import time_zone
from journeygraph.statistics.referral_credit import first_interactions
from queries.calendar_periods import Every, Span, spans_of
from queries.stretches import MOST_STRETCHES

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["TrendCalendar", "period_named"]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_DAY_US = 86_400_000_000
_SHORT = {
    "1d": Every.DAY, "1w": Every.WEEK, "1mo": Every.MONTH, "3mo": Every.QUARTER, "1y": Every.YEAR,
}  # fmt: skip


def period_named(every: Duration) -> Every:
    """How long the points of a trend are.

    Parameters
    ----------
    every
        "day", "week", "month", "quarter" or "year", or "1d", "1w", "1mo", "3mo" or "1y".

    Raises
    ------
    InvalidOptionError
        Where it is something else.
    """
    word = every.strip().lower() if isinstance(every, str) else str(every)
    return _SHORT[word] if word in _SHORT else Every(word)


@dataclass(frozen=True, eq=False)
class TrendCalendar:
    """The periods of a trend.

    Attributes
    ----------
    spans
        The earliest first, without a gap; empty where there is no interaction.
    by_cohort
        Whether things count in the period of their customer's first interaction.
    whole
        By period, whether the data reaches both of its edges.
    begins_us
        Where the data, or `where.from`, begins; nothing before it counts.
    """

    journeys: Journeys
    spans: tuple[Span, ...]
    by_cohort: bool
    whole: tuple[bool, ...]
    begins_us: int

    @classmethod
    def of(
        cls, journeys: Journeys, every: Every, by_cohort: bool, like: TrendCalendar | None = None
    ) -> TrendCalendar:
        """The periods of the journeys, from where the data or `where.from` begins to the end.

        Parameters
        ----------
        like
            Whose periods to take, for a second population.

        Raises
        ------
        InvalidOptionError
            Where there would be more than `MOST_STRETCHES`.
        """
        zone = time_zone(journeys.timezone)
        first_us = first_interactions(journeys.graph)
        seen_us = first_us[first_us != MISSING]
        if not len(seen_us):
            return cls(journeys, (), by_cohort, (), 0)
        begins = int(seen_us.min())
        from_us, until_us = limits_of(journeys.where, zone)
        last_us = journeys.as_of_us if until_us is None else min(journeys.as_of_us, until_us - 1)
        starts = begins if from_us is None else max(begins, from_us)
        begins = begins if by_cohort else starts
        if like is None:
            found = spans_of(begins, max(begins, last_us), every, zone)
            spans = tuple(islice(found, MOST_STRETCHES + 1))
        else:
            spans = like.spans
        if len(spans) > MOST_STRETCHES:
            expected = f"a longer period: there would be more than {MOST_STRETCHES}"
            raise InvalidOptionError("every", every.value, expected)
        slack = 0 if every is Every.DAY else _DAY_US
        whole = tuple(
            begins <= span.from_us + slack and journeys.as_of_us >= span.until_us - slack
            for span in spans
        )
        return cls(journeys, spans, by_cohort, whole, starts)

    @property
    def n_periods(self) -> int:
        """How many there are."""
        return len(self.spans)

    @property
    def days(self) -> npt.NDArray[np.float64]:
        """How long each is; where clocks change, some are an hour longer or shorter."""
        return np.array([(span.until_us - span.from_us) / _DAY_US for span in self.spans])

    @cached_property
    def first_at_us(self) -> Int64Array:
        """By customer of the graph: the first interaction of all, MISSING for who has none."""
        return first_interactions(self.journeys.graph)

    def periods(self, at_us: Int64Array, customers: Int64Array) -> Int64Array:
        """The period in which each thing counts, -1 for none.

        Parameters
        ----------
        at_us, customers
            When each happened, MISSING where nobody knows, and to whom.
        """
        if not self.spans:
            return np.full(len(at_us), -1, np.int64)
        counts_us = self.first_at_us[customers] if self.by_cohort else at_us
        starts = np.array([span.from_us for span in self.spans], np.int64)
        places = np.searchsorted(starts, counts_us, side="right") - 1
        places[counts_us >= self.spans[-1].until_us] = -1
        places[(at_us < self.begins_us) | (at_us > self.journeys.as_of_us)] = -1
        return np.asarray(places, np.int64)
