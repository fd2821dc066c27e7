"""Whatever stands in a file: rows, or an error that says what to do; and the counts add up."""

import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import example, given
from hypothesis import strategies as st

from journeygraph.errors import JourneyGraphError
from journeygraph.loading.load import load
from journeygraph.loading.options import LoadOptions
from tests.loading.stored import quarantine, rows_of, snapshot

CSV = b'customer,at,touchpoint,value,x\n"c ""1""",2024-01-01,a,1.50,"q\nr"\nc2,1577836800,b,,\n'
JSONL = b'{"customer": 7, "at": "2024-01-01", "touchpoint": "a", "x": {"y": [1]}}\n' * 2
XES = (
    b'<log><trace><string key="concept:name" value="c"/><event><string key="concept:name" '
    b'value="a"/><date key="time:timestamp" value="2024-01-01T00:00:00Z"/></event></trace></log>'
)


def _parquet():
    sink = io.BytesIO()
    table = pa.table({"customer": ["a", "b"], "at": ["2024-01-01", "x"], "touchpoint": ["t", "u"]})
    pq.write_table(table, sink, write_page_checksum=True)
    return sink.getvalue()


WHOLE = {"data.csv": CSV, "data.jsonl": JSONL, "data.xes": XES, "data.parquet": _parquet(),
         "data.csv.gz": gzip.compress(CSV, mtime=0)}  # fmt: skip


@st.composite
def damaged(draw):
    name = draw(st.sampled_from(sorted(WHOLE)))
    content = bytearray(WHOLE[name])
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(content)))
        kind = draw(st.sampled_from(["cut", "flip", "insert", "repeat", "remove"]))
        if kind == "cut":
            del content[at:]
        elif kind == "flip" and at < len(content):
            content[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "insert":
            content[at:at] = draw(
                st.binary(max_size=6) | st.sampled_from([b'"', b"\n", b",", b"<"])
            )
        elif kind == "repeat":
            content[at:at] = content[at : at + draw(st.integers(1, 30))]
        else:
            del content[at : at + draw(st.integers(1, 20))]
    return name, bytes(content)


def load_or_refuse(store, path, **options):
    """The report, or None where a clear error refused the file."""
    refused = None
    try:
        return load(store, [path], LoadOptions(**options))
    except JourneyGraphError as error:
        refused = error
    assert refused.code != "ERROR"
    assert refused.problem
    assert refused.remedy
    return None


@given(damaged())
@example(("data.csv", b"customer,at,touchpoint\n\x00\x00\n"))
@example(("data.csv", b"customer,at,touchpoint\n,\r,\r\n"))
@example(("data.jsonl", b'{"customer": "\\ud800", "at": 1, "touchpoint": {}}'))
def test_damage_ends_in_rows_or_a_clear_error(tmp_path_factory, drawn):
    folder = tmp_path_factory.mktemp("damage")
    name, content = drawn
    path = folder / name
    path.write_bytes(content)
    store = folder / "store"
    report = load_or_refuse(store, path)
    if report is None:
        assert not store.exists() or snapshot(store) is None
        return
    assert report.read == report.accepted + sum(report.quarantined.values()) + report.duplicates
    assert len(rows_of(store)) == report.accepted
    assert len(quarantine(store)) == sum(report.quarantined.values())


@given(
    st.text(max_size=30).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | st.binary(max_size=60),
    st.sampled_from(["utf-8", "latin-1", "utf-16", None]),
)
def test_any_bytes_behind_a_header_end_in_rows_or_a_clear_error(tmp_path_factory, rest, encoding):
    folder = tmp_path_factory.mktemp("any")
    path = folder / "data.csv"
    path.write_bytes(b"customer,at,touchpoint\n" + rest)
    report = load_or_refuse(folder / "store", path, encoding=encoding)
    if report is not None:
        assert report.read == report.accepted + sum(report.quarantined.values())
