"""What referred customers do, against customers alike whom nobody referred.

Whoever was referred came at another time than the others, from another country, by another door;
so only customers are compared who came in the same period and are alike in chosen attributes.
All of them are followed for equally long, from their first interaction on: who came too lately is
set apart, as not yet known. Whoever was referred only after having come was a customer already, and
had to stay long enough to be referred; whoever is said to have been referred, but not so that it
counts, is no example of somebody who was not. Both are set apart as well.

It remains an association: who is referred may be another kind of person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from journeygraph.durations import Duration, parse_duration
from journeygraph.graph import MISSING
from journeygraph.kernels.referrals import CUT_SELF
from journeygraph.statistics.referral_credit import CreditedReferrals
from queries.calendar_periods import Period
from queries.covariate_balance import CovariateBalance, balance_of
from queries.customer_lists import CustomerList
from queries.intervals import SMALL_GROUP
from queries.loyalty import Loyalty
from queries.matched_measures import MatchedMeasure, with_q_values
from queries.matched_strata import Matched, match
from queries.matched_times import MatchedTimes, compare_times
from queries.outcomes import outcome_warnings
from queries.question import Question, take_mappings
from queries.referral_credit import Credited, Referrals, selected_customers
from queries.referred_customers import Histories

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["ReferredContrast", "ReferredContrastAnswer", "referred_contrast"]

BoolArray = npt.NDArray[np.bool_]
Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferredContrast(Question):
    """Referred customers against matched customers whom nobody referred.

    Attributes
    ----------
    referrals
        Which referrals count.
    within
        How long each customer is followed, from the first interaction on.
    period
        They came in the same month or ISO week.
    match_on
        Attributes of customers, or columns of the first interaction, in which they are alike.
    balance_of
        Further ones of which the balance is shown, but which are not matched on.
    loyalty
        Compare loyalty by this definition as well.
    include_unattributed
        Whether a customer counts as referred of whom nobody knows who it was who referred them.
    """

    referrals: Referrals = Referrals()
    within: Duration = "90d"
    period: Period = Period.MONTH
    match_on: Sequence[str] = ()
    balance_of: Sequence[str] = ()
    loyalty: Loyalty | None = None
    include_unattributed: bool = False

    def __post_init__(self) -> None:
        Question.__post_init__(self)
        take_mappings(self, referrals=Referrals, loyalty=Loyalty)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ReferredContrastAnswer:
    """Referred customers against matched customers whom nobody referred.

    Attributes
    ----------
    within_seconds, as_of_us
        How long each customer is followed, and when the data end.
    customers
        Customers selected: those without an interaction, referred too late, unclear, censored,
        referred and others.
    without_interaction
        Those never seen before the end.
    referred_later
        Those whose referral is later than their first interaction.
    unclear
        Those who are named in a referral that does not count: by an unknown referrer, another
        medium, outside the window, or cut from a cycle.
    censored
        Those of both groups who are not followed for long enough yet.
    referred, others
        Who could be matched.
    undated
        Of the referred, whose referral has no time: it is taken to be the earlier.
    matched_referred, matched_others, unmatched_referred, unmatched_others
        Who is compared, and for whom there is nobody of the other group in their stratum.
    strata, strata_without_counterpart
        Strata with both groups, and those left out because they have but one.
    loyalty
        What loyal means; None where it was not asked for.
    loyalty_censored, loyalty_not_eligible
        Matched customers who are not watched for long enough to tell, and those of whom the
        definition says nothing.
    tested
        Measures with a p value, the time to the outcome among them.
    adjusted_for
        What was held equal.
    wording
        How a finding is to be read.
    measures
        What is compared.
    time_to_outcome
        From the first interaction to the first outcome.
    balance
        How alike both groups are, before and after matching.
    """

    within_seconds: float
    as_of_us: int | None
    customers: int
    without_interaction: int
    referred_later: int
    unclear: int
    censored: int
    referred: int
    others: int
    undated: int
    matched_referred: int
    matched_others: int
    unmatched_referred: int
    unmatched_others: int
    strata: int
    strata_without_counterpart: int
    loyalty: str | None
    loyalty_censored: int
    loyalty_not_eligible: int
    tested: int
    adjusted_for: tuple[str, ...]
    wording: str = "associated with"
    warnings: tuple[str, ...]
    measures: tuple[MatchedMeasure, ...]
    time_to_outcome: MatchedTimes
    balance: tuple[CovariateBalance, ...]
    all_customers: CustomerList = field(repr=False)
    without_interaction_customers: CustomerList = field(repr=False)
    referred_later_customers: CustomerList = field(repr=False)
    unclear_customers: CustomerList = field(repr=False)
    censored_customers: CustomerList = field(repr=False)
    referred_customers: CustomerList = field(repr=False)
    other_customers: CustomerList = field(repr=False)
    undated_customers: CustomerList = field(repr=False)
    matched_referred_customers: CustomerList = field(repr=False)
    matched_other_customers: CustomerList = field(repr=False)
    unmatched_referred_customers: CustomerList = field(repr=False)
    unmatched_other_customers: CustomerList = field(repr=False)
    loyalty_censored_customers: CustomerList = field(repr=False)
    loyalty_not_eligible_customers: CustomerList = field(repr=False)


class _Groups(NamedTuple):
    """By customer index who is in which group; all but `undated` are apart from each other."""

    selected: BoolArray
    without_interaction: BoolArray
    referred_later: BoolArray
    unclear: BoolArray
    censored: BoolArray
    referred: BoolArray
    others: BoolArray
    undated: BoolArray


def referred_contrast(question: ReferredContrast, journeys: Journeys) -> ReferredContrastAnswer:
    """Answer the question about the customers whom `where` selects.

    What they do is judged on their whole histories before `until`, whatever interactions `where`
    and rules keep.

    Raises
    ------
    InvalidOptionError, InvalidDurationError, ConflictingOptionsError
        Where an option cannot be used, or the journeys were made of other journeys.
    UnknownChannelError, UnknownColumnError, UnknownValueError
        Where an option names what is not there.
    """
    within_us = parse_duration(question.within, "within")
    histories = Histories.of(journeys, within_us)
    credited = Credited.of(question.referrals, histories.journeys)
    groups = _groups(question, selected_customers(journeys), credited.edges, credited, histories)
    columns = histories.covariates(question.match_on, "match_on")
    looked_at = histories.covariates(question.balance_of, "balance_of")
    customers = np.flatnonzero(groups.referred | groups.others)
    are_cases = groups.referred[customers]
    strata = histories.strata(customers, Period(question.period), columns)
    matched = match(customers, are_cases, strata)
    judged, loyalty = histories.judged(question.loyalty, matched, strata, customers)
    found = [*histories.compared(matched, credited.edges), *judged.measures]
    times = compare_times(histories.elapsed_us, histories.converted, matched, histories.journeys)
    measures, (q_value,) = with_q_values(found, [times.p_value])
    covariates = [histories.days_covariate(customers), *columns, *looked_at]
    balance = balance_of(covariates, customers, are_cases, matched)
    sizes = _sizes(groups, matched, strata)
    return ReferredContrastAnswer(
        within_seconds=within_us / 1e6,
        as_of_us=histories.journeys.as_of_us if histories.journeys.graph.n_interactions else None,
        **sizes,
        loyalty=loyalty,
        loyalty_censored=len(judged.censored),
        loyalty_not_eligible=len(judged.not_eligible),
        tested=sum(p is not None for p in [*(one.p_value for one in measures), times.p_value]),
        adjusted_for=(
            f"{Period(question.period)} of the first interaction",
            *(column.name for column in columns),
        ),
        warnings=tuple(_warnings(sizes, balance, histories.journeys)),
        measures=tuple(measures),
        time_to_outcome=times.with_q_value(q_value),
        balance=balance,
        **_lists(groups, matched, histories.journeys),
        loyalty_censored_customers=CustomerList(journeys, lambda: judged.censored),
        loyalty_not_eligible_customers=CustomerList(journeys, lambda: judged.not_eligible),
    )


def _groups(
    question: ReferredContrast,
    selected: BoolArray,
    edges: CreditedReferrals,
    credited: Credited,
    histories: Histories,
) -> _Groups:
    graph, first = histories.journeys.graph, histories.first_at_us
    given = graph.referrals
    earliest = _earliest(given.referred[edges.rows], given.at_us[edges.rows], len(first))
    is_referred = credited.is_referred
    if question.include_unattributed:
        is_referred = is_referred | credited.is_unattributed
        told = np.flatnonzero(credited.is_unattributed[given.referred] & (given.referrers < 0))
        unknown = _earliest(given.referred[told], given.at_us[told], len(first))
        earliest = np.where(credited.is_unattributed, unknown, earliest)
    is_named = np.zeros(len(first), np.bool_)
    is_named[given.referred[edges.fates != CUT_SELF]] = True
    seen = selected & histories.seen
    is_late = is_referred & (earliest != MISSING) & (earliest > first)
    referred, others = seen & is_referred & ~is_late, seen & ~is_named
    return _Groups(
        selected=selected,
        without_interaction=selected & ~histories.seen,
        referred_later=seen & is_late,
        unclear=seen & is_named & ~is_referred,
        censored=(referred | others) & ~histories.followed,
        referred=referred & histories.followed,
        others=others & histories.followed,
        undated=referred & histories.followed & (earliest == MISSING),
    )


def _earliest(customers: Int64Array, at_us: Int64Array, n_customers: int) -> Int64Array:
    """By customer index the earliest of these moments; MISSING where none is said."""
    latest = np.iinfo(np.int64).max
    earliest = np.full(n_customers, latest, np.int64)
    timed = at_us != MISSING
    np.minimum.at(earliest, customers[timed], at_us[timed])
    return np.where(earliest == latest, MISSING, earliest)


def _sizes(groups: _Groups, matched: Matched, strata: Int64Array) -> dict[str, Any]:
    sizes = {name: int(np.count_nonzero(marked)) for name, marked in groups._asdict().items()}
    cases = int(np.count_nonzero(matched.are_cases))
    controls = len(matched.customers) - cases
    return {
        "customers": sizes.pop("selected"),
        **sizes,
        "matched_referred": cases,
        "matched_others": controls,
        "unmatched_referred": sizes["referred"] - cases,
        "unmatched_others": sizes["others"] - controls,
        "strata": matched.n_strata,
        "strata_without_counterpart": len(np.unique(strata)) - matched.n_strata,
    }


def _lists(groups: _Groups, matched: Matched, journeys: Journeys) -> dict[str, Any]:
    is_matched = np.zeros(len(groups.selected), np.bool_)
    is_matched[matched.customers] = True
    marks = {
        "all": groups.selected,
        "without_interaction": groups.without_interaction,
        "referred_later": groups.referred_later,
        "unclear": groups.unclear,
        "censored": groups.censored,
        "referred": groups.referred,
        "other": groups.others,
        "undated": groups.undated,
        "matched_referred": groups.referred & is_matched,
        "matched_other": groups.others & is_matched,
        "unmatched_referred": groups.referred & ~is_matched,
        "unmatched_other": groups.others & ~is_matched,
    }
    return {
        f"{name}_customers": CustomerList(journeys, partial(np.flatnonzero, marked))
        for name, marked in marks.items()
    }


def _warnings(
    sizes: dict[str, Any], balance: tuple[CovariateBalance, ...], histories: Journeys
) -> Iterator[str]:
    yield from outcome_warnings(histories)
    if min(sizes["matched_referred"], sizes["matched_others"]) < SMALL_GROUP:
        yield (
            f"{sizes['matched_referred']} referred customers are compared with "
            f"{sizes['matched_others']} others: fewer than {SMALL_GROUP} on one side say little."
        )
    if sizes["unmatched_referred"] * 10 > sizes["referred"]:
        yield (
            f"{sizes['unmatched_referred']} of {sizes['referred']} referred customers have no "
            "counterpart: nothing is said of them. A longer period or fewer attributes match more."
        )
    if sizes["undated"]:
        yield (
            f"The referrals of {sizes['undated']} referred customers have no time, so nobody knows "
            "that they came before the first interaction."
        )
    uneven = dict.fromkeys(one.covariate for one in balance if one.unbalanced)
    if uneven:
        yield f"The matched groups still differ in {', '.join(uneven)}."
