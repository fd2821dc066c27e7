"""Rows go out to be mended and come back once, as the rows that they were."""

import csv
import io
import json

import pytest

from journeygraph.lake.errors import StoreNotFoundError
from journeygraph.lake.store import Store
from journeygraph.loading.errors import (
    NotAQuarantineFileError,
    UnknownLoadError,
    UnreadableFileError,
)
from journeygraph.loading.load import load
from journeygraph.loading.options import LoadOptions
from journeygraph.loading.quarantine import MARKS, export_quarantine
from journeygraph.loading.retry import retry_quarantine
from journeygraph.loading.store_changes import unload
from tests.loading.reading import write
from tests.loading.stored import quarantine, rows_of, snapshot

HEADER = "customer,at,touchpoint,value"


def csv_of(*rows, header=HEADER):
    return "\n".join([header, *rows]) + "\n"


def loaded(folder, content, name="data.csv", **options):
    return load(folder / "store", [write(folder, content, name)], LoadOptions(**options))


def exported(folder, name="bad.csv", **options):
    """The exported rows as dicts."""
    path = folder / name
    n_rows = export_quarantine(folder / "store", path, **options)
    text = path.read_text(encoding="utf-8-sig")
    if name.endswith(".csv"):
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    else:
        rows = [json.loads(line) for line in text.splitlines()]
    assert len(rows) == n_rows
    return rows


def mended(folder, rows, name="mended.csv"):
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return write(folder, out.getvalue(), name)


def counts_of(report):
    return report.accepted, report.duplicates, dict(report.quarantined)


BAD = csv_of(
    "c1,2024-01-01,a,1",
    "c1,31.12.2023,b,2",
    "c2,2024-01-02,c,1.005",
    "c3,2024-01-03",
    'c4,2024-01-04,"d,1',
    "c5,2024-01-05,e,1,2",
    ",2024-01-06,f,",
)


def test_rows_go_out_with_what_is_wrong_and_all_their_columns(tmp_path):
    loaded(tmp_path, BAD)
    rows = exported(tmp_path)
    assert list(rows[0]) == [*MARKS, "customer", "at", "touchpoint", "value", "_rest", "_raw"]
    assert rows[0] == {
        "_load": "1", "_file": "0", "_row": "1", "_name": "data.csv",
        "_proof": rows[0]["_proof"], "_line": "3",
        "_column": "at", "_code": "BAD_TIME", "_reason": rows[0]["_reason"], "customer": "c1",
        "at": "31.12.2023", "touchpoint": "b", "value": "2", "_rest": "", "_raw": "",
    }  # fmt: skip
    assert [row["_line"] for row in rows] == ["3", "4", "5", "6", "7", "8"]
    assert rows[3]["_raw"] == 'c4,2024-01-04,"d,1'
    assert rows[4]["_rest"] == '["2"]'
    assert [row["_code"] for row in exported(tmp_path, "bad.jsonl")] == [
        row["_code"] for row in rows
    ]


def test_rows_go_out_to_standard_output(tmp_path, capsys):
    loaded(tmp_path, BAD)
    assert export_quarantine(tmp_path / "store", "-") == 6
    assert capsys.readouterr().out.splitlines()[0].startswith("_load,_file,_row")


def test_rows_go_out_of_one_load_or_an_earlier_version(tmp_path):
    loaded(tmp_path, BAD)
    loaded(tmp_path, csv_of("c1,x,a,1"), "2.csv")
    assert [row["_name"] for row in exported(tmp_path, load=2)] == ["2.csv"]
    assert len(exported(tmp_path, version=1)) == 6
    loaded(tmp_path, "other,customer,at,touchpoint\nx,c,2024-01-01,a\n", "3.csv")
    assert "other" not in exported(tmp_path)[0]
    with pytest.raises(UnknownLoadError, match="It has 1, 2"):
        exported(tmp_path, load=7)
    with pytest.raises(StoreNotFoundError):
        export_quarantine(tmp_path / "nothing", "-")
    with pytest.raises(UnreadableFileError):
        exported(tmp_path, "no/such/folder.csv")


@pytest.mark.parametrize("name", ["bad.csv", "bad.jsonl"])
def test_unmended_rows_stay(tmp_path, name):
    loaded(tmp_path, BAD)
    exported(tmp_path, name)
    before = snapshot(tmp_path / "store")
    report = retry_quarantine(tmp_path / "store", tmp_path / name)
    assert counts_of(report) == (0, 0, {
        "BAD_TIME": 1, "TOO_MANY_DECIMALS": 1, "RAGGED_ROW": 2, "BROKEN_QUOTE": 1,
        "MISSING_VALUE": 1,
    })  # fmt: skip
    assert report.version is None
    assert snapshot(tmp_path / "store") == before


