"""Files in, a version out: what is taken, what is refused and why, and that nothing is lost."""

import errno
import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from journeygraph.errors import InvalidOptionError, JourneyGraphError
from journeygraph.lake.errors import NotAStoreError, StoreFullError
from journeygraph.lake.store import Store
from journeygraph.loading.errors import (
    CurrencyMismatchError,
    DamagedFileError,
    MappedColumnError,
    MissingColumnsError,
)
from journeygraph.loading.load import load
from journeygraph.loading.options import LoadOptions
from journeygraph.loading.report import LoadReport
from tests.loading.reading import write
from tests.loading.stored import quarantine, rows_of, snapshot
from tests.naive import loading as naive

HEADER = "customer,at,touchpoint"


def csv_of(*rows, header=HEADER):
    return "\n".join([header, *rows]) + "\n"


def loaded(folder, content, name="data.csv", **options):
    """Load one file into the folder's store; its report."""
    folder.mkdir(exist_ok=True)
    return load(folder / "store", [write(folder, content, name)], LoadOptions(**options))


def codes_of(folder):
    return [(row["line"], row["column"], row["code"]) for row in quarantine(folder / "store")]


def test_every_column_of_an_interaction(tmp_path):
    header = (
        "customer,at,touchpoint,channel,stage,initiator,environment,level,value,cost,emotion,"
        "emotion_label,emotion_source,expectation,experience,team,session,sequence,event_id,extra"
    )
    content = csv_of(
        "c1,2024-01-02T03:04:05Z,cart,Web Site,Decision,direct,online,cognitive,12.50,-1,0.5,"
        "joy,reported,-1,1,sales,s1,3,e1,x",
        "c2,2024-01-02,cart,E-Mail,,,,,,,,,,,,,,,,",
        header=header,
    )
    report = loaded(tmp_path, content)
    assert (report.read, report.accepted, report.quarantined) == (2, 2, {})
    first, second = rows_of(tmp_path / "store")
    at = naive.microseconds(datetime(2024, 1, 2, tzinfo=UTC))
    assert first == {
        "load": 1, "file": 0, "row": 0, "customer": "c1", "at": at + 11_045_000_000,
        "touchpoint": "cart", "channel": "Web Site", "stage": "purchase", "initiator": "customer",
        "environment": "digital", "level": "rational", "value": 1250, "cost": -100,
        "emotion": 500, "emotion_label": "joy", "emotion_source": "reported",
        "expectation": -1000, "experience": 1000, "team": "sales", "session": "s1",
        "sequence": 3, "id": "e1", "properties": {"extra": "x"},
    }  # fmt: skip
    assert second["channel"] == "email"
    assert {name for name, value in second.items() if value is None} == {
        "stage", "initiator", "environment", "level", "value", "cost", "emotion", "emotion_label",
        "emotion_source", "expectation", "experience", "team", "session", "id",
    }  # fmt: skip
    assert (second["sequence"], second["properties"]) == (0, {})


def test_names_that_other_tools_take_for_nothing_are_customers(tmp_path):
    ids = ["007", "7", "0007", "NA", "null", "None", "nan", "1e3", "-", "#N/A", "true", "ß", "ẞ"]
    report = loaded(tmp_path, csv_of(*(f"{one},2024-01-01,NA" for one in ids)))
    assert report.accepted == len(ids)
    assert [row["customer"] for row in rows_of(tmp_path / "store")] == ids
    assert {row["touchpoint"] for row in rows_of(tmp_path / "store")} == {"NA"}


