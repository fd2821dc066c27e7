"""Merged ids over GraphQL: each finds the customer, who says them all."""

from pathlib import Path

from api.graphql.execution import Executor
from api.snapshots import Snapshots
from journeygraph.recording.identities import merge_identities
from tests.graph.stores import write_load
from tests.strategies import World

ROWS = [("a", 1, "ad", None, None, None), ("b", 2, "cart", None, None, None),
        ("c", 3, "ad", None, None, None)]  # fmt: skip


def test_a_merged_id_finds_its_customer_from_the_version_on(tmp_path: Path) -> None:
    store = tmp_path / "store"
    write_load(store, World(rows=ROWS))
    snapshots, executor = Snapshots(store), Executor()
    asked = (
        '{ customer(id: "b") { id ids interactions { count } } journeys { summary { customers } } }'
    )

    def data() -> dict[str, object]:
        body = executor.answer(asked, snapshots.request(), {}).body
        assert "errors" not in body, body
        return dict(body["data"])

    assert data() == {
        "customer": {"id": "b", "ids": ["b"], "interactions": {"count": 1}},
        "journeys": {"summary": {"customers": 3}},
    }
    (tmp_path / "people.csv").write_text("id,customer\nb,a\n")
    merge_identities(store, tmp_path / "people.csv")
    assert data() == {
        "customer": {"id": "a", "ids": ["a", "b"], "interactions": {"count": 2}},
        "journeys": {"summary": {"customers": 2}},
    }
