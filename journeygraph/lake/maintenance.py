"""Keeping a store small and sound: compact, vacuum, check.

Compact and vacuum take the writer's lock, because Delta Lake's own maintenance beside a writer
has lost acknowledged rows. `check` only reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from journeygraph.durations import Duration
from journeygraph.errors import InvalidOptionError
from journeygraph.lake import delta
from journeygraph.lake.durable import sync_folder
from journeygraph.lake.errors import DamagedStoreError, reporting_access
from journeygraph.lake.log import LogReader, commit_versions
from journeygraph.lake.parquet import digest_in_name, read_file, sha256_of
from journeygraph.lake.store import Store
from journeygraph.lake.versions import (
    StoreVersion,
    dictionary_file,
    dictionary_files,
    load_version,
    version_file,
)

__all__ = ["Problem", "Vacuumed", "check", "compact", "vacuum"]

_LATER_COMMITS = (
    "There is no such version, but tables hold commits after the last one ({}). Either something "
    "is being written now, or a crash cut it off, which is harmless; or this file has been lost. "
    "If you have seen this version, restore the file before the next load, which moves the "
    "commits to attic/."
)
_CODED = ("touchpoints", "channels", "teams", "identities")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file of the store, and which versions need it."""

    file: Path
    problem: str
    versions: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacuumed:
    """What a vacuum has removed."""

    versions: tuple[int, ...]
    files: int
    bytes: int


def compact(store: Store, wait: Duration = "10s") -> StoreVersion:
    """Merge small data files; the last version, unchanged but for the files that it names.

    Older versions keep their files until they are vacuumed.
    """
    with store.writer(wait) as writer:
        return writer.compact()


def vacuum(store: Store, keep: int | None = None, wait: Duration = "10s") -> Vacuumed:
    """Delete what no version names: replaced data files, leftovers of crashes, old commits.

    Parameters
    ----------
    store
        Which.
    keep
        How many of the last versions remain; all by default. The others can no longer be read.
    wait
        How long to wait for a writer.

    Raises
    ------
    DamagedStoreError
        Where a version that is kept cannot be read; then nothing is deleted.
    """
    if keep is not None and keep < 1:
        raise InvalidOptionError("keep", keep, "a number of versions, at least 1")
    with store.writer(wait), reporting_access(store.path, "written"):
        versions = store.versions()
        kept = versions if keep is None else versions[-keep:]
        dropped = versions[: len(versions) - len(kept)]
        rubbish = list(_rubbish(store, kept))
        size = sum(path.stat().st_size for path in rubbish)
        for version in dropped:  # from the first on, so that no gap is ever seen
            version_file(store.path / "versions", version.number).unlink()
        sync_folder(store.path / "versions")
        for path in rubbish:
            path.unlink()
        for table in store.table_names():
            if dropped and (named := _named(kept, table)):
                delta.forget_before(store.table_folder(table), min(named))
    return Vacuumed(
        versions=tuple(version.number for version in dropped), files=len(rubbish), bytes=size
    )


def check(store: Store) -> list[Problem]:
    """Compare every file that a version names with what was written; what is wrong.

    Every byte is read: data files against the SHA-256 in their names, logs against the digests
    in the versions. Keys of customers and codes of names must be 0, 1, 2, … without doubles.
    Missing are versions between others, and one whose commits are there: a crash, or a lost file.
    """
    return _Check(store).run()


def _named(versions: list[StoreVersion], table: str) -> set[int]:
    return {version.tables[table] for version in versions if table in version.tables}


def _rubbish(store: Store, kept: list[StoreVersion]) -> Iterator[Path]:
    for table in store.table_names():
        folder = store.table_folder(table)
        log = LogReader(folder)
        named = {
            file.name
            for version in kept
            if table in version.tables
            for file in log.files(version.tables[table], version.digests[table])
        }
        for path in folder.glob("*.parquet"):
            if path.name not in named:
                yield path
    versions = store.path / "versions"
    dictionaries = {dictionary_file(versions, version.dictionary) for version in kept}
    yield from (path for path in dictionary_files(versions) if path not in dictionaries)
    yield from (store.path / "attic").glob("*.json")


@dataclass(slots=True)
class _Check:
    store: Store
    found: dict[tuple[Path, str], list[int]] = field(default_factory=dict)
    known: dict[Path, str] = field(default_factory=dict)
    logs: dict[str, LogReader] = field(default_factory=dict)

    def run(self) -> list[Problem]:
        version: StoreVersion | None = None
        numbers = self.store.version_numbers()
        for number in range(numbers[0], numbers[-1] + 1) if numbers else ():
            try:
                version = load_version(self.store.path / "versions", number)
            except DamagedStoreError as error:
                self._note(error, number)
                continue
            for table in version.tables:
                self._check_table(table, version)
        self._check_for_later_commits(numbers, version)
        if version is not None and not self.found:
            self._check_keys(version)
        return [
            Problem(file, problem, tuple(versions))
            for (file, problem), versions in self.found.items()
        ]

    def _check_table(self, table: str, version: StoreVersion) -> None:
        folder = self.store.table_folder(table)
        log = self.logs.setdefault(table, LogReader(folder))
        try:
            files = log.files(version.tables[table], version.digests[table])
        except DamagedStoreError as error:
            self._note(error, version.number)
            return
        for file in files:
            path = folder / file.name
            if path not in self.known:
                self.known[path] = _fault(path)
            if self.known[path]:
                self._note(DamagedStoreError(path, self.known[path]), version.number)

    def _check_for_later_commits(self, numbers: list[int], version: StoreVersion | None) -> None:
        """Whether tables hold more than the last version, whose successor may have been lost."""
        last = numbers[-1] if numbers else 0
        if last != (0 if version is None else version.number):
            return  # the last one cannot be read, so nobody knows what it names
        named = {} if version is None else version.tables
        ahead = [
            table
            for table in self.store.table_names()
            if any(
                number > named.get(table, -1)
                for number in commit_versions(self.store.table_folder(table))
            )
        ]
        if ahead:
            file = version_file(self.store.path / "versions", last + 1)
            self.found[file, _LATER_COMMITS.format(", ".join(ahead))] = [last + 1]

    def _check_keys(self, version: StoreVersion) -> None:
        import pyarrow.compute as pc

        for table in _CODED:
            rows = self.store.read(table, version)
            dense = pa.array(range(rows.num_rows), rows.schema.types[0])
            if not rows.column(0).equals(pa.chunked_array([dense])) or (
                pc.count_distinct(rows.column(1)).as_py() != rows.num_rows
            ):
                what = "its keys are not 0, 1, 2, … of different texts"
                folder = self.store.table_folder(table)
                self._note(DamagedStoreError(folder, what), version.number)

    def _note(self, error: DamagedStoreError, number: int) -> None:
        key = Path(error.file or self.store.path), error.problem
        self.found.setdefault(key, []).append(number)


def _fault(path: Path) -> str:
    try:
        if sha256_of(path) != digest_in_name(path):
            return "this data file is not what was written"
    except FileNotFoundError:
        return "this data file is missing"
    read_file(path, [])
    return ""