def test_mended_rows_come_back_as_the_rows_that_they_were_and_once(tmp_path):
    loaded(tmp_path, BAD)
    loaded(tmp_path, csv_of("c9,2025-01-01,z,1"), "later.csv")
    rows = exported(tmp_path)
    rows[0]["at"] = "2023-12-31"
    rows[1]["value"] = "1.01"
    rows[2]["touchpoint"] = "c"
    rows[3] |= {"customer": "c4", "at": "2024-01-04", "touchpoint": "d", "value": "1"}
    rows[4]["_rest"] = ""
    report = retry_quarantine(tmp_path / "store", mended(tmp_path, rows))
    assert counts_of(report) == (5, 0, {"MISSING_VALUE": 1})
    assert report.version == 3
    assert [
        (row["load"], row["row"], row["customer"], row["touchpoint"], row["value"])
        for row in rows_of(tmp_path / "store")
    ] == [
        (1, 0, "c1", "a", 100), (1, 1, "c1", "b", 200), (1, 2, "c2", "c", 101),
        (1, 3, "c3", "c", None), (1, 4, "c4", "d", 100), (1, 5, "c5", "e", 100),
        (2, 0, "c9", "z", 100),
    ]  # fmt: skip
    assert [row["row"] for row in quarantine(tmp_path / "store")] == [6]
    before = snapshot(tmp_path / "store")
    again = retry_quarantine(tmp_path / "store", tmp_path / "mended.csv")
    assert (counts_of(again), again.version) == ((0, 5, {"MISSING_VALUE": 1}), None)
    assert snapshot(tmp_path / "store") == before


def test_the_original_file_again_after_mending_changes_nothing(tmp_path):
    loaded(tmp_path, BAD)
    rows = exported(tmp_path)
    rows[0]["at"] = "2023-12-31"
    retry_quarantine(tmp_path / "store", mended(tmp_path, rows))
    before = snapshot(tmp_path / "store")
    report = loaded(tmp_path, BAD)
    assert (report.accepted, report.duplicates, report.version) == (0, 2, None)
    assert snapshot(tmp_path / "store") == before


@pytest.mark.parametrize(
    ("name", "content", "mend"),
    [
        ("short.csv", csv_of("a,2024-01-01,x,1.50", "e,2024-01-05,u"), {"value": "9"}),
        ("long.csv", csv_of("a,2024-01-01,x,1.50", "e,2024-01-05,u,9,9"), {"_rest": ""}),
        ("quote.csv", csv_of("a,2024-01-01,x,1.50", 'e,2024-01-05,"u,9'),
         {"customer": "e", "at": "2024-01-05", "touchpoint": "u", "value": "9"}),
        ("text.jsonl", '{"customer": "a", "at": "2024-01-01", "touchpoint": "x"}\n{"customer": "e"',
         {"_raw": '{"customer": "e", "at": "2024-01-05", "touchpoint": "u"}'}),
    ],
)  # fmt: skip
def test_a_broken_row_that_was_mended_is_a_duplicate_when_its_file_comes_again(
    tmp_path, name, content, mend
):
    loaded(tmp_path, content, name)
    (row,) = exported(tmp_path)
    report = retry_quarantine(tmp_path / "store", mended(tmp_path, [row | mend]))
    assert counts_of(report) == (1, 0, {})
    before = snapshot(tmp_path / "store")
    again = loaded(tmp_path, content, name)
    assert (counts_of(again), again.version) == ((0, 2, {}), None)
    assert snapshot(tmp_path / "store") == before


