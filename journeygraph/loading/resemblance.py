"""Whether a new file without ids says what the store knows already.

Nobody can tell a file exported twice in two formats from two equal months; so it is taken, and
a warning says what it resembles. Rows are compared by who, when and where, only with loads whose
time overlaps; of large files a part is compared, chosen by the rows' hashes alone, so that the
same rows are chosen on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from journeygraph.ascending import each_once
from journeygraph.loading.known import Known, LoadedFile

__all__ = ["COMPARED", "Resemblance"]

Hashes = npt.NDArray[np.uint64]

COMPARED: dict[str, tuple[str, ...]] = {
    "interactions": ("at", "customer", "touchpoint"),
    "referrals": ("at", "referred", "referrer"),
    "feedback": ("opened_at", "customer", "kind"),
}
"""What rows are compared by, their time first."""

_MOST_KEPT = 1 << 20
_MIXERS = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
_ENOUGH = 0.5


class Resemblance:
    """Collects the rows of a new file; says in the end what they resemble.

    Parameters
    ----------
    table
        What the file holds.
    is_asked
        Whether it will be asked; else only the first and last time are taken note of.
    """

    def __init__(self, table: str, *, is_asked: bool) -> None:
        self._table = table
        self._is_asked = is_asked
        self._names = COMPARED.get(table, ())
        self._parts: list[Hashes] = []
        self._n_kept = 0
        self._highest = np.uint64(2**64 - 1)
        self.from_us: int | None = None
        self.until_us: int | None = None

    def add(self, rows: Mapping[str, pa.Array] | pa.Table) -> None:
        """Take note of accepted rows as they are stored."""
        if not self._names:
            return
        times = pc.min_max(rows[self._names[0]].cast(pa.int64())).as_py()
        if times["min"] is not None:
            self.from_us = _extreme(min, self.from_us, times["min"])
            self.until_us = _extreme(max, self.until_us, times["max"])
        if not self._is_asked:
            return
        hashes = self._hashes(rows)
        self._parts.append(hashes)
        self._n_kept += len(hashes)
        while self._n_kept > _MOST_KEPT and self._highest > np.uint64(1):
            self._highest //= np.uint64(2)
            self._parts = [part[part <= self._highest] for part in self._parts]
            self._n_kept = sum(map(len, self._parts))

    def like(self, known: Known) -> tuple[LoadedFile, float] | None:
        """The file of the store that most of the rows are in, and their share; None if none."""
        files = [file for file in known.files if file.table == self._table and self._overlaps(file)]
        if not files or not self._n_kept:
            return None
        ours = each_once(np.sort(np.concatenate(self._parts)))
        seen = np.zeros(len(ours), np.bool_)
        nearest: tuple[int, LoadedFile] | None = None
        for file in files:
            found = _are_among(ours, np.sort(self._of_file(known, file)))
            seen |= found
            if nearest is None or int(found.sum()) > nearest[0]:
                nearest = int(found.sum()), file
        share = float(seen.mean())
        return (nearest[1], share) if nearest is not None and share > _ENOUGH else None

    def _overlaps(self, file: LoadedFile) -> bool:
        first, last = file.kept.get("from_us"), file.kept.get("until_us")
        if first is None or last is None or self.from_us is None or self.until_us is None:
            return False
        return bool(first <= self.until_us and self.from_us <= last)

    def _of_file(self, known: Known, file: LoadedFile) -> Hashes:
        rows = known.read(self._table, ["file", *self._names], {file.load})
        return self._hashes(rows.filter(pc.equal(rows["file"], file.file)))

    def _hashes(self, rows: Mapping[str, pa.Array] | pa.Table) -> Hashes:
        mixed: Hashes | None = None
        for name, mixer in zip(self._names, _MIXERS, strict=True):
            numbers = pc.fill_null(rows[name].cast(pa.int64()), -1).to_numpy().view(np.uint64)
            mixed = (numbers if mixed is None else mixed ^ numbers) * np.uint64(mixer)
            mixed ^= mixed >> np.uint64(29)
        assert mixed is not None
        return mixed[mixed <= self._highest]


def _are_among(hashes: Hashes, ordered: Hashes) -> npt.NDArray[np.bool_]:
    """Which of the hashes stand in the other list, which ascends."""
    if not len(ordered):
        return np.zeros(len(hashes), np.bool_)
    places = np.searchsorted(ordered, hashes).clip(0, len(ordered) - 1)
    return np.asarray(ordered[places] == hashes)


def _extreme(choose: Callable[[int, int], int], known: int | None, new: int) -> int:
    return new if known is None else choose(known, new)
