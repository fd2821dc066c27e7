"""Commands that write a graph into Neo4j and load one from there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.engine_options import VersionOption
from api.cli.population import StoreOption, pair
from api.cli.stores import print_report
from api.cli.tables import count, print_table, say

if TYPE_CHECKING:
    from journeygraph.backends.neo4j_connection import Neo4jConnection

__all__ = ["add_to"]

_Uri = Annotated[
    str, typer.Option(help="Address: bolt+s://HOST:7687 with TLS, bolt://HOST:7687 without.")
]
_User = Annotated[str, typer.Option(help="User of the server.")]
_Database = Annotated[
    str | None, typer.Option(help="Database of the server; the user's own if not given.")
]
_PasswordFile = Annotated[
    Path | None,
    typer.Option(help="File with the password; else JOURNEYGRAPH_NEO4J_PASSWORD has it."),
]
_Ca = Annotated[
    Path | None,
    typer.Option("--ca", help="Certificate of the authority that signed the server's (PEM)."),
]
_ConnectTimeout = Annotated[str, typer.Option(help="How long to wait for a connection.")]
_TransactionTimeout = Annotated[str, typer.Option(help="How long one transaction may take.")]
_Patience = Annotated[str, typer.Option(help="How long to try again while the server is away.")]

neo4j = typer.Typer(
    help="Write a store's graph into Neo4j, and load a graph from there.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(neo4j, name="neo4j")


@neo4j.command("push")
def push(
    store: StoreOption,
    uri: _Uri,
    version: VersionOption = None,
    user: _User = "neo4j",
    database: _Database = None,
    password_file: _PasswordFile = None,
    ca: _Ca = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take out another store's graph first.")
    ] = False,
    batch_rows: Annotated[
        int, typer.Option(help="Interactions that one transaction writes.", min=1)
    ] = 5_000,
    connect_timeout: _ConnectTimeout = "10s",
    transaction_timeout: _TransactionTimeout = "5m",
    patience: _Patience = "1m",
) -> None:
    """Make the graph in a database that of a version of a store, by what differs."""
    from journeygraph.backends.neo4j_push import push as push_graph

    with (
        _connected(
            uri, user, database, password_file, ca, connect_timeout, transaction_timeout, patience
        ) as connection,
        _bar("Pushing") as tell,
    ):
        report = push_graph(
            store,
            connection,
            version=version,
            replace=replace,
            batch_rows=batch_rows,
            progress=lambda told: tell(told.rows, told.rows_total),
        )
    if report.is_unchanged:
        say(f"Nothing to do: the graph is version {report.version} already.")
        return
    rows = [[what, count(n)] for what, n in sorted(report.changes.items()) if n]
    rows.append(["interactions per second", count(round(report.rows_per_second))])
    print_table(f"The graph is version {report.version} now", ["what", "count"], rows)


@neo4j.command("pull")
def pull(
    store: StoreOption,
    uri: _Uri,
    mapping: Annotated[
        Path | None,
        typer.Option(help="YAML file: what labels and relationship types mean; ours if not given."),
    ] = None,
    user: _User = "neo4j",
    database: _Database = None,
    password_file: _PasswordFile = None,
    ca: _Ca = None,
    timezone: Annotated[str, typer.Option(help="Zone of times that name none.")] = "UTC",
    time_unit: Annotated[
        str | None, typer.Option(help="Unit of epochs: s, ms, us or ns; recognised if not given.")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of the store, as EUR.")] = None,
    scale: Annotated[
        list[str] | None,
        typer.Option(help="Scale of a rating, as experience=stars or emotion=0..10; repeatable."),
    ] = None,
    connect_timeout: _ConnectTimeout = "10s",
    transaction_timeout: _TransactionTimeout = "5m",
    patience: _Patience = "1m",
) -> None:
    """Load a graph from a database into a store, through the checks that files go through."""
    from journeygraph.backends.neo4j_pull import pull as pull_graph
    from journeygraph.loading.options import LoadOptions

    options = LoadOptions(
        timezone=timezone,
        time_unit=time_unit,
        currency=currency,
        scales=dict(pair("--scale", text) for text in scale or ()),
    )
    with (
        _connected(
            uri, user, database, password_file, ca, connect_timeout, transaction_timeout, patience
        ) as connection,
        _bar("Pulling") as tell,
    ):
        reports = pull_graph(
            store,
            connection,
            mapping=mapping,
            options=options,
            progress=lambda told: tell(told.rows, None),
        )
    for table, report in reports.items():
        say(f"{table}:")
        print_report(report, store)


@contextmanager
def _connected(
    uri: str,
    user: str,
    database: str | None,
    password_file: Path | None,
    ca: Path | None,
    connect_timeout: str,
    transaction_timeout: str,
    patience: str,
) -> Iterator[Neo4jConnection]:
    from journeygraph.backends.neo4j_connection import (
        Neo4jConnection,
        Neo4jSettings,
        password_from,
    )

    settings = Neo4jSettings(
        uri=uri,
        user=user,
        password=password_from(password_file),
        database=database,
        ca=ca,
        connect_timeout=connect_timeout,
        transaction_timeout=transaction_timeout,
        patience=patience,
    )
    with Neo4jConnection.open(settings) as connection:
        yield connection


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """Give what rows are told to; nothing is shown where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda _rows, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,} rows"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda rows, total: bar.update(task, completed=rows, total=total)