def test_rows_of_another_store_are_not_taken(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    for folder, content in ((here, csv_of("c1,x,a,1")), (there, csv_of("c9,y,z,2"))):
        folder.mkdir()
        loaded(folder, content)
    (row,) = exported(there)
    before = snapshot(here / "store")
    report = retry_quarantine(here / "store", mended(here, [row | {"at": "2024-01-01"}]))
    assert (counts_of(report), report.version) == ((0, 0, {"NOT_IN_QUARANTINE": 1}), None)
    assert "another store" in report.warnings[0]
    assert snapshot(here / "store") == before
    (own,) = exported(here)
    for changed in ({"_name": "other.csv"}, {"_proof": row["_proof"]}, {"_proof": ""}):
        rows = [own | {"at": "2024-01-01"} | changed]
        report = retry_quarantine(here / "store", mended(here, rows))
        assert counts_of(report) == (0, 0, {"NOT_IN_QUARANTINE": 1})


def test_columns_that_the_mended_file_lacks_keep_their_values(tmp_path):
    loaded(tmp_path, csv_of("c1,x,a,1.50,/mugs", header=f"{HEADER},page"))
    (row,) = exported(tmp_path)
    del row["value"], row["page"]
    row["at"] = "2024-01-01"
    report = retry_quarantine(tmp_path / "store", mended(tmp_path, [row]))
    assert counts_of(report) == (1, 0, {})
    assert "lacks the columns 'value', 'page'" in report.warnings[0]
    (stored,) = rows_of(tmp_path / "store")
    assert (stored["value"], stored["properties"]) == (150, {"page": "/mugs"})


def test_columns_that_the_mended_file_empties_lose_their_values(tmp_path):
    loaded(tmp_path, csv_of("c1,x,a,1.50", "c2,x,b,2"))
    rows = exported(tmp_path)
    for row in rows:
        row |= {"at": "2024-01-01", "value": ""}
    report = retry_quarantine(tmp_path / "store", mended(tmp_path, rows))
    assert (counts_of(report), report.warnings) == ((2, 0, {}), ())
    assert [row["value"] for row in rows_of(tmp_path / "store")] == [None, None]


def test_a_value_too_many_does_not_go_with_its_column(tmp_path):
    loaded(tmp_path, csv_of("c1,2024-01-01,a,1,2"))
    (row,) = exported(tmp_path)
    del row["_rest"]
    report = retry_quarantine(tmp_path / "store", mended(tmp_path, [row]))
    assert counts_of(report) == (0, 0, {"RAGGED_ROW": 1})


def test_rows_are_judged_as_their_file_was(tmp_path):
    content = "who;when;what;worth\nc1;1577836800000;a;1\nc2;soon;b;x\nc3;x;c;2\n"
    options = {
        "mapping": {"customer": "who", "at": "when", "touchpoint": "what", "value": "worth"},
        "timezone": "Europe/Berlin", "exponent": 0,
    }  # fmt: skip
    loaded(tmp_path, content, **options)
    rows = exported(tmp_path)
    rows[0] |= {"when": "1577836801000", "worth": "7"}
    rows[1]["when"] = "2020-07-01 12:00"
    report = retry_quarantine(tmp_path / "store", mended(tmp_path, rows))
    assert counts_of(report) == (2, 0, {})
    first, second, third = rows_of(tmp_path / "store")
    assert second["at"] - first["at"] == 1_000_000
    assert third["at"] == 1_593_597_600_000_000
    assert second["value"] == 7


def test_options_can_be_less_strict(tmp_path):
    loaded(tmp_path, csv_of("c1,2999-01-01,a,1", "c1,2024-01-01,b,1.005"))
    exported(tmp_path)
    retried = retry_quarantine(tmp_path / "store", tmp_path / "bad.csv", round_values=True)
    assert counts_of(retried) == (1, 0, {"FUTURE_TIME": 1})
    assert retried.rounded == 1
    retried = retry_quarantine(tmp_path / "store", tmp_path / "bad.csv", allow_future=True)
    assert counts_of(retried) == (1, 1, {})


def test_a_dry_run_changes_nothing(tmp_path):
    loaded(tmp_path, csv_of("c1,x,a,1", "c1,2024-01-01,a,1"))
    rows = exported(tmp_path)
    rows[0]["at"] = "2024-01-01"
    before = snapshot(tmp_path / "store")
    report = retry_quarantine(tmp_path / "store", mended(tmp_path, rows), dry_run=True)
    assert (report.accepted, report.version) == (1, None)
    assert snapshot(tmp_path / "store") == before


def test_ids_are_checked_again(tmp_path):
    header = "customer,at,touchpoint,event_id"
    loaded(tmp_path, csv_of("c1,2024-01-01,a,1", "c1,2024-01-02,a,1", "c2,2024-01-01,b,1",
                            "c3,x,c,2", "c4,x,d,2", header=header))  # fmt: skip
    rows = exported(tmp_path)
    rows[0]["event_id"] = "9"
    rows[1] |= {"customer": "c1", "touchpoint": "a"}
    rows[2]["at"] = rows[3]["at"] = "2024-01-03"
    report = retry_quarantine(tmp_path / "store", mended(tmp_path, rows))
    assert counts_of(report) == (2, 1, {"CONFLICTING_ID": 1})
    assert [(row["row"], row["id"]) for row in rows_of(tmp_path / "store")] == [
        (0, "1"), (1, "9"), (3, "2"),
    ]  # fmt: skip
    assert [row["row"] for row in quarantine(tmp_path / "store")] == [4]


def test_json_lines_come_back_from_their_mended_text(tmp_path):
    content = '{"customer": "a", "at": "2024-01-01", "touchpoint": "t", "n": {"x": 1}}\n'
    loaded(
        tmp_path, content + '{"customer": "b", "at": "2024-01-02", "touchpoint": "t"\n', "a.jsonl"
    )
    (row,) = exported(tmp_path)
    assert row["_raw"] == '{"customer": "b", "at": "2024-01-02", "touchpoint": "t"'
    row["_raw"] += ', "n": {"x": 2}}'
    report = retry_quarantine(tmp_path / "store", mended(tmp_path, [row]))
    assert counts_of(report) == (1, 0, {})
    assert rows_of(tmp_path / "store")[1]["properties"] == {"n": '{"x":2}'}


def test_columns_of_the_source_that_are_named_like_ours(tmp_path):
    loaded(tmp_path, csv_of("c1,x,a,1", header="customer,at,touchpoint,_row"))
    (row,) = exported(tmp_path)
    assert (row["_row"], row["source:_row"]) == ("0", "1")
    row["at"] = "2024-01-01"
    retry_quarantine(tmp_path / "store", mended(tmp_path, [row]))
    assert rows_of(tmp_path / "store")[0]["properties"] == {"_row": "1"}


def test_other_tables_come_back_too(tmp_path):
    loaded(tmp_path, "referrer,referred,at\na,,2024-01-01\n", "r.csv", table="referrals")
    loaded(tmp_path, "customer,plan\n,pro\n", "c.csv", table="customers")
    rows = exported(tmp_path)
    rows[0]["referred"], rows[1]["customer"] = "b", "c"
    assert counts_of(retry_quarantine(tmp_path / "store", mended(tmp_path, rows))) == (2, 0, {})
    assert [row["referred"] for row in rows_of(tmp_path / "store", "referrals")] == ["b"]
    assert [row["properties"] for row in rows_of(tmp_path / "store", "customers")] == [
        {"plan": "pro"}
    ]


def test_rows_that_are_in_no_quarantine_are_not_taken(tmp_path):
    loaded(tmp_path, csv_of("c1,x,a,1"))
    (row,) = exported(tmp_path)
    row["at"] = "2024-01-01"
    others = [row | {"_row": "99"}, row | {"_load": "7"}, row | {"_file": "3"}]
    report = retry_quarantine(tmp_path / "store", mended(tmp_path, [row, row, *others]))
    assert counts_of(report) == (1, 1, {"NOT_IN_QUARANTINE": 3})
    unload(tmp_path / "store", 1)
    report = retry_quarantine(tmp_path / "store", mended(tmp_path, [row]))
    assert counts_of(report) == (0, 0, {"NOT_IN_QUARANTINE": 1})


@pytest.mark.parametrize(
    "content",
    [
        csv_of("c1,2024-01-01,a,1"),
        "_load,_file,_row,at\n1,0,0,2024-01-01\n",
        *(f"_load,_file,_row,_name,_proof,at\n{row}\n" for row in
          ("1,0,x,data.csv,p,y", "1,0", "1,0,-1,data.csv,p,y", ",,,,,y")),
    ],
)  # fmt: skip
def test_a_file_that_says_not_which_row_is_which_is_refused(tmp_path, content):
    loaded(tmp_path, csv_of("c1,x,a,1"))
    with pytest.raises(NotAQuarantineFileError):
        retry_quarantine(tmp_path / "store", write(tmp_path, content, "mended.csv"))


def test_the_book_says_what_is_there_now(tmp_path):
    loaded(tmp_path, BAD)
    rows = exported(tmp_path)
    rows[0]["at"] = "2023-12-31"
    retry_quarantine(tmp_path / "store", mended(tmp_path, rows))
    store = Store.open(tmp_path / "store")
    (entry,) = store.read("loads", store.version()).to_pylist()
    assert (entry["read"], entry["accepted"]) == (7, 2)
    assert json.loads(entry["quarantined_json"]) == {
        "TOO_MANY_DECIMALS": 1, "RAGGED_ROW": 2, "BROKEN_QUOTE": 1, "MISSING_VALUE": 1,
    }  # fmt: skip
