"""What is there already: the same file, the same id; and a file that only looks the same."""

import gzip
import json
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journeygraph.lake import text_indexes
from journeygraph.lake.store import Store
from journeygraph.loading import identity, resemblance
from journeygraph.loading.load import load
from journeygraph.loading.options import LoadOptions
from journeygraph.loading.store_changes import unload
from tests.loading.reading import write
from tests.loading.stored import quarantine, rows_of, snapshot

HEADER = "customer,at,touchpoint"


@pytest.fixture(autouse=True, params=[1, 1 << 12], ids=["indexes", "small files"])
def _fewest_rows_with_an_index(request, monkeypatch):
    monkeypatch.setattr(text_indexes, "_FEWEST_ROWS", request.param)


def csv_of(*rows, header=HEADER):
    return "\n".join([header, *rows]) + "\n"


def loaded(folder, content, name="data.csv", **options):
    return load(folder / "store", [write(folder, content, name)], LoadOptions(**options))


def counts_of(report):
    return report.accepted, report.duplicates, dict(report.quarantined)


def test_equal_rows_of_one_file_are_so_many_interactions(tmp_path):
    content = csv_of(*["c1,2024-01-01,a"] * 3)
    assert counts_of(loaded(tmp_path, content)) == (3, 0, {})
    assert len(rows_of(tmp_path / "store")) == 3


def test_the_same_file_again_changes_nothing(tmp_path):
    content = csv_of("c1,2024-01-01,a", "c1,never,a", "c2,2024-01-02,b")
    first = loaded(tmp_path, content)
    before = snapshot(tmp_path / "store")
    again = loaded(tmp_path, content, "renamed.csv")
    assert counts_of(again) == (0, 2, {"BAD_TIME": 1})
    assert again.read == first.read == 3
    assert (again.version, again.load) == (None, None)
    assert snapshot(tmp_path / "store") == before


def test_rows_that_now_pass_come_and_leave_the_quarantine(tmp_path):
    content = csv_of("c1,2024-01-01,a,1.5", "c1,2024-01-02,b,1.005", "c1,x,c,1",
                     header=HEADER + ",value")  # fmt: skip
    assert counts_of(loaded(tmp_path, content)) == (1, 0, {"TOO_MANY_DECIMALS": 1, "BAD_TIME": 1})
    report = loaded(tmp_path, content, round_values=True)
    assert counts_of(report) == (1, 1, {"BAD_TIME": 1})
    assert [(row["load"], row["row"]) for row in rows_of(tmp_path / "store")] == [(1, 0), (2, 1)]
    assert [(row["load"], row["code"]) for row in quarantine(tmp_path / "store")] == [
        (1, "BAD_TIME")
    ]
    assert "loaded before (load 1) in another way" in report.warnings[-1]
    again = loaded(tmp_path, content, round_values=True)
    assert (counts_of(again), again.warnings) == ((0, 2, {"BAD_TIME": 1}), ())


def test_the_same_file_for_another_table_is_another_thing(tmp_path):
    content = csv_of("c1,2024-01-01,a")
    loaded(tmp_path, content)
    assert counts_of(loaded(tmp_path, content, table="customers")) == (1, 0, {})


def test_the_same_file_twice_in_one_call(tmp_path):
    content = csv_of("c1,2024-01-01,a", "c1,x,a")
    files = [write(tmp_path, content, name) for name in ("1.csv", "2.csv")]
    report = load(tmp_path / "store", files)
    assert counts_of(report) == (1, 1, {"BAD_TIME": 2})
    assert report.read == 4
    assert len(rows_of(tmp_path / "store")) == len(quarantine(tmp_path / "store")) == 1


def test_another_file_with_the_same_rows_is_taken_with_a_warning(tmp_path):
    rows = [f"c{n},2024-01-{n:02}T10:00:00Z,a" for n in range(1, 11)]
    loaded(tmp_path, csv_of(*rows))
    as_json = [dict(zip(HEADER.split(","), row.split(","), strict=True)) for row in rows]
    report = loaded(tmp_path, "\n".join(map(json.dumps, as_json)), "data.jsonl")
    assert counts_of(report) == (10, 0, {})
    assert (
        "100% of its rows equal rows that are loaded already, as from data.csv (load 1)"
        in (report.warnings[0])
    )
    assert "journeygraph unload 2" in report.warnings[0]
    packed = write(
        tmp_path, gzip.compress(csv_of(*rows[:6], "c,2024-01-05,b").encode()), "p.csv.gz"
    )
    assert load(tmp_path / "store", [packed]).warnings


