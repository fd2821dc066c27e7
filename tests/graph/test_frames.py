from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import journeygraph
from journeygraph.errors import InvalidOptionError, JourneyGraphError, RefusedRowsError
from journeygraph.graph import MISSING, JourneyGraph
from journeygraph.graph_build import graph_from_rows
from journeygraph.loading.errors import (
    DuplicateColumnsError,
    MappedColumnError,
    MissingColumnsError,
    UnknownTargetError,
)
from tests.graph.stores import rows_of
from tests.strategies import World, worlds

CORE = ("customer_starts", "at_us", "touchpoint_codes", "channel_codes", "stage_codes",
        "value_minor")  # fmt: skip


def assert_equal(one: JourneyGraph, other: JourneyGraph) -> None:
    """Equal in everything that a question can see."""
    for name in CORE:
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    for name in ("touchpoints", "channels", "as_of_us", "currency", "exponent"):
        assert getattr(one, name) == getattr(other, name), name
    for name in ("referrers", "referred", "at_us", "medium_codes"):
        assert np.array_equal(getattr(one.referrals, name), getattr(other.referrals, name)), name
    everyone = np.arange(one.n_customers)
    assert one.customer_id(everyone) == other.customer_id(everyone)
    assert set(one.column_names) == set(other.column_names)
    for name in set(one.column_names) - {"load", "file", "row"}:
        assert texts_of(one, name) == texts_of(other, name), name
    pd.testing.assert_frame_equal(one.attributes, other.attributes, check_like=True)


def texts_of(graph: JourneyGraph, name: str) -> list[Any]:
    if name in ("cost", "emotion", "expectation", "experience", "sequence"):
        return graph.column(name).tolist()
    coded = graph.coded(name)
    return [coded.names[code] if code >= 0 else None for code in coded.codes.tolist()]


def there_and_back(graph: JourneyGraph) -> JourneyGraph:
    frames = graph.to_pandas()
    return journeygraph.from_pandas(
        frames.interactions, frames.customers, frames.referrals, currency=graph.currency
    )


@given(world=worlds())
def test_a_graph_of_the_frames_of_a_graph_equals_it(world: World) -> None:
    named = World(
        rows=[row for row in world.rows if row[0].strip()],
        referrals=[row for row in world.referrals if (row[0] or "x").strip() and row[1].strip()],
        customers=[customer for customer in world.customers if customer.strip()],
        columns={
            name: [value for value, row in zip(values, world.rows, strict=True) if row[0].strip()]
            for name, values in world.columns.items()
        },
    )
    assert_equal(there_and_back(named.graph), named.graph)


def test_every_column_survives_the_way_through_pandas() -> None:
    graph = graph_from_rows(
        [
            ("b", 5, "x", "web", "support", 2 * 10**15 + 1),
            ("a", 3, "y"),
            ("b", 4, "x", None, None, -5),
        ],
        referrals=[(None, "q", None, "email"), ("a", "b", 7, None)],
        attributes={"a": {"land": "DE", "vip": True}, "zz": {"n": 1.5}},
        touchpoints=["never used"],
        currency="EUR",
        sequence=[3, 0, -2], session=["s", "t", None], team=["red", None, None],
        initiator=["company", None, "customer"], environment=["digital", None, None],
        level=[None, "rational", None], cost=[None, 250, None], emotion=[1000, -333, None],
        expectation=[1, None, None], experience=[None, None, -1000], id=["i1", "i2", "i3"],
        emotion_label=["joy", None, None], emotion_source=["reported", None, None],
        colour=["red", None, "NA"],
    )  # fmt: skip
    back = there_and_back(graph)
    assert_equal(back, graph)
    assert back.value_minor.tolist() == [-5, 2 * 10**15 + 1, MISSING]


