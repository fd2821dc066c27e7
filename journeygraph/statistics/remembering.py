"""What was counted of a view is remembered, and never told of anything else.

A server or a notebook makes a `StatisticsCache` and has it make its views; whoever was not given
such a view counts anew (the command line, a benchmark). A statistic is known by what it was
counted from: the rows of the tables of the store (not the number of its version: compaction and
feedback leave them as they are), the selection of the view, its own name and options. A graph
that is of no store is known by itself. So nothing can be out of date, and nothing ever has to be
invalidated.

What is remembered of an older version is the base for the newer one (`refresh`), when somebody
asks for it there. Whole answers are not kept: their lists of customers hold the view, so that a
few kilobytes would hold what may be hundreds of megabytes.
"""

from __future__ import annotations

import hashlib
import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary, WeakValueDictionary

import numpy as np
import orjson

from journeygraph.cohorts import Where
from journeygraph.given import mapping_as
from journeygraph.graph_changes import graph_key
from journeygraph.lake.store import Store
from journeygraph.statistics.cache import RecentValues, Sized
from journeygraph.store_columns import StoreColumns

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph
    from journeygraph.journeys import Journeys
    from journeygraph.view_options import ViewOptions

__all__ = ["LazyOption", "Renew", "StatisticsCache", "ViewMemory", "remembered"]

_Value = TypeVar("_Value", bound=Sized)

Renew = Callable[[Any, "Journeys"], Any]
"""From an older version's value and view to the newer value; None where that cannot be done."""

_OLDER_VIEWS = 4
"""How many older views of one line are looked at for a base."""

_SECOND_VIEWS = 4
"""How many views that others were compared with are kept; each holds its items."""


class StatisticsCache(RecentValues):
    """Statistics of views of graphs, up to a number of bytes; the least recently used go first.

    >>> statistics = StatisticsCache(256 << 20)
    >>> journeys = statistics.journeys(graph, by="channel")  # instead of graph.journeys(...)
    >>> statistics.use
    CacheUse(hits=0, misses=0, refreshed=0, evicted=0, entries=0, bytes=0)

    Give the same one the graph of a newer version of the store, and what was counted of the older
    is brought up to date for it, as long as somebody holds the older view.
    """

    def __init__(self, at_most_bytes: int) -> None:
        super().__init__(at_most_bytes)
        self._numbers = count()
        self._graphs: WeakKeyDictionary[JourneyGraph, str] = WeakKeyDictionary()
        self._lines: dict[Hashable, WeakValueDictionary[int, Journeys]] = {}
        self._second: OrderedDict[Hashable, Journeys] = OrderedDict()
        self._of_views = threading.Lock()

    def journeys(self, graph: JourneyGraph, **options: Any) -> Journeys:
        """The journeys that `graph.journeys(**options)` gives; what is asked is remembered."""
        return self.remember(graph.journeys(**options), graph)

    def remember(self, journeys: Journeys, graph: JourneyGraph) -> Journeys:
        """The same journeys, whose statistics are remembered here.

        Parameters
        ----------
        graph
            Whose `journeys` they are; not always `journeys.graph`, which may be in another order.
        """
        if not self.at_most_bytes:
            return journeys
        store, graph_name = self._named(graph)
        line = store, journeys.selection
        memory = ViewMemory(self, graph, (graph_name, journeys.selection), line)
        remembered_view = replace(journeys)
        object.__setattr__(remembered_view, "memory", memory)
        with self._of_views:
            self._lines = {old: views for old, views in self._lines.items() if len(views)}
            views = self._lines.setdefault(line, WeakValueDictionary())
            views[next(self._numbers)] = remembered_view
        return remembered_view

    def with_where(self, options: ViewOptions, where: Where | Mapping[str, Any]) -> Journeys:
        """The journeys that these options give with another `where`; the last few are kept."""
        given = options.arguments(where=mapping_as(Where, where, "where"))
        key = self._named(options.graph)[1], repr(given)
        with self._of_views:
            kept = self._second.get(key)
        made = self.journeys(options.graph, **given) if kept is None else kept
        with self._of_views:
            self._second[key] = made
            self._second.move_to_end(key)
            while len(self._second) > _SECOND_VIEWS:
                self._second.popitem(last=False)
        return made

    def views_of(self, line: Hashable) -> list[Journeys]:
        """Views of other versions that somebody still holds, the last one made first."""
        with self._of_views:
            views = list(self._lines.get(line, {}).items())
        return [view for _, view in sorted(views, key=lambda item: -item[0])]

    def _named(self, graph: JourneyGraph) -> tuple[str, str]:
        """The store that a graph is of, and all that decides what is in it."""
        further = graph.further
        if isinstance(further, StoreColumns) and isinstance(further.tables, Store):
            entry = further.entry
            path = str(further.tables.path.absolute())
            whole = {
                **graph_key(entry), "path": path, "identities": entry.revisions.get("identities"),
                "money": [entry.currency, entry.exponent],
            }  # fmt: skip
            return path, _digest(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS))
        with self._of_views:
            name = self._graphs.setdefault(graph, f"graph {next(self._numbers)}")
        return name, name


