"""What is pulled is what was pushed; somebody else's graph comes in as files do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import journeygraph
from journeygraph.backends.neo4j_errors import BadMappingError, NoGraphToPullError
from journeygraph.backends.neo4j_pull import pull
from journeygraph.backends.neo4j_push import push
from journeygraph.lake.store import Store
from journeygraph.loading.options import LoadOptions
from tests.backends.in_neo4j import connect
from tests.loading.stored import quarantine, rows_of

pytestmark = pytest.mark.neo4j

PLACES = {"load", "file", "row"}


def assert_same_graph(path: Path, other: Path) -> None:
    """Every column says the same, but for where a row came from, and ids where there were none."""
    ours, theirs = journeygraph.open(path), journeygraph.open(other)
    everyone = np.arange(ours.n_customers)
    assert ours.customer_id(everyone) == theirs.customer_id(np.arange(theirs.n_customers))
    assert ours.customer_starts.tolist() == theirs.customer_starts.tolist()
    assert (ours.as_of_us, ours.currency, ours.exponent) == (
        theirs.as_of_us,
        theirs.currency,
        theirs.exponent,
    )
    names = set(ours.further.property_names())
    assert names == set(theirs.further.property_names())
    for name in ("at", "value", "cost", "emotion", "expectation", "experience", "sequence"):
        assert ours.column(name).tolist() == theirs.column(name).tolist(), name
    coded = ("touchpoint", "channel", "stage", "initiator", "environment", "level", "team",
             "session", "emotion_label", "emotion_source")  # fmt: skip
    for name in coded:
        assert _texts(ours.coded(name)) == _texts(theirs.coded(name)), name
    for name in names:
        assert _texts(ours.property(name)) == _texts(theirs.property(name)), name
    ids = zip(_texts(ours.coded("id")), _texts(theirs.coded("id")), strict=True)
    assert all(str(id_).startswith("neo4j:") if own is None else own == id_ for own, id_ in ids)
    assert _records(ours) == _records(theirs)
    assert _referrals(ours) == _referrals(theirs)
    assert _feedback(path) == _feedback(other)


def _texts(column: Any) -> list[str | None]:
    return [column.names[code] if code >= 0 else None for code in column.codes.tolist()]


def _records(graph: Any) -> list[dict[str, str]]:
    return [
        {name: value for name, value in row.items() if isinstance(value, str)}
        for row in graph.attributes.to_dict("records")
    ]


def _referrals(graph: Any) -> list[tuple[Any, ...]]:
    stored = graph.referrals
    media = [graph.channels[code] for code in stored.medium_codes.tolist()]
    columns = (stored.referrers, stored.referred, stored.at_us)
    return [*zip(*(column.tolist() for column in columns), media, strict=True)]


def _feedback(path: Path) -> list[dict[str, Any]]:
    rows = [{n: v for n, v in row.items() if n not in PLACES} for row in rows_of(path, "feedback")]
    return [{**row, "id": None if (row["id"] or "neo4j:").startswith("neo4j:") else row["id"]}
            for row in rows]  # fmt: skip


def test_a_graph_that_was_pushed_and_pulled_is_the_same(empty_neo4j, shop, tmp_path):
    other = tmp_path / "other"
    with connect(empty_neo4j) as connection:
        push(shop, connection)
        reports = pull(other, connection)
        assert {name: report.accepted for name, report in reports.items()} == {
            "customers": 4, "interactions": 4, "referrals": 3, "feedback": 2,
        }  # fmt: skip
        assert_same_graph(shop, other)

        version = Store.open(other).version().number
        again = pull(other, connection)
        assert {name: report.accepted for name, report in again.items()} == {
            "interactions": 0, "referrals": 0, "feedback": 0,
        }  # fmt: skip
        assert Store.open(other).version().number == version

        more = tmp_path / "more.csv"
        more.write_text("customer,at,touchpoint\nann,2024-03-01,cart\nnew,2024-03-01,ad\n")
        journeygraph.load(shop, more)
        push(shop, connection)
        news = pull(other, connection)
    assert {name: report.accepted for name, report in news.items()} == {
        "customers": 1, "interactions": 2, "referrals": 0, "feedback": 0,
    }  # fmt: skip
    assert_same_graph(shop, other)


FOREIGN = """
CREATE (ann:Person {email: 'ann@example', country: 'DE', since: date('2020-02-03'), points: 7.5})
CREATE (bob:Person {email: 'bob@example', vip: true})
CREATE (ann)-[:INVITED {on: date('2024-01-05'), via: 'email'}]->(bob)
CREATE (page:Page {title: 'product page'}), (shop:Page {title: 'purchase'})
CREATE (ann)-[:DID]->(:Event {eventId: 1, when: datetime('2024-01-01T10:00:00+01:00'),
  medium: 'website', amount: 12.5, tags: ['a', 'b']})-[:ON]->(page)
