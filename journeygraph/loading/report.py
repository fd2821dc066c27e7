"""What a load did: every row read was accepted, quarantined or a duplicate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from journeygraph.errors import JourneyGraphError
from journeygraph.loading.attribute_conflicts import AttributeConflict

__all__ = ["FileReport", "LoadReport", "Progress"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a load has come."""

    file: str
    bytes_done: int
    bytes_total: int
    rows: int


@dataclass(slots=True, kw_only=True)
class FileReport:
    """What became of the rows of one file; counted up while it is read."""

    name: str
    accepted: int = 0
    duplicates: int = 0
    rounded: int = 0
    quarantined: Counter[str] = field(default_factory=Counter)
    mapping: Mapping[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    first_reason: str = ""

    @property
    def read(self) -> int:
        """Rows read."""
        return self.accepted + self.duplicates + self.quarantined.total()

    def to_dict(self) -> dict[str, Any]:
        """As the report's JSON has it."""
        return {
            "name": self.name, "read": self.read, "accepted": self.accepted,
            "quarantined": dict(self.quarantined), "duplicates": self.duplicates,
            "rounded": self.rounded, "mapping": dict(self.mapping),
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What a load did.

    Parameters
    ----------
    read, accepted, quarantined, duplicates
        Rows; `quarantined` by code. read = accepted + quarantined + duplicates.
    refused
        The code of the error that refused the whole load; None where it went through.
    version, load
        What it made; None where there was nothing new, or it was a dry run.
    seconds
        How long it took.
    rounded
        Amounts that were rounded because the user asked for it.
    conflicts, first_conflicts
        How many values of attributes this load replaced by others, where it loaded customers, and
        the first hundred of them.
    warnings
        What to look at, in words.
    files
        The same for each file, with its mapping: our column to theirs.
    """

    read: int = 0
    accepted: int = 0
    quarantined: Mapping[str, int] = field(default_factory=dict)
    duplicates: int = 0
    refused: str | None = None
    version: int | None = None
    load: int | None = None
    seconds: float = 0.0
    rounded: int = 0
    dry_run: bool = False
    conflicts: int = 0
    first_conflicts: tuple[AttributeConflict, ...] = ()
    warnings: tuple[str, ...] = ()
    files: tuple[FileReport, ...] = ()

    @property
    def rows_per_second(self) -> float:
        """The rate."""
        return self.read / self.seconds if self.seconds > 0 else 0.0

    @property
    def mapping(self) -> Mapping[str, str]:
        """Our column to theirs, of the first file."""
        return self.files[0].mapping if self.files else {}

    @classmethod
    def of_files(cls, files: list[FileReport], **made: Any) -> LoadReport:
        """The sum over the files of a load."""
        quarantined: Counter[str] = Counter()
        for file in files:
            quarantined.update(file.quarantined)
        warnings = [warning for file in files for warning in file.warnings]
        return cls(
            read=sum(file.read for file in files),
            accepted=sum(file.accepted for file in files),
            quarantined=dict(quarantined),
            duplicates=sum(file.duplicates for file in files),
            rounded=sum(file.rounded for file in files),
            warnings=(*warnings, *made.pop("warnings", ())),
            files=tuple(files),
            **made,
        )

    @classmethod
    def of_refusal(cls, error: JourneyGraphError) -> LoadReport:
        """The report of a load that an error refused: nothing was stored."""
        return cls(refused=error.code, warnings=(str(error),))

    def to_json(self) -> str:
        """All of it as JSON."""
        fields = {
            "read": self.read, "accepted": self.accepted, "quarantined": dict(self.quarantined),
            "duplicates": self.duplicates, "refused": self.refused, "version": self.version,
            "load": self.load, "dry_run": self.dry_run, "rounded": self.rounded,
            "seconds": round(self.seconds, 3), "rows_per_second": round(self.rows_per_second),
            "mapping": dict(self.mapping),
            "conflicts": self.conflicts,
            "first_conflicts": [asdict(one) for one in self.first_conflicts],
            "warnings": list(self.warnings),
            "files": [file.to_dict() for file in self.files],
        }  # fmt: skip
        return orjson.dumps(fields, option=orjson.OPT_INDENT_2).decode()
