"""When customers leave: after how many items, or how long after the first, all or at one item.

A hazard is the share of those still there who leave now. Unlike a count of exits it does not fall
merely because fewer and fewer are left, and unlike a rate over everybody it says when. Open units
stand neither above nor below the line at the place where they were last seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.durations import Duration, parse_duration
from journeygraph.errors import InvalidOptionError
from journeygraph.statistics.base import total
from journeygraph.statistics.exit_places import (
    EXIT_PLACES,
    FATES,
    UNITS_AT_PLACE,
    UNITS_LAST_AT_PLACE,
)
from journeygraph.statistics.finders import Finder
from queries.customer_lists import CustomerList
from queries.figures import Pictured
from queries.intervals import SMALL_GROUP, Estimate, wilson
from queries.outcomes import outcome_warnings
from queries.paging import PageInfo, page_bounds, page_info
from queries.question import Question

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["ExitHazard", "ExitHazards", "ExitHazardsAnswer", "exit_hazards"]

Int64Array = npt.NDArray[np.int64]

_MOST_PLACES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitHazards(Question):
    """When units leave.

    Attributes
    ----------
    item
        Only leaving from this item; None for all.
    every
        By stretches of so much time since the unit's first item; None for the position of the
        item in the journey: first, second and so on.
    first, after
        How many places, and behind which cursor.
    """

    item: str | None = None
    every: Duration | None = None
    first: int = 20
    after: str | None = None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ExitHazard:
    """One place: who is there, and who leaves.

    Attributes
    ----------
    position
        As which item, from 1; None by time.
    from_seconds, until_seconds
        Since the first item, the end exclusive; None by position.
    at_risk
        Units that were not last seen at an earlier place; of an item, units that meet it here.
    exits, open, with_outcome
        Units last seen here: closed without the outcome, open, and closed with it.
    hazard
        exits / (at_risk - open), with Wilson's interval.
    remaining
        The product of 1 - hazard up to here: the share that has not left, as if nobody were open
        or had the outcome (Kaplan and Meier). None of an item, which units meet again.
    small
        Fewer than 30 units below the line.
    customers, open_customers, at_risk_customers
        Who stands behind exits, open and at_risk.
    """

    position: int | None
    from_seconds: float | None
    until_seconds: float | None
    at_risk: int
    exits: int
    open: int
    with_outcome: int
    hazard: Estimate
    remaining: float | None
    small: bool
    customers: CustomerList
    open_customers: CustomerList
    at_risk_customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ExitHazardsAnswer(Pictured):
    """When units leave.

    Attributes
    ----------
    units
        All units of the journeys.
    exits, open, with_outcome
        Units by what became of them, of an item those last seen there; each the sum over places.
    places
        How many places there are.
    nodes
        Places, in order, those without exits included.
    """

    units: int
    item: str | None
    every_seconds: float | None
    exits: int
    open: int
    with_outcome: int
    places: int
    nodes: tuple[ExitHazard, ...]
    page_info: PageInfo
    warnings: tuple[str, ...]


def exit_hazards(question: ExitHazards, journeys: Journeys) -> ExitHazardsAnswer:
    """Answer the question. The unit is that of the journeys, with all of its items.

    Raises
    ------
    UnknownItemError
        Where the item is not one of these journeys.
    InvalidDurationError, InvalidOptionError
        Where `every` cannot be used, or makes more than a million places, or no page is named.
    """
    items = None if question.item is None else journeys.item_codes_of("item", [question.item])
    width_us = 0 if question.every is None else parse_duration(question.every, "every")
    counts = total(EXIT_PLACES, journeys, items=items, width_us=width_us)
    places = _Places.of(journeys, items, width_us, counts, question.every)
    start, end = page_bounds(len(places.at_risk), question.first, question.after)
    exits, open_, completed = (int(places.fates[name].sum()) for name in FATES)
    return ExitHazardsAnswer(
        units=journeys.n_units,
        item=_shown(question.item, items, journeys),
        every_seconds=width_us / 1e6 if width_us else None,
        exits=exits,
        open=open_,
        with_outcome=completed,
        places=len(places.at_risk),
        nodes=tuple(places.nodes(start, end)),
        page_info=page_info(len(places.at_risk), start, end),
        warnings=outcome_warnings(journeys),
    )


def _shown(asked: str | None, items: tuple[int, ...] | None, journeys: Journeys) -> str | None:
    """What the item is called; of sets, what all of them were asked by."""
    return asked if items is None or journeys.sets is not None else journeys.items[items[0]]


@dataclass(frozen=True, eq=False, slots=True)
class _Places:
    """All places up to the last, with what was counted at each."""

    journeys: Journeys
    items: tuple[int, ...] | None
    width_us: int
    at_risk: Int64Array
    fates: dict[str, Int64Array]

    @classmethod
    def of(
        cls,
        journeys: Journeys,
        items: tuple[int, ...] | None,
        width_us: int,
        counts: pa.Table,
        every: object,
    ) -> _Places:
        places = counts["place"].to_numpy()
        n_places = int(places.max(initial=-1)) + 1
        if width_us and n_places > _MOST_PLACES:
            expected = f"a longer time: this makes {n_places:,} places, {_MOST_PLACES:,} at most"
            raise InvalidOptionError("every", every, expected)

        def dense(name: str) -> Int64Array:
            column = np.zeros(n_places, np.int64)
            column[places] = counts[name].to_numpy()
            return column

        fates = {name: dense(name) for name in FATES}
        last_here = fates["exits"] + fates["open"] + fates["completed"]
        at_risk = dense("met") if items is not None else np.cumsum(last_here[::-1])[::-1]
        return cls(journeys, items, width_us, at_risk, fates)

    def nodes(self, start: int, end: int) -> Iterator[ExitHazard]:
        exits, open_, completed = (self.fates[name] for name in FATES)
        below = self.at_risk - open_
        remaining = np.cumprod(1 - exits / np.maximum(below, 1))
        for place in range(start, end):
            yield ExitHazard(
                position=None if self.width_us else place + 1,
                from_seconds=place * self.width_us / 1e6 if self.width_us else None,
                until_seconds=(place + 1) * self.width_us / 1e6 if self.width_us else None,
                at_risk=int(self.at_risk[place]),
                exits=int(exits[place]),
                open=int(open_[place]),
                with_outcome=int(completed[place]),
                hazard=wilson(int(exits[place]), int(below[place]), self.journeys.confidence),
                remaining=float(remaining[place]) if self.items is None else None,
                small=int(below[place]) < SMALL_GROUP,
                customers=self._last_at(place, "exits"),
                open_customers=self._last_at(place, "open"),
                at_risk_customers=self._at(UNITS_AT_PLACE, place),
            )

    def _last_at(self, place: int, fate: str) -> CustomerList:
        return self._at(UNITS_LAST_AT_PLACE, place, fate=fate)

    def _at(self, finder: Finder, place: int, **further: str) -> CustomerList:
        where = {"items": self.items, "width_us": self.width_us, "place": place}
        return CustomerList.of(self.journeys, finder, **where, **further)
