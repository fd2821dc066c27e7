"""One customer whole: where they stand, how they felt, what they bought, signs of loyalty or risk.

Made of the complete history, in its total order, whatever a view elsewhere leaves out. Signs are
facts about this customer against their own past, not scores: silent for longer than ever before,
the last feeling bad, the last expectation not met; came back, pays, brings others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from journeygraph.durations import Duration, parse_duration
from journeygraph.outcome import OutcomeRule, compile_outcome
from queries.customer import CustomerProfile, InteractionRow
from queries.paging import MAX_FIRST, PageInfo, page

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph

__all__ = ["CustomerStanding", "HistoryPart", "WholeProfile"]

_LATELY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPart:
    """A page of some interactions of a history, the earliest first, and how many there are."""

    count: int
    nodes: tuple[InteractionRow, ...]
    page_info: PageInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerStanding:
    """Where a customer stands at the end of the data.

    Attributes
    ----------
    as_of_us
        The end of the data.
    last_item, last_channel, last_at_us
        The last interaction; None where there is none.
    since_seconds
        From it to the end of the data.
    is_open
        Whether that is less than the inactivity limit: not gone; None without an interaction.
    has_outcome, outcomes, last_outcome_us, outcome
        Whether, how often and when last the customer had the outcome, and what that is, in words.
    is_repeat
        Whether the outcome came more than once.
    interactions, first_at_us, value_minor
        How much there is, since when, and what it brought.
    median_gap_seconds, longest_gap_seconds
        Between interactions, so far (nearest rank); None with fewer than two.
    is_unusually_silent
        Whether the customer has been silent for longer than ever before; None as the gaps.
    mean_emotion, recent_emotion, last_emotion
        Mean of all feelings, of the last three, and the last; None where none is known.
    met_or_surpassed, expectations
        Interactions in which what was found was at least what was expected, of those that say both.
    was_disappointed
        Whether the last of these was not met; None where there is none.
    brought
        Customers brought directly.
    """

    as_of_us: int
    last_item: str | None
    last_channel: str | None
    last_at_us: int | None
    since_seconds: float | None
    is_open: bool | None
    has_outcome: bool
    outcomes: int
    last_outcome_us: int | None
    outcome: str
    is_repeat: bool
    interactions: int
    first_at_us: int | None
    value_minor: int
    median_gap_seconds: float | None
    longest_gap_seconds: float | None
    is_unusually_silent: bool | None
    mean_emotion: float | None
    recent_emotion: float | None
    last_emotion: float | None
    met_or_surpassed: int
    expectations: int
    was_disappointed: bool | None
    brought: int


@dataclass(frozen=True, eq=False)
class WholeProfile:
    """A customer with all that their history tells.

    Parameters
    ----------
    profile
        Who it is.
    outcome, inactivity
        What counts as success, a purchase by default, and how long ago is gone.
    """

    profile: CustomerProfile
    outcome: OutcomeRule | Mapping[str, Any] | None = None
    inactivity: Duration = "30d"

    @cached_property
    def history(self) -> tuple[InteractionRow, ...]:
        """All interactions in their total order."""
        rows: list[InteractionRow] = []
        after: str | None = None
        while True:
            found = self.profile.interactions(MAX_FIRST, after)
            rows += found.nodes
            after = found.page_info.end_cursor
            if not found.page_info.has_next_page:
                return tuple(rows)

    @cached_property
    def _alone(self) -> JourneyGraph:
        graph, index = self.profile.graph.history_of(self.profile.index)
        return graph.only([index])

    @cached_property
    def _purchases(self) -> tuple[InteractionRow, ...]:
        rows = compile_outcome(self._alone, self.outcome).rows(self._alone)
        return tuple(self.history[row] for row in rows.tolist())

    def purchases(self, first: int = 50, after: str | None = None) -> HistoryPart:
        """The interactions that are the outcome."""
        return _part(self._purchases, first, after)

    def emotions(self, first: int = 50, after: str | None = None) -> HistoryPart:
        """The interactions with a feeling, as a number or in a word."""
        return _part(
            [row for row in self.history if row.emotion is not None or row.emotion_label],
            first,
            after,
        )

    def expectations(self, first: int = 50, after: str | None = None) -> HistoryPart:
        """The interactions that say what was expected, or found."""
        return _part(
            [
                row
                for row in self.history
                if row.expectation is not None or row.experience is not None
            ],
            first,
            after,
        )

    @cached_property
    def standing(self) -> CustomerStanding:
        """Where the customer stands.

        Raises
        ------
        UnknownTouchpointError, InvalidOptionError, InvalidDurationError
            Where the outcome or the limit cannot be used.
        """
        limit_us = parse_duration(self.inactivity, "inactivity")
        history, bought = self.history, self._purchases
        as_of_us = self.profile.graph.as_of_us
        last = history[-1] if history else None
        since_us = None if last is None else as_of_us - last.at_us
        gaps = np.diff([row.at_us for row in history])
        feelings = [row.emotion for row in history if row.emotion is not None]
        met = [
            row.experience >= row.expectation
            for row in history
            if row.experience is not None and row.expectation is not None
        ]
        longest = int(gaps.max()) if len(gaps) else None
        return CustomerStanding(
            as_of_us=as_of_us,
            last_item=None if last is None else last.touchpoint,
            last_channel=None if last is None else last.channel,
            last_at_us=None if last is None else last.at_us,
            since_seconds=_seconds(since_us),
            is_open=None if since_us is None else since_us < limit_us,
            has_outcome=bool(bought),
            outcomes=len(bought),
            last_outcome_us=bought[-1].at_us if bought else None,
            outcome=compile_outcome(self._alone, self.outcome).wording,
            is_repeat=len(bought) > 1,
            interactions=len(history),
            first_at_us=history[0].at_us if history else None,
            value_minor=sum(row.value_minor or 0 for row in history),
            median_gap_seconds=_seconds(_median(gaps.tolist())),
            longest_gap_seconds=_seconds(longest),
            is_unusually_silent=None if longest is None or since_us is None else since_us > longest,
            mean_emotion=_mean(feelings),
            recent_emotion=_mean(feelings[-_LATELY:]),
            last_emotion=feelings[-1] if feelings else None,
            met_or_surpassed=sum(met),
            expectations=len(met),
            was_disappointed=not met[-1] if met else None,
            brought=self.profile.links.brought,
        )


def _part(rows: Sequence[InteractionRow], first: int, after: str | None) -> HistoryPart:
    found = page(rows, first, after)
    return HistoryPart(count=len(rows), nodes=found.nodes, page_info=found.page_info)


def _seconds(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / 1e6


def _median(numbers: Sequence[int]) -> int | None:
    return sorted(numbers)[(len(numbers) - 1) // 2] if numbers else None


def _mean(numbers: Sequence[float]) -> float | None:
    return sum(numbers) / len(numbers) if numbers else None
