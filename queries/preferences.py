"""Preferences: what customers choose when they can, come back to, rate up, and leave.

Items that matter are told from items that do not by how closely their rating goes with overall
satisfaction (derived importance), and set against how well they are rated (performance): the grid
of Martilla and James (1977, doi:10.1177/002224297704100112). Importance is association: nothing is
adjusted for, and a customer who likes one thing often likes the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

from journeygraph.errors import ConflictingOptionsError, InvalidOptionError
from journeygraph.options import Word
from journeygraph.statistics.base import total
from journeygraph.statistics.exits import EXITS, UNITS_THAT_EXIT, UNITS_THAT_VISIT
from journeygraph.statistics.feelings import FEELINGS, ITEM, UNITS_THAT_SAY, Said
from journeygraph.statistics.preferences import PREFERENCES, UNITS_THAT_PREFER, Preferred
from journeygraph.statistics.ratings import Rating
from journeygraph.statistics.satisfaction import SATISFACTION, UNITS_SATISFIED, Overall
from queries.customer_lists import CustomerList
from queries.figures import Pictured
from queries.intervals import SMALL_GROUP, Estimate, benjamini_hochberg, wilson
from queries.means import Mean, mean_of, share_of
from queries.outcomes import outcome_warnings
from queries.paging import PageInfo, page_bounds, page_info
from queries.question import Question
from queries.rank_correlation import Correlation, spearman

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "ItemPreference",
    "OverallBy",
    "Preferences",
    "PreferencesAnswer",
    "Quadrant",
    "RatedBy",
    "preferences",
]

_Sums = Mapping[str, int]


class RatedBy(Word, argument="rating"):
    """Which rating says how well an item does."""

    EXPERIENCE = "experience"
    EMOTION = "emotion"


class OverallBy(Word, argument="overall"):
    """What overall satisfaction is made of."""

    MEAN = "mean"
    LAST = "last"


class Quadrant(Enum):
    """Where an item stands in the grid of importance against performance."""

    CONCENTRATE_HERE = "concentrate here"
    """Important, and worse than others."""
    KEEP_UP = "keep up"
    """Important, and no worse than others."""
    LOW_PRIORITY = "low priority"
    """Less important, and worse than others."""
    POSSIBLE_OVERKILL = "possible overkill"
    """Less important, and no worse than others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences(Question):
    """What customers value, of the items that paths are made of.

    Attributes
    ----------
    rating
        Which rating says how well an item does; by default the experience where anybody says one,
        else the emotion.
    stated
        The item whose rating is overall satisfaction, as "overall satisfaction".
    overall
        Instead of it: the mean of a unit's ratings of all other items (the default), or its last
        rating, where that is one of another item.
    first, after
        How many items, and behind which cursor.
    at_least
        List no item of fewer units; it counts among the others.
    """

    rating: RatedBy | str | None = None
    stated: str | None = None
    overall: OverallBy | str | None = None
    first: int = 50
    after: str | None = None
    at_least: int = 1


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ItemPreference:
    """An item, and what customers make of it.

    Attributes
    ----------
    units, share
        Units that meet it, and their share of all.
    initiated
        Of the interactions of which it is said who began them, those that the customer began.
    chosen
        Of the interactions in stages of journeys where it and another item were met, none of them
        begun by somebody else than the customer, those at this item.
    even_share
        What chosen would be, were all items of each such stage met as often.
    returned
        Of the units that meet it those that come back to it, after another item or in a later
        journey; open units that have not are neither above nor below the line.
    left
        Of the units that meet it those that leave here without the outcome, as in drop-off.
    performance
        The mean rating.
    importance
        Spearman's correlation of units' ratings of it with their overall satisfaction.
    q_value
        Of the importance: the false discovery rate over all items.
    quadrant
        Where it stands in the grid; None without both numbers.
    small
        The importance is one of fewer than 30 units.
    customers, initiated_customers, chosen_customers, returned_customers, left_customers
        Who stands behind units, and who did each of these at least once.
    rated_customers, importance_customers
        Who rated it, and those whose overall satisfaction is known as well.
    """

    item: str
    units: int
    share: float
    initiated: Estimate
    chosen: Estimate
    even_share: float | None
    returned: Estimate
    left: Estimate
    performance: Mean
    importance: Correlation
    q_value: float | None
    quadrant: Quadrant | None
    small: bool
    customers: CustomerList
    initiated_customers: CustomerList
    chosen_customers: CustomerList
    returned_customers: CustomerList
    left_customers: CustomerList
    rated_customers: CustomerList
    importance_customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class PreferencesAnswer(Pictured):
    """What customers value.

    Attributes
    ----------
    units
        All units of the journeys.
    rating, overall, stated
        Which rating it is about, and what overall satisfaction is.
    importance_line, performance_line
        The means over all items that have both: where the grid is divided. None where there are
        fewer than two.
    items
        How many items there are; those listed and other_items.
    nodes
        Items, the most important first, then those without an importance by units and name.
    """

    units: int
    rating: RatedBy
    overall: Overall
    stated: str | None
    importance_line: float | None
    performance_line: float | None
    items: int
    nodes: tuple[ItemPreference, ...]
    page_info: PageInfo
    other_items: int
    warnings: tuple[str, ...]


