"""Loading files into a store: readers, mapping, checks, quarantine, and the load itself.

Nothing is imported here, so that `journeygraph --help` pays for none of it, and so that
`journeygraph.loading.load` is the module and nothing else; `journeygraph.load` is the function.
"""

from __future__ import annotations

__all__: list[str] = []
