"""What those who dropped did next, against what those who converted did after the same step.

Where the ways of both part says where to look for the reason, not what it is: the answer is called
associated. Both are looked at over the same budget, so many next items or so much time, since who
converts goes on for longer and meets more of everything. What a unit does within its budget counts
whether it is before its conversion or behind it, and the items that convert are not compared: one
group has them by definition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.durations import Duration, parse_duration
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError
from journeygraph.given import names
from journeygraph.statistics.after_drop import (
    AFTER_DROP,
    Budget,
    Side,
    Sides,
    sides,
    units_that_meet,
)
from journeygraph.statistics.base import total
from queries.contrasts import risk_difference
from queries.customer_lists import CustomerList, customers_of_units
from queries.fourfold import FourfoldTables, fourfold_tables
from queries.intervals import SMALL_GROUP, Estimate, wilson
from queries.outcomes import outcome_warnings
from queries.paging import PageInfo, page_bounds, page_info
from queries.question import Question

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["AfterDrop", "AfterDropAnswer", "AfterDropItem", "after_drop"]

Int64Array = npt.NDArray[np.int64]

_MOST_STEPS = 30
_MOST_ITEMS = 1000
_NEXT_ITEMS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterDrop(Question):
    """What units do behind a step, by whether they convert later.

    Attributes
    ----------
    steps
        1 to 30 items, taken one after the other, each at its first occurrence behind the one
        before; "a|b" is any of the two.
    to
        Any of these items is the conversion; None for the outcome.
    items, within
        How far both groups are looked at behind the last step: so many items, or so long. One of
        the two; 5 items if neither is given.
    at_least
        List no item that fewer units of both groups together met; it changes no q value.
    first, after
        How many items, and behind which cursor.
    """

    steps: Sequence[str]
    to: Sequence[str] | None = None
    items: int | None = None
    within: Duration | None = None
    at_least: int = 1
    first: int = 20
    after: str | None = None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class AfterDropItem:
    """One item: how many of both groups meet it next.

    Attributes
    ----------
    droppers, converters
        Units of each group that meet it in their budget.
    dropper_share, converter_share
        Of all units of the group, with Wilson's interval.
    difference
        The first share less the second, with Newcombe's interval.
    p_value, q_value
        Of Pearson's chi-square, or of Fisher's exact test for few; false discovery rate over all
        items compared. None where the item is not compared.
    untested
        Why it is not.
    small
        Fewer than 30 units in one of the groups.
    dropper_customers, converter_customers
        Who stands behind the counts.
    """

    item: str
    droppers: int
    dropper_share: Estimate
    converters: int
    converter_share: Estimate
    difference: Estimate
    p_value: float | None
    q_value: float | None
    untested: str | None
    small: bool
    dropper_customers: CustomerList
    converter_customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class AfterDropAnswer:
    """What follows the steps; reached = droppers + converters + undecided + unobserved.

    Attributes
    ----------
    units
        All units of the journeys.
    reached
        Units that took all steps.
    droppers
        Closed units that do not convert afterwards.
    converters
        Units that do.
    undecided
        Open units that have not converted.
    unobserved
        Units whose budget is not over, so that they are in neither group.
    silent_droppers, silent_converters
        Units of each group that meet nothing at all in their budget.
    items, within_seconds
        The budget; one of the two is None.
    tested
        Items compared: over so many the q values control the false discoveries.
    nodes
        Items, the smallest p first, then the largest difference, then by name.
    wording
        How a finding is to be read.
    """

    units: int
    reached: int
    droppers: int
    converters: int
    undecided: int
    unobserved: int
    silent_droppers: int
    silent_converters: int
    items: int | None
    within_seconds: float | None
    tested: int
    nodes: tuple[AfterDropItem, ...]
    page_info: PageInfo
    wording: str
    warnings: tuple[str, ...]
    reached_customers: CustomerList
    dropper_customers: CustomerList
    converter_customers: CustomerList
    undecided_customers: CustomerList
    unobserved_customers: CustomerList


def after_drop(question: AfterDrop, journeys: Journeys) -> AfterDropAnswer:
    """Answer the question. The unit is that of the journeys, with its whole life.

    Raises
    ------
    UnknownItemError
        Where an item is not one of these journeys.
    InvalidDurationError, InvalidOptionError
        Where a budget, a list or a page cannot be used.
    ConflictingOptionsError
        Where both budgets are given.
    """
    budget = _budget(question, journeys)
    found = sides(journeys, budget)
    counts = total(AFTER_DROP, journeys, budget=budget)
    listed = _Items.of(journeys, found, *(counts[name].to_numpy() for name in counts.column_names))
    ranking = listed.ranking(question.at_least)
    start, end = page_bounds(len(ranking), question.first, question.after)

    def customers(chosen: Callable[[], Int64Array]) -> CustomerList:
        return CustomerList(journeys, lambda: customers_of_units(journeys, chosen()))

    def count(side: Side) -> int:
        return len(found.units(side))

    def silent(side: Side) -> int:
        return int(np.count_nonzero((found.sides == side) & (found.found == 0)))

    return AfterDropAnswer(
        units=journeys.n_units,
        reached=int(np.count_nonzero(found.anchors >= 0)),
        droppers=count(Side.DROPPED),
        converters=count(Side.CONVERTED),
        undecided=count(Side.UNDECIDED),
        unobserved=count(Side.UNOBSERVED),
        silent_droppers=silent(Side.DROPPED),
        silent_converters=silent(Side.CONVERTED),
        items=budget.n_next,
        within_seconds=None if budget.within_us is None else budget.within_us / 1e6,
        tested=listed.tables.n_tested,
        nodes=tuple(listed.nodes(ranking[start:end])),
        page_info=page_info(len(ranking), start, end),
        wording="associated with",
        warnings=outcome_warnings(journeys) if budget.goals is None else (),
        reached_customers=customers(lambda: np.flatnonzero(found.anchors >= 0)),
        dropper_customers=customers(partial(found.units, Side.DROPPED)),
        converter_customers=customers(partial(found.units, Side.CONVERTED)),
        undecided_customers=customers(partial(found.units, Side.UNDECIDED)),
        unobserved_customers=customers(partial(found.units, Side.UNOBSERVED)),
    )


def _budget(question: AfterDrop, journeys: Journeys) -> Budget:
    if question.items is not None and question.within is not None:
        raise ConflictingOptionsError("items", "within")
    steps = names(question.steps, "steps") or ()
    if not 1 <= len(steps) <= _MOST_STEPS:
        raise InvalidOptionError("steps", list(steps), f"1 to {_MOST_STEPS} items")
    n_next = question.items
    if n_next is None and question.within is None:
        n_next = _NEXT_ITEMS
    if n_next is not None and (type(n_next) is not int or not 1 <= n_next <= _MOST_ITEMS):
        raise InvalidOptionError("items", n_next, f"a whole number from 1 to {_MOST_ITEMS}")
    goals = names(question.to, "to")
    return Budget(
        steps=tuple(journeys.item_codes_of("steps", any_of(journeys, step)) for step in steps),
        goals=None if goals is None else journeys.item_codes_of("to", goals),
        n_next=n_next,
        within_us=None if question.within is None else parse_duration(question.within, "within"),
    )


def any_of(journeys: Journeys, step: str) -> list[str]:
    """The items of a step; a name that holds the sign itself stays whole."""
    return [step] if journeys.item_names.knows(step) else step.split("|")


@dataclass(frozen=True, eq=False, slots=True)
class _Items:
    """Items met in a budget: codes, units of both groups, and tests of those compared."""

    journeys: Journeys
    found: Sides
    codes: Int64Array
    droppers: Int64Array
    converters: Int64Array
    is_goal: npt.NDArray[np.bool_]
    tables: FourfoldTables

    @classmethod
    def of(
        cls,
        journeys: Journeys,
        found: Sides,
        codes: Int64Array,
        droppers: Int64Array,
        converters: Int64Array,
    ) -> _Items:
        goals = found.goals[(found.goals >= 0) & (found.sides == Side.CONVERTED)]
        is_goal = np.isin(codes, journeys.item_codes[goals])
        n_droppers, n_converters = (
            len(found.units(side)) for side in (Side.DROPPED, Side.CONVERTED)
        )
        # what converts is no group of the test: a group of nobody has no p value
        sizes = _read_only(np.where(is_goal, 0, droppers + converters))
        hits = _read_only(np.where(is_goal, 0, droppers))
        tables = fourfold_tables(n_droppers + n_converters, n_droppers, sizes, hits)
        return cls(journeys, found, codes, droppers, converters, is_goal, tables)

    def ranking(self, at_least: int) -> Int64Array:
        """Items by p, then by the difference, the largest first, then by name."""
        n_droppers, n_converters = max(1, self.tables.hits), max(1, self._n_converters)
        apart = np.abs(self.droppers / n_droppers - self.converters / n_converters)
        met = self.droppers + self.converters
        listed = [number for number in range(len(self.codes)) if met[number] >= at_least]
        listed.sort(key=lambda number: (
            np.nan_to_num(self.tables.p_values[number], nan=2.0), -apart[number],
            self.journeys.items[self.codes[number]],
        ))  # fmt: skip
        return np.array(listed, np.int64)

    @property
    def _n_converters(self) -> int:
        return self.tables.units - self.tables.hits

    def nodes(self, numbers: Int64Array) -> Iterator[AfterDropItem]:
        """What the answer shows of some items."""
        n_droppers, n_converters = self.tables.hits, self._n_converters
        confidence = self.journeys.confidence
        for number in numbers.tolist():
            droppers, converters = int(self.droppers[number]), int(self.converters[number])
            p_value = float(self.tables.p_values[number])
            is_tested = not np.isnan(p_value)
            yield AfterDropItem(
                item=self.journeys.items[self.codes[number]],
                droppers=droppers,
                dropper_share=wilson(droppers, n_droppers, confidence),
                converters=converters,
                converter_share=wilson(converters, n_converters, confidence),
                difference=risk_difference(
                    droppers, n_droppers, converters, n_converters, confidence
                ),
                p_value=p_value if is_tested else None,
                q_value=float(self.tables.q_values[number]) if is_tested else None,
                untested=None if is_tested else self._untested(number),
                small=min(n_droppers, n_converters) < SMALL_GROUP,
                dropper_customers=self._customers(number, Side.DROPPED),
                converter_customers=self._customers(number, Side.CONVERTED),
            )

    def _untested(self, number: int) -> str:
        if self.is_goal[number]:
            return "it is the conversion"
        if not self.tables.hits or not self._n_converters:
            return "one of the groups is empty"
        return "everybody meets it"

    def _customers(self, number: int, side: Side) -> CustomerList:
        journeys, item = self.journeys, int(self.codes[number])

        def find() -> Int64Array:
            units = units_that_meet(journeys, self.found, item, side)
            return customers_of_units(journeys, units)

        return CustomerList(journeys, find)


def _read_only(sizes: Int64Array) -> Int64Array:
    """As tests take counts: they are compiled for one kind of array."""
    sizes.flags.writeable = False
    return sizes
