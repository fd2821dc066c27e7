"""Open graphs and views, shared by requests and never stale.

A view is known by the version that it is of and by all its options, so that nothing kept here
can be out of date; a new version of the store is another key, and so is a version of a store
that was made anew under the same path. What was used least recently goes first, since a view
holds as much memory as its items.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import orjson

from api.errors import NeedsStoreError
from api.store_facts import StoreFacts

if TYPE_CHECKING:
    from journeygraph.backends import Engine, EngineOptions
    from journeygraph.graph import JourneyGraph
    from journeygraph.journeys import Journeys
    from journeygraph.lake.store import Store, StoreVersion
    from journeygraph.statistics.remembering import StatisticsCache

__all__ = ["AbandonedError", "Request", "Snapshots", "StoreFacts"]

_Kept = TypeVar("_Kept")

# A folder changed twice within one tick of the file system's clock looks as it did after the first.
_SETTLED_NS = 2_000_000_000


class AbandonedError(BaseException):
    """Nobody waits for the answer any more.

    Not an `Exception`: GraphQL would take one for the error of a field, and go on.
    """


class _Recent(Generic[_Kept]):
    """The most recently used of what was made; each made once, even for many who ask at once."""

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._kept: OrderedDict[Any, Future[_Kept]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any, make: Callable[[], _Kept]) -> _Kept:
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
            else:
                mine = self._kept[key] = Future()
                while len(self._kept) > self._at_most:
                    self._kept.popitem(last=False)
        if kept is not None:
            return kept.result()
        try:
            made = make()
        except BaseException as error:
            with self._lock:
                if self._kept.get(key) is mine:
                    del self._kept[key]
            mine.set_exception(error)
            raise
        mine.set_result(made)
        return made

    def made(self) -> list[_Kept]:
        """What is kept, as far as it was made."""
        with self._lock:
            return [kept.result() for kept in self._kept.values() if kept.done()]


@dataclass(frozen=True, eq=False, slots=True)
class EngineState:
    """The one graph that an engine has, where there is no store: in the place of a version.

    Attributes
    ----------
    serial
        Another one for each graph that is found there.
    """

    engine: Engine
    serial: int

    @property
    def number(self) -> int | None:
        """Of the version of a store that it is of; None where it is of none."""
        return self.engine.graph.version

    @property
    def exponent(self) -> int:
        """Decimals of all money."""
        return self.engine.graph.exponent


class _OnlyGraph:
    """An engine without a store, opened when it is first asked, and again when its graph is new."""

    def __init__(self, options: EngineOptions) -> None:
        self._options = options
        self._states: list[EngineState] = []
        self._lock = threading.Lock()

    def state(self, version: int | None) -> EngineState:
        """The graph that there is now.

        Raises
        ------
        NeedsStoreError
            Where another version is asked for.
        """
        from journeygraph.backends.opening import open_engine

        with self._lock:
            if not self._states or not self._states[-1].engine.is_current():
                serial = self._states[-1].serial + 1 if self._states else 0
                self._states.append(EngineState(open_engine(self._options), serial))
                self._close_all_but(2)  # requests may still be about the one before
            now = self._states[-1]
        if version not in (None, now.number):
            raise NeedsStoreError(f"Version {version}")
        return now

    def close(self) -> None:
        """Let go of the engine."""
        with self._lock:
            self._close_all_but(0)

    def _close_all_but(self, n_last: int) -> None:
        while len(self._states) > n_last:
            self._states.pop(0).engine.close()


class Snapshots:
    """The graphs and views of one store, or of an engine that needs none.

    Parameters
    ----------
    store
        An existing store; `Store.open` says how it is refused otherwise. None where the engine
        has a graph of its own.
    graphs, views
        How many are kept open.
    statistics
        Where what is counted of the views is remembered, and from which it is brought up to date
        when there is a new version; by default it is not.
    engine
        Who counts; this process by default. What another engine counts is not remembered.
    allow_recording
        Whether requests may write to the store; by default it is only read.
    """

    def __init__(
        self,
        store: Path | None,
        graphs: int = 2,
        views: int = 16,
        statistics: StatisticsCache | None = None,
        engine: EngineOptions | None = None,
        allow_recording: bool = False,
    ) -> None:
        from journeygraph.backends.opening import EngineOptions, needs_store, store_of
        from journeygraph.lake.store import Store

        self._engine = engine or EngineOptions(store=store)
        if store is None and needs_store(self._engine):
            store = store_of(self._engine)
        self._store: Store | None = None if store is None else Store.open(store)
        self._only = _OnlyGraph(self._engine)
        self._latest: tuple[tuple[int, int], StoreVersion] | None = None
        self._engines: _Recent[Engine] = _Recent(graphs)
        self._views: _Recent[Journeys] = _Recent(views)
        self._statistics = statistics
        self.allow_recording = allow_recording

    @property
    def store(self) -> Store:
        """The store.

        Raises
        ------
        NeedsStoreError
            Where there is none.
        """
        if self._store is None:
            raise NeedsStoreError("What is stored")
        return self._store

    def request(self, version: int | None = None) -> Request:
        """One request, of the version given or else of the latest."""
        return Request(self, version)

    def entry(self, version: int | None) -> StoreVersion | EngineState:
        """The entry of a version, the latest by default; without a store, what the engine has.

        Raises
        ------
        EmptyStoreError, UnknownVersionError, DamagedStoreError, NeedsStoreError
        """
        if self._store is None:
            return self._only.state(version)
        if version is not None:
            return self._store.version(version)
        changed_at, known = self._store.changed_at(), self._latest
        if known is not None and known[0] == changed_at:
            return known[1]
        entry = self._store.version(None)
        if time.time_ns() - changed_at[0] > _SETTLED_NS:
            self._latest = changed_at, entry
        return entry

    def latest_number(self) -> int | None:
        """The number of the latest version; None where nothing has been loaded into a store."""
        from journeygraph.lake.errors import EmptyStoreError

        try:
            return self.entry(None).number
        except EmptyStoreError:
            return None

    def graph(self, entry: StoreVersion | EngineState) -> JourneyGraph:
        """The graph of a version."""
        return cast("JourneyGraph", self._opened(entry).graph)

    def local_graph(self, entry: StoreVersion | EngineState) -> JourneyGraph:
        """The graph of a version in this process, whoever counts."""
        if self._opened(entry).support.arrays:
            return self.graph(entry)
        from journeygraph.graph_store import open_graph

        return open_graph(self.store.path, entry.number)

    def _opened(self, entry: StoreVersion | EngineState) -> Engine:
        from journeygraph.backends.opening import open_engine

        if isinstance(entry, EngineState):
            return entry.engine
        options = replace(self._engine, store=self.store.path, version=entry.number)
        return self._engines.get(_key(entry), lambda: open_engine(options))

    def journeys(self, entry: StoreVersion | EngineState, options: dict[str, Any]) -> Journeys:
        """The journeys of a version that the options select."""
        key = (_key(entry), orjson.dumps(options, option=orjson.OPT_SORT_KEYS))
        return self._views.get(key, lambda: self._view(self._opened(entry), options))

    def _view(self, engine: Engine, options: dict[str, Any]) -> Journeys:
        view = engine.journeys(**options)
        if self._statistics is None or not engine.support.arrays:
            return view
        return self._statistics.remember(view, cast("JourneyGraph", engine.graph))

    def close(self) -> None:
        """Let go of all engines; nothing is asked any more."""
        self._only.close()
        for engine in self._engines.made():
            engine.close()

    def facts(self, entry: StoreVersion | EngineState) -> StoreFacts:
        """What a version holds."""
        made_at_us = None if isinstance(entry, EngineState) else entry.at_us
        return StoreFacts(self.graph(entry), made_at_us)


def _key(entry: StoreVersion | EngineState) -> tuple[int | None, int]:
    return entry.number, entry.serial if isinstance(entry, EngineState) else entry.at_us


class Request:
    """What the fields of one request look at: GraphQL's context.

    Its version is settled when a field first looks, and is the same for all of its fields.
    """

    def __init__(self, snapshots: Snapshots, version: int | None) -> None:
        self._snapshots = snapshots
        self._version = version
        self._abandoned = False

    def settle(self) -> None:
        """Settle its version now; EmptyStoreError or UnknownVersionError where there is none."""
        self._entry_of(None)

    def graph(self, version: int | None = None) -> JourneyGraph:
        """The graph of a version."""
        return self._snapshots.graph(self._entry_of(version))

    def journeys(self, version: int | None, options: dict[str, Any]) -> Journeys:
        """The journeys that the options select."""
        return self._snapshots.journeys(self._entry_of(version), options)

    def store(self, version: int | None = None) -> StoreFacts:
        """What a version holds."""
        return self._snapshots.facts(self._entry_of(version))

    def stored(self, version: int | None = None) -> tuple[Store, StoreVersion]:
        """The store and the entry of a version, for what is read and not asked.

        Raises
        ------
        NeedsStoreError
            Where there is no store.
        """
        store, entry = self._snapshots.store, self._entry_of(version)
        return store, cast("StoreVersion", entry)

    def graph_of(self, version: int | None) -> JourneyGraph:
        """The graph of a version here, whoever counts; the latest by now by None."""
        return self._snapshots.local_graph(self._snapshots.entry(version))

    def written_store(self) -> Path:
        """Where the store is, for who may write to it.

        Raises
        ------
        RecordingNotAllowedError
            Where nobody may.
        """
        if not self._snapshots.allow_recording:
            from journeygraph.recording.errors import RecordingNotAllowedError

            raise RecordingNotAllowedError
        return self._snapshots.store.path

    @cached_property
    def exponent(self) -> int:
        """Decimals of all money in the store; set by its first load."""
        return self._entry.exponent

    def abandon(self) -> None:
        """Say that nobody waits for the answer any more."""
        self._abandoned = True

    def stop_if_abandoned(self) -> None:
        """Raise AbandonedError where nobody waits for the answer any more."""
        if self._abandoned:
            raise AbandonedError

    @cached_property
    def _entry(self) -> StoreVersion | EngineState:
        return self._snapshots.entry(self._version)

    def _entry_of(self, version: int | None) -> StoreVersion | EngineState:
        return self._entry if version is None else self._snapshots.entry(version)
