"""GraphQL over HTTP: what a request asks, in which form its answer goes out, under which status.

Follows the GraphQL-over-HTTP specification. `application/json` is what old clients understand: a
well-formed request is always answered with 200. With `application/graphql-response+json` the
status says as well whether the query was valid.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

__all__ = [
    "HTML",
    "JSON",
    "RESPONSE_JSON",
    "AskedQuery",
    "RefusedRequestError",
    "accepted",
    "read_query",
]

JSON = "application/json"
RESPONSE_JSON = "application/graphql-response+json"
HTML = "text/html"


class RefusedRequestError(Exception):
    """A request that is not answered."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuery:
    """What a request asks."""

    query: str
    variables: dict[str, Any]
    operation: str | None


def accepted(header: str | None, offers: tuple[str, ...]) -> str | None:
    """The media type in which an answer goes out.

    Parameters
    ----------
    header
        `Accept`, as it came.
    offers
        What there is; the first is taken where anything will do.

    Returns
    -------
    offer
        What is wanted most, the order of the header deciding between equals; None where nothing
        on offer is wanted.
    """
    best: tuple[float, str | None] = (0.0, None)
    for wanted, quality in _ranges(header or "*/*"):
        offer = next((offer for offer in offers if _matches(wanted, offer)), None)
        if offer is not None and quality > best[0]:
            best = (quality, offer)
    return best[1]


def _ranges(header: str) -> list[tuple[str, float]]:
    ranges = []
    for part in header.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        try:
            ranges.append((kind, float(quality)))
        except ValueError:
            ranges.append((kind, 0.0))
    return ranges


def _matches(wanted: str, offer: str) -> bool:
    return wanted in {"*/*", "*", offer, f"{offer.split('/', maxsplit=1)[0]}/*"}


async def read_query(request: Request, *, body_bytes: int, seconds: float) -> AskedQuery:
    """What a request asks.

    Parameters
    ----------
    body_bytes, seconds
        How long it may be, and how long it may take to arrive.

    Raises
    ------
    RefusedRequestError
        Where it asks nothing, or not in the way that it should.
    """
    if request.method == "POST":
        _check_content_type(request.headers.get("content-type", ""))
        return _of_body(await _body(request, body_bytes, seconds))
    if len(request.url.query) > body_bytes:
        raise RefusedRequestError(414, "TOO_LARGE", "The address is too long: use POST.")
    return _of_address(request.query_params)


def _check_content_type(header: str) -> None:
    kind, *parameters = (piece.strip().lower() for piece in header.split(";"))
    charset = next((text[8:].strip('"') for text in parameters if text.startswith("charset=")), "")
    if kind != JSON or charset not in {"", "utf-8", "utf8"}:
        raise RefusedRequestError(
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            "Send the query as JSON, with the header Content-Type: application/json.",
            {"accept-post": JSON},
        )


async def _body(request: Request, body_bytes: int, seconds: float) -> bytes:
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > body_bytes:
        raise _too_large(body_bytes)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > body_bytes:
                    raise _too_large(body_bytes)
    except TimeoutError:
        raise RefusedRequestError(408, "TIME_LIMIT", "The request did not arrive.") from None
    except ClientDisconnect:
        raise RefusedRequestError(400, "BAD_REQUEST", "The request did not arrive.") from None
    return bytes(body)


def _too_large(body_bytes: int) -> RefusedRequestError:
    message = f"The request is too large: {body_bytes:,} bytes are allowed."
    return RefusedRequestError(413, "TOO_LARGE", message, {"connection": "close"})


def _of_body(body: bytes) -> AskedQuery:
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _bad(f"The request is not JSON: {error}.") from None
    if not isinstance(given, dict):
        raise _bad("The request is not a JSON object; queries are sent one by one.")
    return _asked(given)


def _of_address(parameters: Mapping[str, str]) -> AskedQuery:
    given: dict[str, Any] = dict(parameters)
    for name in ("variables", "extensions"):
        if name in given:
            try:
                given[name] = orjson.loads(given[name]) if given[name] else None
            except orjson.JSONDecodeError as error:
                raise _bad(f"`{name}` is not JSON: {error}.") from None
    return _asked(given)


def _asked(given: dict[str, Any]) -> AskedQuery:
    query, operation = given.get("query"), given.get("operationName")
    if not isinstance(query, str):
        raise _bad("There is no `query` in the request, or it is not a text.")
    if operation is not None and not isinstance(operation, str):
        raise _bad("`operationName` is not a text.")
    for name in ("variables", "extensions"):
        if not isinstance(given.get(name), dict | None):
            raise _bad(f"`{name}` is not a JSON object.")
    return AskedQuery(
        query=query, variables=given.get("variables") or {}, operation=operation or None
    )


def _bad(message: str) -> RefusedRequestError:
    return RefusedRequestError(400, "BAD_REQUEST", message)
