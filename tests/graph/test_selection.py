from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import journeygraph
from journeygraph.errors import InconsistentGraphError, UnknownCustomerError
from journeygraph.graph import MISSING, JourneyGraph
from tests.graph.stores import rows_of, write_load
from tests.strategies import World, worlds


def referrals_by_id(graph: JourneyGraph) -> list[tuple[Any, ...]]:
    ids, stored = graph.customer_id(np.arange(graph.n_customers)), graph.referrals
    columns = (stored.referrers, stored.referred, stored.at_us, stored.medium_codes)
    return [
        (ids[referrer] if referrer >= 0 else None, ids[referred], at, medium)
        for referrer, referred, at, medium in zip(*(c.tolist() for c in columns), strict=True)
    ]


def text_rows(graph: JourneyGraph, name: str) -> list[tuple[str, str | None]]:
    ids, coded = graph.customer_id(graph.interaction_customers), graph.coded(name)
    texts = [coded.names[code] if code >= 0 else None for code in coded.codes.tolist()]
    return list(zip(ids, texts, strict=True))


@given(world=worlds(), data=st.data())
def test_the_graph_of_some_holds_what_is_theirs(world: World, data: st.DataObject) -> None:
    whole = world.graph
    chosen = sorted(data.draw(st.sets(st.integers(0, max(whole.n_customers - 1, 0)))))
    chosen = [customer for customer in chosen if customer < whole.n_customers]
    ids = whole.customer_id(np.array(chosen, np.int64))
    part = whole.only(chosen)
    assert part.customer_id(np.arange(part.n_customers)) == ids
    assert part.customer_indexes(["nobody", *ids]).tolist() == [-1, *range(len(ids))]
    assert rows_of(part) == [row for row in rows_of(whole) if row[0] in ids]
    assert (part.as_of_us, part.touchpoints, part.channels, part.version) == (
        whole.as_of_us, whole.touchpoints, whole.channels, whole.version
    )  # fmt: skip
    assert referrals_by_id(part) == [
        row for row in referrals_by_id(whole) if row[0] in (None, *ids) and row[1] in ids
    ]
    theirs = np.array([customer in chosen for customer in whole.interaction_customers], np.bool_)
    assert part.column_names == whole.column_names
    for name in part.column_names:
        assert part.column(name).dtype == whole.column(name).dtype
        assert part.column(name).tolist() == whole.column(name)[theirs].tolist()
    for name in ("session", "stage", "channel", *whole.further.property_names()):
        assert text_rows(part, name) == [row for row in text_rows(whole, name) if row[0] in ids]


@given(world=worlds(), data=st.data())
def test_a_selection_of_a_selection_is_a_selection(world: World, data: st.DataObject) -> None:
    whole = world.graph
    n = whole.n_customers
    outer = [customer for customer in range(n) if data.draw(st.booleans())]
    inner = [place for place in range(len(outer)) if data.draw(st.booleans())]
    twice, once = whole.only(outer).only(inner), whole.only([outer[place] for place in inner])
    assert rows_of(twice) == rows_of(once)
    assert referrals_by_id(twice) == referrals_by_id(once)
    assert twice.column("row").tolist() == once.column("row").tolist()


WORLD = World(
    rows=[("Zoë", 5, "shop", "web", None, 10), ("a", 3, "ad", None, None, None),
          ("b", 5, "call", None, "support", None), ("a", 1, "shop", None, None, None)],
    referrals=[(None, "a", None, None), ("a", "b", 7, "email"), ("b", "Zoë", 8, None)],
    columns={"team": ["t", None, "u", "t"], "colour": ["red", "red", None, "blue"]},
)  # fmt: skip


def test_further_columns_of_a_store_are_taken_from_it(tmp_path: Path) -> None:
    about = [("b", {"land": "DE"}), ("Zoë", {"land": "FR"}), ("a", {"plan": "x"})]
    write_load(tmp_path / "s", WORLD, attributes=about)
    whole = journeygraph.open(tmp_path / "s")
    part = whole.only(whole.customer_indexes(["Zoë", "a"]))
    assert part.customer_id(np.arange(2)) == ["Zoë", "a"]
    assert part.customer_index("a") == 1
    with pytest.raises(UnknownCustomerError):
        part.customer_index("b")
    assert text_rows(part, "team") == [("Zoë", "t"), ("a", "t"), ("a", None)]
    assert text_rows(part, "colour") == [("Zoë", "red"), ("a", "blue"), ("a", "red")]
    assert part.column("row").tolist() == [0, 3, 1]
    assert part.attributes["land"].astype(object).fillna("").tolist() == ["FR", ""]
    assert part.attributes.index.tolist() == [0, 1]
    assert referrals_by_id(part) == [(None, "a", MISSING, 0)]
    assert part.journeys().graph is part


def test_nobody_is_a_graph_too() -> None:
    nobody = WORLD.graph.only([])
    assert (nobody.n_customers, nobody.n_interactions, len(nobody.referrals)) == (0, 0, 0)
    assert nobody.touchpoints == WORLD.graph.touchpoints
    assert len(nobody.attributes) == 0


@pytest.mark.parametrize("customers", [[1, 0], [0, 0], [-1, 0], [3], [0.5], [[0], [1]], ["a"]])
def test_what_is_not_ascending_indexes_is_refused(customers: list[Any]) -> None:
    with pytest.raises(InconsistentGraphError, match="ascending indexes below 3"):
        WORLD.graph.only(customers)
