"""The peak and the end of each journey, and how they go with the outcome.

People remember an experience by its most intense moment and by how it ended (Kahneman and others
1993, doi:10.1111/j.1467-9280.1993.tb00589.x). The peak of a journey is its largest absolute
emotion, the earliest of equals; its end is the last emotion that was rated. Both are compared
between closed units with the outcome and closed units without; open ones are on neither side. The
outcome may be before the emotion: this is association, in either direction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journeygraph.statistics.base import total
from journeygraph.statistics.peak_end import PEAK_END, UNITS_OF_MOMENT, Fate, Moment, Mood
from queries.customer_lists import CustomerList
from queries.intervals import SMALL_GROUP, Estimate
from queries.means import Mean, MeanDifference, difference_of, mean_of, share_of

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["MoodOutcome", "PeakEnd", "peak_end"]

_Sums = Mapping[str, int]
_ALL = -1


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class MoodOutcome:
    """How many have the outcome of those with a peak or an end of one mood.

    Attributes
    ----------
    mood
        Negative, neutral (0) or positive.
    units
        Closed units with such a journey.
    outcome
        Of these journeys the share whose unit has the outcome.
    small
        Fewer than 30 units.
    customers
        Who stands behind units.
    """

    mood: Mood
    units: int
    outcome: Estimate
    small: bool
    customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class PeakEnd:
    """The peaks, or the ends, of all journeys.

    Attributes
    ----------
    moment
        Which of them.
    emotion
        Their mean; its ratings and what is missing are journeys.
    with_outcome, without_outcome
        The mean in journeys of closed units with the outcome, and of those without.
    difference
        The first less the second, with Welch's interval and p.
    moods
        Negative, neutral and positive ones that there are, and how many have the outcome.
    customers
        Who has a journey with an emotion.
    with_outcome_customers, without_outcome_customers
        Those on either side.
    """

    moment: Moment
    emotion: Mean
    with_outcome: Mean
    without_outcome: Mean
    difference: MeanDifference
    moods: tuple[MoodOutcome, ...]
    customers: CustomerList
    with_outcome_customers: CustomerList
    without_outcome_customers: CustomerList


def peak_end(journeys: Journeys) -> tuple[PeakEnd, ...]:
    """The peaks and the ends of journeys."""
    rows = total(PEAK_END, journeys).to_pylist()
    sums = {(row["moment"], row["fate"], row["mood"]): row for row in rows}
    return tuple(_told(journeys, moment, sums) for moment in Moment)


def _told(
    journeys: Journeys, moment: Moment, sums: Mapping[tuple[int, int, int], _Sums]
) -> PeakEnd:
    by_fate = {fate: sums.get((moment, fate, _ALL), _NOTHING) for fate in Fate}
    completed, gone = by_fate[Fate.COMPLETED], by_fate[Fate.GONE]

    def mean(row: _Sums) -> Mean:
        return mean_of({**row, "interactions": row["journeys"]}, journeys.confidence)

    def customers(*fates: Fate, mood: Mood | None = None) -> CustomerList:
        return CustomerList.of(journeys, UNITS_OF_MOMENT, moment=moment, fates=fates, mood=mood)

    def mood_of(mood: Mood, row: _Sums) -> MoodOutcome:
        return MoodOutcome(
            mood=mood,
            units=row["rated_units"],
            outcome=share_of(row, journeys.confidence),
            small=row["rated_units"] < SMALL_GROUP,
            customers=customers(Fate.GONE, Fate.COMPLETED, mood=mood),
        )

    moods = {mood: sums.get((moment, _ALL, mood), _NOTHING) for mood in Mood}
    return PeakEnd(
        moment=moment,
        emotion=mean(_added(by_fate.values())),
        with_outcome=mean(completed),
        without_outcome=mean(gone),
        difference=difference_of(completed, gone, journeys.confidence),
        moods=tuple(mood_of(mood, row) for mood, row in moods.items() if row["ratings"]),
        customers=customers(*Fate),
        with_outcome_customers=customers(Fate.COMPLETED),
        without_outcome_customers=customers(Fate.GONE),
    )


_NOTHING: _Sums = dict.fromkeys(PEAK_END.measures, 0)


def _added(rows: Iterable[_Sums]) -> _Sums:
    """Every unit has one fate, so that the sums over units of all fates are those of all units."""
    listed = list(rows)
    return {name: sum(row[name] for row in listed) for name in PEAK_END.measures}
