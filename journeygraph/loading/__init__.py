"""Loading: files in, a version of the store out, nothing lost on the way.

`loading.load.load` loads, `loading.store_changes` takes a load out or changes the dictionary,
`loading.quarantine` and `loading.retry` give out rows to be mended and take them back.
Nothing is imported here, so that `journeygraph --help` does not pay for it.
"""

from __future__ import annotations

__all__: list[str] = []
