"""Transitions and their times: counted once for a view that remembers.

What `transitions` measures, remembered as partials are, so that it can be brought up to date.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from journeygraph.statistics.base import total
from journeygraph.statistics.elsewhere import JourneysElsewhere
from journeygraph.statistics.transitions import (
    TRANSITION_SUMS,
    TRANSITION_TIMES,
    Edges,
    TransitionTimes,
    finish_times,
    measure_times,
)

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["sums_of", "times_of"]


def sums_of(journeys: Journeys) -> pa.Table:
    """Of every transition, by codes: count and mean_us."""
    return TRANSITION_SUMS.finish(total(TRANSITION_SUMS, journeys))


def times_of(journeys: Journeys, edges: Edges) -> TransitionTimes:
    """How long some edges take; the same edges in another order are the same question."""
    if journeys.memory is None and not isinstance(journeys, JourneysElsewhere):
        return measure_times(journeys, edges)
    order = np.lexsort((edges[:, 1], edges[:, 0]))
    merged = total(TRANSITION_TIMES, journeys, edges=edges[order])
    times = finish_times(merged, len(edges))
    place = np.argsort(order)
    return replace(
        times,
        mean_us=times.mean_us[place],
        median_us=times.median_us[place],
        p95_us=times.p95_us[place],
    )
