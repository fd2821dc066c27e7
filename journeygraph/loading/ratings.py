"""Ratings on any scale as thousandths of [-1, 1].

The middle of the scale becomes 0: five stars are 1000, three are 0. A rating beyond its scale
is a mistake in one of the two and is refused rather than cut off.
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

_SCALE = re.compile(r"(-?\d+(?:\.\d+)?)\s*\.\.\s*(-?\d+(?:\.\d+)?)")
_NAMED = {"stars": "1..5", "nps": "0..10", "percent": "0..100", "unit": "-1..1"}
_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Scale:
    """From the worst to the best."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:g}..{self.high:g}"


def parse_scale(given: str) -> Scale:
    """A scale as "0..10", or by name: stars, nps, percent."""
    match = _SCALE.fullmatch(_NAMED.get(given, given).strip())
    if match is None or not float(match[1]) < float(match[2]):
        raise InvalidOptionError("scales", given, "a scale as 0..10 or 1..5, the worst first")
    return Scale(float(match[1]), float(match[2]))


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
        if isinstance(found, str):
            refused[place] = found
        else:
            values[place] = found
    ratings = pa.array(values[places], pa.int16(), mask=~is_there[places])
    return ratings, Flaws.of_words(places, words, "BAD_RATING", refused)


def _thousandths(word: str, scale: Scale) -> int | str:
    if not _NUMBER.fullmatch(word):
        return "is not a number"
    number = float(word)
    if not scale.low <= number <= scale.high:
        return f"is not on the scale {scale}"
    share = (number - scale.low) / (scale.high - scale.low)
    return int(np.rint((2 * share - 1) * 1000))
