"""A page of counted sequences: which are listed, and what the list leaves out.

Whole paths, n-grams, anchored paths and transitions build their pages here, so that listed and
others add up in the same way for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from journeygraph.statistics.occurrences import UNITS_WITH
from journeygraph.statistics.sequences import Lists, Sequences, TopSequences
from queries.customer_lists import CustomerList
from queries.paging import PageInfo, page_bounds, page_info

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["SequencePage", "customers_on"]


@dataclass(frozen=True, eq=False, slots=True)
class SequencePage:
    """The sequences of one page.

    Attributes
    ----------
    top
        Those that are listed, most units first.
    count, covered_count
        Occurrences of all sequences, and of those listed.
    distinct
        How many different sequences there are.
    page_info
        How to go on.
    """

    top: TopSequences
    count: int
    covered_count: int
    distinct: int
    page_info: PageInfo

    @classmethod
    def of(
        cls,
        sequences: Sequences,
        journeys: Journeys,
        at_least: int,
        first: int,
        after: str | None,
    ) -> SequencePage:
        """The `first` sequences of `at_least` so many units behind the cursor `after`.

        Raises
        ------
        InvalidOptionError
            Where `first` or `after` do not name a page.
        """
        survey = sequences.survey(at_least)
        start, end = page_bounds(survey.listable, first, after)
        top = sequences.top(journeys.items, start, end)
        return cls(
            top=top,
            count=survey.occurrences,
            covered_count=sum(top.counts),
            distinct=survey.distinct,
            page_info=page_info(survey.listable, start, end),
        )

    def __len__(self) -> int:
        return len(self.top.lists)

    @property
    def lists(self) -> Lists:
        """The items of each that is listed."""
        return self.top.lists

    @property
    def units(self) -> list[int]:
        """Units of each that is listed."""
        return self.top.units

    @property
    def occurrences(self) -> list[int]:
        """Occurrences of each that is listed."""
        return self.top.counts

    @property
    def others(self) -> int:
        """How many of them are not listed."""
        return self.distinct - len(self)

    @property
    def other_count(self) -> int:
        """Occurrences of those."""
        return self.count - self.covered_count


def customers_on(journeys: Journeys, codes: tuple[int, ...], length: int | None) -> CustomerList:
    """The customers who take a path, found by looking for it in the same view."""
    return CustomerList.of(journeys, UNITS_WITH, lists=Lists.of([codes]), length=length)
