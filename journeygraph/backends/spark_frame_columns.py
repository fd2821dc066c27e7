"""Columns as people keep them, as expressions of Spark that give them as a store does.

Times become microseconds, amounts minor units, ratings thousandths, by the same rules as loading
has, and beside each stands which rows cannot be taken. Names and words stay texts here: their
codes come from the few that there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from journeygraph.backends.spark_frame_errors import UnusableTableError
from journeygraph.schema import Column, Kind, Table

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

__all__ = [
    "ARRIVAL_COLUMN",
    "ReadColumn",
    "check_columns",
    "properties_of",
    "quoted",
    "read_column",
]

ARRIVAL_COLUMN = "arrival"
"""A column that says in which order rows came; no property."""

_NOT_BLANK = r"(?U)[^\s\x1c-\x1f]"
_LARGEST_AMOUNT = 2**53  # as `loading.amounts` has it
_MOST_DIGITS = 18
_EXACT_FLOAT = 2.0**63


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column as a store has it, and by reason which rows cannot be taken."""

    value: Expression
    flaws: Mapping[str, Expression] = field(default_factory=dict)


def check_columns(frame: DataFrame, table: Table) -> None:
    """Refuse a table that lacks a column, or has one twice.

    Raises
    ------
    UnusableTableError
    """
    for name in frame.columns:
        if [other.casefold() for other in frame.columns].count(name.casefold()) > 1:
            raise UnusableTableError(
                table.name,
                f"has the column {name!r} twice, upper and lower case being the same to Spark",
                "Rename or drop one of the two.",
            )
    for column in table.columns:
        if column.required and column.name not in frame.columns:
            raise UnusableTableError(
                table.name,
                f"has no column {column.name!r}: {column.meaning.rstrip('.').lower()}",
                f"Rename theirs, as frame.withColumnRenamed('…', '{column.name}'); there are "
                f"{', '.join(frame.columns) or 'none'}.",
            )


def quoted(name: str) -> str:
    """A name in which no sign means anything."""
    return "`" + name.replace("`", "``") + "`"


def read_column(frame: DataFrame, table: Table, column: Column, exponent: int) -> ReadColumn:
    """A column of a table, null in every row where the frame does not have it.

    Raises
    ------
    UnusableTableError
        Where its type cannot be read as such a column.
    """
    from pyspark.sql import functions as f

    if column.name not in frame.columns:
        return ReadColumn(f.lit(None))
    kind = frame.schema[column.name].dataType
    given = f.col(quoted(column.name))
    try:
        read = _read(column, given, kind, exponent)
    except _OtherTypeError as other:
        raise UnusableTableError(
            table.name,
            f"has {kind.simpleString()} in the column {column.name!r}, which takes {other}",
            f"Cast it, or rename it if it is another thing than {column.name!r}.",
        ) from None
    if not column.required:
        return read
    return ReadColumn(read.value, {"is missing": read.value.isNull(), **read.flaws})


class _OtherTypeError(Exception):
    """Says which types there may be."""


def _read(column: Column, given: Expression, kind: Any, exponent: int) -> ReadColumn:
    if column.kind is Kind.TIME:
        return ReadColumn(_micros(given, kind))
    if column.kind is Kind.MONEY:
        return _amount(given, kind, exponent)
    if column.kind is Kind.SCALE:
        return _rating(given, kind)
    if column.kind is Kind.WHOLE:
        return ReadColumn(_whole(given, kind))
    return ReadColumn(_text(given, kind, column.kind in {Kind.CUSTOMER, Kind.TEXT}))


def _text(given: Expression, kind: Any, may_be_number: bool) -> Expression:
    from pyspark.sql import functions as f
    from pyspark.sql import types as t

    if may_be_number and isinstance(kind, t.IntegralType):
        return given.cast("string")
    if not isinstance(kind, t.StringType):
        raise _OtherTypeError("text or whole numbers" if may_be_number else "text")
    return f.when(given.rlike(_NOT_BLANK), given)


