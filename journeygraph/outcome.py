"""What counts as success, as data, and which interactions are it.

The outcome is judged on the names and values as they were loaded, before any filter or rule:
a filter on channels must not turn a buyer into somebody who dropped out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.conditions import (
    BoolArray,
    Conditions,
    stage_table,
    touchpoint_table,
    value_limits,
)
from journeygraph.cutting import leave_no_gap
from journeygraph.errors import InvalidOptionError
from journeygraph.given import Amount, Names, mapping_as, names

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph

__all__ = ["Outcome", "OutcomeRule", "compile_outcome", "rows_within"]


Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRule:
    """Which interactions are the outcome: those for which all that is given holds.

    Attributes
    ----------
    touchpoints
        At one of these, by their names in the store (rules do not rename them here).
    stages
        In one of these stages.
    min_value
        With a value of at least this, in major units of money.
    """

    touchpoints: Names | None = None
    stages: Names | None = None
    min_value: Amount | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "touchpoints", names(self.touchpoints, "outcome.touchpoints"))
        object.__setattr__(self, "stages", names(self.stages, "outcome.stages"))
        if self.touchpoints is None and self.stages is None and self.min_value is None:
            expected = "at least one of touchpoints, stages and minValue"
            raise InvalidOptionError("outcome", {}, expected)

    @property
    def wording(self) -> str:
        """The rule in words, for answers and pictures."""
        parts = []
        if self.touchpoints is not None:
            parts.append("touchpoint " + " or ".join(repr(name) for name in self.touchpoints))
        if self.stages is not None:
            parts.append("stage " + " or ".join(self.stages))
        if self.min_value is not None:
            parts.append(f"a value of at least {self.min_value}")
        return ", ".join(parts)


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """An `OutcomeRule` compiled against a graph.

    Attributes
    ----------
    tables
        By field of the graph which of its codes are meant.
    limits
        The least and the most value that are meant; None where any is.
    """

    rule: OutcomeRule
    tables: Mapping[str, BoolArray]
    limits: tuple[int, int] | None

    @property
    def wording(self) -> str:
        """The rule in words, for answers and pictures."""
        return self.rule.wording

    def rows(self, graph: JourneyGraph) -> npt.NDArray[np.int64]:
        """Rows of the whole graph that are the outcome, ascending."""
        conditions = Conditions(
            tables=tuple((getattr(graph, name), table) for name, table in self.tables.items()),
            values=None if self.limits is None else (graph.value_minor, *self.limits),
        )
        return conditions.rows(graph.n_interactions)


def compile_outcome(graph: JourneyGraph, given: Any = None) -> Outcome:
    """Compile a rule against a graph.

    Parameters
    ----------
    given
        An `OutcomeRule` or a mapping. By default a touchpoint named "purchase", in capitals or
        not; where there is none, the stage purchase with a value above 0.

    Raises
    ------
    UnknownTouchpointError, UnknownStageError, InvalidOptionError, UnknownOptionError
        Where the rule names something that is not there.
    """
    rule = _usual(graph) if given is None else mapping_as(OutcomeRule, given, "outcome")
    tables = {}
    if rule.touchpoints is not None:
        named = touchpoint_table(graph, rule.touchpoints, "outcome.touchpoints")
        tables["touchpoint_codes"] = named
    if rule.stages is not None:
        tables["stage_codes"] = stage_table(rule.stages, "outcome.stages")
    limits = value_limits(graph, rule.min_value, None, ("outcome.minValue", ""))
    return Outcome(rule=rule, tables=tables, limits=limits)


def _usual(graph: JourneyGraph) -> OutcomeRule:
    named = tuple(name for name in graph.touchpoints if name.casefold() == "purchase")
    if named:
        return OutcomeRule(touchpoints=named)
    smallest = Decimal(1).scaleb(-graph.exponent)
    return OutcomeRule(stages=("purchase",), min_value=smallest)


def rows_within(rows: Int64Array, starts: Int64Array, ends: Int64Array, n_rows: int) -> Int64Array:
    """Those of some rows, ascending, that lie within ranges of all rows; all ascend."""
    if not len(starts):
        return rows[:0]
    if starts[0] == 0 and ends[-1] == n_rows and leave_no_gap(starts, ends):
        return rows
    of = np.searchsorted(starts, rows, side="right") - 1
    return rows[(of >= 0) & (rows < ends[of])]
