"""What can go wrong between us and a Neo4j server; no message ever holds a password."""

from __future__ import annotations

from pathlib import Path

from journeygraph.errors import JourneyGraphError

__all__ = [
    "BadAddressError",
    "BadMappingError",
    "NoPasswordError",
    "NoGraphToPullError",
    "NotNeo4jError",
    "OtherGraphError",
    "OvertakenError",
    "PasswordFileError",
    "RefusedByServerError",
    "ServerStoppedError",
    "TimedOutError",
    "TooOldServerError",
    "UnknownDatabaseError",
    "UnreachableError",
    "UntrustedCertificateError",
    "WrongPasswordError",
]


class BadAddressError(JourneyGraphError):
    """An address that is none of a Neo4j server."""

    code = "NEO4J_BAD_ADDRESS"

    def __init__(self, address: str, what: str) -> None:
        super().__init__(
            f"{address!r} is no address of a Neo4j server: {what}.",
            "Write it as bolt+s://HOST:7687, or neo4j+s:// for a cluster; +ssc takes any "
            "certificate, bolt:// and neo4j:// do without encryption.",
        )


class UnreachableError(JourneyGraphError):
    """Nobody answers at the address."""

    code = "NEO4J_UNREACHABLE"

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            f"No Neo4j server answers at {address}: {reason}.",
            "Check host and port, and whether the server runs and expects TLS.",
        )


class NotNeo4jError(JourneyGraphError):
    """Something else answers."""

    code = "NOT_NEO4J"

    def __init__(self, address: str, what: str) -> None:
        super().__init__(
            f"What answers at {address} is no Neo4j server: {what}.",
            "The port is that of Bolt, 7687 unless the server says otherwise.",
        )


class TooOldServerError(JourneyGraphError):
    """A server that does not know what we ask."""

    code = "NEO4J_TOO_OLD"

    def __init__(self, address: str, version: str, needed: str) -> None:
        super().__init__(
            f"The server at {address} is Neo4j {version}; {needed} or later is needed.",
            "Upgrade it: 5.26 is the release with long-term support.",
        )


class WrongPasswordError(JourneyGraphError):
    """A user and a password that do not belong together."""

    code = "NEO4J_WRONG_PASSWORD"

    def __init__(self, address: str, user: str, reason: str) -> None:
        super().__init__(
            f"The server at {address} does not let {user!r} in: {reason}.",
            "Check --user and JOURNEYGRAPH_NEO4J_PASSWORD, or --password-file.",
        )


class NoPasswordError(JourneyGraphError):
    """No password at all."""

    code = "NEO4J_NO_PASSWORD"

    def __init__(self) -> None:
        super().__init__(
            "No password was given.",
            "Set JOURNEYGRAPH_NEO4J_PASSWORD, or name a file: --password-file FILE.",
        )


class PasswordFileError(JourneyGraphError):
    """A file that holds no password."""

    code = "NEO4J_PASSWORD_FILE"

    def __init__(self, file: Path, what: str) -> None:
        super().__init__(
            f"No password can be read: {what}.", "Name a text file of one line.", file=file
        )


class UnknownDatabaseError(JourneyGraphError):
    """A database that the server does not have."""

    code = "NEO4J_UNKNOWN_DATABASE"

    def __init__(self, address: str, database: str) -> None:
        super().__init__(
            f"The server at {address} has no database {database!r}.",
            "SHOW DATABASES lists those that there are; without --database it is the user's own.",
        )


class UntrustedCertificateError(JourneyGraphError):
    """A certificate that nobody whom we trust has signed, or that is another host's."""

    code = "NEO4J_UNTRUSTED_CERTIFICATE"

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            f"The certificate of {address} is not trusted: {reason}.",
            "Name the authority that signed it with --ca FILE, and the host as the certificate "
            "names it.",
        )


class ServerStoppedError(JourneyGraphError):
    """A server that went away in the middle, and did not come back in time."""

    code = "NEO4J_STOPPED"

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            f"The server at {address} went away: {reason}.",
            "What was acknowledged is there. Start it, and do the same again: it goes on.",
        )


class TimedOutError(JourneyGraphError):
    """A transaction that took too long."""

    code = "NEO4J_TIMED_OUT"

    def __init__(self, address: str, seconds: float) -> None:
        super().__init__(
            f"A transaction on {address} took longer than {seconds:g} seconds.",
            "Give it more time, --transaction-timeout 10m, or let it do less: --batch-rows 1000.",
        )


class RefusedByServerError(JourneyGraphError):
    """Anything else that the server refuses, in its own words."""

    code = "NEO4J_REFUSED"

    def __init__(self, address: str, server_code: str | None, message: str) -> None:
        super().__init__(f"The server at {address} refuses: {message} ({server_code}).")


class OtherGraphError(JourneyGraphError):
    """A database that holds something else than what is pushed."""

    code = "NEO4J_OTHER_GRAPH"

    def __init__(self, database: str, what: str) -> None:
        super().__init__(
            f"The database {database} holds {what}; nothing was changed.",
            "Push into another database, or put this store's graph in its place: --replace.",
        )


class OvertakenError(JourneyGraphError):
    """A push of another version that began later."""

    code = "NEO4J_OVERTAKEN"

    def __init__(self, version: int | None) -> None:
        which = "that replaces the graph" if version is None else f"of version {version}"
        super().__init__(
            f"Another push, {which}, began later and goes on; this one has stopped.",
            "Nothing to do, if that one is wanted; else push this one again when it is done.",
        )


class BadMappingError(JourneyGraphError):
    """A mapping of labels and relationship types that cannot be used."""

    code = "NEO4J_BAD_MAPPING"

    def __init__(self, file: Path, what: str, line: int | None) -> None:
        super().__init__(what, "docs/neo4j.md shows a mapping.", file=file, line=line)


class NoGraphToPullError(JourneyGraphError):
    """A database without a whole graph of ours."""

    code = "NEO4J_NOTHING_TO_PULL"

    def __init__(self, database: str, is_begun: bool) -> None:
        what = "a graph whose push has not ended" if is_begun else "no graph that was pushed"
        super().__init__(
            f"The database {database} holds {what}.",
            "Push again until it is whole."
            if is_begun
            else "Say what its labels and relationship types mean: --mapping FILE.",
        )
