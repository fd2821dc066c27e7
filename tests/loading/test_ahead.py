"""Batches found, made and written by several threads: nothing of it shows, whatever goes wrong."""

import threading
from contextlib import closing

import numpy as np
import pyarrow as pa
import pytest

from journeygraph.loading.errors import EncodingError
from journeygraph.loading.load import load
from journeygraph.loading.readers import RawBatch
from journeygraph.loading.readers import csv as csv_reader
from journeygraph.loading.readers.ahead import batches_ahead, read_ahead
from tests.loading.reading import write
from tests.loading.stored import quarantine, rows_of, snapshot

HEADER = "customer,at,touchpoint,value,note\n"
PLAIN = '{n},2024-01-{day:02} 10:00:00,"page {kind}",{n}.50,"said ""{n}"""\n'
OTHER = [
    'c{n},2024-01-01T10:00:00Z,"two\nlines",,"a, ""b""\r\nc"\n',  # a quoted line break
    '\n{n},2024-01-01,a,1.00,"not closed\n',
    "{n},2024-01-01,a\n",  # ragged
    "{n},no time,a,1.5,b\n",
    '{n},2024-01-01,"a" b,2,c\n',
    '{n},2024-01-01,a"b,1.234,"é"\r\n',
]


def text_of(n_rows):
    """Rows of which every tenth is one that gives a reader trouble."""
    rows = [
        (OTHER[n // 10 % len(OTHER)] if n % 10 == 9 else PLAIN).format(
            n=n, day=n % 28 + 1, kind=n % 3
        )
        for n in range(n_rows)
    ]
    return HEADER + "".join(rows)


@pytest.fixture
def small_blocks(monkeypatch):
    """A file is read some rows at a time, which end anywhere, also within quotes."""
    for name in ("BLOCK_BYTES", "_HEAD_BYTES", "_LEAST_BYTES"):
        monkeypatch.setattr(csv_reader, name, 701)


def threads_of_loading():
    names = ("read-ahead", "write-behind", "digest")
    return [one.name for one in threading.enumerate() if one.name.startswith(names)]


def test_where_blocks_end_makes_no_difference(tmp_path, request):
    data = write(tmp_path, text_of(300))
    load(tmp_path / "whole", [data])
    request.getfixturevalue("small_blocks")
    told = []
    load(tmp_path / "pieces", [data], progress=told.append)
    assert len(told) > 10
    assert rows_of(tmp_path / "pieces") == rows_of(tmp_path / "whole")
    assert quarantine(tmp_path / "pieces") == quarantine(tmp_path / "whole")
    assert [row["row"] for row in rows_of(tmp_path / "pieces")] == sorted(
        set(range(300)) - {row["row"] for row in quarantine(tmp_path / "pieces")}
    )


@pytest.mark.usefixtures("small_blocks")
def test_a_late_error_says_its_line_and_leaves_nothing_of_the_batches_before(tmp_path):
    rows = [f"c{n},2024-01-01,a,1.00,b\n".encode() for n in range(500)]
    rows[450] = b"c,2024-01-01,a,1.00,\xff\xfe\n"
    data = write(tmp_path, HEADER.encode() + b"".join(rows))
    told = []
    with pytest.raises(EncodingError, match=r"data\.csv:452: "):
        load(tmp_path / "store", [data], progress=told.append)
    assert told[-1].rows > 400
    assert snapshot(tmp_path / "store") is None
    assert list((tmp_path / "store" / "staging").iterdir()) == []
    assert threads_of_loading() == []


@pytest.mark.usefixtures("small_blocks")
def test_stopping_midway_ends_all_threads_and_leaves_nothing(tmp_path):
    def stop(progress):
        if progress.rows > 100:
            raise KeyboardInterrupt

    data = write(tmp_path, text_of(300))
    with pytest.raises(KeyboardInterrupt):
        load(tmp_path / "store", [data], progress=stop)
    assert snapshot(tmp_path / "store") is None
    assert list((tmp_path / "store" / "staging").iterdir()) == []
    assert threads_of_loading() == []


class Failing:
    """A reader whose third batch fails."""

    def batches(self):
        for row in range(2):
            place = np.array([row])
            yield RawBatch(table=pa.table({"a": [str(row)]}), rows=place, lines=place + 1)
        raise ValueError("third")


def test_an_error_is_raised_in_its_turn():
    seen = []
    with closing(batches_ahead(Failing())) as batches, pytest.raises(ValueError, match="third"):
        seen += (batch.table["a"].to_pylist() for batch in batches)
    assert seen == [["0"], ["1"]]
    assert threads_of_loading() == []


def test_no_more_than_one_item_is_made_ahead():
    made = []

    def items():
        for number in range(5):
            made.append(number)
            yield number

    with closing(read_ahead(items())) as ahead:
        assert next(ahead) == 0
        assert len(made) <= 2
    assert len(made) <= 2
