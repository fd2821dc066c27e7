"""How measures over time are counted: what interactions and other things bring to each period.

Everything is added up by customer and period, a part of the journeys at a time, so that no row is
held longer than it is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.graph import MISSING
from journeygraph.statistics.base import blocks_or_nothing
from journeygraph.statistics.conversion_times import conversions_behind, first_behind
from journeygraph.statistics.exits import exits_by_unit
from journeygraph.statistics.funnel import Steps, funnel_entries
from journeygraph.statistics.item_rows import ItemRows
from journeygraph.statistics.ratings import Rating, ratings_of
from journeygraph.statistics.referral_credit import first_interactions
from journeygraph.threads import on_threads
from journeygraph.vocabulary import FEEDBACK_KINDS
from queries.referral_credit import Referrals, credited_referrals, selected_customers
from queries.trend_calendar import TrendCalendar
from queries.trend_tallies import Once, Tally, TallyColumns, add_up

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = [
    "Asked",
    "TallyMeasure",
    "amounts_in",
    "at_item",
    "complaints_of",
    "each",
    "first_seen",
    "outcomes_of",
    "ratings_in",
    "referrals_of",
    "tally_events",
    "tally_exits",
    "tally_funnel",
    "tally_interactions",
    "tally_outcome_rate",
]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_COMPLAINT = FEEDBACK_KINDS.index("complaint") + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a measure is asked of.

    Attributes
    ----------
    items
        Codes of the item that it is about; None for no particular one.
    steps
        Of a funnel, the codes of each.
    within_us
        How long units, or with cohorts customers, are followed; None for as long as the data goes.
    """

    items: tuple[int, ...] | None
    steps: tuple[tuple[int, ...], ...]
    within_us: int | None


TallyMeasure = Callable[["Journeys", Asked, TrendCalendar], Tally]
"""Counts a measure: of journeys, what is asked, by a calendar."""


@dataclass(frozen=True, eq=False, slots=True)
class _Looked:
    """What some interactions, or other things that happened, bring to a measure."""

    at_us: Int64Array
    customers: Int64Array
    above: Int64Array
    below: Int64Array
    said: Int64Array


@dataclass(frozen=True, eq=False, slots=True)
class _Followed:
    """Of cohorts: which customers were followed for so long, and by cohort how many were not."""

    calendar: TrendCalendar
    within_us: int | None
    customers: BoolArray
    open: Int64Array

    @classmethod
    def of(cls, journeys: Journeys, asked: Asked, calendar: TrendCalendar) -> _Followed:
        within_us = asked.within_us if calendar.by_cohort else None
        if within_us is None:
            everybody = np.ones(journeys.graph.n_customers, np.bool_)
            return cls(calendar, None, everybody, np.zeros(calendar.n_periods, np.int64))
        first = calendar.first_at_us
        followed = (first != MISSING) & (first <= journeys.as_of_us - within_us)
        there = np.unique(journeys.unit_customers).astype(np.int64)
        waiting = there[~followed[there]]
        open_ = _by_period(calendar.periods(first[waiting], waiting), calendar.n_periods)
        return cls(calendar, within_us, followed, open_)

    def columns(self, looked: _Looked) -> TallyColumns:
        """The same by period; -1 where it is too late, or was not followed for so long."""
        periods = self.calendar.periods(looked.at_us, looked.customers)
        if self.within_us is not None:
            until_us = self.calendar.first_at_us[looked.customers] + self.within_us
            periods[(looked.at_us > until_us) | ~self.customers[looked.customers]] = -1
        return TallyColumns(periods, looked.customers, looked.above, looked.below, looked.said)


def _by_period(periods: Int64Array, n_periods: int) -> Int64Array:
    return np.bincount(periods[periods >= 0], minlength=n_periods).astype(np.int64)


def _ones(of: npt.NDArray[Any]) -> Int64Array:
    return np.ones(len(of), np.int64)


def _parts(journeys: Journeys) -> list[Block]:
    return [part for block in blocks_or_nothing(journeys) for part in block.parts()]


_Look = Callable[[ItemRows, Asked], tuple[Int64Array, Int64Array, Int64Array]]
"""What interactions bring: above the line, below it, and whether they say it."""


