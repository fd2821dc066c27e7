"""What can be wrong with tables that somebody gives to Spark; nothing of them is left out."""

from __future__ import annotations

from collections.abc import Sequence

from journeygraph.errors import JourneyGraphError

__all__ = [
    "RefusedTableError",
    "TableNotReadableError",
    "TiedRowsError",
    "TooManyNamesError",
    "UnusableTableError",
]


class UnusableTableError(JourneyGraphError):
    """Columns that are not those of a table of ours."""

    code = "UNUSABLE_TABLE"

    def __init__(self, table: str, what: str, remedy: str) -> None:
        super().__init__(f"The table of {table} {what}.", remedy)


class RefusedTableError(JourneyGraphError):
    """Rows that cannot be taken; a table, unlike a file that is loaded, has no quarantine."""

    code = "REFUSED_ROWS"

    def __init__(self, table: str, n_rows: int, reasons: Sequence[str]) -> None:
        shown = "".join(f"\n  {reason}" for reason in reasons)
        super().__init__(
            f"Of the {n_rows:,} rows of the table of {table} some cannot be taken:{shown}",
            "Mend them, or leave them out by a condition of your own; `journeygraph load` would "
            "keep them aside in quarantine.",
        )


class TiedRowsError(JourneyGraphError):
    """Rows whose order nothing tells."""

    code = "TIED_ROWS"

    def __init__(self, table: str, n_rows: int, keys: Sequence[str]) -> None:
        super().__init__(
            f"{n_rows:,} rows of the table of {table} have the same {', '.join(keys)} as another "
            "one, so that their order would be one of chance.",
            "Add a column `arrival` of whole numbers that says in which order such rows came, "
            "or, of interactions, `sequence`.",
        )


class TooManyNamesError(JourneyGraphError):
    """More names than the driver should hold."""

    code = "TOO_MANY_NAMES"

    def __init__(self, columns: Sequence[str], at_most: int) -> None:
        super().__init__(
            f"The columns {', '.join(columns)} have more than {at_most:,} different texts "
            "together; names of touchpoints, channels and teams are few.",
            "Take a column with fewer, or make names of them: 'product page' instead of an "
            "address with a number in it.",
        )


class TableNotReadableError(JourneyGraphError):
    """A path at which Spark finds no table."""

    code = "TABLE_NOT_READABLE"

    def __init__(self, path: str, reason: str, remedy: str = "") -> None:
        super().__init__(
            f"The table at {path} cannot be read: {reason}.",
            remedy or "Name a folder or a pattern of Parquet files, or a folder of Delta Lake.",
        )
