"""Rows as they stand in the tests, written into a store by its own writer, without loading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from journeygraph.graph import MISSING, JourneyGraph
from journeygraph.lake.names import CustomerKeys, Names
from journeygraph.lake.store import Store, StoreVersion
from journeygraph.lake.tables import STORED_TABLES
from journeygraph.vocabulary import ENVIRONMENTS, INITIATORS, LEVELS, STAGES, code_of
from tests.strategies import World

__all__ = ["rows_of", "write_load"]

_WORDS = {"initiator": INITIATORS, "environment": ENVIRONMENTS, "level": LEVELS}
_TEXTS = ("session", "emotion_label", "emotion_source", "id")
_NUMBERS = ("sequence", "cost", "emotion", "expectation", "experience")


def rows_of(graph: JourneyGraph) -> list[tuple[Any, ...]]:
    """What a graph holds, read back one interaction after another."""
    ids = graph.customer_id(graph.interaction_customers)
    return [
        (
            ids[row],
            int(graph.at_us[row]),
            graph.touchpoints[graph.touchpoint_codes[row]],
            graph.channels[code] if (code := graph.channel_codes[row]) else None,
            STAGES[code - 1] if (code := graph.stage_codes[row]) else None,
            int(graph.value_minor[row]) if graph.value_minor[row] != MISSING else None,
        )
        for row in range(graph.n_interactions)
    ]


def write_load(
    path: Path,
    world: World,
    *,
    attributes: Sequence[tuple[str, Mapping[str, Any]]] = (),
    dictionary: Mapping[str, Mapping[str, str]] | None = None,
) -> StoreVersion:
    """Write a world as one more load of the store at `path`."""
    store = Store.create_or_open(path)
    with store.writer() as writer:
        base, load = writer.base, writer.next_load
        existing = {
            name: store.read(name, base) if base is not None and name in base.tables else None
            for name in ("identities", "touchpoints", "channels", "teams")
        }
        customers = CustomerKeys(existing["identities"])
        names = {name: Names(existing[name]) for name in ("touchpoints", "channels", "teams")}
        interactions = _interactions(world, customers, names)
        listed = [*attributes, *((customer, {}) for customer in world.customers)]
        known = _customers(listed, customers)
        referrals = _referrals(world, customers, names)
        for table, rows in [("interactions", interactions), ("customers", known),
                            ("referrals", referrals)]:  # fmt: skip
            writer.append(table, rows, load)
        writer.append("identities", customers.new())
        for name, codes in names.items():
            writer.append(name, codes.new())
        return writer.commit(kind="load", load=load, dictionary=dictionary)


def _interactions(world: World, customers: CustomerKeys, names: Mapping[str, Names]) -> pa.Table:
    who, at, where, by, stages, values = ([row[place] for row in world.rows] for place in range(6))
    columns: dict[str, Any] = {
        "customer": customers.encode(pa.array(who, pa.string())),
        "at": at,
        "touchpoint": names["touchpoints"].encode(pa.array(where, pa.string())),
        "channel": _codes(names["channels"], by),
        "stage": [code_of(stage, STAGES) if stage else None for stage in stages],
        "value": values,
    }
    given = dict(world.columns)
    if "team" in given:
        columns["team"] = _codes(names["teams"], given.pop("team"))
    for name, words in _WORDS.items():
        if name in given:
            columns[name] = [code_of(word, words) if word else None for word in given.pop(name)]
    for name in (*_TEXTS, *_NUMBERS):
        if name in given:
            columns[name] = given.pop(name)
    properties = [
        orjson.dumps({name: values[row] for name, values in given.items()}).decode()
        for row in range(len(world.rows))
    ]
    return _table("interactions", {**columns, "properties": properties}, len(world.rows))


def _customers(rows: Sequence[tuple[str, Mapping[str, Any]]], customers: CustomerKeys) -> pa.Table:
    keys = customers.encode(pa.array([customer for customer, _ in rows], pa.string()))
    properties = [orjson.dumps(dict(attributes)).decode() for _, attributes in rows]
    return _table("customers", {"customer": keys, "properties": properties}, len(rows))


def _referrals(world: World, customers: CustomerKeys, names: Mapping[str, Names]) -> pa.Table:
    referrers, referred, at, media = ([row[place] for row in world.referrals] for place in range(4))
    named = customers.encode(pa.array(referrers, pa.string()))
    columns = {
        "referrer": [int(key) if key >= 0 else None for key in named],
        "referred": customers.encode(pa.array(referred, pa.string())),
        "at": at,
        "medium": _codes(names["channels"], media),
    }
    return _table("referrals", columns, len(world.referrals))


def _codes(names: Names, texts: Sequence[str | None]) -> list[int | None]:
    codes = names.encode(pa.array(texts, pa.string())).tolist()
    return [code if code >= 0 else None for code in codes]


def _table(table: str, columns: Mapping[str, Any], n_rows: int) -> pa.Table:
    schema = STORED_TABLES[table].columns
    arrival = {"file": [0] * n_rows, "row": list(range(n_rows))}
    empty = [None] * n_rows
    return pa.table(
        [
            pa.array({**arrival, **columns}.get(field.name, empty), type=field.type)
            for field in schema
        ],
        schema=schema,
    )
