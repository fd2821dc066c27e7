"""The engine that is this process: a graph in memory, or mapped from the cache of a store."""

from __future__ import annotations

from typing import Any

from journeygraph.backends.base import Engine
from journeygraph.graph import JourneyGraph
from journeygraph.journeys import Journeys

__all__ = ["LocalEngine"]


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
