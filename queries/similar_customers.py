"""What customers did next who stood where this one stands: with the same last items."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.durations import Duration
from queries.clustered import clustered_share
from queries.customer_lists import CustomerList, customers_of_units
from queries.figures import Pictured
from queries.intervals import Estimate
from queries.next_best import NextBest, compile_next_best
from queries.next_times import standing_of
from queries.paging import validate_first
from queries.question import Question

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.next_model import NextModel

__all__ = ["SimilarAnswer", "SimilarCustomers", "SimilarNext", "similar_customers"]

Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarCustomers(Question):
    """What similar customers did next.

    Attributes
    ----------
    customer
        Who is asked about.
    within
        What comes later than so long after is not next: nothing came.
    length, at_least
        Similar is whose last `length` items are the same, or fewer where fewer than `at_least`
        units stood there.
    first
        How many items.
    """

    customer: str
    within: Duration = "30d"
    length: int = 3
    at_least: int = 30
    first: int = 5


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class SimilarNext:
    """One next item: how often it came, and after how long (median, nearest rank)."""

    item: str
    probability: Estimate
    median_seconds: float
    customers: CustomerList = field(repr=False)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class SimilarAnswer(Pictured):
    """What similar customers did next.

    Attributes
    ----------
    asked, prefix
        The customer's last items, and those that the others share; none where too few do.
    units, occasions
        How many stood there, and how often, with the window over at the end of the data.
    nothing
        How often nothing came in time.
    nodes
        What came, the most frequent first.
    """

    asked: tuple[str, ...]
    prefix: tuple[str, ...]
    units: int
    occasions: int
    nothing: Estimate
    nodes: tuple[SimilarNext, ...]
    customers: CustomerList = field(repr=False)


def similar_customers(question: SimilarCustomers, journeys: Journeys) -> SimilarAnswer:
    """Answer the question, the most frequent first, equals by name.

    Raises
    ------
    UnknownCustomerError, InvalidOptionError, InvalidDurationError
        Where there is no such customer in this view, or an option cannot be used.
    """
    validate_first(question.first)
    options = NextBest(within=question.within, length=question.length, at_least=question.at_least)
    model, _limits = compile_next_best(options, journeys)
    standing = standing_of(model, question.customer)
    own = journeys.graph.customer_index(question.customer)
    length, there = _alike(model, standing.codes, own)
    occasions, confidence = model.occasions, journeys.confidence
    units, came = occasions.units[there], occasions.next_items[there]
    counts = np.bincount(came, minlength=journeys.n_items + 1)[:-1]
    ranking = sorted(np.flatnonzero(counts).tolist(), key=lambda i: (-counts[i], journeys.items[i]))
    names = tuple(journeys.items[code] for code in standing.codes)

    def of(chosen: Int64Array) -> CustomerList:
        return CustomerList(journeys, lambda: customers_of_units(journeys, chosen))

    return SimilarAnswer(
        asked=names,
        prefix=names[len(names) - length :],
        units=len(np.unique(units)),
        occasions=len(there),
        nothing=clustered_share(came == journeys.n_items, units, confidence),
        nodes=tuple(
            SimilarNext(
                item=journeys.items[item],
                probability=clustered_share(came == item, units, confidence),
                median_seconds=_median_wait(model, there[came == item]),
                customers=of(units[came == item]),
            )
            for item in ranking[: question.first]
        ),
        customers=of(units),
    )


def _alike(model: NextModel, codes: tuple[int, ...], own: int) -> tuple[int, Int64Array]:
    """The length of the prefix that enough others share, and their occasions there."""
    occasions = model.occasions
    customers = model.journeys.unit_customers
    for length in range(len(codes), 0, -1):
        prefix = model.prefixes.find(codes[len(codes) - length :])
        there = model.prefixes.level(length).occasions(prefix)
        there = there[occasions.are_known(there, occasions.within_us)]
        there = there[customers[occasions.units[there]] != own]
        if len(np.unique(occasions.units[there])) >= model.options.at_least:
            return length, there
    return 0, np.zeros(0, np.int64)


def _median_wait(model: NextModel, there: Int64Array) -> float:
    """An occasion's next item is the next occasion."""
    at_us = model.occasions.at_us
    waits = np.sort(at_us(there + 1) - at_us(there))
    return float(waits[(len(waits) - 1) // 2]) / 1e6
