"""A page of counted sequences: which are listed, and what the list leaves out.

Whole paths, n-grams, anchored paths and transitions build their pages here, so that listed and
others add up in the same way for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.occurrences import units_with
from journeygraph.statistics.sequences import Lists, SequenceCounts, ranked
from queries.customer_lists import customers_of_units
from queries.paging import PageInfo, page_bounds, page_info

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["SequencePage", "customers_on"]

Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class SequencePage:
    """The sequences of one page.

    Attributes
    ----------
    listed
        Their numbers among the `counts`, most units first.
    lists
        Their items.
    count, covered_count
        Occurrences of all sequences, and of those listed.
    page_info
        How to go on.
    """

    counts: SequenceCounts
    listed: Int64Array
    lists: Lists
    count: int
    covered_count: int
    page_info: PageInfo

    @classmethod
    def of(
        cls,
        counts: SequenceCounts,
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
        n_listable = int(np.count_nonzero(counts.units >= at_least))
        start, end = page_bounds(n_listable, first, after)
        listed = ranked(counts, journeys.items, start, end)
        return cls(
            counts=counts,
            listed=listed,
            lists=counts.lists(listed),
            count=int(counts.counts.sum()),
            covered_count=int(counts.counts[listed].sum()),
            page_info=page_info(n_listable, start, end),
        )

    def __len__(self) -> int:
        return len(self.listed)

    @property
    def units(self) -> list[int]:
        """Units of each that is listed."""
        return [int(units) for units in self.counts.units[self.listed]]

    @property
    def occurrences(self) -> list[int]:
        """Occurrences of each that is listed."""
        return [int(count) for count in self.counts.counts[self.listed]]

    @property
    def distinct(self) -> int:
        """How many different sequences there are."""
        return len(self.counts)

    @property
    def others(self) -> int:
        """How many of them are not listed."""
        return len(self.counts) - len(self.listed)

    @property
    def other_count(self) -> int:
        """Occurrences of those."""
        return self.count - self.covered_count


def customers_on(
    journeys: Journeys, codes: tuple[int, ...], length: int | None
) -> Callable[[], Int64Array]:
    """How to find the customers who take a path: by looking for it in the same view."""

    def find() -> Int64Array:
        return customers_of_units(journeys, units_with(journeys, Lists.of([codes]), length))

    return find
