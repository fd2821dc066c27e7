"""Economics: what interactions bring, what they cost, and what is left, by what they share.

Value and cost are those of the interactions of the journeys themselves, so that the groups of any
kind (touchpoints, channels, stages, segments of customers, whole paths, chains of referrals) add up
to the same whole, to the last cent. What an interaction does not say is missing and never 0: how
many say it stands beside every sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journeygraph.errors import ConflictingOptionsError, InvalidOptionError
from journeygraph.options import Word
from queries.amounts import Amount
from queries.economics_groups import EconomicsGroup, amounts_by
from queries.outcomes import outcome_warnings
from queries.paging import PageInfo, page_bounds, page_info
from queries.question import Question

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "Economics",
    "EconomicsAnswer",
    "EconomicsBy",
    "EconomicsGroup",
    "EconomicsOrder",
    "economics",
]


class EconomicsBy(Word, argument="by"):
    """What the interactions of a group have in common."""

    TOUCHPOINT = "touchpoint"
    CHANNEL = "channel"
    STAGE = "stage"
    SEGMENT = "segment"
    PATH = "path"
    CHAIN = "chain"


class EconomicsOrder(Word, argument="order"):
    """What groups are listed by, the largest first."""

    VALUE = "value"
    COST = "cost"
    MARGIN = "margin"
    UNITS = "units"


@dataclass(frozen=True, slots=True, kw_only=True)
class Economics(Question):
    """What things bring and cost.

    Attributes
    ----------
    by
        What the interactions of a group have in common: by default the touchpoint. SEGMENT is an
        attribute of their customer, PATH the whole path of their journey, CHAIN the chain of
        referrals that their customer is in.
    segment_by
        The attribute; what `by` is then, if it is not given, is SEGMENT.
    order
        By what groups are listed, the largest first.
    first, after
        How many groups, and behind which cursor.
    at_least
        List no group of fewer units; it counts among the others.
    """

    by: EconomicsBy | str | None = None
    segment_by: str | None = None
    order: EconomicsOrder | str = EconomicsOrder.VALUE
    first: int = 50
    after: str | None = None
    at_least: int = 1


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class EconomicsAnswer:
    """What things bring and cost.

    Attributes
    ----------
    units, count
        All units of the journeys, and all interactions in them.
    by, segment_by, order
        As asked.
    overall
        All interactions together, as a group called "all".
    groups
        How many groups there are; those listed and other_groups.
    nodes
        Groups, the largest first, then most units, then by name; paths and chains that are equal
        in both as they appear first. What is not known comes last.
    outside
        Of segments and chains: customers of whom the attribute is not said, or who are in no
        chain. None for all others, and where there are none.
    coverage
        The share of all interactions that is in the groups listed; None where there is none.
    other_groups, other_count
        Groups that this page does not list, and the interactions in them.
    other_value_minor, other_cost_minor
        What these brought and cost; None where no interaction at all says it.
    """

    units: int
    count: int
    by: EconomicsBy
    segment_by: str | None
    order: EconomicsOrder
    overall: EconomicsGroup
    groups: int
    nodes: tuple[EconomicsGroup, ...]
    outside: EconomicsGroup | None
    page_info: PageInfo
    coverage: float | None
    other_groups: int
    other_count: int
    other_value_minor: int | None
    other_cost_minor: int | None
    warnings: tuple[str, ...]


def economics(question: Economics, journeys: Journeys) -> EconomicsAnswer:
    """Answer the question. The unit is that of the journeys.

    Raises
    ------
    ConflictingOptionsError
        Where `segment_by` names an attribute and `by` is not SEGMENT.
    UnknownColumnError
        Where customers do not have that attribute.
    InvalidOptionError
        Where `by` is SEGMENT without one, `by` or `order` are none of their words, `at_least` is
        below 1, or `first` or `after` do not name a page.
    """
    if question.at_least < 1:
        raise InvalidOptionError("at_least", question.at_least, "a whole number above 0")
    by, order = _by(question), EconomicsOrder(question.order)
    found = amounts_by(by.value, question.segment_by, journeys)
    ranked = found.ranked(order.value, question.at_least)
    start, end = page_bounds(len(ranked), question.first, question.after)
    nodes = [found.group(place) for place in ranked[start:end].tolist()]
    overall, outside = found.overall(), found.outside()
    shown = [*nodes, *([] if outside is None else [outside])]
    listed = sum(node.count for node in nodes)
    return EconomicsAnswer(
        units=journeys.n_units,
        count=overall.count,
        by=by,
        segment_by=question.segment_by,
        order=order,
        overall=overall,
        groups=found.n_groups,
        nodes=tuple(nodes),
        outside=outside,
        page_info=page_info(len(ranked), start, end),
        coverage=listed / overall.count if overall.count else None,
        other_groups=found.n_groups - len(nodes),
        other_count=overall.count - sum(node.count for node in shown),
        other_value_minor=_left(overall.value, [node.value for node in shown]),
        other_cost_minor=_left(overall.cost, [node.cost for node in shown]),
        warnings=(*outcome_warnings(journeys), *_warnings(overall)),
    )


def _by(question: Economics) -> EconomicsBy:
    if question.by is None:
        return EconomicsBy.TOUCHPOINT if question.segment_by is None else EconomicsBy.SEGMENT
    by = EconomicsBy(question.by)
    if by is EconomicsBy.SEGMENT and question.segment_by is None:
        raise InvalidOptionError("segment_by", None, "the name of an attribute of customers")
    if by is not EconomicsBy.SEGMENT and question.segment_by is not None:
        raise ConflictingOptionsError(f"by={by.name}", "segment_by")
    return by


def _left(whole: Amount, shown: Sequence[Amount]) -> int | None:
    if whole.total_minor is None:
        return None
    return whole.total_minor - sum(amount.total_minor or 0 for amount in shown)


def _warnings(overall: EconomicsGroup) -> Iterator[str]:
    if not overall.count:
        return
    if not overall.value.count:
        yield "No interaction says what it brought, so that there is no value and no margin."
    if not overall.cost.count:
        yield "No interaction says what it cost, so that there is no cost and no margin."
    elif overall.cost.missing:
        yield (
            f"{overall.cost.count:,} of {overall.count:,} interactions say what they cost. The "
            "others are in no sum: costs are at least, and margins at most, what is said."
        )
