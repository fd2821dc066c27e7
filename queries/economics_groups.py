"""Groups of interactions with their sums of money: found, ranked, and put into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.cohorts import attribute_text
from journeygraph.errors import UnknownColumnError
from journeygraph.graph import WORDS
from journeygraph.kernels.occurrences import locate_paths
from journeygraph.statistics.base import total
from journeygraph.statistics.economics import ECONOMICS, UNITS_WITH_AMOUNTS
from journeygraph.statistics.feelings import ITEM
from journeygraph.statistics.paths import count_paths
from journeygraph.statistics.referrals import forest_of
from journeygraph.statistics.sequences import ranks_of_names
from journeygraph.vocabulary import UNKNOWN
from queries.amounts import Amount, Margin, amount_of, margin_of, per
from queries.customer_lists import CustomerList
from queries.intervals import SMALL_GROUP

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["EconomicsGroup", "GroupedAmounts", "amounts_by"]

Int64Array = npt.NDArray[np.int64]

_OUTSIDE = 0
"""The group of journeys that are in none, where groups are asked by journey."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class EconomicsGroup:
    """What the interactions of a group brought and cost.

    Attributes
    ----------
    group
        Its name; of a path its items, of a chain the customer with whom it begins.
    items
        The items of a path, in order; empty for all others.
    units, share
        Units with an interaction in it, each once, and their share of all.
    count, count_share
        Interactions in it, and their share of all.
    journeys
        Journeys that they are in.
    value, cost, margin
        What they brought, what they cost, and the one less the other.
    outcomes, with_outcome
        How often these journeys have the outcome, and units that have one in them.
    cost_per_outcome, cost_per_unit_with_outcome
        The cost by these two, in major units; None where nobody says a cost, or nobody has the
        outcome.
    small
        Fewer than 30 units.
    customers, value_customers, cost_customers, outcome_customers
        Who stands behind units, behind those of the value and of the cost, and behind
        with_outcome.
    """

    group: str
    items: tuple[str, ...]
    units: int
    share: float
    count: int
    count_share: float | None
    journeys: int
    value: Amount
    cost: Amount
    margin: Margin
    outcomes: int
    with_outcome: int
    cost_per_outcome: float | None
    cost_per_unit_with_outcome: float | None
    small: bool
    customers: CustomerList
    value_customers: CustomerList
    cost_customers: CustomerList
    outcome_customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Grouping:
    """How interactions are put into groups.

    Attributes
    ----------
    asked
        Options of the statistic.
    items_of
        Of the number of a group the items of its path, or its name alone.
    ties
        Of the numbers of groups: by what equals are ordered.
    is_partial
        Whether journeys may be in none, which is then the group 0.
    is_path
        Whether items are those of a path.
    """

    asked: Mapping[str, Any]
    items_of: Callable[[int], tuple[str, ...]]
    ties: Callable[[Int64Array], Int64Array]
    is_partial: bool = False
    is_path: bool = False


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class GroupedAmounts:
    """What was counted of each group.

    Attributes
    ----------
    whole
        Of all interactions.
    columns
        By group, those of `ECONOMICS`, without who is outside of all groups.
    none
        Of these.
    """

    journeys: Journeys
    grouping: _Grouping
    whole: Mapping[str, int]
    columns: Mapping[str, Int64Array]
    none: Mapping[str, int] | None

    @property
    def n_groups(self) -> int:
        """How many groups there are."""
        return len(self.columns["group"])

    def ranked(self, order: str, at_least: int) -> Int64Array:
        """Places of groups of so many units, the largest first; what is not known last."""
        columns = self.columns
        merits = {
            "units": columns["units"],
            "value": _known(columns["value_minor"], columns["values"] > 0),
            "cost": _known(columns["cost_minor"], columns["costs"] > 0),
            "margin": _known(
                columns["value_minor"] - columns["cost_minor"],
                (columns["values"] > 0) & (columns["costs"] > 0),
            ),
        }  # fmt: skip
        places = np.lexsort(
            (self.grouping.ties(columns["group"]), -columns["units"], -merits[order])
        )
        return np.asarray(places[columns["units"][places] >= at_least], np.int64)

    def overall(self) -> EconomicsGroup:
        """All interactions, also where there is none."""
        return self._told(("all",), self.whole, {})

    def outside(self) -> EconomicsGroup | None:
        """Who is in no group; None where everybody is in one."""
        if self.none is None:
            return None
        return self._told(("none",), self.none, {**self.grouping.asked, "group": _OUTSIDE})

    def group(self, place: int) -> EconomicsGroup:
        """A group with all that is told of it."""
        sums = {name: int(column[place]) for name, column in self.columns.items()}
        names = self.grouping.items_of(sums["group"])
        return self._told(names, sums, {**self.grouping.asked, "group": sums["group"]})

    def _told(
        self, names: tuple[str, ...], sums: Mapping[str, int], listed: Mapping[str, Any]
    ) -> EconomicsGroup:
        journeys, whole = self.journeys, self.whole
        exponent, confidence = journeys.graph.exponent, journeys.confidence

        def customers(says: str | None = None) -> CustomerList:
            return CustomerList.of(journeys, UNITS_WITH_AMOUNTS, says=says, **listed)

        cost = amount_of("cost", sums, whole["cost_minor"], exponent, confidence)
        return EconomicsGroup(
            group=" > ".join(names),
            items=names if self.grouping.is_path and "group" in listed else (),
            units=sums["units"],
            share=sums["units"] / journeys.n_units if journeys.n_units else 0.0,
            count=sums["interactions"],
            count_share=sums["interactions"] / whole["interactions"] if sums["units"] else None,
            journeys=sums["journeys"],
            value=amount_of("value", sums, whole["value_minor"], exponent, confidence),
            cost=cost,
            margin=margin_of(sums, exponent, confidence),
            outcomes=sums["outcomes"],
            with_outcome=sums["with_outcome"],
            cost_per_outcome=per(cost.total_minor, sums["outcomes"], exponent),
            cost_per_unit_with_outcome=per(cost.total_minor, sums["with_outcome"], exponent),
            small=sums["units"] < SMALL_GROUP,
            customers=customers(),
            value_customers=customers("value"),
            cost_customers=customers("cost"),
            outcome_customers=customers("outcome"),
        )


