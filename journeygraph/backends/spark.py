"""The engine Spark: the same statistics over the store's files, on as many machines as there are.

Rows are divided by customer and sorted within each part, which is the one large shuffle; whole
customers become small graphs in Python workers (`spark_tasks`), whose partial tables Spark merges
by `groupBy` with each measure's rule. The driver holds merged tables, names, referrals, and what
is said by customer where a question is about referrals or lists customers; never interactions.
docs/engines.md says what that means for large stores.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from journeygraph.backends.base import Engine
from journeygraph.backends.opening import EngineOptions, store_of
from journeygraph.backends.skeleton import skeleton_of
from journeygraph.backends.spark_columns import AskedColumns
from journeygraph.backends.spark_frames import FramesSource
from journeygraph.backends.spark_graph import SparkGraph
from journeygraph.backends.spark_reading import read_table
from journeygraph.backends.spark_session import session_of
from journeygraph.backends.spark_source import SparkSource
from journeygraph.backends.spark_store import StoreSource
from journeygraph.backends.spark_tables import ARRIVAL
from journeygraph.backends.spark_tasks import GraphParts
from journeygraph.backends.spark_views import SparkJourneys
from journeygraph.graph import TEXTS, WORDS, IntArray
from journeygraph.graph_layout import words_of_touchpoints
from journeygraph.lake.store import Store
from journeygraph.loading.options import DEFAULT_EXPONENT
from journeygraph.vocabulary import normalise_channel

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from journeygraph.graph import JourneyGraph
    from journeygraph.journeys import Journeys
    from journeygraph.loading.dictionary import GivenDictionary

__all__ = ["SparkEngine", "open_with"]

_CORE = ("customer", "at", "touchpoint", "channel", "stage", "value", "sequence")


class SparkEngine(Engine):
    """Asks Spark about a version of a store.

    Parameters
    ----------
    store
        Folder of the store, which every executor must see under the same path; or another source.
    version
        Of the store; the latest by default.
    master
        As Spark takes it; `session` instead where there is one already.
    partitions
        Into how many parts the customers are divided; by default as many as the session shuffles
        into (`spark.sql.shuffle.partitions`), of which Spark puts small ones together.

    Raises
    ------
    StoreNotFoundError, NotAStoreError, EmptyStoreError, UnknownVersionError, DamagedStoreError
    SparkMissingError, SparkNotStartedError
    """

    name = "spark"
    source: SparkSource

    def __init__(
        self,
        store: Path | str | SparkSource,
        version: int | None = None,
        *,
        master: str = "local[*]",
        session: SparkSession | None = None,
        partitions: int | None = None,
    ) -> None:
        if isinstance(store, SparkSource):
            self.source = store
        else:
            opened = Store.open(store)
            entry = opened.version(version)
            self.source = StoreSource(session or session_of(master), opened, entry)
        self.partitions = partitions

    @classmethod
    def of_frames(
        cls,
        interactions: DataFrame,
        customers: DataFrame | None = None,
        referrals: DataFrame | None = None,
        *,
        dictionary: GivenDictionary | None = None,
        currency: str | None = None,
        exponent: int = DEFAULT_EXPONENT,
        partitions: int | None = None,
    ) -> Self:
        """An engine that asks about tables of Spark, without a store.

        Columns go by the names of `journeygraph.schema`; further ones are properties of
        interactions and attributes of customers. All rows are looked at once.

        Parameters
        ----------
        interactions
            `customer`, `at`, `touchpoint`, and what else there is: ids and names are texts, times
            timestamps (of no zone: UTC), amounts numbers in major units, ratings -1 to 1, and
            stages, initiators, environments and levels words of the vocabulary. Rows of a
            customer at the same moment are ordered by `sequence`, and then by `arrival`.
        customers
            One row each, or several with `arrival`, of which the last one counts.
        referrals
            `referrer`, `referred`, `at`, `medium`, `arrival`.
        dictionary
            What is known of each touchpoint where the rows do not say: a mapping, or a YAML file.
        currency, exponent
            Of amounts: three letters, and how many decimals they have.
        partitions
            As of the class.

        Raises
        ------
        UnusableTableError, RefusedTableError, TiedRowsError, TooManyNamesError
            Where a table is none of these, holds rows that cannot be taken, or leaves open in
            which order they come.
        InvalidOptionError, BadDictionaryError
        """
        source = FramesSource(
            interactions, customers, referrals,
            dictionary=dictionary, currency=currency, exponent=exponent,
        )  # fmt: skip
        return cls(source, partitions=partitions)

    @cached_property
    def graph(self) -> SparkGraph:
        """The customers, names and referrals."""
        skeleton = self.skeleton(None)
        return SparkGraph(self, replace(skeleton, further=AskedColumns(self, skeleton.further)))

    def journeys(self, **options: Any) -> Journeys:
        """A view that Spark counts, for the very options of `graph.journeys`."""
        return cast("Journeys", SparkJourneys(self, options))

    def rows(self, further: frozenset[str] = frozenset()) -> DataFrame:
        """Interactions: the columns that every graph has, their order, and some further ones."""
        names = [*_CORE, *sorted(_stored(further) - {*_CORE})]
        frame = self.source.table("interactions").select(*names, *ARRIVAL)
        return frame.fillna(0, ["sequence"])

    def divided(self, rows: DataFrame) -> DataFrame:
        """Rows by customer, in the total order of each."""
        parts = self.by_customer(rows)
        return parts.sortWithinPartitions("customer", "at", "sequence", *ARRIVAL)

    def by_customer(self, rows: DataFrame) -> DataFrame:
        """Rows in parts that hold whole customers."""
        number = () if self.partitions is None else (self.partitions,)
        return rows.repartition(*number, "customer")

    def parts(self, by_pairs: bool, further: frozenset[str]) -> GraphParts:
        """What workers need to make graphs with the codes of the whole."""
        return GraphParts(
            touchpoints=self.source.touchpoints,
            channels=self.source.channels,
            channel_codes=self.source.channel_codes,
            dictionary=self.source.dictionary,
            as_of_us=self.source.as_of_us,
            currency=self.source.currency,
            exponent=self.source.exponent,
            pairs=self.pairs if by_pairs else None,
            teams=self.source.teams if "team" in further else (),
            properties=tuple(sorted(further - {*_CORE, *WORDS, *TEXTS} - _NUMBERS)),
        )

    def skeleton(self, pairs: IntArray | None) -> JourneyGraph:
        """A graph of the same names, and nothing else."""
        return skeleton_of(
            touchpoints=self.source.touchpoints,
            channels=self.source.channels,
            as_of_us=self.source.as_of_us,
            version=self.source.version,
            currency=self.source.currency,
            exponent=self.source.exponent,
            pairs=pairs,
        )

    @cached_property
    def pairs(self) -> IntArray:
        """Which touchpoints occur at which channels; see `JourneyGraph.pair_codes`."""
        from pyspark.sql import functions as f

        source = self.source
        frame = source.table("interactions").select("touchpoint", f.coalesce("channel", f.lit(-1)))
        said = np.array([tuple(row) for row in frame.distinct().collect()], np.int64)
        touchpoints, channels = said.reshape(-1, 2).T
        codes = source.channels_of(channels).astype(np.int64)
        place = {name: code for code, name in enumerate(source.channels)}
        words = words_of_touchpoints(
            source.touchpoints,
            source.dictionary,
            "channel",
            lambda text: place[normalise_channel(text)],
        )
        codes = np.where(codes == 0, words[touchpoints], codes)
        return np.unique(touchpoints * len(source.channels) + codes)

    def close(self) -> None:
        """Forget the graph; the session goes on, since others may use it."""
        self.__dict__.pop("graph", None)


_NUMBERS = frozenset({"cost", "emotion", "expectation", "experience", "load", "file", "row"})


def _stored(further: frozenset[str]) -> frozenset[str]:
    """The columns of the table that hold some columns of a graph."""
    own = {*_CORE, *WORDS, *TEXTS, *_NUMBERS}
    return frozenset(name if name in own else "properties" for name in further)


def open_with(options: EngineOptions) -> SparkEngine:
    """Spark over a store or over tables, by a master.

    Raises
    ------
    JourneyGraphError
        Where there is neither, or Spark cannot be started.
    """
    master = options.master or "local[*]"
    if options.table is None:
        return SparkEngine(store_of(options), options.version, master=master)
    session = session_of(master)
    interactions = read_table(session, options.table)
    customers, referrals = (
        None if path is None else read_table(session, path)
        for path in (options.customers, options.referrals)
    )
    return SparkEngine.of_frames(
        interactions, customers, referrals,
        dictionary=options.dictionary, currency=options.currency,
    )  # fmt: skip
