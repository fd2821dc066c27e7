"""Why a file, or a wish about it, is refused; each with the place and the way out.

A row that cannot be taken is no error: it is quarantined (see `loading.rejects`). These errors
refuse a whole file, and with it the whole load: nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from journeygraph.errors import JourneyGraphError, near_misses

__all__ = [
    "AmbiguousColumnsError",
    "BadDictionaryError",
    "BadMappingFileError",
    "BinaryFileError",
    "CurrencyMismatchError",
    "DamagedFileError",
    "DuplicateColumnsError",
    "EmptyFileError",
    "EncodingError",
    "IsFolderError",
    "MappedColumnError",
    "MissingColumnsError",
    "MissingFileError",
    "NoHeaderError",
    "NoRowsError",
    "NotAQuarantineFileError",
    "UnknownLoadError",
    "UnknownTargetError",
    "UnreadableFileError",
    "UnsafeXmlError",
    "WrongFormatError",
]

_FORMATS = "CSV, Parquet, JSON Lines or XES"


def _listed(names: Iterable[str], at_most: int = 40) -> str:
    """Names in quotes, cut where they are many."""
    every = list(names)
    shown = ", ".join(repr(name) for name in every[:at_most])
    return f"{shown}, … ({len(every)} in all)" if len(every) > at_most else shown


def _near(word: str, known: Sequence[str]) -> str:
    near = near_misses(word, known)
    return f"Did you mean {' or '.join(repr(name) for name in near)}? " if near else ""


class MissingFileError(JourneyGraphError):
    """There is no such file."""

    code = "FILE_NOT_FOUND"

    def __init__(self, path: Path, neighbours: Sequence[str]) -> None:
        near = _near(path.name, neighbours).strip()
        super().__init__("There is no such file.", near or "Check the path.", file=path)


class IsFolderError(JourneyGraphError):
    """A folder where a file is expected."""

    code = "IS_FOLDER"

    def __init__(self, path: Path, found: Sequence[str]) -> None:
        inside = f"It holds {_listed(found, 5)}." if found else "It is empty."
        super().__init__("This is a folder, not a file.", f"Name files. {inside}", file=path)


class UnreadableFileError(JourneyGraphError):
    """A file that the operating system does not let us read."""

    code = "UNREADABLE_FILE"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The file cannot be read: {reason}.",
            "Check its permissions, and that it is a plain file.",
            file=path,
        )


class EmptyFileError(JourneyGraphError):
    """A file without content."""

    code = "EMPTY_FILE"

    def __init__(self, path: Path) -> None:
        super().__init__("The file is empty.", "Was the export cut short?", file=path)


class NoRowsError(JourneyGraphError):
    """A file with column names but without rows."""

    code = "NO_ROWS"

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        found = f"It has the columns {_listed(columns)}." if columns else ""
        super().__init__("The file has no rows.", f"{found} Was the export cut short?", file=path)


class BinaryFileError(JourneyGraphError):
    """A file that is neither text nor a format that is read."""

    code = "BINARY_FILE"

    def __init__(self, path: Path) -> None:
        super().__init__(
            "This is a binary file of a format that is not read.",
            f"Export the data as {_FORMATS}.",
            file=path,
        )


class WrongFormatError(JourneyGraphError):
    """A known format that is not read, or a name that promises another."""

    code = "WRONG_FORMAT"

    def __init__(self, path: Path, problem: str, remedy: str = "", line: int | None = None) -> None:
        remedy = remedy or f"Export the data as {_FORMATS}."
        super().__init__(problem, remedy, file=path, line=line)


class DamagedFileError(JourneyGraphError):
    """A file that is cut short or altered."""

    code = "DAMAGED_FILE"

    def __init__(self, path: Path, what: str, line: int | None = None) -> None:
        super().__init__(
            f"The file is damaged: {what}.",
            "Nothing of it was loaded. Fetch or export it again.",
            file=path,
            line=line,
        )


class UnsafeXmlError(JourneyGraphError):
    """XML with a document type or entities of its own."""

    code = "UNSAFE_XML"

    def __init__(self, path: Path) -> None:
        super().__init__(
            "The file declares a document type or entities, which can read other files or fill "
            "the memory.",
            "Remove the <!DOCTYPE …> declaration: event logs need none.",
            file=path,
        )


class EncodingError(JourneyGraphError):
    """Text in another encoding."""

    code = "WRONG_ENCODING"

    def __init__(self, path: Path, encoding: str, found: bytes, line: int | None) -> None:
        super().__init__(
            f"The text is not {encoding.upper()}: {found!r} cannot be read.",
            "Say which encoding it has: --encoding latin-1 or --encoding cp1252 for most files "
            "from Windows, --encoding utf-16 for some from Excel.",
            file=path,
            line=line,
        )


class DuplicateColumnsError(JourneyGraphError):
    """Two columns of one name."""

    code = "DUPLICATE_COLUMNS"

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        super().__init__(
            f"More than one column is called {_listed(names)}.",
            "Rename one of them, so that it is clear which is meant.",
            file=path,
            line=1,
        )


class NoHeaderError(JourneyGraphError):
    """A first line that is data where the names should stand."""

    code = "NO_HEADER"

    def __init__(self, path: Path, cells: Sequence[str], looks: str) -> None:
        super().__init__(
            f"The first line does not name the columns: {looks} Found {_listed(cells)}.",
            "Put a line with the names in front, or name the columns in order: "
            "--columns customer,touchpoint,at",
            file=path,
            line=1,
        )


class MissingColumnsError(JourneyGraphError):
    """Columns that a table needs and nobody can find in the file."""

    code = "MISSING_COLUMNS"

    def __init__(
        self,
        path: Path,
        table: str,
        missing: Sequence[str],
        columns: Sequence[str],
        near: Mapping[str, str],
    ) -> None:
        example = " ".join(f"{name}={near.get(name, 'COLUMN')}" for name in missing)
        meant = f"Did you mean {_listed(near.values())}? " if near else ""
        nobody = "; or --map referrer= if nobody knows who brought them" * ("referrer" in missing)
        super().__init__(
            f"For the table {table!r} it is not clear which column holds {_listed(missing)}. "
            f"Found are {_listed(columns)}.",
            f"{meant}Name them: --map {example}{nobody}",
            file=path,
        )


class AmbiguousColumnsError(JourneyGraphError):
    """Two columns whose names say the same."""

    code = "AMBIGUOUS_COLUMNS"

    def __init__(self, path: Path, target: str, columns: Sequence[str]) -> None:
        super().__init__(
            f"Each of {_listed(columns)} may hold {target!r}.",
            f"Name the right one: --map {target}={columns[0]}",
            file=path,
        )


class UnknownTargetError(JourneyGraphError):
    """A mapping to a column that the table does not have."""

    code = "UNKNOWN_TARGET"

    def __init__(self, table: str, target: str, known: Sequence[str]) -> None:
        super().__init__(
            f"The table {table!r} has no column {target!r} to map to.",
            f"{_near(target, known)}It has {_listed(known)}. Write --map OURS=YOURS.",
        )


class MappedColumnError(JourneyGraphError):
    """A mapping from a column that the file does not have."""

    code = "MAPPED_COLUMN_NOT_FOUND"

    def __init__(self, path: Path, option: str, column: str, columns: Sequence[str]) -> None:
        super().__init__(
            f"{option} names the column {column!r}, which the file does not have.",
            f"{_near(column, columns)}Found are {_listed(columns)}.",
            file=path,
        )


class BadMappingFileError(JourneyGraphError):
    """A mapping file that cannot be read."""

    code = "BAD_MAPPING_FILE"

    def __init__(self, path: Path, problem: str, line: int | None = None) -> None:
        super().__init__(
            problem,
            "A mapping file is YAML or JSON with one line for each column: customer: user_id",
            file=path,
            line=line,
        )


class CurrencyMismatchError(JourneyGraphError):
    """Another currency, or another number of decimals, than the store's."""

    code = "CURRENCY_MISMATCH"

    def __init__(self, option: str, given: object, of_store: object) -> None:
        super().__init__(
            f"{option}={given!r} was asked for, but the store has {of_store!r}.",
            "A store has one currency and one number of decimals, set by the first load with "
            "money. Convert the amounts, or load them into a store of their own.",
        )


