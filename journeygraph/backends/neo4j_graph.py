"""The graph that a Neo4j database holds: names, customers and referrals, asked when needed.

A customer's index is the rank of its key, as in the local graph of the store that was pushed.
What is asked once is kept, for the graph does not change: one that is written anew is another
one, which every question notices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.backends.base import EngineGraph
from journeygraph.backends.neo4j_engine_errors import (
    GraphChangedError,
    NoGraphToAskError,
    PushUnderWayError,
)
from journeygraph.backends.neo4j_history import graph_of_history
from journeygraph.backends.neo4j_model import OWN_PROPERTIES, attribute_property
from journeygraph.backends.neo4j_selection import customer_parameters, outcome_parameters
from journeygraph.backends.neo4j_statements import statement
from journeygraph.backends.skeleton import skeleton_of
from journeygraph.errors import UnknownColumnError, UnknownCustomerError, UnknownValueError
from journeygraph.graph import MISSING, IntArray, JourneyGraph, Referrals, code_type
from journeygraph.statistics.referrals import forest_of
from journeygraph.vocabulary import UNKNOWN

if TYPE_CHECKING:
    from journeygraph.backends.neo4j import Neo4jEngine
    from journeygraph.backends.neo4j_connection import Neo4jConnection
    from journeygraph.given import Names
    from journeygraph.outcome import Outcome

__all__ = ["Described", "Neo4jGraph", "described"]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Rows = list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a database says of its graph; two that are equal are the same graph."""

    store: str
    version: int
    pushed_at_us: int
    target: str
    as_of_us: int
    currency: str | None
    exponent: int
    n_customers: int
    n_interactions: int


def described(connection: Neo4jConnection) -> Described:
    """Which graph a database holds.

    Raises
    ------
    NoGraphToAskError, PushUnderWayError
        Where there is none, or only a part of one.
    """
    found = connection.read(statement("graph"))
    if len(found) != 1:
        raise NoGraphToAskError(connection.database)
    state, version, *others = found[0]
    if state != "whole":
        raise PushUnderWayError(connection.database)
    store, pushed_at_us, target, as_of_us, currency, exponent, n_customers, n_interactions = others
    return Described(
        store=store,
        version=version,
        pushed_at_us=pushed_at_us,
        target=target,
        as_of_us=as_of_us,
        currency=currency,
        exponent=exponent,
        n_customers=n_customers,
        n_interactions=n_interactions,
    )


