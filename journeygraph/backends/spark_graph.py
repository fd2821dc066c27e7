"""What Spark tells of customers: ids, referrals, what they brought in, and one history.

A customer is known by the index that the local graph gives: the place of their key among all keys
in use. Where every key is in use, which is usual, the index is the key, and nothing need be held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.backends.base import EngineGraph
from journeygraph.backends.spark_failures import Reporting
from journeygraph.backends.spark_tables import ARRIVAL, keys_frame
from journeygraph.backends.spark_tasks import CustomerNumbers, RowColumns, graph_of
from journeygraph.graph import (
    MISSING,
    TEXTS,
    WORDS,
    CodedColumn,
    IntArray,
    JourneyGraph,
    Referrals,
)
from journeygraph.graph_layout import words_of_touchpoints
from journeygraph.json_columns import columns_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from journeygraph.backends.spark import SparkEngine
    from journeygraph.outcome import Outcome

__all__ = ["SparkGraph"]

Int64Array = npt.NDArray[np.int64]

_FEW = 1000
_EVERYTHING = (
    *WORDS,
    *TEXTS,
    "cost",
    "emotion",
    "expectation",
    "experience",
    "load",
    "file",
    "row",
)


class SparkGraph(EngineGraph):
    """The customers, names and referrals of a store version, of which Spark has the rows."""

    engine: SparkEngine

    @property
    def n_interactions(self) -> int:
        """How many interactions."""
        return self.engine.source.n_interactions

    @property
    def n_customers(self) -> int:
        """How many customers, those without an interaction included."""
        return self.engine.source.n_keys if self._keys is None else len(self._keys)

    @property
    def _keys(self) -> Int64Array | None:
        return self.engine.source.keys_in_use

    def indexes_of(self, keys: Int64Array) -> Int64Array:
        """Customer index of each key in use; -1 stays."""
        if self._keys is None:
            return keys
        return np.where(keys < 0, -1, np.searchsorted(self._keys, keys))

    def keys_of(self, customers: IntArray) -> Int64Array:
        """The key of each customer."""
        indexes = np.asarray(customers, np.int64)
        return indexes if self._keys is None else self._keys[indexes]

    def customer_id(self, customers: IntArray) -> list[str]:
        """The ids of customers given by index."""
        keys = self.keys_of(customers)
        if not len(keys):
            return []
        found = self._of_keys(self.engine.source.table("identities"), keys).select("customer", "id")
        table = found.toArrow()
        known = dict(zip(table["customer"].to_pylist(), table["id"].to_pylist(), strict=True))
        return [known[key] for key in keys.tolist()]

    def customer_indexes(self, customers: Sequence[str]) -> Int64Array:
        """The indexes of customers given by id, -1 for those that are not here."""
        from pyspark.sql import functions as f

        found = self.engine.source.table("identities").where(f.col("id").isin(list(customers)))
        known = {row.id: row.customer for row in found.select("customer", "id").collect()}
        keys = np.array([known.get(one, -1) for one in customers], np.int64)
        if self._keys is not None:
            keys = np.where(np.isin(keys, self._keys), keys, -1)
        return self.indexes_of(keys)

    def of_customers(self, frame: DataFrame, customers: IntArray) -> DataFrame:
        """The rows of customers given by index."""
        return self._of_keys(frame, self.keys_of(customers))

    def _of_keys(self, frame: DataFrame, keys: Int64Array) -> DataFrame:
        from pyspark.sql import functions as f

        if len(keys) <= _FEW:
            return frame.where(f.col("customer").isin(keys.tolist()))
        wanted = keys_frame(self.engine.source.session, {"customer": np.unique(keys)})
        return frame.join(wanted, "customer", "left_semi")

    @cached_property
    def referrals(self) -> Referrals:
        """Who brought whom, in the order of arrival."""
        given = self.engine.source.referrals()
        return Referrals(
            referrers=self.indexes_of(given["referrer"]),
            referred=self.indexes_of(given["referred"]),
            at_us=given["at"],
            medium_codes=self.engine.source.channels_of(given["medium"]),
        )

    def first_interactions(self) -> Int64Array:
        """By customer index: when first seen, MISSING for who never was."""
        from pyspark.sql import functions as f

        rows = self.engine.source.table("interactions").groupBy("customer")
        return self._by_customer(rows.agg(f.min("at").alias("number")), MISSING)

    def first_outcomes(self, outcome: Outcome) -> Int64Array:
        """By customer index: when the outcome came first, MISSING for whom it never did."""
        task = CustomerNumbers(parts=self.engine.parts(False, frozenset()), rule=outcome.rule)
        rows = self.engine.divided(self.engine.rows())
        return self._by_customer(
            rows.mapInArrow(Reporting(task), "customer bigint, number bigint"), MISSING
        )

    def customer_values(self) -> Int64Array:
        """By customer index: what the customer brought in, in minor units of money."""
        from pyspark.sql import functions as f

        rows = (
            self.engine.source.table("interactions").where("value is not null").groupBy("customer")
        )
        return self._by_customer(rows.agg(f.sum("value").alias("number")), 0)

    def customer_values_since(self, customers: Int64Array, since_us: Int64Array) -> Int64Array:
        """By customer index: what some brought in from a moment of each on, else 0."""
        from pyspark.sql import functions as f

        if not len(customers):
            return np.zeros(self.n_customers, np.int64)
        columns = {"customer": self.keys_of(customers), "since": since_us}
        since = keys_frame(self.engine.source.session, columns)
        rows = self.engine.source.table("interactions").select("customer", "at", "value")
        rows = rows.where("value is not null").join(since, "customer").where("at >= since")
        return self._by_customer(rows.groupBy("customer").agg(f.sum("value").alias("number")), 0)

    def _by_customer(self, frame: DataFrame, otherwise: int) -> Int64Array:
        """Numbers by customer index from a frame of `customer` and `number`."""
        table = frame.toArrow()
        numbers = np.full(self.n_customers, otherwise, np.int64)
        numbers[self.indexes_of(_column(table, "customer"))] = _column(table, "number")
        return numbers

    def says(self, name: str) -> bool:
        """Whether any interaction says something in stage, initiator, environment or level."""
        from pyspark.sql import functions as f

        words = words_of_touchpoints(self.touchpoints, self.engine.source.dictionary, name)
        said = f.coalesce(f.col(name), f.lit(0)) != 0
        is_known = f.col("touchpoint").isin(np.flatnonzero(words).tolist())
        rows = self.engine.source.table("interactions").where(said | is_known)
        return bool(rows.limit(1).count())

    def history_of(self, customer: int) -> tuple[JourneyGraph, int]:
        """A local graph of a customer's interactions and attributes, and the index there."""
        one = np.array([customer])
        rows = self.of_customers(self.engine.rows(frozenset(_EVERYTHING)), one)
        table = rows.orderBy("at", "sequence", *ARRIVAL).toArrow()
        parts = self.engine.parts(False, frozenset({"team"}))
        graph, _keys = graph_of(parts, table)
        further = RowColumns(
            parts,
            table,
            graph.touchpoint_codes,
            ids=tuple(self.customer_id(one)),
            attributes_by_name=self._attributes_of(one),
        )
        starts = np.array([0, len(table)], np.int64)  # also where there is no interaction
        return replace(graph, customer_starts=starts, further=further), 0

    def _attributes_of(self, one: IntArray) -> dict[str, CodedColumn]:
        """What the customers table says of a customer; of several rows the last one stays."""
        rows = (
            self.of_customers(self.engine.source.table("customers"), one)
            .orderBy(*ARRIVAL)
            .toArrow()
        )
        texts: Any = pa.chunked_array(rows["properties"], pa.string()).combine_chunks()
        columns = columns_of([texts], len(rows))
        return {
            name: CodedColumn(codes[codes >= 0][-1:], names)
            for name, (codes, names) in columns.items()
        }


def _column(table: pa.Table, name: str) -> Int64Array:
    return np.asarray(table[name].to_numpy(), np.int64)
