"""The same table in any format is the same interactions, and those of the naive twin."""

import csv
import gzip
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from xml.sax.saxutils import quoteattr

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import example, given
from hypothesis import strategies as st

from journeygraph.lake.store import Store
from journeygraph.loading.load import load
from journeygraph.loading.options import LoadOptions
from journeygraph.vocabulary import STAGES, code_of, name_of, normalise_channel
from tests.loading.stored import quarantine, rows_of
from tests.naive import loading as naive

COLUMNS = ("customer", "at", "touchpoint", "channel", "stage", "value", "extra")
SAID = {name: name for name in COLUMNS[:-1]}

texts = st.text(st.sampled_from('aB07 ,;"\\é|€\t\n'), max_size=5)
times = st.sampled_from(
    ["2024-01-31T10:30:15Z", "2024-01-31 10:30:15.123456", "2024-02-30", "31.12.2023", "", "x",
     "2024-01-31T10:30:15+05:30", "1999-12-31"]
)  # fmt: skip
stages = st.sampled_from(["", "inquiry", "Decision", "nonsense", "SUPPORT"])
values = st.sampled_from(["", "1", "12.50", "0.005", "1,5", "-3.1", "1e2", "NaN"])
rows = st.lists(
    st.tuples(texts, times, texts, texts, stages, values, texts), min_size=1, max_size=8
)


def expected_of(table):
    """Accepted rows, and the codes of the others, by the definitions alone."""
    accepted, refused = [], []
    for number, (customer, at, touchpoint, channel, stage, value, extra) in enumerate(table):
        moment, minor = naive.moment(at), naive.amount(value, 2)
        code = code_of(stage, STAGES)
        flaw = (
            "MISSING_VALUE" if not customer.strip()
            else "MISSING_VALUE" if moment is None
            else moment if isinstance(moment, str)
            else "MISSING_VALUE" if not touchpoint.strip()
            else "UNKNOWN_WORD" if code is None
            else minor if isinstance(minor, str)
            else None
        )  # fmt: skip
        if flaw is not None:
            refused.append((number, flaw))
            continue
        accepted.append(
            (number, customer, moment, touchpoint, normalise_channel(channel) or None,
             name_of(code, STAGES), minor, {"extra": extra} if extra else {})
        )  # fmt: skip
    return accepted, refused


def found_in(store):
    accepted = [
        tuple(row[name] for name in ("row", *COLUMNS[:-1], "properties")) for row in rows_of(store)
    ]
    return accepted, [(row["row"], row["code"]) for row in quarantine(store)]


def as_csv(table, **dialect):
    out = io.StringIO(newline="")
    csv.writer(out, **dialect).writerows([COLUMNS, *table])
    return out.getvalue().encode()


def as_jsonl(table):
    return "\n".join(json.dumps(dict(zip(COLUMNS, row, strict=True))) for row in table).encode()


def as_xes(table):
    escapes = {"\n": "&#10;", "\t": "&#9;"}
    events = "".join(
        "<event>"
        + "".join(
            f"<string key={quoteattr(name)} value={quoteattr(value, escapes)}/>"
            for name, value in zip(COLUMNS, row, strict=True)
        )
        + "</event>"
        for row in table
    )
    return f"<log><trace>{events}</trace></log>".encode()


def as_parquet(table, kind):
    columns = {
        name: pa.array([row[place] or None for row in table], pa.string()).cast(kind)
        for place, name in enumerate(COLUMNS)
    }
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, row_group_size=3)
    return sink.getvalue()


