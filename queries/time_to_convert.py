"""How long until customers convert, when many of them may still do so tomorrow.

Counting only those who did makes it look sooner than it is, and counting everybody makes it look
rarer: who came last week had a week. Here whoever has not converted is followed to the end of the
data and then lost from sight, which is Kaplan and Meier's estimate. Where something else can end
the wait (a cancellation, or that the customer leaves), that competes with the conversion, and
shares are Aalen and Johansen's: who has left will not convert, and is not lost from sight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from journeygraph.cohorts import CustomerWhere, Where
from journeygraph.durations import Duration, parse_duration
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError
from journeygraph.given import mapping_as, names
from journeygraph.statistics.conversion_times import Clock, Fate, Followed, follow
from journeygraph.statistics.survival import life_table, log_rank, log_rank_of_clusters
from queries.contrast_patterns import Populations
from queries.conversion_curves import ConversionTimes, conversion_times, even_times
from queries.customer_lists import CustomerList
from queries.figures import Pictured
from queries.outcomes import outcome_warnings
from queries.question import Question
from queries.shared_customers import SharedCustomers

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["LogRankTest", "TimeToConvert", "TimeToConvertAnswer", "time_to_convert"]

_PERCENTS = (10, 25, 50, 75, 90)
_MOST_TIMES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeToConvert(Question):
    """How long from a start to the conversion.

    Attributes
    ----------
    from_
        The first of any of these items starts the clock, and the conversion comes later. None: a
        unit's first item does, and it may be the conversion itself (at once).
    to
        Any of these items is the conversion; None for the outcome.
    competing
        Any of these items ends the wait if it comes first.
    ends
        Whether leaving ends the wait, too: a closed unit without any of these has ended, the
        inactivity limit after its last interaction.
    horizon
        Nothing is followed for longer than this.
    at
        The times to say shares for, at most 100; None for about a dozen even ones.
    percents
        When so many percent have converted; None for 10, 25, 50, 75 and 90.
    against
        Compare with the customers for whom this holds; the others are the first population.
    against_where
        Instead of it: compare with the population of these conditions, of any kind, in place of
        those of the journeys, which are the first. Periods end each at their own `until`.
    """

    from_: Sequence[str] | None = None
    to: Sequence[str] | None = None
    competing: Sequence[str] | None = None
    ends: bool = False
    horizon: Duration | None = None
    at: Sequence[Duration] | None = None
    percents: Sequence[int] | None = None
    against: CustomerWhere | Mapping[str, Any] | None = None
    against_where: Where | Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRankTest:
    """Whether conversions come as soon in the first population as in the second.

    Attributes
    ----------
    observed, expected
        Conversions of the first population, and how many there would be if both were alike.
    chi_square, p_value
        Of one degree of freedom; None where there is nothing to compare.
    """

    observed: int
    expected: float
    chi_square: float | None
    p_value: float | None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class TimeToConvertAnswer(Pictured):
    """When units convert.

    Attributes
    ----------
    units
        All units of the journeys.
    horizon_seconds
        How long units are followed at most; None for as long as the data goes.
    inactivity_seconds, as_of_us
        The limit, and the moment, by which ends and openness are judged.
    times
        The units, or with `against` those of the first population.
    against
        Those of the second population; None without one.
    shared
        Customers whose clock started in both.
    log_rank
        Both compared; None without a second population.
    warnings
        What to be careful about.
    shared_customers
        Who stands behind `shared`.
    """

    units: int
    horizon_seconds: float | None
    inactivity_seconds: float
    as_of_us: int | None
    times: ConversionTimes
    against: ConversionTimes | None
    log_rank: LogRankTest | None
    shared: int
    warnings: tuple[str, ...]
    shared_customers: CustomerList


def time_to_convert(question: TimeToConvert, journeys: Journeys) -> TimeToConvertAnswer:
    """Answer the question. Times are exact.

    The unit is that of the journeys, with its whole life: a split matters where journeys are the
    units, and else the clock runs on from one journey into the next.

    Raises
    ------
    UnknownItemError
        Where an item is not one of these journeys.
    InvalidDurationError, InvalidOptionError
        Where a time, a percentage or a list cannot be used.
    ConflictingOptionsError
        Where an item is to be the conversion and to compete with it.
    """
    clock = _clock(question, journeys)
    percents = _percents(question.percents)
    at_us = _times(question.at)
    followed = follow(journeys, clock)
    at_us = even_times(followed, clock) if at_us is None else at_us
    sides = _sides(question, journeys, followed)
    curves = [conversion_times(view, part, at_us=at_us, percents=percents) for view, part in sides]
    shared = _shared(sides)
    warnings = outcome_warnings(journeys) if clock.goals is None else ()
    return TimeToConvertAnswer(
        units=journeys.n_units,
        horizon_seconds=None if clock.horizon_us is None else clock.horizon_us / 1e6,
        inactivity_seconds=journeys.inactivity_us / 1e6,
        as_of_us=journeys.as_of_us if journeys.graph.n_interactions else None,
        times=curves[0],
        against=curves[1] if len(curves) > 1 else None,
        log_rank=_log_rank(sides, shared) if len(sides) > 1 else None,
        shared=shared.n,
        warnings=(*warnings, *shared.warnings()),
        shared_customers=shared.customers(),
    )


_Side = tuple["Journeys", Followed]


def _sides(question: TimeToConvert, journeys: Journeys, followed: Followed) -> list[_Side]:
    """The populations: one, or both that are to be compared."""
    if question.against_where is not None:
        if question.against is not None:
            raise ConflictingOptionsError("against", "against_where")
        other = journeys.with_where(mapping_as(Where, question.against_where, "against_where"))
        return [(journeys, followed), (other, follow(other, _clock(question, other)))]
    if question.against is None:
        return [(journeys, followed)]
    against = mapping_as(CustomerWhere, question.against, "against")
    in_second = Populations.of(journeys, against).in_second
    return [(journeys, followed.among(~in_second)), (journeys, followed.among(in_second))]


def _shared(sides: Sequence[_Side]) -> SharedCustomers:
    """Customers whose clock started in both; nobody without a second view."""
    (one, mine), (other, theirs) = sides[0], sides[-1]
    shared = SharedCustomers.among(one, other, mine.units, theirs.units)
    return shared.nobody() if one is other else shared


def _clock(question: TimeToConvert, journeys: Journeys) -> Clock:
    goals = _codes(journeys, "to", question.to)
    rivals = _codes(journeys, "competing", question.competing) or ()
    both = _in_both(journeys, question)
    if both is not None:
        raise ConflictingOptionsError(f"to={both!r}", f"competing={both!r}")
    horizon = question.horizon
    return Clock(
        starts=_codes(journeys, "from", question.from_),
        goals=goals,
        rivals=rivals,
        sees_ends=question.ends,
        horizon_us=None if horizon is None else parse_duration(horizon, "horizon"),
    )


def _codes(
    journeys: Journeys, argument: str, given: Sequence[str] | None
) -> tuple[int, ...] | None:
    asked = names(given, argument)
    return None if asked is None else journeys.item_codes_of(argument, asked)


def _in_both(journeys: Journeys, question: TimeToConvert) -> str | None:
    """What is named on both sides; a set that holds a name of each is not."""
    known = journeys.item_names
    to = {known.codes("to", name) for name in names(question.to, "to") or ()}
    competing = names(question.competing, "competing") or ()
    both = [name for name in competing if known.codes("competing", name) in to]
    if both and journeys.sets is None:
        return journeys.items[known.codes("competing", both[0])[0]]
    return both[0] if both else None


def _percents(given: Sequence[int] | None) -> tuple[int, ...]:
    percents = _PERCENTS if given is None else tuple(given)
    for percent in percents:
        if type(percent) is not int or not 0 < percent < 100:
            raise InvalidOptionError("percents", percent, "whole numbers from 1 to 99")
    return tuple(sorted(set(percents)))


def _times(given: Sequence[Duration] | None) -> tuple[int, ...] | None:
    if given is None:
        return None
    if isinstance(given, str) or len(given) > _MOST_TIMES:
        raise InvalidOptionError("at", given, f"a list of at most {_MOST_TIMES} lengths of time")
    return tuple(sorted({parse_duration(time, "at") for time in given}))


def _log_rank(sides: Sequence[_Side], shared: SharedCustomers) -> LogRankTest:
    n_kinds = len(Fate) - 1
    first, second = (part for _, part in sides)
    if shared.n:
        found = log_rank_of_clusters(
            np.concatenate([first.elapsed_us, second.elapsed_us]),
            np.concatenate([first.fates, second.fates]) == Fate.CONVERTED,
            np.arange(len(first.units) + len(second.units)) < len(first.units),
            np.concatenate(shared.numbers(first.units, second.units)),
        )
    else:
        tables = [life_table(part.elapsed_us, part.fates, n_kinds) for part in (first, second)]
        found = log_rank(tables[0], tables[1], Fate.CONVERTED - 1)
    return LogRankTest(
        observed=found.observed,
        expected=found.expected,
        chi_square=found.chi_square,
        p_value=found.p_value,
    )
