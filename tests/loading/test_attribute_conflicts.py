"""Attributes said otherwise: counted when they are loaded or merged, and listed with both files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeygraph.lake.store import Store
from journeygraph.loading.attribute_conflicts import attribute_conflicts, conflicts_in
from journeygraph.loading.load import load
from journeygraph.loading.options import LoadOptions
from journeygraph.loading.report import LoadReport
from journeygraph.loading.store_changes import unload
from journeygraph.recording.identities import merge_identities
from tests.graph.stores import write_load
from tests.strategies import World

CUSTOMERS = LoadOptions(table="customers")


def loaded(folder: Path, name: str, text: str) -> LoadReport:
    (folder / name).write_text(text)
    return load(folder / "store", [folder / name], CUSTOMERS)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    assert loaded(tmp_path, "first.csv", "customer,land,age\na,DE,\nb,FR,30\n").conflicts == 0
    return tmp_path


def test_a_load_says_what_it_replaces(shop: Path) -> None:
    report = loaded(shop, "second.csv", "customer,land,age\na,AT,40\nb,FR,30\nc,IT,1\nb,,31\n")
    assert report.conflicts == 2
    listed = [
        (one.customer, one.attribute, one.kept, one.replaced) for one in report.first_conflicts
    ]
    assert listed == [("a", "land", "AT", "DE"), ("b", "age", "31", "30")]
    one = report.first_conflicts[0]
    assert (one.file, one.load, one.replaced_file, one.replaced_load) == (
        "second.csv", 2, "first.csv", 1,
    )  # fmt: skip
    assert "2 values of attributes replace others" in report.warnings[0]
    plain = json.loads(report.to_json())
    assert plain["conflicts"] == 2
    assert plain["first_conflicts"][1]["replaced"] == "30"
    assert conflicts_in(shop / "store", load=2) == list(report.first_conflicts)
    assert conflicts_in(shop / "store", load=1) == conflicts_in(shop / "store", 1) == []
    assert [one.kept for one in conflicts_in(shop / "store", customer="b")] == ["31"]


def test_the_same_again_replaces_nothing(shop: Path) -> None:
    again = loaded(shop, "first.csv", "customer,land,age\na,DE,\nb,FR,30\n")
    assert (again.duplicates, again.conflicts, again.warnings) == (2, 0, ())
    assert loaded(shop, "more.csv", "customer,land,size\na,DE,7\n").conflicts == 0


def test_what_is_unloaded_replaces_nothing(shop: Path) -> None:
    loaded(shop, "second.csv", "customer,land\na,AT\n")
    unload(shop / "store", 2)
    assert conflicts_in(shop / "store") == []


def test_ids_that_are_merged_are_one_customer(shop: Path) -> None:
    (shop / "people.csv").write_text("id,customer\nb,a\n")
    report = merge_identities(shop / "store", shop / "people.csv")
    assert report.conflicts == 1
    [one] = conflicts_in(shop / "store")
    assert (one.customer, one.attribute, one.kept, one.replaced) == ("a", "land", "FR", "DE")
    assert (one.id, one.replaced_id) == ("b", "a")
    assert conflicts_in(shop / "store", customer="b") == [one]
    assert conflicts_in(shop / "store", 1) == []


def test_a_store_without_customers_has_none(tmp_path: Path) -> None:
    (tmp_path / "i.csv").write_text("customer,at,touchpoint\na,2024-01-01,ad\n")
    load(tmp_path / "store", [tmp_path / "i.csv"])
    assert conflicts_in(tmp_path / "store") == []


said = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.dictionaries(st.sampled_from(["x", "y"]), st.sampled_from(["1", "2", ""])),
    ),
    max_size=6,
)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(loads=st.lists(said, min_size=1, max_size=3))
def test_every_value_replaced_is_listed(tmp_path_factory: Any, loads: list[Any]) -> None:
    store = tmp_path_factory.mktemp("conflicts") / "store"
    known: dict[tuple[str, str], str] = {}
    expected = []
    for number, rows in enumerate(loads, 1):
        write_load(store, World(rows=[]), attributes=rows)
        for customer, attributes in rows:
            for name, value in attributes.items():
                if value:
                    before = known.get((customer, name), value)
                    known[customer, name] = value
                    if before != value:
                        expected.append((customer, name, value, before, number))
    lake = Store.open(store)
    found = attribute_conflicts(lake, lake.version())
    assert sorted(
        (one.customer, one.attribute, one.kept, one.replaced, one.load) for one in found
    ) == sorted(expected)
