"""What an engine is: somebody who has the interactions, and counts them where they are.

An engine gives a view for the very options of `graph.journeys`, and every question takes that
view in the place of a `Journeys`. The view knows what the options mean: a graph of the same
names without a single interaction, the *skeleton*, is asked for its journeys, so that items,
codes, outcome and every error about an option are those of the local engine. All numbers come
from two methods: `total`, the merged table of a statistic, and `customers`, who stands behind a
number. What a view cannot give is an `UnsupportedByEngineError` and never a wrong number.

Whoever writes an engine makes three classes: an `Engine`, its `EngineGraph` and its
`EngineJourneys`; and declares what it answers in `support`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from journeygraph.backends.support import ENGINES, Support
from journeygraph.cohorts import CustomerWhere, Where
from journeygraph.errors import UnknownCustomerError, UnsupportedByEngineError
from journeygraph.given import mapping_as
from journeygraph.graph import CodedColumn, IntArray, JourneyGraph
from journeygraph.statistics.elsewhere import GraphElsewhere, JourneysElsewhere
from journeygraph.statistics.sequences import Sequences, TabledCounts
from journeygraph.statistics.sizes import Sizes, sizes_of

if TYPE_CHECKING:
    import pyarrow as pa

    from journeygraph.item_names import ItemNames
    from journeygraph.journeys import Journeys
    from journeygraph.labelling import By
    from journeygraph.outcome import Outcome
    from journeygraph.splitting import Unit
    from journeygraph.statistics.base import MergeableStatistic
    from journeygraph.statistics.finders import Finder

__all__ = ["Engine", "EngineGraph", "EngineJourneys"]

Int64Array = npt.NDArray[np.int64]


class Engine(ABC):
    """Somebody who has the interactions of one store version, and is asked about them.

    Attributes
    ----------
    name
        As it is given to `--engine`; one of `ENGINES`.
    """

    name: ClassVar[str]

    @property
    def support(self) -> Support:
        """What it answers."""
        return ENGINES[self.name]

    @property
    @abstractmethod
    def graph(self) -> JourneyGraph | EngineGraph:
        """The customers, names and referrals."""

    @abstractmethod
    def journeys(self, **options: Any) -> Journeys:
        """A view, or what takes its place, for the very options of `graph.journeys`."""

    def is_current(self) -> bool:
        """Whether its graph is still the one that is there; what never changes always is."""
        return True

    def close(self) -> None:  # noqa: B027 - most hold nothing
        """Let go of whatever it holds; it is not asked again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Declared:
    """What is not there is an error that names the engine."""

    engine: Engine
    _called = "this"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "engine":  # what copying and pickling ask for
            raise AttributeError(name)
        raise UnsupportedByEngineError(
            self.engine.name, f"{self._called}.{name}, which is an array of all interactions"
        )


class EngineGraph(_Declared, GraphElsewhere):
    """What a question asks of a graph, of one whose interactions an engine has.

    Customers are known by the index that the local graph of the same data gives them.

    Parameters
    ----------
    engine
        Whose graph it is.
    skeleton
        Its names; see `skeleton.skeleton_of`.
    """

    _called = "graph"

    def __init__(self, engine: Engine, skeleton: JourneyGraph) -> None:
        self.engine = engine
        self.skeleton = skeleton

    @property
    def names(self) -> JourneyGraph:
        """A graph with the same names, and nothing else."""
        return self.skeleton

    @property
    def version(self) -> int | None:
        """Of the store; None where there is no store."""
        return self.skeleton.version

    @property
    def as_of_us(self) -> int:
        """The latest interaction; 0 where there is none."""
        return self.skeleton.as_of_us

    @property
    def touchpoints(self) -> tuple[str, ...]:
        """By code."""
        return self.skeleton.touchpoints

    @property
    def channels(self) -> tuple[str, ...]:
        """By code; the first is "unknown"."""
        return self.skeleton.channels

    @property
    def currency(self) -> str | None:
        """Of all amounts; None where nobody said."""
        return self.skeleton.currency

    @property
    def exponent(self) -> int:
        """Decimals of all amounts."""
        return self.skeleton.exponent

    @property
    def column_names(self) -> tuple[str, ...]:
        """What `coded` and `column` of a local graph know."""
        return self.skeleton.column_names

    @property
    @abstractmethod
    def n_interactions(self) -> int:
        """How many interactions."""

    @abstractmethod
    def customer_id(self, customers: IntArray) -> list[str]:
        """The ids of customers given by index."""

    @abstractmethod
    def customer_indexes(self, customers: Sequence[str]) -> Int64Array:
        """The indexes of customers given by id, -1 for those that are not here."""

    def ids_of(self, customer: int) -> tuple[str, ...]:
        """All ids of a customer given by index: one, as versions with merged ids are refused."""
        return tuple(self.customer_id(np.array([customer])))

    @abstractmethod
    def history_of(self, customer: int) -> tuple[JourneyGraph, int]:
        """A local graph of a customer's interactions and attributes, and the index there."""

    @abstractmethod
    def says(self, name: str) -> bool:
        """Whether any interaction says something in stage, initiator, environment or level."""

    def customer_index(self, customer: str) -> int:
        """The index of a customer given by id.

        Raises
        ------
        UnknownCustomerError
            Where no customer has this id.
        """
        index = int(self.customer_indexes([customer])[0])
        if index < 0:
            raise UnknownCustomerError(customer)
        return index

    def coded(self, name: str) -> CodedColumn:
        """A column of names that holds nothing: whoever asks learns whether there is one.

        Raises
        ------
        UnknownColumnError
            Where there is no such column.
        """
        return self.skeleton.coded(name)

    def __repr__(self) -> str:
        return f"<EngineGraph: {len(self.touchpoints):,} touchpoints, on {self.engine.name}>"


