"""Drop-off of two populations compared, item by item: rates, their difference, and how sure it is.

Either they are units of the same journeys, and nobody is in both; or the second has conditions of
its own (`against_where`: another period, another channel, who did something), and customers may be
in both, which the tests allow for. Every item that can be tested is, so that the q values keep
their promise, whatever is listed. In Python two views can be compared outright
(`contrast_drop_off`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.cohorts import CustomerWhere, Where
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError
from journeygraph.given import mapping_as
from queries.contrast_patterns import Populations
from queries.customer_lists import CustomerList
from queries.drop_off import DropOff, ItemDropOff, drop_off
from queries.intervals import SMALL_GROUP, Estimate, benjamini_hochberg
from queries.paging import MAX_FIRST, PageInfo, page_bounds, page_info
from queries.question import Question
from queries.shared_customers import NOTHING_SHARED, SharedCustomers, compare_shares
from queries.shared_exits import shared_exits

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "ComparedExits",
    "DropOffContrast",
    "DropOffContrastAnswer",
    "ItemContrast",
    "contrast_drop_off",
    "drop_off_contrast",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DropOffContrast(Question):
    """Where one population leaves more than another.

    Attributes
    ----------
    against
        The second population are the customers for whom this holds, the first all others.
    against_where
        Instead of it: the second population is that of these conditions, of any kind, in place of
        those of the journeys, which are the first. Periods end each at their own `until`.
    first, after
        How many items, and behind which cursor.
    """

    against: CustomerWhere | Mapping[str, Any] | None = None
    against_where: Where | Mapping[str, Any] | None = None
    first: int = 50
    after: str | None = None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ItemContrast:
    """One item in both populations.

    Attributes
    ----------
    population, against
        Its drop-off in the first and in the second population; None where nobody meets it.
    difference
        The first rate less the second, with Newcombe's interval.
    p_value, q_value
        Of Pearson's chi-square, or of Fisher's exact test for few; where customers are in both, of
        a test that allows for it. False discovery rate over all items tested. None where a rate is
        missing, or nobody or everybody exits.
    small
        One of the rates is of fewer than 30 units.
    """

    item: str
    population: ItemDropOff | None
    against: ItemDropOff | None
    difference: Estimate
    p_value: float | None
    q_value: float | None
    small: bool


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class DropOffContrastAnswer:
    """Two populations compared; nodes by p, then by the exits of both, then by name.

    Attributes
    ----------
    units, against_units
        All units of the first and of the second population.
    shared
        Customers in both.
    tested
        Items with a p value.
    warnings
        What to be careful about.
    shared_customers
        Who stands behind `shared`.
    """

    units: int
    against_units: int
    shared: int
    tested: int
    wording: str
    warnings: tuple[str, ...]
    nodes: tuple[ItemContrast, ...]
    page_info: PageInfo
    shared_customers: CustomerList


def drop_off_contrast(question: DropOffContrast, journeys: Journeys) -> DropOffContrastAnswer:
    """Answer the question.

    Raises
    ------
    JourneyGraphError
        Where the condition, or the page, cannot be used.
    """
    first, after = question.first, question.after
    if question.against_where is not None:
        if question.against is not None:
            raise ConflictingOptionsError("against", "against_where")
        where = mapping_as(Where, question.against_where, "against_where")
        return contrast_drop_off(journeys, journeys.with_where(where), first, after)
    if question.against is None:
        raise InvalidOptionError("against", None, "a condition: against, or against_where")
    against = mapping_as(CustomerWhere, question.against, "against")
    in_second = Populations.of(journeys, against).in_second
    views = _only(journeys, ~in_second), _only(journeys, in_second)
    return contrast_drop_off(*views, first, after)


def contrast_drop_off(
    population: Journeys, against: Journeys, first: int = 50, after: str | None = None
) -> DropOffContrastAnswer:
    """Compare the drop-off of two views, whose items are matched by name.

    Customers who are in both count in each; the tests allow for it.
    """
    shared = SharedCustomers.of(population, against)
    found = ComparedExits.of(shared)
    by = found.ranking()
    start, end = page_bounds(len(by), first, after)
    q_values = benjamini_hochberg(found.p_values)
    return DropOffContrastAnswer(
        units=population.n_units,
        against_units=against.n_units,
        shared=shared.n,
        tested=int(np.count_nonzero(~np.isnan(found.p_values))),
        wording="associated with",
        warnings=shared.warnings(),
        nodes=tuple(found.node(number, q_values) for number in by[start:end].tolist()),
        page_info=page_info(len(by), start, end),
        shared_customers=shared.customers(),
    )


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ComparedExits:
    """Every item that somebody of two populations meets, with what both do there.

    Attributes
    ----------
    names
        Of the items, ascending.
    population, against
        By name.
    differences, p_values
        Of the rates, by item; NaN where there is no test.
    """

    names: tuple[str, ...]
    population: Mapping[str, ItemDropOff]
    against: Mapping[str, ItemDropOff]
    differences: tuple[Estimate, ...]
    p_values: npt.NDArray[np.float64]

    @classmethod
    def of(cls, shared: SharedCustomers) -> ComparedExits:
        """Compare the drop-off of both views; who is in both is allowed for."""
        rows, others = _items(shared.one), _items(shared.other)
        names = tuple(sorted({*rows, *others}))
        sums = shared_exits(shared, names) if shared.n else {}
        compared = [
            compare_shares(
                _cells(rows.get(name)), _cells(others.get(name)),
                sums.get(name, NOTHING_SHARED), shared.one.confidence,
            )
            for name in names
        ]  # fmt: skip
        p_values = np.array([np.nan if p is None else p for _, p in compared], np.float64)
        differences = tuple(difference for difference, _ in compared)
        return cls(
            names=names, population=rows, against=others, differences=differences, p_values=p_values
        )

    def ranking(self) -> npt.NDArray[np.int64]:
        """Items by p, then by the exits of both, then by name."""
        sides = self.population, self.against
        exits = [sum(_cells(side.get(name))[0] for side in sides) for name in self.names]
        return np.lexsort((-np.array(exits, np.int64), np.nan_to_num(self.p_values, nan=2.0)))

    def is_small(self, number: int) -> bool:
        """Whether one of the rates is of few units."""
        sides = self.population, self.against
        return min(_cells(side.get(self.names[number]))[1] for side in sides) < SMALL_GROUP

    def node(self, number: int, q_values: npt.NDArray[np.float64]) -> ItemContrast:
        """One item as an answer."""
        name, p_value = self.names[number], float(self.p_values[number])
        is_tested = not np.isnan(p_value)
        return ItemContrast(
            item=name,
            population=self.population.get(name),
            against=self.against.get(name),
            difference=self.differences[number],
            p_value=p_value if is_tested else None,
            q_value=float(q_values[number]) if is_tested else None,
            small=self.is_small(number),
        )


def _only(journeys: Journeys, chosen: npt.NDArray[np.bool_]) -> Journeys:
    """The same journeys of these units alone."""
    number = np.cumsum(chosen) - 1
    kept = chosen[journeys.journey_units]
    units = number[journeys.journey_units[kept]].astype(journeys.journey_units.dtype, copy=False)
    return replace(
        journeys,
        journey_starts=journeys.journey_starts[kept],
        journey_ends=journeys.journey_ends[kept],
        journey_units=units,
        unit_customers=journeys.unit_customers[chosen],
        unit_starts=journeys.unit_starts[chosen],
        unit_ends=journeys.unit_ends[chosen],
        selection=None,
        view_options=None,
    )


def _items(journeys: Journeys) -> dict[str, ItemDropOff]:
    """The drop-off of every item that somebody meets."""
    found: dict[str, ItemDropOff] = {}
    after, goes_on = None, True
    while goes_on:
        answer = drop_off(DropOff(first=MAX_FIRST, after=after), journeys)
        found.update({node.item: node for node in answer.nodes if node.visits})
        after, goes_on = answer.page_info.end_cursor, answer.page_info.has_next_page
    return found


def _cells(node: ItemDropOff | None) -> tuple[int, int]:
    return (0, 0) if node is None else (node.rate.successes, node.rate.of)