class Neo4jGraph(EngineGraph):
    """A whole graph in a database.

    Parameters
    ----------
    engine
        Whose graph it is.
    connection
        To the database.
    """

    engine: Neo4jEngine

    def __init__(self, engine: Neo4jEngine, connection: Neo4jConnection) -> None:
        self._connection = connection
        self.described = described(connection)
        touchpoints, channels = _names(connection)
        properties = [name for [name] in connection.read(statement("property_names"))]
        skeleton = skeleton_of(
            touchpoints=touchpoints,
            channels=(UNKNOWN, *channels),
            as_of_us=self.described.as_of_us or 0,
            version=self.described.version,
            currency=self.described.currency,
            exponent=self.described.exponent,
            properties=[name.removeprefix("property_") for name in properties],
        )
        super().__init__(engine, skeleton)

    def ask(self, *files: str, **parameters: Any) -> Rows:
        """The rows that a statement of these files gives of this graph.

        Raises
        ------
        GraphChangedError, PushUnderWayError
            Where the database holds another one by now.
        """
        rows = self._connection.read(statement(*files), **parameters)
        if described(self._connection) != self.described:
            raise GraphChangedError(self._connection.database)
        return rows

    @property
    def n_customers(self) -> int:
        """How many customers, those without an interaction included."""
        return self.described.n_customers

    @property
    def n_interactions(self) -> int:
        """How many interactions."""
        return self.described.n_interactions

    @cached_property
    def pairs(self) -> IntArray:
        """Which touchpoints occur at which channels; see `JourneyGraph.pair_codes`."""
        found = np.array(self.ask("pairs"), np.int64).reshape(-1, 2)
        return np.asarray(found[:, 0] * len(self.channels) + found[:, 1])

    @cached_property
    def _keys(self) -> Int64Array | None:
        """Keys by customer index; None where they are the indexes."""
        keys = np.array([key for [key] in self.ask("all_keys")], np.int64)
        return None if np.array_equal(keys, np.arange(len(keys))) else keys

    def keys_of(self, customers: IntArray) -> list[int]:
        """The keys of customers given by index."""
        keys = np.asarray(customers, np.int64)
        known: list[int] = (keys if self._keys is None else self._keys[keys]).tolist()
        return known

    def indexes_of(self, keys: Sequence[int]) -> Int64Array:
        """The indexes of customers given by key."""
        given = np.array(keys, np.int64)
        return given if self._keys is None else np.searchsorted(self._keys, given)

    def blocks(self, at_most: int) -> list[dict[str, int]]:
        """Ranges of keys, of at most so many customers each: what one transaction looks at."""
        starts = np.arange(0, self.n_customers, at_most)
        if not len(starts):
            return [{"first_key": 0, "end_key": 0}]
        bounds = [*self.keys_of(starts), self.keys_of(np.array([self.n_customers - 1]))[0] + 1]
        pairs = zip(bounds[:-1], bounds[1:], strict=True)
        return [{"first_key": first, "end_key": end} for first, end in pairs]

    def in_blocks(self, *files: str, **parameters: Any) -> Rows:
        """The rows that a statement gives of all customers."""
        parts = self.engine.in_blocks(lambda block: self.ask(*files, **parameters, **block))
        return [row for part in parts for row in part]

    def customer_id(self, customers: IntArray) -> list[str]:
        """The ids of customers given by index."""
        keys = self.keys_of(customers)
        ids = dict(self.ask("customer_ids", keys=list(dict.fromkeys(keys))))
        return [ids[key] for key in keys]

    def customer_indexes(self, customers: Sequence[str]) -> Int64Array:
        """The indexes of customers given by id, -1 for those that are not here."""
        found = self.ask("customer_keys", ids=list(dict.fromkeys(customers)))
        indexes = self.indexes_of([key for _, key in found]).tolist()
        known = {name: index for (name, _), index in zip(found, indexes, strict=True)}
        return np.array([known.get(customer, -1) for customer in customers], np.int64)

    def known_customers(self, customers: Sequence[str]) -> Int64Array:
        """The indexes of customers given by id.

        Raises
        ------
        UnknownCustomerError
            Where one is not here.
        """
        indexes = self.customer_indexes(customers)
        if (indexes < 0).any():
            raise UnknownCustomerError(customers[int(np.argmax(indexes < 0))])
        return indexes

    def attribute_condition(self, name: str, values: Names) -> dict[str, Any]:
        """A condition on an attribute, for the server.

        Raises
        ------
        UnknownColumnError, UnknownValueError
            Where no customer has it, or none has such a value.
        """
        argument, stored = "where.customers.attributes", attribute_property(name)
        known = [known for [known] in self.ask("attribute_values", property=stored)]
        if not known:
            names = [name for [name] in self.ask("attribute_names")]
            raise UnknownColumnError(argument, name, sorted(set(names) - set(OWN_PROPERTIES)))
        missing = [value for value in values if value not in known]
        if missing:
            raise UnknownValueError(f"{argument}.{name}", missing[0], known)
        return {"property": stored, "values": list(values)}

    def says(self, name: str) -> bool:
        """Whether any interaction says something in stage, initiator, environment or level."""
        return bool(self.ask("says", property=name)[0][0])

    @cached_property
    def referrals(self) -> Referrals:
        """Who brought whom, in the order of arrival."""
        found = self.ask("referrals")
        referrers, referred, at_us, media = zip(*found, strict=True) if found else [()] * 4
        is_known = np.array([key is not None for key in referrers], np.bool_)
        by = np.full(len(found), -1, np.int64)
        by[is_known] = self.indexes_of([key for key in referrers if key is not None])
        return Referrals(
            referrers=by,
            referred=self.indexes_of(referred),
            at_us=np.array([MISSING if at is None else at for at in at_us], np.int64),
            medium_codes=np.array([code or 0 for code in media], code_type(len(self.channels))),
        )

    @cached_property
    def is_referred(self) -> BoolArray:
        """By customer index, whether another customer brought them."""
        graph: Any = self
        return np.asarray(forest_of(graph).parents >= 0)

    @cached_property
    def _values(self) -> tuple[Int64Array, Int64Array]:
        rows = np.array(self.in_blocks("customer_values"), np.int64).reshape(-1, 3)
        return (
            self._by_customer(rows[:, 0], rows[:, 1], MISSING),
            self._by_customer(rows[:, 0], rows[:, 2], 0),
        )

    def first_interactions(self) -> Int64Array:
        """By customer index: when first seen, MISSING for who never was."""
        return self._values[0]

    def customer_values(self) -> Int64Array:
        """By customer index: what the customer brought in, in minor units of money."""
        return self._values[1]

    def first_outcomes(self, outcome: Outcome) -> Int64Array:
        """By customer index: when the outcome came first, MISSING for whom it never did."""
        view = {
            **customer_parameters(self, None),
            **outcome_parameters(self.skeleton, outcome.rule),
            "until_us": None,
        }
        found = self.in_blocks("population", "first_outcomes", view=view)
        rows = np.array(found, np.int64).reshape(-1, 2)
        return self._by_customer(rows[:, 0], rows[:, 1], MISSING)

    def customer_values_since(self, customers: Int64Array, since_us: Int64Array) -> Int64Array:
        """By customer index: what some customers brought in from a moment of each on, else 0."""
        sums = np.zeros(self.n_customers, np.int64)
        asked = [
            {"key": key, "since_us": None if since == MISSING else since}
            for key, since in zip(self.keys_of(customers), since_us.tolist(), strict=True)
        ]
        at_once = self.engine.customers_at_once
        for first in range(0, len(asked), at_once):
            found = self.ask("customer_values_since", customers=asked[first : first + at_once])
            rows = np.array(found, np.int64).reshape(-1, 2)
            sums[self.indexes_of(rows[:, 0].tolist())] = rows[:, 1]
        return sums

    def _by_customer(self, keys: Int64Array, values: Int64Array, otherwise: int) -> Int64Array:
        by_customer = np.full(self.n_customers, otherwise, np.int64)
        by_customer[self.indexes_of(keys.tolist())] = values
        return by_customer

    def history_of(self, customer: int) -> tuple[JourneyGraph, int]:
        """A local graph of a customer's interactions and attributes, and the index there."""
        [key] = self.keys_of(np.array([customer]))
        [[known]] = self.ask("customer", key=key)
        interactions = [interaction for [interaction] in self.ask("history", key=key)]
        return graph_of_history(self, known, interactions), 0


def _names(connection: Neo4jConnection) -> tuple[list[str], list[str]]:
    """Touchpoints and channels, each by code; a code that is not used has an empty name."""
    found: dict[bool, dict[int, str]] = {True: {}, False: {0: ""}}
    for is_touchpoint, code, name in connection.read(statement("names")):
        found[is_touchpoint][code] = name
    touchpoints, channels = (
        [names.get(code, "") for code in range(max(names, default=-1) + 1)]
        for names in (found[True], found[False])
    )
    return touchpoints, channels[1:]
