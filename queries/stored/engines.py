"""Who counts: this process, or an engine that has the interactions elsewhere.

What is stored is the same, so that a run may go on where one by another engine stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from journeygraph.errors import InvalidOptionError, JourneyGraphError

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph
    from journeygraph.journeys import Journeys

__all__ = ["ENGINE_NAMES", "Engine", "EngineUnavailableError", "MakeEngine", "engine_named"]

ENGINE_NAMES = ("local", "spark", "neo4j")


class Engine(Protocol):
    """What is asked for journeys."""

    def journeys(self, **options: Any) -> Journeys:
        """The same as `graph.journeys`."""
        ...


MakeEngine = Callable[["JourneyGraph"], Engine]
"""Makes an engine that has the data of a graph."""


class _Local:
    """The graph itself is asked."""

    def __init__(self, graph: JourneyGraph) -> None:
        self._graph = graph

    def journeys(self, **options: Any) -> Journeys:
        """The graph's journeys."""
        return self._graph.journeys(**options)


class EngineUnavailableError(JourneyGraphError):
    """An engine that is not there."""

    code = "ENGINE_UNAVAILABLE"

    def __init__(self, engine: str, reason: str) -> None:
        super().__init__(
            f"The engine {engine!r} is not available: {reason}.",
            "Nothing was changed. Take the engine 'local', which needs nothing else.",
        )


def engine_named(name: str) -> MakeEngine:
    """How an engine is made.

    Raises
    ------
    InvalidOptionError
        Where there is no engine of this name.
    EngineUnavailableError
        Where there is one, but not here.
    """
    if name not in ENGINE_NAMES:
        raise InvalidOptionError("engine", name, "local, spark or neo4j")
    if name != "local":
        raise EngineUnavailableError(name, "this release computes stored statistics locally")
    return _Local
