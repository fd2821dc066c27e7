"""Loading: files in, one new version of the store, or nothing at all.

All files are looked at before the first is read, so that a wrong name or a missing column is
said at once. Rows are staged while they are read and become visible together, by the commit; an
error, an interruption or a crash before it leaves the store as it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from journeygraph.errors import InvalidOptionError
from journeygraph.lake.errors import StoreNotFoundError
from journeygraph.lake.store import Store, StoreVersion
from journeygraph.lake.text_indexes import prepare_index
from journeygraph.lake.writer import StoreWriter
from journeygraph.loading.attribute_conflicts import AttributeConflict, conflicts_of_load
from journeygraph.loading.dictionary import (
    Dictionary,
    dictionary_after,
    read_dictionary,
    unknown_touchpoints,
)
from journeygraph.loading.digests import FileDigest
from journeygraph.loading.file_load import FileLoad, load_file
from journeygraph.loading.formats import Source
from journeygraph.loading.identity import KnownIds
from journeygraph.loading.known import Known
from journeygraph.loading.ledger import leave_quarantine, ledger_rows
from journeygraph.loading.looking import LookedAt, look_at, mapping_said
from journeygraph.loading.money import Money, money_of
from journeygraph.loading.options import LoadOptions
from journeygraph.loading.readers.batches import IntArray
from journeygraph.loading.report import FileReport, LoadReport, Progress
from journeygraph.loading.sinks import WriteBehind
from journeygraph.loading.taking import LoadContext
from journeygraph.schema import CUSTOMERS
from journeygraph.threads import on_threads

__all__ = ["load"]

_DEFAULTS = LoadOptions()
_WARNED_DICTIONARY = 10
_LISTED_CONFLICTS = 100

Tell = Callable[[Progress], None]


def load(
    store_path: Path | str,
    files: Path | str | Sequence[Path | str],
    options: LoadOptions = _DEFAULTS,
    progress: Tell | None = None,
) -> LoadReport:
    """Load files into a store.

    Parameters
    ----------
    store_path
        The folder of a store; made where there is none.
    files
        CSV, Parquet, JSON Lines or XES; all are loaded, or none.
    options
        What they hold and how they are to be read.
    progress
        Called after every batch.

    Returns
    -------
    LoadReport
        Rows read, accepted, quarantined by reason, and duplicates. `version` and `load` are None
        where there was nothing new, or `dry_run` was asked for.

    Raises
    ------
    JourneyGraphError
        Where a file or an option is refused; nothing is stored then. `LoadReport.of_refusal`
        makes a report of it.
    """
    began = time.perf_counter()
    paths = [Path(file) for file in ([files] if isinstance(files, str | Path) else files)]
    if not paths:
        raise InvalidOptionError("files", [], "at least one file")
    said = mapping_said(options)
    dictionary = None if options.dictionary is None else read_dictionary(Path(options.dictionary))
    looked = [look_at(path, options, said) for path in paths]
    with _target(Path(store_path), dry_run=options.dry_run) as target:
        run = _Run(
            looked=looked, options=options, said=said, dictionary=dictionary, target=target,
            progress=progress,
        )  # fmt: skip
        report = run.run()
    return replace(report, seconds=time.perf_counter() - began)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """The store as it is, and the right to write to it; neither for a first load only tried."""

    known: Known
    writer: StoreWriter | None
    sink: WriteBehind


@contextmanager
def _target(path: Path, *, dry_run: bool) -> Iterator[_Target]:
    if not dry_run:
        store = Store.create_or_open(path)
        with store.writer() as writer, WriteBehind(writer) as sink:
            yield _Target(known=Known(store, writer.base), writer=writer, sink=sink)
        return
    try:
        existing: Store | None = Store.open(path)
    except StoreNotFoundError:
        existing = None
    base = None if existing is None else existing.latest()
    with WriteBehind(None) as sink:
        yield _Target(known=Known(existing, base), writer=None, sink=sink)


@dataclass(slots=True, kw_only=True)
class _Run:
    """One load, file after file."""

    looked: list[LookedAt]
    options: LoadOptions
    said: Mapping[str, str]
    dictionary: Dictionary | None
    target: _Target
    progress: Tell | None
    now_us: int = field(default_factory=lambda: time.time_ns() // 1_000)
    rows_done: int = 0
    bytes_done: int = 0

    def run(self) -> LoadReport:
        """Read all files and commit what is new."""
        known = self.target.known
        context = LoadContext(
            options=self.options, said=self.said, known=known, sink=self.target.sink,
            load=self._load_number(), money=money_of(known, self.options), now_us=self.now_us,
        )  # fmt: skip
        ids: KnownIds | None = None
        loads: list[FileLoad] = []
        reports: list[FileReport] = []
        for number, looked in enumerate(self.looked):
            report = _report_of_twin(looked.source, loads)
            if report is None:
                file = load_file(context, looked, number, ids, self._teller(looked.source))
                ids = file.ids
                loads.append(file)
                report = file.report
            reports.append(report)
            self.rows_done += report.read
            self.bytes_done += looked.source.size
        warnings = self._dictionary_warnings()
        version = self._commit(loads, context.money)
        conflicts, first = self._conflicts(version)
        return LoadReport.of_files(
            reports,
            version=None if version is None else version.number,
            load=None if version is None else version.load,
            dry_run=self.options.dry_run,
            conflicts=conflicts,
            first_conflicts=first,
            warnings=(*warnings, *_conflict_warnings(conflicts, first)),
        )

    def _conflicts(self, version: StoreVersion | None) -> tuple[int, tuple[AttributeConflict, ...]]:
        """How many attributes the load said otherwise than they were known, and the first."""
        writer = self.target.writer
        is_of_customers = self.options.table == CUSTOMERS.name
        if version is None or version.load is None or writer is None or not is_of_customers:
            return 0, ()
        count, first = conflicts_of_load(writer.store, version, version.load, _LISTED_CONFLICTS)
        return count, tuple(first)

    def _load_number(self) -> int:
        base = self.target.known.base
        return 1 if base is None else base.next_load

    def _teller(self, source: Source) -> Callable[[int, int], None]:
        """What a file tells how far it has come."""
        n_bytes = sum(looked.source.size for looked in self.looked)

        def tell(bytes_read: int, rows: int) -> None:
            if self.progress is not None:
                self.progress(
                    Progress(
                        file=source.path.name,
                        bytes_done=self.bytes_done + bytes_read,
                        bytes_total=n_bytes,
                        rows=self.rows_done + rows,
                    )
                )

        return tell

    def _dictionary_warnings(self) -> tuple[str, ...]:
        if self.dictionary is None:
            return ()
        warnings = unknown_touchpoints(self.dictionary, self.target.known.touchpoints())
        rest = len(warnings) - _WARNED_DICTIONARY
        more = (f"{rest} more entries of the dictionary fit no touchpoint.",) if rest > 0 else ()
        return (*warnings[:_WARNED_DICTIONARY], *more)

    def _commit(self, loads: list[FileLoad], money: Money) -> StoreVersion | None:
        """Make the load visible; None where there is nothing new, or it is only tried."""
        writer, known = self.target.writer, self.target.known
        self.target.sink.flush()
        is_new = any(file.report.accepted or file.n_new_quarantined for file in loads)
        dictionary = self._new_dictionary()
        if writer is None or not (is_new or dictionary is not None):
            return None
        if not is_new:
            return writer.commit(kind="dictionary", note=self._note(), dictionary=dictionary)
        load = self._load_number()
        table = self.options.table
        for number, rows in _mended_by_load(known, table, loads).items():
            leave_quarantine(known, writer, number, rows)
        entries = [_entry(file, table) for file in loads]
        writer.append("loads", ledger_rows(entries, self.now_us), load)
        _add_to_lists(writer, known)
        return writer.commit(
            kind="load",
            load=load,
            note=self._note(),
            currency=money.currency,
            exponent=money.exponent,
            dictionary=dictionary,
            customers=known.customers.all_keys,
        )

    def _note(self) -> str:
        return ", ".join(looked.source.path.name for looked in self.looked)

    def _new_dictionary(self) -> Dictionary | None:
        known = self.target.known
        before = {} if known.base is None else known.base.dictionary
        return dictionary_after(before, self.dictionary, known.touchpoints())


def _add_to_lists(writer: StoreWriter, known: Known) -> None:
    """Stage new customers and names, and beside it make ready what their index is made of."""
    added, customers = known.additions(), known.customers.all_keys

    def append() -> None:
        for name, rows in added.items():
            writer.append(name, rows)

    works: list[Callable[[], None]] = [append]
    if customers is not None:
        works.append(partial(prepare_index, customers))
    on_threads(lambda work: work(), works)


def _conflict_warnings(count: int, first: Sequence[AttributeConflict]) -> Iterator[str]:
    for one in first[:1]:
        yield (
            f"{count:,} values of attributes replace others that were said before, as "
            f"{one.attribute!r} of {one.customer!r}: {one.kept!r} in place of {one.replaced!r}. "
            "All of them: journeygraph identities conflicts."
        )


def _report_of_twin(source: Source, loads: Sequence[FileLoad]) -> FileReport | None:
    """The report of a file whose content is that of an earlier one of the load; None if none."""
    of_size = [file for file in loads if file.source.size == source.size]
    if not of_size:
        return None
    with closing(FileDigest(source)) as digest:
        sha256 = digest.result()
    for file in of_size:
        if file.sha256 == sha256:
            return FileReport(
                name=source.path.name,
                duplicates=file.report.accepted + file.report.duplicates,
                quarantined=file.report.quarantined.copy(),
                mapping=file.report.mapping,
                warnings=[f"{source.path.name}: it is the same as {file.report.name}"],
            )
    return None


def _mended_by_load(
    known: Known, table: str, loads: Sequence[FileLoad]
) -> dict[int, dict[int, IntArray]]:
    """Rows accepted now that wait in quarantine, by the load and file that they wait in."""
    waiting: dict[int, dict[int, IntArray]] = {}
    for file in loads:
        for other in known.files if file.mended else ():
            if other.sha256 == file.sha256 and other.table == table:
                rows = np.array(file.mended, np.int64)
                waiting.setdefault(other.load, {})[other.file] = rows
    return waiting


def _entry(file: FileLoad, table: str) -> dict[str, Any]:
    report = file.report
    return {
        "file": file.number, "name": report.name, "sha256": file.sha256, "table": table,
        "read": report.read, "accepted": report.accepted, "duplicates": report.duplicates,
        "quarantined": dict(report.quarantined), "kept": file.kept,
    }  # fmt: skip
