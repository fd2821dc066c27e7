"""The explorer: the built pages and figures, by name.

Their sources are TypeScript in `web/`; `make explorer` builds them into `built/`, which the wheel
carries. They use nothing but the public GraphQL API, so that whatever they show, a program can ask.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from journeygraph.errors import JourneyGraphError

__all__ = ["BUILT", "ExplorerFile", "ExplorerNotBuiltError", "explorer_files"]

BUILT = Path(__file__).parent / "built"

_MEDIA_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".woff2": "font/woff2",
}


class ExplorerNotBuiltError(JourneyGraphError):
    """The pages were never built from their sources."""

    code = "EXPLORER_NOT_BUILT"

    def __init__(self) -> None:
        super().__init__(
            "The explorer has not been built here.",
            "Run `make explorer` in the project's folder, or install the wheel, which carries it.",
        )


@dataclass(frozen=True)
class ExplorerFile:
    """A built file, as it goes out."""

    path: Path
    media_type: str

    @cached_property
    def content(self) -> bytes:
        """What it holds; read once."""
        return self.path.read_bytes()

    @cached_property
    def etag(self) -> str:
        """What tells one content from another."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'


def explorer_files(folder: Path = BUILT) -> dict[str, ExplorerFile]:
    """The built files by their paths in the folder, with slashes.

    Raises
    ------
    ExplorerNotBuiltError
        Where there is no page.
    """
    if not (folder / "index.html").is_file():
        raise ExplorerNotBuiltError
    return {
        path.relative_to(folder).as_posix(): ExplorerFile(path, _MEDIA_TYPES[path.suffix])
        for path in sorted(folder.rglob("*"))
        if path.suffix in _MEDIA_TYPES
    }
