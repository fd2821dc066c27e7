"""Where the statistics run: in this process, in Neo4j, or on Spark; the same answers from each.

`open_engine` gives an engine by its name; nothing of another engine is imported.
"""

from __future__ import annotations

from journeygraph.backends.base import Engine, EngineGraph, EngineJourneys
from journeygraph.backends.support import ENGINES, Support

__all__ = ["ENGINES", "Engine", "EngineGraph", "EngineJourneys", "Support"]