def test_half_of_the_rows_or_another_time_is_no_reason_to_warn(tmp_path):
    rows = [f"c{n},2024-01-{n:02}T10:00:00Z,a" for n in range(1, 11)]
    loaded(tmp_path, csv_of(*rows))
    others = [f"d{n},2024-01-{n:02}T10:00:00Z,a" for n in range(1, 6)]
    assert loaded(tmp_path, csv_of(*rows[:5], *others), "2.csv").warnings == ()
    later = [row.replace("2024", "2023") for row in rows]
    assert loaded(tmp_path, csv_of(*later), "3.csv").warnings == ()


def test_loads_of_another_time_are_not_even_read(tmp_path, monkeypatch):
    loaded(tmp_path, csv_of("c1,2024-01-01,a"))

    def fail(*_args):
        raise AssertionError

    monkeypatch.setattr(resemblance.Resemblance, "_of_file", fail)
    assert loaded(tmp_path, csv_of("c1,2024-01-02,a"), "2.csv").warnings == ()
    with pytest.raises(AssertionError):
        loaded(tmp_path, csv_of("c1,2024-01-01,a", "c1,2024-01-02,a"), "3.csv")


def test_a_part_of_a_large_file_is_enough_to_tell(tmp_path, monkeypatch):
    monkeypatch.setattr(resemblance, "_MOST_KEPT", 100)
    rows = [f"c{n},2024-01-01T10:{n // 60:02}:{n % 60:02}Z,a" for n in range(3000)]
    loaded(tmp_path, csv_of(*rows))
    assert (
        "of its rows equal"
        in loaded(tmp_path, csv_of(*rows, "x,2024-01-01,a"), "2.csv").warnings[0]
    )


def test_ids_tell_duplicates_from_conflicts_in_one_file(tmp_path):
    header = HEADER + ",event_id,x"
    content = csv_of(
        "c1,2024-01-01,a,e1,1", "c1,2024-01-01,a,e1,1", "c1,2024-01-01,a,e1,2",
        "c1,2024-01-01,a,e2,1", "c1,2024-01-01,a,,1", "c1,2024-01-01,a,,1", header=header,
    )  # fmt: skip
    assert counts_of(loaded(tmp_path, content)) == (4, 1, {"CONFLICTING_ID": 1})
    (kept,) = quarantine(tmp_path / "store")
    assert (kept["line"], kept["column"], kept["row"]) == (4, "event_id", 2)
    assert kept["reason"].startswith("'e1' is the id of another row, with other content")
    assert kept["raw"]["x"] == "2"


def test_ids_tell_duplicates_from_conflicts_over_files_and_loads(tmp_path):
    header = HEADER + ",event_id"
    loaded(tmp_path, csv_of("c1,2024-01-01,a,1", "c1,2024-01-02,b,2", header=header))
    second = write(tmp_path, csv_of("c1,2024-01-02,b,2", "c1,2024-01-03,c,3", "c1,2024-01-03,c,1",
                                    header=header), "2.csv")  # fmt: skip
    third = write(tmp_path, csv_of("c1,2024-01-03,c,3", "c9,2024-01-03,c,3", "c1,2024-01-04,d,4",
                                   header=header), "3.csv")  # fmt: skip
    report = load(tmp_path / "store", [second, third])
    assert counts_of(report) == (2, 2, {"CONFLICTING_ID": 2})
    assert [row["id"] for row in rows_of(tmp_path / "store")] == ["1", "2", "3", "4"]


def test_content_is_the_same_with_columns_moved_or_in_another_format(tmp_path):
    loaded(tmp_path, csv_of("c1,2024-01-01,a,1,x,5.50", header=HEADER + ",event_id,p,value"))
    moved = "value,p,event_id,touchpoint,at,customer\n5.5,x,1,a,2024-01-01T00:00:00Z,c1\n"
    assert counts_of(loaded(tmp_path, moved, "2.csv")) == (0, 1, {})
    as_json = {"customer": "c1", "at": 1704067200, "touchpoint": "a", "event_id": 1, "p": "x",
               "value": 5.5}  # fmt: skip
    assert counts_of(loaded(tmp_path, json.dumps(as_json), "3.jsonl")) == (0, 1, {})