def _known(amounts: Int64Array, is_known: npt.NDArray[np.bool_]) -> Int64Array:
    return np.where(is_known, amounts, np.iinfo(np.int64).min + 1)  # whose negative is one, too


def amounts_by(by: str, segment_by: str | None, journeys: Journeys) -> GroupedAmounts:
    """The sums of every group.

    Raises
    ------
    UnknownColumnError
        Where customers do not have the attribute.
    UnsupportedByEngineError
        Where groups need the rows at hand, and they are elsewhere.
    """
    grouping = _grouping(by, segment_by, journeys)
    [*rows] = total(ECONOMICS, journeys).to_pylist()
    whole = rows[0] if rows else dict.fromkeys(ECONOMICS.columns, 0)
    table = total(ECONOMICS, journeys, **grouping.asked)
    columns = {name: table[name].to_numpy() for name in table.column_names}
    none = None
    if grouping.is_partial and table.num_rows and columns["group"][0] == _OUTSIDE:
        none = table.slice(0, 1).to_pylist()[0]
        columns = {name: column[1:] for name, column in columns.items()}
    return GroupedAmounts(
        journeys=journeys, grouping=grouping, whole=whole, columns=columns, none=none
    )


def _grouping(by: str, segment_by: str | None, journeys: Journeys) -> _Grouping:
    if by in ("touchpoint", "channel", "stage"):
        names = _names(by, journeys)
        column = ITEM if by == journeys.by.value else by
        return _named({"by": column}, names)
    _ = journeys.item_codes  # rows must be here: groups are numbered by journey
    if by == "segment":
        assert segment_by is not None
        return _by_segment(segment_by, journeys)
    return _by_path(journeys) if by == "path" else _by_chain(journeys)


def _names(by: str, journeys: Journeys) -> Sequence[str]:
    if by == journeys.by.value:
        return journeys.items
    if by == "touchpoint":
        return journeys.graph.names.touchpoints
    return journeys.graph.names.channels if by == "channel" else (UNKNOWN, *WORDS[by])


def _named(asked: Mapping[str, Any], names: Sequence[str], *, shift: int = 0) -> _Grouping:
    """Groups that are numbered as their names are."""
    return _Grouping(
        asked=asked,
        items_of=lambda group: (names[group - shift],),
        ties=lambda groups: ranks_of_names(names)[groups - shift],
        is_partial=shift > 0,
    )


def _by_segment(segment_by: str, journeys: Journeys) -> _Grouping:
    graph = journeys.graph
    if segment_by not in graph.attributes.columns:
        known = [str(name) for name in graph.attributes.columns]
        raise UnknownColumnError("segment_by", segment_by, known)
    codes, values = graph.attribute_codes(segment_by)
    texts = [attribute_text(value) for value in values]
    names = sorted(set(texts))
    numbers = {name: number for number, name in enumerate(names, start=1)}
    of_code = np.array([_OUTSIDE, *(numbers[text] for text in texts)], np.int64)
    customers = journeys.unit_customers[journeys.journey_units]
    return _named({"groups": of_code[codes[customers] + 1]}, names, shift=1)


def _by_chain(journeys: Journeys) -> _Grouping:
    graph, forest = journeys.graph, forest_of(journeys.graph)
    roots = forest.placement.roots[journeys.unit_customers[journeys.journey_units]]
    groups = np.where(forest.downstream[roots] > 0, roots.astype(np.int64) + 1, _OUTSIDE)
    return _Grouping(
        asked={"groups": groups},
        items_of=lambda group: tuple(graph.customer_id(np.array([group - 1]))),
        ties=lambda numbers: numbers,
        is_partial=True,
    )


def _by_path(journeys: Journeys) -> _Grouping:
    paths = count_paths(journeys)
    lists, groups = paths.lists(), np.zeros(journeys.n_journeys, np.int64)
    if len(lists):
        with np.errstate(over="ignore"):  # hashes wrap around
            found = locate_paths(
                journeys.item_codes, journeys.n_items, journeys.repeated_code,
                journeys.journey_starts, journeys.journey_ends, 0, journeys.n_journeys,
                lists.starts, lists.items,
            )  # fmt: skip
        groups[found[:, 1]] = found[:, 0]
    return _Grouping(
        asked={"groups": groups},
        items_of=lambda group: tuple(
            journeys.items[code] for code in paths.lists(np.array([group])).tuples()[0]
        ),
        ties=lambda numbers: paths.firsts[numbers],
        is_path=True,
    )
