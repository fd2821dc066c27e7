"""Recording: once, whole or not at all, and only what can be."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import journeygraph
from journeygraph.errors import InvalidOptionError, JourneyGraphError, UnknownCustomerError
from journeygraph.lake.errors import EmptyStoreError, StoreBusyError
from journeygraph.lake.maintenance import check, compact
from journeygraph.lake.store import Store
from journeygraph.loading.load import load
from journeygraph.loading.options import LoadOptions
from journeygraph.loading.store_changes import unload
from journeygraph.recording.errors import ConflictingFeedbackError, FeedbackStateError
from journeygraph.recording.feedback import record_feedback, record_step
from journeygraph.recording.history import FeedbackHistory
from journeygraph.recording.requests import FeedbackStepTaken, NewFeedback
from queries.feedback_items import FeedbackItems, feedback_items
from tests.lake.crashes import Disk, crashing
from tests.loading.reading import write
from tests.loading.stored import rows_of

INTERACTIONS = "customer,at,touchpoint\nann,2024-01-01,shop\nbob,2024-01-02,shop\n"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    load(folder / "store", [write(folder, INTERACTIONS, "i.csv")])
    journeygraph.open(folder / "store")
    return folder / "store"


@pytest.fixture
def store(template: Path, tmp_path: Path) -> Path:
    shutil.copytree(template, tmp_path / "store")
    return tmp_path / "store"


def step(store: Path, name: str, taken: str, **more: str) -> int:
    return record_step(store, FeedbackStepTaken(id=name, step=taken, **more)).version


def items(store: Path) -> list[tuple[str, bool, int]]:
    answer = feedback_items(FeedbackItems(), journeygraph.open(store).journeys())
    return [(item.id, item.open, item.reopened) for item in answer.nodes]


def test_the_life_of_a_complaint(store: Path) -> None:
    new = NewFeedback(
        customer="ann", kind="Complaint", opened_at="2024-01-05", due_at="2024-01-09",
        touchpoint="shop", team="north", text="Too late", id="t1",
    )  # fmt: skip
    recorded = record_feedback(store, new)
    assert (recorded.id, recorded.version, recorded.is_repeated) == ("t1", 2, False)
    (row,) = rows_of(store, "feedback")
    assert (row["customer"], row["kind"], row["touchpoint"]) == ("ann", "complaint", "shop")
    assert (row["team"], row["text"], row["id"], row["load"]) == ("north", "Too late", "t1", 2)
    step(store, "t1", "acknowledged", at="2024-01-06", note="seen")
    step(store, "t1", "closed", at="2024-01-07", team="south")
    assert items(store) == [("t1", False, 0)]
    step(store, "t1", "reopened", at="2024-01-08")
    step(store, "t1", "acted", at="2024-01-08")
    assert items(store) == [("t1", True, 1)]
    steps = rows_of(store, "feedback_steps")
    assert [(one["step"], one["team"], one["note"]) for one in steps] == [
        ("acknowledged", None, "seen"), ("closed", "south", None), ("reopened", None, None),
        ("acted", None, None),
    ]  # fmt: skip
    kinds = [(version.kind, version.note) for version in Store.open(store).versions()][1:]
    assert kinds[0] == ("feedback", "complaint opened")
    assert kinds[-1] == ("feedback", "complaint acted")


def test_a_recording_can_be_taken_out(store: Path) -> None:
    record_feedback(store, NewFeedback(customer="ann", kind="query", id="q"))
    step(store, "q", "closed")
    unload(store, 3)
    assert items(store) == [("q", True, 0)]
    step(store, "q", "acted")
    unload(store, 2)
    assert items(store) == []


def test_a_file_knows_the_ids_of_what_was_recorded(store: Path, tmp_path: Path) -> None:
    new = NewFeedback(customer="ann", kind="query", id="q", opened_at="2024-01-05")
    record_feedback(store, new)
    content = "customer,kind,opened_at,id\nann,query,2024-01-05,q\nbob,query,2024-01-05,q\n"
    report = load(store, [write(tmp_path, content, "f.csv")], LoadOptions(table="feedback"))
    assert (report.accepted, report.duplicates, report.quarantined) == (
        0, 1, {"CONFLICTING_ID": 1}
    )  # fmt: skip
    with pytest.raises(ConflictingFeedbackError):
        record_feedback(store, new)


def test_feedback_without_an_id_is_called_by_its_place(store: Path, tmp_path: Path) -> None:
    content = "customer,kind,opened_at\nann,query,2024-01-05\nbob,query,2024-01-06\n"
    load(store, [write(tmp_path, content, "f.csv")], LoadOptions(table="feedback"))
    step(store, "#2.0.1", "closed")
    assert items(store) == [("#2.0.1", False, 0), ("#2.0.0", True, 0)]


STEPS = st.lists(
    st.tuples(st.sampled_from(["acknowledged", "acted", "closed", "reopened"]), st.integers(0, 3)),
    max_size=9,
)


@given(tries=STEPS)
def test_steps_follow_the_rules(tries: list[tuple[str, int]]) -> None:
    """Against the rules in plain words; without a store, of which other tests are."""
    done = [(0, "opened")]
    for taken, _later in tries:
        since = done[max(i for i, one in enumerate(done) if one[1] in ("opened", "reopened")) :]
        there = {name for _, name in since}
        if taken == "reopened":
            fits = "closed" in there
        else:
            fits = "closed" not in there and taken not in there
        history = FeedbackHistory("f", 1, tuple(done))
        if fits:
            history.check(taken)
            done.append((done[-1][0] + 1, taken))
        else:
            with pytest.raises(FeedbackStateError) as refused:
                history.check(taken)
            assert refused.value.code in {
                "FEEDBACK_CLOSED", "ALREADY_ACKNOWLEDGED", "ALREADY_ACTED_ON", "ALREADY_CLOSED",
                "NOT_CLOSED",
            }  # fmt: skip


def test_what_cannot_be_recorded(store: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownCustomerError):
        record_feedback(store, NewFeedback(customer="zoe", kind="query"))
    for wrong, match in (
        ({"kind": "rant"}, "complaint or query"), ({"customer": ""}, "customer"),
        ({"text": " "}, "text"), ({"request": "k" * 201}, "200 characters"),
        ({"id": "a\0b"}, "id"),
    ):  # fmt: skip
        with pytest.raises(InvalidOptionError, match=match):
            NewFeedback(**{"customer": "ann", "kind": "query", **wrong})
    with pytest.raises(InvalidOptionError, match="acknowledged or acted"):
        FeedbackStepTaken(id="f", step="opened")
    assert Store.open(store).version_numbers() == [1]
    Store.create_or_open(tmp_path / "empty")
    with pytest.raises(EmptyStoreError):
        record_feedback(tmp_path / "empty", NewFeedback(customer="ann", kind="query"))


def test_two_at_once_and_one_who_waits_too_long(store: Path) -> None:
    record_feedback(store, NewFeedback(customer="ann", kind="query", id="q"))
    results: list[str] = []

    def close() -> None:
        try:
            step(store, "q", "closed")
            results.append("closed")
        except JourneyGraphError as error:
            results.append(error.code)

    threads = [threading.Thread(target=close) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["ALREADY_CLOSED", "closed"]
    with Store.open(store).writer(), pytest.raises(StoreBusyError, match="writing"):
        record_feedback(store, NewFeedback(customer="ann", kind="query"), wait="100ms")


def test_a_power_cut_at_every_flush_and_rename(template: Path, tmp_path: Path) -> None:
    new = NewFeedback(customer="ann", kind="query", team="north", request="key")
    crash_at, seen = 0, set()
    while True:
        store = tmp_path / str(crash_at)
        shutil.copytree(template, store)
        disk = Disk(store, crash_at)
        with crashing(disk):
            record_feedback(store, new)
        n_there = len(rows_of(store, "feedback"))
        seen.add(n_there)
        again = record_feedback(store, new)  # whoever got no answer sends it again
        assert again.is_repeated is bool(n_there)
        assert len(rows_of(store, "feedback")) == 1
        assert check(Store.open(store)) == []
        if disk.n_events < crash_at:
            break
        crash_at += 4
    assert seen == {0, 1}


_AGAIN = """
import sys
from journeygraph.recording.feedback import record_feedback
from journeygraph.recording.requests import NewFeedback
number = int(sys.argv[2])
while True:
    new = NewFeedback(customer="ann", kind="query", request=f"key {number}")
    recorded = record_feedback(sys.argv[1], new)
    print(number, flush=True)
    number += 1
"""


def test_killed_at_random_moments(store: Path) -> None:
    """Whatever was answered is there, once; what was not answered can be sent again."""
    chance, number = random.Random(20240707), 0
    for _ in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", _AGAIN, str(store), str(number)],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.4))
            process.kill()
            told = process.stdout.read().split()
        answered = int(told[-1]) if told else number
        number = answered  # sent again, as is the one after it, which may have been recorded
        keys = [row["id"] for row in rows_of(store, "feedback_steps")]
        assert keys in ([f"key {i}" for i in range(answered + n)] for n in (1, 2))
        assert len(rows_of(store, "feedback")) == len(keys)
    record_feedback(store, NewFeedback(customer="ann", kind="query"))  # clears what was cut off
    assert check(Store.open(store)) == []


def test_many_recordings_leave_few_files(store: Path) -> None:
    for number in range(17):
        record_feedback(store, NewFeedback(customer="ann", kind="query", id=f"q{number}"))
    lake = Store.open(store)
    assert len(lake.files("feedback", lake.version())) < 16
    compact(lake)
    assert len(lake.files("feedback", lake.version())) == 1
    assert len(items(store)) == 17
    folders = [path.name for path in (store / "cache").glob("graph-*/feedback-*")]
    assert len(folders) <= 2
