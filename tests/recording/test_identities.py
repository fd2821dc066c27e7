"""Ids merged and un-merged: as if the rows had had one id, and back to the byte."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import journeygraph
from journeygraph.backends.neo4j_rows import PushedGraph
from journeygraph.backends.spark_store import StoreSource
from journeygraph.errors import (
    InconsistentGraphError,
    UnknownColumnError,
    UnknownCustomerError,
    UnsupportedByEngineError,
)
from journeygraph.graph import JourneyGraph
from journeygraph.graph_changes import change_between
from journeygraph.lake.errors import EmptyStoreError, StoreBusyError
from journeygraph.lake.maintenance import check, compact, vacuum
from journeygraph.lake.store import Store
from journeygraph.loading.load import load
from journeygraph.loading.options import LoadOptions
from journeygraph.loading.store_changes import unload
from journeygraph.recording.errors import BadKeyTableError, NotMergedError
from journeygraph.recording.feedback import record_feedback
from journeygraph.recording.identities import (
    MergedIdentity,
    list_identities,
    merge_identities,
    unmerge_identities,
)
from journeygraph.recording.requests import NewFeedback
from journeygraph.statistics.remembering import StatisticsCache
from queries.common_paths import CommonPaths, common_paths
from queries.customer import customer
from queries.feedback_items import FeedbackItems, feedback_items
from queries.referrals import Referrals, referrals
from queries.stored.plan import plan_of
from queries.stored.run import recompute
from tests.graph.stores import write_load
from tests.graph.test_append import core_of, from_scratch, ids_of, look_at_all
from tests.stored.computing import assert_as_asked
from tests.strategies import CUSTOMERS, World, worlds

ATTRIBUTES = st.lists(
    st.tuples(st.sampled_from(CUSTOMERS), st.fixed_dictionaries({"land": st.sampled_from("DF")})),
    max_size=4,
)
NAMES = [name for name in CUSTOMERS if name.strip()]
MERGES = (
    st.dictionaries(
        st.sampled_from(NAMES), st.sampled_from([*NAMES, "golden"]), min_size=1, max_size=5
    )
    .map(lambda pairs: {one: of for one, of in pairs.items() if of not in pairs})
    .filter(bool)
)
"""The customer of each id; nobody's customer is listed."""


def key_table(folder: Path, merged: Mapping[str, str]) -> Path:
    file = folder / "people.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["id", "customer"])
        writer.writerows(merged.items())
    return file


def renamed(world: World, merged: Mapping[str, str]) -> World:
    def name(one: Any) -> Any:
        return merged.get(one, one)

    return replace(
        world,
        rows=[(name(row[0]), *row[1:]) for row in world.rows],
        referrals=[(name(row[0]), name(row[1]), *row[2:]) for row in world.referrals],
        customers=[name(one) for one in world.customers],
    )


