"""Where the statistics run: in this process, in Neo4j, or on Spark; the same answers from each.

Nothing is imported before it is asked for: an engine is used by those who have it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from journeygraph.backends.base import Engine, EngineGraph, EngineJourneys
    from journeygraph.backends.opening import EngineOptions, open_engine
    from journeygraph.backends.support import ENGINES, Support

__all__ = [
    "ENGINES",
    "Engine",
    "EngineGraph",
    "EngineJourneys",
    "EngineOptions",
    "Support",
    "open_engine",
]

_HOMES = {
    "ENGINES": "support",
    "Engine": "base",
    "EngineGraph": "base",
    "EngineJourneys": "base",
    "EngineOptions": "opening",
    "Support": "support",
    "open_engine": "opening",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'journeygraph.backends' has no attribute {name!r}")
    return getattr(import_module(f"journeygraph.backends.{_HOMES[name]}"), name)