def test_rows_that_cannot_be_taken_are_kept_with_file_line_column_and_reason(tmp_path):
    content = csv_of(
        "c1,2024-01-01,cart,5",
        ",2024-01-01,cart,5",
        "c1,,cart,5",
        "c1,31.12.2023,cart,5",
        'c1,2024-01-01,"  ",5',
        'c1,2024-01-01,cart,"1.234,56"',
        "c1,2024-01-01,cart,1.005",
        "c1,2024-01-01,cart",
        'c1,2024-01-01,"cart,5',
        "c1,2024-01-01,cart,6",
        header="customer,at,touchpoint,value",
    )
    report = loaded(tmp_path, content)
    assert (report.read, report.accepted, report.duplicates) == (10, 2, 0)
    assert report.quarantined == {
        "MISSING_VALUE": 3, "BAD_TIME": 1, "BAD_AMOUNT": 1, "TOO_MANY_DECIMALS": 1,
        "RAGGED_ROW": 1, "BROKEN_QUOTE": 1,
    }  # fmt: skip
    assert codes_of(tmp_path) == [
        (3, "customer", "MISSING_VALUE"), (4, "at", "MISSING_VALUE"), (5, "at", "BAD_TIME"),
        (6, "touchpoint", "MISSING_VALUE"), (7, "value", "BAD_AMOUNT"),
        (8, "value", "TOO_MANY_DECIMALS"), (9, None, "RAGGED_ROW"), (10, None, "BROKEN_QUOTE"),
    ]  # fmt: skip
    kept = quarantine(tmp_path / "store")
    assert kept[2]["reason"].startswith("'31.12.2023' is not a time")
    assert kept[2]["raw"] == {
        "customer": "c1", "at": "31.12.2023", "touchpoint": "cart", "value": "5",
    }  # fmt: skip
    assert (kept[2]["table"], kept[2]["row"]) == ("interactions", 3)
    assert [row["row"] for row in rows_of(tmp_path / "store")] == [0, 9]


def test_what_is_refused_leaves_no_customer_or_name_behind(tmp_path):
    loaded(tmp_path, csv_of("ghost,never,spook", "c1,2024-01-01,cart"))
    store = Store.open(tmp_path / "store")
    version = store.version()
    assert store.read("identities", version)["id"].to_pylist() == ["c1"]
    assert store.read("touchpoints", version)["name"].to_pylist() == ["cart"]


def test_the_future_is_refused_from_a_day_on_unless_allowed(tmp_path):
    now = datetime.now(UTC)
    soon, later = (now + timedelta(hours=hours) for hours in (23, 25))
    content = csv_of(f"c1,{soon.isoformat()},a", f"c1,{later.isoformat()},b")
    assert loaded(tmp_path, content).quarantined == {"FUTURE_TIME": 1}
    report = loaded(tmp_path, content, allow_future=True)
    assert (report.accepted, report.duplicates, report.quarantined) == (1, 1, {})
    due = csv_of(f"c1,complaint,2024-01-01,{later.isoformat()}", header="customer,kind,opened,due")
    assert loaded(tmp_path, due, "feedback.csv", table="feedback").accepted == 1


def test_naive_times_are_of_the_timezone(tmp_path):
    content = csv_of("c1,2024-07-01 12:00,a", "c1,2024-07-01T12:00+02:00,b")
    loaded(tmp_path, content, timezone="Europe/Berlin")
    first, second = rows_of(tmp_path / "store")
    assert first["at"] == second["at"] == naive.microseconds(datetime(2024, 7, 1, 10, tzinfo=UTC))


def test_amounts_can_be_rounded_and_are_counted(tmp_path):
    content = csv_of("c1,2024-01-01,a,1.005", "c1,2024-01-01,a,1.5", header=HEADER + ",value")
    report = loaded(tmp_path, content, round_values=True)
    assert (report.accepted, report.rounded) == (2, 1)
    assert report.warnings == ("data.csv: 1 amounts were rounded",)
    assert [row["value"] for row in rows_of(tmp_path / "store")] == [100, 150]


def test_a_store_has_one_currency_and_exponent(tmp_path):
    header = HEADER + ",value,currency"
    content = csv_of("c1,2024-01-01,a,1,eur", "c1,2024-01-01,a,2,USD", "c1,2024-01-01,a,,USD",
                     "c1,2024-01-01,a,3,", header=header)  # fmt: skip
    report = loaded(tmp_path, content, exponent=0)
    assert report.quarantined == {"OTHER_CURRENCY": 1}
    version = Store.open(tmp_path / "store").version()
    assert (version.currency, version.exponent) == ("EUR", 0)
    for wrong in ({"currency": "USD"}, {"exponent": 2}):
        with pytest.raises(CurrencyMismatchError):
            loaded(tmp_path, csv_of("c2,2024-01-01,a,1,USD", header=header), "2.csv", **wrong)
    report = loaded(tmp_path, csv_of("c2,2024-01-01,a,1,USD", header=header), "2.csv")
    assert report.quarantined == {"OTHER_CURRENCY": 1}


