"""Where customers drop off: not yet is not gone, and whoever reached the outcome has not left.

Of each item: who met it, who was never seen again after it although the outcome was missing, and
who was last seen there so lately that nobody can say yet. Those are the open ones; they stand
neither above nor below the line of the rate. Every unit is last seen at one item, so the exits of
all items, the open units and the closed ones with the outcome are all units there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.durations import Duration, parse_duration
from journeygraph.statistics.base import total
from journeygraph.statistics.exits import (
    COMPLETED_UNITS,
    EXITS,
    GONE_UNITS,
    OPEN_UNITS,
    UNITS_OPEN_AT,
    UNITS_THAT_EXIT,
    UNITS_THAT_VISIT,
)
from queries.customer_lists import CustomerList
from queries.figures import Pictured
from queries.intervals import SMALL_GROUP, Estimate, wilson
from queries.paging import PageInfo, page_bounds, page_info
from queries.question import Question

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["DropOff", "DropOffAnswer", "ItemDropOff", "drop_off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DropOff(Question):
    """At which items units are last seen.

    Attributes
    ----------
    inactivity
        A unit whose last interaction is younger than this at the end of the data is open; by
        default the limit of the journeys.
    first, after
        How many items, and behind which cursor.
    """

    inactivity: Duration | None = None
    first: int = 50
    after: str | None = None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ItemDropOff:
    """One item: who met it, and for whom it was the last.

    Attributes
    ----------
    visits
        Units that meet it.
    exits
        Closed units without the outcome whose last item it is.
    open
        Open units whose last item it is.
    rate
        exits / (visits - open), with Wilson's interval.
    small
        The rate is one of fewer than 30 units.
    customers, open_customers, visitors
        Who exits here, who is open here, and who meets it.
    """

    item: str
    visits: int
    exits: int
    open: int
    rate: Estimate
    small: bool
    customers: CustomerList
    open_customers: CustomerList
    visitors: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class DropOffAnswer(Pictured):
    """Where units are last seen; units = exits + open + with_outcome.

    Attributes
    ----------
    units
        All units of the journeys.
    open
        Those that were seen less than the inactivity limit before `as_of_us`.
    with_outcome
        Closed units that reached the outcome: these never exit.
    exits
        Closed units without the outcome.
    nodes
        Items, most exits first, ties by name.
    open_customers, with_outcome_customers, exit_customers
        Who stands behind the counts.
    """

    units: int
    open: int
    with_outcome: int
    exits: int
    inactivity_seconds: float
    as_of_us: int | None
    nodes: tuple[ItemDropOff, ...]
    page_info: PageInfo
    open_customers: CustomerList
    with_outcome_customers: CustomerList
    exit_customers: CustomerList


def drop_off(question: DropOff, journeys: Journeys) -> DropOffAnswer:
    """Answer the question, most exits first, ties by name.

    The unit is that of the journeys; one that meets an item twice visits it once.

    Raises
    ------
    InvalidDurationError
        Where the inactivity limit is not a length of time.
    InvalidOptionError
        Where `first` or `after` do not name a page.
    """
    inactivity_us = journeys.inactivity_us
    if question.inactivity is not None:
        inactivity_us = parse_duration(question.inactivity, "inactivity")
    counts = total(EXITS, journeys, inactivity_us=inactivity_us)
    start, end = page_bounds(len(counts), question.first, question.after)
    sums = {name: int(counts[name].to_numpy().sum()) for name in ("exits", "open", "completed")}
    rows = counts.take(_ranking(counts, journeys)[start:end]).to_pylist()
    within = {"inactivity_us": inactivity_us}
    return DropOffAnswer(
        units=journeys.n_units,
        open=sums["open"],
        with_outcome=sums["completed"],
        exits=sums["exits"],
        inactivity_seconds=inactivity_us / 1e6,
        as_of_us=journeys.as_of_us if journeys.graph.n_interactions else None,
        nodes=tuple(_nodes(journeys, rows, inactivity_us)),
        page_info=page_info(len(counts), start, end),
        open_customers=CustomerList.of(journeys, OPEN_UNITS, **within),
        with_outcome_customers=CustomerList.of(journeys, COMPLETED_UNITS, **within),
        exit_customers=CustomerList.of(journeys, GONE_UNITS, **within),
    )


def _ranking(counts: pa.Table, journeys: Journeys) -> npt.NDArray[np.int64]:
    """The rows of the table, most exits first, ties by name."""
    exits = counts["exits"].to_pylist()
    names = [journeys.items[code] for code in counts["item"].to_pylist()]
    ranking = sorted(range(len(exits)), key=lambda row: (-exits[row], names[row]))
    return np.array(ranking, np.int64)


def _nodes(
    journeys: Journeys, rows: list[dict[str, int]], inactivity_us: int
) -> Iterator[ItemDropOff]:
    for row in rows:
        item, at_risk = row["item"], row["visits"] - row["open"]
        yield ItemDropOff(
            item=journeys.items[item],
            visits=row["visits"],
            exits=row["exits"],
            open=row["open"],
            rate=wilson(row["exits"], at_risk, journeys.confidence),
            small=at_risk < SMALL_GROUP,
            customers=CustomerList.of(
                journeys, UNITS_THAT_EXIT, item=item, inactivity_us=inactivity_us
            ),
            open_customers=CustomerList.of(
                journeys, UNITS_OPEN_AT, item=item, inactivity_us=inactivity_us
            ),
            visitors=CustomerList.of(journeys, UNITS_THAT_VISIT, item=item),
        )
