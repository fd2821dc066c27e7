"""CSV as it comes: quotes, lines, delimiters, encodings; no row is swallowed, no value changed."""

import csv
import gzip
import io
from contextlib import closing

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journeygraph.errors import InvalidOptionError, JourneyGraphError
from journeygraph.loading.errors import (
    DamagedFileError,
    DuplicateColumnsError,
    EmptyFileError,
    EncodingError,
    NoHeaderError,
    NoRowsError,
    WrongFormatError,
)
from journeygraph.loading.formats import identify
from journeygraph.loading.readers import csv as csv_reader
from journeygraph.loading.readers import open_reader
from tests.loading.reading import read, write
from tests.naive import loading as naive


def rows_of(folder, content, **options):
    return read(write(folder, content), **options)[1]


cells = st.text(st.sampled_from('ab"",;\n\r é'), max_size=6)


@st.composite
def csv_texts(draw):
    """Texts that are CSV, nearly so, and not at all."""
    delimiter = draw(st.sampled_from(",;\t|"))
    if draw(st.booleans()):
        return delimiter, draw(st.text(st.sampled_from(f'a"{delimiter}\n\r'), max_size=60))
    out = io.StringIO(newline="")
    ending = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ending)
    width = draw(st.integers(1, 4))
    for row in draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=8)):
        writer.writerow(row)
    return delimiter, out.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("csv")


@given(csv_texts(), st.sampled_from([32 << 20, 7, 1]))
@example((",", '1,"bob,x\n2,ann,y\n3,"carl",z\n'), 32 << 20)
@example((",", '1,"a\r\nb"\r\n\r\n2,c\r3,d'), 1)
@example((",", '1,"a\n2,b\n3,c'), 1)
@example((",", 'a,""\n"",b\n"""",c"d\n'), 3)
def test_records_are_those_of_the_naive_twin(folder, drawn, block):
    delimiter, text = drawn
    expected = naive.records(f"x{delimiter}y\n" + text, delimiter)[1:]
    path = write(folder, f"x{delimiter}y\n" + text)
    before = csv_reader.BLOCK_BYTES
    csv_reader.BLOCK_BYTES = block
    try:
        if not expected:
            with pytest.raises(NoRowsError):
                read(path, delimiter=delimiter)
            return
        _, found = read(path, delimiter=delimiter)
    finally:
        csv_reader.BLOCK_BYTES = before
    assert found == [
        (line, fields)
        if fields is not None and len(fields) == 2
        else (line, "BROKEN_QUOTE" if fields is None else "RAGGED_ROW")
        for line, fields in expected
    ]


@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=10))
def test_what_python_writes_is_read_as_it_was(folder, rows):
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["one", "two", "three"], *rows])
    assert [values for _, values in rows_of(folder, out.getvalue(), delimiter=",")] == rows


def test_all_values_stay_text(tmp_path):
    content = "id,n\n007,1.0\n7,NA\n0007,null\nNone,\nnan, x \n"
    assert [values for _, values in rows_of(tmp_path, content)] == [
        ["007", "1.0"], ["7", "NA"], ["0007", "null"], ["None", ""], ["nan", " x "],
    ]  # fmt: skip


def test_an_unclosed_quote_costs_one_row_and_no_more(tmp_path):
    rows = [f"c{n},cart,x" for n in range(1000)]
    rows[500] = 'c500,"cart,x'
    found = rows_of(tmp_path, "\n".join(["a,b,c", *rows]))
    assert found[500] == (502, "BROKEN_QUOTE")
    assert len(found) == 1000
    assert [line for line, values in found if isinstance(values, str)] == [502]


def test_an_unclosed_quote_between_quoted_rows_costs_its_row_only(tmp_path):
    rows = [f'"c{n}","cart","x, y"' for n in range(100)]
    rows[50] = '"c50","cart,"x, y"'
    found = rows_of(tmp_path, "\n".join(["a,b,c", *rows]))
    assert [line for line, values in found if isinstance(values, str)] == [52]