def everything(graph: JourneyGraph) -> dict[str, Any]:
    """All that a graph holds but the keys of the store, which differ where ids came otherwise."""
    arrays, facts = core_of(graph)
    del arrays["customer_keys"]
    attributes = graph.attributes.astype(object).where(graph.attributes.notna(), None)
    columns = {name: graph.column(name).tolist() for name in sorted(graph.column_names)}
    return {
        "arrays": arrays,
        "facts": facts,
        "ids": graph.customer_id(np.arange(graph.n_customers)),
        "attributes": attributes.to_dict("list"),
        "columns": columns,
    }


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=worlds(max_interactions=12), second=worlds(max_interactions=5), merged=MERGES,
    said=ATTRIBUTES, look=st.booleans(),
)  # fmt: skip
def test_merged_ids_are_as_if_the_rows_had_had_one(
    tmp_path: Path, first: World, second: World, merged: dict[str, str], said: Any, look: bool
) -> None:
    for name in ("store", "other"):
        shutil.rmtree(tmp_path / name, ignore_errors=True)
    store, other = tmp_path / "store", tmp_path / "other"
    first = replace(first, customers=[*first.customers, *NAMES])
    write_load(store, first, attributes=said)
    before = journeygraph.open(store)
    kept = core_of(before), ids_of(before)
    report = merge_identities(store, key_table(tmp_path, merged))
    assert report.merged == len(merged)
    write_load(
        other, renamed(first, merged), attributes=[(merged.get(one, one), had) for one, had in said]
    )
    graph = journeygraph.open(store)
    assert everything(graph) == everything(journeygraph.open(other))
    for one, of in merged.items():
        if of in graph.customer_id(np.arange(graph.n_customers)):
            assert graph.customer_index(one) == graph.customer_index(of)
    if look:
        look_at_all(graph)
    # what is loaded later follows, made from the earlier graph or from scratch
    write_load(store, second)
    write_load(other, renamed(second, merged))
    assert everything(journeygraph.open(store)) == everything(journeygraph.open(other))
    assert core_of(journeygraph.open(store)) == core_of(from_scratch(store))
    # older versions see no merge
    older = journeygraph.open(store, 1)
    assert (core_of(older), ids_of(older)) == kept


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(max_interactions=12), merged=MERGES, said=ATTRIBUTES)
def test_unmerged_it_is_the_graph_of_before_to_the_byte(
    tmp_path: Path, world: World, merged: dict[str, str], said: Any
) -> None:
    store = tmp_path / "store"
    shutil.rmtree(store, ignore_errors=True)
    write_load(store, world, attributes=said)
    before = journeygraph.open(store)
    kept = core_of(before), ids_of(before)
    n = merge_identities(store, key_table(tmp_path, merged)).merged
    assert unmerge_identities(store, [next(iter(merged))]).unmerged == 1
    assert unmerge_identities(store).unmerged == n - 1
    after = journeygraph.open(store)
    assert (core_of(after), ids_of(after)) == kept
    assert list_identities(store) == []
    assert check(Store.open(store)) == []


