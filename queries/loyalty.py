"""What loyal means: one of seven definitions, read into a rule that the statistics judge by.

Five look at what a unit does after its first outcome (its first purchase, by default); they know
when loyalty is observed, so exposure can end before it and whoever was not watched long enough
can be set apart. The others take a column at its word: one that says yes or no, or one that holds
a score, such as the answer to "would you recommend us?"; they know no time, and the answer warns
of that. One counts the bad side: with `churn_within` the "loyal" of an answer are those who left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.cohorts import limits_of
from journeygraph.durations import Duration, format_duration, parse_duration
from journeygraph.errors import (
    ConflictingOptionsError,
    InvalidOptionError,
    UnknownColumnError,
    UnknownValueError,
)
from journeygraph.graph import MISSING_SCALE
from journeygraph.kernels.loyalty import LOYAL, NOT_ELIGIBLE, NOT_LOYAL
from journeygraph.moments import time_zone
from journeygraph.statistics.loyalty import LoyaltyKind, LoyaltyRule

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph
    from journeygraph.journeys import Journeys

__all__ = ["NO_WORDS", "PROMOTER", "YES_WORDS", "Loyalty", "compile_loyalty", "loyalty_wording"]

PROMOTER = 9.0
"""The least score of a promoter, of 0 to 10 (Reichheld 2003); 7 and 8 are passive."""

_RATINGS = {"emotion", "expectation", "experience"}

YES_WORDS = frozenset({"1", "true", "t", "yes", "y"})
"""What a column says of a loyal customer, unless `equals` names a value; in any case."""

NO_WORDS = frozenset({"0", "false", "f", "no", "n"})
"""What it says of one who is not."""

_KINDS = {
    "repeat_purchase_within": LoyaltyKind.REPEAT_PURCHASE,
    "active_at": LoyaltyKind.ACTIVE,
    "no_churn": LoyaltyKind.NO_CHURN,
    "churn_within": LoyaltyKind.CHURN,
    "value_within": LoyaltyKind.VALUE,
    "promoter": LoyaltyKind.COLUMN,
    "column": LoyaltyKind.COLUMN,
}
_SHOWN = {
    "repeat_purchase_within": "repeatPurchaseWithin",
    "active_at": "activeAt",
    "no_churn": "noChurn",
    "churn_within": "churnWithin",
    "value_within": "valueWithin",
    "promoter": "promoter",
    "column": "column",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loyalty:
    """What loyal means: one of the seven, `equals` with `column` and `at_least` with two others.

    Attributes
    ----------
    repeat_purchase_within
        Another outcome later than the first, at most so long after it.
    active_at
        An interaction that the customer began (or of which nobody says who did) in the last
        `inactivity` of so long after the first outcome.
    no_churn
        No gap longer than `inactivity` from the first outcome until so long after it.
    churn_within
        The other side of `no_churn`: a gap longer than `inactivity` within so long after the first
        outcome. What an answer calls loyal are those who left.
    value_within
        What is brought in so long after the first outcome is `at_least` so much in major units of
        money; more than nothing where that is not said. Means are compared, too.
    promoter
        A score, in a column of the customers table, or else in one of the interactions, where the
        customer's latest counts: `at_least` so much, 9 where that is not said. Who is below,
        passive or detractor, is not loyal; who has no score is neither.
    at_least
        As said for `value_within` and `promoter`.
    column
        A column of the customers table that says yes or no; empty is neither.
    equals
        The value of that column that means loyal; any other means not.
    """

    repeat_purchase_within: Duration | None = None
    active_at: Duration | None = None
    no_churn: Duration | None = None
    churn_within: Duration | None = None
    value_within: Duration | None = None
    promoter: str | None = None
    at_least: float | None = None
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
    _refuse_strangers(loyalty, name)
    if name in {"column", "promoter"}:
        if exposure_window is not None:
            raise ConflictingOptionsError("exposureWindow", f"loyalty.{name}")
        if name == "promoter":
            said = promoters(journeys, str(loyalty.promoter), _least_score(loyalty))
        else:
            said = _said(journeys.graph, str(loyalty.column), loyalty.equals)
        return LoyaltyRule(kind=LoyaltyKind.COLUMN, said=said)
    window_us = None
    if exposure_window is not None:
        window_us = parse_duration(exposure_window, "exposureWindow")
    return LoyaltyRule(
        kind=_KINDS[name],
        horizon_us=parse_duration(getattr(loyalty, name), f"loyalty.{_SHOWN[name]}"),
        exposure_window_us=window_us,
        least_minor=_least_minor(loyalty, journeys.graph.exponent),
    )


def _refuse_strangers(loyalty: Loyalty, name: str) -> None:
    if loyalty.equals is not None and name != "column":
        raise ConflictingOptionsError("loyalty.equals", f"loyalty.{_SHOWN[name]}")
    if loyalty.at_least is not None and name not in {"value_within", "promoter"}:
        raise ConflictingOptionsError("loyalty.atLeast", f"loyalty.{_SHOWN[name]}")
    if loyalty.at_least is not None and not math.isfinite(loyalty.at_least):
        raise InvalidOptionError("loyalty.atLeast", loyalty.at_least, "a number")


def _least_score(loyalty: Loyalty) -> float:
    return PROMOTER if loyalty.at_least is None else float(loyalty.at_least)


def _least_minor(loyalty: Loyalty, exponent: int) -> int:
    if loyalty.at_least is None:
        return 1
    return math.ceil(Decimal(str(loyalty.at_least)).scaleb(exponent))


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


def promoters(journeys: Journeys, column: str, least: float) -> npt.NDArray[np.uint8]:
    """By customer index: LOYAL from a score on, NOT_LOYAL below, NOT_ELIGIBLE without one.

    Raises
    ------
    UnknownColumnError, InvalidOptionError
        Where there is no such column, or it holds what is no number.
    """
    graph = journeys.graph
    if column in graph.attributes.columns:
        codes, values = graph.attribute_codes(column)
        scores = np.append(_scores(column, values), np.nan)[codes]
    else:
        scores = _latest_scores(journeys, column)
    states = np.where(scores >= least, LOYAL, NOT_LOYAL).astype(np.uint8)
    states[np.isnan(scores)] = NOT_ELIGIBLE
    return states


def _latest_scores(journeys: Journeys, column: str) -> npt.NDArray[np.float64]:
    """By customer the latest score that an interaction before `until` carries, or NaN."""
    graph = journeys.graph
    if column in _RATINGS:
        thousandths = graph.column(column)
        by_row = np.where(thousandths == MISSING_SCALE, np.nan, thousandths / 1000)
    else:
        if column not in graph.column_names:
            known = [*map(str, graph.attributes.columns), *graph.column_names]
            raise UnknownColumnError("loyalty.promoter", column, sorted(set(known)))
        coded = graph.coded(column)
        by_row = np.append(_scores(column, coded.names), np.nan)[coded.codes]
    until_us = limits_of(journeys.where, time_zone(journeys.timezone))[1]
    if until_us is not None:
        by_row = np.where(graph.at_us < until_us, by_row, np.nan)
    rows = np.flatnonzero(~np.isnan(by_row))
    customers = graph.interaction_customers[rows]
    order = np.lexsort((rows, graph.at_us[rows], customers))
    scores = np.full(graph.n_customers, np.nan)
    scores[customers[order]] = by_row[rows[order]]  # the last of each customer stays
    return scores


def _scores(column: str, values: Sequence[Any]) -> npt.NDArray[np.float64]:
    scores = []
    for value in values:
        word = "" if value is None else str(value).strip()
        try:
            scores.append(float(word) if word else math.nan)
        except ValueError:
            expected = f"a column of numbers; {word!r} is none"
            raise InvalidOptionError("loyalty.promoter", column, expected) from None
    return np.array(scores, np.float64)


def loyalty_wording(loyalty: Loyalty, rule: LoyaltyRule, journeys: Journeys) -> str:
    """The definition in a sentence, for answers and pictures."""
    outcome = f"the first outcome ({journeys.outcome.wording})"
    horizon, away = (format_duration(us) for us in (rule.horizon_us, journeys.inactivity_us))
    if loyalty.promoter is not None:
        return (
            f"promoters: the latest {loyalty.promoter!r} is {_least_score(loyalty):g} or more; "
            "passives and detractors, below that, are both not loyal"
        )
    if rule.kind is LoyaltyKind.COLUMN:
        value = "yes" if loyalty.equals is None else loyalty.equals
        return f"the customers table says {value!r} under {loyalty.column!r}"
    if rule.kind is LoyaltyKind.REPEAT_PURCHASE:
        return f"another outcome later than, and within {horizon} of, {outcome}"
    if rule.kind is LoyaltyKind.ACTIVE:
        if journeys.inactivity_us >= rule.horizon_us:
            return f"active in the {horizon} after {outcome}"
        return f"active in the last {away} of the {horizon} after {outcome}"
    if rule.kind is LoyaltyKind.VALUE:
        least = "something" if loyalty.at_least is None else f"{loyalty.at_least:g} or more"
        return f"worth {least} within {horizon} of {outcome}"
    if rule.kind is LoyaltyKind.CHURN:
        return f"left: a gap longer than {away} in the {horizon} after {outcome}"
    return f"no gap longer than {away} in the {horizon} after {outcome}"
