"""Whom a question about referrals is about, and which referrals it counts.

All questions about referrals share these options, so that their answers are about the same trees.
Trees are grown on the whole store and are the same whatever is selected; `where` selects whom to
list and to count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.conditions import channel_table
from journeygraph.durations import Duration, parse_duration
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError
from journeygraph.kernels.referrals import UNATTRIBUTED
from journeygraph.statistics.finders import EVERY_UNIT, find_customers
from journeygraph.statistics.referral_credit import (
    CreditedReferrals,
    CreditRule,
    ReferralRecipe,
    WindowEnd,
    credited_rows,
    split_referrals,
)
from journeygraph.statistics.referrals import ReferralForest, forest_of
from queries.question import Question

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "CreditRule",
    "Credited",
    "Referrals",
    "WindowEnd",
    "credited_referrals",
    "forest_for",
    "is_root",
    "recipe_of",
    "selected_customers",
]

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Referrals(Question):
    """Chains of referrals.

    Attributes
    ----------
    at_least
        Hide chains that brought, and advocates who brought directly, fewer customers than this.
    credit
        Which of several referrals of one customer counts: the first, the last, or each a part.
    window
        Count only referrals at most so long before the referred customer's first `window_to`, and
        not after it; those without a time do not count then.
    window_to
        The first interaction, or the first outcome (a purchase unless the journeys say otherwise).
    media
        Count only referrals by these; all if not given.
    """

    at_least: int = 1
    credit: CreditRule = CreditRule.FIRST
    window: Duration | None = None
    window_to: WindowEnd = WindowEnd.INTERACTION
    media: Sequence[str] | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Credited:
    """Who is credited with whom, by any rule; arrays are by customer index.

    Attributes
    ----------
    recipe, edges
        Which referrals count, and those that are credited.
    is_referred, is_root
        Whom a customer brought; who brought somebody and was brought by nobody.
    is_unattributed
        Brought by nobody known, though somebody's word is recorded.
    """

    recipe: ReferralRecipe
    edges: CreditedReferrals
    is_referred: BoolArray
    is_root: BoolArray
    is_unattributed: BoolArray

    @classmethod
    def of(cls, question: Referrals, journeys: Journeys) -> Credited:
        """What the question counts."""
        edges, n_customers = credited_referrals(question, journeys), journeys.graph.n_customers
        told = journeys.graph.referrals.referred[edges.fates == UNATTRIBUTED]
        is_referred = _marked(edges.referred, n_customers)
        return cls(
            recipe=recipe_of(question, journeys),
            edges=edges,
            is_referred=is_referred,
            is_root=_marked(edges.referrers, n_customers) & ~is_referred,
            is_unattributed=_marked(told, n_customers) & ~is_referred,
        )


def _marked(customers: npt.NDArray[np.int64], n_customers: int) -> BoolArray:
    marked = np.zeros(n_customers, np.bool_)
    marked[customers] = True
    return marked


def recipe_of(question: Referrals, journeys: Journeys) -> ReferralRecipe:
    """Which referrals the question counts, in the codes of the graph.

    Raises
    ------
    InvalidOptionError, InvalidDurationError, UnknownChannelError
        Where an option cannot be used or names a medium that is not there.
    """
    if question.at_least < 1:
        raise InvalidOptionError("at_least", question.at_least, "a whole number above 0")
    media = None
    if question.media is not None:
        listed = channel_table(journeys.graph, tuple(question.media), "media")
        media = tuple(np.flatnonzero(listed).tolist())
    window = None if question.window is None else parse_duration(question.window, "window")
    to_outcome = window is not None and WindowEnd(question.window_to) is WindowEnd.OUTCOME
    return ReferralRecipe(
        credit=CreditRule(question.credit),
        window_us=window,
        outcome=journeys.outcome if to_outcome else None,
        medium_codes=media,
    )


def forest_for(question: Referrals, journeys: Journeys, asked: str) -> ReferralForest:
    """The trees of the referrals that the question counts.

    Parameters
    ----------
    asked
        What needs them, for the error.

    Raises
    ------
    ConflictingOptionsError
        With credit SPLIT: a customer has several parents then, and there are no trees.
    """
    recipe = recipe_of(question, journeys)
    if recipe.credit is CreditRule.SPLIT:
        raise ConflictingOptionsError("credit SPLIT", asked)
    return forest_of(journeys.graph, recipe)


def credited_referrals(question: Referrals, journeys: Journeys) -> CreditedReferrals:
    """The referrals that are credited with customers, by any rule."""
    recipe, graph = recipe_of(question, journeys), journeys.graph
    if recipe.credit is CreditRule.SPLIT:
        return split_referrals(graph, recipe)
    fates = forest_of(graph, recipe).fates
    return credited_rows(graph.referrals, fates, graph.n_customers)


def is_root(forest: ReferralForest) -> BoolArray:
    """By customer index: brought somebody, and was brought by nobody."""
    return np.asarray((forest.parents < 0) & (forest.brought > 0))


def selected_customers(journeys: Journeys) -> BoolArray:
    """By customer index whom the journeys' `where` selects.

    A condition on interactions selects the customers of the journeys; one on customers only, all
    whom it means, with interactions or without; none at all, everybody.
    """
    where = journeys.where
    given = {field.name for field in fields(where) if getattr(where, field.name) is not None}
    if given - {"customers"}:
        return _marked(find_customers(EVERY_UNIT, journeys), journeys.graph.n_customers)
    if journeys.kept_customers is not None:
        return journeys.kept_customers
    return np.ones(journeys.graph.n_customers, np.bool_)