def _judged_by_rows(where: Where) -> CustomerWhere | None:
    """What a condition on customers says of their interactions."""
    if where.customers is None:
        return None
    return replace(where.customers, ids=None, attributes=None, referred=None)


class EngineJourneys(_Declared, JourneysElsewhere):
    """A view of an engine, in the place of a `Journeys`.

    Parameters
    ----------
    graph
        Of the engine.
    options
        As of `graph.journeys`.
    skeleton
        What to ask about the options; the graph's own if not given.

    Attributes
    ----------
    plan
        The journeys of the skeleton: what the options mean. Conditions on ids and attributes of
        customers are not in it, since a skeleton has none; they are in `where`.
    memory
        None: an engine remembers nothing of its own.
    sets
        None: which sets there are hangs on the interactions, which a plan does not have.

    Raises
    ------
    UnsupportedByEngineError
        Where a tolerance would make sets.
    JourneyGraphError
        Where an option cannot be used or names what is not there.
    """

    _called = "journeys"
    memory = None
    sets = None

    def __init__(
        self,
        graph: EngineGraph,
        options: Mapping[str, Any],
        skeleton: JourneyGraph | None = None,
    ) -> None:
        self.engine = graph.engine
        self.graph = graph
        self.options = dict(options)
        given = options.get("where")
        self.where = mapping_as(Where, {} if given is None else given, "where")
        self.plan = (skeleton or graph.skeleton).journeys(
            **{**options, "where": replace(self.where, customers=_judged_by_rows(self.where))}
        )
        if self.plan.sets is not None:
            raise UnsupportedByEngineError(self.engine.name, "rules.tolerance")

    @property
    def by(self) -> By:
        """What a path is made of."""
        return self.plan.by

    @property
    def unit(self) -> Unit:
        """What is counted."""
        return self.plan.unit

    @property
    def items(self) -> tuple[str, ...]:
        """By code."""
        return self.plan.items

    @property
    def n_items(self) -> int:
        """How many items there are."""
        return self.plan.n_items

    @property
    def as_of_us(self) -> int:
        """The end of the data."""
        return self.plan.as_of_us

    @property
    def inactivity_us(self) -> int:
        """A unit seen less than this before the end is open."""
        return self.plan.inactivity_us

    @property
    def confidence(self) -> float:
        """Of intervals."""
        return self.plan.confidence

    @property
    def timezone(self) -> str:
        """What dates are meant in."""
        return self.plan.timezone

    @property
    def outcome(self) -> Outcome:
        """What counts as success."""
        return self.plan.outcome

    @property
    def selection(self) -> str | None:
        """All options that decide what is counted, as one text."""
        return None

    @cached_property
    def kept_customers(self) -> npt.NDArray[np.bool_] | None:
        """By customer index whom `where.customers` means; None for all."""
        return None if self.where.customers is None else self._kept_customers()

    @property
    def item_names(self) -> ItemNames:
        """The items by name."""
        return self.plan.item_names

    def item_codes_of(self, argument: str, names: Iterable[str]) -> tuple[int, ...]:
        """The codes of the items that names mean, under the name of the argument that gave them.

        Raises
        ------
        UnknownItemError
            Where a name means no item.
        """
        return self.plan.item_codes_of(argument, names)

    @cached_property
    def sizes(self) -> Sizes:
        """How much there is."""
        view: Any = self
        return sizes_of(view)

    @property
    def n_units(self) -> int:
        """How many units: the denominator of every share."""
        return self.sizes.units

    @property
    def n_journeys(self) -> int:
        """How many journeys."""
        return self.sizes.journeys

    @property
    def n_outcomes(self) -> int:
        """How often the units' whole histories have the outcome."""
        return self.sizes.outcomes

    def total(self, statistic: MergeableStatistic, options: Mapping[str, Any]) -> pa.Table:
        """The merged table of a statistic: the one that would be counted here, to the last bit.

        Raises
        ------
        UnsupportedByEngineError
            Where the engine does not declare it.
        """
        if not self.engine.support.counts(statistic.name):
            raise UnsupportedByEngineError(self.engine.name, f"the statistic {statistic.name!r}")
        return self._total(statistic, options)

    def customers(self, finder: Finder, options: Mapping[str, Any]) -> Int64Array:
        """Indexes of the customers whose units a finder finds, distinct and ascending.

        Raises
        ------
        UnsupportedByEngineError
            Where the engine does not declare it.
        """
        if not self.engine.support.finds(finder.name):
            raise UnsupportedByEngineError(self.engine.name, f"the customers of {finder.name!r}")
        return self._customers(finder, options)

    def sequences(self, length: int | None) -> Sequences:
        """Every whole path, or every run of so many items, with its units and occurrences."""
        from journeygraph.statistics.ngrams import NGRAMS
        from journeygraph.statistics.paths import PATHS

        if length is None:
            return TabledCounts.of(self.total(PATHS, {}))
        return TabledCounts.of(self.total(NGRAMS, {"length": length}))

    @abstractmethod
    def _total(self, statistic: MergeableStatistic, options: Mapping[str, Any]) -> pa.Table:
        """What `total` gives, of a statistic that is declared."""

    @abstractmethod
    def _customers(self, finder: Finder, options: Mapping[str, Any]) -> Int64Array:
        """What `customers` gives, of a finder that is declared."""

    @abstractmethod
    def _kept_customers(self) -> npt.NDArray[np.bool_]:
        """By customer index whom `where.customers` means, with interactions or without."""

    def __repr__(self) -> str:
        return f"<EngineJourneys: {self.unit}s by {self.by}, on {self.engine.name}>"
