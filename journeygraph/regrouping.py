"""Journeys by the value of a column, where those of one customer overlap in time.

Two orders of one customer may be under way at once, and then neither is a range of rows. The
graph is put into another order for them: within each such customer, journey by journey. It is
the one view that copies columns (28 bytes for each interaction), and it counts by journey only:
in that order a customer's rows are no longer in the order of time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InterleavedJourneysError
from journeygraph.feedback import Feedback
from journeygraph.graph import CodedColumn, FurtherColumns, IntArray, JourneyGraph
from journeygraph.kernels.split import count_interleaved, find_runs, order_by_group
from journeygraph.splitting import Ranges, Unit

if TYPE_CHECKING:
    import pandas as pd

    from journeygraph.texts import Texts

__all__ = ["split_by_column"]

Int64Array = npt.NDArray[np.int64]
_COLUMNS = ("at_us", "touchpoint_codes", "channel_codes", "stage_codes", "value_minor")


def split_by_column(
    graph: JourneyGraph, column: str, ranges: Ranges, unit: Unit
) -> tuple[JourneyGraph, Int64Array]:
    """The graph in which each value's rows stand together, and the rows where a value begins.

    The graph is the same one where they stand together already.

    Raises
    ------
    InterleavedJourneysError
        Where they do not and the unit is the customer.
    UnknownColumnError
        Where there is no such column of names.
    """
    coded = graph.coded(column)
    groups = _read_only(coded.codes.astype(np.int32, copy=False))
    starts, ends = _read_only(ranges.starts), _read_only(ranges.ends)
    n_interleaved = int(count_interleaved(starts, ends, groups, len(coded.names)))
    if n_interleaved:
        if unit is Unit.CUSTOMER:
            raise InterleavedJourneysError(column, n_interleaved)
        order = np.arange(graph.n_interactions)
        order_by_group(starts, ends, groups, len(coded.names), order)
        graph, groups = _in_order(graph, order), _read_only(groups[order])
    cuts: Int64Array = find_runs(starts, ends, groups)
    return graph, cuts


def _in_order(graph: JourneyGraph, order: Int64Array) -> JourneyGraph:
    columns: dict[str, Any] = {name: getattr(graph, name)[order] for name in _COLUMNS}
    return replace(graph, **columns, further=_Reordered(graph.further, order))


def _read_only(array: IntArray) -> IntArray:
    view = array.view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, eq=False)
class _Reordered:
    """The further columns of a graph in another order of its interactions."""

    given: FurtherColumns
    order: Int64Array

    @property
    def customer_ids(self) -> Texts:
        """The customers' ids, whose order is the same."""
        return self.given.customer_ids

    @property
    def merged_ids(self) -> Mapping[str, int]:
        """As the graph's."""
        return self.given.merged_ids

    def number(self, name: str) -> IntArray:
        """As the graph's."""
        return self.given.number(name)[self.order]

    def text(self, name: str) -> CodedColumn:
        """As the graph's."""
        return self._coded(self.given.text(name))

    def property_names(self) -> Sequence[str]:
        """As the graph's."""
        return self.given.property_names()

    def property(self, name: str) -> CodedColumn:
        """As the graph's."""
        return self._coded(self.given.property(name))

    def attributes(self) -> pd.DataFrame:
        """As the graph's."""
        return self.given.attributes()

    def feedback(self) -> Feedback:
        """As the graph's."""
        return self.given.feedback()

    def _coded(self, column: CodedColumn) -> CodedColumn:
        return CodedColumn(column.codes[self.order], column.names)
