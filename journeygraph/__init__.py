"""A graph-based customer journey analysis engine.

>>> import journeygraph
>>> graph = journeygraph.open("store")          # or journeygraph.from_pandas(interactions)
>>> journeys = graph.journeys(by="channel")

The names below are imported when they are first used, so that `import journeygraph` and the
command's `--help` cost nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from journeygraph.frames import from_pandas
    from journeygraph.graph import JourneyGraph
    from journeygraph.graph_store import open_graph as open  # noqa: A004
    from journeygraph.loading.load import load

__all__ = ["JourneyGraph", "__version__", "from_pandas", "load", "open"]

__version__: str

_HOMES = {
    "JourneyGraph": ("journeygraph.graph", "JourneyGraph"),
    "from_pandas": ("journeygraph.frames", "from_pandas"),
    "load": ("journeygraph.loading.load", "load"),
    "open": ("journeygraph.graph_store", "open_graph"),
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        found: Any = version("customer-journeygraph")
    elif name in _HOMES:
        module, attribute = _HOMES[name]
        found = getattr(import_module(module), attribute)
    else:
        raise AttributeError(f"module 'journeygraph' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
