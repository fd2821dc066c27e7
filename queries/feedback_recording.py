"""Recording as a question: what was recorded, and how the feedback stands then.

The graph is asked for the customer before anything is written, so that nothing is recorded of a
customer whom no history, and no answer, could show.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from journeygraph.durations import Duration
from journeygraph.recording.feedback import Recorded, record_feedback, record_step
from journeygraph.recording.requests import FeedbackStepTaken, NewFeedback
from queries.feedback import AskedFeedback, asked_feedback
from queries.feedback_items import FeedbackItem, items_of

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph

__all__ = ["RecordedFeedback", "record", "take_step"]

Opener = Callable[[int | None], "JourneyGraph"]
"""Opens a version of the store that is written to; the latest by None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFeedback:
    """What was recorded.

    Attributes
    ----------
    feedback
        How it stands in that version; None where its customer is named by nothing else.
    version
        A version of the store that has it.
    repeated
        Whether the same request had recorded it before.
    """

    feedback: FeedbackItem | None
    version: int
    repeated: bool


def record(
    store: Path, opener: Opener, new: NewFeedback, wait: Duration = "10s"
) -> RecordedFeedback:
    """Record new feedback; the errors are those of `record_feedback`.

    Raises
    ------
    UnknownCustomerError
        Where the graph does not have the customer.
    """
    opener(None).customer_index(new.customer)
    return _told(record_feedback(store, new, wait=wait), opener)


def take_step(
    store: Path, opener: Opener, taken: FeedbackStepTaken, wait: Duration = "10s"
) -> RecordedFeedback:
    """Record a step of feedback; the errors are those of `record_step`."""
    return _told(record_step(store, taken, wait=wait), opener)


def _told(recorded: Recorded, opener: Opener) -> RecordedFeedback:
    graph = opener(recorded.version)
    asked = asked_feedback(graph.journeys())
    return RecordedFeedback(
        feedback=_item(asked, graph, recorded.id),
        version=recorded.version,
        repeated=recorded.is_repeated,
    )


def _item(asked: AskedFeedback, graph: JourneyGraph, name: str) -> FeedbackItem | None:
    place = int(asked.feedback.names.find([name])[0])
    chosen = np.flatnonzero(asked.rows == place)
    items = items_of(asked.among(chosen), graph)
    return items[0] if items else None
