"""Experience: what customers felt, expected and found, by what they met, and over time.

Interactions are grouped by a column; emotion, expectation and experience of each group are means
with an interval that knows who rated more than once, and with how many say nothing beside them.
The emotion curve takes the stages in their order, and the phases read them as before, during and
after the purchase. Peak and end are of each journey (`queries.peak_end`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journeygraph.errors import InvalidOptionError
from journeygraph.options import Word
from journeygraph.statistics.feelings import ITEM, PHASE
from queries.feelings import ExperienceGroup, Feelings, FeltGroup
from queries.figures import Pictured
from queries.outcomes import outcome_warnings
from queries.paging import PageInfo, page_bounds, page_info
from queries.peak_end import PeakEnd, peak_end
from queries.question import Question
from queries.stretches import stretches_of

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["Experience", "ExperienceAnswer", "ExperienceBy", "experience"]


class ExperienceBy(Word, argument="by"):
    """What the interactions of a group have in common."""

    STAGE = "stage"
    TOUCHPOINT = "touchpoint"
    CHANNEL = "channel"
    ENVIRONMENT = "environment"
    LEVEL = "level"
    INITIATOR = "initiator"
    TEAM = "team"


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience(Question):
    """How customers feel, where, and when.

    Attributes
    ----------
    by
        What the interactions of a group have in common. What paths are made of is taken as the
        rules name it, everything else as it was loaded.
    over
        Each group over time as well: "day", "week" (ISO) or "month" of the calendar by the time
        zone of the journeys, or a length of time such as "14d", counted from Monday, 5 January
        1970, UTC. At most 1000 of them may lie between the first and the last interaction.
    first, after
        How many groups, and behind which cursor.
    at_least
        List no group of fewer units; it counts among the others.
    """

    by: ExperienceBy | str = ExperienceBy.TOUCHPOINT
    over: str | None = None
    first: int = 50
    after: str | None = None
    at_least: int = 1


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ExperienceAnswer(Pictured):
    """How customers feel, where, and when.

    Attributes
    ----------
    units, count
        All units of the journeys, and all interactions in them.
    overall
        All interactions together, as a group called "all".
    curve
        The stages in their order, "unknown" last: the emotion curve.
    phases
        Before, during and after the purchase, "unknown" last: inquiry and comparison are before
        it, support is after it.
    peak_end
        The peak and the end of each journey, and how they go with the outcome.
    groups
        How many groups there are; those listed and other_groups.
    nodes
        Groups, most units first, then by name.
    other_groups, other_count
        Groups that this page does not list, and the interactions in them.
    """

    units: int
    count: int
    by: ExperienceBy
    overall: ExperienceGroup
    curve: tuple[FeltGroup, ...]
    phases: tuple[FeltGroup, ...]
    peak_end: tuple[PeakEnd, ...]
    groups: int
    nodes: tuple[ExperienceGroup, ...]
    page_info: PageInfo
    other_groups: int
    other_count: int
    warnings: tuple[str, ...]


def experience(question: Experience, journeys: Journeys) -> ExperienceAnswer:
    """Answer the question, most units first. The unit is that of the journeys.

    Raises
    ------
    InvalidOptionError
        Where `by` or `over` are none of their words, `over` would make too many stretches of time,
        `at_least` is below 1, or `first` or `after` do not name a page.
    InvalidDurationError
        Where `over` is neither a period of the calendar nor a length of time.
    """
    if question.at_least < 1:
        raise InvalidOptionError("at_least", question.at_least, "a whole number above 0")
    by = ExperienceBy(question.by)
    stretches = stretches_of(question.over, journeys)
    found = Feelings.of(journeys, ITEM if by.value == journeys.by.value else by.value, stretches)
    groups = found.ranked(question.at_least)
    start, end = page_bounds(len(groups), question.first, question.after)
    listed = [found.group(group) for group in groups[start:end]]
    overall = Feelings.of(journeys, None, stretches).overall()
    curve = tuple(Feelings.of(journeys, "stage").in_order())
    return ExperienceAnswer(
        units=journeys.n_units,
        count=overall.count,
        by=by,
        overall=overall,
        curve=curve,
        phases=tuple(Feelings.of(journeys, PHASE).in_order()),
        peak_end=peak_end(journeys),
        groups=found.n_groups,
        nodes=tuple(listed),
        page_info=page_info(len(groups), start, end),
        other_groups=found.n_groups - len(listed),
        other_count=overall.count - sum(group.count for group in listed),
        warnings=(*outcome_warnings(journeys), *_warnings(overall, curve)),
    )


def _warnings(overall: ExperienceGroup, curve: tuple[FeltGroup, ...]) -> Iterator[str]:
    unsaid = sum(stage.count for stage in curve if stage.group == "unknown")
    if 2 * unsaid > overall.count:
        yield (
            f"No stage is said of {unsaid:,} of {overall.count:,} interactions, so that the curve "
            "and the phases miss them. A dictionary gives touchpoints their stages: journeygraph "
            "dictionary."
        )
    if overall.count and not (overall.emotion.ratings or overall.experience.ratings):
        yield "No interaction says how the customer felt or what the customer found."
