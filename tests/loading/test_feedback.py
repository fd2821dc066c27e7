"""Feedback and its steps as they are loaded: what cannot be waits in quarantine, to be mended."""

import csv

import pytest

import journeygraph
from journeygraph.feedback import NEVER
from journeygraph.loading.load import load
from journeygraph.loading.options import LoadOptions
from journeygraph.loading.quarantine import export_quarantine
from journeygraph.loading.retry import retry_quarantine
from journeygraph.loading.store_changes import unload
from tests.loading.reading import write
from tests.loading.stored import quarantine, rows_of

HEADER = "customer,kind,opened_at,acknowledged_at,acted_at,closed_at,due_at,ticket_id\n"


def loaded(folder, content, name, table):
    return load(folder / "store", [write(folder, content, name)], LoadOptions(table=table))


@pytest.mark.parametrize(
    ("times", "column", "before"),
    [
        ("2024-01-05,2024-01-04,,,", "acknowledged_at", "opened_at"),
        ("2024-01-05,,2024-01-04,,", "acted_at", "opened_at"),
        ("2024-01-05,,,2024-01-04,", "closed_at", "opened_at"),
        ("2024-01-05,,,,2024-01-04T23:59:59.999999", "due_at", "opened_at"),
        ("2024-01-05,2024-01-07,,2024-01-06,", "closed_at", "acknowledged_at"),
        ("2024-01-05,,2024-01-07,2024-01-06,", "closed_at", "acted_at"),
    ],
)
def test_times_that_cannot_be(tmp_path, times, column, before):
    content = f"{HEADER}ann,promise,{times},1\nann,promise,2024-01-05,,,2024-01-05,2024-01-05,2\n"
    report = loaded(tmp_path, content, "f.csv", "feedback")
    assert (report.accepted, report.quarantined) == (1, {"TIMES_OUT_OF_ORDER": 1})
    (row,) = quarantine(tmp_path / "store")
    assert (row["line"], row["column"], row["code"]) == (2, column, "TIMES_OUT_OF_ORDER")
    assert f" is before {before}, 2024-01-0" in row["reason"]


def test_the_first_flaw_of_a_row_is_the_one_that_is_told(tmp_path):
    content = f"{HEADER}ann,rant,2024-01-05,,,2024-01-04,,1\n"
    assert loaded(tmp_path, content, "f.csv", "feedback").quarantined == {"UNKNOWN_WORD": 1}


def test_steps_of_feedback_that_is_not_there_come_back_when_it_is(tmp_path):
    steps = (
        "ticket_id,status,date\n7,closed,2024-01-06\n8,re-opened,2024-01-01\n"
        "#1.0.0,acted on,2024-02-01\n"
    )
    loaded(tmp_path, f"{HEADER}ann,query,2024-01-05,,,,,\n", "f.csv", "feedback")
    report = loaded(tmp_path, steps, "s.csv", "feedback_steps")
    assert (report.accepted, report.quarantined) == (1, {"UNKNOWN_FEEDBACK": 2})
    more = f"{HEADER}ann,query,2024-01-05,,,,,7\nann,query,2024-01-05,,,,,8\n"
    loaded(tmp_path, more, "g.csv", "feedback")
    bad = tmp_path / "bad.csv"
    export_quarantine(tmp_path / "store", bad)
    report = retry_quarantine(tmp_path / "store", bad)
    assert (report.accepted, report.quarantined) == (1, {"TIMES_OUT_OF_ORDER": 1})
    rows = list(csv.reader(bad.read_text().splitlines()))
    bad.write_text(bad.read_text().replace("2024-01-01", "2024-01-09"))
    assert len(rows) == 3
    assert retry_quarantine(tmp_path / "store", bad).accepted == 1
    assert quarantine(tmp_path / "store") == []
    found = rows_of(tmp_path / "store", "feedback_steps")
    assert [(row["feedback"], row["step"]) for row in found] == [
        ("7", "closed"), ("8", "reopened"), ("#1.0.0", "acted"),
    ]  # fmt: skip


def test_the_graph_has_feedback_beside_it(tmp_path):
    store = tmp_path / "store"
    loaded(tmp_path, "customer,at,touchpoint\nbob,2024-01-01,shop\n", "i.csv", "interactions")
    loaded(tmp_path, f"{HEADER}zoe,query,2024-01-05,,,,,1\nbob,query,2024-01-05,,,2024-01-06,,2\n",
           "f.csv", "feedback")  # fmt: skip
    assert journeygraph.open(store).n_customers == 1
    loaded(tmp_path, "ticket_id,status,date\n2,reopened,2024-01-08\n1,closed,2024-01-08\n", "s.csv",
           "feedback_steps")  # fmt: skip
    feedback = journeygraph.open(store).feedback
    assert feedback.customers.tolist() == [-1, 0]
    assert list(feedback.names) == ["1", "2"]
    assert (feedback.state_at(feedback.latest_us).closed_us == NEVER).tolist() == [False, True]
    assert (feedback.state_at(feedback.latest_us - 1).closed_us == NEVER).tolist() == [True, False]
    again = journeygraph.open(store).feedback  # from the cache
    assert again.step_at_us.tolist() == feedback.step_at_us.tolist()
    assert feedback.stray_steps == 0
    unload(store, 2)
    gone = journeygraph.open(store).feedback
    assert (len(gone), gone.stray_steps) == (0, 2)
    assert len(journeygraph.open(store, version=3).feedback) == 2


def test_graphs_of_some_customers_have_their_feedback(tmp_path):
    store = tmp_path / "store"
    customers = "".join(f"c{number},2024-01-01,shop\n" for number in range(5))
    loaded(tmp_path, f"customer,at,touchpoint\n{customers}", "i.csv", "interactions")
    rows = "".join(
        f"c{number % 6},query,2024-01-05,,,2024-01-06,,{number}\n" for number in range(9)
    )
    loaded(tmp_path, HEADER + rows, "f.csv", "feedback")
    part = journeygraph.open(store).only([1, 4]).feedback
    assert part.customers.tolist() == [0, 1, 0]
    assert list(part.names) == ["1", "4", "7"]
    assert part.step_feedback.tolist() == [0, 1, 2]
