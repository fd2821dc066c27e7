"""The feedback and the promises of one customer, and where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from queries.feedback import AskedFeedback, kind_codes
from queries.feedback_items import FeedbackItem, items_of
from queries.paging import PageInfo, page_bounds, page_info

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph

__all__ = ["CustomerFeedback", "customer_feedback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFeedback:
    """A customer's feedback, the latest opening first.

    Attributes
    ----------
    count
        How much there is in all pages.
    open, overdue
        How much of it is not closed, and how much of that was due before the end of what is known.
    """

    count: int
    open: int
    overdue: int
    nodes: tuple[FeedbackItem, ...]
    page_info: PageInfo


def customer_feedback(
    graph: JourneyGraph,
    index: int,
    *,
    kinds: Sequence[str] | None = None,
    is_open: bool | None = None,
    first: int = 50,
    after: str | None = None,
) -> CustomerFeedback:
    """The feedback of a customer, given by index, as of the end of what is known.

    Parameters
    ----------
    kinds
        Only of these kinds; all by default.
    is_open
        Only what is open, or is not; both by default.

    Raises
    ------
    InvalidOptionError
        Where a kind is not one, or `first` or `after` do not name a page.
    """
    feedback, codes = graph.feedback, kind_codes(kinds)
    is_meant = feedback.customers == index
    if codes is not None:
        is_meant &= np.isin(feedback.kinds, codes)
    rows = np.flatnonzero(is_meant)
    as_of_us = max(graph.as_of_us, feedback.latest_us)
    asked = AskedFeedback(
        journeys=graph.journeys(),
        feedback=feedback,
        rows=rows[np.argsort(-feedback.opened_us[rows], kind="stable")],
        as_of_us=as_of_us,
        whole_state=feedback.state_at(as_of_us),
        strangers=0,
    )
    if is_open is not None:
        asked = asked.among(asked.are_open == is_open)
    start, end = page_bounds(len(asked), first, after)
    return CustomerFeedback(
        count=len(asked),
        open=int(np.count_nonzero(asked.are_open)),
        overdue=int(np.count_nonzero(asked.are_overdue)),
        nodes=items_of(asked.among(np.arange(start, end)), graph),
        page_info=page_info(len(asked), start, end),
    )
