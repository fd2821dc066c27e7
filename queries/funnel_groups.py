"""A funnel by value: each unit counts under one, so that the groups add up to the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from journeygraph.errors import ConflictingOptionsError, InvalidOptionError, UnknownColumnError
from journeygraph.given import mapping_as, text
from journeygraph.statistics.base import total
from journeygraph.statistics.funnel_plan import FunnelPlan
from journeygraph.statistics.funnel_walks import FUNNEL_WALKS, Fate, WalkGroups
from queries.customer_lists import CustomerList
from queries.funnel_numbers import WalkNumbers, answers
from queries.funnel_options import FunnelBreakdown, FunnelStep
from queries.funnel_steps import FunnelStepAnswer
from queries.paging import validate_first

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["FunnelGroup", "breakdown_of"]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FunnelGroup:
    """The funnel of those who have one value.

    Attributes
    ----------
    value
        None where it is not said, where the step was not met, and for `is_other`.
    is_other
        Whether these are all values that are not listed.
    left
        How many an exclusion made leave.
    steps
        As of the whole.
    left_customers
        Who stands behind `left`.
    """

    value: str | None
    is_other: bool
    left: int
    steps: tuple[FunnelStepAnswer, ...]
    left_customers: CustomerList


def breakdown_of(
    given: Any, asked: Sequence[FunnelStep], plan: FunnelPlan, journeys: Journeys, exact: bool
) -> tuple[FunnelGroup, ...]:
    """The funnel of each value, most units at the first step first, ties by value.

    Raises
    ------
    InvalidOptionError, ConflictingOptionsError, UnknownColumnError
        Where it cannot be broken down so.
    """
    if given is None:
        return ()
    breakdown = mapping_as(FunnelBreakdown, given, "breakdown")
    validate_first(breakdown.first)
    grouping, names = _grouping(breakdown, plan, journeys)
    sizes: dict[int, int] = {}
    for row in total(FUNNEL_WALKS, journeys, plan=plan, groups=grouping).to_pylist():
        begins = row["step"] == 1 and row["measure"] == Fate.REACHED
        sizes[row["group"]] = sizes.get(row["group"], 0) + row["units"] * begins
    ranking = sorted(sizes, key=lambda code: (-sizes[code], code < 0, names.get(code, "")))
    listed = [(names.get(code), frozenset([code])) for code in ranking[: breakdown.first]]
    others = frozenset(ranking[breakdown.first :])
    groups = [
        _group(value, codes, WalkNumbers(journeys, plan, exact, grouping, codes), asked)
        for value, codes in [*listed, *([(None, others)] if others else [])]
    ]
    return tuple(groups)


def _group(
    value: str | None, codes: frozenset[int], numbers: WalkNumbers, asked: Sequence[FunnelStep]
) -> FunnelGroup:
    return FunnelGroup(
        value=value,
        is_other=value is None and codes != {-1},
        left=numbers.left,
        steps=answers(asked, numbers),
        left_customers=numbers.left_customers(),
    )


def _grouping(
    breakdown: FunnelBreakdown, plan: FunnelPlan, journeys: Journeys
) -> tuple[WalkGroups, dict[int, str]]:
    """What walks are grouped by, and the names of the values."""
    if breakdown.column is not None and breakdown.attribute is not None:
        raise ConflictingOptionsError("breakdown.column", "breakdown.attribute")
    graph = journeys.graph
    if breakdown.attribute is not None:
        known = [str(name) for name in graph.attributes.columns]
        if breakdown.attribute not in known:
            raise UnknownColumnError("breakdown.attribute", str(breakdown.attribute), known)
        values = graph.attribute_codes(breakdown.attribute)[1]
        return WalkGroups(attribute=breakdown.attribute), dict(enumerate(map(str, values)))
    column = text(breakdown.column, "breakdown.column")
    names = graph.coded(column).names
    return WalkGroups(column=column, step=_step(breakdown.of, plan)), dict(enumerate(names))


def _step(given: Any, plan: FunnelPlan) -> int:
    """The step whose interaction says it, counted from 0; -1 for the last one met."""
    word = str(given).strip().lower()
    if word in ("first", "last"):
        return 0 if word == "first" else -1
    number = int(word) if word.isdecimal() else 0
    if not 1 <= number <= len(plan):
        raise InvalidOptionError("breakdown.of", given, f"first, last, or 1 to {len(plan)}")
    return number - 1
