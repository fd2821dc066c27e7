"""The query page: plain HTML, CSS and JavaScript of our own, and nothing from outside.

It uses nothing but the public GraphQL API, so that whatever it can show, a program can ask.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files

__all__ = ["PageFile", "page_files"]

_MEDIA_TYPES = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file of the page, as it goes out."""

    content: bytes
    media_type: str

    @property
    def etag(self) -> str:
        """What tells one content from another."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'


def page_files() -> dict[str, PageFile]:
    """The files of the page by their names."""
    found = {}
    for path in files(__name__).iterdir():
        media_type = _MEDIA_TYPES.get(path.name.rpartition(".")[2])
        if media_type is not None:
            found[path.name] = PageFile(path.read_bytes(), media_type)
    return found