def test_ragged_rows_keep_their_values_and_their_line(tmp_path):
    path = write(tmp_path, 'a,b\n1,2\n\n3\n4,5,"6\n7"\n8,9\n')
    with closing(open_reader(identify(path))) as reader:
        (batch,) = reader.batches()
    short, long = batch.broken
    assert (short.line, short.row, dict(short.raw)) == (4, 1, {"a": "3"})
    assert (long.line, long.row) == (5, 2)
    assert dict(long.raw) == {"a": "4", "b": "5", "_rest": '["6\\n7"]'}
    assert long.reason == "it has 3 values, the header names 2"
    assert batch.lines.tolist() == [2, 7]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path, delimiter):
    lines = [["customer", "event name", "at"], ["a;b,c|d", "x", "1,5"], ["e", "y\tz", "2"]]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(lines)
    columns, found = read(write(tmp_path, out.getvalue()))
    assert [columns, *(values for _, values in found)] == lines


def test_the_hint_of_excel_names_the_delimiter(tmp_path):
    columns, found = read(write(tmp_path, "sep=;\r\na;b,c\r\n1;2,3\r\n"))
    assert (columns, found) == (["a", "b,c"], [(3, ["1", "2,3"])])


def test_one_column_is_enough(tmp_path):
    assert read(write(tmp_path, "customer\na b\n\nc\n")) == (
        ["customer"], [(2, ["a b"]), (4, ["c"])],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8-sig", None), ("utf-16", None), ("utf-32", None), ("latin-1", "latin-1"),
     ("cp1252", "cp1252"), ("utf-16-le", "utf-16-le"), ("utf-8", "utf-8")],
)  # fmt: skip
def test_encodings(tmp_path, encoding, said):
    path = write(tmp_path, "näme,b\r\nJürgen,ß\r\n".encode(encoding))
    assert read(path, encoding=said) == (["näme", "b"], [(2, ["Jürgen", "ß"])])


def test_another_encoding_is_refused_with_the_line_and_the_way_out(tmp_path):
    rows = [b"a,b"] * 1000
    rows[700] = "Jürgen,x".encode("latin-1")
    with pytest.raises(EncodingError) as caught:
        rows_of(tmp_path, b"\n".join([b"x,y", *rows]))
    assert caught.value.line == 702
    assert "--encoding latin-1" in str(caught.value)
    with pytest.raises(EncodingError) as caught:
        rows_of(tmp_path, b"x,y\n1,2\nJ\xfcrgen\n")
    assert caught.value.line == 3


def test_wrong_bytes_in_a_stated_encoding_are_refused_with_the_line(tmp_path):
    content = "a,b\n1,2\n3,4\n".encode("utf-16") + b"\x00\xd8\x00"
    with pytest.raises(EncodingError) as caught:
        rows_of(tmp_path, content)
    assert caught.value.line == 4


def test_utf16_without_its_mark_is_asked_for(tmp_path):
    with pytest.raises(WrongFormatError, match="utf-16-le"):
        rows_of(tmp_path, ("customer,event\n" * 10).encode("utf-16-le"))


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_end_in_any_way(tmp_path, ending):
    assert rows_of(tmp_path, f"a,b{ending}1,2{ending}{ending}3,4") == [
        (2, ["1", "2"]), (4, ["3", "4"]),
    ]  # fmt: skip


