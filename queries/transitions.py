"""What directly follows what: every edge between items, who takes it, how often and how soon.

A unit counts once for an edge: `units` is what a strict funnel of the two items gives. `count` is
how often the edge is taken, and the times are those of every time it is taken. What the list
leaves out stands in a bucket of its own. docs/common-paths.md says what every number means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InvalidOptionError
from journeygraph.statistics.counted_sequences import ngrams_of
from journeygraph.statistics.counted_transitions import times_of
from journeygraph.statistics.occurrences import exact_quantiles
from journeygraph.statistics.transitions import measure_times
from queries.customer_lists import CustomerList
from queries.figures import Pictured
from queries.intervals import SMALL_GROUP, Estimate, wilson
from queries.paging import PageInfo
from queries.question import Question
from queries.sequence_pages import SequencePage, customers_on

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["Transition", "Transitions", "TransitionsAnswer", "transitions"]

Edges = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transitions(Question):
    """Which items follow each other directly.

    Attributes
    ----------
    first, after
        How many edges, and behind which cursor.
    at_least
        Leave out edges of fewer units; they count as other.
    exact
        Take median and 95th percentile from all times instead of from their buckets.
    """

    first: int = 20
    after: str | None = None
    at_least: int = 1
    exact: bool = False

    def __post_init__(self) -> None:
        Question.__post_init__(self)
        if self.at_least < 1:
            raise InvalidOptionError("at_least", self.at_least, "a whole number above 0")


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Transition:
    """One edge: who goes from the source directly to the target, how often and how soon.

    Attributes
    ----------
    units
        Units that do so anywhere in a journey, each once.
    share, share_interval
        Of all units, and Wilson's interval.
    count
        How often it happens.
    median_seconds, p95_seconds, mean_seconds
        From the start of the source to the start of the target, over every time it happens; the
        mean is exact.
    exact
        Whether median and 95th percentile are exact; otherwise they are at most 2.2 % off.
    small
        Fewer than 30 units.
    """

    source: str
    target: str
    units: int
    share: float
    share_interval: Estimate
    count: int
    median_seconds: float | None
    p95_seconds: float | None
    mean_seconds: float | None
    exact: bool
    small: bool
    customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class TransitionsAnswer(Pictured):
    """The edges of one page, and what they cover.

    Attributes
    ----------
    units
        All units of the journeys.
    count
        All transitions: covered_count + other_count.
    coverage
        The share of all transitions that take one of the edges listed here.
    other_edges
        How many different edges are not listed here.
    """

    units: int
    count: int
    coverage: float | None
    covered_count: int
    other_count: int
    other_edges: int
    nodes: tuple[Transition, ...]
    page_info: PageInfo


def transitions(question: Transitions, journeys: Journeys) -> TransitionsAnswer:
    """Answer the question, most units first, then most occurrences, then by names.

    The unit is that of the journeys; one that takes an edge twice counts once.

    Raises
    ------
    InvalidOptionError
        Where `first` or `after` do not name a page.
    """
    page = SequencePage.of(
        ngrams_of(journeys, 2), journeys, question.at_least, question.first, question.after
    )
    return TransitionsAnswer(
        units=journeys.n_units,
        count=page.count,
        coverage=page.covered_count / page.count if page.count else None,
        covered_count=page.covered_count,
        other_count=page.other_count,
        other_edges=page.others,
        nodes=tuple(_nodes(question, journeys, page)),
        page_info=page.page_info,
    )


def _nodes(question: Transitions, journeys: Journeys, page: SequencePage) -> Iterator[Transition]:
    if not len(page):
        return
    edges = page.lists.items.reshape(-1, 2).astype(np.int64)
    times = _times(question, journeys, edges, page.covered_count)
    columns = (edges.tolist(), page.units, page.occurrences)
    for place, ((source, target), units, count) in enumerate(zip(*columns, strict=True)):
        yield Transition(
            source=journeys.items[source],
            target=journeys.items[target],
            units=units,
            share=units / journeys.n_units,
            share_interval=wilson(units, journeys.n_units, journeys.confidence),
            count=count,
            median_seconds=times["median_us"][place] / 1e6,
            p95_seconds=times["p95_us"][place] / 1e6,
            mean_seconds=times["mean_us"][place] / 1e6,
            exact=question.exact,
            small=units < SMALL_GROUP,
            customers=customers_on(journeys, (source, target), 2),
        )


def _times(
    question: Transitions, journeys: Journeys, edges: Edges, n_transitions: int
) -> dict[str, list[float]]:
    if question.exact:
        times = measure_times(journeys, edges, n_transitions)
    else:
        times = times_of(journeys, edges)
    columns = {name: getattr(times, name).tolist() for name in ("mean_us", "median_us", "p95_us")}
    if question.exact:
        for name, percent in (("median_us", 50), ("p95_us", 95)):
            columns[name] = exact_quantiles(times.samples, percent)
    return columns
