"""A planned journey: stages in their order, and the touchpoints that they are planned to have.

    name: from the first search to the purchase
    stages:
      - stage: comparison
        within: 14d
        touchpoints:
          - search
          - {touchpoint: product page, channel: web, repeats: true}
          - {touchpoint: advice, optional: true, within: 2d}
      - stage: purchase
        touchpoints: [cart, purchase]

The same structure is a file, a mapping in Python and an input in GraphQL. The names of its stages
are the designer's own: what a journey is held against are the touchpoints.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from journeygraph.durations import Duration, parse_duration
from journeygraph.errors import JourneyGraphError, UnknownOptionError
from journeygraph.given import mapping_as
from journeygraph.statistics.plan_codes import MOST_STEPS

__all__ = [
    "BadPlannedJourneyError",
    "PlannedJourney",
    "PlannedStage",
    "PlannedTouchpoint",
    "planned_journey",
]

_Options = TypeVar("_Options")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTouchpoint:
    """A step of a planned journey.

    Attributes
    ----------
    touchpoint
        Its name in the journeys, after they are cleaned.
    channel
        By which channel it has to be; None for any.
    optional
        Whether it may be left out.
    repeats
        Whether it may be met several times before the next.
    within
        At most so long after the last contact of the step before that was met.
    """

    touchpoint: str = ""
    channel: str | None = None
    optional: bool = False
    repeats: bool = False
    within: Duration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStage:
    """A stage of a planned journey.

    Attributes
    ----------
    stage
        Its name.
    touchpoints
        Its steps in their order; a name alone is a touchpoint by any channel.
    within
        At most so long from the first to the last contact of the stage.
    """

    stage: str = ""
    touchpoints: Sequence[PlannedTouchpoint | Mapping[str, Any] | str] = ()
    within: Duration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedJourney:
    """What a customer is meant to meet, in this order.

    Attributes
    ----------
    stages
        In their order.
    name
        What it is called.
    """

    stages: Sequence[PlannedStage | Mapping[str, Any]] = ()
    name: str | None = None

    @property
    def steps(self) -> Iterator[tuple[int, PlannedStage, PlannedTouchpoint]]:
        """The steps of a plan that was checked, each with the number of its stage, from 0."""
        for number, stage in enumerate(self.stages):
            assert isinstance(stage, PlannedStage)
            for touchpoint in stage.touchpoints:
                assert isinstance(touchpoint, PlannedTouchpoint)
                yield number, stage, touchpoint


class BadPlannedJourneyError(JourneyGraphError):
    """A planned journey that cannot be held against anything.

    Parameters
    ----------
    field
        Where in the plan, as `stages[1].touchpoints[2].within`; places are counted from 1.
    """

    code = "BAD_PLANNED_JOURNEY"

    def __init__(
        self, field: str, problem: str, *, file: str | None = None, line: int | None = None
    ) -> None:
        self.field = field
        self.what = problem
        super().__init__(
            f"{field}: {problem}" if field else problem,
            "docs/journey-map.md says what a planned journey may hold.",
            file=file,
            line=line,
        )


def planned_journey(given: PlannedJourney | Mapping[str, Any]) -> PlannedJourney:
    """Check a plan; what comes back is made of the dataclasses throughout.

    Raises
    ------
    BadPlannedJourneyError
        With the field that is wrong.
    """
    plan = _as(PlannedJourney, given, "")
    _text(plan.name, "name", is_needed=False)
    stages = tuple(
        _stage(one, f"stages[{number}]")
        for number, one in enumerate(_listed(plan.stages, "stages"), 1)
    )
    checked = dataclasses.replace(plan, stages=stages)
    n_steps = len(list(checked.steps))
    if n_steps > MOST_STEPS:
        raise BadPlannedJourneyError("stages", f"{n_steps} steps; at most {MOST_STEPS} are held.")
    first = next(touchpoint for _, _, touchpoint in checked.steps)
    if first.within is not None:
        raise BadPlannedJourneyError(
            "stages[1].touchpoints[1].within", "Nothing comes before the first step."
        )
    return checked


def _stage(given: Any, field: str) -> PlannedStage:
    stage = _as(PlannedStage, given, field)
    _text(stage.stage, f"{field}.stage")
    _duration(stage.within, f"{field}.within")
    listed = _listed(stage.touchpoints, f"{field}.touchpoints")
    touchpoints = tuple(
        _touchpoint(one, f"{field}.touchpoints[{number}]") for number, one in enumerate(listed, 1)
    )
    return dataclasses.replace(stage, touchpoints=touchpoints)


def _touchpoint(given: Any, field: str) -> PlannedTouchpoint:
    if isinstance(given, str):
        _text(given, field)
        return PlannedTouchpoint(touchpoint=given)
    touchpoint = _as(PlannedTouchpoint, given, field)
    _text(touchpoint.touchpoint, f"{field}.touchpoint")
    _text(touchpoint.channel, f"{field}.channel", is_needed=False)
    for name in ("optional", "repeats"):
        value = getattr(touchpoint, name)
        if not isinstance(value, bool):
            raise BadPlannedJourneyError(f"{field}.{name}", f"{value!r} is not true or false.")
    _duration(touchpoint.within, f"{field}.within")
    return touchpoint


def _as(kind: type[_Options], given: Any, field: str) -> _Options:
    try:
        return mapping_as(kind, given, field or "planned")
    except UnknownOptionError as error:
        [*_, wrong] = [key for key in given if error.problem.startswith(repr(str(key)))]
        known = f"Not known here. {error.remedy}"
        raise BadPlannedJourneyError(f"{field}.{wrong}".lstrip("."), known) from error
    except JourneyGraphError as error:
        raise BadPlannedJourneyError(field, f"{given!r} is no mapping.") from error


def _listed(given: Any, field: str) -> Sequence[Any]:
    if isinstance(given, str | Mapping) or not isinstance(given, Sequence) or not given:
        raise BadPlannedJourneyError(field, "At least one is needed, as a list.")
    return given


def _text(given: Any, field: str, is_needed: bool = True) -> None:
    if given is None and not is_needed:
        return
    if not isinstance(given, str) or not given.strip():
        raise BadPlannedJourneyError(field, f"{given!r} is not a name.")


def _duration(given: Any, field: str) -> None:
    if given is None:
        return
    try:
        parse_duration(given, "within")
    except JourneyGraphError as error:
        raise BadPlannedJourneyError(
            field, f"{given!r} is not a length of time. {error.remedy}"
        ) from error