def test_a_key_of_several_columns(tmp_path):
    header = HEADER + ",order,item"
    content = csv_of("c1,2024-01-01,a,1,23", "c1,2024-01-01,a,12,3", "c1,2024-01-01,a,1,23",
                     "c1,2024-01-02,a,1,23", "c1,2024-01-01,a,,", "c1,2024-01-01,a,,",
                     header=header)  # fmt: skip
    report = loaded(tmp_path, content, key=("order", "item"))
    assert counts_of(report) == (4, 1, {"CONFLICTING_ID": 1})
    (kept,) = quarantine(tmp_path / "store")
    assert kept["column"] == "order, item"
    assert kept["reason"] == (
        "'1, 23' is the id of another row, with other content; name more columns in --key if it "
        "is no id"
    )


@pytest.mark.parametrize(
    ("n_conflicts", "options", "is_warned"),
    [(1, {}, False), (2, {}, True), (9, {"mapping": {"id": "event_id"}}, False),
     (9, {"key": ("event_id",)}, False)],
)  # fmt: skip
def test_an_id_that_nobody_named_and_that_is_none_is_warned_of(
    tmp_path, n_conflicts, options, is_warned
):
    rows = [f"c1,2024-01-01,a{max(0, row - 99 + n_conflicts)},{row}" for row in range(100)]
    rows[100 - n_conflicts :] = [f"c1,2024-01-01,b{row},0" for row in range(n_conflicts)]
    report = loaded(tmp_path, csv_of(*rows, header="customer,at,touchpoint,event_id"), **options)
    assert report.quarantined == {"CONFLICTING_ID": n_conflicts}
    warnings = [warning for warning in report.warnings if "'event_id'" in warning]
    assert bool(warnings) is is_warned
    for warning in warnings:
        assert "2 of 100 rows" in warning
        assert "--map id=" in warning
        assert "--key COLUMN COLUMN" in warning


def test_a_key_of_one_column_is_the_id(tmp_path):
    loaded(tmp_path, csv_of("c1,2024-01-01,a,9", header=HEADER + ",order"), key=("order",))
    (row,) = rows_of(tmp_path / "store")
    assert (row["id"], row["properties"]) == ("9", {"order": "9"})


def test_referrals_and_feedback_have_identity_too(tmp_path):
    referrals = "referrer,referred,at,referral_id\na,b,2024-01-01,1\na,b,2024-01-01,1\nc,b,,1\n"
    report = loaded(tmp_path, referrals, "r.csv", table="referrals")
    assert counts_of(report) == (1, 1, {"CONFLICTING_ID": 1})
    feedback = "customer,kind,opened,feedback_id\na,query,2024-01-01,1\na,query,2024-01-01,1\n"
    report = loaded(tmp_path, feedback, "f.csv", table="feedback")
    assert counts_of(report) == (1, 1, {})
    report = loaded(tmp_path, feedback + "b,query,2024-01-01,2\n", "f2.csv", table="feedback")
    assert counts_of(report) == (1, 2, {})


def test_an_unloaded_load_is_gone_and_can_come_again(tmp_path):
    header = HEADER + ",event_id"
    content = csv_of("c1,2024-01-01,a,1", "c1,x,a,2", header=header)
    loaded(tmp_path, content)
    loaded(tmp_path, csv_of("c2,2024-01-02,b,3", header=header), "2.csv")
    version = unload(tmp_path / "store", 1)
    assert (version.number, version.kind, version.load) == (3, "unload", 1)
    assert [row["id"] for row in rows_of(tmp_path / "store")] == ["3"]
    assert quarantine(tmp_path / "store") == []
    assert len(rows_of(tmp_path / "store", version=2)) == 2
    report = loaded(tmp_path, content)
    assert (counts_of(report), report.load) == ((1, 0, {"BAD_TIME": 1}), 3)
    assert {row["customer"] for row in rows_of(tmp_path / "store")} == {"c1", "c2"}


