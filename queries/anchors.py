"""The options of anchored paths and of steps: checked when the question is made, then resolved.

An anchor is an item or a class of items, a condition on the interaction itself, or both. What
does not fit together is an error, never ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from journeygraph.cohorts import Where, conditions_of
from journeygraph.conditions import BoolArray, in_pieces
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError
from journeygraph.given import Names, flag, mapping_as, names
from journeygraph.statistics.anchors import (
    Anchor,
    Occurrence,
    PathRanges,
    all_paths,
    paths_between,
    paths_from,
    paths_through,
    paths_to,
)
from journeygraph.statistics.set_members import pairs_meant, rows_met

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.common_paths import CommonPaths

__all__ = ["MAX_ROWS", "MAX_STEPS", "Between", "complete_step_options", "path_ranges"]

MAX_STEPS = 20
MAX_ROWS = 30

_ANCHORS = ("starts_at", "ends_at", "through", "between", "start_where", "end_where")
_TOGETHER = (
    ("starts_at", "start_where"), ("ends_at", "end_where"), ("through",),
    ("between", "start_where", "end_where"),
)  # fmt: skip
_CONDITIONS = {
    "touchpoints", "exclude_touchpoints", "channels", "stages", "initiators", "environments",
    "levels", "min_value", "max_value",
}  # fmt: skip
_OF_AN_INTERACTION = "touchpoints, channels, stages, initiators, environments, levels or values"


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """From one item, or any of a class, to another."""

    from_: Names | None = None
    to: Names | None = None

    def __post_init__(self) -> None:
        for name, shown in (("from_", "between.from"), ("to", "between.to")):
            given = names(getattr(self, name), shown)
            if given is None:
                raise InvalidOptionError(shown, None, "an item, or a list of items")
            object.__setattr__(self, name, given)


def complete_step_options(question: CommonPaths) -> None:
    """Check the options of anchors and of steps, and fill in what was not given.

    Raises
    ------
    ConflictingOptionsError
        Where an option belongs to another form, or two exclude each other.
    InvalidOptionError, UnknownOptionError
        Where an option is out of its range.
    """
    form = question.form.name
    of_steps = form in {"PREFIX_TREE", "STEP_GRID"}
    _refuse(question, ("steps", "rows"), f"form={form}", unless=of_steps)
    _refuse(question, ("flows",), f"form={form}", unless=form == "STEP_GRID")
    anchored = of_steps or form == "WHOLE"
    _refuse(question, (*_ANCHORS, "occurrence"), f"form={form}", unless=anchored)
    if of_steps:
        _whole(question, "steps", 5, 2, MAX_STEPS)
        _whole(question, "rows", 10, 1, MAX_ROWS)
        object.__setattr__(question, "flows", flag(question.flows or False, "flows"))
    _check_anchors(question)


def _refuse(question: CommonPaths, options: tuple[str, ...], other: str, *, unless: bool) -> None:
    for name in options:
        if not unless and getattr(question, name) is not None:
            raise ConflictingOptionsError(other, name)


def _whole(question: CommonPaths, name: str, default: int, least: int, most: int) -> None:
    given: Any = getattr(question, name)
    given = default if given is None else given
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        raise InvalidOptionError(name, given, f"a whole number from {least} to {most}")
    object.__setattr__(question, name, given)


def _check_anchors(question: CommonPaths) -> None:
    for name in ("starts_at", "ends_at", "through"):
        object.__setattr__(question, name, names(getattr(question, name), name))
    for name in ("start_where", "end_where"):
        object.__setattr__(question, name, _where(name, getattr(question, name)))
    if question.between is not None:
        object.__setattr__(question, "between", mapping_as(Between, question.between, "between"))
    given = [name for name in _ANCHORS if getattr(question, name) is not None]
    _check_they_fit(given)
    if question.occurrence is not None:
        object.__setattr__(question, "occurrence", Occurrence(question.occurrence))
        if not given:
            expected = "to go with starts_at, ends_at, through or between"
            raise InvalidOptionError("occurrence", question.occurrence.name, expected)
    elif given:
        object.__setattr__(question, "occurrence", Occurrence.FIRST)


def _check_they_fit(given: list[str]) -> None:
    if {"start_where", "end_where"} <= set(given) and "between" not in given:
        raise ConflictingOptionsError("start_where", "end_where")
    for first, second in combinations(given, 2):
        if not any({first, second} <= set(names_) for names_ in _TOGETHER):
            raise ConflictingOptionsError(first, second)


def _where(name: str, given: Any) -> Where | None:
    if given is None:
        return None
    where = mapping_as(Where, given, name)
    asked = {part.name for part in fields(where) if getattr(where, part.name) is not None}
    if not asked or not asked <= _CONDITIONS:
        shown = dict(given) if isinstance(given, Mapping) else repr(given)
        raise InvalidOptionError(name, shown, f"conditions on an interaction: {_OF_AN_INTERACTION}")
    return where


def path_ranges(question: CommonPaths, journeys: Journeys) -> PathRanges:
    """The paths that a question is about.

    Raises
    ------
    UnknownItemError, UnknownTouchpointError, UnknownChannelError, UnknownStageError
        Where an anchor names what is not there.
    """
    occurrence = question.occurrence or Occurrence.FIRST
    between: Between | None = question.between  # type: ignore[assignment]
    if between is not None:
        return paths_between(
            journeys,
            _anchor(journeys, "between.from", between.from_, question.start_where),
            _anchor(journeys, "between.to", between.to, question.end_where),
            occurrence,
        )
    if question.through is not None:
        anchor = _anchor(journeys, "through", question.through, None)
        return paths_through(journeys, anchor, occurrence)
    if question.starts_at is not None or question.start_where is not None:
        anchor = _anchor(journeys, "starts_at", question.starts_at, question.start_where)
        return paths_from(journeys, anchor, occurrence)
    if question.ends_at is not None or question.end_where is not None:
        anchor = _anchor(journeys, "ends_at", question.ends_at, question.end_where)
        return paths_to(journeys, anchor, occurrence)
    return all_paths(journeys)


def _anchor(journeys: Journeys, argument: str, items: Any, where: Any) -> Anchor:
    wanted = np.ones(journeys.n_items, np.bool_)
    if items is not None:
        wanted[:] = False
        wanted[list(journeys.item_codes_of(argument, items))] = True
    if where is None:
        return Anchor(wanted, np.zeros(0, np.bool_))
    meets = _meets(journeys, where)
    if journeys.sets is not None:
        meets = rows_met(journeys, meets, None if items is None else pairs_meant(journeys, items))
    return Anchor(wanted, meets)


def _meets(journeys: Journeys, where: Where) -> BoolArray:
    """By row, whether the interaction meets the conditions."""
    meets = np.ones(journeys.graph.n_interactions, np.uint8)
    conditions = conditions_of(journeys.graph, where, None)
    in_pieces(lambda piece: conditions.skip(piece, meets[piece], 0), len(meets))
    return meets.view(np.bool_)
