"""Which touchpoints go with loyalty: shares of those who met one and of those who did not.

It says "associated with", and means it: nothing is adjusted for, and whoever was around for longer
met more. What can be kept clean is: exposure ends before the first outcome, loyalty is observed
after it, whoever was not watched for the whole horizon is set apart, every touchpoint that could
be tested is tested, and the q values say how many of the discoveries are false.

Touchpoints come by their p value, the smallest first; where p values are equal, and those of large
data are often too small to tell apart, by chi-square, the largest first; then by name. Those
that cannot be tested come last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InvalidOptionError
from journeygraph.kernels.loyalty import CENSORED, LOYAL, NOT_ELIGIBLE, NOT_LOYAL
from journeygraph.statistics.base import total
from journeygraph.statistics.loyalty import (
    JudgedUnits,
    LoyaltyKind,
    judge_units,
    loyalty_exposures,
)
from queries.contrasts import odds_ratio, risk_difference
from queries.customer_lists import CustomerList, customers_of_units
from queries.fourfold import FourfoldTables, fourfold_tables
from queries.intervals import SMALL_GROUP, Estimate, wilson
from queries.loyalty import Loyalty, compile_loyalty, loyalty_wording
from queries.outcomes import outcome_warnings
from queries.paging import PageInfo, page_bounds, page_info

if TYPE_CHECKING:
    from journeygraph.durations import Duration
    from journeygraph.journeys import Journeys

__all__ = [
    "NEARLY_EVERYBODY",
    "LoyaltyAnswer",
    "LoyaltyTouchpoint",
    "LoyaltyTouchpoints",
    "loyalty_touchpoints",
]

NEARLY_EVERYBODY = 0.95
"""A touchpoint that at least this share of the units met is flagged `forced`."""

States = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoyaltyTouchpoints:
    """Which touchpoints go with loyalty.

    Attributes
    ----------
    loyalty
        What loyal means.
    exposure_window
        Only what was met so long before the first outcome counts as exposure; all history
        otherwise.
    first, after
        How many touchpoints, and behind which cursor.
    at_least
        Hide touchpoints that fewer units met; it changes no q value.
    """

    loyalty: Loyalty
    exposure_window: Duration | None = None
    first: int = 10
    after: str | None = None
    at_least: int = 1


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class LoyaltyTouchpoint:
    """One touchpoint: who met it before the first outcome, who did not, and who became loyal.

    Attributes
    ----------
    exposed, exposed_loyal, unexposed, unexposed_loyal
        Units.
    exposed_rate, unexposed_rate
        The loyal among them, with Wilson's interval in `…_interval`; None where there are none.
    lift
        The exposed rate over the base rate.
    risk_difference
        The exposed rate less the unexposed one, with Newcombe's interval.
    odds_ratio
        With Wald's interval on the logarithm.
    p_value
        Of Pearson's chi-square without correction, or of Fisher's exact test where a cell is
        expected to hold less than 5; None where there is nothing to compare.
    test
        "chi-square" or "exact"; None without a p value.
    untested
        Why there is no p value.
    q_value
        The false discovery rate at which it is still found, over all touchpoints with a p value.
    forced
        Nearly every unit met it: it may be a step that nobody can avoid.
    small
        Fewer than 30 met it, or did not.
    customers, exposed_loyal_customers, unexposed_customers, unexposed_loyal_customers
        Who stands behind the counts.
    """

    touchpoint: str
    exposed: int
    exposed_loyal: int
    unexposed: int
    unexposed_loyal: int
    exposed_rate: float | None
    exposed_interval: Estimate
    unexposed_rate: float | None
    unexposed_interval: Estimate
    lift: float | None
    risk_difference: Estimate
    odds_ratio: Estimate
    p_value: float | None
    test: str | None
    untested: str | None
    q_value: float | None
    forced: bool
    small: bool
    customers: CustomerList
    exposed_loyal_customers: CustomerList
    unexposed_customers: CustomerList
    unexposed_loyal_customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class LoyaltyAnswer:
    """Which touchpoints go with loyalty.

    Attributes
    ----------
    units, loyal
        Units that were judged, and the loyal among them.
    base_rate, base_rate_interval
        The loyal among the judged; None where nobody was judged.
    censored
        Units with the index event whose horizon is not over at `asOf`: judged neither way.
    not_eligible
        Units without the index event, or of whom the column says nothing.
    tested
        Touchpoints with a p value: over so many the q values control the false discoveries.
    loyalty
        What loyal means, in a sentence.
    wording
        How a finding is to be read.
    adjusted_for
        What else was held equal: nothing.
    warnings
        What to be careful about in this answer.
    customers, loyal_customers, censored_customers, not_eligible_customers
        Who stands behind the counts.
    """

    units: int
    loyal: int
    base_rate: float | None
    base_rate_interval: Estimate
    censored: int
    not_eligible: int
    tested: int
    loyalty: str
    wording: str = "associated with"
    adjusted_for: tuple[str, ...] = ()
    warnings: tuple[str, ...]
    nodes: tuple[LoyaltyTouchpoint, ...]
    page_info: PageInfo
    customers: CustomerList = field(repr=False)
    loyal_customers: CustomerList = field(repr=False)
    censored_customers: CustomerList = field(repr=False)
    not_eligible_customers: CustomerList = field(repr=False)


def loyalty_touchpoints(question: LoyaltyTouchpoints, journeys: Journeys) -> LoyaltyAnswer:
    """Answer the question, the surest association first.

    The unit is that of the journeys. A journey is judged on all that its customer does after it.

    Raises
    ------
    InvalidOptionError, ConflictingOptionsError, UnknownColumnError, UnknownValueError
        Where the definition of loyalty cannot be used.
    """
    if question.at_least < 0:
        raise InvalidOptionError("at_least", question.at_least, "a whole number, 0 or more")
    rule = compile_loyalty(question.loyalty, question.exposure_window, journeys)
    judged = judge_units(journeys, rule)
    counts = judged.count_states()
    met = total(loyalty_exposures, journeys, judged=judged)
    tables = fourfold_tables(
        counts[LOYAL] + counts[NOT_LOYAL],
        counts[LOYAL],
        met["exposed"].to_numpy(),
        met["exposed_loyal"].to_numpy(),
    )
    ranking = tables.ranking(journeys.items, question.at_least)
    start, end = page_bounds(len(ranking), question.first, question.after)
    base = wilson(tables.hits, tables.units, journeys.confidence)
    return LoyaltyAnswer(
        units=tables.units,
        loyal=tables.hits,
        base_rate=base.value,
        base_rate_interval=base,
        censored=counts[CENSORED],
        not_eligible=counts[NOT_ELIGIBLE],
        tested=tables.n_tested,
        loyalty=loyalty_wording(question.loyalty, rule, journeys),
        warnings=tuple(_warnings(tables, judged, rule.kind, counts)),
        nodes=tuple(_touchpoint(tables, judged, item) for item in ranking[start:end].tolist()),
        page_info=page_info(len(ranking), start, end),
        customers=_customers(judged, lambda states: states >= NOT_LOYAL),
        loyal_customers=_customers(judged, lambda states: states == LOYAL),
        censored_customers=_customers(judged, lambda states: states == CENSORED),
        not_eligible_customers=_customers(judged, lambda states: states == NOT_ELIGIBLE),
    )


def _customers(judged: JudgedUnits, are_listed: Callable[[States], BoolArray]) -> CustomerList:
    journeys = judged.journeys
    return CustomerList(
        journeys, lambda: customers_of_units(journeys, np.flatnonzero(are_listed(judged.states)))
    )


def _touchpoint(tables: FourfoldTables, judged: JudgedUnits, item: int) -> LoyaltyTouchpoint:
    confidence = judged.journeys.confidence
    exposed, exposed_loyal = int(tables.sizes[item]), int(tables.sizes_hit[item])
    unexposed, unexposed_loyal = tables.units - exposed, tables.hits - exposed_loyal
    rate = wilson(exposed_loyal, exposed, confidence)
    other_rate = wilson(unexposed_loyal, unexposed, confidence)
    cells = (exposed_loyal, exposed, unexposed_loyal, unexposed, confidence)
    untested = _untested(tables, exposed, unexposed)
    is_tested = untested is None

    def who(is_exposed: bool, least: int) -> CustomerList:
        return _customers(
            judged,
            lambda states: (judged.exposed_to(item) == is_exposed) & (states >= least),
        )

    return LoyaltyTouchpoint(
        touchpoint=judged.journeys.items[item],
        exposed=exposed,
        exposed_loyal=exposed_loyal,
        unexposed=unexposed,
        unexposed_loyal=unexposed_loyal,
        exposed_rate=rate.value,
        exposed_interval=rate,
        unexposed_rate=other_rate.value,
        unexposed_interval=other_rate,
        lift=exposed_loyal * tables.units / (exposed * tables.hits)
        if exposed and tables.hits
        else None,
        risk_difference=risk_difference(*cells),
        odds_ratio=odds_ratio(*cells),
        p_value=float(tables.p_values[item]) if is_tested else None,
        test=("exact" if tables.are_exact[item] else "chi-square") if is_tested else None,
        untested=untested,
        q_value=float(tables.q_values[item]) if is_tested else None,
        forced=exposed > 0 and exposed >= NEARLY_EVERYBODY * tables.units,
        small=min(exposed, unexposed) < SMALL_GROUP,
        customers=who(True, NOT_LOYAL),
        exposed_loyal_customers=who(True, LOYAL),
        unexposed_customers=who(False, NOT_LOYAL),
        unexposed_loyal_customers=who(False, LOYAL),
    )


def _untested(tables: FourfoldTables, exposed: int, unexposed: int) -> str | None:
    reasons = (
        (tables.units == 0, "nobody was judged"),
        (exposed == 0, "nobody met it"),
        (unexposed == 0, "everybody met it"),
        (tables.hits == 0, "nobody was loyal"),
        (tables.hits == tables.units, "everybody was loyal"),
    )
    return next((reason for holds, reason in reasons if holds), None)


def _warnings(
    tables: FourfoldTables, judged: JudgedUnits, kind: LoyaltyKind, counts: list[int]
) -> Iterator[str]:
    journeys = judged.journeys
    if kind is LoyaltyKind.COLUMN:
        yield (
            "The exposure may follow the outcome: the column does not say since when it holds, "
            "so everything that a customer met counts as exposure."
        )
    else:
        yield from outcome_warnings(journeys)
    if kind is LoyaltyKind.ACTIVE and not journeys.graph.column("initiator").any():
        yield "No interaction says who began it, so all count as begun by the customer."
    if min(tables.hits, tables.units - tables.hits) < SMALL_GROUP:
        yield (
            f"Of the {tables.units} units judged, {tables.hits} are loyal: fewer than "
            f"{SMALL_GROUP} on one side cannot tell touchpoints apart."
        )
    if counts[CENSORED] > tables.units:
        yield (
            f"More units are censored ({counts[CENSORED]}) than judged ({tables.units}): those "
            "judged are the early ones. Ask for a shorter horizon."
        )
    forced = np.flatnonzero(tables.sizes >= max(1.0, NEARLY_EVERYBODY * tables.units)).tolist()
    if forced:
        forced.sort(key=lambda item: (-tables.sizes[item], journeys.items[item]))
        names = ", ".join(repr(journeys.items[item]) for item in forced[:3])
        more = f" and {len(forced) - 3} more" if len(forced) > 3 else ""
        yield (
            f"Nearly everybody met {names}{more}: a step that is forced, or nearly so, leaves "
            "hardly anybody to compare with."
        )
