"""What runs in Spark's Python workers: rows of whole customers in, partial tables out.

Spark hands over rows in batches that end anywhere, in the middle of a customer, too. So rows are
gathered until there are enough, the last customer, who may go on in the next batch, is carried
over, and a small graph is made of the others. Its codes are those of the whole: names, channels,
dictionary and the end of the data come with the task. From there on all is as in the local
engine: the journeys of the graph, the statistic's own partial, the merge.

Nothing of Spark is imported here: a task is a picklable function from batches to batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.backends.lazy_options import of_view
from journeygraph.feedback import Feedback, no_feedback
from journeygraph.graph import (
    MISSING,
    WORDS,
    CodedColumn,
    IntArray,
    JourneyGraph,
    code_type,
)
from journeygraph.graph_columns import attributes_frame, empty_number, number_type
from journeygraph.graph_layout import (
    Arranged,
    Dictionary,
    check_codes,
    fill_not_said,
    let_dictionary_speak,
    words_of_touchpoints,
)
from journeygraph.json_columns import codes_of, names_in
from journeygraph.outcome import OutcomeRule, compile_outcome
from journeygraph.statistics.base import MergeableStatistic, merge
from journeygraph.statistics.finders import Finder, customers_of_units
from journeygraph.statistics.referral_credit import first_outcomes
from journeygraph.statistics.sequences import ranks_of_names
from journeygraph.store_rows import numbers_of
from journeygraph.texts import Texts
from journeygraph.vocabulary import STAGES

if TYPE_CHECKING:
    import pandas as pd

    from journeygraph.journeys import Journeys

__all__ = [
    "Counting",
    "CustomerNumbers",
    "FindingCustomers",
    "GraphParts",
    "PropertyNames",
    "ViewParts",
    "graph_of",
    "spark_table",
    "whole_customers",
]

Int64Array = npt.NDArray[np.int64]
Batches = Iterable[pa.RecordBatch]

_ROWS_OF_GRAPH = 1 << 20
_ROWS_HELD = 1 << 18
"""So many rows of partial tables are merged before more are made."""


def whole_customers(batches: Batches, at_least: int = _ROWS_OF_GRAPH) -> Iterator[pa.Table]:
    """Rows of whole customers, about so many at a time.

    Parameters
    ----------
    batches
        Sorted by `customer`, each customer wholly here.
    """
    held: list[pa.RecordBatch] = []
    n_held, goal = 0, at_least
    for batch in batches:
        held.append(batch)
        n_held += batch.num_rows
        if n_held < goal:
            continue
        table = pa.Table.from_batches(held)
        customers = table["customer"].to_numpy()
        cut = int(np.searchsorted(customers, customers[-1]))
        if cut:
            yield table.slice(0, cut)
        held, n_held = table.slice(cut).to_batches(), len(table) - cut
        goal = max(at_least, 2 * n_held)  # of one large customer not every batch is looked at
    if n_held:
        yield pa.Table.from_batches(held)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class GraphParts:
    """What makes graphs of some customers with the codes of the whole.

    Attributes
    ----------
    touchpoints, channels, pairs, as_of_us, currency, exponent
        As the graph of the whole has them.
    channel_codes
        From channel codes of the table to those of the graph, the last where none is said.
    dictionary
        What is known of touchpoints.
    teams
        Names of the teams by code.
    properties
        Names of further columns that may be asked for.
    """

    touchpoints: tuple[str, ...]
    channels: tuple[str, ...]
    channel_codes: IntArray
    dictionary: Dictionary
    as_of_us: int
    currency: str | None
    exponent: int
    pairs: IntArray | None = None
    teams: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()

    def graphs(self, batches: Batches) -> Iterator[tuple[JourneyGraph, Int64Array]]:
        """Graphs of the rows, and the keys of their customers."""
        for rows in whole_customers(batches):
            yield graph_of(self, rows)


def graph_of(parts: GraphParts, rows: pa.Table) -> tuple[JourneyGraph, Int64Array]:
    """The graph of rows in their order, and the key of each of its customers.

    Raises
    ------
    InconsistentGraphError
        Where a code names nothing.
    """
    customers = _numbers(rows, "customer", None).astype(np.int64)
    begins = np.flatnonzero(np.diff(customers, prepend=-1) != 0)
    touchpoints = _numbers(rows, "touchpoint", None)
    channels = _numbers(rows, "channel", -1)
    stages = _numbers(rows, "stage", 0)
    check_codes("touchpoints", touchpoints, len(parts.touchpoints))
    check_codes("channels", channels + 1, len(parts.channel_codes))
    check_codes("stages", stages, len(STAGES) + 1)
    arranged = Arranged(
        customer_starts=np.append(begins, len(customers)).astype(np.int64),
        order=np.arange(len(customers)),
        at_us=_numbers(rows, "at", None).astype(np.int64),
        touchpoint_codes=touchpoints.astype(code_type(len(parts.touchpoints))),
        channel_codes=parts.channel_codes[channels].astype(code_type(len(parts.channels))),
        stage_codes=stages.astype(np.uint8),
        value_minor=_numbers(rows, "value", MISSING).astype(np.int64),
    )
    let_dictionary_speak(arranged, parts.touchpoints, parts.channels, parts.dictionary)
    graph = JourneyGraph(
        version=None,
        as_of_us=parts.as_of_us,
        customer_starts=arranged.customer_starts,
        at_us=arranged.at_us,
        touchpoint_codes=arranged.touchpoint_codes,
        channel_codes=arranged.channel_codes,
        stage_codes=arranged.stage_codes,
        value_minor=arranged.value_minor,
        touchpoints=parts.touchpoints,
        channels=parts.channels,
        currency=parts.currency,
        exponent=parts.exponent,
        pairs=parts.pairs,
        further=RowColumns(parts, rows, arranged.touchpoint_codes),
    )
    return graph, customers[begins]


def _numbers(rows: pa.Table, name: str, none: int | None) -> npt.NDArray[Any]:
    column = pa.chunked_array(rows[name]).combine_chunks()
    return numbers_of(column, none)


@dataclass(frozen=True, eq=False)
class RowColumns:
    """Further columns of rows of a table; only those that came with the rows.

    Attributes
    ----------
    ids, attributes_by_name
        Of the customers, where they are known.
    """

    parts: GraphParts
    rows: pa.Table
    touchpoint_codes: IntArray
    ids: tuple[str, ...] = ()
    attributes_by_name: Mapping[str, CodedColumn] = field(default_factory=dict)

    @property
    def customer_ids(self) -> Texts:
        """The customers' ids by customer index."""
        return Texts.of(self.ids).indexed()

    @property
    def merged_ids(self) -> Mapping[str, int]:
        """None: a version with merged ids is refused."""
        return {}

    def number(self, name: str) -> IntArray:
        """One of `NUMBERS`, or the codes of one of `WORDS`."""
        none = int(empty_number(name, 1)[0])
        numbers = _numbers(self.rows, name, none).astype(number_type(name))
        if name in WORDS:
            words = words_of_touchpoints(self.parts.touchpoints, self.parts.dictionary, name)
            return fill_not_said(numbers, self.touchpoint_codes, words)
        return numbers

    def text(self, name: str) -> CodedColumn:
        """One of `TEXTS`."""
        if name == "team":
            return CodedColumn(_numbers(self.rows, name, -1).astype(np.int32), self.parts.teams)
        column = pa.chunked_array(self.rows[name]).combine_chunks().dictionary_encode()
        codes = numbers_of(column.indices, -1).astype(np.int32)
        return CodedColumn(codes, tuple(column.dictionary.to_pylist()))

    def property_names(self) -> tuple[str, ...]:
        """Those that may be asked for."""
        return self.parts.properties

    def property(self, name: str) -> CodedColumn:
        """One of `property_names`."""
        column = pa.chunked_array(self.rows["properties"]).combine_chunks()
        return CodedColumn(*codes_of([column], name))

    def attributes(self) -> pd.DataFrame:
        """The customers' attributes."""
        return attributes_frame(len(self.ids), self.attributes_by_name)

    def feedback(self) -> Feedback:
        """None: it stands beside the interactions."""
        return no_feedback()


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ViewParts:
    """What makes views of some customers; `options` are those of `graph.journeys`."""

    graphs: GraphParts
    options: Mapping[str, Any]

    def views(self, batches: Batches) -> Iterator[tuple[Journeys, Int64Array]]:
        """Views of the rows, and the keys of the customers of their graphs."""
        for graph, keys in self.graphs.graphs(batches):
            yield graph.journeys(**self.options), keys


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Counting:
    """Partial tables of a statistic.

    Attributes
    ----------
    by_names
        Whether codes of items in the lists of the key are replaced by the places of their names
        in the order of names, so that lists can be sorted by name.
    """

    parts: ViewParts
    statistic: MergeableStatistic
    options: Mapping[str, Any]
    by_names: bool = False

    def __call__(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        """Merged as far as memory lets them be."""
        held: list[pa.Table] = []
        for view, _keys in self.parts.views(batches):
            options = of_view(self.options, view)
            for block in view.blocks(1):
                table = self.statistic.partial(block, **options)
                held.append(_by_names(table, view) if self.by_names else table)
            if sum(map(len, held)) > _ROWS_HELD:
                held = [merge(self.statistic, held)]
                if len(held[0]) > _ROWS_HELD:
                    yield from spark_table(held.pop()).to_batches()
        if held:
            yield from spark_table(merge(self.statistic, held)).to_batches()


def _by_names(table: pa.Table, view: Journeys) -> pa.Table:
    paths = pa.chunked_array(table["path"]).combine_chunks()
    places = ranks_of_names(view.items)[paths.values.to_numpy()].astype(np.uint32)
    lists = type(paths).from_arrays(paths.offsets, pa.array(places))
    return table.set_column(table.schema.get_field_index("path"), "path", lists)


def spark_table(table: pa.Table) -> pa.Table:
    """A partial in types that Spark has: int64, and lists of them."""
    fields = [
        pa.field(column.name, pa.list_(pa.int64()) if pa.types.is_nested(column.type) else "int64")
        for column in table.schema
    ]
    return table.cast(pa.schema(fields))


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FindingCustomers:
    """Keys of the customers whose units a finder finds; without one, of those who are meant."""

    parts: ViewParts
    finder: Finder | None
    options: Mapping[str, Any]

    def __call__(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        """One column, `customer`."""
        for view, keys in self.parts.views(batches):
            if self.finder is not None:
                units = self.finder.units(view, **of_view(self.options, view))
                found = customers_of_units(view, units)
            elif view.kept_customers is not None:
                found = np.flatnonzero(view.kept_customers)
            else:
                found = np.arange(len(keys))
            yield pa.record_batch({"customer": keys[found]})


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class CustomerNumbers:
    """When each customer first had an outcome, where that ever was."""

    parts: GraphParts
    rule: OutcomeRule

    def __call__(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        """Two columns, `customer` and `number`."""
        for graph, keys in self.parts.graphs(batches):
            numbers = first_outcomes(graph, compile_outcome(graph, self.rule))
            said = np.flatnonzero(numbers != MISSING)
            yield pa.record_batch({"customer": keys[said], "number": numbers[said]})


@dataclass(frozen=True, slots=True)
class PropertyNames:
    """Names of what `properties` hold."""

    column: str = "properties"

    def __call__(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        """One column, `name`."""
        for batch in batches:
            yield pa.record_batch(
                {"name": pa.array(names_in([batch.column(self.column)]), "string")}
            )