def preferences(question: Preferences, journeys: Journeys) -> PreferencesAnswer:
    """Answer the question, most important first. The unit is that of the journeys.

    Raises
    ------
    ConflictingOptionsError
        Where both `stated` and `overall` say what overall satisfaction is.
    UnknownItemError
        Where `stated` is no item.
    InvalidOptionError
        Where `rating` or `overall` is none of its words, `at_least` is below 1, or `first` or
        `after` do not name a page.
    """
    if question.at_least < 1:
        raise InvalidOptionError("at_least", question.at_least, "a whole number above 0")
    found = _Found.of(question, journeys)
    ranked = found.ranked(question.at_least)
    start, end = page_bounds(len(ranked), question.first, question.after)
    return PreferencesAnswer(
        units=journeys.n_units,
        rating=found.rating,
        overall=found.overall,
        stated=question.stated,
        importance_line=found.lines[0],
        performance_line=found.lines[1],
        items=len(found.visits),
        nodes=tuple(found.node(item) for item in ranked[start:end]),
        page_info=page_info(len(ranked), start, end),
        other_items=len(found.visits) - (end - start),
        warnings=(*outcome_warnings(journeys), *_warnings(found)),
    )


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Found:
    """What was counted of each item, and the lines that divide the grid."""

    journeys: Journeys
    rating: RatedBy
    overall: Overall
    stated: tuple[int, ...]
    visits: Mapping[int, _Sums]
    ways: Mapping[tuple[int, int], _Sums]
    even: Mapping[int, float]
    said: Mapping[tuple[int, int], _Sums]
    importance: Mapping[int, Correlation]
    q_values: Mapping[int, float]
    lines: tuple[float | None, float | None]

    @classmethod
    def of(cls, question: Preferences, journeys: Journeys) -> _Found:
        overall, stated = _overall(question, journeys)
        rows = total(FEELINGS, journeys, by=ITEM).to_pylist()
        said = {(row["said"], row["group"]): row for row in rows}
        rating = _rating(question, said)
        importance = _importance(journeys, rating, overall, stated)
        ways, even = _ways(journeys)
        performance = {
            item: mean_of(_rated(said, rating, item), journeys.confidence).value
            for item in importance
        }
        return cls(
            journeys=journeys,
            rating=rating,
            overall=overall,
            stated=stated,
            visits={row["item"]: row for row in total(EXITS, journeys).to_pylist()},
            ways=ways,
            even=even,
            said=said,
            importance=importance,
            q_values=_q_values(importance),
            lines=_lines(importance, performance),
        )

    def ranked(self, at_least: int) -> list[int]:
        kept = [item for item, row in self.visits.items() if row["visits"] >= at_least]

        def order(item: int) -> tuple[float, int, str]:
            value = self._correlation(item).value
            rank = math.inf if value is None else -value
            return rank, -self.visits[item]["visits"], self.journeys.items[item]

        return sorted(kept, key=order)

    def _correlation(self, item: int) -> Correlation:
        nothing = Correlation(value=None, low=None, high=None, units=0, p_value=None)
        return self.importance.get(item, nothing)

    def node(self, item: int) -> ItemPreference:
        journeys, row = self.journeys, self.visits[item]
        performance = mean_of(_rated(self.said, self.rating, item), journeys.confidence)
        importance = self._correlation(item)
        q_value = self.q_values.get(item, math.nan)

        def way(one: Preferred) -> Estimate:
            return share_of(self.ways.get((one, item)), journeys.confidence)

        return ItemPreference(
            item=journeys.items[item],
            units=row["visits"],
            share=row["visits"] / journeys.n_units,
            initiated=way(Preferred.INITIATED),
            chosen=way(Preferred.CHOSEN),
            even_share=self.even.get(item),
            returned=way(Preferred.RETURNED),
            left=wilson(row["exits"], row["visits"] - row["open"], journeys.confidence),
            performance=performance,
            importance=importance,
            q_value=None if math.isnan(q_value) else q_value,
            quadrant=self._quadrant(importance.value, performance.value),
            small=importance.units < SMALL_GROUP,
            **self._lists(item),
        )

    def _quadrant(self, importance: float | None, performance: float | None) -> Quadrant | None:
        important, well = self.lines
        if None in (importance, performance, important, well):
            return None
        assert importance is not None
        assert performance is not None
        assert important is not None
        assert well is not None
        if importance >= important:
            return Quadrant.KEEP_UP if performance >= well else Quadrant.CONCENTRATE_HERE
        return Quadrant.POSSIBLE_OVERKILL if performance >= well else Quadrant.LOW_PRIORITY

    def _lists(self, item: int) -> dict[str, CustomerList]:
        journeys, asked = self.journeys, _asked(self.rating, self.overall, self.stated)

        def way(one: Preferred) -> CustomerList:
            return CustomerList.of(journeys, UNITS_THAT_PREFER, way=one, item=item)

        return {
            "customers": CustomerList.of(journeys, UNITS_THAT_VISIT, item=item),
            "initiated_customers": way(Preferred.INITIATED),
            "chosen_customers": way(Preferred.CHOSEN),
            "returned_customers": way(Preferred.RETURNED),
            "left_customers": CustomerList.of(journeys, UNITS_THAT_EXIT, item=item),
            "rated_customers": CustomerList.of(
                journeys, UNITS_THAT_SAY, said=_SAID[self.rating], by=ITEM, group=item
            ),
            "importance_customers": CustomerList.of(journeys, UNITS_SATISFIED, item=item, **asked),
        }


