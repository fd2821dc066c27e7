"""Ratings on any scale as thousandths of [-1, 1].

The worst becomes -1, the best 1, and what lies between goes along: five stars are 1000, three are
0. A rating beyond its scale is a mistake in one of the two and is refused rather than cut off. What
a survey writes where nobody answered is no rating, and neither is it a mistake, where it is named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from journeygraph.errors import InvalidOptionError
from journeygraph.loading.arrow_text import distinct
from journeygraph.loading.flaws import Flaws

__all__ = ["Scale", "parse_ratings", "parse_scale"]

_DECIMAL = r"-?\d+(?:\.\d+)?"
_SCALE = re.compile(rf"({_DECIMAL})\s*\.\.\s*({_DECIMAL})")
_EXCEPT = re.compile(rf"(.*?)\s+except\s+({_DECIMAL}(?:\s*,\s*{_DECIMAL})*)", re.DOTALL)
_NAMED = {"stars": "1..5", "nps": "0..10", "percent": "0..100", "unit": "-1..1"}
_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Scale:
    """From the worst to the best; `unrated` are the numbers that stand for no answer."""

    worst: float
    best: float
    unrated: tuple[float, ...] = ()

    def __str__(self) -> str:
        return f"{self.worst:g}..{self.best:g}"


def parse_scale(given: str) -> Scale:
    """A scale as "0..10" or "6..1", the worst first, or by name: stars, nps, percent, unit.

    With numbers that mean that nobody answered: "stars except 0", "0..10 except -1, 99".
    """
    exception = _EXCEPT.fullmatch(given.strip())
    scale, unrated = (exception[1], exception[2]) if exception else (given.strip(), "")
    match = _SCALE.fullmatch(_NAMED.get(scale, scale))
    if match is None or float(match[1]) == float(match[2]):
        expected = "a scale as 0..10 or 6..1, the worst first, or 'stars except 0'"
        raise InvalidOptionError("scales", given, expected)
    numbers = tuple(float(number) for number in unrated.split(",") if number.strip())
    return Scale(float(match[1]), float(match[2]), numbers)


def parse_ratings(texts: pa.StringArray, scale: Scale) -> tuple[pa.Array, Flaws]:
    """Thousandths of [-1, 1], null where there is no rating, and what cannot be read."""
    words, places = distinct(texts)
    values, refused = np.zeros(len(words), np.int16), {}
    is_there = np.ones(len(words), np.bool_)
    for place, word in enumerate(words):
        if not word.strip():
            is_there[place] = False
            continue
        found = _thousandths(word, scale)
        if found is None:
            is_there[place] = False
        elif isinstance(found, str):
            refused[place] = found
        else:
            values[place] = found
    ratings = pa.array(values[places], pa.int16(), mask=~is_there[places])
    return ratings, Flaws.of_words(places, words, "BAD_RATING", refused)


def _thousandths(word: str, scale: Scale) -> int | str | None:
    """Thousandths; None where it means that there is no answer; else what is wrong."""
    if not _NUMBER.fullmatch(word):
        return "is not a number"
    number = float(word)
    if number in scale.unrated:
        return None
    if not min(scale.worst, scale.best) <= number <= max(scale.worst, scale.best):
        return f"is not on the scale {scale}"
    share = (number - scale.worst) / (scale.best - scale.worst)
    return int(np.rint((2 * share - 1) * 1000))