def test_the_first_load_with_money_sets_the_exponent(tmp_path):
    loaded(tmp_path, csv_of("c1,2024-01-01,a"))
    assert Store.open(tmp_path / "store").version().exponent == 2
    loaded(tmp_path, csv_of("c1,2024-01-01,a,1.234", header=HEADER + ",value"), "2.csv", exponent=3)
    assert Store.open(tmp_path / "store").version().exponent == 3
    assert rows_of(tmp_path / "store")[1]["value"] == 1234


@pytest.mark.parametrize(
    ("column", "values", "is_kept"),
    [
        ("value", ["free", "free", "1"], True),
        ("value", ["0.244", "3.195", "1.5"], False),
        ("value", ["$5", "€ 6", "1.5"], True),
        ("value", ["1.50", "2", "x"], False),
        ("stage", ["inquiry", "retention", ""], True),
        ("stage", ["inquiry", "Decision", ""], False),
        ("emotion", ["8", "9", "1"], True),
        ("emotion", ["0.5", "-1", "2"], False),
        ("sequence", ["a", "b", ""], True),
        ("level", ["gold", "gold", "silver"], True),
        ("currency", ["dollars", "", ""], True),
    ],
)
def test_an_optional_column_that_holds_something_else_stays_a_property(
    tmp_path, column, values, is_kept
):
    rows = [f"c1,2024-01-01,a,{value}" for value in values]
    report = loaded(tmp_path, csv_of(*rows, header=f"{HEADER},{column}"))
    properties = [row["properties"].get(column, "") for row in rows_of(tmp_path / "store")]
    assert (properties == values) is is_kept
    assert (column not in report.mapping) is is_kept
    if is_kept:
        assert report.accepted == 3
        assert f"--map {column}={column}" in report.warnings[0]


def test_amounts_with_more_decimals_speak_against_their_rows_only(tmp_path):
    rows = [f"c1,2024-01-0{day + 1},a,{value}" for day, value in enumerate(("1.005", "2.005", "3"))]
    report = loaded(tmp_path, csv_of(*rows, header=HEADER + ",value"))
    assert (report.accepted, report.quarantined) == (1, {"TOO_MANY_DECIMALS": 2})
    assert report.mapping["value"] == "value"
    assert [row["value"] for row in rows_of(tmp_path / "store")] == [300]


def test_a_column_given_up_is_warned_of_with_a_value_and_the_way_out(tmp_path):
    rows = [f'c1,2024-01-01,a,"{value}"' for value in ("1", "12,50", "1.234,56")]
    report = loaded(tmp_path, csv_of(*rows, header=HEADER + ",revenue"))
    (warning,) = report.warnings
    assert "line 3: '12,50' is not a plain decimal number" in warning
    for remedy in ("decimal comma", "--round-values", "--map value=COLUMN", "--map value=revenue"):
        assert remedy in warning
    content = csv_of("c1,2024-01-01,a,8", header=HEADER + ",emotion")
    (warning,) = load(tmp_path / "other", [write(tmp_path, content)]).warnings
    assert "--scale emotion=0..10" in warning


def test_what_the_user_names_is_taken_at_his_word(tmp_path):
    rows = [f"c1,2024-01-01,a,{value}" for value in ("free", "free", "1")]
    report = loaded(tmp_path, csv_of(*rows, header=HEADER + ",value"), mapping={"value": "value"})
    assert report.quarantined == {"BAD_AMOUNT": 2}


def test_scales_say_how_ratings_are_meant(tmp_path):
    content = csv_of("c1,2024-01-01,a,5,10", header=HEADER + ",experience,expectation")
    loaded(tmp_path, content, scales={"experience": "stars", "expectation": "0..10"})
    (row,) = rows_of(tmp_path / "store")
    assert (row["experience"], row["expectation"]) == (1000, 1000)


