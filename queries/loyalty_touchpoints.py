"""Which touchpoints go with loyalty: shares of those who met one and of those who did not.

It says "associated with", and means it: whoever was around for longer met more, and nothing is
adjusted for but what `strata` name. What is kept clean is: exposure ends before the first outcome,
loyalty is observed after it, whoever was not watched for the whole horizon is set apart, every
touchpoint that could be tested is tested, and the q values say how many of the discoveries are
false.

Touchpoints come by their p value, the smallest first; where p values are equal, and those of large
data are often too small to tell apart, by chi-square, the largest first; then by name. Those
that cannot be tested come last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from journeygraph.errors import InvalidOptionError
from journeygraph.kernels.loyalty import CENSORED, LOYAL, NOT_ELIGIBLE, NOT_LOYAL
from journeygraph.renaming import apart
from journeygraph.statistics.base import total
from journeygraph.statistics.loyalty import judge_units, loyalty_exposures
from queries.customer_lists import CustomerList
from queries.figures import Pictured
from queries.fourfold import fourfold_tables
from queries.intervals import Estimate, wilson
from queries.loyalty import Loyalty, compile_loyalty, loyalty_wording
from queries.loyalty_details import details_of
from queries.loyalty_nodes import (
    NEARLY_EVERYBODY,
    SO_MUCH_LONGER,
    LoyaltyFound,
    LoyaltyTouchpoint,
    customers_of,
    touchpoint_of,
)
from queries.loyalty_warnings import warnings_of
from queries.paging import PageInfo, page_bounds, page_info
from queries.question import Question, take_mappings

if TYPE_CHECKING:
    from journeygraph.durations import Duration
    from journeygraph.journeys import Journeys

__all__ = [
    "NEARLY_EVERYBODY",
    "SO_MUCH_LONGER",
    "LoyaltyAnswer",
    "LoyaltyTouchpoint",
    "LoyaltyTouchpoints",
    "loyalty_touchpoints",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoyaltyTouchpoints(Question):
    """Which touchpoints go with loyalty.

    Attributes
    ----------
    loyalty
        What loyal means.
    exposure_window
        Only what was met so long before the first outcome counts as exposure; all history
        otherwise.
    strata
        Compare like with like: "tenure" (from the customer's first interaction to the end of
        exposure), "exposure" (how many items were met), "channel" (of the first interaction), any
        attribute of customers, or any column, of the unit's first interaction.
    strata_bins
        Into how many bins of about equally many units tenure and exposure are cut.
    dose
        Shares by how often a touchpoint was met: the least number of times of each dose above 0,
        as (1, 2, 3, 6).
    first_days
        Count as exposure only what was met in so many first days of the customer; one number or
        several.
    hazard
        Cox's hazard ratio of the time to the event, within strata if there are any.
    permutations
        How often to permute who is loyal, within strata if there are any; 0 for not.
    seed
        Of the permutations.
    first, after
        How many touchpoints, and behind which cursor.
    at_least
        Hide touchpoints that fewer units met; it changes no q value.
    """

    loyalty: Loyalty
    exposure_window: Duration | None = None
    strata: Sequence[str] | None = None
    strata_bins: int = 5
    dose: Sequence[int] | None = None
    first_days: Sequence[int] | None = None
    hazard: bool = False
    permutations: int = 0
    seed: int = 0
    first: int = 10
    after: str | None = None
    at_least: int = 1

    def __post_init__(self) -> None:
        Question.__post_init__(self)
        take_mappings(self, loyalty=Loyalty)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class LoyaltyAnswer(Pictured):
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
        What else was held equal: the strata, in words.
    permutation_limit
        The largest |z| of any touchpoint that chance alone reaches in at most 1 - confidence of
        the permutations.
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
    permutation_limit: float | None = None
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
    Who met what is no question of order: a tolerance makes no sets here.

    Raises
    ------
    InvalidOptionError, ConflictingOptionsError, UnknownColumnError, UnknownValueError
        Where the definition of loyalty cannot be used.
    """
    if question.at_least < 0:
        raise InvalidOptionError("at_least", question.at_least, "a whole number, 0 or more")
    journeys = apart(journeys)
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
    seconds = met["exposed_seconds"].to_numpy()
    found = LoyaltyFound(tables=tables, judged=judged, counts=counts, seconds=seconds,
                   details=details_of(question, judged))  # fmt: skip
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
        adjusted_for=found.details.adjusted_for,
        permutation_limit=found.details.permutation_limit(journeys.confidence),
        warnings=tuple(warnings_of(found)),
        nodes=tuple(touchpoint_of(found, item) for item in ranking[start:end].tolist()),
        page_info=page_info(len(ranking), start, end),
        customers=customers_of(judged, NOT_LOYAL, LOYAL),
        loyal_customers=customers_of(judged, LOYAL),
        censored_customers=customers_of(judged, CENSORED),
        not_eligible_customers=customers_of(judged, NOT_ELIGIBLE),
    )
