"""Views that Spark counts: which rows a view needs, and how their partial tables become one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.backends.base import EngineJourneys
from journeygraph.backends.lazy_options import of_view, unbound
from journeygraph.backends.spark_attributes import keys_with_attributes
from journeygraph.backends.spark_columns import AskedColumns
from journeygraph.backends.spark_failures import Reporting, telling
from journeygraph.backends.spark_tables import let_go_with
from journeygraph.backends.spark_tasks import Counting, FindingCustomers, ViewParts
from journeygraph.cohorts import limits_of
from journeygraph.errors import UnknownCustomerError
from journeygraph.graph import MISSING
from journeygraph.labelling import By
from journeygraph.moments import time_zone
from journeygraph.statistics.base import MergeableStatistic, merge, total
from journeygraph.statistics.finders import Finder
from journeygraph.statistics.ngrams import NGRAMS
from journeygraph.statistics.paths import PATHS
from journeygraph.statistics.referrals import forest_of
from journeygraph.statistics.sequences import (
    Lists,
    Sequences,
    SequenceSurvey,
    TopSequences,
    ranks_of_names,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from journeygraph.backends.spark import SparkEngine

__all__ = ["SparkJourneys", "SparkSequences"]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class SparkJourneys(EngineJourneys):
    """A view of a store version, of which Spark has the rows."""

    engine: SparkEngine

    def __init__(self, engine: SparkEngine, options: Mapping[str, Any]) -> None:
        by_pairs = By(options.get("by", By.TOUCHPOINT)) is By.TOUCHPOINT_AT_CHANNEL
        skeleton = engine.skeleton(engine.pairs if by_pairs else None)
        self._asked = AskedColumns(engine, skeleton.further)
        self._asking = Lock()
        super().__init__(engine.graph, options, replace(skeleton, further=self._asked))
        self._by_pairs = by_pairs
        self._view_asked = self._asked.taken()

    def _total(self, statistic: MergeableStatistic, options: Mapping[str, Any]) -> pa.Table:
        nothing, further = self._of_nothing(statistic, options)
        task = Counting(parts=self._parts(further), statistic=statistic, options=unbound(options))
        partials = self._rows(further).mapInArrow(Reporting(task), _ddl(nothing))
        table = telling(self.engine.name, lambda: _merged(statistic, partials).toArrow())
        if not len(table):
            return nothing
        return merge(statistic, [table.select(nothing.column_names).cast(nothing.schema)])

    def _customers(self, finder: Finder, options: Mapping[str, Any]) -> Int64Array:
        with self._asking:
            finder.units(self.plan, **of_view(options, self.plan))
            further = self._view_asked | self._asked.taken()
        return self._found(finder, options, further)

    def _found(
        self, finder: Finder | None, options: Mapping[str, Any], further: frozenset[str]
    ) -> Int64Array:
        task = FindingCustomers(parts=self._parts(further), finder=finder, options=unbound(options))
        found = self._rows(further).mapInArrow(Reporting(task), "customer bigint")
        keys = telling(self.engine.name, found.toArrow)["customer"].to_numpy()
        return np.sort(self.engine.graph.indexes_of(keys.astype(np.int64)))

    def sequences(self, length: int | None) -> Sequences:
        """Every whole path, or every run of so many items: left where they are."""
        statistic = PATHS if length is None else NGRAMS
        options = {} if length is None else {"length": length}
        nothing, further = self._of_nothing(statistic, options)
        task = Counting(
            parts=self._parts(further), statistic=statistic, options=options, by_names=True
        )
        partials = self._rows(further).mapInArrow(Reporting(task), _ddl(nothing))
        return SparkSequences(_merged(statistic, partials), self.engine.name)

    def _of_nothing(
        self, statistic: MergeableStatistic, options: Mapping[str, Any]
    ) -> tuple[pa.Table, frozenset[str]]:
        """The statistic of no journeys, and the columns that it looked at meanwhile."""
        with self._asking:  # requests share a view
            nothing = total(statistic, self.plan, **of_view(options, self.plan))
            return nothing, self._view_asked | self._asked.taken()

    def _parts(self, further: frozenset[str]) -> ViewParts:
        return ViewParts(
            graphs=self.engine.parts(self._by_pairs, further),
            options={**self.options, "where": self.plan.where},
        )

    def _rows(self, further: frozenset[str]) -> DataFrame:
        """Rows before `until` of the customers who can be meant, divided."""
        rows = self.engine.rows(further)
        until_us = limits_of(self.where, time_zone(self.timezone))[1]
        if until_us is not None:
            rows = rows.where(f"at < {until_us}")
        meant = self._meant_by_facts
        if meant is not None:
            rows = self.engine.graph.of_customers(rows, meant)
        return self.engine.divided(rows)

    @cached_property
    def _meant_by_facts(self) -> Int64Array | None:
        """Who is meant by id, attributes and referral, whatever they did; None for everybody."""
        where, graph = self.where.customers, self.engine.graph
        if where is None or (where.ids, where.attributes, where.referred) == (None, None, None):
            return None
        kept = np.ones(graph.n_customers, np.bool_)
        if where.ids is not None:
            kept &= _marked(_indexes(graph, where.ids), graph.n_customers)
        if where.attributes:
            keys = keys_with_attributes(self.engine, where.attributes)
            kept &= _marked(graph.indexes_of(keys), graph.n_customers)
        if where.referred is not None:
            elsewhere: Any = graph
            kept &= (forest_of(elsewhere).parents >= 0) == where.referred
        return np.flatnonzero(kept)

    def _kept_customers(self) -> BoolArray:
        n_customers, where = self.engine.graph.n_customers, self.where.customers
        meant = self._meant_by_facts
        kept = np.ones(n_customers, np.bool_) if meant is None else _marked(meant, n_customers)
        judged = self.plan.where.customers
        if judged is None or judged == type(judged)():
            return kept
        did = _marked(self._found(None, {}, self._view_asked), n_customers)
        if where is not None and where.touched is None and where.has_outcome is not True:
            seen = self.engine.graph.first_interactions()
            did |= ~self._is_before_until(seen)
        return np.asarray(kept & did)

    def _is_before_until(self, first_us: Int64Array) -> BoolArray:
        """Who has a history at all."""
        until_us = limits_of(self.where, time_zone(self.timezone))[1]
        is_seen = first_us != MISSING
        return is_seen if until_us is None else is_seen & (first_us < until_us)


class SparkSequences(Sequences):
    """Counted sequences that stay on Spark; the driver gets a summary and single pages.

    Parameters
    ----------
    counted
        Merged: `path` (lists of the places of names), `units`, `count`.
    """

    def __init__(self, counted: DataFrame, engine: str) -> None:
        self._counted = counted.persist()
        self._engine = engine
        let_go_with(self, self._counted)

    def survey(self, at_least: int) -> SequenceSurvey:
        """How much there is."""
        from pyspark.sql import functions as f

        enough = f.when(f.col("units") >= at_least, 1).otherwise(0)
        sums = self._counted.agg(f.count("*"), f.sum(enough), f.sum("count"))
        [[distinct, listable, occurrences]] = telling(self._engine, sums.collect)
        return SequenceSurvey(
            distinct=distinct, listable=listable or 0, occurrences=occurrences or 0
        )

    def top(self, items: Sequence[str], start: int, end: int) -> TopSequences:
        """Those from place `start` to place `end` of the ranking."""
        if start >= end:
            return TopSequences(lists=Lists.of([]), units=[], counts=[])
        ranking = self._counted.orderBy("units", "count", "path", ascending=[False, False, True])
        page = telling(self._engine, ranking.offset(start).limit(end - start).collect)
        codes = np.argsort(ranks_of_names(items))
        return TopSequences(
            lists=Lists.of([codes[list(row.path)].tolist() for row in page]),
            units=[row.units for row in page],
            counts=[row["count"] for row in page],
        )


def _merged(statistic: MergeableStatistic, partials: DataFrame) -> DataFrame:
    from pyspark.sql import functions as f

    rules = {"sum": f.sum, "min": f.min, "max": f.max}
    measures = [rules[rule](name).alias(name) for name, rule in statistic.measures.items()]
    return partials.groupBy(*statistic.keys).agg(*measures)


def _ddl(table: pa.Table) -> str:
    kinds = {True: "array<bigint>", False: "bigint"}
    return ", ".join(
        f"`{column.name}` {kinds[pa.types.is_nested(column.type)]}" for column in table.schema
    )


def _marked(customers: Int64Array, n_customers: int) -> BoolArray:
    marks = np.zeros(n_customers, np.bool_)
    marks[customers] = True
    return marks


def _indexes(graph: Any, ids: Sequence[str]) -> Int64Array:
    indexes: Int64Array = graph.customer_indexes(ids)
    if (indexes < 0).any():
        raise UnknownCustomerError(ids[int(np.argmax(indexes < 0))])
    return indexes