def test_a_rating_off_its_scale_is_quarantined_with_the_reason(tmp_path):
    content = csv_of(
        "c1,2024-01-01,a,0", "c2,2024-01-01,a,6", "c3,2024-01-01,a,", header=HEADER + ",emotion"
    )
    report = loaded(tmp_path, content, scales={"emotion": "stars except 0"})
    assert (report.accepted, report.quarantined) == (2, {"BAD_RATING": 1})
    assert [row["emotion"] for row in rows_of(tmp_path / "store")] == [None, None]


@pytest.mark.parametrize(
    ("properties", "kept"), [("all", {"x": "1", "y": "2"}), ("none", {}), (["Y"], {"y": "2"})]
)
def test_properties_can_be_chosen(tmp_path, properties, kept):
    loaded(tmp_path, csv_of("c1,2024-01-01,a,1,2", header=HEADER + ",x,y"), properties=properties)
    assert rows_of(tmp_path / "store")[0]["properties"] == kept


def test_properties_keep_every_character(tmp_path):
    value = 'q"b\\s\tn\ne\x01ü€😀'
    content = json.dumps({"customer": "c", "at": "2024-01-01", "touchpoint": "t", 'k"\\': value})
    loaded(tmp_path, content, "data.jsonl")
    assert rows_of(tmp_path / "store")[0]["properties"] == {'k"\\': value}


def test_customers_referrals_and_feedback(tmp_path):
    store = tmp_path / "store"
    loaded(tmp_path, "customer_id,plan,city\na,pro,\nb,,Ulm\n", "c.csv", table="customers")
    loaded(tmp_path, "referrer,referred,at,medium\na,b,2024-01-01,E-Mail\n,a,,\nx,,,\n", "r.csv",
           table="referrals")  # fmt: skip
    loaded(tmp_path, "customer,kind,opened,touchpoint,text,x\na,Question,2024-01-01,cart,why,1\n"
           "a,,2024-01-01,,,\n", "f.csv", table="feedback")  # fmt: skip
    assert [(row["customer"], row["properties"]) for row in rows_of(store, "customers")] == [
        ("a", {"plan": "pro"}), ("b", {"city": "Ulm"}),
    ]  # fmt: skip
    at = naive.moment("2024-01-01")
    assert [
        (row["referrer"], row["referred"], row["at"], row["medium"])
        for row in rows_of(store, "referrals")
    ] == [("a", "b", at, "email"), (None, "a", None, None)]
    (row,) = rows_of(store, "feedback")
    assert (row["kind"], row["touchpoint"], row["text"]) == ("query", "cart", "why")
    assert row["properties"] == {"x": "1"}
    assert [(row["table"], row["code"]) for row in quarantine(store)] == [
        ("referrals", "MISSING_VALUE"), ("feedback", "MISSING_VALUE"),
    ]  # fmt: skip


def test_several_files_are_one_load_and_one_version(tmp_path):
    files = [write(tmp_path, csv_of(f"c{n},2024-01-01,a"), f"{n}.csv") for n in range(3)]
    report = load(tmp_path / "store", files)
    assert (report.version, report.load, report.accepted) == (1, 1, 3)
    assert [(row["load"], row["file"]) for row in rows_of(tmp_path / "store")] == [
        (1, 0), (1, 1), (1, 2),
    ]  # fmt: skip
    assert [file.accepted for file in report.files] == [1, 1, 1]


@pytest.mark.parametrize(
    "bad", [b"", b"\x00" * 500, b"a,b\n1,2\n", HEADER.encode(), b"customer,at,touchpoint\n\xff"]
)
def test_one_refused_file_refuses_all(tmp_path, bad):
    store = tmp_path / "store"
    loaded(tmp_path, csv_of("c0,2024-01-01,a"), "0.csv")
    before = snapshot(store)
    good = write(tmp_path, csv_of("c1,2024-01-01,a"), "1.csv")
    with pytest.raises(JourneyGraphError) as caught:
        load(store, [good, write(tmp_path, bad, "2.csv")])
    assert "2.csv" in str(caught.value)
    assert snapshot(store) == before
    assert LoadReport.of_refusal(caught.value).refused == caught.value.code