def test_frames_read_as_people_read() -> None:
    graph = graph_from_rows(
        [("b", 86_400_000_000, "x", "web", "support", 1050), ("a", 3, "y")],
        referrals=[(None, "b", None, None)],
        attributes={"a": {"land": "DE"}},
        emotion=[500, None],
    )
    frames = graph.to_pandas()
    first, second = frames.interactions.to_dict("records")
    assert first == {
        "customer": "b", "at": pd.Timestamp("1970-01-02", tz="UTC"), "touchpoint": "x",
        "channel": "web", "stage": "support", "value": 10.5, "emotion": 0.5,
    }  # fmt: skip
    assert (second["customer"], second["touchpoint"]) == ("a", "y")
    assert frames.interactions["channel"].isna().tolist() == [False, True]
    assert frames.customers["customer"].tolist() == ["b", "a"]
    assert frames.customers["land"].tolist()[1] == "DE"
    assert frames.referrals["referrer"].isna().tolist() == [True]
    assert frames.touchpoints.to_dict("list") == {"touchpoint": ["x", "y"], "interactions": [1, 1]}
    assert frames.channels["channel"].tolist() == ["unknown", "web"]
    some = graph.to_pandas().interactions.columns
    assert "cost" not in some


def test_amounts_too_large_for_floats_stay_exact() -> None:
    frames = graph_from_rows([("a", 1, "x", None, None, 10**17 + 1)]).to_pandas()
    assert frames.interactions["value"].tolist() == [Decimal(10**17 + 1).scaleb(-2)]


def test_columns_are_recognised_and_named() -> None:
    frame = pd.DataFrame(
        {"uid": ["007", "7"], "event": ["b", "a"], "timestamp": ["2024-01-01T00:00:00Z", 1e9],
         "spent": [12.34, None], "device": ["phone", None]}
    )  # fmt: skip
    frame["timestamp"] = pd.to_datetime(["2024-01-02", "2024-01-01"])
    graph = journeygraph.from_pandas(
        frame, columns={"customer": "uid", "value": "spent"}, timezone="Europe/Berlin",
        currency="EUR",
    )  # fmt: skip
    berlin_us = [
        pd.Timestamp(day, tz="Europe/Berlin").value // 1000 for day in ("2024-01-02", "2024-01-01")
    ]
    assert rows_of(graph) == [
        ("007", berlin_us[0], "b", None, None, 1234),
        ("7", berlin_us[1], "a", None, None, None),
    ]
    assert (graph.version, graph.currency) == (None, "EUR")
    assert texts_of(graph, "device") == ["phone", None]


def test_numbers_and_missing_ids_are_what_they_look_like() -> None:
    frame = pd.DataFrame(
        {"customer": [1.0, 2.0], "touchpoint": [3, "x"], "at": [1_700_000_000, 1_700_000_001]}
    )
    graph = journeygraph.from_pandas(frame)
    assert graph.customer_id(np.arange(2)) == ["1", "2"]
    assert graph.touchpoints == ("3", "x")
    assert graph.at_us.tolist() == [1_700_000_000_000_000, 1_700_000_001_000_000]


def test_categories_keep_their_codes() -> None:
    frame = pd.DataFrame(
        {"customer": ["a", "a"], "at": pd.to_datetime(["2024-01-01", "2024-01-02"]),
         "touchpoint": pd.Categorical(["late", "early"], ["early", "late", "never"]),
         "channel": pd.Categorical([None, "SMS"], ["web", "SMS"])}
    )  # fmt: skip
    graph = journeygraph.from_pandas(frame)
    assert graph.touchpoints == ("early", "late", "never")
    assert graph.channels == ("unknown", "web", "text")
    assert graph.touchpoint_codes.tolist() == [1, 0]


def test_a_dictionary_speaks_where_the_frame_does_not(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"customer": ["a", "a"], "at": [1_700_000_000, 1_700_000_001],
         "touchpoint": ["ad: shoes", "shop"], "stage": [None, "support"]}
    )  # fmt: skip
    words = {"ad: *": {"stage": "inquiry", "channel": "advertising"}, "shop": {"stage": "purchase"}}
    file = tmp_path / "touchpoints.yaml"
    file.write_text('"ad: *": {stage: inquiry, channel: ads}\nshop: {stage: purchase}\n')
    for dictionary in (words, file, str(file)):
        graph = journeygraph.from_pandas(frame, dictionary=dictionary)
        assert graph.stage_codes.tolist() == [1, 4]
        assert graph.channels == ("unknown", "advertising")
    with pytest.raises(InvalidOptionError, match="stage"):
        journeygraph.from_pandas(frame, dictionary={"shop": {"stage": "nonsense"}})
    with pytest.raises(InvalidOptionError, match="colour"):
        journeygraph.from_pandas(frame, dictionary={"shop": {"colour": "red"}})


