"""What a file is, by its content, then by its name; what is not read is named."""

import gzip
import os
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journeygraph.errors import InvalidOptionError, JourneyGraphError
from journeygraph.loading.formats import Format, identify
from tests.loading.reading import write


def gzipped(content):
    """The same bytes whenever they are made: they stand in the names of tests."""
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", b"a,b\n1,2\n", Format.CSV),
        ("a.txt", b"a;b\n1;2\n", Format.CSV),
        ("a", b"a\tb\n1\t2\n", Format.CSV),
        ("a.csv", b'{"a": 1}\n', Format.JSON_LINES),
        ("a.csv", b"{a},b\n1,2\n", Format.CSV),
        ("a.csv", b"[a],b\n1,2\n", Format.CSV),
        ("a.json", b'\xef\xbb\xbf\n {"a": 1}\n', Format.JSON_LINES),
        ("a.parquet", b'{"a": 1}\n', Format.JSON_LINES),
        ("a.xml", b"<?xml version='1.0'?>\n<log/>", Format.XES),
        ("a.csv", b"<log><trace/></log>", Format.XES),
        ("a.json", gzipped(b'{"a": 1}\n'), Format.JSON_LINES),
    ],
)
def test_the_content_decides(tmp_path, name, content, expected):
    assert identify(write(tmp_path, content, name)).format is expected


def test_parquet_by_any_name(tmp_path):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "data.csv")
    assert identify(tmp_path / "data.csv").format is Format.PARQUET


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "EMPTY_FILE"),
        ("a.csv", b" \r\n\t", "EMPTY_FILE"),
        ("a.csv.gz", gzipped(b""), "EMPTY_FILE"),
        ("a.csv", bytes(range(256)) * 20, "BINARY_FILE"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(50), "BINARY_FILE"),
        ("a.parquet", b"a,b\n1,2\n", "WRONG_FORMAT"),
        ("a.xes", b"a,b\n1,2\n", "WRONG_FORMAT"),
        ("a.jsonl", b"a,b\n1,2\n", "WRONG_FORMAT"),
        ("a.jsonl.gz", gzipped(b"a,b\n1,2\n"), "WRONG_FORMAT"),
        ("a.csv", b"<!doctype html><html></html>", "WRONG_FORMAT"),
        ("a.csv", b"<data/>", "WRONG_FORMAT"),
        ("a.json", b'[{"a": 1}]', "WRONG_FORMAT"),
        ("a.csv", b"SQLite format 3\x00....", "WRONG_FORMAT"),
        ("a.csv", b"%PDF-1.7", "WRONG_FORMAT"),
        ("a.csv.zst", b"\x28\xb5\x2f\xfd....", "WRONG_FORMAT"),
        ("a.csv.bz2", b"BZh91AY", "WRONG_FORMAT"),
        ("a.arrow", b"ARROW1\x00\x00", "WRONG_FORMAT"),
        ("a.csv.gz", gzipped(gzipped(b"a,b\n")), "WRONG_FORMAT"),
        ("a.parquet.gz", gzipped(b"PAR1...."), "WRONG_FORMAT"),
        ("a.csv.gz", gzipped(b"a,b\n")[:12], "DAMAGED_FILE"),
    ],
)
def test_what_is_not_read_is_refused_by_name(tmp_path, name, content, code):
    with pytest.raises(JourneyGraphError) as caught:
        identify(write(tmp_path, content, name))
    assert caught.value.code == code
    assert caught.value.remedy
    assert name in str(caught.value)


def test_a_workbook_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(JourneyGraphError, match="Excel"):
        identify(tmp_path / "a.xlsx")


def test_a_missing_file_has_near_misses(tmp_path):
    write(tmp_path, "a,b\n", "clicks.csv")
    with pytest.raises(JourneyGraphError, match=r"clicks\.csv") as caught:
        identify(tmp_path / "click.csv")
    assert caught.value.code == "FILE_NOT_FOUND"
    for path in (tmp_path / "no" / "such.csv", tmp_path / "clicks.csv" / "x"):
        with pytest.raises(JourneyGraphError) as caught:
            identify(path)
        assert caught.value.code == "FILE_NOT_FOUND"


def test_a_folder_is_refused_with_what_it_holds(tmp_path):
    write(tmp_path, "a,b\n", "clicks.csv")
    with pytest.raises(JourneyGraphError, match=r"clicks\.csv") as caught:
        identify(tmp_path)
    assert caught.value.code == "IS_FOLDER"


def test_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(JourneyGraphError, match="pipe") as caught:
        identify(tmp_path / "pipe.csv")
    assert caught.value.code == "UNREADABLE_FILE"


@pytest.mark.parametrize("encoding", ["klingon", "base64", "zip", "rot13", "hex"])
def test_an_encoding_is_one_of_text(tmp_path, encoding):
    with pytest.raises(InvalidOptionError):
        identify(write(tmp_path, "a,b\n1,2\n"), encoding)