def test_the_book_of_loads(tmp_path):
    loaded(tmp_path, csv_of("c1,2024-01-01,a", "c1,x,a"))
    store = Store.open(tmp_path / "store")
    (row,) = store.read("loads", store.version()).to_pylist()
    assert (row["load"], row["file"], row["name"], row["table"]) == (
        1,
        0,
        "data.csv",
        "interactions",
    )
    assert (row["read"], row["accepted"], row["duplicates"]) == (2, 1, 0)
    assert json.loads(row["quarantined_json"]) == {"BAD_TIME": 1}
    kept = json.loads(row["mapping_json"])
    assert kept["columns"] == {name: name for name in ("customer", "at", "touchpoint")}


ids = st.sampled_from(["", "1", "2", "3", "01"])
rows = st.lists(st.tuples(ids, st.sampled_from("ab"), st.sampled_from(["2024-01-01", "x"])),
                min_size=1, max_size=6)  # fmt: skip


@given(st.lists(rows, min_size=1, max_size=4))
@example([[("1", "a", "2024-01-01")], [("1", "b", "2024-01-01"), ("1", "a", "2024-01-01")]])
def test_any_files_one_after_another_are_as_the_naive_twin_takes_them(tmp_path_factory, files):
    folder = tmp_path_factory.mktemp("identity")
    known: dict[str, str] = {}
    seen: set[str] = set()
    stored = []
    for number, file in enumerate(files):
        content = csv_of(*(f"c,{at},{where},{id_}" for id_, where, at in file),
                         header=HEADER + ",id")  # fmt: skip
        expected: Counter[str] = Counter()
        for id_, where, at in file:
            if at == "x":
                expected["BAD_TIME"] += 1
            elif (id_ == "" and content in seen) or known.get(id_) == where:
                expected["duplicate"] += 1
            elif id_ in known:
                expected["CONFLICTING_ID"] += 1
            else:
                known.update({id_: where} if id_ else {})
                expected["accepted"] += 1
                stored.append((id_ or None, where))
        seen.add(content)
        report = loaded(folder, content, f"{number}.csv")
        assert report.read == len(file) == expected.total()
        assert counts_of(report) == (
            expected.pop("accepted", 0), expected.pop("duplicate", 0), dict(expected),
        )  # fmt: skip
    if Store.open(folder / "store").latest() is not None:
        assert [(row["id"], row["touchpoint"]) for row in rows_of(folder / "store")] == stored


def test_rows_of_two_files_leave_the_quarantine_of_one_load_together(tmp_path):
    header = HEADER + ",value"
    contents = [csv_of(f"c{n},2024-01-01,a,1.005", "c,x,a,1", header=header) for n in (1, 2)]
    files = [write(tmp_path, one, f"{n}.csv") for n, one in enumerate(contents)]
    load(tmp_path / "store", files)
    assert len(quarantine(tmp_path / "store")) == 4
    new = write(tmp_path, csv_of("c3,x,a,1", header=header), "new.csv")
    report = load(tmp_path / "store", [new, *files], LoadOptions(round_values=True))
    assert counts_of(report) == (2, 0, {"BAD_TIME": 3})
    assert [(row["load"], row["file"], row["code"]) for row in quarantine(tmp_path / "store")] == [
        (1, 0, "BAD_TIME"), (1, 1, "BAD_TIME"), (2, 0, "BAD_TIME"),
    ]  # fmt: skip
    assert [(row["load"], row["file"]) for row in rows_of(tmp_path / "store")] == [(2, 1), (2, 2)]


def test_an_append_reads_only_the_rows_around_ids_that_are_there(tmp_path, monkeypatch):
    monkeypatch.setattr("journeygraph.lake.parquet._ROWS_PER_GROUP", 10)
    header = HEADER + ",id"
    first = [f"c{n},2024-01-01,a,{n}" for n in range(100)]
    loaded(tmp_path, csv_of(*first, header=header))
    monkeypatch.setattr(text_indexes, "_FEWEST_ROWS", 1)
    groups = []
    read_group = identity.read_group
    monkeypatch.setattr(
        identity, "read_group", lambda *what: groups.append(what[1]) or read_group(*what)
    )
    fresh = csv_of(*(f"c{n},2024-01-02,a,{n}" for n in range(100, 130)), header=header)
    assert counts_of(loaded(tmp_path, fresh)) == (30, 0, {})
    assert groups == []
    mixed = csv_of(first[42], "c43,2024-05-05,a,43", "z,2024-01-01,a,z", header=header)
    assert counts_of(loaded(tmp_path, mixed)) == (1, 1, {"CONFLICTING_ID": 1})
    assert groups == [4]