SHOP = """customer,at,touchpoint,value
ann,2024-01-01,ad,
device-7,2024-01-02,cart,
bob,2024-01-02,ad,
ann,2024-01-03,purchase,10
bob,2024-01-04,chat,
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    files = {
        "interactions": SHOP,
        "referrals": "referrer,referred,at\nann,device-7,2024-01-02\ndevice-7,bob,2024-01-02\n",
        "customers": "customer,land,age\nann,DE,\ndevice-7,FR,40\n",
    }
    for table, text in files.items():
        (folder / f"{table}.csv").write_text(text)
        load(folder / "store", [folder / f"{table}.csv"], LoadOptions(table=table))
    record_feedback(folder / "store", NewFeedback(customer="device-7", kind="complaint", id="f1"))
    journeygraph.open(folder / "store")
    return folder / "store"


@pytest.fixture
def store(template: Path, tmp_path: Path) -> Path:
    shutil.copytree(template, tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def merged(store: Path, tmp_path: Path) -> Path:
    merge_identities(store, key_table(tmp_path, {"device-7": "ann"}))
    return store


def test_one_customer_with_all_that_both_had(merged: Path) -> None:
    graph = journeygraph.open(merged)
    assert graph.customer_id(np.arange(graph.n_customers)) == ["ann", "bob"]
    found = customer(graph, "device-7")
    assert (found.id, found.ids) == ("ann", ("ann", "device-7"))
    assert [row.touchpoint for row in found.interactions(9).nodes] == ["ad", "cart", "purchase"]
    assert found.attributes == {"land": "FR", "age": "40"}  # of several rows the later says it
    assert customer(graph, "bob").ids == ("bob",)
    view = graph.journeys(where={"customers": {"ids": ["device-7"]}})
    assert view.customer_ids(np.arange(view.n_units)) == ["ann"]
    part = graph.only(np.array([0]))
    assert part.ids_of(0) == ("ann", "device-7")
    assert graph.only(np.array([1])).further.merged_ids == {}


def test_referrals_and_feedback_follow_and_what_refers_to_itself_is_cut(merged: Path) -> None:
    graph = journeygraph.open(merged)
    answer = referrals(Referrals(), graph.journeys())
    assert answer.self_referrals_cut == 1
    [cut] = answer.cuts(9).nodes
    assert (cut.referrer, cut.referred) == ("ann", "ann")
    assert customer(graph, "bob").referred_by == "ann"
    [item] = feedback_items(FeedbackItems(), graph.journeys()).nodes
    assert (item.id, item.customer) == ("f1", "ann")


def test_what_is_recorded_of_a_merged_id_is_the_customers(merged: Path) -> None:
    record_feedback(merged, NewFeedback(customer="device-7", kind="praise", id="f2"))
    graph = journeygraph.open(merged)
    items = feedback_items(FeedbackItems(), graph.journeys()).nodes
    assert {(item.id, item.customer) for item in items} == {("f1", "ann"), ("f2", "ann")}
    unmerge_identities(merged)
    items = feedback_items(FeedbackItems(), journeygraph.open(merged).journeys()).nodes
    assert {(item.id, item.customer) for item in items} == {("f1", "device-7"), ("f2", "device-7")}


def test_a_customer_may_be_called_by_an_id_that_no_row_has(store: Path, tmp_path: Path) -> None:
    table = {"device-7": "person 1", "ann": "person 1", "tablet": "person 1"}
    report = merge_identities(store, key_table(tmp_path, table))
    assert (report.merged, report.customers, report.already, report.unknown) == (3, 1, 0, 2)
    graph = journeygraph.open(store)
    assert graph.customer_id(np.arange(graph.n_customers)) == ["person 1", "bob"]
    assert customer(graph, "tablet").ids == ("person 1", "ann", "device-7", "tablet")
    more = tmp_path / "more.csv"
    more.write_text("customer,at,touchpoint\ntablet,2024-02-01,ad\n")
    load(store, [more])
    assert customer(journeygraph.open(store), "ann").n_interactions == 4


def test_who_has_no_row_at_all_is_nobody(store: Path, tmp_path: Path) -> None:
    merge_identities(store, key_table(tmp_path, {"tablet": "person 1"}))
    with pytest.raises(UnknownCustomerError):
        journeygraph.open(store).customer_index("tablet")


def test_versions_lists_and_history(store: Path, tmp_path: Path) -> None:
    number = Store.open(store).version().number
    report = merge_identities(store, key_table(tmp_path, {"device-7": "ann", "ann": "ann"}))
    assert report.version == number + 1
    assert list_identities(store) == [MergedIdentity(id="device-7", customer="ann")]
    assert list_identities(store, number) == []
    for name in ("ann", "device-7"):
        assert list_identities(store, customer=name) == list_identities(store)
    assert list_identities(store, customer="bob") == []
    again = merge_identities(store, key_table(tmp_path, {"device-7": "ann"}))
    assert (again.version, again.merged, again.already) == (number + 1, 0, 1)
    unmerge_identities(store, ["device-7"])
    kinds = [(one.kind, one.note) for one in Store.open(store).versions()[-2:]]
    assert kinds == [("merge", "people.csv"), ("unmerge", "1 ids")]


def test_nothing_remembered_is_told_of_another_version(store: Path, tmp_path: Path) -> None:
    remembered = StatisticsCache(1 << 20)
    before = journeygraph.open(store)
    assert common_paths(CommonPaths(), remembered.journeys(before)).units == 3
    merge_identities(store, key_table(tmp_path, {"device-7": "ann"}))
    after = journeygraph.open(store)
    assert change_between(before, after) is None
    paths = common_paths(CommonPaths(), remembered.journeys(after))
    assert [node.items for node in paths.nodes] == [("ad", "cart", "purchase"), ("ad", "chat")]


def test_what_a_merge_changed_is_computed_again(store: Path, tmp_path: Path) -> None:
    plan = plan_of({"statistics": [{"statistic": "transitions"}, {"statistic": "referrals"}]})
    assert recompute(store, plan).computed == 2
    assert recompute(store, plan).computed == 0
    merge_identities(store, key_table(tmp_path, {"device-7": "ann"}))
    assert recompute(store, plan).computed == 2
    assert assert_as_asked(store, plan) == 2


def test_other_upkeep_of_the_store_keeps_it(merged: Path) -> None:
    kept = everything(journeygraph.open(merged))
    lake = Store.open(merged)
    compact(lake)
    vacuum(lake, keep=1)
    assert check(lake) == []
    assert everything(from_scratch(merged)) == kept
    unload(merged, 2)  # the referrals
    graph = journeygraph.open(merged)
    assert (len(graph.referrals), customer(graph, "device-7").id) == (0, "ann")


@pytest.mark.parametrize(
    ("table", "problems"),
    [
        ("a,x\nb,y\na,y\n", [(4, "'a' belongs to 'y' here, and to 'x' on line 2")]),
        ("a,b\nb,c\n", [(2, "'a' belongs to 'b', who belongs to 'c' on line 3: name that one")]),
        (
            "a,b\nb,a\n",
            [
                (2, "'a' belongs to 'b', who belongs to 'a' on line 3: that goes in a circle"),
                (3, "'b' belongs to 'a', who belongs to 'b' on line 2: that goes in a circle"),
            ],
        ),
        ("a,x\nb,\n ,x\n", [(3, "an id or its customer is missing"),
                            (4, "an id or its customer is missing")]),
        ("a,x\na,a\n", [(3, "'a' belongs to 'a' here, and to 'x' on line 2")]),
        ("a,x,1\n", [(2, "it has 3 values, the header names 2")]),
        ("device-7,bob\n", [(2, "'device-7' belongs to 'bob' here, and in the store to 'ann'")]),
        ("tablet,device-7\n", [(2, "'device-7' belongs to 'ann' in the store: name that")]),
        ("ann,bob\n", [(2, "'ann' belongs to 'bob', but ids of the store belong to it")]),
        ("device-7,device-7\n", [(2, "'device-7' is its own here, and in the store 'ann''s")]),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_lines(
    merged: Path, tmp_path: Path, table: str, problems: list[tuple[int, str]]
) -> None:
    before = Store.open(merged).version()
    file = tmp_path / "bad.csv"
    file.write_text("id,customer\n" + table)
    with pytest.raises(BadKeyTableError) as caught:
        merge_identities(merged, file)
    assert [line for line, _ in caught.value.problems] == [line for line, _ in problems]
    for line, problem in problems:
        assert f"line {line}: {problem}" in str(caught.value)
    assert "[BAD_KEY_TABLE]" in str(caught.value)
    assert Store.open(merged).version() == before
    assert not list((merged / "staging").glob("*"))


def test_many_problems_are_counted(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("id,customer\n" + ",x\n" * 12)
    with pytest.raises(BadKeyTableError, match="and 2 more"):
        merge_identities(store, file)


def test_other_files_and_other_columns(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "people.parquet"
    pq.write_table(pa.table({"old": ["device-7"], "person": ["ann"]}), file)
    with pytest.raises(UnknownColumnError, match="id='id' is not a column"):
        merge_identities(store, file)
    assert merge_identities(store, file, columns=("old", "person")).merged == 1


def test_who_is_not_merged_is_not_unmerged(merged: Path) -> None:
    before = Store.open(merged).version()
    for name in ("ann", "device-8"):
        with pytest.raises(NotMergedError, match=f"'{name}' is not merged"):
            unmerge_identities(merged, ["device-7", name])
    assert Store.open(merged).version() == before


def test_where_nothing_was_loaded_nothing_is_merged(tmp_path: Path) -> None:
    Store.create_or_open(tmp_path / "empty")
    with pytest.raises(EmptyStoreError):
        merge_identities(tmp_path / "empty", key_table(tmp_path, {"a": "b"}))
    with pytest.raises(EmptyStoreError):
        unmerge_identities(tmp_path / "empty")


def test_one_writer_at_a_time(store: Path, tmp_path: Path) -> None:
    with Store.open(store).writer(), pytest.raises(StoreBusyError):
        merge_identities(store, key_table(tmp_path, {"device-7": "ann"}), wait="1ms")


def test_other_engines_refuse_it_by_name(merged: Path) -> None:
    lake = Store.open(merged)
    with pytest.raises(UnsupportedByEngineError, match="'spark' does not give customers whose ids"):
        StoreSource(None, lake, lake.version())
    with pytest.raises(UnsupportedByEngineError, match="'neo4j'.*\n.*unmerge"):
        PushedGraph(lake)
    assert PushedGraph(lake, lake.version().number - 1).entry.counts.get("merges") is None


def test_a_damaged_table_of_merges_is_an_error(store: Path) -> None:
    lake = Store.open(store)
    with lake.writer() as writer:
        writer.append("merges", pa.table({"customer": [0, 0], "into": [1, 2]}))
        writer.commit(kind="merge")
    with pytest.raises(InconsistentGraphError, match="of two customers"):
        journeygraph.open(store)
