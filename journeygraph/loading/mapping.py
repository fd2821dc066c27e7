"""Which column of a file is which of ours: recognised by its name, or as the user says.

Recognition is by convention only: names are compared in lower case without separators, and of
several that fit, the one whose alias stands first in `schema` wins, because it is the surest.
What a table needs and nobody can find is asked for.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from journeygraph.loading.errors import (
    AmbiguousColumnsError,
    MappedColumnError,
    MissingColumnsError,
    UnknownTargetError,
)
from journeygraph.schema import Column, Kind, Table

__all__ = [
    "CURRENCY",
    "ColumnMap",
    "aliases_of",
    "map_columns",
    "plain_name",
    "recognised_late",
    "targets_of",
]

CURRENCY = "currency"
"""What a column that tells the currency of each row is mapped to."""

_CURRENCY_ALIASES = ("currency", "currency_code")
_LEFT_OUT_ONLY_BY_NAME = {("referrals", "referrer")}
"""Columns that may be empty, but without which nearly any file would pass for such a table."""
_ALIKE = 0.8
"""How alike two names are of which one may be the other mistyped, 1 at most."""
_SEPARATORS = re.compile(r"[\s_\-.:/]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """Our columns and theirs.

    Parameters
    ----------
    sources
        Their column by ours.
    named
        Those of ours that the user named, which are never given up.
    warnings
        What was left open, in words.
    """

    sources: Mapping[str, str]
    named: frozenset[str]
    warnings: tuple[str, ...] = ()

    def without(self, target: str) -> ColumnMap:
        """The same with one of our columns left out."""
        sources = {name: source for name, source in self.sources.items() if name != target}
        return ColumnMap(sources=sources, named=self.named, warnings=self.warnings)


@lru_cache(maxsize=1 << 15)
def plain_name(name: str) -> str:
    """A name as names are compared: in lower case, without separators."""
    return _SEPARATORS.sub("", name).casefold()


def aliases_of(column: Column) -> tuple[str, ...]:
    """The names under which a column is recognised, the surest first."""
    own = () if column.name in column.aliases else (column.name,)
    return (*own, *column.aliases)


def targets_of(table: Table) -> tuple[str, ...]:
    """What the columns of a file can be mapped to."""
    names = tuple(column.name for column in table.columns)
    has_money = any(column.kind is Kind.MONEY for column in table.columns)
    return (*names, CURRENCY) if has_money else names


def map_columns(
    path: Path, columns: Sequence[str], table: Table, said: Mapping[str, str]
) -> ColumnMap:
    """Decide which column is which.

    Parameters
    ----------
    path
        The file, for errors.
    columns
        Its columns.
    table
        What it holds.
    said
        Our column to theirs, as the user says; an empty text for one that is to be left out.

    Raises
    ------
    UnknownTargetError, MappedColumnError, AmbiguousColumnsError, MissingColumnsError
    """
    sources = _named(path, columns, table, said)
    named = frozenset(said)
    taken = set(sources.values())
    warnings: list[str] = []
    for column in sorted(table.columns, key=lambda column: not column.required):
        if column.name in named:
            continue
        found = _recognise(columns, taken, aliases_of(column))
        if len(found) > 1 and _is_needed(table, column, named):
            raise AmbiguousColumnsError(path, column.name, found)
        if len(found) > 1:
            warnings.append(_left_open(path, column.name, found))
        elif found:
            sources[column.name] = found[0]
            taken.add(found[0])
    missing = [
        column.name
        for column in table.columns
        if column.name not in sources and _is_needed(table, column, named)
    ]
    if missing:
        near = _nearest(table, missing, [name for name in columns if name not in taken])
        raise MissingColumnsError(path, table.name, missing, columns, near)
    if CURRENCY in targets_of(table) and CURRENCY not in named:
        found = _recognise(columns, taken, _CURRENCY_ALIASES)
        sources.update({CURRENCY: found[0]} if len(found) == 1 else {})
    return ColumnMap(sources=sources, named=named, warnings=tuple(warnings))


def _nearest(table: Table, missing: Sequence[str], free: Sequence[str]) -> dict[str, str]:
    """The free column whose name all but reads as that of a missing one, by the missing one."""
    plain = {plain_name(name): name for name in free}
    near: dict[str, str] = {}
    for target in missing:
        for alias in aliases_of(table[target]):
            hits = difflib.get_close_matches(plain_name(alias), plain, 1, _ALIKE)
            if hits and target not in near:
                near[target] = plain.pop(hits[0])
    return near


def _is_needed(table: Table, column: Column, named: Collection[str]) -> bool:
    """Whether a table cannot do without a column, or only if the user says so."""
    is_left_out = column.name in named
    return column.required or (
        (table.name, column.name) in _LEFT_OUT_ONLY_BY_NAME and not is_left_out
    )


def recognised_late(columns: Sequence[str], table: Table, known: ColumnMap) -> dict[str, str]:
    """Our columns that would have been recognised among columns that were not there at first."""
    late = {}
    for column in table.columns:
        if column.name not in known.sources and column.name not in known.named:
            found = _recognise(columns, set(known.sources.values()), aliases_of(column))
            late.update({column.name: found[0]} if found else {})
    return late


def find_column(path: Path, option: str, name: str, columns: Sequence[str]) -> str:
    """The column of that name, or the only one that reads the same; MappedColumnError if none."""
    if name in columns:
        return name
    alike = [column for column in columns if plain_name(column) == plain_name(name)]
    if len(alike) != 1:
        raise MappedColumnError(path, option, name, columns)
    return alike[0]


def _named(
    path: Path, columns: Sequence[str], table: Table, said: Mapping[str, str]
) -> dict[str, str]:
    known = targets_of(table)
    sources = {}
    for target, source in said.items():
        if target not in known:
            raise UnknownTargetError(table.name, target, known)
        if source:
            sources[target] = find_column(path, f"--map {target}={source}", source, columns)
    return sources


def _recognise(columns: Sequence[str], taken: set[str], aliases: Sequence[str]) -> list[str]:
    """The free columns that the surest alias fits; more than one where they read alike."""
    free: dict[str, list[str]] = {}
    for column in columns:
        if column not in taken:
            free.setdefault(plain_name(column), []).append(column)
    for alias in aliases:
        found = free.get(plain_name(alias), [])
        if alias in found:
            return [alias]
        if found:
            return found
    return []


def _left_open(path: Path, target: str, found: Sequence[str]) -> str:
    names = " and ".join(repr(name) for name in found)
    remedy = f"Name one: --map {target}={found[0]}"
    return f"{path.name}: {names} may each hold {target!r}; none was taken. {remedy}"
