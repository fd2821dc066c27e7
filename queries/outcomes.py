"""What an answer should warn of when nothing is the outcome that it is asked about.

The default outcome is a purchase. In data that calls it otherwise nothing is one: every rate
would be 0 and everybody would seem to leave, without a sign of why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["outcome_warnings"]


def outcome_warnings(journeys: Journeys) -> tuple[str, ...]:
    """A warning where there are units and none of them ever has the outcome."""
    if not journeys.n_units or journeys.n_outcomes:
        return ()
    return (
        f"No interaction of these {journeys.unit}s is the outcome ({journeys.outcome.wording}), so "
        'nobody has it. Say what counts as success, as in outcome: {touchpoints: ["…"]}.',
    )
