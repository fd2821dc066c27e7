"""Customers still here whose referrer has gone, against those whose referrer is here.

Customers who were brought have been seen to stay no longer than who brought them (Van den Bulte,
Bayer, Skiera and Schmitt 2018, doi:10.1509/jmr.14.0653). Whoever is about to follow can be listed.
It is an association: nothing is adjusted for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.cohorts import limits_of
from journeygraph.durations import Duration, parse_duration
from journeygraph.kernels.contingency import compare_groups
from journeygraph.kernels.select import end_rows
from journeygraph.moments import time_zone
from queries.contrasts import odds_ratio, risk_difference
from queries.customer_lists import CustomerList
from queries.intervals import SMALL_GROUP, Estimate, wilson
from queries.paging import PageInfo, page_bounds, page_info
from queries.question import Question, take_mappings
from queries.referral_credit import Referrals, forest_for, selected_customers

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["ReferrerLeft", "ReferrerLeftAnswer", "WithoutReferrer", "last_rows", "referrer_left"]

BoolArray = npt.NDArray[np.bool_]
Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferrerLeft(Question):
    """Active customers whose referrer has left.

    Attributes
    ----------
    referrals
        Which referrals count.
    inactivity
        Active: last seen less than this before `asOf`; that of the journeys if not given.
    first, after
        How many customers, and behind which cursor.
    """

    referrals: Referrals = Referrals()
    inactivity: Duration | None = None
    first: int = 10
    after: str | None = None

    def __post_init__(self) -> None:
        Question.__post_init__(self)
        take_mappings(self, referrals=Referrals)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutReferrer:
    """An active customer whose referrer has left, and when both were last seen."""

    customer: str
    referrer: str
    last_at_us: int
    referrer_last_at_us: int


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ReferrerLeftAnswer:
    """Active customers whose referrer has left.

    Attributes
    ----------
    inactivity_seconds, as_of_us
        Active: last seen less than this before that.
    customers
        Customers selected who were brought, of whom and of whose referrer something was seen.
    unseen
        Customers selected who were brought and are not among these.
    referrer_left, referrer_left_active
        Whose referrer has left, and of these who is active: those listed.
    referrer_here, referrer_here_active
        Whose referrer is active, and of these who is.
    left_rate, here_rate
        The active among them, with Wilson's interval.
    risk_difference
        The first rate less the second, with Newcombe's interval.
    odds_ratio
        Of being active, with Wald's interval on the logarithm.
    p_value
        Of chi-square, or of Fisher's exact test where a cell is expected to hold less than 5.
    small
        One of the two groups has fewer than 30.
    wording
        How it is to be read.
    nodes
        The active customers whose referrer has left, whose referrer left last first, then in the
        order of their first appearance.
    """

    inactivity_seconds: float
    as_of_us: int
    customers: int
    unseen: int
    referrer_left: int
    referrer_left_active: int
    referrer_here: int
    referrer_here_active: int
    left_rate: Estimate
    here_rate: Estimate
    risk_difference: Estimate
    odds_ratio: Estimate
    p_value: float | None
    small: bool
    wording: str = "associated with"
    nodes: tuple[WithoutReferrer, ...]
    page_info: PageInfo
    all_customers: CustomerList = field(repr=False)
    unseen_customers: CustomerList = field(repr=False)
    referrer_left_customers: CustomerList = field(repr=False)
    referrer_left_active_customers: CustomerList = field(repr=False)
    referrer_here_customers: CustomerList = field(repr=False)
    referrer_here_active_customers: CustomerList = field(repr=False)


def last_rows(journeys: Journeys) -> tuple[BoolArray, Int64Array]:
    """By customer index: whether seen before the end of the data, and the row behind the last."""
    graph, starts = journeys.graph, journeys.graph.customer_starts
    until_us = limits_of(journeys.where, time_zone(journeys.timezone))[1]
    ends = starts[1:] if until_us is None else end_rows(starts, graph.at_us, until_us)
    return np.asarray(ends > starts[:-1]), ends


def referrer_left(question: ReferrerLeft, journeys: Journeys) -> ReferrerLeftAnswer:
    """Answer the question about the customers whom `where` selects, whoever brought them.

    Raises
    ------
    ConflictingOptionsError
        With credit SPLIT.
    InvalidOptionError, InvalidDurationError, UnknownChannelError
        Where an option cannot be used.
    """
    given = question.inactivity
    limit = journeys.inactivity_us if given is None else parse_duration(given, "inactivity")
    forest = forest_for(question.referrals, journeys, "referrer_left")
    seen, ends = last_rows(journeys)
    last_at_us = np.full(len(seen), np.iinfo(np.int64).min, np.int64)
    last_at_us[seen] = journeys.graph.at_us[ends[seen] - 1]
    is_active = seen & (last_at_us > journeys.as_of_us - limit)
    parents = forest.parents
    brought = selected_customers(journeys) & (parents >= 0)
    judged = brought & seen & seen[parents]
    groups = {
        "all": judged,
        "unseen": brought & ~judged,
        "referrer_left": judged & ~is_active[parents],
        "referrer_left_active": judged & ~is_active[parents] & is_active,
        "referrer_here": judged & is_active[parents],
        "referrer_here_active": judged & is_active[parents] & is_active,
    }
    found = np.flatnonzero(groups["referrer_left_active"])
    found = found[np.argsort(-last_at_us[parents[found]], kind="stable")]
    start, end = page_bounds(len(found), question.first, question.after)
    return ReferrerLeftAnswer(
        inactivity_seconds=limit / 1e6,
        as_of_us=journeys.as_of_us,
        **_compared(groups, journeys.confidence),
        nodes=_nodes(journeys, found[start:end], parents, last_at_us),
        page_info=page_info(len(found), start, end),
        **_lists(journeys, groups),
    )


def _compared(groups: dict[str, BoolArray], confidence: float) -> dict[str, Any]:
    sizes = {name: int(np.count_nonzero(marked)) for name, marked in groups.items()}
    left = sizes["referrer_left_active"], sizes["referrer_left"]
    here = sizes["referrer_here_active"], sizes["referrer_here"]
    p_values = compare_groups(
        np.array([left[1]]), np.array([left[0]]), sizes["all"], left[0] + here[0]
    )[1]
    return {
        "customers": sizes.pop("all"),
        **sizes,
        "left_rate": wilson(*left, confidence),
        "here_rate": wilson(*here, confidence),
        "risk_difference": risk_difference(*left, *here, confidence),
        "odds_ratio": odds_ratio(*left, *here, confidence),
        "p_value": None if np.isnan(p_values[0]) else float(p_values[0]),
        "small": min(left[1], here[1]) < SMALL_GROUP,
    }


def _lists(journeys: Journeys, groups: dict[str, BoolArray]) -> dict[str, Any]:
    return {
        f"{name}_customers": CustomerList(journeys, partial(np.flatnonzero, marked))
        for name, marked in groups.items()
    }


def _nodes(
    journeys: Journeys, shown: Int64Array, parents: npt.NDArray[np.int32], last_at_us: Int64Array
) -> tuple[WithoutReferrer, ...]:
    above = parents[shown]
    return tuple(
        WithoutReferrer(
            customer=customer, referrer=referrer, last_at_us=last, referrer_last_at_us=before
        )
        for customer, referrer, last, before in zip(
            journeys.graph.customer_id(shown), journeys.graph.customer_id(above),
            last_at_us[shown].tolist(), last_at_us[above].tolist(), strict=True,
        )
    )  # fmt: skip
