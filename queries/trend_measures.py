"""What can be followed over time: every measure, what it counts, and when it counts.

What happens counts when it happens. A rate that needs time to follow up counts where a unit begins,
and takes only those who were followed for the whole of it: else the latest periods would always
look worst. A rate of leaving counts where a unit was met, and those who may still go on are open.
"""

from __future__ import annotations

from dataclasses import dataclass

from journeygraph.options import Word
from journeygraph.statistics.ratings import Rating
from queries.trend_counting import (
    TallyMeasure,
    amounts_in,
    at_item,
    complaints_of,
    each,
    first_seen,
    outcomes_of,
    ratings_in,
    referrals_of,
    tally_events,
    tally_exits,
    tally_funnel,
    tally_interactions,
    tally_outcome_rate,
)
from queries.trend_tallies import Once, TrendKind

__all__ = ["MEASURES", "Measure", "TrendMeasure"]


class TrendMeasure(Word, argument="of"):
    """What is followed over time."""

    CUSTOMERS = "customers"
    NEW_CUSTOMERS = "new_customers"
    INTERACTIONS = "interactions"
    OUTCOMES = "outcomes"
    OUTCOME_RATE = "outcome_rate"
    EXIT_RATE = "exit_rate"
    FUNNEL_CONVERSION = "funnel_conversion"
    VALUE = "value"
    COST = "cost"
    VALUE_PER_CUSTOMER = "value_per_customer"
    EMOTION = "emotion"
    GAP = "gap"
    ITEM_SHARE = "item_share"
    ITEM_REACH = "item_reach"
    REFERRALS = "referrals"
    COMPLAINTS = "complaints"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure.

    Attributes
    ----------
    kind
        What it is, and so how its interval is made.
    meaning
        What it says, in words.
    tally
        Counts it: by journeys, what is asked, and the calendar.
    takes_item, needs_item, takes_steps
        Which further options it understands.
    follows_up
        Whether units are followed for a while: `within` is the inactivity limit if not given.
    is_exit
        Whether units are followed until the inactivity limit has passed.
    is_money, is_rating
        Whether it is an amount, added up in minor units, or a rating, in thousandths.
    """

    kind: TrendKind
    meaning: str
    tally: TallyMeasure
    takes_item: bool = False
    needs_item: bool = False
    takes_steps: bool = False
    follows_up: bool = False
    is_exit: bool = False
    is_money: bool = False
    is_rating: bool = False


MEASURES: dict[TrendMeasure, Measure] = {
    TrendMeasure.CUSTOMERS: Measure(
        kind=TrendKind.COUNT,
        meaning="customers with an interaction in the period",
        tally=tally_interactions(each, Once.BOTH),
    ),
    TrendMeasure.NEW_CUSTOMERS: Measure(
        kind=TrendKind.COUNT,
        meaning="customers whose first interaction of all is in the period",
        tally=tally_events(first_seen),
    ),
    TrendMeasure.INTERACTIONS: Measure(
        kind=TrendKind.COUNT,
        meaning="interactions in the period",
        tally=tally_interactions(each),
    ),
    TrendMeasure.OUTCOMES: Measure(
        kind=TrendKind.COUNT,
        meaning="outcomes in the period",
        tally=tally_events(outcomes_of),
    ),
    TrendMeasure.OUTCOME_RATE: Measure(
        kind=TrendKind.SHARE,
        meaning="of the units whose first item is in the period, those with the outcome in time",
        tally=tally_outcome_rate,
        follows_up=True,
    ),
    TrendMeasure.EXIT_RATE: Measure(
        kind=TrendKind.SHARE,
        meaning="of the units met in the period, those that left there without the outcome",
        tally=tally_exits,
        takes_item=True,
        is_exit=True,
    ),
    TrendMeasure.FUNNEL_CONVERSION: Measure(
        kind=TrendKind.SHARE,
        meaning="of the units that entered the funnel in the period, those that came through",
        tally=tally_funnel,
        takes_steps=True,
        follows_up=True,
    ),
    TrendMeasure.VALUE: Measure(
        kind=TrendKind.SUM,
        meaning="value of the interactions in the period",
        tally=tally_interactions(amounts_in("value")),
        is_money=True,
    ),
    TrendMeasure.COST: Measure(
        kind=TrendKind.SUM,
        meaning="cost of the interactions in the period",
        tally=tally_interactions(amounts_in("cost")),
        is_money=True,
    ),
    TrendMeasure.VALUE_PER_CUSTOMER: Measure(
        kind=TrendKind.MEAN,
        meaning="value of the interactions in the period by the customers who have one in it",
        tally=tally_interactions(amounts_in("value"), Once.BELOW),
        is_money=True,
    ),
    TrendMeasure.EMOTION: Measure(
        kind=TrendKind.MEAN,
        meaning="mean emotion of the interactions in the period",
        tally=tally_interactions(ratings_in(Rating.EMOTION)),
        is_rating=True,
    ),
    TrendMeasure.GAP: Measure(
        kind=TrendKind.MEAN,
        meaning="mean experience less expectation of the interactions in the period",
        tally=tally_interactions(ratings_in(Rating.GAP)),
        is_rating=True,
    ),
    TrendMeasure.ITEM_SHARE: Measure(
        kind=TrendKind.SHARE,
        meaning="of the interactions in the period, those at the item",
        tally=tally_interactions(at_item),
        takes_item=True,
        needs_item=True,
    ),
    TrendMeasure.ITEM_REACH: Measure(
        kind=TrendKind.SHARE,
        meaning="of the customers with an interaction in the period, those who met the item in it",
        tally=tally_interactions(at_item, Once.BOTH),
        takes_item=True,
        needs_item=True,
    ),
    TrendMeasure.REFERRALS: Measure(
        kind=TrendKind.COUNT,
        meaning="customers brought in the period, by who brought them",
        tally=tally_events(referrals_of),
    ),
    TrendMeasure.COMPLAINTS: Measure(
        kind=TrendKind.COUNT,
        meaning="complaints opened in the period",
        tally=tally_events(complaints_of),
    ),
}
"""Every measure; docs/trend.md lists them."""
