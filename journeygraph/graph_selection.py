"""The graph of some customers alone: their rows, gathered; all else as in the graph they are of.

What is new after a load concerns few customers. A statistic of their graph costs what they cost,
and codes mean the same in both graphs, so that what is counted here can be taken from or added to
what was counted there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InconsistentGraphError
from journeygraph.graph import CodedColumn, IntArray, JourneyGraph, Referrals
from journeygraph.graph_layout import rows_of_customers
from journeygraph.late_columns import LateColumn, LateRows, MadeOnce
from journeygraph.texts import Texts

if TYPE_CHECKING:
    import pandas as pd

    from journeygraph.feedback import Feedback

__all__ = ["SelectedColumns", "columns_of_customers", "graph_of_customers"]

Int64Array = npt.NDArray[np.int64]

_GATHERED = ("at_us", "touchpoint_codes", "channel_codes", "stage_codes", "value_minor")


def columns_of_customers(graph: JourneyGraph, further: SelectedColumns) -> dict[str, LateColumn]:
    """The columns of interactions of some customers, each gathered when somebody looks at it."""
    rows = _GatheredRows(graph, further)
    return {name: LateColumn(rows, name, int(further.starts[-1])) for name in _GATHERED}


class _GatheredRows:
    """The rows of some customers of a graph (`LateRows`)."""

    def __init__(self, graph: JourneyGraph, further: SelectedColumns) -> None:
        self._graph = graph
        self._further = further
        self._columns = MadeOnce(self._gathered)
        given = (graph.given(name) for name in _GATHERED)
        self._late = next((each.rows for each in given if isinstance(each, LateColumn)), None)

    def whole(self, name: str) -> npt.NDArray[Any]:
        """A column of all of them."""
        return self._columns[name]

    def of_customers(self, customers: Int64Array) -> LateRows:
        """The rows of some of the customers, by their index among these."""
        chosen = self._further.customers[customers]
        return _GatheredRows(self._graph, SelectedColumns(self._graph, chosen))

    def _gathered(self, name: str) -> npt.NDArray[Any]:
        given = self._graph.given(name)
        if not isinstance(given, LateColumn):
            return rows_of_customers(self._further.begins, self._further.starts, given)
        assert self._late_rows is not None
        return self._late_rows.whole(name)

    @cached_property
    def _late_rows(self) -> LateRows | None:
        return None if self._late is None else self._late.of_customers(self._further.customers)


def graph_of_customers(graph: JourneyGraph, customers: npt.ArrayLike) -> JourneyGraph:
    """The graph of these customers; see `JourneyGraph.only`."""
    chosen = _checked(graph, customers)
    further = SelectedColumns(graph, chosen)
    columns: dict[str, Any] = columns_of_customers(graph, further)
    return replace(
        graph,
        **columns,
        customer_starts=further.starts,
        referrals=_inside(graph.referrals, chosen, graph.n_customers),
        further=further,
    )


class SelectedColumns:
    """Further columns of some customers of a graph, each taken from the graph's when asked for.

    Attributes
    ----------
    customers
        Their indexes in the graph, ascending, each once.
    begins
        The row of the graph where each of them begins.
    starts
        (n_customers + 1,) where each begins among the rows of these alone.
    """

    def __init__(self, graph: JourneyGraph, customers: Int64Array) -> None:
        self._graph = graph
        self.customers = customers
        self.begins = graph.customer_starts[customers]
        self.starts = np.zeros(len(customers) + 1, np.int64)
        np.cumsum(graph.customer_starts[customers + 1] - self.begins, out=self.starts[1:])

    @cached_property
    def rows(self) -> Int64Array:
        """Which row of the whole graph each row is."""
        moved = self.begins - self.starts[:-1]
        return np.arange(self.starts[-1]) + np.repeat(moved, np.diff(self.starts))

    @cached_property
    def customer_ids(self) -> Texts:
        """The customers' ids by customer index."""
        return self._graph.further.customer_ids.select(self.customers)

    @cached_property
    def merged_ids(self) -> Mapping[str, int]:
        """Further ids of these customers."""
        places = {customer: place for place, customer in enumerate(self.customers.tolist())}
        merged = self._graph.further.merged_ids.items()
        return {name: places[index] for name, index in merged if index in places}

    def number(self, name: str) -> IntArray:
        """One of `NUMBERS`, or the codes of one of `WORDS`."""
        return self._graph.further.number(name)[self.rows]

    def text(self, name: str) -> CodedColumn:
        """One of `TEXTS`."""
        return self._taken(self._graph.further.text(name))

    def property_names(self) -> Sequence[str]:
        """What `properties` of the interactions of the whole graph hold."""
        return self._graph.further.property_names()

    def property(self, name: str) -> CodedColumn:
        """One of `property_names`."""
        return self._taken(self._graph.further.property(name))

    def attributes(self) -> pd.DataFrame:
        """The customers' attributes, one row for each customer index."""
        import pandas as pd

        index = pd.RangeIndex(len(self.customers), name="customer")
        return self._graph.attributes.iloc[self.customers].set_axis(index, axis="index")

    def feedback(self) -> Feedback:
        """That of these customers alone."""
        return self._graph.feedback.of_customers(self.customers)

    def _taken(self, column: CodedColumn) -> CodedColumn:
        return CodedColumn(column.codes[self.rows], column.names)


def _checked(graph: JourneyGraph, customers: npt.ArrayLike) -> Int64Array:
    chosen = np.asarray(customers)
    if chosen.size == 0:
        return np.zeros(0, np.int64)
    if not (chosen.ndim == 1 and chosen.dtype.kind in "iu" and _ascend(chosen, graph.n_customers)):
        raise InconsistentGraphError(
            "customers", f"are not ascending indexes below {graph.n_customers}"
        )
    return chosen.astype(np.int64)


def _ascend(indexes: IntArray, end: int) -> bool:
    inside = indexes[0] >= 0 and indexes[-1] < end
    return bool(inside and np.all(indexes[1:] > indexes[:-1]))


def _inside(referrals: Referrals, customers: Int64Array, n_customers: int) -> Referrals:
    """The referrals whose customers are all among these, the customers renumbered."""
    is_here = np.zeros(n_customers + 1, np.bool_)
    is_here[customers] = True
    is_here[-1] = True  # nobody knows who brought: -1
    kept = np.flatnonzero(is_here[referrals.referred])
    kept = kept[is_here[referrals.referrers[kept]]]
    referrers = referrals.referrers[kept]
    return Referrals(
        referrers=np.where(referrers < 0, -1, np.searchsorted(customers, referrers)),
        referred=np.searchsorted(customers, referrals.referred[kept]),
        at_us=referrals.at_us[kept],
        medium_codes=referrals.medium_codes[kept],
    )
