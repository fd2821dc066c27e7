"""Commands that answer GraphQL: once, or as a server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.population import (
    DatabaseOption,
    EngineOption,
    MasterOption,
    PasswordFileOption,
    StoreOption,
    UriOption,
    UserOption,
    VersionOption,
)
from api.cli.tables import say

__all__ = ["add_to"]

_Recording = Annotated[
    bool,
    typer.Option("--allow-recording", help="Let mutations record feedback; only read if not."),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("ask")(ask)
    app.command("serve")(serve)
    app.command("schema")(schema)


def ask(
    query: Annotated[str, typer.Argument(help="File with a GraphQL query, or - to read it in.")],
    store: StoreOption,
    version: VersionOption = None,
    allow_recording: _Recording = False,
    variables: Annotated[
        Path | None, typer.Option(help="JSON file with the query's variables.")
    ] = None,
    operation: Annotated[
        str | None, typer.Option(help="Which operation, if the file holds several.")
    ] = None,
    engine: EngineOption = "local",
    master: MasterOption = None,
    uri: UriOption = None,
    user: UserOption = None,
    password_file: PasswordFileOption = None,
    database: DatabaseOption = None,
) -> None:
    """Answer a GraphQL query and print the JSON response; exit status 1 where it has errors."""
    from api.graphql.ask import answer_file
    from journeygraph.backends.opening import EngineOptions

    reached_by = EngineOptions(
        engine=engine, store=store, version=version, master=master, uri=uri, user=user,
        password_file=password_file, database=database,
    )  # fmt: skip
    response, has_errors = answer_file(
        query, store, version, variables, operation, reached_by, allow_recording=allow_recording
    )
    say(response)
    if has_errors:
        sys.exit(1)


def serve(
    store: StoreOption,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8000,
    allow_recording: _Recording = False,
    engine: EngineOption = "local",
    master: MasterOption = None,
    uri: UriOption = None,
    user: UserOption = None,
    password_file: PasswordFileOption = None,
    database: DatabaseOption = None,
) -> None:
    """Serve GraphQL at /graphql, with a page to write queries in."""
    from api.server import run
    from journeygraph.backends.opening import EngineOptions

    reached_by = EngineOptions(
        engine=engine, store=store, master=master, uri=uri, user=user,
        password_file=password_file, database=database,
    )  # fmt: skip
    run(store, host=host, port=port, engine=reached_by, allow_recording=allow_recording)


def schema() -> None:
    """Print the GraphQL schema."""
    from api.graphql.schema import sdl

    say(sdl().rstrip())
