"""Commands that answer GraphQL: once, or as a server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.engine_options import over_engine
from api.cli.tables import say

if TYPE_CHECKING:
    from journeygraph.backends.opening import EngineOptions

__all__ = ["add_to"]

_Recording = Annotated[
    bool,
    typer.Option("--allow-recording", help="Let mutations record feedback; only read if not."),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("ask")(over_engine(ask))
    app.command("serve")(over_engine(serve))
    app.command("schema")(schema)


def ask(
    options: EngineOptions,
    query: Annotated[str, typer.Argument(help="File with a GraphQL query, or - to read it in.")],
    allow_recording: _Recording = False,
    variables: Annotated[
        Path | None, typer.Option(help="JSON file with the query's variables.")
    ] = None,
    operation: Annotated[
        str | None, typer.Option(help="Which operation, if the file holds several.")
    ] = None,
) -> None:
    """Answer a GraphQL query and print the JSON response; exit status 1 where it has errors."""
    from api.graphql.ask import answer_file

    response, has_errors = answer_file(
        query,
        options.store,
        options.version,
        variables,
        operation,
        options,
        allow_recording=allow_recording,
    )
    say(response)
    if has_errors:
        sys.exit(1)


def serve(
    options: EngineOptions,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8000,
    allow_recording: _Recording = False,
) -> None:
    """Serve GraphQL at /graphql, with a page to write queries in."""
    from api.server import run

    run(options.store, host=host, port=port, engine=options, allow_recording=allow_recording)


def schema() -> None:
    """Print the GraphQL schema."""
    from api.graphql.schema import sdl

    say(sdl().rstrip())
