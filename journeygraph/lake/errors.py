"""What can be wrong with a store, each with the file it is about and the way out."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from journeygraph.errors import JourneyGraphError

__all__ = [
    "DamagedStoreError",
    "EmptyStoreError",
    "NewerStoreError",
    "NotAStoreError",
    "StoreAccessError",
    "StoreBusyError",
    "StoreFullError",
    "StoreNotFoundError",
    "UnfitRowsError",
    "UnknownVersionError",
    "WorkBusyError",
    "reporting_access",
]

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class StoreNotFoundError(JourneyGraphError):
    """There is nothing at the path."""

    code = "STORE_NOT_FOUND"

    def __init__(self, path: Path) -> None:
        super().__init__(
            "There is no store here.",
            f"Load a file first: journeygraph load FILE --store {path}",
            file=path,
        )


class NotAStoreError(JourneyGraphError):
    """What is at the path is something else."""

    code = "NOT_A_STORE"

    def __init__(self, path: Path, found: str) -> None:
        super().__init__(
            f"This is {found}, not a store.",
            "Name the folder of a store (it holds store.json), or a new or empty one to load into.",
            file=path,
        )


class NewerStoreError(JourneyGraphError):
    """A store that a later release has written."""

    code = "NEWER_STORE"

    def __init__(self, path: Path, layout: object, known: int) -> None:
        super().__init__(
            f"This store has layout {layout!r}; this release reads layout {known}.",
            "Install the release of customer-journeygraph that wrote it.",
            file=path,
        )


class DamagedStoreError(JourneyGraphError):
    """A file of the store is missing, cut short or altered."""

    code = "DAMAGED_STORE"

    def __init__(self, file: Path, what: str) -> None:
        super().__init__(
            f"The store is damaged: {what}.",
            "Restore this file from a backup. Nothing was changed, and versions of the store that "
            "do not need the file can still be read (--version).",
            file=file,
        )


class StoreBusyError(JourneyGraphError):
    """Somebody else is writing."""

    code = "STORE_BUSY"

    def __init__(self, path: Path, holder: str, waited_seconds: float) -> None:
        self.holder = holder
        self.waited_seconds = waited_seconds
        super().__init__(
            f"Another program is writing to this store ({holder}); "
            f"waited {waited_seconds:.0f} seconds for it.",
            "Try again when it has finished. Reading is possible meanwhile.",
            file=path,
        )


class WorkBusyError(JourneyGraphError):
    """Somebody else does the same work in this store."""

    code = "WORK_BUSY"

    def __init__(self, path: Path, kind: str, holder: str, waited_seconds: float) -> None:
        super().__init__(
            f"Another {kind} of this store is running ({holder}); "
            f"waited {waited_seconds:.0f} seconds for it.",
            "Try again when it has finished. Nothing was changed.",
            file=path,
        )


class StoreAccessError(JourneyGraphError):
    """The operating system does not let us."""

    code = "STORE_ACCESS"

    def __init__(self, path: Path | str, action: str, reason: str) -> None:
        super().__init__(
            f"The store cannot be {action}: {reason}.",
            "Check who owns the folder and its permissions, or name another folder.",
            file=path,
        )


class StoreFullError(JourneyGraphError):
    """There is no room for what is written."""

    code = "STORE_FULL"

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(
            f"There is no room for what is written: {reason}.",
            "Nothing was changed. Make room on the disk, or raise the quota, and try again.",
            file=path,
        )


class UnknownVersionError(JourneyGraphError):
    """A version that the store does not have, or no longer has."""

    code = "UNKNOWN_VERSION"

    def __init__(self, path: Path, number: int, known: Sequence[int]) -> None:
        shown = f"{known[0]} to {known[-1]}" if len(known) > 1 else f"{known[0]}"
        super().__init__(
            f"version={number} is not a version of this store.",
            f"It has {shown}; journeygraph history --store {path} lists them.",
            file=path,
        )


class EmptyStoreError(JourneyGraphError):
    """A store into which nothing has been loaded."""

    code = "EMPTY_STORE"

    def __init__(self, path: Path) -> None:
        super().__init__(
            "Nothing has been loaded into this store.",
            f"Load a file first: journeygraph load FILE --store {path}",
            file=path,
        )


class UnfitRowsError(JourneyGraphError):
    """Rows that a table cannot hold, or in an order that it cannot keep."""

    code = "UNFIT_ROWS"

    def __init__(self, table: str, what: str) -> None:
        super().__init__(f"The rows do not fit the table {table!r}: {what}.")


@contextmanager
def reporting_access(path: Path, action: str) -> Iterator[None]:
    """Turn what the operating system refuses into an error that says what to do.

    Parameters
    ----------
    path
        What the error names where the operating system names nothing.
    action
        What was tried: "read", "written".
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in _NO_SPACE:
            raise StoreFullError(path, reason) from error
        raise StoreAccessError(error.filename or path, action, reason) from error
