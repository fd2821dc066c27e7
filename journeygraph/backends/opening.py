"""An engine by its name, with what it needs to be reached; no other engine is imported.

A password is never an option: it is in a file, or in the environment.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from journeygraph.backends.support import ENGINES
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError

if TYPE_CHECKING:
    from journeygraph.backends.base import Engine

__all__ = ["EngineOptions", "needs_store", "open_engine", "store_of"]

_BELONG_TO = {
    "master": "spark",
    "table": "spark",
    "customers": "spark",
    "referrals": "spark",
    "dictionary": "spark",
    "currency": "spark",
    "uri": "neo4j",
    "user": "neo4j",
    "password_file": "neo4j",
    "database": "neo4j",
}
_OF_TABLE = ("customers", "referrals", "dictionary", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """Which engine is asked, and about what.

    Attributes
    ----------
    engine
        One of `ENGINES`.
    store, version
        Of the engines that read a store; the latest version by default. Neo4j needs none.
    master
        Of Spark; all cores of this machine by default.
    table, customers, referrals
        Of Spark, in the place of a store: where interactions are, and customers and referrals.
    dictionary, currency
        Of a table: what is known of touchpoints, as a YAML file, and the currency of amounts.
    uri, user, password_file, database
        Of Neo4j.

    Raises
    ------
    InvalidOptionError
        Where there is no such engine.
    ConflictingOptionsError
        Where an option is given that belongs to another engine, or to a table where there is a
        store.
    """

    engine: str = "local"
    store: Path | None = None
    version: int | None = None
    master: str | None = None
    table: str | None = None
    customers: str | None = None
    referrals: str | None = None
    dictionary: Path | None = None
    currency: str | None = None
    uri: str | None = None
    user: str | None = None
    password_file: Path | None = None
    database: str | None = None

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise InvalidOptionError("engine", self.engine, f"one of {', '.join(ENGINES)}")
        for field in fields(self):
            belongs_to = _BELONG_TO.get(field.name, self.engine)
            if getattr(self, field.name) is not None and belongs_to != self.engine:
                raise ConflictingOptionsError(f"engine {self.engine}", field.name)
        self._check_table()

    def _check_table(self) -> None:
        if self.table is None:
            for name in _OF_TABLE:
                if getattr(self, name) is not None:
                    raise InvalidOptionError(name, getattr(self, name), "an option beside table")
            return
        for name in ("store", "version"):
            if getattr(self, name) is not None:
                raise ConflictingOptionsError("table", name)


def open_engine(options: EngineOptions) -> Engine:
    """The engine, reached.

    Raises
    ------
    JourneyGraphError
        Where it cannot be, or there is no store.
    """
    module = import_module(f"journeygraph.backends.{options.engine}")
    engine: Engine = module.open_with(options)
    return engine


def needs_store(options: EngineOptions) -> bool:
    """Whether the engine reads a store: not where a database or tables of their own are asked."""
    return options.engine == "local" or (options.engine == "spark" and options.table is None)


def store_of(options: EngineOptions) -> Path:
    """The folder of the store.

    Raises
    ------
    InvalidOptionError
        Where none is given.
    """
    if options.store is None:
        told = "the folder of a store"
        if options.engine == "spark":
            told += ", or a table in its place"
        raise InvalidOptionError("store", "nothing", told)
    return options.store
