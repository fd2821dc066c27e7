"""Measures over calendar time or by cohort: each period with its interval, and changes of level.

Nothing has to have been stored for it (`queries.stored.trend` follows what a batch job computed):
the journeys are looked at once, and everything counts in the period that its measure says
(`queries.trend_measures`). What is not known yet is open, and counted beside each number; periods
that the data does not fill are said to be partial, and no change of level is looked for in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.cohorts import Where
from journeygraph.durations import Duration, parse_duration
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError
from journeygraph.given import mapping_as, names
from journeygraph.kernels.funnel import MAX_STEPS
from queries.after_drop import any_of
from queries.calendar_periods import Every
from queries.change_points import FEWEST_POINTS, MOST_POINTS
from queries.figures import Pictured
from queries.outcomes import outcome_warnings
from queries.paging import PageInfo, page_bounds, page_info
from queries.permutation import validate_permutations
from queries.question import Question
from queries.shared_customers import SharedCustomers
from queries.trend_calendar import TrendCalendar, period_named
from queries.trend_counting import Asked
from queries.trend_measures import MEASURES, Measure, TrendMeasure
from queries.trend_points import (
    CountedTrend,
    JourneyTrendPoint,
    LevelShift,
    differences_of,
    level_shifts,
    point_at,
)
from queries.trend_tallies import TrendKind

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "JourneyTrend",
    "JourneyTrendAnswer",
    "journey_trend",
]

FloatArray = npt.NDArray[np.float64]

_OF_OUTCOMES = (TrendMeasure.OUTCOMES, TrendMeasure.OUTCOME_RATE, TrendMeasure.EXIT_RATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyTrend(Question):
    """How a measure goes over time.

    Attributes
    ----------
    of
        Which measure.
    every
        How long a point is, by the clocks of the journeys' time zone: "day", "week" (ISO, from
        Monday), "month", "quarter" or "year"; or "1d", "1w", "1mo", "3mo", "1y".
    item
        Of EXIT_RATE, if one item is meant, of ITEM_SHARE and of ITEM_REACH: the item.
    steps
        Of FUNNEL_CONVERSION: items, several of a step as "search|advert".
    within
        How long units are followed, the inactivity limit if not given, of OUTCOME_RATE and
        FUNNEL_CONVERSION. Of cohorts, for all other measures but EXIT_RATE: only what is at most so
        long after their customer's first interaction, of customers who were followed for so long.
    cohorts
        Whether points are cohorts: everything counts in the period of its customer's first
        interaction of all, instead of in its own.
    against_where
        A second population, that of these conditions in place of those of the journeys.
    permutations, seed
        How often periods are shuffled to tell a change of level from chance, and what that hangs
        on; with 0 none is looked for.
    first, after
        How many points, and behind which cursor.
    """

    of: TrendMeasure | str
    every: Duration = "month"
    item: str | None = None
    steps: Sequence[str] | None = None
    within: Duration | None = None
    cohorts: bool = False
    against_where: Where | Mapping[str, Any] | None = None
    permutations: int = 999
    seed: int = 0
    first: int = 100
    after: str | None = None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class JourneyTrendAnswer(Pictured):
    """How a measure goes over time.

    Attributes
    ----------
    units
        All units of the journeys.
    of, every, cohorts, item
        As asked.
    kind, meaning
        What the measure is, and what it says in words.
    within_seconds
        How long units, or customers of cohorts, are followed; None for as long as the data goes.
    begins_us, as_of_us
        Where the data begins and ends; None without any.
    points
        How many there are.
    nodes
        The points, the earliest first; those in which nothing happened are there.
    changes
        Changes of level among the whole periods, the earliest first.
    tested
        How many parts of the series were looked at for them.
    against_units, shared
        Units of the second population, and customers in both; None without one.
    """

    units: int
    of: TrendMeasure
    every: Every
    cohorts: bool
    item: str | None
    kind: TrendKind
    meaning: str
    within_seconds: float | None
    begins_us: int | None
    as_of_us: int | None
    points: int
    nodes: tuple[JourneyTrendPoint, ...]
    page_info: PageInfo
    changes: tuple[LevelShift, ...]
    tested: int
    against_units: int | None
    shared: int | None
    warnings: tuple[str, ...]


def journey_trend(question: JourneyTrend, journeys: Journeys) -> JourneyTrendAnswer:
    """Answer the question, the earliest period first.

    Raises
    ------
    InvalidOptionError
        Where `of` or `every` are none of their words, there would be more than 1000 periods, an
        item or steps are missing, or a number cannot be used.
    ConflictingOptionsError
        Where an option is given that the measure does not understand.
    UnknownItemError
        Where `item` or a step is no item.
    InvalidDurationError
        Where `within` is not a length of time.
    """
    validate_permutations(question.permutations, question.seed)
    _ = journeys.item_codes  # rows must be here
    measure = MEASURES[TrendMeasure(question.of)]
    asked = _asked(question, measure, journeys)
    every = period_named(question.every)
    calendar = TrendCalendar.of(journeys, every, question.cohorts)
    found = CountedTrend(measure, calendar, measure.tally(journeys, asked, calendar))
    other = _against(question, measure, journeys, found)
    start, end = page_bounds(calendar.n_periods, question.first, question.after)
    differences = differences_of(found, other)
    changes, tested = level_shifts(found, question.permutations, question.seed)
    shared = None if other is None else SharedCustomers.of(journeys, other.journeys)
    is_any = journeys.graph.n_interactions > 0
    return JourneyTrendAnswer(
        units=journeys.n_units,
        of=TrendMeasure(question.of),
        every=every,
        cohorts=question.cohorts,
        item=question.item,
        kind=measure.kind,
        meaning=measure.meaning,
        within_seconds=None if asked.within_us is None else asked.within_us / 1e6,
        begins_us=calendar.begins_us if is_any else None,
        as_of_us=journeys.as_of_us if is_any else None,
        points=calendar.n_periods,
        nodes=tuple(point_at(found, other, differences, place) for place in range(start, end)),
        page_info=page_info(calendar.n_periods, start, end),
        changes=changes,
        tested=tested,
        against_units=None if other is None else other.journeys.n_units,
        shared=None if shared is None else shared.n,
        warnings=(
            *_warnings(question, measure, asked, found),
            *(() if shared is None else shared.warnings()),
        ),
    )


def _asked(question: JourneyTrend, measure: Measure, journeys: Journeys) -> Asked:
    word = f"of={TrendMeasure(question.of).name}"
    if question.item is not None and not measure.takes_item:
        raise ConflictingOptionsError(word, "item")
    if question.item is None and measure.needs_item:
        raise InvalidOptionError("item", None, f"the item that {word} is about")
    if question.steps is not None and not measure.takes_steps:
        raise ConflictingOptionsError(word, "steps")
    items = None if question.item is None else journeys.item_codes_of("item", [question.item])
    return Asked(
        items=items,
        steps=_steps(question, journeys) if measure.takes_steps else (),
        within_us=_within_us(question, measure, word, journeys),
    )


def _within_us(
    question: JourneyTrend, measure: Measure, word: str, journeys: Journeys
) -> int | None:
    if question.within is None:
        return journeys.inactivity_us if measure.follows_up else None
    if not measure.follows_up and (not question.cohorts or measure.is_exit):
        raise ConflictingOptionsError(word, "within")
    return parse_duration(question.within, "within")


def _steps(question: JourneyTrend, journeys: Journeys) -> tuple[tuple[int, ...], ...]:
    steps = names(question.steps, "steps") or ()
    if not 2 <= len(steps) <= MAX_STEPS:
        raise InvalidOptionError("steps", list(steps), f"2 to {MAX_STEPS} items")
    return tuple(journeys.item_codes_of("steps", any_of(journeys, step)) for step in steps)


def _against(
    question: JourneyTrend, measure: Measure, journeys: Journeys, found: CountedTrend
) -> CountedTrend | None:
    if question.against_where is None:
        return None
    where = mapping_as(Where, question.against_where, "against_where")
    other = journeys.with_where(where)
    calendar = TrendCalendar.of(
        other, period_named(question.every), question.cohorts, found.calendar
    )
    return CountedTrend(
        measure, calendar, measure.tally(other, _asked(question, measure, other), calendar)
    )


def _warnings(
    question: JourneyTrend, measure: Measure, asked: Asked, found: CountedTrend
) -> Iterator[str]:
    if TrendMeasure(question.of) in _OF_OUTCOMES:
        yield from outcome_warnings(found.journeys)
    says = measure.is_money or measure.is_rating
    if says and found.journeys.n_units and not _is_said(found):
        yield f"No interaction says it: there is no {measure.meaning}."
    if found.tally.outside:
        yield (
            f"{found.tally.outside:,} are in no period: nobody knows when they were, or they are "
            "later than the last interaction."
        )
    if question.cohorts and asked.within_us is None and not measure.is_exit:
        yield (
            "Earlier cohorts had longer for it than later ones. Follow all of them for the same "
            'time, as in within: "90d".'
        )
    n_chosen = len(found.series()[0])
    is_few_or_many = not FEWEST_POINTS <= n_chosen <= MOST_POINTS
    if question.permutations and found.calendar.n_periods and is_few_or_many:
        yield (
            f"{n_chosen} periods are whole and have a number: changes of level are looked for "
            f"among {FEWEST_POINTS} to {MOST_POINTS}."
        )


def _is_said(found: CountedTrend) -> bool:
    """Whether anything says what is added up: a sum counts who does, a mean divides by it."""
    of_mean = found.tally.below if found.measure.is_rating else found.tally.said
    return bool(of_mean.any())
