"""A run: find out what has to be computed, compute it, and make it visible at once.

    1  parts of the plan whose digest the store knows, under whatever name, are taken as they are
    2  parts that an interrupted run has finished are taken from the work area
    3  the others are computed; what is finished is kept in the work area about once a second
    4  all of it becomes one version of the store, if it is anything new

Others may load meanwhile: a run is of the version that was the last one when it began, and says
so in every row. Two runs at once do not happen: the second waits for the first, or gives up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from journeygraph.backends.local import LocalEngine
from journeygraph.durations import Duration
from journeygraph.errors import JourneyGraphError, UnsupportedByEngineError
from journeygraph.graph_store import open_graph
from journeygraph.lake.store import Store
from journeygraph.lake.work_area import WorkArea, work_area
from queries.stored.engines import Engine, MakeEngine
from queries.stored.ledger import StoredPart, read_parts
from queries.stored.parts import Part, parts_of
from queries.stored.plan_file import PlanText, is_of_options
from queries.stored.planned import RecomputePlan
from queries.stored.writing import Written, write_parts

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph
    from journeygraph.journeys import Journeys

__all__ = ["PartReason", "PlannedPart", "Progress", "Recomputed", "answer_of", "recompute"]

_KIND = "recompute"
_KEEP_EVERY_SECONDS = 1.0
_FACTS = (b"store_version", b"computed_at_us")


class PartReason(StrEnum):
    """Why a part is computed, or why not."""

    KEPT = "unchanged"
    RESUMED = "finished by an interrupted run"
    NEW = "new in the plan"
    PLAN = "the plan asks it otherwise"
    DATA = "the data before its end changed"
    END = "the end of the data moved"

    @property
    def is_computed(self) -> bool:
        """Whether there is anything to compute."""
        return self not in {PartReason.KEPT, PartReason.RESUMED}


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class PlannedPart:
    """A part, and what is to be done about it."""

    part: Part
    reason: PartReason
    known: StoredPart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is: parts that need no computing count as done."""

    done: int
    total: int
    part: str


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Recomputed:
    """What a run did, or would do.

    Attributes
    ----------
    data_version
        The version of the store whose data it is of.
    version
        The version that it made; None where nothing was new, or where it was a dry run.
    parts
        Every part of the plan, and why it was computed or not.
    removed
        How many parts of an earlier run the plan no longer has.
    unsupported
        Entries that the engine cannot answer, with the reason.
    seconds
        How long it took.
    """

    plan: RecomputePlan
    data_version: int
    version: int | None
    parts: tuple[PlannedPart, ...]
    removed: int
    unsupported: tuple[tuple[str, str], ...]
    seconds: float

    @property
    def computed(self) -> int:
        """How many parts were computed, or would be."""
        return sum(planned.reason.is_computed for planned in self.parts)

    @property
    def resumed(self) -> int:
        """How many were taken over from an interrupted run."""
        return sum(planned.reason is PartReason.RESUMED for planned in self.parts)

    @property
    def kept(self) -> int:
        """How many were there already."""
        return sum(planned.reason is PartReason.KEPT for planned in self.parts)


def recompute(
    store: Path | str,
    plan: RecomputePlan,
    *,
    engine: MakeEngine = LocalEngine,
    dry_run: bool = False,
    wait: Duration = "10s",
    progress: Callable[[Progress], None] = lambda _progress: None,
) -> Recomputed:
    """Compute what a plan asks of the last version of a store, as far as it is not there.

    Parameters
    ----------
    engine
        Who counts; see `engine_of`.
    dry_run
        Only find out what would be computed.
    wait
        How long to wait for another run, and for another writer at the end.
    progress
        Told before each part.

    Raises
    ------
    BadPlanError
        Where the plan names what the store does not have.
    WorkBusyError, StoreBusyError
        Where another run, or another writer, is busy for longer than that.
    StoreNotFoundError, NotAStoreError, EmptyStoreError, DamagedStoreError, StoreAccessError
    """
    lake = Store.open(store)
    with ExitStack() as stack:
        area = None if dry_run else stack.enter_context(work_area(lake, _KIND, wait))
        return _Run(lake, plan, engine, area, wait, progress).carry_out()


