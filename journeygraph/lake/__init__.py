"""The lake: versioned tables in a folder, written so that no crash and no flipped bit goes unseen.

Nothing is imported here, so that `journeygraph --help` does not pay for Delta Lake.
"""

from __future__ import annotations

__all__: list[str] = []
