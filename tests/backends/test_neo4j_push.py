"""What is pushed is what the store holds; a push goes on where another one was cut off."""

from __future__ import annotations

from pathlib import Path

import pytest

import journeygraph
from journeygraph.backends.neo4j_push import push
from journeygraph.loading.store_changes import store_dictionary, unload
from tests.backends.in_neo4j import connect, found_in, wanted_of

pytestmark = pytest.mark.neo4j


def more(store: Path, text: str) -> None:
    file = store.parent / "more.csv"
    file.write_text("customer,at,touchpoint,channel\n" + text)
    journeygraph.load(store, file)


def test_what_is_pushed_is_what_the_store_holds(empty_neo4j, shop):
    with connect(empty_neo4j) as connection:
        report = push(shop, connection)
    assert found_in(empty_neo4j) == wanted_of(shop)
    assert report.changes["interactions created"] == 4
    assert report.changes["customers created"] == 4
    assert (report.version, report.is_unchanged) == (4, False)


def test_a_second_push_changes_nothing(empty_neo4j, shop):
    with connect(empty_neo4j) as connection:
        push(shop, connection)
        before = connection.read("MATCH (g:JourneyGraph) RETURN properties(g)")
        report = push(shop, connection)
        assert report.is_unchanged
        assert connection.read("MATCH (g:JourneyGraph) RETURN properties(g)") == before
    assert found_in(empty_neo4j) == wanted_of(shop)


def test_of_a_newer_version_only_what_differs_is_sent(empty_neo4j, shop):
    with connect(empty_neo4j) as connection:
        push(shop, connection)
        more(shop, "ann,2024-01-02,cart,kiosk\nnew,2024-02-01,ad,\n")
        report = push(shop, connection)
    assert found_in(empty_neo4j) == wanted_of(shop)
    # ann's cart and the newcomer's ad are new, ann's purchase moves from place 1 to place 2
    assert report.changes == {
        "interactions created": 2, "interactions updated": 1, "customers created": 1,
        "customers written": 2,
    }  # fmt: skip


def test_a_load_that_was_taken_out_goes_and_may_come_back(empty_neo4j, shop):
    more(shop, "ann,2024-01-02,cart,kiosk\nnew,2024-02-01,ad,\n")
    with connect(empty_neo4j) as connection:
        push(shop, connection)
        unload(shop, 5)
        report = push(shop, connection)
        assert found_in(empty_neo4j) == wanted_of(shop)
        assert report.changes["interactions removed"] == 2
        assert report.changes["customers removed"] == 1
        push(shop, connection, version=5)
        assert found_in(empty_neo4j) == wanted_of(shop, 5)
        unload(shop, 1)
        push(shop, connection)
        unload(shop, 2)
        push(shop, connection)
    assert found_in(empty_neo4j) == wanted_of(shop)


def test_a_dictionary_speaks_for_interactions_that_say_nothing(empty_neo4j, shop, tmp_path):
    words = tmp_path / "words.yaml"
    with connect(empty_neo4j) as connection:
        push(shop, connection)
        words.write_text("ad: {channel: poster, stage: inquiry, initiator: company}\n")
        store_dictionary(shop, words)
        push(shop, connection)
        assert found_in(empty_neo4j) == wanted_of(shop)
        # a new channel of the data takes the code that the dictionary's had
        more(shop, "bob,2024-03-01,ad,kiosk\n")
        push(shop, connection)
        assert found_in(empty_neo4j) == wanted_of(shop)
        words.write_text("ad: {stage: comparison}\n")
        store_dictionary(shop, words)
        push(shop, connection)
    assert found_in(empty_neo4j) == wanted_of(shop)


@pytest.mark.parametrize("batch_rows", [1, 3])
def test_batches_of_any_size_write_the_same(empty_neo4j, shop, batch_rows):
    with connect(empty_neo4j) as connection:
        push(shop, connection, batch_rows=batch_rows)
        assert found_in(empty_neo4j) == wanted_of(shop)
        more(shop, "ann,2024-01-02,cart,kiosk\nann,2024-01-09,cart,\nann,2023-01-02,ad,\n")
        push(shop, connection, batch_rows=batch_rows)
        assert found_in(empty_neo4j) == wanted_of(shop)
        unload(shop, 5)
        push(shop, connection, batch_rows=batch_rows)
    assert found_in(empty_neo4j) == wanted_of(shop)


def test_a_customer_and_feedback_that_somebody_took_away_come_back(empty_neo4j, shop):
    with connect(empty_neo4j) as connection:
        push(shop, connection)
        connection.run("MATCH (c:Customer {id: 'ann'})-[:MADE]->(i) DETACH DELETE i, c")
        connection.run("MATCH (f:Feedback {customer_id: 'stranger'}) DETACH DELETE f")
        report = push(shop, connection)
        assert not report.is_unchanged
        assert report.changes["interactions created"] == 2
    found, wanted = found_in(empty_neo4j), wanted_of(shop)
    assert found["interactions"] == wanted["interactions"]
    assert found["customers"] == wanted["customers"]
    assert [row[1] for row in found["feedback"]] == [row[1] for row in wanted["feedback"]]
