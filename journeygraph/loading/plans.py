"""How the columns of one file become those of a table, decided once and kept with the load.

A column that was recognised by its name, and that the table can do without, is given up where
its first rows do not hold what the name promises: it is kept as a property, and a warning says
so. What the user named is taken at his word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from journeygraph.errors import InvalidOptionError
from journeygraph.loading.mapping import ColumnMap, find_column, map_columns
from journeygraph.loading.options import LoadOptions
from journeygraph.schema import Kind, Table

__all__ = ["FilePlan", "plan_file"]

_REMEDIES = {
    Kind.MONEY: "write amounts as 1234.56 (no decimal comma, no separator of thousands, no sign of "
    "a currency; --round-values takes more decimals), or ",
    Kind.SCALE: "say on what scale with --scale COLUMN=0..10, or ",
    Kind.TIME: "say how to read it with --time-format or --time-unit, or ",
}
"""What to do about a column that holds what its name says, in another form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlan:
    """What each of our columns is read from.

    Parameters
    ----------
    options
        What the user said.
    columns
        Our columns and theirs.
    key
        Their columns that together are the id of a row; none where there is no id.
    found
        All columns of the file, as far as it is known when it is opened.
    """

    options: LoadOptions
    columns: ColumnMap
    key: tuple[str, ...]
    found: tuple[str, ...]

    @property
    def table(self) -> Table:
        """The table that the file holds."""
        return self.options.schema

    @property
    def has_id(self) -> bool:
        """Whether rows are known by an id of their own."""
        return bool(self.key) or "id" in self.columns.sources

    @property
    def id_source(self) -> str:
        """Their column, or columns, with the id."""
        return ", ".join(self.key) or self.columns.sources.get("id", "")

    def is_property(self, column: str) -> bool:
        """Whether one of their columns is kept as a property."""
        if column in self.columns.sources.values():
            return False
        wanted = self.options.properties
        return wanted == "all" if isinstance(wanted, str) else column in wanted

    def to_json(self) -> dict[str, Any]:
        """What is kept with the load."""
        return {
            "options": self.options.to_json(),
            "columns": dict(self.columns.sources),
            "key": list(self.key),
            "found": list(self.found),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> FilePlan:
        """The plan by which a file was loaded."""
        return cls(
            options=LoadOptions.from_json(kept["options"]),
            columns=ColumnMap(sources=kept["columns"], named=frozenset(kept["columns"])),
            key=tuple(kept["key"]),
            found=tuple(kept["found"]),
        )

    def allowing(self, *, future: bool, rounding: bool) -> FilePlan:
        """The same with less strict options."""
        options = replace(
            self.options,
            allow_future=self.options.allow_future or future,
            round_values=self.options.round_values or rounding,
        )
        return replace(self, options=options)


def plan_file(
    path: Path,
    found: Sequence[str],
    options: LoadOptions,
    said: Mapping[str, str],
    misfit: Callable[[FilePlan, str], str | None],
) -> tuple[FilePlan, list[str]]:
    """Decide how a file is read.

    Parameters
    ----------
    path
        The file, for errors.
    found
        Its columns.
    options, said
        What the user said, and of it the mapping, option and file together.
    misfit
        Why the first rows do not fit one of our columns; None where they do.

    Returns
    -------
    plan, warnings
    """
    columns = map_columns(path, found, options.schema, said)
    key = tuple(find_column(path, f"--key {name}", name, found) for name in options.key)
    options = replace(options, properties=_properties(path, options.properties, found))
    plan = FilePlan(options=options, columns=columns, key=key, found=tuple(found))
    warnings = list(columns.warnings)
    required = {column.name for column in options.schema.columns if column.required}
    for target, source in columns.sources.items():
        if target in required or target in columns.named:
            continue
        reason = misfit(plan, target)
        if reason is not None:
            plan = replace(plan, columns=plan.columns.without(target))
            warnings.append(_given_up(path, target, source, reason, options.schema))
    return plan, warnings


def _properties(
    path: Path, wanted: str | Sequence[str], found: Sequence[str]
) -> str | tuple[str, ...]:
    """What is wanted, with names as the file has them."""
    if not isinstance(wanted, str):
        return tuple(find_column(path, "--properties", name, found) for name in wanted)
    if wanted not in {"all", "none"}:
        raise InvalidOptionError("properties", wanted, "all, none, or names of columns")
    return wanted


def _given_up(path: Path, target: str, source: str, reason: str, table: Table) -> str:
    kinds = [column.kind for column in table.columns if column.name == target]
    remedy = "".join(_REMEDIES.get(kind, "") for kind in kinds).replace("COLUMN", target)
    return (
        f"{path.name}: the column {source!r} does not hold {target!r} ({reason}); it is kept as a "
        f"property. If another column holds it, say --map {target}=COLUMN. If this one does, "
        f"{remedy}say --map {target}={source}, which quarantines the rows that cannot be read"
    )
