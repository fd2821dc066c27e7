"""Drop-off of two populations compared, item by item: rates, their difference, and how sure it is.

Both are units of the same journeys, and nobody is in both. Every item that can be tested is, so
that the q values keep their promise, whatever is listed. In Python two views can be compared
outright (`contrast_drop_off`), such as two periods; whoever is in both of them then counts twice,
and the p values take the two for strangers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.cohorts import CustomerWhere
from journeygraph.given import mapping_as
from journeygraph.kernels.contingency import compare_groups
from queries.contrast_patterns import Populations
from queries.contrasts import risk_difference
from queries.drop_off import DropOff, ItemDropOff, drop_off
from queries.intervals import SMALL_GROUP, Estimate, benjamini_hochberg
from queries.paging import MAX_FIRST, PageInfo, page_bounds, page_info

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "DropOffContrast",
    "DropOffContrastAnswer",
    "ItemContrast",
    "contrast_drop_off",
    "drop_off_contrast",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DropOffContrast:
    """Where one population leaves more than another.

    Attributes
    ----------
    against
        The second population are the customers for whom this holds, the first all others.
    first, after
        How many items, and behind which cursor.
    """

    against: CustomerWhere | Mapping[str, Any]
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
        Of Pearson's chi-square, or of Fisher's exact test for few; false discovery rate over all
        items tested. None where a rate is missing, or nobody or everybody exits.
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
    tested
        Items with a p value.
    """

    units: int
    against_units: int
    tested: int
    wording: str
    nodes: tuple[ItemContrast, ...]
    page_info: PageInfo


def drop_off_contrast(question: DropOffContrast, journeys: Journeys) -> DropOffContrastAnswer:
    """Answer the question.

    Raises
    ------
    JourneyGraphError
        Where the condition, or the page, cannot be used.
    """
    against = mapping_as(CustomerWhere, question.against, "against")
    in_second = Populations.of(journeys, against).in_second
    views = _only(journeys, ~in_second), _only(journeys, in_second)
    return contrast_drop_off(*views, first=question.first, after=question.after)


def contrast_drop_off(
    population: Journeys, against: Journeys, first: int = 50, after: str | None = None
) -> DropOffContrastAnswer:
    """Compare the drop-off of two views, whose items are matched by name."""
    rows, others = _items(population), _items(against)
    names = sorted({*rows, *others})
    cells = np.array([_cells(rows.get(name)) + _cells(others.get(name)) for name in names])
    cells = cells.reshape(len(names), 4).astype(np.int64, copy=False)
    p_values = np.array([_p_value(*row) for row in cells.tolist()])
    q_values = benjamini_hochberg(p_values)
    by = np.lexsort((-(cells[:, 0] + cells[:, 2]), np.nan_to_num(p_values, nan=2.0)))
    start, end = page_bounds(len(names), first, after)
    nodes = []
    for number in by[start:end].tolist():
        exits, of, other_exits, other_of = cells[number].tolist()
        is_tested = not np.isnan(p_values[number])
        nodes.append(
            ItemContrast(
                item=names[number],
                population=rows.get(names[number]),
                against=others.get(names[number]),
                difference=risk_difference(exits, of, other_exits, other_of, population.confidence),
                p_value=float(p_values[number]) if is_tested else None,
                q_value=float(q_values[number]) if is_tested else None,
                small=min(of, other_of) < SMALL_GROUP,
            )
        )
    return DropOffContrastAnswer(
        units=population.n_units,
        against_units=against.n_units,
        tested=int(np.count_nonzero(~np.isnan(p_values))),
        wording="associated with",
        nodes=tuple(nodes),
        page_info=page_info(len(names), start, end),
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
        options=None,
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


def _p_value(exits: int, of: int, other_exits: int, other_of: int) -> float:
    size, hits = np.array([of]), np.array([exits])
    size.flags.writeable = hits.flags.writeable = False
    _chi, p_values, _exact = compare_groups(size, hits, of + other_of, exits + other_exits)
    return float(p_values[0])