class _Run:
    """One run."""

    def __init__(
        self,
        store: Store,
        plan: RecomputePlan,
        engine: MakeEngine,
        area: WorkArea | None,
        wait: Duration,
        progress: Callable[[Progress], None],
    ) -> None:
        self._began = time.monotonic()
        self._store, self._plan, self._area, self._wait = store, plan, area, wait
        self._progress = progress
        self._version = store.version()
        self._graph = open_graph(store.path, self._version.number)
        self._make_engine = engine
        self._engine: Engine | None = None
        self._journeys: tuple[str, Journeys] | None = None
        self._unsupported: dict[str, str] = {}
        self._stored = read_parts(store, self._version)

    def carry_out(self) -> Recomputed:
        """Do it all."""
        planned = self._planned()
        mine = [part for part in self._stored if part.plan == self._plan.name]
        version = None
        if self._area is not None:
            try:
                self._compute(self._area, planned)
            finally:
                self._close_engine()
            planned = [one for one in planned if one.part.entry.name not in self._unsupported]
            if self._has_news(planned, mine):
                version = self._write(self._area, planned)
            self._area.forget({one.part.key for one in planned})
        places = {one.part.place for one in planned}
        removed = sum(part.place not in places for part in mine)
        return Recomputed(
            plan=self._plan,
            data_version=self._version.number,
            version=version,
            parts=tuple(planned),
            removed=removed,
            unsupported=tuple(sorted(self._unsupported.items())),
            seconds=time.monotonic() - self._began,
        )

    def _planned(self) -> list[PlannedPart]:
        by_key: dict[tuple[str, str], StoredPart] = {}
        for stored in self._stored:
            by_key.setdefault((stored.table, stored.part), stored)
        mine = {part.place: part for part in self._stored if part.plan == self._plan.name}
        parts = parts_of(self._plan, self._graph, self._version)
        return [self._planned_part(part, by_key, mine) for part in parts]

    def _planned_part(
        self,
        part: Part,
        by_key: dict[tuple[str, str], StoredPart],
        mine: dict[tuple[str, str | None, str | None, str | None], StoredPart],
    ) -> PlannedPart:
        before = mine.get(part.place)
        if before is not None and before.part == part.key:
            return PlannedPart(part=part, reason=PartReason.KEPT, known=before)
        known = by_key.get((part.entry.statistic.table.name, part.key))
        if known is not None:
            return PlannedPart(part=part, reason=PartReason.KEPT, known=known)
        if self._area is not None and part.key in self._area:
            return PlannedPart(part=part, reason=PartReason.RESUMED)
        return PlannedPart(part=part, reason=_reason(part, before))

    def _has_news(self, planned: Sequence[PlannedPart], mine: Sequence[StoredPart]) -> bool:
        """Whether the store would hold anything else afterwards."""
        if any(part.plan_hash != self._plan.hash for part in mine) or len(mine) != len(planned):
            return True
        return any(
            one.known is None or one.known.plan != self._plan.name
            or one.known.place != one.part.place
            for one in planned
        )  # fmt: skip

    def _compute(self, area: WorkArea, planned: Sequence[PlannedPart]) -> None:
        """Compute what is missing, and keep what is finished."""
        wanted = [one.part for one in planned if one.reason.is_computed]
        finished: dict[str, pa.Table] = {}
        kept_at = time.monotonic()
        try:
            for number, part in enumerate(wanted):
                done = len(planned) - len(wanted) + number
                self._progress(Progress(done=done, total=len(planned), part=str(part)))
                if part.key not in finished and part.key not in area:
                    rows = self._computed(part)
                    finished |= {} if rows is None else {part.key: rows}
                if time.monotonic() - kept_at > _KEEP_EVERY_SECONDS:
                    area.keep(finished)
                    finished, kept_at = {}, time.monotonic()
        finally:
            area.keep(finished)

    def _computed(self, part: Part) -> pa.Table | None:
        """The answer of a part, and when and of which data; None where the engine has none."""
        if part.entry.name in self._unsupported:
            return None
        try:
            rows = answer_of(part, self._plan.text, lambda: self._view(part), self._graph)
        except UnsupportedByEngineError as error:
            self._unsupported[part.entry.name] = error.problem
            return None
        facts = self._version.number, time.time_ns() // 1_000
        return rows.replace_schema_metadata(dict(zip(_FACTS, map(str, facts), strict=True)))

    def _view(self, part: Part) -> Journeys:
        view = part.view
        if self._journeys is None or self._journeys[0] != view:
            self._journeys = None  # two at once may be too large
            if self._engine is None:
                self._engine = self._make_engine(self._graph)
            self._journeys = view, self._engine.journeys(**part.population)
        return self._journeys[1]

    def _close_engine(self) -> None:
        self._journeys = None
        if self._engine is not None:
            self._engine.close()

    def _write(self, area: WorkArea, planned: Sequence[PlannedPart]) -> int:
        """Make all of it one version of the store."""
        entries = []
        for one in planned:
            if one.known is not None:
                facts = one.known.store_version, one.known.computed_at_us, one.known.rows
                stored = StoredPart.of(self._plan, one.part, *facts)
                entries.append(Written(one.part, stored, known=one.known))
            else:
                rows = area[one.part.key]
                version, at_us = (int(rows.schema.metadata[name]) for name in _FACTS)
                stored = StoredPart.of(self._plan, one.part, version, at_us, rows.num_rows)
                entries.append(Written(one.part, stored, rows=rows))
        n_new = sum(one.known is None for one in planned)
        note = f"plan {self._plan.name}: {n_new} of {len(planned)} parts "
        note += f"computed of version {self._version.number}"
        with self._store.writer(self._wait) as writer:
            write_parts(writer, self._plan, entries)
            return writer.commit(kind=_KIND, note=note).number


def _reason(part: Part, before: StoredPart | None) -> PartReason:
    if before is None:
        return PartReason.NEW
    if before.meaning != part.meaning:
        return PartReason.PLAN
    return PartReason.DATA if before.as_of_us == part.as_of_us else PartReason.END


def answer_of(
    part: Part, text: PlanText, view: Callable[[], Journeys], graph: JourneyGraph
) -> pa.Table:
    """The rows of a part; what its entry's options are not good for is an error of the plan.

    Raises
    ------
    BadPlanError
        With the line, and the part as a note.
    UnsupportedByEngineError
        Where the engine does not answer it.
    """
    entry = part.entry
    try:
        return entry.statistic.answer(entry.question, view(), graph)
    except UnsupportedByEngineError:
        raise
    except JourneyGraphError as error:
        if not is_of_options(error):
            raise  # of the store, or of the engine
        refused = text.refused(entry.path, error)
        refused.add_note(str(part))
        raise refused from error
    except (AttributeError, TypeError, ValueError) as error:
        what = f"It cannot be computed: {type(error).__name__}: {error}."
        raise text.error(entry.path, what, "Look for an option of the wrong kind.") from error