def test_a_file_that_proves_damaged_late_refuses_all(tmp_path):
    import gzip

    rows = [f"c{n},2024-01-01,a" for n in range(200_000)]
    content = gzip.compress(csv_of(*rows).encode())
    with pytest.raises(JourneyGraphError) as caught:
        loaded(tmp_path, content[:-4], "data.csv.gz")
    assert caught.value.code == "DAMAGED_FILE"
    assert snapshot(tmp_path / "store") is None
    assert not list((tmp_path / "store").glob("staging/*"))


def test_nothing_is_made_before_the_files_are_looked_at(tmp_path):
    with pytest.raises(MissingColumnsError):
        loaded(tmp_path, "a,b\n1,2\n")
    assert not (tmp_path / "store").exists()


def test_a_dry_run_does_all_but_commit(tmp_path):
    content = csv_of("c1,2024-01-01,a", "c1,never,a")
    report = loaded(tmp_path, content, dry_run=True)
    assert (report.read, report.accepted, report.quarantined) == (2, 1, {"BAD_TIME": 1})
    assert (report.version, report.load, report.dry_run) == (None, None, True)
    assert not (tmp_path / "store").exists()
    loaded(tmp_path, content)
    before = snapshot(tmp_path / "store")
    report = loaded(tmp_path, csv_of("c1,2024-01-01,a", "c2,2024-01-01,a"), "2.csv", dry_run=True)
    assert report.accepted == 2
    assert snapshot(tmp_path / "store") == before


def test_a_single_file_may_be_named_as_it_is(tmp_path):
    data = write(tmp_path, csv_of("c1,2024-01-01,a\x01"))
    assert load(str(tmp_path / "store"), str(data)).accepted == 1
    assert rows_of(tmp_path / "store")[0]["touchpoint"] == "a\x01"


def test_a_folder_of_something_else_is_no_store(tmp_path):
    write(tmp_path, "x", "other.txt")
    data = write(tmp_path, csv_of("c1,2024-01-01,a"))
    with pytest.raises(NotAStoreError):
        load(tmp_path, [data])


def test_an_interruption_leaves_nothing(tmp_path):
    def interrupt(_progress):
        raise KeyboardInterrupt

    data = write(tmp_path, csv_of("c1,2024-01-01,a"))
    with pytest.raises(KeyboardInterrupt):
        load(tmp_path / "store", [data], progress=interrupt)
    assert snapshot(tmp_path / "store") is None
    assert load(tmp_path / "store", [data]).accepted == 1


def test_progress_goes_up_to_the_end(tmp_path, monkeypatch):
    from journeygraph.loading.readers import csv as csv_reader

    monkeypatch.setattr(csv_reader, "BLOCK_BYTES", 1 << 16)
    content = csv_of(*(f"c{n},2024-01-01,a" for n in range(20_000)))
    files = [
        write(tmp_path, content, "1.csv"),
        write(tmp_path, content + "c,2024-01-01,b\n", "2.csv"),
    ]
    told = []
    load(tmp_path / "store", files, progress=told.append)
    assert len(told) >= 4
    assert [one.rows for one in told] == sorted(one.rows for one in told)
    assert [one.bytes_done for one in told] == sorted(one.bytes_done for one in told)
    assert told[-1].rows == 40_001
    assert told[-1].bytes_done == told[-1].bytes_total == sum(file.stat().st_size for file in files)
    assert {one.file for one in told} == {"1.csv", "2.csv"}


def test_the_report_as_json_adds_up(tmp_path):
    report = json.loads(loaded(tmp_path, csv_of("c1,2024-01-01,a", "c1,x,a")).to_json())
    assert report["read"] == 2 == report["accepted"] + sum(report["quarantined"].values())
    assert report | {"accepted": 1, "quarantined": {"BAD_TIME": 1}, "duplicates": 0,
                     "refused": None, "version": 1, "load": 1} == report  # fmt: skip
    assert report["mapping"] == {name: name for name in ("customer", "at", "touchpoint")}


