"""Records of a CSV text, held to the naive twin, in whatever pieces the text comes."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from journeygraph.kernels.csv_records import BROKEN_QUOTE, scan_records
from tests.naive import loading as naive

LONGEST = 1 << 20


def scanned(text, size, capacity):
    """(line, number of fields) of each record, with the text given `size` bytes at a time."""
    data = text.encode()
    found, line, rest, given_ = [], 1, b"", 0
    while True:
        more = data[given_ : given_ + size]
        given_ += len(more)
        rest += more
        is_last = not more
        while rest:
            starts, ends, lines = (np.zeros(capacity, np.int64) for _ in range(3))
            fields = np.zeros(capacity, np.int32)
            n_records, consumed, line, _ = scan_records(
                np.frombuffer(rest, np.uint8), is_last, 44, LONGEST, line,
                starts, ends, lines, fields,
            )  # fmt: skip
            found += zip(lines[:n_records].tolist(), fields[:n_records].tolist(), strict=True)
            assert (starts[:n_records] < ends[:n_records]).all()
            rest = rest[consumed:]
            if consumed == 0:
                break
        if is_last:
            assert rest == b""
            return found


@given(st.text(st.sampled_from('a"",,\n\r'), max_size=50), st.integers(1, 60), st.integers(1, 9))
@example('1,"bob,x\n2,ann,y\n3,"carl",z\n', 60, 9)
@example('a,"b\r\nc"\r\n\r\rd', 1, 1)
def test_records_are_those_of_the_naive_twin(text, size, capacity):
    assert scanned(text, size, capacity) == [
        (line, BROKEN_QUOTE if fields is None else len(fields))
        for line, fields in naive.records(text, ",")
    ]


def test_a_quote_open_for_too_long_is_broken():
    text = 'a,"b\n' + "c,d\n" * 100
    starts, ends, lines = (np.zeros(9, np.int64) for _ in range(3))
    fields = np.zeros(9, np.int32)
    n_records, *_ = scan_records(
        np.frombuffer(text.encode(), np.uint8), False, 44, 50, 1, starts, ends, lines, fields
    )
    assert n_records == 9
    assert fields.tolist() == [BROKEN_QUOTE] + [2] * 8
