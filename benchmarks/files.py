"""Where the data of a size lies, for whoever writes or reads it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["SIZES", "Files", "bytes_of_files"]

SIZES = {"100k": 100_000, "1M": 1_000_000, "10M": 10_000_000, "100M": 100_000_000}
"""How many interactions a size has."""


@dataclass(frozen=True)
class Files:
    """The files of one size below a folder; large sizes have several Parquet parts."""

    folder: Path
    size: str

    @property
    def home(self) -> Path:
        """The folder of this size."""
        return self.folder / self.size

    @property
    def interactions(self) -> list[Path]:
        """Parquet: customer_id, at, touchpoint, channel, stage, value, emotion."""
        return sorted(self.home.glob("interactions-*.parquet"))

    @property
    def csv(self) -> Path:
        """The interactions again, as CSV; not for more than 10M."""
        return self.home / "interactions.csv"

    @property
    def customers(self) -> list[Path]:
        """Parquet: customer_id, segment, loyal."""
        return sorted(self.home.glob("customers-*.parquet"))

    @property
    def referrals(self) -> list[Path]:
        """Parquet: referrer, referred."""
        return sorted(self.home.glob("referrals-*.parquet"))

    @property
    def delta(self) -> Path:
        """Parquet: one per cent more interactions, later than all others."""
        return self.home / "delta.parquet"

    @property
    def marker(self) -> Path:
        """Written last, so that half-written data is never taken for whole."""
        return self.home / "model.json"


def bytes_of_files(files: Files) -> dict[str, int]:
    """How large the files are that a load must read."""
    parquet, csv = files.interactions, [files.csv] if files.csv.exists() else []
    named = {"files": parquet, "csv": csv, "delta": [files.delta]}
    return {name: sum(path.stat().st_size for path in paths) for name, paths in named.items()}