def test_when_no_row_can_be_taken_a_warning_says_why(tmp_path):
    report = loaded(tmp_path, csv_of("c1,01.02.2024,a", "c2,01.02.2024,a"))
    assert report.accepted == 0
    assert "line 2, column 'at': '01.02.2024' is not a time" in report.warnings[0]
    assert report.version == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"table": "interaction"}, "did you mean 'interactions'"),
        ({"timezone": "Europe/Berlim"}, "did you mean Europe/Berlin"),
        ({"time_unit": "seconds"}, "one of s, ms, us, ns"),
        ({"currency": "euro"}, "three capital letters"),
        ({"exponent": 9}, "0 to 3"),
        ({"scales": {"emotions": "0..10"}}, "did you mean 'emotion'"),
        ({"scales": {"emotion": "ten"}}, "the worst first"),
        ({"encoding": "klingon"}, "an encoding of text"),
        ({"properties": "some"}, "all, none"),
    ],
)
def test_options_are_checked(tmp_path, options, says):
    with pytest.raises(InvalidOptionError, match=says):
        loaded(tmp_path, csv_of("c1,2024-01-01,a"), **options)
    with pytest.raises(InvalidOptionError):
        load(tmp_path / "store", [])


def test_a_file_without_a_header_is_named_by_the_user(tmp_path):
    report = loaded(
        tmp_path, "c1,2024-01-01,a\nc2,2024-01-02,b\n", columns=("customer", "at", "touchpoint")
    )
    assert report.accepted == 2
    assert [row["row"] for row in rows_of(tmp_path / "store")] == [0, 1]


def test_a_load_that_is_killed_leaves_nothing(tmp_path):
    data = write(tmp_path, csv_of(*(f"c{n},2024-01-01,a" for n in range(1000))))
    script = (
        "import os, signal, sys\n"
        "from journeygraph.loading.load import load\n"
        "kill = lambda _progress: os.kill(os.getpid(), signal.SIGKILL)\n"
        "load(sys.argv[1], [sys.argv[2]], progress=kill)\n"
    )
    store = tmp_path / "store"
    killed = subprocess.run([sys.executable, "-c", script, store, data], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert snapshot(store) is None
    assert load(store, [data]).accepted == 1000
    assert len(rows_of(store)) == 1000


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path):
    data = write(tmp_path, csv_of("c1,2024-01-01,a"))

    def append(_progress):
        with data.open("a") as file:
            file.write("c2,2024-01-01,a\n")

    with pytest.raises(DamagedFileError, match="changed while it was read"):
        load(tmp_path / "store", [data], progress=append)
    assert snapshot(tmp_path / "store") is None


def test_what_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path, monkeypatch):
    def refuse(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    data = write(tmp_path, csv_of("c1,2024-01-01,a"))
    monkeypatch.setattr("journeygraph.lake.parquet.SegmentWriter.append", refuse)
    with pytest.raises(StoreFullError):
        load(tmp_path / "store", [data])
    monkeypatch.undo()
    assert snapshot(tmp_path / "store") is None


def test_a_column_that_appears_late_is_kept(tmp_path, monkeypatch):
    from journeygraph.loading.readers import jsonl

    monkeypatch.setattr(jsonl, "_BLOCK_BYTES", 64)
    row = {"customer": "c", "at": "2024-01-01", "touchpoint": "a"}
    content = "\n".join(json.dumps(one) for one in [row] * 9 + [row | {"value": "5", "x": "y"}])
    report = loaded(tmp_path, content, "a.jsonl")
    assert report.accepted == 10
    last = rows_of(tmp_path / "store")[-1]
    assert (last["value"], last["properties"]) == (None, {"value": "5", "x": "y"})
    assert "'value' appears first at line 10" in report.warnings[0]
    report = loaded(tmp_path / "again", content, "a.jsonl", mapping={"value": "value"})
    assert (rows_of(tmp_path / "again" / "store")[-1]["value"], report.warnings) == (500, ())
    with pytest.raises(MappedColumnError):
        loaded(tmp_path / "again", content, "a.jsonl", mapping={"value": "values"})