def test_gzip_is_unpacked(tmp_path):
    path = write(tmp_path, gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n"), "data.csv.gz")
    assert read(path)[1] == [(2, ["1", "2"]), (3, ["3", "4"])]


@pytest.mark.parametrize("damage", ["cut", "checksum", "length", "garbage", "middle"])
def test_damaged_gzip_is_refused(tmp_path, damage):
    whole = gzip.compress(b"a,b\n" + b"".join(b"%d,x\n" % n for n in range(50_000)))
    damaged = bytearray(whole)
    if damage == "cut":
        del damaged[-100:]
    elif damage == "checksum":
        damaged[-8] ^= 1
    elif damage == "length":
        damaged[-1] ^= 1
    elif damage == "garbage":
        damaged += b"garbage"
    else:
        damaged[len(damaged) // 2] ^= 255
    with pytest.raises(JourneyGraphError) as caught:
        rows_of(tmp_path, bytes(damaged))
    assert isinstance(caught.value, DamagedFileError)


def test_names_of_columns_are_trimmed_and_an_empty_one_gets_its_place(tmp_path):
    columns, _ = read(write(tmp_path, ", b ,c\n0,1,2\n"))
    assert columns == ["column 1", "b", "c"]


def test_two_columns_of_one_name_are_refused(tmp_path):
    with pytest.raises(DuplicateColumnsError, match="'b'"):
        rows_of(tmp_path, "a,b,b\n1,2,3\n")


@pytest.mark.parametrize(
    "first",
    ["c1,2024-01-01,cart", "c1,cart,17", "c1,cart,2024-01-01T10:00:00Z", "31.12.2023,a,b", ",,"],
)
def test_a_first_line_of_data_is_no_header(tmp_path, first):
    with pytest.raises(NoHeaderError) as caught:
        rows_of(tmp_path, f"{first}\n{first}\n")
    assert "--columns" in str(caught.value)


def test_a_file_without_a_header_can_be_given_one(tmp_path):
    path = write(tmp_path, "c1,2024-01-01,cart\nc2,2024-01-02,home\n")
    columns, rows = read(path, columns=("customer", "at", "touchpoint"))
    assert columns == ["customer", "at", "touchpoint"]
    assert rows == [(1, ["c1", "2024-01-01", "cart"]), (2, ["c2", "2024-01-02", "home"])]
    with pytest.raises(InvalidOptionError, match="3 names"):
        read(path, columns=("customer", "at"))


@pytest.mark.parametrize("content", [b"", b"  \n\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_refused(tmp_path, content):
    with pytest.raises(EmptyFileError):
        rows_of(tmp_path, content)


def test_a_header_alone_is_refused_with_its_columns(tmp_path):
    with pytest.raises(NoRowsError, match="'customer', 'event'"):
        rows_of(tmp_path, "customer,event\n\n")


@pytest.mark.parametrize("at_first", [1, 100, 1_000])
def test_a_header_longer_than_what_is_read_at_first_is_read_to_its_end(
    tmp_path, monkeypatch, at_first
):
    monkeypatch.setattr(csv_reader, "_HEAD_BYTES", at_first)
    names = [f"column number {place}" for place in range(300)]
    values = [str(place) for place in range(300)]
    path = write(tmp_path, "\n\n" + ",".join(names) + "\n" + ",".join(values))
    assert read(path, delimiter=",") == (names, [(4, values)])


def test_very_many_columns_take_no_more_room_than_their_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_reader, "_MOST_BOUNDS", 20)
    content = "a,b,c\n" + "".join(f"{row},,x\n" for row in range(40))
    found = [values for _, values in rows_of(tmp_path, content)]
    assert found == [[str(row), "", "x"] for row in range(40)]


def test_a_line_without_end_is_no_row(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_reader, "LONGEST_LINE", 1 << 16)
    with pytest.raises(WrongFormatError, match="A line of more than"):
        rows_of(tmp_path, b"a,b\n" + b"x" * (1 << 20))


def test_an_unclosed_quote_in_a_large_file_is_found_in_bounded_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_reader, "LONGEST_RECORD", 1 << 12)
    monkeypatch.setattr(csv_reader, "BLOCK_BYTES", 1 << 14)
    rows = [f"c{n},x" for n in range(20_000)]
    rows[3000] = 'c3000,"x'
    found = rows_of(tmp_path, "\n".join(["a,b", *rows]))
    assert [line for line, values in found if isinstance(values, str)] == [3002]
    assert len(found) == 20_000


@pytest.mark.parametrize("delimiter", ["", "ab", '"', "\n", "é"])
def test_a_delimiter_is_one_plain_character(tmp_path, delimiter):
    with pytest.raises(InvalidOptionError):
        rows_of(tmp_path, "a,b\n1,2\n", delimiter=delimiter)
