"""The options of patterns: checked when the question is made, resolved when it is asked.

They belong to the forms PATTERN and CONTRAST alone: given with another form they are an error,
never ignored.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from journeygraph.cohorts import CustomerWhere
from journeygraph.durations import parse_duration
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError
from journeygraph.given import mapping_as
from journeygraph.statistics.pattern_layout import Limits
from journeygraph.statistics.patterns import Keep, PatternRule

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.common_paths import CommonPaths

__all__ = ["DEFAULT_SHARE", "MAX_PATTERN_LENGTH", "complete_pattern_options", "pattern_rule"]

DEFAULT_SHARE = 0.05
"""The minimum support where none is given."""

MAX_PATTERN_LENGTH = 32
"""The longest pattern that can be asked for."""

_ONLY_OF_PATTERNS = (
    "at_least_share", "min_length", "max_length", "max_gap", "max_gap_time", "max_span", "keep",
    "against",
)  # fmt: skip
_DEFAULTS = {"min_length": 1, "max_length": 5, "keep": Keep.ALL}


def complete_pattern_options(question: CommonPaths) -> None:
    """Check what was given, and fill in what was not.

    Raises
    ------
    ConflictingOptionsError
        Where an option belongs to another form, or two exclude each other.
    InvalidOptionError, InvalidDurationError, UnknownOptionError
        Where an option is out of its range.
    """
    given = {name for name in _ONLY_OF_PATTERNS if getattr(question, name) is not None}
    form = question.form.name
    if form not in {"PATTERN", "CONTRAST"}:
        for name in sorted(given):
            raise ConflictingOptionsError(f"form={form}", name)
        return
    for name, default in _DEFAULTS.items():
        if name not in given:
            object.__setattr__(question, name, default)
    object.__setattr__(question, "keep", Keep(question.keep or Keep.ALL))
    _check_support(question)
    _check_numbers(question)
    _check_populations(question, form)


def _check_support(question: CommonPaths) -> None:
    if question.at_least is None and question.at_least_share is None:
        object.__setattr__(question, "at_least_share", DEFAULT_SHARE)
    if question.at_least is not None and question.at_least_share is not None:
        raise ConflictingOptionsError("at_least", "at_least_share")
    share: Any = question.at_least_share
    if share is not None and not 0 < share <= 1:
        raise InvalidOptionError("at_least_share", share, "a number above 0, 1 at most")


def _check_numbers(question: CommonPaths) -> None:
    longest = _whole("max_length", question.max_length, 1, MAX_PATTERN_LENGTH)
    _whole("min_length", question.min_length, 1, longest)
    if question.max_gap is not None:
        _whole("max_gap", question.max_gap, 0, None)
    for name in ("max_gap_time", "max_span"):
        if getattr(question, name) is not None:
            parse_duration(getattr(question, name), name)


def _whole(name: str, given: Any, least: int, most: int | None) -> int:
    is_whole = isinstance(given, int) and not isinstance(given, bool)
    if not is_whole or given < least or (most is not None and given > most):
        expected = f"from {least} to {most}" if most is not None else f"from {least} on"
        raise InvalidOptionError(name, given, f"a whole number {expected}")
    return int(given)


def _check_populations(question: CommonPaths, form: str) -> None:
    if form == "PATTERN":
        if question.against is not None:
            raise ConflictingOptionsError("form=PATTERN", "against")
        return
    against = mapping_as(CustomerWhere, question.against or {}, "against")
    if against == CustomerWhere():
        expected = "a condition on customers: the second population are those for whom it holds"
        raise InvalidOptionError("against", question.against, expected)
    object.__setattr__(question, "against", against)


def pattern_rule(question: CommonPaths, journeys: Journeys) -> PatternRule:
    """What the options of a question mean for these journeys."""
    if question.at_least is not None:
        least = question.at_least
    else:  # the share as it was written: 0.07 of 100 are 7
        least = math.ceil(Fraction(str(question.at_least_share)) * journeys.n_units)
    return PatternRule(
        least=max(least, 1),
        min_length=question.min_length or 1,
        max_length=question.max_length or 1,
        limits=Limits(
            gap=question.max_gap,
            gap_us=_microseconds(question.max_gap_time, "max_gap_time"),
            span_us=_microseconds(question.max_span, "max_span"),
        ),
        keep=question.keep or Keep.ALL,
    )


def _microseconds(given: Any, name: str) -> int | None:
    return None if given is None else parse_duration(given, name)
