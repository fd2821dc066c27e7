"""The server: listens, says where, answers until it is told to stop.

The address is taken before anything else, so that a port in use is a sentence and not a
traceback, and so that port 0 can say which port it became.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType

import uvicorn

from api.application import application
from api.errors import AddressInUseError, UnusableAddressError
from api.guard import is_loopback
from api.logs import log_to_stderr
from api.settings import ServerSettings, read_settings
from api.workers import THREAD_NAMES, Workers
from journeygraph.backends.opening import EngineOptions

__all__ = ["Server", "listen", "run"]

_GRACE_SECONDS = 3
_MOMENT_SECONDS = 0.2
_BACKLOG = 1024
_LAST_PORT = 65_535


def run(
    store: Path | None,
    host: str = "127.0.0.1",
    port: int = 8000,
    engine: EngineOptions | None = None,
    *,
    allow_recording: bool = False,
) -> None:
    """Serve a store until Ctrl-C or SIGTERM.

    Parameters
    ----------
    store
        An existing store; it may be empty. None where the engine needs none.
    host, port
        Where to listen; port 0 takes a free one.
    engine
        Who counts; this process by default.
    allow_recording
        Whether mutations may write to the store, beside what the settings say.

    Raises
    ------
    StoreNotFoundError, NotAStoreError, DamagedStoreError
        Where there is no store.
    AddressInUseError, UnusableAddressError, UnusableSettingError
        Where the server cannot be started as asked.
    """
    log_to_stderr()
    settings = read_settings()
    if allow_recording:
        settings = settings.model_copy(update={"allow_recording": True})
    server = Server(store, host, port, settings, engine)
    sys.stdout.write(f"Open {server.address} in a browser. Ctrl-C stops the server.\n")
    if not is_loopback(host):
        sys.stdout.write(
            f"Note: everybody who can reach this address can read {_what(settings)}; "
            "there is no password.\n"
        )
    sys.stdout.flush()
    _stop_at_sigterm()
    with contextlib.suppress(KeyboardInterrupt, SystemExit):
        server.serve()
    sys.stdout.write("Stopped.\n")
    sys.stdout.flush()
    if server.is_still_answering:
        # what is being recorded is there whole or not at all; joining the threads could take as
        # long as their questions do
        os._exit(0)


def _what(settings: ServerSettings) -> str:
    return "the store and record in it" if settings.allow_recording else "the store"


class Server:
    """A server that listens already, and answers once `serve` is called.

    Parameters
    ----------
    store, host, port, settings, engine
        As of `run`.
    """

    def __init__(
        self,
        store: Path | None,
        host: str,
        port: int,
        settings: ServerSettings,
        engine: EngineOptions | None = None,
    ) -> None:
        workers = Workers.of(settings)
        app = application(store, settings, host, workers, engine)
        self._socket = listen(host, port)
        self._host = host
        config = uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=2 * _GRACE_SECONDS,
        )
        self._server = _Uvicorn(config, workers)

    @property
    def address(self) -> str:
        """Where the page is."""
        host = "127.0.0.1" if self._host in {"", "0.0.0.0", "::"} else self._host
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{self._socket.getsockname()[1]}/graphql"

    @property
    def is_still_answering(self) -> bool:
        """Whether threads are at work that nobody waits for any more."""
        threads = [t for t in threading.enumerate() if t.name.startswith(THREAD_NAMES)]
        for thread in threads:
            thread.join(_MOMENT_SECONDS)  # one that is idle ends at once
        return any(thread.is_alive() for thread in threads)

    def serve(self) -> None:
        """Answer until stopped, and then let what is under way end, for a few seconds."""
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Stop, from another thread."""
        self._server.should_exit = True

    def close(self) -> None:
        """Let the address go, where `serve` was never called."""
        self._socket.close()


class _Uvicorn(uvicorn.Server):
    """Lets what is under way end for a few seconds, and then answers that there is no answer."""

    def __init__(self, config: uvicorn.Config, workers: Workers) -> None:
        super().__init__(config)
        self._workers = workers

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more requests, and wait for those that are there."""
        asyncio.get_running_loop().call_later(_GRACE_SECONDS, self._workers.close)
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises
    ------
    AddressInUseError, UnusableAddressError
    """
    if not 0 <= port <= _LAST_PORT:  # the operating system would take it modulo 65,536
        raise UnusableAddressError(host, port, "there is no such port")
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise UnusableAddressError(host, port, _reason(error)) from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise AddressInUseError(host, port) from error
        raise UnusableAddressError(host, port, _reason(error)) from error
    return listening


def _reason(error: Exception) -> str:
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return said[:1].lower() + said[1:].rstrip(".")


def _stop_at_sigterm() -> None:
    """End by SIGTERM as by Ctrl-C: uvicorn hands the signal on when it has finished."""

    def leave(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