FORMATS = {
    "comma.csv": as_csv,
    "semicolon.csv": lambda table: as_csv(table, delimiter=";", quoting=csv.QUOTE_ALL),
    "tab.csv.gz": lambda table: gzip.compress(as_csv(table, delimiter="\t", lineterminator="\n")),
    "utf16.csv": lambda table: as_csv(table).decode().encode("utf-16"),
    "lines.jsonl": as_jsonl,
    "lines.jsonl.gz": lambda table: gzip.compress(as_jsonl(table)),
    "log.xes": as_xes,
    "log.xes.gz": lambda table: gzip.compress(as_xes(table)),
    "text.parquet": lambda table: as_parquet(table, pa.string()),
    "words.parquet": lambda table: as_parquet(table, pa.dictionary(pa.int32(), pa.string())),
    "large.parquet": lambda table: as_parquet(table, pa.large_string()),
}


@given(rows, st.sets(st.sampled_from(sorted(FORMATS)), min_size=2, max_size=2))
@example(
    [
        ("007", "2024-01-31T10:30:15Z", "NA", "Web", "", "1", ""),
        ("7", "2024-01-31T10:30:15Z", "null", "e-mail", "", "", '"\\\n'),
    ],
    set(FORMATS),
)
def test_the_same_table_in_every_format(tmp_path_factory, table, formats):
    folder = tmp_path_factory.mktemp("formats")
    accepted, refused = expected_of(table)
    for name in sorted(formats):
        path = folder / name
        path.write_bytes(FORMATS[name](table))
        store = folder / f"{name}.store"
        report = load(store, [path], LoadOptions(mapping=SAID))
        assert found_in(store) == (accepted, refused), name
        assert report.read == len(table)
        assert report.accepted == len(accepted)
        assert sum(report.quarantined.values()) == len(refused)
        assert report.duplicates == 0


def written(flag):
    return str(flag).lower()


moments = st.datetimes(datetime(1900, 1, 1), datetime(2024, 1, 1))
typed_rows = st.lists(
    st.tuples(st.integers(-(2**53), 2**53), moments, st.integers(-(10**9), 10**9), st.booleans()),
    min_size=1,
    max_size=8,
)


@given(typed_rows)
@example([(7, datetime(1969, 12, 31, 23, 59, 59, 999999), -1, True)])
def test_typed_columns_are_their_texts(tmp_path_factory, table):
    folder = tmp_path_factory.mktemp("typed")
    header = ("customer", "at", "touchpoint", "value", "flag")
    expected = [
        (str(who), naive.microseconds(at.replace(tzinfo=UTC)), "t", minor, {"flag": written(flag)})
        for who, at, minor, flag in table
    ]
    plain = [
        (who, at.isoformat(), "t", Decimal(minor).scaleb(-2), written(flag))
        for who, at, minor, flag in table
    ]
    columns = list(zip(*table, strict=True))
    typed = pa.table(
        {
            "customer": pa.array(columns[0], pa.int64()),
            "at": pa.array(columns[1], pa.timestamp("us")),
            "touchpoint": pa.array(["t"] * len(table)).dictionary_encode(),
            "value": pa.array([minor / 100 for minor in columns[2]], pa.float64()),
            "flag": pa.array(columns[3], pa.bool_()),
        }
    )
    pq.write_table(typed, folder / "typed.parquet")
    pq.write_table(
        typed.set_column(0, "customer", typed["customer"].cast(pa.float64())),
        folder / "float.parquet",
    )
    out = io.StringIO(newline="")
    csv.writer(out).writerows([header, *plain])
    (folder / "plain.csv").write_text(out.getvalue())
    lines = [
        json.dumps({"customer": who, "at": at.isoformat(), "touchpoint": "t",
                    "value": minor / 100, "flag": flag})
        for who, at, minor, flag in table
    ]  # fmt: skip
    (folder / "lines.jsonl").write_text("\n".join(lines))
    for name in ("typed.parquet", "float.parquet", "plain.csv", "lines.jsonl"):
        store = folder / f"{name}.store"
        load(store, [folder / name])
        found = [
            tuple(row[column] for column in ("customer", "at", "touchpoint", "value", "properties"))
            for row in rows_of(store)
        ]
        assert found == expected, name
        assert Store.open(store).version().counts["interactions"] == len(table)
