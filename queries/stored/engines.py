"""Who counts: this process, or an engine that has the interactions elsewhere.

What is stored is the same, so that a run may go on where one by another engine stopped. What
changed since the last run is found out here in any case, from the graph of the store.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from journeygraph.backends.base import Engine
from journeygraph.backends.local import LocalEngine
from journeygraph.backends.opening import EngineOptions, open_engine
from journeygraph.graph import JourneyGraph

__all__ = ["Engine", "EngineOptions", "MakeEngine", "engine_of"]

MakeEngine = Callable[[JourneyGraph], Engine]
"""Makes an engine that has the data of a graph; `graph.version` says which that is."""


def engine_of(options: EngineOptions) -> MakeEngine:
    """How the engine of these options is made for the graph of a run.

    It is reached when the first part is to be computed, so that a run that finds nothing to do
    needs none.
    """
    if options.engine == "local":
        return LocalEngine  # the run has opened the graph

    def reached(graph: JourneyGraph) -> Engine:
        return open_engine(replace(options, version=graph.version))

    return reached
