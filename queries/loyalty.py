"""What loyal means: one of four definitions, read into a rule that the statistics judge by.

Three look at what a unit does after its first outcome (its first purchase, by default); they know
when loyalty is observed, so exposure can end before it and whoever was not watched long enough
can be set apart. The fourth takes a column of the customers table at its word, such as a score
from a survey; it knows no time, and the answer warns of that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.durations import Duration, format_duration, parse_duration
from journeygraph.errors import (
    ConflictingOptionsError,
    InvalidOptionError,
    UnknownColumnError,
    UnknownValueError,
)
from journeygraph.kernels.loyalty import LOYAL, NOT_ELIGIBLE, NOT_LOYAL
from journeygraph.statistics.loyalty import LoyaltyKind, LoyaltyRule

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph
    from journeygraph.journeys import Journeys

__all__ = ["NO_WORDS", "YES_WORDS", "Loyalty", "compile_loyalty", "loyalty_wording"]

YES_WORDS = frozenset({"1", "true", "t", "yes", "y"})
"""What a column says of a loyal customer, unless `equals` names a value; in any case."""

NO_WORDS = frozenset({"0", "false", "f", "no", "n"})
"""What it says of one who is not."""

_KINDS = {
    "repeat_purchase_within": LoyaltyKind.REPEAT_PURCHASE,
    "active_at": LoyaltyKind.ACTIVE,
    "no_churn": LoyaltyKind.NO_CHURN,
    "column": LoyaltyKind.COLUMN,
}
_SHOWN = {
    "repeat_purchase_within": "repeatPurchaseWithin",
    "active_at": "activeAt",
    "no_churn": "noChurn",
    "column": "column",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loyalty:
    """What loyal means: exactly one of the four, and `equals` only with `column`.

    Attributes
    ----------
    repeat_purchase_within
        Another outcome later than the first, at most so long after it.
    active_at
        An interaction that the customer began (or of which nobody says who did) in the last
        `inactivity` of so long after the first outcome.
    no_churn
        No gap longer than `inactivity` from the first outcome until so long after it.
    column
        A column of the customers table that says yes or no; empty is neither.
    equals
        The value of that column that means loyal; any other means not.
    """

    repeat_purchase_within: Duration | None = None
    active_at: Duration | None = None
    no_churn: Duration | None = None
    column: str | None = None
    equals: str | None = None


def compile_loyalty(
    loyalty: Loyalty, exposure_window: Duration | None, journeys: Journeys
) -> LoyaltyRule:
    """The rule that a definition means for these journeys.

    Raises
    ------
    InvalidOptionError
        Where no definition is given, or a column holds other words than yes and no.
    ConflictingOptionsError
        Where two are given, or an option that does not go with the one that is.
    UnknownColumnError, UnknownValueError, InvalidDurationError
        Where what is given is not there, or cannot be read.
    """
    name = _definition(loyalty)
    if name == "column":
        if exposure_window is not None:
            raise ConflictingOptionsError("exposureWindow", "loyalty.column")
        said = _said(journeys.graph, str(loyalty.column), loyalty.equals)
        return LoyaltyRule(kind=LoyaltyKind.COLUMN, said=said)
    if loyalty.equals is not None:
        raise ConflictingOptionsError("loyalty.equals", f"loyalty.{_SHOWN[name]}")
    window_us = None
    if exposure_window is not None:
        window_us = parse_duration(exposure_window, "exposureWindow")
    return LoyaltyRule(
        kind=_KINDS[name],
        horizon_us=parse_duration(getattr(loyalty, name), f"loyalty.{_SHOWN[name]}"),
        exposure_window_us=window_us,
    )


def _definition(loyalty: Loyalty) -> str:
    given = [name for name in _KINDS if getattr(loyalty, name) is not None]
    if not given:
        expected = "one of " + ", ".join(_SHOWN.values())
        raise InvalidOptionError("loyalty", "nothing", expected)
    if len(given) > 1:
        raise ConflictingOptionsError(*(f"loyalty.{_SHOWN[name]}" for name in given[:2]))
    return given[0]


def _said(graph: JourneyGraph, column: str, equals: str | None) -> npt.NDArray[np.uint8]:
    """By customer index: LOYAL, NOT_LOYAL, or NOT_ELIGIBLE where the column is empty."""
    if column not in graph.attributes.columns:
        known = [str(name) for name in graph.attributes.columns]
        raise UnknownColumnError("loyalty.column", column, known)
    codes, values = graph.attribute_codes(column)
    words = [str(value) for value in values]
    states = _by_yes_and_no(column, words) if equals is None else _by_value(words, equals)
    return np.array([*states, NOT_ELIGIBLE], np.uint8)[codes]


def _by_value(words: list[str], equals: str) -> list[int]:
    if equals not in words:
        raise UnknownValueError("loyalty.equals", equals, sorted(set(words) - {""}))
    return [(LOYAL if word == equals else NOT_LOYAL) if word else NOT_ELIGIBLE for word in words]


def _by_yes_and_no(column: str, words: list[str]) -> list[int]:
    states = []
    for word in words:
        plain = word.strip().casefold()
        if plain in YES_WORDS:
            states.append(LOYAL)
        elif plain in NO_WORDS:
            states.append(NOT_LOYAL)
        elif not plain:
            states.append(NOT_ELIGIBLE)
        else:
            expected = f"yes or no in every row; {word!r} is neither: say which value with equals"
            raise InvalidOptionError("loyalty.column", column, expected)
    return states


def loyalty_wording(loyalty: Loyalty, rule: LoyaltyRule, journeys: Journeys) -> str:
    """The definition in a sentence, for answers and pictures."""
    outcome = f"the first outcome ({journeys.outcome.wording})"
    horizon, away = (format_duration(us) for us in (rule.horizon_us, journeys.inactivity_us))
    if rule.kind is LoyaltyKind.COLUMN:
        value = "yes" if loyalty.equals is None else loyalty.equals
        return f"the customers table says {value!r} under {loyalty.column!r}"
    if rule.kind is LoyaltyKind.REPEAT_PURCHASE:
        return f"another outcome later than, and within {horizon} of, {outcome}"
    if rule.kind is LoyaltyKind.ACTIVE:
        if journeys.inactivity_us >= rule.horizon_us:
            return f"active in the {horizon} after {outcome}"
        return f"active in the last {away} of the {horizon} after {outcome}"
    return f"no gap longer than {away} in the {horizon} after {outcome}"
