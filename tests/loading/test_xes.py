"""XES: events are rows, traces are columns of their own, and nothing outside the file is read."""

import gzip
from contextlib import closing

import pytest

from journeygraph.loading.errors import (
    DamagedFileError,
    NoRowsError,
    UnsafeXmlError,
    WrongFormatError,
)
from journeygraph.loading.formats import identify
from journeygraph.loading.readers import open_reader, xes
from tests.loading.reading import read, write

LOG = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0">
  <string key="creator" value="nobody"/>
  <global scope="event"><string key="concept:name" value="DEFAULT"/></global>
  <trace>
    <string key="concept:name" value="007"/>
    <event>
      <string key="concept:name" value="cart"/>
      <date key="time:timestamp" value="2024-01-01T10:00:00.000+01:00"/>
      <float key="cost" value="1.50"><string key="currency" value="EUR"/></float>
      <list key="goods"><values>
        <string key="item" value="a"/><string key="item" value="b"/>
      </values></list>
    </event>
    <event/>
    <string key="late" value="yes"/>
  </trace>
  <trace>
    <event><boolean key="paid" value="true"/></event>
  </trace>
  <trace><string key="concept:name" value="empty"/></trace>
</log>
"""


def rows_of(path):
    """Each event as a dict of what it has, with its line."""
    columns, rows = read(path)
    return [
        (line, {name: value for name, value in zip(columns, values, strict=True) if value})
        for line, values in rows
    ]


EXPECTED = [
    (7, {"case:concept:name": "007", "case:late": "yes", "concept:name": "cart",
         "time:timestamp": "2024-01-01T10:00:00.000+01:00", "cost": "1.50",
         "cost.currency": "EUR", "goods.item": "a, b"}),
    (15, {"case:concept:name": "007", "case:late": "yes"}),
    (19, {"paid": "true"}),
]  # fmt: skip


def test_events_traces_and_nested_attributes(tmp_path):
    assert rows_of(write(tmp_path, LOG, "log.xes")) == EXPECTED


@pytest.mark.parametrize("size", [1, 2, 100])
def test_batches_and_pieces_change_nothing(tmp_path, monkeypatch, size):
    monkeypatch.setattr(xes, "_BATCH_EVENTS", size)
    monkeypatch.setattr(xes, "_PIECE_BYTES", size * 7)
    assert rows_of(write(tmp_path, LOG, "log.xes")) == EXPECTED


def test_gzip_namespaces_and_encodings(tmp_path):
    named = LOG.replace('<log xes.version="1.0">', '<log xmlns="http://www.xes-standard.org/">')
    assert rows_of(write(tmp_path, gzip.compress(named.encode()), "log.xes.gz")) == EXPECTED
    latin = LOG.replace("UTF-8", "ISO-8859-1").replace("nobody", "ü").encode("latin-1")
    assert rows_of(write(tmp_path, latin, "log.xes")) == EXPECTED
    wide = LOG.replace("UTF-8", "UTF-16").encode("utf-16")
    assert rows_of(write(tmp_path, wide, "log.xes")) == EXPECTED


def test_events_outside_a_trace_are_rows_too(tmp_path):
    content = '<log>\n<event><string key="a" value="1"/></event>\n</log>'
    assert rows_of(write(tmp_path, content, "log.xes")) == [(2, {"a": "1"})]


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE log [<!ENTITY x "y">]>',
        '<!DOCTYPE log SYSTEM "http://127.0.0.1:1/log.dtd">',
        '<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE log [<!ENTITY a "aa"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]>',
        "<!DOCTYPE log>",
    ],
)
def test_document_types_are_refused(tmp_path, doctype):
    content = LOG.replace("<log ", f"{doctype}\n<log ", 1).replace("nobody", "&x;")
    with pytest.raises(UnsafeXmlError):
        read(write(tmp_path, content, "log.xes"))


def test_xml_that_is_cut_or_broken_is_refused_with_its_line(tmp_path):
    cut = LOG[: LOG.index("<event/>")]
    with pytest.raises(DamagedFileError) as caught:
        read(write(tmp_path, cut, "log.xes"))
    assert caught.value.line == 15
    with pytest.raises(DamagedFileError) as caught:
        read(write(tmp_path, LOG.replace("<event/>", "<event>"), "log.xes"))
    assert caught.value.line == 17


@pytest.mark.parametrize("content", ["<html><body>no</body></html>", "<logs/>", "<a><log/></a>"])
def test_other_xml_is_refused(tmp_path, content):
    with pytest.raises(WrongFormatError):
        read(write(tmp_path, content, "data.xes"))


def test_a_log_without_events_has_no_rows(tmp_path):
    with pytest.raises(NoRowsError):
        read(write(tmp_path, "<log><trace/></log>", "log.xes"))


def test_memory_is_freed_as_it_goes(tmp_path, monkeypatch):
    monkeypatch.setattr(xes, "_BATCH_EVENTS", 10)
    monkeypatch.setattr(xes, "_PIECE_BYTES", 512)
    trace = '<trace><string key="concept:name" value="c"/>' + "<event/>" * 5 + "</trace>\n"
    path = write(tmp_path, f"<log>{trace * 400}</log>", "log.xes")
    with closing(open_reader(identify(path))) as reader:
        sizes = [batch.n_rows for batch in reader.batches()]
    assert sum(sizes) == 2000
    assert max(sizes) < 100
