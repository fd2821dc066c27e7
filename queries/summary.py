"""How much a view holds: what stands at the head of every page and report.

It counts what is left after filters and rules: customers and journeys with an item, and the
interactions that are one, those that a collapsed run took in included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from journeygraph.statistics.sizes import Seen, names_seen, sizes_of

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["Summary", "summary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What is in a view.

    Attributes
    ----------
    customers, journeys
        Those with an item.
    interactions
        Those that are an item, or repeat one.
    touchpoints, channels
        How many different ones these interactions are at, by their names in the store;
        interactions whose channel is not said add none.
    from_us, until_us
        When the first and the last of these interactions was; None where there is none.
    """

    customers: int
    journeys: int
    interactions: int
    touchpoints: int
    channels: int
    from_us: int | None
    until_us: int | None


def summary(journeys: Journeys) -> Summary:
    """Count what a view holds."""
    sizes, seen = sizes_of(journeys), names_seen(journeys)
    return Summary(
        customers=sizes.customers,
        journeys=sizes.journeys,
        interactions=sizes.interactions,
        touchpoints=seen[Seen.TOUCHPOINT],
        channels=seen[Seen.CHANNEL],
        from_us=sizes.from_us,
        until_us=sizes.until_us,
    )
