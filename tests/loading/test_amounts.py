"""Money is exact or refused; ratings lie on their scale."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journeygraph.errors import InvalidOptionError
from journeygraph.loading.amounts import (
    LARGEST_AMOUNT,
    parse_amounts,
    parse_whole_numbers,
    read_amounts,
)
from journeygraph.loading.arrow_text import as_texts
from journeygraph.loading.ratings import parse_ratings, parse_scale
from tests.naive import loading as naive


def read(amounts):
    """Each value, the code of its flaw, or None."""
    found = np.where(amounts.is_there, amounts.units, None).tolist()
    for row, code in zip(amounts.flaws.rows.tolist(), amounts.flaws.codes.to_pylist(), strict=True):
        assert found[row] is None
        found[row] = code
    return found


numbers = st.decimals(allow_nan=False, allow_infinity=False, places=4) | st.decimals(
    -(10**6), 10**6, places=2
)
words = st.text("0123456789.,-+eE $€", max_size=14)


@given(
    st.lists(numbers.map(str) | words | st.floats().map(repr), max_size=20),
    st.integers(0, 3),
    st.booleans(),
)
@example(["1.005", "1.015", "0.125", "-0.125", "-1.005", "2.5e-3"], 2, True)
@example(["9007199254740992", "9007199254740993", "-9007199254740993"], 0, False)
@example(["1e400", "1e-400", "0e9999", "1.0000", "01.10", "1.", ".5", "-", "."], 2, False)
@example(["0E00000", "1e00002", "1E1000000", "1e-99999"], 2, False)
def test_amounts_are_read_as_by_the_naive_twin(texts, exponent, round_values):
    amounts = parse_amounts(pa.array(texts, pa.string()), exponent, round_values=round_values)
    expected = [naive.amount(text, exponent, round_values=round_values) for text in texts]
    assert read(amounts) == expected
    strict = [naive.amount(text, exponent) for text in texts]
    n_rounded = sum(
        isinstance(value, int) and refusal == "TOO_MANY_DECIMALS"
        for value, refusal in zip(expected, strict, strict=True)
    )
    assert amounts.n_rounded == n_rounded


cents = st.integers(-(10**17), 10**17).map(lambda number: number / 100)


@given(
    st.lists(st.none() | cents | st.floats() | st.integers(-99, 99).map(float), max_size=20),
    st.integers(0, 3),
    st.booleans(),
)
@example([0.1, 0.29, 1.15, 1e15, 9007199254740991.0, 1e-7, -0.0, float("nan"), None], 2, False)
@example([0.30000000000000004, 2.675, 0.005, 1e22, float("inf"), 4.35, 999999999999.99], 2, True)
def test_floating_point_is_read_as_its_shortest_text(numbers, exponent, round_values):
    column = pa.array(numbers, pa.float64())
    found = read_amounts(column, exponent, round_values=round_values)
    expected = parse_amounts(as_texts(column, nan="NaN"), exponent, round_values=round_values)
    assert read(found) == read(expected)
    assert found.to_arrow() == expected.to_arrow()
    assert found.flaws.reasons == expected.flaws.reasons
    assert found.n_rounded == expected.n_rounded
    texts = ["" if n is None else "NaN" if n != n else repr(n) for n in numbers]
    twin = [naive.amount(text, exponent, round_values=round_values) for text in texts]
    assert read(found) == twin


def test_what_is_not_plain_is_refused_with_its_text_and_not_guessed():
    texts = ["1.234,56", "$5", "1,000", "1 000", "NaN", "inf", "12€", "١٢", "0x10", "1_000"]
    amounts = parse_amounts(pa.array(texts), 2, round_values=True)
    assert read(amounts) == ["BAD_AMOUNT"] * len(texts)
    assert amounts.flaws.reasons[0].as_py() == (
        "'1.234,56' is not a plain decimal number, as 1234.56"
    )


def test_floating_point_counts_by_its_shortest_writing():
    typed = pa.array([11.77, 0.1 + 0.2, 1e10, 1.5e15, float("nan"), None, float("inf")])
    amounts = parse_amounts(as_texts(typed, nan="NaN"), 2, round_values=False)
    assert read(amounts) == [
        1177, 30, 10**12, "AMOUNT_TOO_LARGE", "BAD_AMOUNT", None, "BAD_AMOUNT",
    ]  # fmt: skip
    single = pa.array([11.77, 2.0], pa.float32())
    assert read(parse_amounts(as_texts(single, nan="NaN"), 2, round_values=False)) == [1177, 200]


def test_the_noise_of_floating_point_is_no_decimals():
    texts = ["156.82999999999998", "0.30000000000000004", "-0.7999999999999999", "1.0000000001",
             "0.1234567890123456", "12345678901234.56", "156.829999999999980"]  # fmt: skip
    assert read(parse_amounts(pa.array(texts), 2, round_values=False)) == [
        15683, 30, -80, "TOO_MANY_DECIMALS", "TOO_MANY_DECIMALS", 1234567890123456, 15683,
    ]  # fmt: skip


def test_other_types_of_numbers():
    typed = pa.array([Decimal("12.50"), None, Decimal("-0.01")], pa.decimal128(10, 2))
    assert read(parse_amounts(as_texts(typed), 2, round_values=False)) == [1250, None, -1]
    large = pa.array([2**64 - 1, 5], pa.uint64())
    assert read(parse_amounts(as_texts(large), 0, round_values=False)) == ["AMOUNT_TOO_LARGE", 5]


def test_the_largest_amounts():
    texts = [str(LARGEST_AMOUNT), str(-LARGEST_AMOUNT), str(LARGEST_AMOUNT + 1)]
    amounts = parse_amounts(pa.array(texts), 0, round_values=True)
    assert read(amounts) == [LARGEST_AMOUNT, -LARGEST_AMOUNT, "AMOUNT_TOO_LARGE"]


@given(st.lists(st.integers(-(2**64), 2**64).map(str) | words, max_size=20))
@example(["3.0", "3.00", "-0", "+7", "3.5", "1e3", "9" * 500])
def test_whole_numbers(texts):
    def expected(text):
        text = text.strip()
        if not text:
            return None
        whole, _, decimals = text.partition(".")
        unsigned = whole.removeprefix("-") if whole[:1] == "-" else whole.removeprefix("+")
        is_number = unsigned.isascii() and unsigned.isdigit() and set(decimals) <= {"0"}
        if not is_number or abs(int(whole[:400])) > 2**63 - 1:
            return "BAD_NUMBER"
        return int(whole)

    # A point without digits behind it is plain enough.
    assert read(parse_whole_numbers(pa.array(texts, pa.string()))) == [
        expected(text) for text in texts
    ]


@pytest.mark.parametrize(
    ("scale", "texts", "expected"),
    [
        ("-1..1", ["-1", "0", "0.1234", "1", "", "1.1", "x", "NaN"],
         [-1000, 0, 123, 1000, None, "BAD_RATING", "BAD_RATING", "BAD_RATING"]),
        ("0..10", ["0", "5", "10", "7.5", "11"], [-1000, 0, 1000, 500, "BAD_RATING"]),
        ("stars", ["1", "2", "3", "4", "5", "0"], [-1000, -500, 0, 500, 1000, "BAD_RATING"]),
        ("0 .. 100", ["50", " 25 "], [0, -500]),
        ("6..1", ["6", "1", "3.5", "0"], [-1000, 1000, 0, "BAD_RATING"]),
        ("nps", ["0", "9", "10", "-1"], [-1000, 800, 1000, "BAD_RATING"]),
        ("stars except 0", ["0", "3", "0.0", "6"], [None, 0, None, "BAD_RATING"]),
        ("0..10 except -1,99", ["-1", "99", "5", "11"], [None, None, 0, "BAD_RATING"]),
    ],
)  # fmt: skip
def test_ratings_lie_on_their_scale(scale, texts, expected):
    values, flaws = parse_ratings(pa.array(texts), parse_scale(scale))
    found = values.to_pylist()
    for row, code in zip(flaws.rows.tolist(), flaws.codes.to_pylist(), strict=True):
        found[row] = code
    assert found == expected


@pytest.mark.parametrize(
    "given_", ["", "5", "1..1", "a..b", "1-5", "stars except", "stars except x", "1..5 0"]
)
def test_what_is_no_scale_is_refused(given_):
    with pytest.raises(InvalidOptionError):
        parse_scale(given_)
