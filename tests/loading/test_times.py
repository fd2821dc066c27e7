"""Moments: ISO 8601, epochs, national forms, zones; nothing guessed, nothing wrapped."""

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journeygraph.errors import InvalidOptionError
from journeygraph.loading.time_formats import check_time_format
from journeygraph.loading.times import TimeColumn
from tests.naive import loading as naive

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")


def read(values, **options):
    """Each value as microseconds, the code of its flaw, or None."""
    column = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    times = TimeColumn(**options).read(column)
    found = np.where(times.is_there, times.at_us, None).tolist()
    for row, code in zip(times.flaws.rows.tolist(), times.flaws.codes.to_pylist(), strict=True):
        assert found[row] is None
        found[row] = code
    return found


def us(*parts):
    return naive.microseconds(datetime(*parts, tzinfo=UTC))


clock = st.tuples(st.integers(0, 24), st.integers(0, 60), st.integers(0, 60))
offsets = st.sampled_from(["", "Z", "z", " +01:00", "+0530", "-08", "+19:00", "+01:60", " Z", "+1"])


@st.composite
def texts(draw):
    """Texts in ISO 8601, nearly so, and not at all."""
    year, month, day = draw(st.tuples(st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32)))
    mark = draw(st.sampled_from("---/."))
    text = f"{year:04}{mark}{month:02}{mark}{day:02}"
    n_parts = draw(st.integers(0, 4))
    if n_parts:
        text += draw(st.sampled_from("TTt  _"))
        text += ":".join(f"{part:02}" for part in draw(clock)[: min(n_parts, 3)])
        if n_parts == 4:
            text += draw(st.sampled_from(".,")) + draw(st.text("0123456789", max_size=11))
        text += draw(offsets)
    return text + draw(st.sampled_from(["", "", "", " ", "x", "0"]))


