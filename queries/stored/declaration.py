"""What a stored statistic is: one declaration of what is asked and how the answer becomes rows.

A later question joins by one more declaration, in the list of `registry`. Numbers are the answer's
own; nothing is computed here, so that a stored number is what asking the question gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from journeygraph.errors import ConflictingOptionsError, InvalidOptionError, UnknownOptionError
from journeygraph.lake.tables import STATISTICS, StoredTable
from queries.paging import validate_first
from queries.question import refuse_other_type
from queries.stored.columns import COMMON, Column, ColumnKind, schema_of, shown_name, table_of
from queries.stored.customer_keys import keys_of

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph
    from journeygraph.journeys import Journeys
    from queries.intervals import Estimate

__all__ = [
    "LISTED", "OTHER", "WHOLE", "Option", "Reads", "StoredStatistic",
    "count", "customer", "estimate", "flag", "listed", "moment", "money", "number", "options_of",
    "other", "rate", "text", "texts", "whole",
]  # fmt: skip

LISTED, OTHER, WHOLE = "listed", "other", "whole"
"""What a row is about: one thing, all that is not listed, or everything."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """What an answer depends on beside the interactions before its end.

    Attributes
    ----------
    columns, attributes
        Further columns of the interactions, and attributes of their customers.
    names
        How many touchpoints and channels the store has names for.
    tables
        Anything in the tables of the store, whenever it happened: referrals, all customers.
    """

    columns: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    names: bool = False
    tables: bool = False

    def __or__(self, other: Reads) -> Reads:
        """What both depend on."""
        return Reads(
            columns=self.columns | other.columns,
            attributes=self.attributes | other.attributes,
            names=self.names or other.names,
            tables=self.tables or other.tables,
        )


class Option(NamedTuple):
    """What a plan can say: its default if other than the question's, and its kind as annotated."""

    default: Any
    kind: str

    def check(self, name: str, value: Any) -> None:
        """Refuse what is of another kind, with `InvalidOptionError`; words check themselves."""
        if value is None:
            return
        if "Sequence[" in self.kind and (isinstance(value, str) or not isinstance(value, Sequence)):
            raise InvalidOptionError(name, value, "a list")
        refuse_other_type(name, self.kind, value)


def _interactions(_question: Any) -> Reads:
    return Reads()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStatistic:
    """One kind of statistic that can be stored.

    Attributes
    ----------
    name
        As in a plan; its table is `statistics_` and this name.
    about
        What it is, in a sentence.
    question
        Makes the question of its options.
    options
        The options of the question that a plan can give.
    columns
        Beside the common ones.
    rows
        Asks the question about journeys, and gives rows by names of columns, with `scope`.
    reads
        What the answer depends on.
    has_periods
        Whether it may be asked by period; what has cohorts of its own may not.
    revision
        Counts up when what the columns hold changes; a table's columns never do.
    """

    name: str
    about: str
    question: Callable[..., Any]
    options: Mapping[str, Option]
    columns: tuple[Column, ...]
    rows: Callable[[Any, Journeys], Iterable[Row]]
    reads: Callable[[Any], Reads] = _interactions
    has_periods: bool = True
    revision: int = 1

    @property
    def table(self) -> StoredTable:
        """Where its rows are kept."""
        number = "" if self.revision == 1 else f"_{self.revision}"
        return StoredTable(f"{STATISTICS}{self.name}{number}", schema_of(self.columns), False)

    def ask(self, given: Mapping[str, Any]) -> Any:
        """The question with these options.

        Raises
        ------
        UnknownOptionError, JourneyGraphError
            Where an option is not one that can be stored, or cannot be used.
        """
        known = {
            spelling: name
            for name in self.options
            for spelling in (name, name.replace("_", "-"), _camel_case(name))
        }
        for key in given:
            if key not in known:
                raise UnknownOptionError(self.name, str(key), list(self.options))
        named: dict[str, Any] = {}
        for key, value in given.items():
            if known[key] in named:
                raise ConflictingOptionsError(str(key), known[key])
            self.options[known[key]].check(known[key], value)
            named[known[key]] = value
        defaults = {
            name: option.default for name, option in self.options.items()
            if option.default is not None
        }  # fmt: skip
        said = {name: value for name, value in named.items() if value is not None}
        options = {**defaults, **said}
        validate_first(options.get("first", 0))
        return self.question(**options)

    def answer(self, question: Any, journeys: Journeys, graph: JourneyGraph) -> pa.Table:
        """The rows of one answer, ranked; without what says when and of which data.

        Parameters
        ----------
        graph
            Of the store, for the keys of customers; the journeys may be of an engine elsewhere.
        """
        rows = list(self.rows(question, journeys))
        for column in self.columns:
            if column.kind is ColumnKind.CUSTOMER:
                keys = keys_of(graph, [row[column.name] for row in rows])
                for row, key in zip(rows, keys, strict=True):
                    row[column.name] = key
        place = 0
        for row in rows:
            place += row["scope"] == LISTED
            row["rank"] = {LISTED: place, OTHER: place + 1, WHOLE: 0}[row["scope"]]
        return table_of((*COMMON[-2:], *self.columns), rows)

    def column(self, name: str) -> Column | None:
        """The column of this name, with or without its unit; None where there is none."""
        for column in (*COMMON, *self.columns):
            if name in {column.name, shown_name(column), _camel_case(shown_name(column))}:
                return column
        return None


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def text(name: str, about: str) -> Column:
    """A column of names or words."""
    return Column(name, ColumnKind.TEXT, about)