def test_rows_that_cannot_be_taken_are_named() -> None:
    frame = pd.DataFrame(
        {"customer": ["a", None, "c"], "when": ["2024-01-01", "2024-01-02", "yesterday"],
         "touchpoint": "x"},
        index=["p", "q", "r"],
    )  # fmt: skip
    with pytest.raises(RefusedRowsError) as caught:
        journeygraph.from_pandas(frame, columns={"at": "when"})
    message = str(caught.value)
    assert "2 of the 3 rows of interactions cannot be taken" in message
    assert "row 1 (index 'q'), column 'customer': it is empty [MISSING_VALUE]" in message
    assert "row 2 (index 'r'), column 'when': 'yesterday' is not a time" in message
    assert "--" not in message


def test_an_id_twice_is_taken_once_and_in_conflict_refused() -> None:
    frame = pd.DataFrame(
        {"customer": ["a", "a", "b"], "at": [1_700_000_000] * 3, "touchpoint": "x",
         "event_id": ["1", "1", "2"]}
    )  # fmt: skip
    assert journeygraph.from_pandas(frame).n_interactions == 2
    frame.loc[1, "touchpoint"] = "y"
    with pytest.raises(RefusedRowsError, match="row 1, column 'event_id': '1' is the id of"):
        journeygraph.from_pandas(frame)


@pytest.mark.parametrize(
    ("frame", "columns", "error", "words"),
    [
        ({"customer": ["a"], "at": [1]}, {}, MissingColumnsError, "columns={'touchpoint'"),
        ({"customer": ["a"]}, {"at": "when"}, MappedColumnError, "columns={'at': 'when'}"),
        ({"customer": [], "at": [], "touchpoint": []}, {"moment": "at"}, UnknownTargetError, "mom"),
    ],
)
def test_columns_that_are_not_clear_are_asked_for_in_python(
    frame: dict[str, list[Any]], columns: dict[str, str], error: type[JourneyGraphError], words: str
) -> None:
    with pytest.raises(error) as caught:
        journeygraph.from_pandas(pd.DataFrame(frame), columns=columns)
    assert words in str(caught.value)
    assert "--" not in str(caught.value)


def test_two_columns_of_one_name_are_refused() -> None:
    frame = pd.DataFrame([[1, 2, 3, 4]], columns=["customer", "at", "touchpoint", "at"])
    with pytest.raises(DuplicateColumnsError):
        journeygraph.from_pandas(frame)


def test_an_empty_frame_is_an_empty_graph() -> None:
    graph = journeygraph.from_pandas(pd.DataFrame({"customer": [], "at": [], "touchpoint": []}))
    assert (graph.n_customers, graph.n_interactions, graph.as_of_us) == (0, 0, 0)
    assert_equal(there_and_back(graph), graph)


def test_a_mapping_reaches_the_frame_that_it_is_for() -> None:
    graph = journeygraph.from_pandas(
        pd.DataFrame({"uid": ["a"], "at": [1_700_000_000], "touchpoint": ["x"]}),
        pd.DataFrame({"uid": ["b", "a"], "land": ["DE", None]}),
        pd.DataFrame({"by": ["a", None], "new": ["b", "c"]}),
        columns={"customer": "uid", "referrer": "by", "referred": "new"},
    )
    assert graph.customer_id(np.arange(3)) == ["b", "a", "c"]
    assert graph.referrals.referrers.tolist() == [1, -1]
    assert graph.attributes["land"].tolist()[0] == "DE"


def test_a_column_that_does_not_hold_what_its_name_says_is_warned_of() -> None:
    frame = pd.DataFrame(
        {"customer": ["a"], "at": [1_700_000_000], "touchpoint": ["x"], "stage": ["phase 3"]}
    )
    with pytest.warns(UserWarning, match="'stage' does not hold 'stage'"):
        graph = journeygraph.from_pandas(frame)
    assert texts_of(graph, "stage") == [None]
    assert graph.property("stage").names[0] == "phase 3"
