"""The web application: the explorer at /, GraphQL at /graphql (GraphiQL in a browser), /health.

Pages of other sites cannot ask: there is no CORS, a query comes as JSON, and what a browser
calls cross-site is refused. `guard` does the rest.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from api.explorer import ExplorerFile, ExplorerNotBuiltError, explorer_files
from api.graphql.execution import Executor, GraphQLResponse, MutationNotHereError
from api.graphql_http import (
    HTML,
    JSON,
    RESPONSE_JSON,
    RefusedRequestError,
    accepted,
    read_query,
)
from api.guard import EDITOR_POLICY, PICTURE_POLICY, Guard, own_names
from api.settings import ServerSettings
from api.snapshots import AbandonedError, Snapshots
from api.workers import BusyError, CallerGoneError, ClosingError, TimeUpError, Work, Workers
from journeygraph.backends.opening import EngineOptions
from journeygraph.errors import JourneyGraphError
from journeygraph.statistics.remembering import StatisticsCache

__all__ = ["application"]

_log = structlog.get_logger("journeygraph.server")
_OWN_SITES = frozenset({"same-origin", "none"})

_FOREVER = "public, max-age=31536000, immutable"  # their names hold a digest of what is in them

_WARM_UP = """{
  store { version attributes { name values(first: 1) { value } } }
  journeys {
    summary { customers }
    commonPaths(first: 1) { units }
    steps: commonPaths(form: STEP_GRID, flows: true, first: 1) { units nodes { medianSeconds } }
    runs: commonPaths(form: NGRAM, length: 2, first: 1) { units }
    transitions(first: 1) { units nodes { medianSeconds } }
    dropOff(first: 1) { units }
    journeyMap(first: 1) { nodes { units } }
    referrals { customers }
  }
}"""


@dataclass(frozen=True, slots=True)
class _Service:
    """What the routes share."""

    snapshots: Snapshots
    executor: Executor
    workers: Workers
    settings: ServerSettings
    explorer: dict[str, ExplorerFile]

    async def graphql(self, request: HttpRequest) -> Response:
        """Answer a query, or give the page to somebody who came with a browser."""
        offers = (JSON, RESPONSE_JSON, HTML) if request.method != "POST" else (JSON, RESPONSE_JSON)
        kind = accepted(request.headers.get("accept"), offers)
        if kind == HTML:
            return self._page(request, "graphiql.html", EDITOR_POLICY)
        try:
            return await self._answer(request, kind)
        except RefusedRequestError as refused:
            return _refusal(refused, kind or JSON)

    async def _answer(self, request: HttpRequest, kind: str | None) -> Response:
        if kind is None:
            message = f"Answers come as {JSON} or {RESPONSE_JSON}."
            raise RefusedRequestError(406, "NOT_ACCEPTABLE", message)
        if request.headers.get("sec-fetch-site", "none") not in _OWN_SITES:
            message = "Pages of other sites cannot ask this server."
            raise RefusedRequestError(403, "CROSS_SITE", message)
        settings = self.settings
        asked = await read_query(request, body_bytes=settings.body_bytes, seconds=settings.seconds)
        context = self.snapshots.request()

        def answer() -> tuple[bytes, bool]:
            response = self.executor.answer(
                asked.query, context, asked.variables, asked.operation,
                may_change=request.method == "POST",
            )  # fmt: skip
            return response.to_bytes(), response.was_executed

        body, was_executed = await self._worked(Work(answer, context.abandon), request)
        return _json(body, 200 if was_executed or kind == JSON else 400, kind)

    async def _worked(
        self, work: Work[tuple[bytes, bool]], request: HttpRequest
    ) -> tuple[bytes, bool]:
        async def gone() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass

        try:
            return await self.workers.run(work, gone)
        except BusyError:
            message = "The server is busy with other queries. Try again in a moment."
            refused = RefusedRequestError(503, "SERVER_BUSY", message, {"retry-after": "5"})
        except (TimeUpError, AbandonedError):
            message = (
                f"There was no answer within {self.settings.seconds:g} seconds. Ask for less at a "
                "time, or of fewer customers; who runs the server can allow more "
                "(JOURNEYGRAPH_SERVER_SECONDS)."
            )
            refused = RefusedRequestError(503, "TIME_LIMIT", message)
        except ClosingError:
            message = "The server is stopping. Ask again when it is back."
            refused = RefusedRequestError(503, "SERVER_STOPS", message, {"connection": "close"})
        except MutationNotHereError:
            message = "A mutation changes something: send it by POST."
            refused = RefusedRequestError(405, "WRONG_METHOD", message, {"allow": "POST"})
        except CallerGoneError:
            refused = RefusedRequestError(499, "CALLER_GONE", "Nobody waits for the answer.")
        raise refused from None

    async def health(self, _request: HttpRequest) -> Response:
        """Whether the store can be read, and which version there is."""
        try:
            version = await run_in_threadpool(self.snapshots.latest_number)
        except JourneyGraphError as error:
            _log.error("store problem", problem=str(error))
            return _json(orjson.dumps({"status": "failing", "code": error.code}), 503)
        return _json(orjson.dumps({"status": "ok", "version": version}), 200)

    async def explore(self, request: HttpRequest) -> Response:
        """The explorer's page."""
        return self._page(request, "index.html", PICTURE_POLICY)

    def _page(self, request: HttpRequest, name: str, policy: Mapping[str, str]) -> Response:
        """One of the pages, or how to get them."""
        found = self.explorer.get(name)
        headers = {"cache-control": "no-cache", **policy}
        return _file(request, found, headers) if found else _not_built()

    async def asset(self, request: HttpRequest) -> Response:
        """One of the files that the explorer's pages load."""
        found = self.explorer.get(f"assets/{request.path_params['name']}")
        if found is None:
            raise HTTPException(404)
        return _file(request, found, {"cache-control": _FOREVER})

    async def report(self, request: HttpRequest) -> Response:
        """The template of reports, which the page fills and saves."""
        return self._page(request, "report.html", PICTURE_POLICY)

    def warm_up(self) -> None:
        """Open the graph and load what the questions are compiled to, before somebody waits."""
        self.executor.answer(_WARM_UP, self.snapshots.request())


