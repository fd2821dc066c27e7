"""What counts as success, as data, and which interactions are it.

The outcome is judged on the names and values as they were loaded, before any filter or rule:
a filter on channels must not turn a buyer into somebody who dropped out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.vocabulary import STAGES

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph

__all__ = ["Outcome", "compile_outcome"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """A rule compiled against a graph; an interaction is the outcome where all parts hold.

    Attributes
    ----------
    touchpoints, stages
        By code whether it counts; None where any does.
    min_value_minor
        The least value; None where a value is not needed.
    wording
        The rule in words, for answers and pictures.
    """

    touchpoints: npt.NDArray[np.bool_] | None
    stages: npt.NDArray[np.bool_] | None
    min_value_minor: int | None
    wording: str

    def rows(self, graph: JourneyGraph, before_us: int) -> npt.NDArray[np.int64]:
        """Rows that are the outcome, ascending."""
        hit = graph.at_us < before_us
        if self.touchpoints is not None:
            hit &= self.touchpoints[graph.touchpoint_codes]
        if self.stages is not None:
            hit &= self.stages[graph.stage_codes]
        if self.min_value_minor is not None:
            hit &= graph.value_minor >= self.min_value_minor
        return np.flatnonzero(hit).astype(np.int64)


def compile_outcome(graph: JourneyGraph) -> Outcome:
    """The default: a touchpoint named purchase, else the stage purchase with a value."""
    named = np.array([name.casefold() == "purchase" for name in graph.touchpoints], np.bool_)
    if named.any():
        return Outcome(
            touchpoints=named, stages=None, min_value_minor=None, wording="touchpoint 'purchase'"
        )
    stages = np.array([stage == "purchase" for stage in ("", *STAGES)], np.bool_)
    return Outcome(
        touchpoints=None, stages=stages, min_value_minor=1, wording="stage purchase with a value"
    )