def texts(name: str, about: str) -> Column:
    """A column of lists of names."""
    return Column(f"{name}_json", ColumnKind.TEXTS, about)


def count(name: str, about: str) -> Column:
    """A column of counts."""
    return Column(name, ColumnKind.COUNT, about)


def number(name: str, about: str) -> Column:
    """A column of numbers, or of lengths in seconds."""
    return Column(name, ColumnKind.NUMBER, about)


def money(name: str, about: str) -> Column:
    """A column of amounts."""
    return Column(f"{name}_minor", ColumnKind.MONEY, about)


def moment(name: str, about: str) -> Column:
    """A column of moments."""
    return Column(f"{name}_us", ColumnKind.MOMENT, about)


def flag(name: str, about: str) -> Column:
    """A column of yes and no."""
    return Column(name, ColumnKind.FLAG, about)


def customer(name: str, about: str) -> Column:
    """A column of customers."""
    return Column(name, ColumnKind.CUSTOMER, about)


def rate(
    name: str, about: str, above: str | None = None, below: str | None = None
) -> tuple[Column, Column, Column]:
    """Three columns: a rate or a ratio, and the ends of its interval."""
    return (
        Column(name, ColumnKind.NUMBER, about, above, below),
        number(f"{name}_low", f"Lower end of the interval of `{name}`."),
        number(f"{name}_high", f"Upper end of the interval of `{name}`."),
    )


def estimate(name: str, found: Estimate) -> Row:
    """The three columns of `rate`."""
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def listed(columns: Iterable[Column], nodes: Iterable[Any], **further: Any) -> Iterator[Row]:
    """A row for each node of an answer: its attributes of the columns' names, and further values.

    `further` holds values for all rows, or functions of the node; a function that gives a dict
    gives several columns.
    """
    for node in nodes:
        row: Row = {"scope": LISTED}
        for column in columns:
            name = shown_name(column) if column.kind is ColumnKind.TEXTS else column.name
            if hasattr(node, name):
                row[column.name] = getattr(node, name)
        for name, value in further.items():
            found = value(node) if callable(value) else value
            row.update(found if isinstance(found, dict) else {name: found})
        yield row


def other(**values: Any) -> Row:
    """The row of all that is not listed."""
    return {"scope": OTHER, **values}


def whole(**values: Any) -> Row:
    """The row about everything."""
    return {"scope": WHOLE, **values}


def options_of(kind: type, *names: str, **defaults: int) -> dict[str, Option]:
    """Options of a question that a plan can give; some with a default of their own."""
    kinds = {field.name: str(field.type) for field in fields(kind)}
    return {
        name: Option(default, kinds[name])
        for name, default in {**dict.fromkeys(names), **defaults}.items()
    }
