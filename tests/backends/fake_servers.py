"""Servers on loopback that are no Neo4j, an old one, or stand between us and one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

__all__ = ["cutting_proxy", "old_neo4j", "serving"]

Handle = Callable[[socket.socket], None]
_COMMIT = bytes.fromhex("0002b0120000")


@contextmanager
def serving(handle: Handle) -> Iterator[int]:
    """Handle each connection in a thread of its own; the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=_handled, args=(handle, client), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def _handled(handle: Handle, client: socket.socket) -> None:
    with client, suppress(OSError):
        handle(client)


def old_neo4j(client: socket.socket) -> None:
    """Speaks Bolt 4.4 as Neo4j 4.4 does, as far as saying who it is."""
    client.recv(20)
    client.sendall(bytes.fromhex("00000404"))
    facts = b"\xa2\x86server\x8cNeo4j/4.4.40\x8dconnection_id\x86bolt-1"
    answer = b"\xb1\x70" + facts
    while client.recv(65_536):
        client.sendall(len(answer).to_bytes(2, "big") + answer + b"\x00\x00")


@contextmanager
def cutting_proxy(port: int, cut_at: set[int]) -> Iterator[int]:
    """Pass everything on to a port; lose the answer to the commits of these numbers, from 1."""
    commits = iter(range(1, 1_000_000))

    def handle(client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as server:
            back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
            back.start()
            while piece := client.recv(65_536):
                if _COMMIT in piece and next(commits) in cut_at:
                    client.shutdown(socket.SHUT_RDWR)  # the answer finds nobody
                    server.sendall(piece)
                    back.join(10)
                    return
                server.sendall(piece)

    with serving(handle) as proxy_port:
        yield proxy_port


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536):
            with suppress(OSError):
                target.sendall(piece)