class BadDictionaryError(JourneyGraphError):
    """A touchpoint dictionary that cannot be read."""

    code = "BAD_DICTIONARY"

    def __init__(self, path: Path, problem: str, remedy: str = "", line: int | None = None) -> None:
        remedy = remedy or "Write: pricing page: {stage: comparison, channel: web}"
        super().__init__(problem, remedy, file=path, line=line)


class UnknownLoadError(JourneyGraphError):
    """A load that the store does not have, or no longer has."""

    code = "UNKNOWN_LOAD"

    def __init__(self, path: Path, load: int, known: Sequence[int]) -> None:
        has = f"It has {', '.join(str(number) for number in known)}" if known else "It has none"
        super().__init__(
            f"load={load} is not a load of this store.",
            f"{has}; journeygraph history --store {path} lists them.",
            file=path,
        )


class NotAQuarantineFileError(JourneyGraphError):
    """A file that `quarantine export` did not write."""

    code = "NOT_A_QUARANTINE_FILE"

    def __init__(self, path: Path, missing: Sequence[str], line: int | None = None) -> None:
        super().__init__(
            f"The columns {_listed(missing)} say which row is which; here they are missing or "
            "hold no number.",
            "Mend a file that `journeygraph quarantine export` wrote and leave the columns whose "
            "names begin with '_' as they are. Load new rows with `journeygraph load`.",
            file=path,
            line=line,
        )
