"""What can be wrong with what the outside hands in: files of queries, variables, addresses."""

from __future__ import annotations

from pathlib import Path

from journeygraph.errors import JourneyGraphError

__all__ = [
    "AddressInUseError",
    "NeedsStoreError",
    "QueryFileError",
    "UnusableAddressError",
    "UnusableSettingError",
    "VariablesFileError",
]


class NeedsStoreError(JourneyGraphError):
    """What only a store has was asked of an engine that reads none."""

    code = "NEEDS_STORE"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} can only be had of a store, and none was named.",
            "Name it beside the engine, with --store, or leave this out.",
        )


class QueryFileError(JourneyGraphError):
    """A file that holds no query."""

    code = "UNREADABLE_QUERY"

    def __init__(self, file: Path | str, what: str, line: int | None = None) -> None:
        super().__init__(
            f"This is no GraphQL query: {what}.",
            "Name a text file in UTF-8 with a query, or - to read one from standard input.",
            file=file,
            line=line,
        )


class VariablesFileError(JourneyGraphError):
    """A file that holds no variables."""

    code = "UNREADABLE_VARIABLES"

    def __init__(self, file: Path | str, what: str, line: int | None = None) -> None:
        super().__init__(
            f"These are no variables: {what}.",
            'Write them as one JSON object, by their names without $: {"first": 10}.',
            file=file,
            line=line,
        )


class AddressInUseError(JourneyGraphError):
    """A port on which somebody else listens."""

    code = "ADDRESS_IN_USE"

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Another program listens on port {port} of {host}.",
            "Stop it, or take another port: --port 0 takes a free one.",
        )


class UnusableAddressError(JourneyGraphError):
    """An address on which this machine cannot listen."""

    code = "UNUSABLE_ADDRESS"

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"Nobody can listen on port {port} of {host!r} here: {reason}.",
            "Take an address of this machine: 127.0.0.1 for itself only, 0.0.0.0 for all networks, "
            "and a port from 1024 to 65535, or 0 for a free one.",
        )


class UnusableSettingError(JourneyGraphError):
    """A setting in the environment that cannot be used."""

    code = "UNUSABLE_SETTING"

    def __init__(self, name: str, given: object, reason: str) -> None:
        super().__init__(f"{name}={given!r} cannot be used: {reason}.", "Mend it, or unset it.")
