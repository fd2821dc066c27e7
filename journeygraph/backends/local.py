"""The engine that is this process: a graph in memory, or mapped from the cache of a store."""

from __future__ import annotations

from typing import Any

from journeygraph.backends.base import Engine
from journeygraph.backends.opening import EngineOptions, store_of
from journeygraph.graph import JourneyGraph
from journeygraph.graph_store import open_graph
from journeygraph.journeys import Journeys

__all__ = ["LocalEngine", "open_with"]


class LocalEngine(Engine):
    """Asks a local graph.

    Parameters
    ----------
    graph
        As `journeygraph.open` gives it.
    """

    name = "local"

    def __init__(self, graph: JourneyGraph) -> None:
        self._graph = graph

    @property
    def graph(self) -> JourneyGraph:
        """The graph itself."""
        return self._graph

    def journeys(self, **options: Any) -> Journeys:
        """The journeys of the graph."""
        return self._graph.journeys(**options)


def open_with(options: EngineOptions) -> LocalEngine:
    """The graph of a store, in this process."""
    return LocalEngine(open_graph(store_of(options), options.version))
