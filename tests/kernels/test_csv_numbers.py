"""Numbers read where they stand are those of the texts, or nobody's."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journeygraph.kernels.csv_numbers import read_numbers
from tests.kernels.test_csv_words import csv_text, laid_end_to_end, records

# What is no digit wraps around before it is found out; NumPy says so where nothing is compiled.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered")

CANONICAL = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
NUMBERS = st.integers(0, 10**16 - 1).map(str) | st.just("")
WORDS = st.text(
    st.sampled_from("0179 +-.a/:\u0661\xb2\x00\x10\x3f"), max_size=18
) | st.sampled_from(
    ["007", "00", "10000000000000000", "-1", "+1", "1.0", " 1", "1 ", "1e3", '1"1', "1,1", "1\n1"]
)


def found_in(text: bytes, column: int):
    """The numbers, None for an empty cell; None in all where a cell is no number."""
    data, fields, bounds = records(text)
    n = int((fields == 2).sum())
    numbers, is_there = np.full(n, -7, np.int64), np.zeros(n, np.bool_)
    if not read_numbers(data, fields, bounds, column, numbers, is_there):
        return None
    assert (numbers[~is_there] == 0).all()
    return [
        number if said else None for number, said in zip(numbers.tolist(), is_there, strict=True)
    ]


def expected_of(cells: list[str]):
    if not all(cell == "" or CANONICAL.fullmatch(cell) for cell in cells):
        return None
    return [int(cell) if cell else None for cell in cells]


@given(rows=st.lists(st.tuples(NUMBERS, NUMBERS | WORDS), max_size=12), column=st.integers(0, 1))
@example([("1", "12345678"), ("", "123456789"), ("9" * 16, "0")], 0)
@example([("1", "12345678"), ("", "123456789"), ("9" * 16, "0")], 1)
@example([("7", "007")], 1)
def test_numbers_are_those_of_the_texts(rows, column):
    text = csv_text(rows)
    assert found_in(text, column) == expected_of(laid_end_to_end(text, column))


@pytest.mark.parametrize("byte", range(256))
@pytest.mark.parametrize(
    "cell", ["?", "1?", "?1", "1234567?", "12345678?", "1?345678", "?12345678"]
)
def test_nothing_but_digits_is_a_digit(byte, cell):
    text = b"9,8\n" + cell.encode().replace(b"?", bytes([byte])) + b",1\n"
    is_digit = chr(byte).isdigit() and byte < 128
    if byte in b'\n\r,"':
        return
    value = cell.replace("?", chr(byte))
    is_number = is_digit and CANONICAL.fullmatch(value) is not None
    assert found_in(text, 0) == ([9, int(value)] if is_number else None)


def test_quoted_numbers_and_records_that_are_broken():
    assert found_in(b'"12",a\n3\n"",b\n45,c\n', 0) == [12, None, 45]
