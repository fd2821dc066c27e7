"""How much a view holds: what stands at the head of every page and report.

It counts what is left after filters and rules: customers and journeys with an item, and the
interactions that are one, those that a collapsed run took in included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.kernels.units import mark_kept, survey_rows
from journeygraph.statistics.base import blocks_or_nothing
from journeygraph.statistics.remembering import Few, remembered
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.graph import IntArray
    from journeygraph.journeys import Block, Journeys

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
    return remembered(journeys, "summary", {}, lambda: Few(_counted(journeys))).value


def _counted(journeys: Journeys) -> Summary:
    graph = journeys.graph
    surveyed = on_threads(_survey, blocks_or_nothing(journeys))
    n_kept = sum(part[0] for part in surveyed)
    touchpoints = _seen(journeys, graph.touchpoint_codes, len(graph.touchpoints))
    channels = _seen(journeys, graph.channel_codes, len(graph.channels))
    return Summary(
        customers=int(np.count_nonzero(np.diff(journeys.unit_customers, prepend=-1))),
        journeys=journeys.n_journeys,
        interactions=n_kept,
        touchpoints=int(touchpoints.sum()),
        channels=int(channels[1:].sum()),
        from_us=min(part[1] for part in surveyed) if n_kept else None,
        until_us=max(part[2] for part in surveyed) if n_kept else None,
    )


def _survey(block: Block) -> tuple[int, int, int]:
    journeys = block.journeys
    found = survey_rows(*_kept(block), journeys.graph.at_us)
    return int(found[0]), int(found[1]), int(found[2])


def _kept(block: Block) -> tuple[IntArray, IntArray, IntArray, int, int]:
    journeys, part = block.journeys, slice(block.journey_lo, block.journey_hi)
    ranges = journeys.journey_starts[part], journeys.journey_ends[part]
    return *ranges, journeys.item_codes, journeys.n_items, journeys.repeated_code


def _seen(journeys: Journeys, codes: IntArray, n_codes: int) -> npt.NDArray[np.bool_]:
    def of(block: Block) -> npt.NDArray[np.bool_]:
        seen = np.zeros(n_codes, np.bool_)
        mark_kept(*_kept(block), codes, seen)
        return seen

    return np.asarray(np.logical_or.reduce(on_threads(of, blocks_or_nothing(journeys))))