@dataclass(frozen=True, eq=False, slots=True)
class ViewMemory:
    """What a view knows of where its statistics are.

    Attributes
    ----------
    graph
        Whose `journeys` made the view.
    view
        What the view is of, and what it selects.
    line
        The same of all versions of a store.
    """

    cache: StatisticsCache
    graph: JourneyGraph
    view: Hashable
    line: Hashable

    def get(
        self, asked: Hashable, make: Callable[[], _Value], renew: Renew | None = None
    ) -> _Value:
        """A value of this view; see `remembered`."""

        def made() -> _Value:
            renewed: _Value | None = None if renew is None else self._renewed(asked, renew)
            return make() if renewed is None else renewed

        return self.cache.get((self.view, asked), made)

    def with_where(self, options: ViewOptions, where: Where | Mapping[str, Any]) -> Journeys:
        """Another population of the graph, remembered beside this view."""
        return self.cache.with_where(options, where)

    def known(self, asked: Hashable) -> Any | None:
        """A value of this view if it is there."""
        return self.cache.known((self.view, asked))

    def put(self, asked: Hashable, value: Sized) -> None:
        """Have something of this view remembered that is known by now."""
        self.cache.put((self.view, asked), value)

    def _renewed(self, asked: Hashable, renew: Renew) -> Any | None:
        for older in self.cache.views_of(self.line)[:_OLDER_VIEWS]:
            assert older.memory is not None
            value = None if older.memory.view == self.view else older.memory.known(asked)
            renewed = None if value is None else renew(value, older)
            if renewed is not None:
                self.cache.count_refreshed()
                return renewed
        return None


def remembered(
    journeys: Journeys,
    name: str,
    options: Mapping[str, Any],
    make: Callable[[], _Value],
    renew: Renew | None = None,
) -> _Value:
    """What `make` gives, or gave when the same was asked of the same view before.

    Parameters
    ----------
    name, options
        What is asked: all that the value depends on beside the view, whose `confidence` it must
        not depend on. Where one of the options is of a kind that is not known here, nothing is
        remembered.
    make
        Counts it.
    renew
        Makes it of the value of an older version, where one is remembered, and what changed.
    """
    if journeys.memory is None:
        return make()
    try:
        plain = _plain(dict(options))
    except _UntoldError:
        return make()
    return journeys.memory.get((name, _digest(repr(plain).encode())), make, renew)


class LazyOption(ABC):
    """An option that costs something to make, and so is made when something is to be counted."""

    @property
    @abstractmethod
    def asked(self) -> Any:
        """What it depends on beside the journeys, as another option."""

    @classmethod
    @abstractmethod
    def of(cls, journeys: Journeys, asked: Any) -> LazyOption:
        """The same asked of some journeys: an engine makes it again of each part of its own."""

    @abstractmethod
    def prepare(self) -> None:
        """Make what all threads will look at."""


class _UntoldError(Exception):
    """An option of a kind of which nobody knows when two are the same."""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _plain(option: Any) -> Any:
    """An option as what `repr` tells apart."""
    if isinstance(option, bool | int | float | str | Enum | None):
        return option
    if isinstance(option, LazyOption):
        return type(option).__name__, _plain(option.asked)
    if isinstance(option, np.ndarray) and option.dtype != object:
        return option.dtype.str, option.shape, option.tobytes()
    if is_dataclass(option) and not isinstance(option, type) and not hasattr(option, "graph"):
        named = {field.name: getattr(option, field.name) for field in fields(option)}
        return type(option).__name__, _plain(named)
    if isinstance(option, Mapping):
        return [(_plain(name), _plain(option[name])) for name in sorted(option)]
    if isinstance(option, tuple | list):
        return [_plain(part) for part in option]
    raise _UntoldError(type(option).__name__)
