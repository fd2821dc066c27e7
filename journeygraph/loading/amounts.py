"""Amounts of money as exact minor units, and whole numbers; nothing is rounded unasked.

What is plain ("12.50") is read by a kernel; everything else by exact decimal arithmetic, once
for each different text. "1.234,56" and "$5" are refused: whoever guesses there is wrong by a
factor of 1,000 in one country or another.

One thing is not taken at its word: 16 or 17 digits with more decimals than money has are how a
sum in floating point is written; where 15 digits, all that such a number is sure of, make an
amount without further decimals, that is the amount.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from journeygraph.kernels.decimals import EXACT, UNCLEAR, parse_decimals, scale_floats
from journeygraph.loading.arrow_text import as_one, as_texts, distinct, text_buffers
from journeygraph.loading.flaws import Flaws

__all__ = ["LARGEST_AMOUNT", "Amounts", "parse_amounts", "parse_whole_numbers", "read_amounts"]

LARGEST_AMOUNT = 2**53
"""In minor units, either sign: a thousand of them still add up without overflow."""

_LARGEST_WHOLE = 2**63 - 1
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?0*\d{1,4})?", re.ASCII)
_WHOLE = re.compile(r"[-+]?\d+(\.0*)?", re.ASCII)
_MOST_DIGITS = 400
_SURE_DIGITS = 15
"""Decimal digits that a binary floating-point number of 64 bits always keeps."""
_DIGITS_OF_NOISE = (16, 17)
"""Digits that its shortest writing has where it is not a number of few digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What a column says: `units` where `is_there`; `n_rounded` of them were rounded."""

    units: npt.NDArray[np.int64]
    is_there: npt.NDArray[np.bool_]
    flaws: Flaws
    n_rounded: int = 0

    def to_arrow(self) -> pa.Array:
        """As the lake stores it."""
        return pa.array(self.units, mask=~self.is_there)


@dataclass(frozen=True, slots=True)
class _Refusal:
    code: str
    reason: str


def parse_amounts(texts: pa.StringArray, exponent: int, *, round_values: bool) -> Amounts:
    """Minor units of decimal numbers.

    Parameters
    ----------
    texts
        Amounts in major units; empty where there is none.
    exponent
        Decimals of the store.
    round_values
        Round what has more decimals, half to even.
    """
    units, kinds = _parse(texts, exponent)
    rows = np.flatnonzero((kinds == UNCLEAR) | (np.abs(units) > LARGEST_AMOUNT))
    is_there = kinds == EXACT
    if not len(rows):
        return Amounts(units=units, is_there=is_there, flaws=Flaws.none())
    words, places = distinct(texts.take(pa.array(rows)))
    found = [_amount(word, exponent) for word in words]
    refused: dict[int, _Refusal] = {}
    values, is_rounded = np.zeros(len(words), np.int64), np.zeros(len(words), np.bool_)
    for place, amount in enumerate(found):
        if isinstance(amount, _Refusal):
            refused[place] = amount
        elif amount.is_exact or round_values:
            values[place], is_rounded[place] = amount.units, not amount.is_exact
        else:
            reason = f"has more than {exponent} decimals; --round-values rounds them"
            refused[place] = _Refusal("TOO_MANY_DECIMALS", reason)
    units[rows] = values[places]
    is_there[rows] = ~np.isin(places, list(refused))
    return Amounts(
        units=units,
        is_there=is_there,
        flaws=_flaws(rows, places, words, refused),
        n_rounded=int(is_rounded[places].sum()),
    )


def read_amounts(
    column: pa.Array | pa.ChunkedArray, exponent: int, *, round_values: bool
) -> Amounts:
    """Minor units of a column of any type, as `parse_amounts` gives them for its texts."""
    whole = as_one(column)
    if not pa.types.is_float64(whole.type):
        return parse_amounts(as_texts(whole, nan="NaN"), exponent, round_values=round_values)
    numbers = (pc.fill_null(whole, 0.0) if whole.null_count else whole).to_numpy()
    units, kinds = np.empty(len(whole), np.int64), np.empty(len(whole), np.int8)
    scale_floats(numbers, 10.0**exponent, units, kinds)
    is_there = whole.is_valid().to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(kinds == UNCLEAR)
    if not len(rows):
        return Amounts(units=units, is_there=is_there, flaws=Flaws.none())
    texts = as_texts(whole.take(pa.array(rows)), nan="NaN")
    others = parse_amounts(texts, exponent, round_values=round_values)
    units[rows], is_there[rows] = others.units, others.is_there
    flaws = others.flaws
    return Amounts(
        units=units,
        is_there=is_there,
        flaws=Flaws(rows=rows[flaws.rows], codes=flaws.codes, reasons=flaws.reasons),
        n_rounded=others.n_rounded,
    )


def parse_whole_numbers(texts: pa.StringArray) -> Amounts:
    """Whole numbers of 64 bits."""
    units, kinds = _parse(texts, 0)
    is_there = kinds == EXACT
    rows = np.flatnonzero(kinds == UNCLEAR)
    if not len(rows):
        return Amounts(units=units, is_there=is_there, flaws=Flaws.none())
    words, places = distinct(texts.take(pa.array(rows)))
    values, refused = np.zeros(len(words), np.int64), {}
    for place, word in enumerate(words):
        is_whole = _WHOLE.fullmatch(word.strip()) is not None and len(word) < _MOST_DIGITS
        number = int(word.partition(".")[0]) if is_whole else None
        if number is None or abs(number) > _LARGEST_WHOLE:
            refused[place] = _Refusal("BAD_NUMBER", "is not a whole number")
        else:
            values[place] = number
    units[rows] = values[places]
    is_there[rows] = ~np.isin(places, list(refused))
    return Amounts(units=units, is_there=is_there, flaws=_flaws(rows, places, words, refused))


def _parse(
    texts: pa.StringArray, exponent: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int8]]:
    offsets, data = text_buffers(texts)
    units, kinds = np.empty(len(texts), np.int64), np.empty(len(texts), np.int8)
    parse_decimals(offsets, data, exponent, units, kinds)
    return units, kinds


@dataclass(frozen=True, slots=True)
class _Amount:
    units: int
    is_exact: bool


def _amount(word: str, exponent: int) -> _Amount | _Refusal:
    """Minor units of one text, rounded half to even."""
    text = word.strip()
    if len(text) > _MOST_DIGITS or not _NUMBER.fullmatch(text):
        return _Refusal("BAD_AMOUNT", "is not a plain decimal number, as 1234.56")
    number = Decimal(text)
    if number and number.adjusted() > 18:
        return _Refusal("AMOUNT_TOO_LARGE", "is too large an amount")
    amount = _scaled(number, exponent)
    if not amount.is_exact and len(number.normalize().as_tuple().digits) in _DIGITS_OF_NOISE:
        # What a sum in floating point looks like: 0.30000000000000004 is 0.3.
        without_noise = _scaled(Context(prec=_SURE_DIGITS).plus(number), exponent)
        amount = without_noise if without_noise.is_exact else amount
    if abs(amount.units) > LARGEST_AMOUNT:
        return _Refusal("AMOUNT_TOO_LARGE", "is too large an amount")
    return amount


def _scaled(number: Decimal, exponent: int) -> _Amount:
    sign, digits, power = number.as_tuple()
    units = int("".join(map(str, digits)))
    power = int(power) + exponent
    is_exact = True
    if power >= 0:
        units *= 10**power
    elif units:
        units, rest = divmod(units, 10**-power)
        is_exact = rest == 0
        half = 10**-power // 2
        units += rest > half or (rest == half and units % 2 == 1)
    return _Amount(-units if sign else units, is_exact)


def _flaws(
    rows: npt.NDArray[np.int64],
    places: npt.NDArray[np.int32],
    words: list[str],
    refused: dict[int, _Refusal],
) -> Flaws:
    codes = {refusal.code for refusal in refused.values()}
    parts = []
    for code in sorted(codes):
        reasons = {place: why.reason for place, why in refused.items() if why.code == code}
        part = Flaws.of_words(places, words, code, reasons)
        parts.append(Flaws(rows=rows[part.rows], codes=part.codes, reasons=part.reasons))
    return Flaws.joined(parts)
