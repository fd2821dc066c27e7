"""Which items outcomes are credited to: first, last and linear, Markov removal, Shapley values.

Credit says who was there, by a rule; it does not say who was the cause. Every method but
participation divides the outcomes among the items, so that its credits add up to them, and the
answer shows that they do. Outcomes before which nothing was met cannot be credited, and are
counted beside the others; so are null paths and journeys that are still open.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.renaming import named_by
from journeygraph.statistics.attribution import ITEMS_MET, MOVES
from journeygraph.statistics.base import MergeableStatistic, total
from journeygraph.statistics.path_orders import OrderFit, are_held_out, fit_orders
from journeygraph.statistics.paths_to_outcomes import (
    PathRule,
    Paths,
    paths_of_journeys,
    total_of,
)
from queries.attribution_credit import AttributionMethod, Credits, Recipe, credits_of
from queries.attribution_customers import PathCustomers
from queries.attribution_intervals import bootstrap, draws_of_customers
from queries.attribution_nodes import ItemCredit, Met, nodes_of
from queries.attribution_recipe import Attribution, highest_of, recipe_of, rule_of
from queries.attribution_warnings import credit_warnings, journey_warnings
from queries.figures import Pictured
from queries.paging import PageInfo

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from journeygraph.labelling import By
    from queries.customer_lists import CustomerList

__all__ = [
    "Attribution",
    "AttributionAnswer",
    "AttributionMethod",
    "WORDING",
    "attribution",
    "chosen_order",
    "credits_of_parts",
]

WORDING = "credited by a rule for being on the way to outcomes; that is no evidence of a cause"


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class AttributionAnswer(Pictured):
    """What outcomes are credited to.

    Attributes
    ----------
    method, by
        How, and to what.
    order, orders
        MARKOV: the order, and how well each one foretells where it was chosen.
    outcomes
        All outcomes that paths could lead to: `total` and `without_path`.
    total
        Outcomes with an item before them: these are credited.
    without_path
        Outcomes with nothing before them.
    credited
        The sum of all credits, of those not listed, too.
    adds_up
        Whether `credited` is `total`, as it is for every method but participation.
    value_minor
        What the outcomes of `total` brought.
    null_paths, open_paths
        Closed journeys without an outcome, and those still open, which are left out.
    outcome_rate
        `total` of `total` and `null_paths`.
    error_bound
        SHAPLEY over drawn orders: no credit is off by more, at the confidence of the journeys.
    nodes
        Items, most credit first, ties by name.
    wording
        How credit is to be read.
    warnings
        What to mind.
    credited_customers, without_path_customers, null_customers, open_customers
        Whose outcomes and paths were counted.
    """

    method: AttributionMethod
    by: By
    order: int | None
    orders: tuple[OrderFit, ...]
    outcomes: int
    total: int
    without_path: int
    credited: float
    adds_up: bool
    value_minor: int
    null_paths: int
    open_paths: int
    outcome_rate: float | None
    error_bound: float | None
    nodes: tuple[ItemCredit, ...]
    page_info: PageInfo
    wording: str = WORDING
    warnings: tuple[str, ...]
    credited_customers: CustomerList = field(repr=False)
    without_path_customers: CustomerList = field(repr=False)
    null_customers: CustomerList = field(repr=False)
    open_customers: CustomerList = field(repr=False)


def attribution(question: Attribution, journeys: Journeys) -> AttributionAnswer:
    """Answer the question, most credit first, ties by name.

    Credits are outcomes, whatever the unit of the journeys is.

    Raises
    ------
    InvalidOptionError, ConflictingOptionsError, InvalidDurationError
        Where an option cannot be used, or belongs to another method.
    """
    journeys = named_by(journeys, question.by)
    rule = rule_of(question)
    recipe = recipe_of(question, journeys.n_items, journeys.confidence)
    highest = highest_of(question, journeys.n_items)
    parts = paths_of_journeys(journeys, rule, recipe.method is AttributionMethod.LAST_NON_DIRECT)
    orders: Sequence[OrderFit] = ()
    if highest is not None:
        customers = journeys.unit_customers
        order, orders = chosen_order(parts, recipe, highest, lambda part: customers[part.units])
        recipe = replace(recipe, order=order)
    counted = partial(_counted, journeys, rule, parts)
    met = Met.of(counted(ITEMS_MET), journeys.n_items)
    given = credits_of(recipe, counted)
    intervals = None
    if question.replicates:
        draws = draws_of_customers(
            parts, journeys.unit_customers, question.replicates, question.seed
        )
        intervals = bootstrap(draws, partial(credits_of_parts, recipe), journeys.confidence)
    who = PathCustomers(journeys, rule)
    nodes, info = nodes_of(question, journeys.items, met, given, intervals, who)
    n_null = sum(int((~part.converts).sum()) for part in parts)
    n_open = sum(part.n_open for part in parts)
    outcomes = who.n_outcomes
    return AttributionAnswer(
        method=recipe.method,
        by=journeys.by,
        order=recipe.order if recipe.method is AttributionMethod.MARKOV else None,
        orders=tuple(orders),
        outcomes=outcomes,
        total=met.total,
        without_path=outcomes - met.total,
        credited=math.fsum(given.credit),
        adds_up=recipe.method is not AttributionMethod.PARTICIPATION,
        value_minor=met.value_minor,
        null_paths=n_null,
        open_paths=n_open,
        outcome_rate=met.total / (met.total + n_null) if met.total + n_null else None,
        error_bound=given.bound,
        nodes=nodes,
        page_info=info,
        warnings=(
            *journey_warnings(journeys, rule, recipe),
            *credit_warnings(recipe, journeys.items, met, given, n_null, n_open),
        ),
        credited_customers=who.credited(),
        without_path_customers=who.without_path(),
        null_customers=who.null(),
        open_customers=who.open(),
    )


def _counted(
    journeys: Journeys,
    rule: PathRule,
    parts: Sequence[Paths],
    statistic: MergeableStatistic,
    **options: Any,
) -> pa.Table:
    """The whole of a statistic: of the paths at hand, unless it is remembered or has its own way.

    Moves of plain journeys are counted faster than their paths are cut.
    """
    if journeys.memory is None and statistic is not MOVES:
        return total_of(statistic, parts, **options)
    return total(statistic, journeys, rule=rule, **options)


def credits_of_parts(recipe: Recipe, parts: Sequence[Paths]) -> Credits:
    """Credits of paths that were cut before."""
    return credits_of(recipe, lambda statistic, **options: total_of(statistic, parts, **options))


def chosen_order(
    parts: Sequence[Paths],
    recipe: Recipe,
    highest: int,
    of_path: Callable[[Paths], npt.NDArray[np.integer]],
) -> tuple[int, list[OrderFit]]:
    """The order under which those held out are the most likely; `of_path` says whose paths are."""
    held = [are_held_out(of_path(part).astype(np.int64)) for part in parts]
    pairs = list(zip(parts, held, strict=True))
    learnt = total_of(MOVES, [part.only(~out) for part, out in pairs], order=highest)
    kept_out = total_of(MOVES, [part.only(out) for part, out in pairs], order=highest)
    return fit_orders(learnt, kept_out, recipe.n_items, highest)