def tally_interactions(look: _Look, once: Once = Once.NEVER) -> TallyMeasure:
    """A measure of the interactions of the journeys, each by its own time."""

    def tally(journeys: Journeys, asked: Asked, calendar: TrendCalendar) -> Tally:
        followed = _Followed.of(journeys, asked, calendar)
        n_customers = journeys.graph.n_customers

        def add(part: Block) -> TallyColumns:
            rows = ItemRows.of(part)
            customers = journeys.unit_customers[rows.units].astype(np.int64)
            looked = _Looked(journeys.graph.at_us[rows.rows], customers, *look(rows, asked))
            return add_up(followed.columns(looked), n_customers)

        parts = on_threads(add, _parts(journeys))
        return Tally.of(parts, calendar.n_periods, n_customers, open_=followed.open, once=once)

    return tally


def tally_events(
    find: Callable[[Journeys], tuple[Int64Array, Int64Array]],
) -> TallyMeasure:
    """A measure that counts what happened: when, and to whom."""

    def tally(journeys: Journeys, asked: Asked, calendar: TrendCalendar) -> Tally:
        at_us, customers = find(journeys)
        followed = _Followed.of(journeys, asked, calendar)
        ones = _ones(at_us)
        columns = followed.columns(_Looked(at_us, customers.astype(np.int64), ones, ones, ones))
        is_late = (at_us > journeys.as_of_us) & (journeys.where.until is None)
        return Tally.of(
            [columns], calendar.n_periods, journeys.graph.n_customers, open_=followed.open,
            outside=int(np.count_nonzero(is_late | (at_us == MISSING))),
        )  # fmt: skip

    return tally


def each(rows: ItemRows, _asked: Asked) -> tuple[Int64Array, Int64Array, Int64Array]:
    """Interactions, whatever they say."""
    ones = _ones(rows.rows)
    return ones, ones, ones


def amounts_in(column: str) -> _Look:
    """What interactions say in "value" or "cost"."""

    def look(rows: ItemRows, _asked: Asked) -> tuple[Int64Array, Int64Array, Int64Array]:
        amounts = rows.journeys.graph.column(column)[rows.rows]
        is_said = amounts != MISSING
        return np.where(is_said, amounts, 0), _ones(rows.rows), is_said.astype(np.int64)

    return look


def ratings_in(rating: Rating) -> _Look:
    """What they say of a rating, by those that say it."""

    def look(rows: ItemRows, _asked: Asked) -> tuple[Int64Array, Int64Array, Int64Array]:
        values, is_rated = ratings_of(rows.journeys, rows.rows, rating)
        return np.where(is_rated, values, 0), is_rated.astype(np.int64), _ones(rows.rows)

    return look


def at_item(rows: ItemRows, asked: Asked) -> tuple[Int64Array, Int64Array, Int64Array]:
    """Interactions, and which of them are at the item."""
    ones = _ones(rows.rows)
    return _is_at(rows, asked).astype(np.int64), ones, ones


def _is_at(rows: ItemRows, asked: Asked) -> BoolArray:
    if asked.items is None:
        return np.ones(len(rows.rows), np.bool_)
    return np.isin(rows.journeys.item_codes[rows.anchors], asked.items)


def tally_exits(journeys: Journeys, asked: Asked, calendar: TrendCalendar) -> Tally:
    """Of the units met in a period, at an item or at all, those that left there in it."""
    last_items, is_open, is_exit = exits_by_unit(journeys)
    is_there = np.ones(len(last_items), np.bool_)
    if asked.items is not None:
        is_there = np.isin(last_items, asked.items)
    n_periods, n_customers = calendar.n_periods, journeys.graph.n_customers

    def find(part: Block) -> tuple[TallyColumns, Int64Array]:
        rows = ItemRows.of(part)
        customers = journeys.unit_customers[rows.units].astype(np.int64)
        periods = calendar.periods(journeys.graph.at_us[rows.rows], customers)
        is_last = np.diff(rows.units, append=-1) != 0
        last_period = np.full(part.unit_hi - part.unit_lo, -1, np.int64)
        last_period[rows.units[is_last] - part.unit_lo] = periods[is_last]
        meets = _is_at(rows, asked) & (periods >= 0)
        units, met, at_us = _last_of_pairs(
            rows.units[meets], periods[meets], journeys.graph.at_us[rows.rows[meets]]
        )
        here = is_there[units] & (last_period[units - part.unit_lo] == met)
        waits = (here & is_open[units]) | (journeys.as_of_us - at_us < journeys.inactivity_us)
        columns = TallyColumns(
            np.where(waits, -1, met), journeys.unit_customers[units].astype(np.int64),
            (here & is_exit[units]).astype(np.int64), _ones(units), _ones(units),
        )  # fmt: skip
        return add_up(columns, n_customers), _by_period(met[waits], n_periods)

    found = on_threads(find, _parts(journeys))
    open_ = sum((waiting for _, waiting in found), np.zeros(n_periods, np.int64))
    return Tally.of([columns for columns, _ in found], n_periods, n_customers, open_=open_)


