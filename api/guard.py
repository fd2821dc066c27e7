"""What stands before every route: strange names are refused, safe headers go out.

A server that listens for this machine only can be reached by any page in a browser on it, under
a name that the page's owner points here (DNS rebinding). So the name that a request asks for is
compared with those that the machine has for itself. The headers let a page load nothing but
its own files, and let nobody frame it or guess at its types; no page has a script within it.
"""

from __future__ import annotations

import ipaddress

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["EDITOR_POLICY", "PICTURE_POLICY", "Guard", "is_loopback", "own_names"]

_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
PICTURE_POLICY = {"content-security-policy": f"{_POLICY}; img-src 'self' blob:"}
"""Of a page that makes pictures of its own, to save them."""

EDITOR_POLICY = {
    "content-security-policy": (
        f"{_POLICY}; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:"
    )
}
"""Of a page with Monaco, the editor, which colours and places text by styles of its own."""

_SAFE_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(host: str) -> bool:
    """Whether an address or a name is of this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def own_names(host: str) -> frozenset[str] | None:
    """The names under which a server that listens at `host` may be asked; None for all."""
    return _OWN_NAMES | {host.lower()} if is_loopback(host) else None


class Guard:
    """Refuses strange names, and puts the safe headers on every answer.

    Parameters
    ----------
    names
        Those under which the server may be asked; None for all.
    """

    def __init__(self, app: ASGIApp, names: frozenset[str] | None) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        safe = _with_safe_headers(send)
        if self._names is not None and _host_name(scope) not in self._names:
            await _strange_name()(scope, receive, safe)
            return
        await self._app(scope, receive, safe)


def _with_safe_headers(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", ()))
            said = {name.lower() for name, _ in given}
            safe = [(name.encode(), value.encode()) for name, value in _SAFE_HEADERS.items()]
            message["headers"] = given + [(name, value) for name, value in safe if name not in said]
        await send(message)

    return with_headers


def _host_name(scope: Scope) -> str:
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    text = host.decode("latin-1").lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0]


def _strange_name() -> Response:
    message = "This server is not known by that name; JOURNEYGRAPH_SERVER_HOSTS can allow it."
    problem = {"message": message, "extensions": {"code": "UNKNOWN_HOST"}}
    return Response(orjson.dumps({"errors": [problem]}), 421, media_type="application/json")
