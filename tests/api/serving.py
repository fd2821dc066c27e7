"""A real server on loopback, in a thread of the test."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from api.server import Server
from api.settings import ServerSettings

__all__ = ["serving"]


@contextlib.contextmanager
def serving(store: Path, **settings: Any) -> Iterator[int]:
    """A server in a thread of this process; gives its port."""
    server = Server(store, "127.0.0.1", 0, ServerSettings(**settings))
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield int(server.address.rpartition(":")[2].removesuffix("/graphql"))
    finally:
        server.stop()
        thread.join(20)
        assert not thread.is_alive()
