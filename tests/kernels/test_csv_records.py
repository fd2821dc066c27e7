"""Records of a CSV text, held to the naive twin, in whatever pieces the text comes."""

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journeygraph.kernels.csv_marks import PIECE
from journeygraph.kernels.csv_records import BROKEN_QUOTE, read_column, scan_records
from tests.naive import loading as naive

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered")

LONGEST = 1 << 20


def columns_of(data, fields, bounds):
    """The values of each column of the whole records."""
    n_columns = bounds.shape[1] - 1
    n_rows = int((fields == n_columns).sum())
    columns = []
    for column in range(n_columns):
        offsets, out = np.zeros(n_rows + 1, np.int32), np.zeros(len(data) + 8, np.uint8)
        read_column(data, fields, bounds, column, offsets, out)
        columns.append(
            [out[begin:end].tobytes().decode() for begin, end in pairwise(offsets.tolist())]
        )
    return columns


def scanned(text, size, capacity, n_columns=2):
    """Line, number of fields, and where there are `n_columns` their values, of each record.

    The text is given `size` bytes at a time.
    """
    data = text.encode()
    found, line, rest, given_ = [], 1, b"", 0
    while True:
        more = data[given_ : given_ + size]
        given_ += len(more)
        rest += more
        is_last = not more
        while rest:
            lines, fields = np.zeros(capacity, np.int64), np.zeros(capacity, np.int32)
            bounds = np.full((capacity, n_columns + 1), -1, np.int32)
            piece = np.frombuffer(rest, np.uint8)
            n, consumed, line, _ = scan_records(
                piece, is_last, 44, LONGEST, line, lines, fields, bounds
            )
            assert (bounds[:n, 0] < bounds[:n, -1] - 1).all()
            values = iter(zip(*columns_of(piece, fields[:n], bounds[:n]), strict=True))
            found += [
                (number, count, list(next(values)) if count == n_columns else None)
                for number, count in zip(lines[:n].tolist(), fields[:n].tolist(), strict=True)
            ]
            rest = rest[consumed:]
            if consumed == 0:
                break
        if is_last:
            assert rest == b""
            return found


def naive_records(text, n_columns=2):
    return [
        (line, BROKEN_QUOTE, None)
        if fields is None
        else (line, len(fields), fields if len(fields) == n_columns else None)
        for line, fields in naive.records(text, ",")
    ]


@given(st.text(st.sampled_from('a"",,\n\r'), max_size=50), st.integers(1, 60), st.integers(1, 9))
@example('1,"bob,x\n2,ann,y\n3,"carl",z\n', 60, 9)
@example('a,"b\r\nc"\r\n\r\rd', 1, 1)
def test_records_are_those_of_the_naive_twin(text, size, capacity):
    assert scanned(text, size, capacity) == naive_records(text)


def quoted(value):
    doubled = value.replace('"', '""')
    return f'"{doubled}"' if set(value) & set(',"\n\r') else value


@given(
    st.lists(
        st.tuples(*[st.text(st.sampled_from('aé",\n\r 0123456789'), max_size=20)] * 3),
        min_size=1,
        max_size=9,
    ),
    st.integers(8, 90),
)
def test_values_of_any_length_are_what_was_written(rows, size):
    rows = [row for row in rows if row != ("", "", "")]
    text = "".join(",".join(map(quoted, row)) + "\n" for row in rows)
    found = scanned(text, size, 9, 3)
    assert [values for *_, values in found] == [list(row) for row in rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "\x01"])
def test_any_byte_separates(delimiter):
    data = np.frombuffer(f'long value{delimiter}"q{delimiter}q"\n'.encode(), np.uint8)
    lines, fields = np.zeros(1, np.int64), np.zeros(1, np.int32)
    bounds = np.zeros((1, 3), np.int32)
    assert scan_records(data, True, ord(delimiter), LONGEST, 1, lines, fields, bounds)[0] == 1
    assert columns_of(data, fields, bounds) == [["long value"], [f"q{delimiter}q"]]


def test_a_quote_open_for_too_long_is_broken():
    text = 'a,"b\n' + "c,d\n" * 100
    lines, fields, bounds = np.zeros(9, np.int64), np.zeros(9, np.int32), np.zeros((9, 3), np.int32)
    n_records, *_ = scan_records(
        np.frombuffer(text.encode(), np.uint8), False, 44, 50, 1, lines, fields, bounds
    )
    assert n_records == 9
    assert fields.tolist() == [BROKEN_QUOTE] + [2] * 8


RECORDS = [
    'c1,"page"\n', "c2,page\n", "c3,\r\n", '"c4","pa,ge"\n', '"c5","say ""a"""\r\n', "\n", "c6\n",
    '"c7","two\nlines"\n', '"c8,"open"\n', '"c9","not closed\n', 'c10,in "quotes"\n', 'c11,""\r',
    '"","""",x\n',
]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("size", "capacity"), [(1 << 20, 1 << 12), (5001, 400)])
def test_pieces_of_a_long_text_join_up(seed, size, capacity):
    draw = random.Random(seed)
    troubles = RECORDS if seed % 2 else RECORDS[3:]
    rows = [
        draw.choice(troubles) if draw.random() < 0.03 * seed else draw.choice(RECORDS[:3])
        for _ in range(3 * PIECE // 10)
    ]
    rows[len(rows) // 2] = "a" * draw.randint(PIECE - 9, PIECE + 9) + ',"b"\n'
    rows[-99] = '"' + "a\n" * PIECE + '",b\n'
    text = "".join(rows) + "c12,last"
    assert len(text) > 4 * PIECE
    assert scanned(text, size, capacity) == naive_records(text)
