"""Where nothing is the outcome, the answers say so instead of giving zeros without a sign."""

from journeygraph.graph_build import graph_from_rows
from queries.drop_off import DropOff, drop_off
from queries.loyalty import Loyalty
from queries.loyalty_touchpoints import LoyaltyTouchpoints, loyalty_touchpoints
from queries.outcomes import outcome_warnings

ROWS = [("a", 0, "ad", None, None, None), ("a", 10, "order", None, None, None)]


def test_a_default_outcome_that_nobody_has_is_warned_of():
    journeys = graph_from_rows(ROWS).journeys()
    (warning,) = outcome_warnings(journeys)
    assert "stage purchase" in warning
    assert "outcome: {touchpoints" in warning
    asked = LoyaltyTouchpoints(loyalty=Loyalty(repeat_purchase_within="1d"))
    assert warning in loyalty_touchpoints(asked, journeys).warnings


def test_an_outcome_that_somebody_has_is_not():
    journeys = graph_from_rows(ROWS).journeys(outcome={"touchpoints": ["order"]})
    assert outcome_warnings(journeys) == ()


def test_a_view_of_nobody_needs_no_warning():
    journeys = graph_from_rows(ROWS).journeys(where={"until": "1960-01-01"})
    assert outcome_warnings(journeys) == ()


def test_without_an_interaction_the_data_has_no_end():
    journeys = graph_from_rows([], customers=["a"]).journeys()
    assert drop_off(DropOff(), journeys).as_of_us is None
