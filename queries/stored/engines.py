"""Who counts: this process, or an engine that has the interactions elsewhere.

What is stored is the same, so that a run may go on where one by another engine stopped. What
changed since the last run is found out here in any case, from the graph of the store.
"""

from __future__ import annotations

from collections.abc import Callable

from journeygraph.backends.base import Engine
from journeygraph.backends.local import LocalEngine
from journeygraph.errors import InvalidOptionError, JourneyGraphError
from journeygraph.graph import JourneyGraph

__all__ = ["ENGINE_NAMES", "Engine", "EngineUnavailableError", "MakeEngine", "engine_named"]

ENGINE_NAMES = ("local", "spark", "neo4j")

MakeEngine = Callable[[JourneyGraph], Engine]
"""Makes an engine that has the data of a graph; `graph.version` says which that is."""


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
    return LocalEngine