@given(st.lists(texts() | st.text("0123456789-:TZ. +", max_size=26), max_size=30))
@example(["2024-01-31 10:30:15", "2024-01-31T10:30:16", "2024-01-31T10:30:16Z"])
@example(["2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "0000-01-01", "9999-12-31"])
@example(["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59.9999999-01:00", "20x4-01-01"])
def test_texts_are_read_as_by_the_naive_twin(values):
    column = [value for value in values if not _is_number(value) and not _is_basic(value)]
    assert read(column) == [naive.moment(value) for value in column]


def _is_number(text):
    return text.strip(" ").removeprefix("-").replace(".", "", 1).isdigit()


def _is_basic(text):
    """The compact forms have a test of their own."""
    text = text.strip(" ").upper()
    if text[8:9] == "T":
        return True
    _, mark, clock = text.replace(" ", "T").partition("T")
    return bool(mark) and clock[:3].isdigit()


@given(
    st.lists(st.datetimes(datetime(1980, 1, 1), datetime(2030, 1, 1)), max_size=20),
    st.sampled_from(ZONES),
)
@example([datetime(2024, 3, 31, 2, 30), datetime(2024, 10, 27, 2, 30)], "Europe/Berlin")
@example([datetime(2024, 10, 6, 2, 15), datetime(2024, 4, 7, 1, 45)], "Australia/Lord_Howe")
def test_local_times_are_of_the_zone_and_the_first_of_two(moments, zone):
    column = [at.isoformat() for at in moments]
    assert read(column, timezone=zone) == [naive.moment(text, zone) for text in column]
    typed = pa.array(moments, pa.timestamp("us"))
    assert read(typed, timezone=zone) == [naive.moment(text, zone) for text in column]


def test_skipped_times_are_refused_and_repeated_ones_are_the_first():
    column = ["2024-03-31 02:30", "2024-10-27 02:30", "2024-10-27 02:30+01:00"]
    assert read(column, timezone="Europe/Berlin") == [
        "NONEXISTENT_TIME", us(2024, 10, 27, 0, 30), us(2024, 10, 27, 1, 30),
    ]  # fmt: skip


def test_compact_forms_and_named_utc():
    at = us(2024, 1, 31, 10, 30, 15)
    assert read(
        ["20240131T103015Z", "20240131T103015", "2024-01-31T103015", "2024-01-31 10:30:15 UTC",
         "2024-01-31 10:30:15 gmt", "2024/01/31 10:30:15", "2024-01-31 10:30:15 CET"]
    ) == [at] * 6 + ["BAD_TIME"]  # fmt: skip
    assert read(["20240131T1030", "20240131T10", "20240131T", "20240131T1"]) == [
        us(2024, 1, 31, 10, 30), us(2024, 1, 31, 10), "BAD_TIME", "BAD_TIME",
    ]  # fmt: skip


def test_fractions_are_cut_off_behind_the_microsecond():
    at = us(2024, 1, 1)
    assert read(["2024-01-01T00:00:00.123456789Z", "2024-01-01 00:00:00,9999999"]) == [
        at + 123_456, at + 999_999,
    ]  # fmt: skip
    assert read(["1969-12-31T23:59:59.9999999Z"]) == [-1]


@pytest.mark.parametrize(
    ("unit", "scale"), [("s", 1_000_000), ("ms", 1_000), ("us", 1), ("ns", Decimal("0.001"))]
)
def test_epochs_are_recognised_by_their_size(unit, scale):
    seconds = [1_000_000_000, 1_577_836_800, 1_700_000_001]
    numbers = [int(second * 1_000_000 / scale) for second in seconds]
    expected = [second * 1_000_000 for second in seconds]
    assert read([str(number) for number in numbers]) == expected
    assert read(pa.array(numbers, pa.int64())) == expected
    assert read(pa.array(numbers, pa.int64()), time_format=None, unit=unit) == expected


@given(st.lists(st.integers(-(2**62), 2**62), min_size=1), st.sampled_from(["s", "ms", "us", "ns"]))
def test_a_stated_unit_takes_every_number_that_is_a_date(numbers, unit):
    scale = {"s": 1_000_000, "ms": 1_000, "us": 1}.get(unit)
    first, last = naive.moment("0001-01-01"), naive.moment("9999-12-31T23:59:59.999999")
    exact = [number * scale if scale else number // 1_000 for number in numbers]
    expected = [at if first <= at <= last else "BAD_TIME" for at in exact]
    assert read([str(number) for number in numbers], unit=unit) == expected


def test_decimals_of_epochs_count():
    assert read(["1577836800.123456789", "1577836801.5"]) == [
        us(2020, 1, 1) + 123_456, us(2020, 1, 1, 0, 0, 1, 500_000),
    ]  # fmt: skip
    assert read(pa.array([1577836800.123, None, float("nan")])) == [
        us(2020, 1, 1) + 123_000, None, None,
    ]  # fmt: skip
    assert read(pa.array([1577836800123.0, float("inf")])) == [us(2020, 1, 1) + 123_000, "BAD_TIME"]


def test_a_column_has_one_unit_and_the_majority_of_its_first_numbers_decides():
    column = TimeColumn()
    first = column.read(pa.array(["1577836800000", "1577836800001", "1577836800"]))
    assert column.unit == "ms"
    assert first.flaws.codes.to_pylist() == ["UNCLEAR_TIME"]
    later = column.read(pa.array(["1577836800", "1577836800000000"]))
    assert later.flaws.codes.to_pylist() == ["UNCLEAR_TIME"] * 2


@pytest.mark.parametrize(
    "text", ["20240131", "202401311200", "20240131120000", "0", "1", "45292.5", "-5", "19991231"]
)
def test_numbers_that_may_be_dates_are_not_guessed(text):
    assert read([text]) == ["UNCLEAR_TIME"]
    assert read(["1577836800", text])[1] == "UNCLEAR_TIME"


def test_years_do_not_wrap():
    assert read(["1600-01-01", "2300-01-01", "0001-01-01", "9999-12-31"]) == [
        us(1600, 1, 1), us(2300, 1, 1), us(1, 1, 1), us(9999, 12, 31),
    ]  # fmt: skip
    typed = pa.array([-62_135_596_800, 253_402_300_799, 2**62, -(2**62)], pa.timestamp("s"))
    assert read(typed) == [us(1, 1, 1), us(9999, 12, 31, 23, 59, 59), "BAD_TIME", "BAD_TIME"]
    assert read(pa.array([2**62], pa.timestamp("ms"))) == ["BAD_TIME"]


def test_typed_times_of_every_unit_and_dates():
    at = us(2024, 5, 6, 7, 8, 9)
    for unit, scale in (("s", 10**6), ("ms", 10**3), ("us", 1)):
        assert read(pa.array([at // scale, None], pa.timestamp(unit, "Asia/Tokyo"))) == [at, None]
        assert read(pa.array([at // scale], pa.timestamp(unit))) == [at]
    assert read(pa.array([at * 1_000 + 999, -1], pa.timestamp("ns", "UTC"))) == [at, -1]
    assert read(pa.array([date(2024, 5, 6)], pa.date32())) == [us(2024, 5, 6)]
    assert read(pa.array([date(2024, 5, 6)], pa.date64()), timezone="Asia/Tokyo") == [
        us(2024, 5, 5, 15)
    ]


def test_a_typed_local_time_that_the_clocks_skip_is_refused():
    typed = pa.array([datetime(2024, 3, 31, 2, 30)], pa.timestamp("us"))
    assert read(typed, timezone="Europe/Berlin") == ["NONEXISTENT_TIME"]


@pytest.mark.parametrize(
    ("time_format", "text", "expected"),
    [
        ("%d.%m.%Y %H:%M", "31.12.2023 14:05", us(2023, 12, 31, 14, 5)),
        ("%m/%d/%Y", "12/31/2023", us(2023, 12, 31)),
        ("%b %d, %Y %I:%M %p", "Jan 05, 2024 03:04 PM", us(2024, 1, 5, 15, 4)),
        ("%d/%b/%Y:%H:%M:%S %z", "10/Oct/2000:13:55:36 -0700", us(2000, 10, 10, 20, 55, 36)),
        ("%d.%m.%Y %H:%M:%S,%f", "31.12.2023 14:05:01,25", us(2023, 12, 31, 14, 5, 1, 250_000)),
        ("%d.%m.%Y %H:%M:%S.%f", "31.12.2023 14:05:01.5", us(2023, 12, 31, 14, 5, 1, 500_000)),
        ("%Y%m%d", "20240131", us(2024, 1, 31)),
    ],
)
def test_a_stated_form_is_read(time_format, text, expected):
    assert read([text, "", "  ", "2023-99", text], time_format=time_format) == [
        expected, None, None, "BAD_TIME", expected,
    ]  # fmt: skip


def test_a_stated_form_is_of_the_zone_and_holds_for_numbers():
    assert read(["01.07.2024 12:00"], time_format="%d.%m.%Y %H:%M", timezone="Europe/Berlin") == [
        us(2024, 7, 1, 10)
    ]
    assert read(pa.array([20240701]), time_format="%Y%m%d") == [us(2024, 7, 1)]


@pytest.mark.parametrize("given", ["%H:%M", "%d.%m", "%Q", "", "%Y-%m-%d %Z", "%Y%m%d%f", "%"])
def test_a_form_that_tells_no_date_is_refused(given):
    with pytest.raises(InvalidOptionError):
        check_time_format(given)


def test_national_forms_are_not_guessed():
    assert read(["31/12/2023", "12/31/2023", "31.12.2023 10:00", "Jan 5, 2024", "now"]) == [
        "BAD_TIME"
    ] * 5  # fmt: skip
