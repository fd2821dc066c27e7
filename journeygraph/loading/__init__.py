"""Loading files into a store: readers, mapping, checks, quarantine, and the load itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from journeygraph.loading.load import load
    from journeygraph.loading.options import LoadOptions
    from journeygraph.loading.quarantine import export_quarantine
    from journeygraph.loading.report import FileReport, LoadReport, Progress
    from journeygraph.loading.retry import retry_quarantine
    from journeygraph.loading.store_changes import store_dictionary, unload

__all__ = [
    "FileReport",
    "LoadOptions",
    "LoadReport",
    "Progress",
    "export_quarantine",
    "load",
    "retry_quarantine",
    "store_dictionary",
    "unload",
]

_HOMES = {
    "FileReport": "report", "LoadOptions": "options", "LoadReport": "report",
    "Progress": "report", "export_quarantine": "quarantine", "load": "load",
    "retry_quarantine": "retry", "store_dictionary": "store_changes", "unload": "store_changes",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for: `--help` pays for none of them."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
