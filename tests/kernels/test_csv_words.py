"""Values numbered where they stand are those that columns laid end to end have."""

from __future__ import annotations

import csv
import io

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journeygraph.kernels.csv_records import read_column, scan_records
from journeygraph.kernels.csv_words import NOT_NUMBERED, number_words

# Hashes wrap around; NumPy says so where the kernels are not compiled.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered")

CELLS = st.text(st.sampled_from('ab,é "\r\n'), max_size=20) | st.sampled_from(
    ["", "a", "b" * 8, "b" * 9, "b" * 16 + "a", "b" * 17, "b" * 16 + "c"]
)


def records(text: bytes):
    data = np.frombuffer(text, np.uint8)
    lines, fields = np.empty(len(data), np.int64), np.empty(len(data), np.int32)
    bounds = np.empty((len(data), 3), np.int32)
    size, *_ = scan_records(data, True, ord(","), 1 << 20, 1, lines, fields, bounds)
    return data, fields[:size], bounds[:size]


def numbered(text: bytes, column: int, at_most: int, n_slots: int = 64):
    """The numbers, and the text of each; None where the column is not numbered."""
    data, fields, bounds = records(text)
    codes = np.empty(int((fields == 2).sum()), np.int32)
    begins, ends = np.empty((2, at_most), np.int32)
    seed, slots = np.uint64(7), np.zeros((n_slots, 2), np.uint64)
    n_words = number_words(data, fields, bounds, column, seed, slots, begins, ends, codes)
    if n_words == NOT_NUMBERED:
        return None
    bounds_of = zip(begins[:n_words].tolist(), ends[:n_words].tolist(), strict=True)
    return codes.tolist(), [text[begin:end].decode() for begin, end in bounds_of]


def laid_end_to_end(text: bytes, column: int) -> list[str]:
    data, fields, bounds = records(text)
    n = int((fields == 2).sum())
    offsets, values = np.empty(n + 1, np.int32), np.empty(len(text) + 8, np.uint8)
    read_column(data, fields, bounds, column, offsets, values)
    buffers = pa.py_buffer(offsets), pa.py_buffer(values)
    return pa.StringArray.from_buffers(n, *buffers).to_pylist()


def csv_text(rows: list[tuple[str, ...]]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


@given(rows=st.lists(st.tuples(CELLS, CELLS) | st.tuples(CELLS, CELLS, CELLS), min_size=1))
@example(rows=[("", ""), ("x", "")])
@example(rows=[("b" * 17, "a"), ("b" * 16 + "a", "a"), ("b" * 17, "a")])
def test_numbers_lead_to_the_values_in_order_of_first_appearance(rows):
    text = csv_text(rows)
    for column in (0, 1):
        values = laid_end_to_end(text, column)
        found = numbered(text, column, len(rows) + 1, 1024)
        if any('"' in value for value in values):
            assert found is None
        else:
            words = list(dict.fromkeys(values))
            assert found == ([words.index(value) for value in values], words)


def test_more_values_than_there_is_room_for_are_not_numbered():
    text = csv_text([(f"v{number % 5}", "x") for number in range(20)])
    assert numbered(text, 0, 4) is None
    assert numbered(text, 0, 5) is not None


def test_values_that_share_a_slot_are_told_apart():
    text = csv_text([(f"v{number % 15}", "") for number in range(60)])
    codes, words = numbered(text, 0, 15, 16)
    assert words == [f"v{number}" for number in range(15)]
    assert codes == [number % 15 for number in range(60)]


def test_the_last_cell_of_the_text_is_read_to_its_end():
    assert numbered(b"a,xy\nb,xyz", 1, 4) == ([0, 1], ["xy", "xyz"])
