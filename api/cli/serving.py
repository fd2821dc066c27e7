"""Commands that answer GraphQL: once, or as a server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.population import StoreOption, VersionOption
from api.cli.tables import say

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("ask")(ask)
    app.command("serve")(serve)
    app.command("schema")(schema)


def ask(
    query: Annotated[str, typer.Argument(help="File with a GraphQL query, or - to read it in.")],
    store: StoreOption,
    version: VersionOption = None,
    variables: Annotated[
        Path | None, typer.Option(help="JSON file with the query's variables.")
    ] = None,
    operation: Annotated[
        str | None, typer.Option(help="Which operation, if the file holds several.")
    ] = None,
) -> None:
    """Answer a GraphQL query and print the JSON response; exit status 1 where it has errors."""
    from api.graphql.ask import answer_file

    response, has_errors = answer_file(query, store, version, variables, operation)
    say(response)
    if has_errors:
        sys.exit(1)


def serve(
    store: StoreOption,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8000,
) -> None:
    """Serve GraphQL at /graphql, with a page to write queries in."""
    from api.server import run

    run(store, host=host, port=port)


def schema() -> None:
    """Print the GraphQL schema."""
    from api.graphql.schema import sdl

    say(sdl().rstrip())
