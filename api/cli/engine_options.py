"""The options that say who counts, and what: the same for every command that asks.

`over_engine` gives a command these options and hands it an `EngineOptions`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from journeygraph.backends.opening import EngineOptions

__all__ = [
    "DatabaseOption",
    "EngineOption",
    "MasterOption",
    "PasswordFileOption",
    "UriOption",
    "UserOption",
    "VersionOption",
    "named_as",
    "options_of",
    "over_engine",
    "with_options_of",
]

VersionOption = Annotated[
    int | None, typer.Option("--version", help="Version of the store; the latest if not given.")
]
EngineOption = Annotated[
    str, typer.Option(help="Who counts: local, spark or neo4j; docs/engines.md.")
]
MasterOption = Annotated[
    str | None, typer.Option(help="Spark's master, as local[4] or spark://host:7077.")
]
UriOption = Annotated[str | None, typer.Option(help="Neo4j's address, as neo4j://host:7687.")]
UserOption = Annotated[str | None, typer.Option(help="Neo4j's user.")]
PasswordFileOption = Annotated[
    Path | None,
    typer.Option(help="File with that user's password; else JOURNEYGRAPH_NEO4J_PASSWORD says it."),
]
DatabaseOption = Annotated[str | None, typer.Option(help="Neo4j's database.")]

_OptionalStore = Annotated[
    Path | None,
    typer.Option("--store", help="Folder of the store; of neo4j and of --table not needed."),
]
_Table = Annotated[
    str | None,
    typer.Option(
        help="Of spark, in the place of a store: interactions, as a folder or pattern of Parquet "
        "files or a folder of Delta Lake."
    ),
]
_Customers = Annotated[
    str | None, typer.Option("--customers", help="Customers and their attributes, beside --table.")
]
_Referrals = Annotated[
    str | None, typer.Option("--referrals", help="Who brought whom, beside --table.")
]
_Dictionary = Annotated[
    Path | None, typer.Option(help="What is known of touchpoints, as YAML, beside --table.")
]
_Currency = Annotated[
    str | None, typer.Option(help="Currency of the amounts, as EUR, beside --table.")
]


@contextmanager
def _options(
    store: _OptionalStore = None,
    version: VersionOption = None,
    engine: EngineOption = "local",
    master: MasterOption = None,
    table: _Table = None,
    customers: _Customers = None,
    referrals: _Referrals = None,
    dictionary: _Dictionary = None,
    currency: _Currency = None,
    uri: UriOption = None,
    user: UserOption = None,
    password_file: PasswordFileOption = None,
    database: DatabaseOption = None,
) -> Iterator[EngineOptions]:
    from journeygraph.backends.opening import EngineOptions

    yield EngineOptions(
        engine=engine, store=store, version=version, master=master, table=table,
        customers=customers, referrals=referrals, dictionary=dictionary, currency=currency,
        uri=uri, user=user, password_file=password_file, database=database,
    )  # fmt: skip


def over_engine(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of an engine; its first parameter takes the `EngineOptions`."""
    return with_options_of(_options, command)


def with_options_of(
    maker: Callable[..., AbstractContextManager[Any]], command: Callable[..., Any]
) -> Callable[..., Any]:
    """A command with the options of a maker and its own.

    Parameters
    ----------
    maker
        Makes of its options what the first parameter of the command takes, for as long as the
        command runs.
    """
    theirs = options_of(maker, 0)
    own = options_of(command, 1)

    def run(**options: Any) -> Any:
        with maker(**{option.name: options.pop(option.name) for option in theirs}) as made:
            return command(made, **options)

    return named_as(command, run, [*theirs, *own])


def named_as(
    command: Callable[..., Any], run: Callable[..., Any], options: list[inspect.Parameter]
) -> Callable[..., Any]:
    """`run` under the command's name, with these options as its signature."""
    run.__name__ = command.__name__
    run.__doc__ = command.__doc__
    run.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]
    run.__annotations__ = {option.name: option.annotation for option in options}
    return run


def options_of(function: Callable[..., Any], begin: int) -> list[inspect.Parameter]:
    """The parameters from one on; what the first one takes may be known to type checkers only."""
    known = inspect.unwrap(function).__globals__
    return [
        parameter.replace(
            kind=inspect.Parameter.KEYWORD_ONLY,
            annotation=eval(parameter.annotation, known)
            if isinstance(parameter.annotation, str)
            else parameter.annotation,
        )
        for parameter in list(inspect.signature(function).parameters.values())[begin:]
    ]