def application(
    store: Path | None,
    settings: ServerSettings,
    host: str = "127.0.0.1",
    workers: Workers | None = None,
    engine: EngineOptions | None = None,
) -> ASGIApp:
    """The application over one store, or over what an engine has.

    Parameters
    ----------
    workers
        What answers; made as the settings say if not given.
    host
        The address that it will listen on; one of this machine only has its callers' names for
        it checked.
    engine
        Who counts; this process by default.

    Raises
    ------
    StoreNotFoundError, NotAStoreError, DamagedStoreError
        Where there is no store.
    """
    service = _Service(
        snapshots=Snapshots(
            store,
            statistics=StatisticsCache(settings.cache_bytes),
            engine=engine,
            allow_recording=settings.allow_recording,
        ),
        executor=Executor(),
        workers=workers or Workers.of(settings),
        settings=settings,
        explorer=_explorer(),
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        service.workers.start(service.warm_up)
        yield
        service.workers.close()
        service.snapshots.close()

    app = Starlette(
        routes=[
            Route("/", service.explore, methods=["GET"]),
            Route("/graphql", service.graphql, methods=["GET", "POST"]),
            Route("/report.html", service.report, methods=["GET"]),
            Route("/assets/{name}", service.asset, methods=["GET"]),
            Route("/health", service.health, methods=["GET"]),
        ],
        exception_handlers={HTTPException: _http_problem, Exception: _broken},
        lifespan=lifespan,
    )
    return Guard(app, settings.host_names or own_names(host))


def _explorer() -> dict[str, ExplorerFile]:
    """The explorer's files; none, and a line in the log, where they were never built."""
    try:
        return explorer_files()
    except ExplorerNotBuiltError as error:
        _log.warning("no explorer", problem=str(error))
        return {}


def _not_built() -> Response:
    return Response(f"{ExplorerNotBuiltError()}\n", 503, media_type="text/plain")


def _file(request: HttpRequest, file: ExplorerFile, more: Mapping[str, str]) -> Response:
    headers = {"etag": file.etag, "vary": "Accept", **more}
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)


def _json(
    body: bytes, status: int, kind: str = JSON, headers: Mapping[str, str] | None = None
) -> Response:
    kept = {"cache-control": "no-store", "vary": "Accept", **(headers or {})}
    return Response(body, status, kept, media_type=f"{kind}; charset=utf-8")


def _refusal(refused: RefusedRequestError, kind: str) -> Response:
    body = GraphQLResponse.of_problem(refused.message, refused.code).to_bytes()
    return _json(body, refused.status, JSON if kind == HTML else kind, refused.headers)


def _http_problem(_request: HttpRequest, problem: Exception) -> Response:
    """What the routing itself refuses: no such page, or not in this way."""
    assert isinstance(problem, HTTPException)
    code = {404: "NOT_FOUND", 405: "WRONG_METHOD"}.get(problem.status_code, "BAD_REQUEST")
    body = GraphQLResponse.of_problem(f"{problem.detail}.", code).to_bytes()
    return _json(body, problem.status_code, headers=problem.headers)


def _broken(_request: HttpRequest, _problem: Exception) -> Response:
    body = GraphQLResponse.of_problem("Something went wrong here.", "INTERNAL_ERROR").to_bytes()
    return _json(body, 500)
