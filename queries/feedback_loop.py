"""The feedback loop: what customers gave back, what was promised to them, and what became of it.

Counting what was closed makes a team look slow that was asked yesterday, and one quick that
closes the easy half. Times are therefore estimated with what still waits counted as that; nothing
that is not due is broken; and what was opened again is open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journeygraph.errors import InvalidOptionError
from journeygraph.moments import Moment
from queries.feedback import AskedFeedback, asked_feedback
from queries.feedback_groups import FeedbackBy, FeedbackGroup, group_codes, group_of
from queries.figures import Pictured
from queries.paging import PageInfo, page_bounds, page_info
from queries.question import Question

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["FeedbackLoop", "FeedbackLoopAnswer", "feedback_loop", "feedback_warnings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackLoop(Question):
    """What became of feedback.

    Attributes
    ----------
    by
        What it is grouped by: kind, touchpoint, team or stage.
    kinds
        Only feedback of these kinds; all by default.
    as_of
        What is later counts as not happened; by default the end of what is known.
    first, after
        How many groups, and behind which cursor.
    at_least
        List no group of fewer; they are counted among the others.
    """

    by: FeedbackBy = FeedbackBy.KIND
    kinds: Sequence[str] | None = None
    as_of: Moment | None = None
    first: int = 50
    after: str | None = None
    at_least: int = 1


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FeedbackLoopAnswer(Pictured):
    """All feedback that is asked about, and its groups, the largest first.

    Attributes
    ----------
    as_of_us
        The moment that it is told as of; None where there is neither feedback nor interaction.
    all
        The numbers of all of it.
    groups
        How many groups there are; those listed and other_groups.
    nodes
        The groups, the largest first, then by name, what does not say last.
    other_groups, other_count
        Groups that this page does not list, and how much feedback is in them.
    strangers
        Feedback, beyond `all`, of customers whom nothing but feedback names.
    warnings
        What to mind.
    """

    as_of_us: int | None
    all: FeedbackGroup
    groups: int
    nodes: tuple[FeedbackGroup, ...]
    page_info: PageInfo
    other_groups: int
    other_count: int
    strangers: int
    warnings: tuple[str, ...]


def feedback_loop(question: FeedbackLoop, journeys: Journeys) -> FeedbackLoopAnswer:
    """Answer the question, the largest group first. What is counted is feedback.

    Raises
    ------
    InvalidOptionError
        Where a kind or the moment cannot be used, or `first` or `after` do not name a page.
    """
    if question.at_least < 1:
        raise InvalidOptionError("at_least", question.at_least, "a whole number above 0")
    asked = asked_feedback(journeys, kinds=question.kinds, as_of=question.as_of)
    codes, names = group_codes(asked, FeedbackBy(question.by))
    found, sizes = np.unique(codes, return_counts=True)
    named = {code: names[code] if code >= 0 else None for code in found.tolist()}
    size_of = dict(zip(found.tolist(), sizes.tolist(), strict=True))
    ranked = sorted(
        (code for code in named if size_of[code] >= question.at_least),
        key=lambda code: (-size_of[code], code < 0, named[code] or ""),
    )
    start, end = page_bounds(len(ranked), question.first, question.after)
    listed = ranked[start:end]
    is_known = bool(len(asked.feedback)) or bool(journeys.graph.n_interactions)
    return FeedbackLoopAnswer(
        as_of_us=asked.as_of_us if is_known else None,
        all=group_of(asked, None, len(asked)),
        groups=len(named),
        nodes=tuple(
            group_of(asked.among(codes == code), named[code], len(asked)) for code in listed
        ),
        page_info=page_info(len(ranked), start, end),
        other_groups=len(named) - len(listed),
        other_count=len(asked) - sum(size_of[code] for code in listed),
        strangers=asked.strangers,
        warnings=tuple(feedback_warnings(asked)),
    )


def feedback_warnings(asked: AskedFeedback) -> Iterator[str]:
    """What to mind about feedback, whatever is asked of it."""
    if not len(asked.feedback):
        yield "There is no feedback: journeygraph load FILE --table feedback."
    if asked.strangers:
        yield (
            f"{asked.strangers:,} more are of customers whom nothing else names; load the "
            "customers or their interactions to have them counted."
        )
    if asked.feedback.stray_steps:
        yield (
            f"{asked.feedback.stray_steps:,} steps are left out: they name no feedback of this "
            "version, or come before it was opened."
        )
