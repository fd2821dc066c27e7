"""What customers meet and feel before they refer somebody, against customers alike who do not.

A case is looked at before the first referral that it made. A control made none, and has no such
moment: it is given one, as long after its own first interaction as a case of its stratum waited.
Cases and controls are compared within strata: the month of the first interaction, chosen
attributes, and how much they did within the window, because whoever does more meets more of
everything. It remains an association: what makes people come back may also make them refer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from journeygraph.durations import Duration, parse_duration
from journeygraph.errors import InvalidOptionError
from journeygraph.graph import MISSING, MISSING_SCALE
from journeygraph.kernels.matching import compare_strata, find_exposed, rows_before
from journeygraph.kernels.referrals import BROUGHT, CUT_CYCLE, FURTHER
from journeygraph.renaming import apart
from journeygraph.statistics.referral_credit import first_interactions
from queries.customer_lists import CustomerList
from queries.intervals import SMALL_GROUP, Estimate, benjamini_hochberg, wilson
from queries.matched_strata import Matched, attribute_names, common_odds_ratio, match, strata_of
from queries.paging import PageInfo, page_bounds, page_info
from queries.question import Question, take_mappings
from queries.referral_credit import Referrals, credited_referrals, selected_customers

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["BeforeReferral", "BeforeReferralAnswer", "MetBefore", "before_referral"]

BoolArray = npt.NDArray[np.bool_]
Int64Array = npt.NDArray[np.int64]

FEELINGS = ("negative", "neutral", "positive")


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeReferral(Question):
    """What precedes a referral.

    Attributes
    ----------
    referrals
        Which referrals count.
    before
        How long before the referral something may have been met.
    match_on
        Attributes of customers in which they must be alike.
    match_activity
        Whether they must have done about as much within the window: 0, 1, 2 to 3, 4 to 7, …
        interactions.
    first, after
        How many items, and behind which cursor.
    at_least
        Hide items that fewer cases and controls met; it changes no q value.
    """

    referrals: Referrals = Referrals()
    before: Duration = "30d"
    match_on: Sequence[str] = ()
    match_activity: bool = True
    first: int = 10
    after: str | None = None
    at_least: int = 1

    def __post_init__(self) -> None:
        Question.__post_init__(self)
        take_mappings(self, referrals=Referrals)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class MetBefore:
    """An item or a feeling, and who met it within the window.

    Attributes
    ----------
    item
        Its name; of a feeling negative, neutral or positive (an emotion below, at or above 0).
    cases, controls
        Matched cases and controls who met it.
    case_share, control_share
        Of all matched ones, with Wilson's interval; not yet weighed by strata.
    odds_ratio
        Mantel and Haenszel's over the strata, with the interval of Robins, Breslow and Greenland.
    p_value, q_value
        Of their chi-square without correction; the false discovery rate over all items and
        feelings tested.
    small
        Fewer than 30 met it.
    customers, control_customers
        Who stands behind the counts.
    """

    item: str
    cases: int
    controls: int
    case_share: Estimate
    control_share: Estimate
    odds_ratio: Estimate
    p_value: float | None
    q_value: float | None
    small: bool
    customers: CustomerList
    control_customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class BeforeReferralAnswer:
    """What precedes a referral.

    Attributes
    ----------
    before_seconds
        The window.
    referrers
        Customers selected who referred somebody: those who can be cases and those who cannot,
        because the time is not said, is after `asOf`, or is before their first interaction.
    cases, controls, strata
        Who is compared, in how many strata.
    unmatched_cases
        Cases for whom there is no control in their stratum.
    tested
        Items and feelings with a p value.
    adjusted_for
        What was held equal.
    wording
        How a finding is to be read.
    feelings
        What was felt within the window, where emotions are recorded.
    nodes
        What was met within the window, smallest p first, then by name.
    """

    before_seconds: float
    referrers: int
    cases: int
    controls: int
    strata: int
    unmatched_cases: int
    tested: int
    adjusted_for: tuple[str, ...]
    wording: str = "associated with"
    feelings: tuple[MetBefore, ...]
    nodes: tuple[MetBefore, ...]
    page_info: PageInfo
    referrer_customers: CustomerList = field(repr=False)
    case_customers: CustomerList = field(repr=False)
    all_control_customers: CustomerList = field(repr=False)
    unmatched_customers: CustomerList = field(repr=False)


class _Moments(NamedTuple):
    """By customer index: whether a referrer, and for whom there is one, the moment that counts."""

    is_referrer: BoolArray
    is_case: BoolArray
    index_us: Int64Array  # MISSING for who is not compared


class _Compared(NamedTuple):
    """Matched customers, their rows, and how to count a column of codes among them."""

    journeys: Journeys
    matched: Matched
    first_rows: Int64Array
    end_rows: Int64Array


class _Column(NamedTuple):
    codes: npt.NDArray[Any]
    names: Sequence[str]
    counts: Int64Array
    sums: npt.NDArray[np.float64]


def before_referral(question: BeforeReferral, journeys: Journeys) -> BeforeReferralAnswer:
    """Answer the question about the customers whom `where` selects.

    Who met what is no question of order: a tolerance makes no sets here.

    Raises
    ------
    InvalidOptionError, InvalidDurationError, UnknownChannelError, UnknownColumnError
        Where an option cannot be used or names what is not there.
    """
    if question.at_least < 0:
        raise InvalidOptionError("at_least", question.at_least, "a whole number, 0 or more")
    journeys = apart(journeys)
    before_us = parse_duration(question.before, "before")
    attributes = attribute_names(journeys, question.match_on)
    selected = selected_customers(journeys)
    moments = _moments(question.referrals, journeys, selected, attributes)
    compared = _compared(question, journeys, moments, before_us, attributes)
    matched = compared.matched
    items = _counted(compared, journeys.item_codes, journeys.items)
    feelings = _counted(compared, _feelings(journeys), FEELINGS)
    nodes = _nodes(compared, [items, feelings])
    met, felt = nodes[: journeys.n_items], nodes[journeys.n_items :]
    shown = [node for node in met if node.cases + node.controls >= max(question.at_least, 1)]
    shown.sort(key=lambda node: (2.0 if node.p_value is None else node.p_value, node.item))
    start, end = page_bounds(len(shown), question.first, question.after)
    cases = matched.customers[matched.are_cases]
    unmatched = np.setdiff1d(np.flatnonzero(moments.is_case), cases)

    def listed(customers: Int64Array) -> CustomerList:
        return CustomerList(journeys, lambda: np.sort(customers))

    return BeforeReferralAnswer(
        before_seconds=before_us / 1e6,
        referrers=int(np.count_nonzero(moments.is_referrer)),
        cases=len(cases),
        controls=len(matched.customers) - len(cases),
        strata=matched.n_strata,
        unmatched_cases=len(unmatched),
        tested=sum(node.p_value is not None for node in nodes),
        adjusted_for=_adjusted_for(attributes, question.match_activity),
        feelings=tuple(node for node in felt if node.cases + node.controls),
        nodes=tuple(shown[start:end]),
        page_info=page_info(len(shown), start, end),
        referrer_customers=listed(np.flatnonzero(moments.is_referrer)),
        case_customers=listed(cases),
        all_control_customers=listed(matched.customers[~matched.are_cases]),
        unmatched_customers=listed(unmatched),
    )


def _adjusted_for(attributes: tuple[str, ...], activity: bool) -> tuple[str, ...]:
    more = ("interactions within the window",) if activity else ()
    return (
        "month of the first interaction",
        "time since the first interaction",
        *attributes,
        *more,
    )


def _moments(
    question: Referrals, journeys: Journeys, selected: BoolArray, attributes: tuple[str, ...]
) -> _Moments:
    graph = journeys.graph
    fates = credited_referrals(question, journeys).fates
    made = (fates == BROUGHT) | (fates == FURTHER) | (fates == CUT_CYCLE)
    referrers, at_us = graph.referrals.referrers[made], graph.referrals.at_us[made]
    is_referrer = np.zeros(graph.n_customers, np.bool_)
    is_referrer[referrers] = True
    earliest = np.full(graph.n_customers, np.iinfo(np.int64).max, np.int64)
    timed = at_us != MISSING
    np.minimum.at(earliest, referrers[timed], at_us[timed])
    first = first_interactions(graph)
    seen = (first != MISSING) & (first <= journeys.as_of_us)
    is_case = selected & seen & (earliest >= first) & (earliest <= journeys.as_of_us)
    index_us = np.where(is_case, earliest, MISSING)
    others = np.flatnonzero(selected & seen & ~is_referrer)
    cases = np.flatnonzero(is_case)
    strata = strata_of(journeys, np.concatenate([cases, others]), first, attributes)
    waits = _borrowed(earliest[cases] - first[cases], strata[: len(cases)], strata[len(cases) :])
    known = waits >= 0
    given = first[others[known]] + waits[known]
    observed = given <= journeys.as_of_us
    index_us[others[known][observed]] = given[observed]
    return _Moments(selected & is_referrer, is_case, index_us)


def _borrowed(waits: Int64Array, strata: Int64Array, wanted: Int64Array) -> Int64Array:
    """For each control the wait of a case of its stratum, in turn, shortest first; -1 for none."""
    order = np.lexsort((waits, strata))
    n_strata = int(max(strata.max(initial=-1), wanted.max(initial=-1))) + 1
    n_cases = np.bincount(strata, minlength=n_strata)
    starts = np.cumsum(n_cases) - n_cases
    by_stratum = np.argsort(wanted, kind="stable")
    sizes = np.bincount(wanted, minlength=n_strata)
    turns = np.empty(len(wanted), np.int64)
    turns[by_stratum] = np.arange(len(wanted)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    borrowed = np.full(len(wanted), -1, np.int64)
    some = np.flatnonzero(n_cases[wanted] > 0)
    places = starts[wanted[some]] + turns[some] % n_cases[wanted[some]]
    borrowed[some] = waits[order[places]]
    return borrowed


def _compared(
    question: BeforeReferral,
    journeys: Journeys,
    moments: _Moments,
    before_us: int,
    attributes: tuple[str, ...],
) -> _Compared:
    graph = journeys.graph
    customers = np.flatnonzero(moments.index_us != MISSING)
    ends_us = np.where(moments.index_us == MISSING, 0, moments.index_us)
    end_rows = rows_before(graph.customer_starts, graph.at_us, ends_us)
    first_rows = rows_before(graph.customer_starts, graph.at_us, ends_us - before_us)
    done = (end_rows - first_rows)[customers]
    activity = np.ceil(np.log2(done + 1)).astype(np.int64) if question.match_activity else None
    strata = strata_of(journeys, customers, first_interactions(graph), attributes, activity)
    matched = match(customers, moments.is_case[customers], strata)
    rows = first_rows[matched.customers], end_rows[matched.customers]
    return _Compared(journeys, matched, *rows)


def _feelings(journeys: Journeys) -> npt.NDArray[np.uint8]:
    emotion = journeys.graph.column("emotion")
    codes = (np.sign(emotion) + 1).astype(np.uint8)
    codes[emotion == MISSING_SCALE] = len(FEELINGS)
    codes.flags.writeable = False
    return codes


def _counted(compared: _Compared, codes: npt.NDArray[Any], names: Sequence[str]) -> _Column:
    counts, sums = compare_strata(
        codes, len(names), compared.first_rows, compared.end_rows,
        compared.matched.are_cases, compared.matched.stratum_starts,
    )  # fmt: skip
    return _Column(codes, names, counts, sums)


def _nodes(compared: _Compared, columns: list[_Column]) -> list[MetBefore]:
    """One for each item and feeling, all of them tested together."""
    confidence = compared.journeys.confidence
    n_cases = int(np.count_nonzero(compared.matched.are_cases))
    tested = [
        (column, code, *common_odds_ratio(
            column.sums[code], int(column.counts[code, 0]), n_cases, confidence
        ))
        for column in columns
        for code in range(len(column.names))
    ]  # fmt: skip
    p_values = [np.nan if p_value is None else p_value for *_, p_value in tested]
    q_values = benjamini_hochberg(p_values)
    return [
        _node(compared, column, code, ratio, p_value, None if np.isnan(q_value) else float(q_value))
        for (column, code, ratio, p_value), q_value in zip(tested, q_values, strict=True)
    ]


def _node(
    compared: _Compared,
    column: _Column,
    code: int,
    ratio: Estimate,
    p_value: float | None,
    q_value: float | None,
) -> MetBefore:
    journeys, matched = compared.journeys, compared.matched
    cases, controls = column.counts[code].tolist()
    n_cases = int(np.count_nonzero(matched.are_cases))

    def listed(of: BoolArray) -> CustomerList:
        def found() -> Int64Array:
            rows = compared.first_rows, compared.end_rows
            met = find_exposed(column.codes, code, *rows)
            return np.asarray(np.sort(matched.customers[met & of]))

        return CustomerList(journeys, found)

    return MetBefore(
        item=column.names[code],
        cases=cases,
        controls=controls,
        case_share=wilson(cases, n_cases, journeys.confidence),
        control_share=wilson(controls, len(matched.customers) - n_cases, journeys.confidence),
        odds_ratio=ratio,
        p_value=p_value,
        q_value=q_value,
        small=cases + controls < SMALL_GROUP,
        customers=listed(matched.are_cases),
        control_customers=listed(~matched.are_cases),
    )
