"""What each engine answers, declared: its errors and the table in the docs come from here.

A question is answered where everything that it is made of is: the tables of merged partials, the
lists of customers, and what is told of the graph. Only names stand here, so that whoever asks
what an engine can do need not have it installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["ENGINES", "Support"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """What an engine answers.

    Attributes
    ----------
    statistics
        Names of the statistics whose merged tables it gives; None for every mergeable one.
    finders
        Names of the finders that it follows; None for all that go customer by customer.
    arrays
        Whether rows are at hand, one by one: exact quantiles, patterns, attribution and all else
        that is no merged table needs them.
    without
        Options of a view that it does not understand.
    """

    statistics: frozenset[str] | None = frozenset()
    finders: frozenset[str] | None = frozenset()
    arrays: bool = False
    without: tuple[str, ...] = ()

    def counts(self, statistic: str) -> bool:
        """Whether it gives the table of a statistic."""
        return self.statistics is None or statistic in self.statistics

    def finds(self, finder: str) -> bool:
        """Whether it follows a finder."""
        return self.finders is None or finder in self.finders


ENGINES: Mapping[str, Support] = {
    "local": Support(statistics=None, finders=None, arrays=True),
    "spark": Support(statistics=None, finders=None),
    "neo4j": Support(
        statistics=frozenset(
            {
                "exits", "funnel", "loyalty_exposures", "loyalty_states", "names_seen", "ngrams",
                "occurrences", "paths", "sizes", "transition_sums", "transition_times",
                "transitions",
            }
        ),
        finders=frozenset(
            {
                "completed units", "every unit", "gone units", "nobody", "open units",
                "units judged", "units judged and exposed", "units open at an item",
                "units still open at a step", "units that drop at a step", "units that exit",
                "units that reach a step", "units that visit", "units with a sequence",
                "units without a sequence",
            }
        ),
        without=("where.did", "where.notDid", "split.column"),
    ),
}  # fmt: skip
"""The engines by name."""
