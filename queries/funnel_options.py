"""What a funnel may be asked with, and what it means in codes and microseconds.

Options that contradict each other are refused, never guessed: where the order does not matter
there is no step before, so nothing can be said of what comes between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from journeygraph.cohorts import CustomerWhere, Where, conditions_of
from journeygraph.durations import Duration, parse_duration
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError
from journeygraph.given import Amount, flag, mapping_as, names, text
from journeygraph.kernels.funnel import MAX_STEPS
from journeygraph.kernels.funnel_walks import BEST, EVERY, FIRST
from journeygraph.moments import Moment
from journeygraph.options import Word
from journeygraph.statistics.funnel_plan import FunnelPlan, PlannedExclusion, PlannedStep
from journeygraph.statistics.set_members import pairs_meant

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.funnel import Funnel

__all__ = [
    "FunnelBreakdown",
    "FunnelCompare",
    "FunnelEntry",
    "FunnelExclusion",
    "FunnelSession",
    "FunnelStep",
    "FunnelStepWhere",
    "ExclusionMeaning",
    "StepFollows",
    "StepOrder",
    "plan_of",
    "steps_of",
]


class StepOrder(Word, argument="order"):
    """What may happen between two steps, and whether their order matters."""

    ORDERED = "ordered"
    STRICT = "strict"
    ANY = "any"


class StepFollows(Word, argument="steps.follows"):
    """How a step follows the one before."""

    NEXT = "next"
    EVENTUALLY = "eventually"


class FunnelEntry(Word, argument="entry"):
    """Which occurrences of the first step begin."""

    OPTIMISED = "optimised"
    FIRST = "first"
    EVERY = "every"


class ExclusionMeaning(Word, argument="exclude.meaning"):
    """What becomes of a unit that meets an exclusion."""

    LEAVES = "leaves"
    COUNTS_UP_TO = "counts_up_to"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStepWhere:
    """What an interaction must be to meet a step: all that is given must hold; see `Where`."""

    channels: tuple[str, ...] | None = None
    stages: tuple[str, ...] | None = None
    initiators: tuple[str, ...] | None = None
    environments: tuple[str, ...] | None = None
    levels: tuple[str, ...] | None = None
    min_value: Amount | None = None
    max_value: Amount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStep:
    """One step: any of these items meets it.

    Attributes
    ----------
    any_of
        At least one item; an item may serve several steps, an interaction only one of a choice.
    label
        What to call the step; by default the names of its items.
    follows
        NEXT: it is the item directly after the step met before. EVENTUALLY: anything may come
        between. By default as the order of the funnel says.
    within
        At most so long after the step met before; by default the funnel's `step_window`.
    optional
        Whether the steps behind it can be reached without it; neither the first nor the last.
    where
        What the interaction must be beside.
    """

    any_of: tuple[str, ...] = ()
    label: str | None = None
    follows: StepFollows | None = None
    within: Duration | None = None
    optional: bool = False
    where: FunnelStepWhere | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelExclusion:
    """What must not come between two steps.

    Attributes
    ----------
    any_of, where
        Which interactions.
    after, before
        Between which steps, counted from 1; by default the first and the last. Not optional ones.
    meaning
        LEAVES: a unit that meets it there, and never gets on without, counts nowhere.
        COUNTS_UP_TO: it counts up to there.
    """

    any_of: tuple[str, ...] = ()
    after: int = 1
    before: int | None = None
    where: FunnelStepWhere | None = None
    meaning: ExclusionMeaning = ExclusionMeaning.LEAVES


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelSession:
    """What all steps must lie in: one value of a column, or a stretch without such a gap."""

    column: str | None = None
    inactivity: Duration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelBreakdown:
    """What the funnel is shown by; either a column of interactions or an attribute of customers.

    Attributes
    ----------
    column
        "touchpoint", "channel", "session", a property: what the interaction `of` says.
    of
        Which step's interaction, of the best choice: "first", "last" (the last one met), or its
        number.
    attribute
        A column of the customers table.
    first
        How many values, most units at the first step first; the others are one group.
    """

    column: str | None = None
    of: str | int = "first"
    attribute: str | None = None
    first: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelCompare:
    """Who is the second population: one of three.

    Attributes
    ----------
    customers
        Some of the customers, set against all others.
    since
        Whoever began from a moment on, set against all others.
    where
        A population of its own, with conditions of any kind instead of those of the journeys; the
        first is that of the journeys. Periods end each at their own `until`.
    """

    customers: CustomerWhere | None = None
    since: Moment | None = None
    where: Where | None = None


def steps_of(given: Any) -> tuple[FunnelStep, ...]:
    """The steps as they were given, their number and names checked."""
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InvalidOptionError("steps", given, "a list of steps")
    if not 1 <= len(given) <= MAX_STEPS:
        raise InvalidOptionError("steps", f"{len(given)} steps", f"1 to {MAX_STEPS} steps")
    return tuple(_step_of(step) for step in given)


def _step_of(given: Any) -> FunnelStep:
    if isinstance(given, str):
        return FunnelStep(any_of=(given,))
    step = mapping_as(FunnelStep, given, "steps")
    return FunnelStep(
        any_of=names(step.any_of, "steps.anyOf") or (),
        label=step.label,
        follows=None if step.follows is None else StepFollows(step.follows),
        within=step.within,
        optional=flag(step.optional, "steps.optional"),
        where=_where_of(step.where, "steps.where"),
    )


def _where_of(given: Any, argument: str) -> FunnelStepWhere | None:
    return None if given is None else mapping_as(FunnelStepWhere, given, argument)


def plan_of(question: Funnel, steps: tuple[FunnelStep, ...], journeys: Journeys) -> FunnelPlan:
    """The funnel in codes.

    Raises
    ------
    JourneyGraphError
        Where an option cannot be used, contradicts another, or names what is not there.
    """
    order = StepOrder(question.order)
    optional = _optional(question.optional, steps)
    exclusions = tuple(_exclusions(question.exclude, optional, journeys))
    if order is StepOrder.ANY:
        _check_any(question, steps, optional, exclusions)
    column, gap_us = _session(question.session, journeys)
    entries = {FunnelEntry.FIRST: FIRST, FunnelEntry.EVERY: EVERY, FunnelEntry.OPTIMISED: BEST}
    step_us = _length(question.step_window, "stepWindow")
    return FunnelPlan(
        steps=tuple(
            PlannedStep(
                codes=journeys.item_codes_of("steps.anyOf", step.any_of),
                where=_where(step.where, journeys),
                pairs=_pairs(step.any_of, step.where, journeys),
                is_next=number > 0 and _is_next(step, order),
                within_us=(_length(step.within, "steps.within") or step_us) if number else None,
                is_optional=optional[number],
            )
            for number, step in enumerate(steps)
        ),
        window_us=_length(question.window, "window"),
        is_any=order is StepOrder.ANY,
        entry=entries[FunnelEntry(question.entry)],
        exclusions=exclusions,
        session_column=column,
        session_gap_us=gap_us,
        held=_held(question.hold_constant, journeys),
    )


def _is_next(step: FunnelStep, order: StepOrder) -> bool:
    if step.follows is None:
        return order is StepOrder.STRICT
    return step.follows is StepFollows.NEXT


def _length(given: Duration | None, argument: str) -> int | None:
    return None if given is None else parse_duration(given, argument)


def _pairs(
    any_of: Sequence[str], where: FunnelStepWhere | None, journeys: Journeys
) -> tuple[int, ...] | None:
    if journeys.sets is None or where is None:
        return None
    return pairs_meant(journeys, any_of)


def _where(given: FunnelStepWhere | None, journeys: Journeys) -> Where | None:
    if given is None:
        return None
    where = Where(**{name: getattr(given, name) for name in FunnelStepWhere.__slots__})
    conditions_of(journeys.graph.names, where, None)  # names that are not there are refused here
    return where


def _optional(given: Sequence[int] | None, steps: tuple[FunnelStep, ...]) -> list[bool]:
    numbers = [] if given is None else list(given)
    inner = range(2, len(steps))
    optional = [step.optional for step in steps]
    for number in numbers:
        if number not in inner:
            raise InvalidOptionError("optional", number, "numbers of steps, not the first or last")
        optional[number - 1] = True
    if optional[0] or optional[-1]:
        raise InvalidOptionError("steps.optional", True, "false at the first and the last step")
    return optional


def _exclusions(given: Any, optional: list[bool], journeys: Journeys) -> list[PlannedExclusion]:
    if given is None:
        return []
    if isinstance(given, str) or not isinstance(given, Sequence) or len(given) > MAX_STEPS:
        raise InvalidOptionError("exclude", given, f"a list of at most {MAX_STEPS} exclusions")
    return [_exclusion(one, optional, journeys) for one in given]


def _exclusion(given: Any, optional: list[bool], journeys: Journeys) -> PlannedExclusion:
    one = mapping_as(FunnelExclusion, given, "exclude")
    after, before = one.after, len(optional) if one.before is None else one.before
    required = [number for number, may_lack in enumerate(optional, start=1) if not may_lack]
    if after not in required or before not in required or after >= before:
        expected = "after and before to be numbers of steps that are not optional, ascending"
        raise InvalidOptionError("exclude", f"{after} to {before}", expected)
    any_of = names(one.any_of, "exclude.anyOf") or ()
    where = _where_of(one.where, "exclude.where")
    return PlannedExclusion(
        codes=journeys.item_codes_of("exclude.anyOf", any_of),
        after=after - 1,
        before=before - 1,
        where=_where(where, journeys),
        pairs=_pairs(any_of, where, journeys),
        leaves=ExclusionMeaning(one.meaning) is ExclusionMeaning.LEAVES,
    )


def _check_any(
    question: Funnel,
    steps: tuple[FunnelStep, ...],
    optional: list[bool],
    exclusions: tuple[PlannedExclusion, ...],
) -> None:
    given = {
        "stepWindow": question.step_window is not None,
        "steps.within": any(step.within is not None for step in steps),
        "steps.follows": any(step.follows is not None for step in steps),
        "optional": any(optional),
        "exclude": bool(exclusions),
    }
    for argument, is_given in given.items():
        if is_given:
            raise ConflictingOptionsError("order ANY", argument)


def _session(given: Any, journeys: Journeys) -> tuple[str | None, int | None]:
    if given is None:
        return None, None
    session = mapping_as(FunnelSession, given, "session")
    if session.column is not None and session.inactivity is not None:
        raise ConflictingOptionsError("session.column", "session.inactivity")
    if session.column is not None:
        journeys.graph.coded(text(session.column, "session.column"))
        return session.column, None
    if session.inactivity is None:
        raise InvalidOptionError("session", {}, "column or inactivity")
    return None, parse_duration(session.inactivity, "session.inactivity")


def _held(given: Any, journeys: Journeys) -> tuple[str, ...]:
    columns = names(given, "holdConstant") or ()
    if len(columns) > 3:
        raise InvalidOptionError("holdConstant", list(columns), "at most 3 columns")
    for column in columns:
        journeys.graph.coded(column)
    return columns
