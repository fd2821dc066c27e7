"""The connection to a Neo4j server: who, where, how long, and what its failures are called.

Every call of the driver goes through here, so that whatever the server or the network does
becomes one of `neo4j_errors`, and so that a password is in one place only, which no `repr`, log
or message shows.
"""

from __future__ import annotations

import logging
import os
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import neo4j
from neo4j import exceptions

from journeygraph.backends import neo4j_errors as errors
from journeygraph.durations import Duration, parse_duration

__all__ = ["PASSWORD_VARIABLE", "Neo4jConnection", "Neo4jSettings", "Transaction", "password_from"]

PASSWORD_VARIABLE = "JOURNEYGRAPH_NEO4J_PASSWORD"
_OLDEST = (5, 23)  # variables in the parentheses of CALL
_OLDEST_NAME = ".".join(map(str, _OLDEST))
_SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")

# What the driver has to say of a connection becomes an error of ours; it is not for the screen.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

Transaction = neo4j.ManagedTransaction
_Result = TypeVar("_Result")


def password_from(file: Path | None, environment: Mapping[str, str] = os.environ) -> str:
    """The password: of the file where one is named, else of the environment.

    Raises
    ------
    PasswordFileError, NoPasswordError
    """
    if file is not None:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
            raise errors.PasswordFileError(file, reason) from None
        if len(lines) != 1 or not lines[0]:
            raise errors.PasswordFileError(file, f"it has {len(lines)} lines")
        return lines[0]
    if not environment.get(PASSWORD_VARIABLE):
        raise errors.NoPasswordError
    return environment[PASSWORD_VARIABLE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neo4jSettings:
    """Where a server is, and how to get in.

    Parameters
    ----------
    uri
        bolt://, bolt+s://, neo4j:// …; without user or password.
    user, password
        Who; the password is never shown.
    database
        Which of the server's databases; the user's own if None.
    ca
        A file with the certificate of the authority that signed the server's, in place of those
        that the system trusts.
    connect_timeout, transaction_timeout
        How long to wait for a connection, and for one transaction.
    patience
        For how long to try again while the server is away.
    """

    uri: str
    user: str = "neo4j"
    password: str = field(repr=False)
    database: str | None = None
    ca: Path | None = None
    connect_timeout: Duration = "10s"
    transaction_timeout: Duration = "5m"
    patience: Duration = "1m"

    def __post_init__(self) -> None:
        for name in ("connect_timeout", "transaction_timeout", "patience"):
            parse_duration(getattr(self, name), name)
        parts = urlsplit(self.uri)
        if parts.username is not None or parts.password is not None:
            raise errors.BadAddressError(self.address, "user and password do not belong in it")
        if parts.scheme not in _SCHEMES:
            raise errors.BadAddressError(self.uri, f"it begins with none of {', '.join(_SCHEMES)}")
        if not parts.hostname or not _has_port_or_none(self.uri):
            raise errors.BadAddressError(self.uri, "host or port are missing or none")
        if self.ca is not None and not parts.scheme.endswith("+s"):
            raise errors.BadAddressError(self.uri, "an authority (--ca) goes with bolt+s, neo4j+s")
        if self.ca is not None:
            self._check_authority(self.ca)

    def _check_authority(self, file: Path) -> None:
        if not file.is_file():
            raise errors.UntrustedCertificateError(self.address, f"there is no file {file}")
        try:
            ssl.create_default_context(cafile=file)
        except (OSError, ValueError):
            reason = f"{file} holds no certificate in PEM"
            raise errors.UntrustedCertificateError(self.address, reason) from None

    @property
    def address(self) -> str:
        """The address as messages show it."""
        parts = urlsplit(self.uri)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    def seconds(self, name: str) -> float:
        """One of the lengths of time in seconds."""
        return parse_duration(getattr(self, name), name) / 1_000_000


def _has_port_or_none(uri: str) -> bool:
    try:
        return urlsplit(uri).port != 0
    except ValueError:
        return False


class Neo4jConnection:
    """An open connection; a context manager. Made by `open`."""

    def __init__(self, settings: Neo4jSettings, driver: neo4j.Driver) -> None:
        self.settings = settings
        self._driver = driver

    @classmethod
    def open(cls, settings: Neo4jSettings) -> Neo4jConnection:
        """Connect, and look whom we talk to.

        Raises
        ------
        UnreachableError, UntrustedCertificateError, NotNeo4jError, WrongPasswordError,
        UnknownDatabaseError, TooOldServerError
        """
        with _named(settings, is_first=True):
            driver = _driver(settings)
        connection = cls(settings, driver)
        try:
            connection._look()
        except BaseException:
            driver.close()
            raise
        return connection

    def __enter__(self) -> Neo4jConnection:
        return self

    def __exit__(self, *_error: object) -> None:
        self._driver.close()

    @property
    def database(self) -> str:
        """The database as messages show it."""
        name = self.settings.database or "of the user"
        return f"{name} at {self.settings.address}"

    def read(self, query: str, **parameters: Any) -> list[Any]:
        """The rows that a query gives, read in one transaction that is tried again."""

        def work(transaction: Transaction) -> list[Any]:
            return transaction.run(_query(query), parameters).values()

        return self._again(lambda session: session.execute_read(self._unit(work)))

    def stream(self, query: str, **parameters: Any) -> Iterator[neo4j.Record]:
        """The records that a query gives, as the server finds them; not tried again.

        It takes as long as whoever asks takes to read, so only the server's own limit ends it.
        """
        with (
            _named(self.settings),
            self._session(default_access_mode=neo4j.READ_ACCESS, fetch_size=5_000) as session,
            session.begin_transaction() as transaction,
        ):
            yield from transaction.run(_query(query), parameters)

    def write(self, work: Callable[[Transaction], _Result]) -> _Result:
        """Do some work in one transaction, again where it was lost, which it must allow.

        A commit whose answer did not come may have happened: the work has to look what is there.
        """
        return self._again(lambda session: session.execute_write(self._unit(work)))

    def run(self, query: str, **parameters: Any) -> None:
        """Write by one query in a transaction that is tried again."""

        def work(transaction: Transaction) -> None:
            transaction.run(_query(query), parameters).consume()

        self.write(work)

    def _again(self, attempt: Callable[[neo4j.Session], _Result]) -> _Result:
        """What the driver tries again, and also what it does not: a commit without an answer."""
        deadline = time.monotonic() + self.settings.seconds("patience")
        while True:
            try:
                with _named(self.settings), self._session() as session:
                    return attempt(session)
            except errors.ServerStoppedError as error:
                is_open = isinstance(error.__cause__, exceptions.IncompleteCommit)
                if not is_open or time.monotonic() > deadline:
                    raise

    def _session(self, **options: Any) -> neo4j.Session:
        return self._driver.session(database=self.settings.database, **options)

    def _unit(self, work: Callable[[Transaction], _Result]) -> Callable[[Transaction], _Result]:
        timeout = self.settings.seconds("transaction_timeout")
        return neo4j.unit_of_work(timeout=timeout)(work)

    def _look(self) -> None:
        with _named(self.settings, is_first=True):
            agent = self._driver.get_server_info().agent
        found = re.match(r"Neo4j/(\d+)\.(\d+)", agent)
        if found is None:
            raise errors.NotNeo4jError(self.settings.address, f"it calls itself {agent!r}")
        if (int(found[1]), int(found[2])) < _OLDEST:
            version = agent.removeprefix("Neo4j/")
            raise errors.TooOldServerError(self.settings.address, version, _OLDEST_NAME)
        with _named(self.settings, is_first=True), self._session() as session:
            session.run("RETURN 1").consume()


def _query(text: str) -> Any:
    return text


def _driver(settings: Neo4jSettings) -> neo4j.Driver:
    trust: dict[str, Any] = {}
    uri = settings.address
    if settings.ca is not None:
        uri = uri.replace("+s://", "://", 1)
        trust = {"encrypted": True, "trusted_certificates": neo4j.TrustCustomCAs(str(settings.ca))}
    return neo4j.GraphDatabase.driver(
        uri,
        auth=(settings.user, settings.password),
        connection_timeout=settings.seconds("connect_timeout"),
        connection_acquisition_timeout=settings.seconds("connect_timeout") * 2,
        max_transaction_retry_time=settings.seconds("patience"),
        notifications_min_severity="OFF",
        telemetry_disabled=True,
        user_agent="journeygraph",
        **trust,
    )


@contextmanager
def _named(settings: Neo4jSettings, *, is_first: bool = False) -> Iterator[None]:
    """Give the failures of the driver the names of `neo4j_errors`."""
    ours = (OSError, ValueError) if is_first else ()  # a file of authorities, a name of a host
    try:
        yield
    except (exceptions.DriverError, exceptions.Neo4jError, *ours) as error:
        raise _error_of(settings, error, is_first=is_first) from error


def _error_of(settings: Neo4jSettings, error: Exception, *, is_first: bool) -> Exception:
    address = settings.address
    if isinstance(error, exceptions.Neo4jError):
        return _error_of_server(settings, error)
    certificate = _caused_by(error, ssl.SSLCertVerificationError)
    if certificate is not None:
        return errors.UntrustedCertificateError(address, certificate.verify_message.rstrip("."))
    if isinstance(error, exceptions.UnsupportedServerProduct):
        return errors.NotNeo4jError(address, "it says so in the handshake")
    reason = _reason(error)
    if not is_first:
        return errors.ServerStoppedError(address, reason)
    if "otification" in str(error):  # the first thing asked for that old servers do not know
        return errors.TooOldServerError(address, "4 or 5.1", _OLDEST_NAME)
    if _caused_by(error, TimeoutError) is None and _is_no_bolt(error):
        return errors.NotNeo4jError(address, "it does not speak Bolt")
    return errors.UnreachableError(address, reason)


def _error_of_server(settings: Neo4jSettings, error: exceptions.Neo4jError) -> Exception:
    address, code = settings.address, error.code or ""
    if isinstance(error, exceptions.AuthError) or "Security.Auth" in code:
        limited = "RateLimit" in code
        reason = "too many attempts; wait a little" if limited else "user or password are wrong"
        return errors.WrongPasswordError(address, settings.user, reason)
    if code == "Neo.ClientError.Database.DatabaseNotFound":
        return errors.UnknownDatabaseError(address, settings.database or "")
    if "TransactionTimedOut" in code:
        return errors.TimedOutError(address, settings.seconds("transaction_timeout"))
    if isinstance(error, exceptions.TransientError):
        return errors.ServerStoppedError(address, error.message or code)
    message = (error.message or code).splitlines()[0].rstrip(".")
    return errors.RefusedByServerError(address, code, message)


_Cause = TypeVar("_Cause", bound=BaseException)


def _caused_by(error: BaseException | None, kind: type[_Cause]) -> _Cause | None:
    while error is not None:
        if isinstance(error, kind):
            return error
        error = error.__cause__ or error.__context__
    return None


def _is_no_bolt(error: Exception) -> bool:
    """Whether somebody answered, and not in Bolt."""
    text = str(error) + str(error.__cause__ or "")
    signs = ("HTTP", "handshake", "protocol version", "WRONG_VERSION_NUMBER", "wrong version")
    return any(sign in text for sign in signs)


def _reason(error: BaseException) -> str:
    """The innermost reason that says something, on one line."""
    inner = error
    while (cause := inner.__cause__ or inner.__context__) is not None:
        inner = cause
    text = (str(inner) or str(error) or type(error).__name__).splitlines()[0]
    return text.rstrip(".")
