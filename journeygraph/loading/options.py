"""How files are to be read: everything that a user can say about them, checked before any is.

The options are kept with the load, so that mended rows are judged later as their file was.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from journeygraph.errors import InvalidOptionError, near_misses
from journeygraph.loading.formats import known_encoding
from journeygraph.loading.ratings import Scale, parse_scale
from journeygraph.schema import TABLES, Kind, Table

__all__ = ["DEFAULT_EXPONENT", "TIME_UNITS", "LoadOptions"]

TIME_UNITS = ("s", "ms", "us", "ns")
DEFAULT_EXPONENT = 2
_MOST_DECIMALS = 3
_CURRENCY = re.compile(r"[A-Z]{3}")
_KEPT = (
    "table", "mapping", "key", "timezone", "time_unit", "time_format", "currency", "exponent",
    "round_values", "allow_future", "scales", "properties", "encoding", "delimiter", "columns",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """What a user says about the files of a load.

    Parameters
    ----------
    table
        What they hold: interactions, customers, referrals, feedback or feedback_steps.
    mapping
        Our column to theirs; an empty text leaves a column out although it would be recognised.
    mapping_file
        The same as a YAML or JSON file; `mapping` goes before it.
    key
        Columns of the file that together are the id of a row.
    timezone
        Where times without an offset are from.
    time_unit
        s, ms, us or ns for times that are numbers; without it their size tells.
    time_format
        How times are written that are not ISO 8601, as "%d.%m.%Y %H:%M".
    currency, exponent
        Of the amounts of money: three letters, and how many decimals are kept (2).
    round_values
        Round amounts with more decimals, half to even, instead of quarantining them.
    dictionary
        A YAML file with stage, channel, initiator, environment and level of touchpoints.
    allow_future
        Take times later than a day from now.
    scales
        The scale of a rating: "-1..1" (the default), "0..10", "1..5", …
    dry_run
        Do everything but commit.
    properties
        Which of the columns that nobody mapped are kept: "all", "none", or their names.
    encoding, delimiter, columns
        Of text files: their encoding (UTF-8), the delimiter of CSV, and the names of the columns
        where CSV has no line of names.
    """

    table: str = "interactions"
    mapping: Mapping[str, str] = field(default_factory=dict)
    mapping_file: Path | None = None
    key: tuple[str, ...] = ()
    timezone: str = "UTC"
    time_unit: str | None = None
    time_format: str | None = None
    currency: str | None = None
    exponent: int | None = None
    round_values: bool = False
    dictionary: Path | None = None
    allow_future: bool = False
    scales: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False
    properties: str | Sequence[str] = "all"
    encoding: str | None = None
    delimiter: str | None = None
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_choice("table", self.table, tuple(TABLES))
        if self.time_unit is not None:
            _check_choice("time_unit", self.time_unit, TIME_UNITS)
        _check_timezone(self.timezone)
        _check_money(self.currency, self.exponent)
        if self.encoding is not None:
            known_encoding(self.encoding)
        if self.time_format is not None:
            _check_time_format(self.time_format)
        for column in self.scales:
            _check_choice("scales", column, _ratings_of(self.schema))
            self.scale_of(column)

    @property
    def schema(self) -> Table:
        """The table that the files hold."""
        return TABLES[self.table]

    def scale_of(self, column: str) -> Scale:
        """The scale on which a rating is given."""
        return parse_scale(self.scales.get(column, "-1..1"))

    def to_json(self) -> dict[str, Any]:
        """What is kept with a load."""
        kept = {name: getattr(self, name) for name in _KEPT}
        return {
            name: dict(value) if isinstance(value, Mapping) else value
            for name, value in kept.items()
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> LoadOptions:
        """The options that a load was made with."""
        known = {name: kept[name] for name in _KEPT if name in kept}
        for name in ("key", "columns"):
            known[name] = tuple(known.get(name, ()))
        return cls(**known)


def _ratings_of(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if column.kind is Kind.SCALE)


def _check_choice(argument: str, given: str, known: Sequence[str]) -> None:
    if given not in known:
        near = near_misses(str(given), known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InvalidOptionError(argument, given, f"one of {', '.join(known) or 'none'}{hint}")


def _check_timezone(name: str) -> None:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = near_misses(name, sorted(zoneinfo.available_timezones()))
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise InvalidOptionError("timezone", name, f"a zone as Europe/Berlin{hint}") from error


def _check_money(currency: str | None, exponent: int | None) -> None:
    if currency is not None and not _CURRENCY.fullmatch(currency):
        raise InvalidOptionError("currency", currency, "three capital letters, as EUR")
    if exponent is not None and not 0 <= exponent <= _MOST_DECIMALS:
        raise InvalidOptionError("exponent", exponent, f"0 to {_MOST_DECIMALS} decimals")


def _check_time_format(given: str) -> None:
    from journeygraph.loading.time_formats import check_time_format

    check_time_format(given)
