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
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from journeygraph.backends.base import Engine
from journeygraph.backends.opening import EngineOptions, store_of
from journeygraph.backends.skeleton import skeleton_of
from journeygraph.backends.spark_columns import AskedColumns
from journeygraph.backends.spark_graph import SparkGraph
from journeygraph.backends.spark_session import session_of
from journeygraph.backends.spark_tables import ARRIVAL, table_frame
from journeygraph.backends.spark_tasks import GraphParts, PropertyNames
from journeygraph.backends.spark_views import SparkJourneys
from journeygraph.graph import TEXTS, WORDS, IntArray
from journeygraph.graph_layout import words_of_touchpoints
from journeygraph.graph_reading import ChannelCodes
from journeygraph.lake.store import Store
from journeygraph.store_rows import names_by_code
from journeygraph.vocabulary import normalise_channel

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from journeygraph.graph import JourneyGraph
    from journeygraph.journeys import Journeys

__all__ = ["SparkEngine", "open_with"]

_CORE = ("customer", "at", "touchpoint", "channel", "stage", "value", "sequence")


class SparkEngine(Engine):
    """Asks Spark about a version of a store.

    Parameters
    ----------
    store
        Folder of the store, which every executor must see under the same path.
    version
        The latest by default.
    master
        As Spark takes it; `session` instead where there is one already.
    partitions
        Into how many parts the customers are divided; by default as many as the session shuffles
        into (`spark.sql.shuffle.partitions`).

    Raises
    ------
    StoreNotFoundError, NotAStoreError, EmptyStoreError, UnknownVersionError, DamagedStoreError
    SparkMissingError, SparkNotStartedError
    """

    name = "spark"

    def __init__(
        self,
        store: Path | str,
        version: int | None = None,
        *,
        master: str = "local[*]",
        session: SparkSession | None = None,
        partitions: int | None = None,
    ) -> None:
        self.store = Store.open(store)
        self.entry = self.store.version(version)
        self.session = session_of(master) if session is None else session
        usual = self.session.conf.get("spark.sql.shuffle.partitions")
        self.partitions = int(usual or 200) if partitions is None else partitions
        self._dictionary = {name: dict(of) for name, of in self.entry.dictionary.items()}
        self._touchpoints = names_by_code(self.store, self.entry, "touchpoints")
        self._channels = ChannelCodes(self.store, self.entry, self._touchpoints)

    @cached_property
    def graph(self) -> SparkGraph:
        """The customers, names and referrals."""
        skeleton = self.skeleton(None)
        return SparkGraph(self, replace(skeleton, further=AskedColumns(self, skeleton.further)))

    def journeys(self, **options: Any) -> Journeys:
        """A view that Spark counts, for the very options of `graph.journeys`."""
        return cast("Journeys", SparkJourneys(self, options))

    @cached_property
    def as_of_us(self) -> int:
        """The latest interaction of the whole store; 0 where there is none."""
        from pyspark.sql import functions as f

        if not self.entry.counts.get("interactions", 0):
            return 0
        [[latest]] = self.table("interactions").agg(f.max("at")).collect()
        return int(latest)

    def table(self, name: str) -> DataFrame:
        """A table of the version."""
        return table_frame(self.session, self.store, self.entry, name)

    def rows(self, further: frozenset[str] = frozenset()) -> DataFrame:
        """Interactions: the columns that every graph has, their order, and some further ones."""
        names = [*_CORE, *sorted(_stored(further) - {*_CORE})]
        frame = self.table("interactions").select(*names, *ARRIVAL)
        return frame.fillna(0, ["sequence"])

    def divided(self, rows: DataFrame) -> DataFrame:
        """Rows by customer, in the total order of each."""
        by_customer = rows.repartition(self.partitions, "customer")
        return by_customer.sortWithinPartitions("customer", "at", "sequence", *ARRIVAL)

    def parts(self, by_pairs: bool, further: frozenset[str]) -> GraphParts:
        """What workers need to make graphs with the codes of the whole."""
        teams = names_by_code(self.store, self.entry, "teams") if "team" in further else ()
        n_said = len(names_by_code(self.store, self.entry, "channels"))
        codes = np.append(self._channels.of(np.arange(n_said)), 0)
        return GraphParts(
            touchpoints=tuple(self._touchpoints),
            channels=self._channels.names,
            channel_codes=codes.astype(self._channels.kind),
            dictionary=self._dictionary,
            as_of_us=self.as_of_us,
            currency=self.entry.currency,
            exponent=self.entry.exponent,
            pairs=self.pairs if by_pairs else None,
            teams=tuple(teams),
            properties=tuple(sorted(further - {*_CORE, *WORDS, *TEXTS} - _NUMBERS)),
        )

    def skeleton(self, pairs: IntArray | None) -> JourneyGraph:
        """A graph of the same names, and nothing else."""
        return skeleton_of(
            touchpoints=self._touchpoints,
            channels=self._channels.names,
            as_of_us=self.as_of_us,
            version=self.entry.number,
            currency=self.entry.currency,
            exponent=self.entry.exponent,
            pairs=pairs,
        )

    @cached_property
    def property_names(self) -> tuple[str, ...]:
        """The columns beyond the known ones, by name."""
        frame = self.table("interactions").select("properties").where("properties is not null")
        names = frame.mapInArrow(PropertyNames(), "name string").distinct()
        return tuple(sorted(row.name for row in names.collect()))

    @cached_property
    def pairs(self) -> IntArray:
        """Which touchpoints occur at which channels; see `JourneyGraph.pair_codes`."""
        from pyspark.sql import functions as f

        frame = self.table("interactions").select("touchpoint", f.coalesce("channel", f.lit(-1)))
        said = np.array([tuple(row) for row in frame.distinct().collect()], np.int64)
        touchpoints, channels = said.reshape(-1, 2).T
        codes = self._channels.of(channels).astype(np.int64)
        place = {name: code for code, name in enumerate(self._channels.names)}
        words = words_of_touchpoints(
            self._touchpoints,
            self._dictionary,
            "channel",
            lambda text: place[normalise_channel(text)],
        )
        codes = np.where(codes == 0, words[touchpoints], codes)
        return np.unique(touchpoints * len(self._channels.names) + codes)

    def channel_codes(self, codes: IntArray) -> IntArray:
        """Channel codes of the store as the graph has them."""
        return self._channels.of(codes)

    def close(self) -> None:
        """Forget the version; the session goes on, since others may use it."""
        self.__dict__.pop("graph", None)


_NUMBERS = frozenset({"cost", "emotion", "expectation", "experience", "load", "file", "row"})


def _stored(further: frozenset[str]) -> frozenset[str]:
    """The columns of the table that hold some columns of a graph."""
    own = {*_CORE, *WORDS, *TEXTS, *_NUMBERS}
    return frozenset(name if name in own else "properties" for name in further)


def open_with(options: EngineOptions) -> SparkEngine:
    """Spark over a store, by a master."""
    master = options.master or "local[*]"
    return SparkEngine(store_of(options), options.version, master=master)