CREATE (ann)-[:DID]->(:Event {eventId: 2, when: datetime('2024-01-02T10:00:00Z')})-[:ON]->(shop)
CREATE (bob)-[:DID]->(:Event {eventId: 3, when: 'yesterday'})-[:ON]->(page)
CREATE (:Complaint {no: 'c1', who: 'bob@example', type: 'complaint', opened: localdatetime(
  '2024-01-09T08:30:00'), comment: 'late'})
"""
MAPPING = """
customers: {label: Person, id: email}
interactions:
  label: Event
  id: eventId
  customer: {relationship: DID}
  columns: {at: when, touchpoint: {relationship: ON, property: title}, value: amount}
referrals:
  relationship: INVITED
  columns: {at: on, medium: via}
feedback: {label: Complaint, id: no, customer: who}
"""


@pytest.fixture
def foreign(empty_neo4j: Any, tmp_path: Path) -> Iterator[tuple[Any, Path]]:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(MAPPING)
    with connect(empty_neo4j) as connection:
        connection.run(FOREIGN)
        yield connection, mapping


def test_a_graph_of_other_labels_comes_in_by_a_mapping(foreign, tmp_path):
    connection, mapping = foreign
    store = tmp_path / "store"
    reports = pull(store, connection, mapping=mapping, options=LoadOptions(currency="EUR"))
    assert reports["interactions"].accepted == 2
    assert reports["interactions"].quarantined == {"BAD_TIME": 1}
    assert quarantine(store)[0]["raw"]["when"] == "yesterday"
    said = [
        {name: value for name, value in row.items() if value is not None and name not in PLACES}
        for row in rows_of(store)
    ]
    first = {
        "customer": "ann@example", "at": 1704099600000000, "touchpoint": "product page",
        "channel": "web", "value": 1250, "sequence": 0, "id": "1",
        "properties": {"tags": '["a","b"]'},
    }  # fmt: skip
    assert sorted(said, key=lambda row: row["id"]) == [
        first,
        {
            "customer": "ann@example", "at": 1704189600000000, "touchpoint": "purchase",
            "sequence": 0, "id": "2", "properties": {},
        },
    ]  # fmt: skip
    graph = journeygraph.open(store)
    assert _records(graph) == [
        {"country": "DE", "since": "2020-02-03", "points": "7.5"},
        {"vip": "true"},
    ]
    assert _referrals(graph) == [(0, 1, 1704412800000000, "email")]
    assert [row["text"] for row in rows_of(store, "feedback")] == ["late"]

    version = Store.open(store).version().number
    again = pull(store, connection, mapping=mapping)
    assert {name: report.accepted for name, report in again.items()} == {
        "interactions": 0, "referrals": 0, "feedback": 0,
    }  # fmt: skip
    assert Store.open(store).version().number == version
    connection.run("MATCH (e:Event {eventId: 2}) SET e.medium = 'app'")
    changed = pull(store, connection, mapping=mapping)["interactions"]
    assert changed.quarantined == {"BAD_TIME": 1, "CONFLICTING_ID": 1}


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ("interactions: {label: Event}", "What a customer is, is not said"),
        ("customers: {label: Person, id: email}\nevents: {label: Event}", "'events' is not one"),
        ("customers: {label: Person, id: email, kind: x}", "'kind' means nothing in 'customers'"),
        ("customers: {label: Person}", "'customers' needs 'id'"),
        ("customers: {label: 'a`b', id: email}", "cannot be a name here"),
        (
            "customers: {label: P, id: e}\n"
            "interactions: {label: E, id: i, customer: c, columns: {att: when}}",
            "did you mean 'at'?",
        ),
        ("customers: [Person]", "Expected"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_with_its_line(foreign, tmp_path, wrong, problem):
    connection, mapping = foreign
    mapping.write_text(wrong)
    with pytest.raises(BadMappingError, match="NEO4J_BAD_MAPPING") as raised:
        pull(tmp_path / "store", connection, mapping=mapping)
    assert problem in str(raised.value)
    assert str(mapping) in str(raised.value)
    assert not (tmp_path / "store").exists()


def test_a_database_without_a_graph_says_so(empty_neo4j, tmp_path):
    with (
        connect(empty_neo4j) as connection,
        pytest.raises(NoGraphToPullError, match="no graph that was pushed"),
    ):
        pull(tmp_path / "store", connection)
    assert not (tmp_path / "store").exists()