def _whole(given: Expression, kind: Any) -> Expression:
    from pyspark.sql import types as t

    if not isinstance(kind, t.IntegralType):
        raise _OtherTypeError("whole numbers")
    return given.cast("bigint")


def _micros(given: Expression, kind: Any) -> Expression:
    """Microseconds UTC; what has no zone is UTC, whatever the zone of the session."""
    from pyspark.sql import functions as f
    from pyspark.sql import types as t

    if isinstance(kind, t.TimestampType):
        return f.unix_micros(given)
    if not isinstance(kind, t.DateType | t.TimestampNTZType):
        raise _OtherTypeError("timestamps or dates")
    seconds = f.unix_date(given.cast("date")).cast("bigint") * 86_400
    if isinstance(kind, t.DateType):
        return seconds * 1_000_000
    seconds += f.hour(given) * 3_600 + f.minute(given) * 60
    return seconds * 1_000_000 + (f.extract(f.lit("SECOND"), given) * 1_000_000).cast("bigint")


def _amount(given: Expression, kind: Any, exponent: int) -> ReadColumn:
    from pyspark.sql import functions as f
    from pyspark.sql import types as t

    if isinstance(kind, t.FractionalType) and not isinstance(kind, t.DecimalType):
        major = _double(given, kind)
        minor = f.rint(major * 10.0**exponent)
        is_exact = minor / 10.0**exponent == major
        is_small = f.abs(major * 10.0**exponent) <= _LARGEST_AMOUNT
    elif isinstance(kind, t.DecimalType | t.IntegralType):
        major = given if isinstance(kind, t.DecimalType) else given.cast("decimal(20,0)")
        rounded = major.try_cast(f"decimal({_MOST_DIGITS},{exponent})")
        minor = rounded * f.lit(10**exponent).cast(f"decimal({exponent + 1},0)")
        is_exact = rounded == major
        is_small = f.coalesce(f.abs(minor) <= _LARGEST_AMOUNT, given.isNull())
    else:
        raise _OtherTypeError("numbers, best decimal ones")
    return ReadColumn(
        minor.try_cast("bigint"),
        {
            f"is no whole number of minor units ({exponent} decimals); round it": (
                is_small & ~is_exact
            ),
            "is too large an amount, or not a number": ~is_small,
        },
    )


def _double(given: Expression, kind: Any) -> Expression:
    """A floating-point number by its shortest writing, as the numbers of 64 bits that it means."""
    from pyspark.sql import types as t

    return given.cast("string").cast("double") if isinstance(kind, t.FloatType) else given


def _rating(given: Expression, kind: Any) -> ReadColumn:
    from pyspark.sql import functions as f
    from pyspark.sql import types as t

    if not isinstance(kind, t.NumericType):
        raise _OtherTypeError("numbers from -1 to 1")
    rating = _double(given, kind).cast("double")
    share = (rating + 1) / 2  # the arithmetic of `loading.ratings`
    return ReadColumn(
        f.rint((2 * share - 1) * 1000).try_cast("smallint"),
        {"is not on the scale -1..1": ~rating.between(-1.0, 1.0)},
    )


def properties_of(frame: DataFrame, names: Sequence[str]) -> Expression:
    """Further columns as one JSON object of texts; what says nothing is left out of it."""
    from pyspark.sql import functions as f

    texts = [_as_text(f.col(quoted(name)), frame.schema[name].dataType) for name in names]
    named = [text.alias(name) for text, name in zip(texts, names, strict=True)]
    return f.to_json(f.struct(*named)) if named else f.lit(None).cast("string")


def _as_text(given: Expression, kind: Any) -> Expression:
    from pyspark.sql import functions as f
    from pyspark.sql import types as t

    if isinstance(kind, t.ArrayType | t.MapType | t.StructType):
        return f.to_json(given)
    if isinstance(kind, t.FloatType | t.DoubleType):
        is_whole = (f.rint(given) == given) & (f.abs(given) < _EXACT_FLOAT)
        text = f.when(is_whole, given.try_cast("bigint").cast("string"))
        return text.when(~f.isnan(given), given.cast("string"))
    return given.cast("string")
