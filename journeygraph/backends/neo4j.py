"""The engine Neo4j: journeys that a database selects, cleans, cuts and counts by itself.

A view sends its options as parameters, and a statistic comes back as the rows of its table. The
customers are taken some thousands at a time, each time in a transaction of its own, so that none
runs long, one that fails is tried again, and the server never holds more than the groups of one;
the tables of the parts are merged as they are anywhere. The parts are of one and the same graph:
one that is written anew in between is noticed. docs/neo4j.md explains the Cypher.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from journeygraph.backends.base import Engine, EngineJourneys
from journeygraph.backends.neo4j_connection import (
    Neo4jConnection,
    Neo4jSettings,
    password_from,
)
from journeygraph.backends.neo4j_engine_errors import OtherVersionError
from journeygraph.backends.neo4j_graph import Neo4jGraph, described
from journeygraph.backends.neo4j_selection import (
    customer_parameters,
    interaction_parameters,
    items_of,
    outcome_parameters,
    split_parameters,
)
from journeygraph.backends.neo4j_statistics import ANSWERED, COLUMNS, FOUND, Answer, table_of
from journeygraph.cohorts import limits_of
from journeygraph.errors import InvalidOptionError, UnsupportedByEngineError
from journeygraph.given import mapping_as
from journeygraph.labelling import By
from journeygraph.moments import time_zone
from journeygraph.rules import Rules
from journeygraph.splitting import Split, Unit
from journeygraph.statistics.base import MergeableStatistic, merge
from journeygraph.statistics.finders import Finder
from journeygraph.statistics.funnel import NOBODY

if TYPE_CHECKING:
    import pyarrow as pa

    from journeygraph.backends.opening import EngineOptions
    from journeygraph.journeys import Journeys

__all__ = ["Neo4jEngine", "Neo4jJourneys", "open_with"]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
_Part = TypeVar("_Part")


class Neo4jEngine(Engine):
    """Asks a database that holds the graph of a store's version.

    Parameters
    ----------
    connection
        To the database; closed with the engine.
    version
        Which version it must be; any if not given.
    customers_at_once
        How many customers one transaction looks at: it bounds its time and the server's memory.
    sessions
        Transactions at once: the server works on each with one thread.

    Raises
    ------
    NoGraphToAskError, PushUnderWayError, OtherVersionError
        Where the database does not hold that graph.
    """

    name = "neo4j"

    def __init__(
        self,
        connection: Neo4jConnection,
        version: int | None = None,
        *,
        customers_at_once: int = 20_000,
        sessions: int = 4,
    ) -> None:
        self._connection = connection
        self.customers_at_once = customers_at_once
        self.sessions = sessions
        self._graph = Neo4jGraph(self, connection)
        found = self._graph.described.version
        if version is not None and version != found:
            raise OtherVersionError(connection.database, found, version)

    @property
    def graph(self) -> Neo4jGraph:
        """The customers, names and referrals."""
        return self._graph

    def journeys(self, **options: Any) -> Journeys:
        """A view that the database counts, for the very options of `graph.journeys`."""
        return cast("Journeys", Neo4jJourneys(self._graph, options))

    def is_current(self) -> bool:
        """Whether nobody has pushed another graph meanwhile.

        Raises
        ------
        NoGraphToAskError, PushUnderWayError
            Where there is no whole one.
        """
        return described(self._connection) == self._graph.described

    def in_blocks(self, ask: Callable[[dict[str, int]], _Part]) -> list[_Part]:
        """What `ask` gives for each range of customers, some of them at a time."""
        blocks = self._graph.blocks(self.customers_at_once)
        if len(blocks) == 1:
            return [ask(blocks[0])]
        with ThreadPoolExecutor(min(self.sessions, len(blocks))) as pool:
            return list(pool.map(ask, blocks))

    def close(self) -> None:
        """Close the connection."""
        self._connection.__exit__(None, None, None)


class Neo4jJourneys(EngineJourneys):
    """A view of a graph in a database.

    Parameters
    ----------
    graph
        Of the engine.
    options
        As of `graph.journeys`.

    Raises
    ------
    UnsupportedByEngineError
        Where an option is one that the server does not understand.
    """

    engine: Neo4jEngine
    graph: Neo4jGraph

    def __init__(self, graph: Neo4jGraph, options: Mapping[str, Any]) -> None:
        by_pairs = By(options.get("by", By.TOUCHPOINT)) is By.TOUCHPOINT_AT_CHANNEL
        skeleton = replace(graph.skeleton, pairs=graph.pairs) if by_pairs else graph.skeleton
        super().__init__(graph, options, skeleton)
        self._skeleton = skeleton
        self._until_us = limits_of(self.where, time_zone(self.timezone))[1]
        given = {
            "where.did": self.where.did is not None,
            "where.notDid": self.where.not_did is not None,
            "split.column": self._split is not None and self._split.column is not None,
        }
        for option in self.engine.support.without:
            if given[option]:
                _refuse(option)

    @cached_property
    def _split(self) -> Split | None:
        given = self.options.get("split")
        return None if given is None else mapping_as(Split, given, "split")

    @cached_property
    def _view(self) -> dict[str, Any]:
        """The options as parameters."""
        rules = mapping_as(Rules, self.options.get("rules") or {}, "rules")
        from_us = limits_of(self.where, time_zone(self.timezone))[0]
        return {
            **items_of(self._skeleton, self.by, rules),
            **customer_parameters(self.graph, self.where.customers),
            **interaction_parameters(self._skeleton, self.where, from_us, self._until_us),
            **outcome_parameters(self._skeleton, self.outcome.rule),
            **split_parameters(self._split, unit_is_journey=self.unit is Unit.JOURNEY),
        }

    def _total(self, statistic: MergeableStatistic, options: Mapping[str, Any]) -> pa.Table:
        answer = ANSWERED[statistic.name]
        parts = self._parts(answer, options)
        tables = [table_of(statistic, part) for part in [*parts, answer.always(self, options)]]
        return merge(statistic, tables)

    def _customers(self, finder: Finder, options: Mapping[str, Any]) -> Int64Array:
        if finder.name == NOBODY.name:
            return np.zeros(0, np.int64)
        parts = self._parts(FOUND[finder.name], options)
        return np.sort(self.graph.indexes_of([key for part in parts for [key] in part]))

    def _kept_customers(self) -> BoolArray:
        found = self.graph.in_blocks("population", "customers", view=self._view)
        kept = np.zeros(self.graph.n_customers, np.bool_)
        kept[self.graph.indexes_of([key for [key] in found])] = True
        return kept

    def _parts(self, answer: Answer, options: Mapping[str, Any]) -> list[list[Any]]:
        """The rows of each range of customers."""
        files = ("population", "journeys", *answer.files(options))
        needs = {f"with_{name}": name in answer.needs for name in COLUMNS}
        needs["with_outcomes"] |= self._view["cut_at_outcomes"]
        needs["with_outcomes"] |= self._view["has_outcome"] is not None
        view = {**self._view, **needs}
        asked = answer.parameters(self, options)
        return self.engine.in_blocks(
            lambda block: self.graph.ask(*files, view=view, asked=asked, **block)
        )


def _refuse(option: str) -> None:
    raise UnsupportedByEngineError(
        Neo4jEngine.name,
        f"views with the option {option}",
        "Ask the engine 'local' or 'spark', of the store that was pushed or of one that "
        "`journeygraph neo4j pull` makes; docs/engines.md says what each engine answers.",
    )


def open_with(options: EngineOptions) -> Neo4jEngine:
    """The engine as the options of an engine say.

    Raises
    ------
    InvalidOptionError
        Where no address is given.
    JourneyGraphError
        Where the server cannot be reached, or holds no such graph.
    """
    if options.uri is None:
        raise InvalidOptionError("uri", "nothing", "the address of a server, as neo4j://host:7687")
    settings = Neo4jSettings(
        uri=options.uri,
        user=options.user or "neo4j",
        password=password_from(options.password_file),
        database=options.database,
    )
    connection = Neo4jConnection.open(settings)
    try:
        return Neo4jEngine(connection, options.version)
    except BaseException:
        connection.__exit__(None, None, None)
        raise
