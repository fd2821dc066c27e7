"""The items of an attribution: what each is credited with, what it met, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from queries.attribution_credit import AttributionMethod, Credits, counted_once, whole_parts
from queries.attribution_intervals import CreditIntervals
from queries.paging import PageInfo, page_bounds, page_info

if TYPE_CHECKING:
    from queries.attribution_customers import PathCustomers
    from queries.attribution_recipe import Attribution
    from queries.customer_lists import CustomerList

__all__ = ["ItemCredit", "Met", "nodes_of"]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ItemCredit:
    """One item and what it is credited with.

    Attributes
    ----------
    credit
        Outcomes; a fraction of one where it was shared.
    share
        Of all that is credited (for participation: of the outcomes); None where nothing is.
    value_minor
        What the credited outcomes brought, in whole minor units that add up to the whole.
    removal_effect
        MARKOV: the share of outcomes that the chain loses without the item, before it is
        divided by the sum over all items.
    outcomes, null_paths
        Paths to an outcome, and to nothing, that met it.
    units
        Units with a path to an outcome that met it.
    low, high, share_low, share_high
        Interval of credit and share by drawing customers anew; None where nobody asked.
    customers
        Who stands behind `units`; None in the answer of a table of paths.
    """

    item: str
    credit: float
    share: float | None
    value_minor: int
    removal_effect: float | None
    outcomes: int
    null_paths: int
    units: int
    low: float | None
    high: float | None
    share_low: float | None
    share_high: float | None
    customers: CustomerList | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Met:
    """By item: paths to an outcome and to nothing that met it, and units; over all: outcomes."""

    outcomes: npt.NDArray[np.int64]
    nulls: npt.NDArray[np.int64]
    units: npt.NDArray[np.int64]
    total: int
    value_minor: int

    @classmethod
    def of(cls, table: pa.Table, n_items: int) -> Met:
        """Read a table of `ITEMS_MET`."""
        columns = {name: table[name].to_numpy() for name in table.column_names}
        size = columns.pop("size")
        item = columns.pop("item")
        sums = {name: _sums(item, numbers, n_items) for name, numbers in columns.items()}
        return cls(
            outcomes=sums["outcomes"],
            nulls=sums["nulls"],
            units=sums["units"],
            total=counted_once(size, columns["outcomes"]),
            value_minor=counted_once(size, columns["value_minor"]),
        )


def _sums(
    item: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64], n_items: int
) -> npt.NDArray[np.int64]:
    sums = np.zeros(n_items, np.int64)
    np.add.at(sums, item, numbers)
    return sums


def nodes_of(
    question: Attribution,
    items: Sequence[str],
    met: Met,
    given: Credits,
    intervals: CreditIntervals | None,
    who: PathCustomers | None,
) -> tuple[tuple[ItemCredit, ...], PageInfo]:
    """The items that any path met, most credit first, ties by name: one page of them."""
    credit, share = given.credit, given.shares
    values = _values(question, met, given, share)
    listed = np.flatnonzero((met.outcomes > 0) | (met.nulls > 0)).tolist()
    listed.sort(key=lambda item: (-credit[item], items[item]))
    start, end = page_bounds(len(listed), question.first, question.after)
    nodes = tuple(
        ItemCredit(
            item=items[item],
            credit=float(credit[item]),
            share=float(share[item]) if met.total else None,
            value_minor=values[item],
            removal_effect=None if given.effects is None else float(given.effects[item]),
            outcomes=int(met.outcomes[item]),
            null_paths=int(met.nulls[item]),
            units=int(met.units[item]),
            customers=None if who is None else who.that_met(item),
            **_interval(intervals, item),
        )
        for item in listed[start:end]
    )
    return nodes, page_info(len(listed), start, end)


def _interval(intervals: CreditIntervals | None, item: int) -> dict[str, float | None]:
    if intervals is None:
        return dict.fromkeys(("low", "high", "share_low", "share_high"))
    (low, high), (share_low, share_high) = intervals
    return {
        "low": float(low[item]), "high": float(high[item]),
        "share_low": float(share_low[item]), "share_high": float(share_high[item]),
    }  # fmt: skip


def _values(
    question: Attribution, met: Met, given: Credits, share: npt.NDArray[np.float64]
) -> list[int]:
    if question.method is AttributionMethod.PARTICIPATION and given.value is not None:
        return [round(value) for value in given.value.tolist()]
    values = share * met.value_minor if given.value is None else given.value
    if not met.total or not math.fsum(share):
        return [0] * len(values)
    return whole_parts(values, met.value_minor)
