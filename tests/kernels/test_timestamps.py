"""Times out of texts, held to the naive twin."""

import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from journeygraph.kernels.timestamps import (
    EMPTY,
    INSTANT,
    LOCAL,
    MONTHS,
    NO_TIME,
    NUMBER,
    parse_times,
)
from tests.naive import loading as naive


def parsed(texts):
    """Kind, microseconds or number, and billionths of each text."""
    encoded = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    offsets.flags.writeable = False
    data = np.frombuffer(b"".join(encoded), np.uint8)
    kinds = np.empty(len(texts), np.int8)
    at_us, billionths = np.empty(len(texts), np.int64), np.empty(len(texts), np.int64)
    seen = parse_times(offsets, data, MONTHS, kinds, at_us, billionths)
    assert {kind for kind in range(NO_TIME + 1) if seen >> kind & 1} == set(kinds.tolist())
    return list(zip(kinds.tolist(), at_us.tolist(), billionths.tolist(), strict=True))


parts = st.sampled_from(
    ["2024", "1999", "0000", "-", "/", "01", "02", "29", "31", "T", " ", ":", "10", "59", "60",
     ".", ",", "123456789", "Z", "+01:00", "+", "UTC", "x", "é"]
)  # fmt: skip


@given(st.lists(st.lists(parts, max_size=14).map("".join), max_size=12))
@example(["2024-01-31T10:30:15Z", "2024-01-31T10:30:16Z", "2024-01-31 10:30:15", "2024-01-31"])
@example(["2024-01-31T10:30:15Z", "2024-01-31T10:60:15Z", "2024-01-3xT10:30:15Z"])
@example(["2024-01-31T10:30:15Z", "2024-01-32T10:30:15Z", "2024-01-31x10:30:15Z"])
@example(["\0" * 11 + "10:30:15Z"])
def test_plain_forms_are_those_of_the_naive_twin(texts):
    for text, (kind, at_us, _) in zip(texts, parsed(texts), strict=True):
        expected = naive.moment(text)
        if expected is None:
            assert kind == EMPTY
        elif isinstance(expected, int):
            assert (kind in {INSTANT, LOCAL}, at_us) == (True, expected)
        else:
            # The compact forms, names of UTC and numbers are not the twin's.
            assert kind == NO_TIME or _is_beyond_the_twin(text)


@st.composite
def nearly_plain(draw):
    """A date, mostly one that there is, with what may stand behind it, and perhaps a flaw."""
    date = draw(st.sampled_from(["0001-01-01", "1999/12/31", "2023-02-29", "2024-02-29",
                                 "2024-01-31", "2024-13-01", "2024-00-10", "2024-01/31",
                                 "2024/1-031", "9999-12-31"]))  # fmt: skip
    behind = draw(st.sampled_from(["", " ", "T", "t", "x"]))
    clock = draw(st.sampled_from(["", "10", "10:30", "23:59:59", "00:00:00", "24:00:00", "10:60:00",
                                  "10:30:", "10:30:5"]))  # fmt: skip
    fraction = draw(st.sampled_from(["", ".", ".0", ",5", ".123456", ".123456789", ".000000"]))
    offset = draw(st.sampled_from(["", "Z", "z", " Z", "+02:00", "-18:59", "+0200", "-19:00", "+1",
                                   "+02:60", "+02:0x"]))  # fmt: skip
    text = date + behind + clock + fraction + offset
    if draw(st.booleans()):
        place = draw(st.integers(0, len(text) - 1))
        text = text[:place] + draw(st.sampled_from("0/:9-.T Zé")) + text[place + 1 :]
    return draw(st.sampled_from(["", " "])) + text + draw(st.sampled_from(["", "  "]))


@settings(max_examples=150)
@given(st.lists(nearly_plain(), min_size=1, max_size=12))
@example(["2024-01-31 10:30", "2024-01-31 10:30.5", "2024-01-31 10:30:15.5", "2024-01-31"])
@example(["2024-01-31", "2024-01-31 10:30:15.000000", "2024-01-32 10:30:15.000000"])
@example(["0001-01-01T00:00:00+00:01", "9999-12-31 23:59:59.999999-00:01"])
def test_whatever_stands_behind_a_date_is_as_the_naive_twin_has_it(texts):
    for text, (kind, at_us, _) in zip(texts, parsed(texts), strict=True):
        expected = naive.moment(text)
        if isinstance(expected, int):
            has_offset = re.search(r"([zZ]|[-+]\d\d(:?\d\d)?) *$", text.strip()[10:])
            assert (kind, at_us) == (INSTANT if has_offset else LOCAL, expected), text
        else:
            assert kind == NO_TIME or _is_beyond_the_twin(text), text


@pytest.mark.parametrize("place", range(8))
def test_one_wrong_character_in_a_clock_of_a_known_date(place):
    clocks = [
        "09:59:58"[:place] + other + "09:59:58"[place + 1 :]
        for other in map(chr, [*range(1, 128), 0xE9, 0x20AC, 0x1F600])
    ]
    first = "2024-01-31 00:00:00"  # the day is known from here on
    for ending in ("", "Z"):
        texts = [first + ending, *(f"2024-01-31 {clock}{ending}" for clock in clocks)]
        for text, (kind, at_us, _) in zip(texts, parsed(texts), strict=True):
            expected = naive.moment(text)
            assert (at_us if kind in {INSTANT, LOCAL} else None) == (
                expected if isinstance(expected, int) else None
            ), text


def _is_beyond_the_twin(text):
    plain = text.strip().removeprefix("-").replace(".", "", 1)
    date, _, clock = text.strip().upper().replace(" ", "T").partition("T")
    return plain.isdigit() or len(date) == 8 or clock[2:3].isdigit() or text.strip().endswith("UTC")


@given(st.integers(-(10**18) + 1, 10**18 - 1), st.text("0123456789", max_size=12))
def test_numbers(number, decimals):
    text = f"{number}.{decimals}" if decimals else str(number)
    billionths = int(decimals[:9].ljust(9, "0"))
    assert parsed([text]) == [(NUMBER, number, -billionths if text[0] == "-" else billionths)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("8999999999999999999", NUMBER), ("9000000000000000000", NO_TIME), ("1" * 20, NO_TIME),
     ("-", NO_TIME), ("1.", NUMBER), (".5", NO_TIME), ("1e5", NO_TIME), ("+5", NO_TIME)],
)  # fmt: skip
def test_numbers_that_are_none(text, kind):
    assert parsed([text])[0][0] == kind