_SAID = {RatedBy.EXPERIENCE: Said.EXPERIENCE, RatedBy.EMOTION: Said.EMOTION}
_RATINGS = {RatedBy.EXPERIENCE: Rating.EXPERIENCE, RatedBy.EMOTION: Rating.EMOTION}


def _asked(rating: RatedBy, overall: Overall, stated: tuple[int, ...]) -> dict[str, Any]:
    return {"rating": _RATINGS[rating], "overall": overall, "stated": stated}


def _overall(question: Preferences, journeys: Journeys) -> tuple[Overall, tuple[int, ...]]:
    if question.stated is None:
        by = OverallBy.MEAN if question.overall is None else OverallBy(question.overall)
        return Overall(by.value), ()
    if question.overall is not None:
        raise ConflictingOptionsError("stated", "overall")
    return Overall.STATED, journeys.item_codes_of("stated", [question.stated])


def _rating(question: Preferences, said: Mapping[tuple[int, int], _Sums]) -> RatedBy:
    if question.rating is not None:
        return RatedBy(question.rating)
    is_said = any(one == Said.EXPERIENCE for one, _item in said)
    return RatedBy.EXPERIENCE if is_said else RatedBy.EMOTION


def _rated(said: Mapping[tuple[int, int], _Sums], rating: RatedBy, item: int) -> _Sums | None:
    there = said.get((Said.ANYTHING, item))
    if there is None:
        return None
    row = said.get((_SAID[rating], item), dict.fromkeys(FEELINGS.measures, 0))
    return {**row, "interactions": there["ratings"]}


def _ways(journeys: Journeys) -> tuple[dict[tuple[int, int], _Sums], dict[int, float]]:
    """By way and item, and by item the share that would be even."""
    ways: dict[tuple[int, int], _Sums] = {}
    even: dict[int, tuple[float, int]] = {}
    for row in total(PREFERENCES, journeys).to_pylist():
        way, item, n = row["way"], row["item"], row["ratings"]
        if way == Preferred.EVEN:
            expected, of = even.get(item, (0.0, 0))
            even[item] = expected + n / row["items"], of + n
        else:
            ways[way, item] = row
    return ways, {item: expected / of for item, (expected, of) in even.items()}


def _importance(
    journeys: Journeys, rating: RatedBy, overall: Overall, stated: tuple[int, ...]
) -> dict[int, Correlation]:
    table = total(SATISFACTION, journeys, **_asked(rating, overall, stated))
    columns = {name: table[name].to_numpy() for name in table.column_names}
    starts = np.flatnonzero(np.diff(columns["item"], prepend=-1))  # the table is sorted by it
    found = {}
    for part in map(slice, starts, [*starts[1:], len(table)]):
        item = {name: column[part] for name, column in columns.items()}
        own, whole = (
            item["rating_sum"] / item["ratings"],
            item["overall_sum"] / item["overall_ratings"],
        )
        found[int(item["item"][0])] = spearman(own, whole, item["units"], journeys.confidence)
    return found


def _q_values(importance: Mapping[int, Correlation]) -> dict[int, float]:
    p_values = [math.nan if one.p_value is None else one.p_value for one in importance.values()]
    return dict(zip(importance, benjamini_hochberg(p_values).tolist(), strict=True))


def _lines(
    importance: Mapping[int, Correlation], performance: Mapping[int, float | None]
) -> tuple[float | None, float | None]:
    both = [
        (one.value, performance[item])
        for item, one in importance.items()
        if one.value is not None and performance[item] is not None
    ]
    if len(both) < 2:
        return None, None
    important, well = np.array(both, np.float64).mean(axis=0).tolist()
    return important, well


def _warnings(found: _Found) -> Iterator[str]:
    if found.visits and not found.importance:
        yield (
            f"No {found.journeys.unit} rated an item and is known to be satisfied or not, so that "
            "no importance can be told."
        )