def _last_of_pairs(
    units: Int64Array, periods: Int64Array, at_us: Int64Array
) -> tuple[Int64Array, Int64Array, Int64Array]:
    """Each unit and period once, and the last time of it."""
    width = int(periods.max(initial=0)) + 1
    pairs, which = np.unique(units * width + periods, return_inverse=True)
    last_us = np.full(len(pairs), MISSING, np.int64)
    np.maximum.at(last_us, which, at_us)
    return pairs // width, pairs % width, last_us


def _followed_up(
    journeys: Journeys,
    calendar: TrendCalendar,
    units: Int64Array,
    at_us: Int64Array,
    succeeds: BoolArray,
    is_open: BoolArray,
) -> Tally:
    """Units that began, and whether they came to the end of it in time."""
    customers = journeys.unit_customers[units].astype(np.int64)
    periods = calendar.periods(at_us, customers)
    judged, ones = np.where(is_open, -1, periods), _ones(units)
    columns = TallyColumns(judged, customers, succeeds.astype(np.int64), ones, ones)
    open_ = _by_period(periods[is_open], calendar.n_periods)
    return Tally.of([columns], calendar.n_periods, journeys.graph.n_customers, open_=open_)


def tally_outcome_rate(journeys: Journeys, asked: Asked, calendar: TrendCalendar) -> Tally:
    """Of the units that began in a period, those with the outcome soon enough."""
    assert asked.within_us is not None
    at_us, within_us = journeys.graph.at_us, asked.within_us

    def find(block: Block) -> tuple[Int64Array, BoolArray]:
        starts = first_behind(block, None, np.full(block.unit_hi - block.unit_lo, -1))
        goals = conversions_behind(block, None, starts - 1)
        began = at_us[starts]
        return began, (goals >= 0) & (at_us[np.maximum(goals, starts)] - began <= within_us)

    began, succeeds = zip(*on_threads(find, blocks_or_nothing(journeys)), strict=True)
    began_us = np.concatenate(began)
    return _followed_up(
        journeys, calendar, np.arange(journeys.n_units), began_us, np.concatenate(succeeds),
        began_us > journeys.as_of_us - within_us,
    )  # fmt: skip


def tally_funnel(journeys: Journeys, asked: Asked, calendar: TrendCalendar) -> Tally:
    """Of the units that entered a funnel in a period, those that came through it."""
    steps = Steps(codes=asked.steps, window_us=asked.within_us, strict=False)
    entries = funnel_entries(journeys, steps)
    return _followed_up(
        journeys, calendar, entries.units, entries.at_us, entries.is_through, entries.is_open
    )


def first_seen(journeys: Journeys) -> tuple[Int64Array, Int64Array]:
    """When customers who are selected were first seen."""
    first = first_interactions(journeys.graph)
    customers = np.flatnonzero(selected_customers(journeys) & (first != MISSING))
    return first[customers], customers


def outcomes_of(journeys: Journeys) -> tuple[Int64Array, Int64Array]:
    """When units had the outcome."""
    rows = journeys.outcome_rows
    customers = np.searchsorted(journeys.graph.customer_starts, rows, side="right") - 1
    return journeys.graph.at_us[rows], customers


def referrals_of(journeys: Journeys) -> tuple[Int64Array, Int64Array]:
    """When customers who are selected brought somebody."""
    edges = credited_referrals(Referrals(), journeys)
    is_meant = selected_customers(journeys)[edges.referrers]
    rows, referrers = edges.rows[is_meant], edges.referrers[is_meant]
    return journeys.graph.referrals.at_us[rows], referrers.astype(np.int64)


def complaints_of(journeys: Journeys) -> tuple[Int64Array, Int64Array]:
    """When customers who are selected complained."""
    feedback = journeys.graph.feedback
    is_meant = (feedback.kinds == _COMPLAINT) & (feedback.customers >= 0)
    is_meant &= selected_customers(journeys)[np.maximum(feedback.customers, 0)]
    return feedback.opened_us[is_meant], feedback.customers[is_meant]
