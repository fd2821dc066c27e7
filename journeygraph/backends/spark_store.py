"""A version of a store, as the engine Spark reads it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.backends.spark_source import SparkSource
from journeygraph.backends.spark_tables import table_frame
from journeygraph.backends.spark_tasks import PropertyNames
from journeygraph.graph_reading import REFERRALS, ChannelCodes
from journeygraph.lake.store import Store
from journeygraph.lake.versions import StoreVersion
from journeygraph.merged_keys import refuse_merged
from journeygraph.store_rows import names_by_code, read_rows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["StoreSource"]

Int64Array = npt.NDArray[np.int64]


class StoreSource(SparkSource):
    """The tables of a version of a store.

    Parameters
    ----------
    session
        Whose executors see the store under the same path.
    store, entry
        The store and its version.
    """

    def __init__(self, session: SparkSession, store: Store, entry: StoreVersion) -> None:
        refuse_merged(entry, "spark")
        self.session = session
        self._store, self._entry = store, entry
        self.version = entry.number
        self.currency, self.exponent = entry.currency, entry.exponent
        self.dictionary = {name: dict(words) for name, words in entry.dictionary.items()}
        self.touchpoints = tuple(names_by_code(store, entry, "touchpoints"))
        codes = ChannelCodes(store, entry, self.touchpoints)
        n_said = len(names_by_code(store, entry, "channels"))
        self.channels = codes.names
        self.channel_codes = np.append(codes.of(np.arange(n_said)), 0).astype(codes.kind)

    @property
    def n_interactions(self) -> int:
        """How many interactions."""
        return self._entry.counts.get("interactions", 0)

    @property
    def n_keys(self) -> int:
        """How many keys the store has given, for any version."""
        return self._entry.counts.get("identities", 0)

    @cached_property
    def as_of_us(self) -> int:
        """The latest interaction; 0 where there is none."""
        from pyspark.sql import functions as f

        if not self.n_interactions:
            return 0
        [[latest]] = self.table("interactions").agg(f.max("at")).collect()
        return int(latest)

    @cached_property
    def teams(self) -> tuple[str, ...]:
        """By code."""
        return tuple(names_by_code(self._store, self._entry, "teams"))

    @cached_property
    def property_names(self) -> tuple[str, ...]:
        """The columns beyond the known ones that any interaction has, by name."""
        frame = self.table("interactions").select("properties").where("properties is not null")
        names = frame.mapInArrow(PropertyNames(), "name string").distinct()
        return tuple(sorted(row.name for row in names.collect()))

    @cached_property
    def keys_in_use(self) -> Int64Array | None:
        """The keys in use, ascending; None where all are that were ever given."""
        referrals = self.table("referrals")
        used = (
            self.table("interactions").select("customer")
            .union(self.table("customers").select("customer"))
            .union(referrals.selectExpr("referrer as customer").where("customer is not null"))
            .union(referrals.selectExpr("referred as customer"))
            .distinct()
        )  # fmt: skip
        if used.count() == self.n_keys:
            return None
        return np.sort(np.asarray(used.toArrow()["customer"].to_numpy(), np.int64))

    def table(self, name: str) -> DataFrame:
        """A table of the version."""
        return table_frame(self.session, self._store, self._entry, name)

    def referrals(self) -> Mapping[str, npt.NDArray[Any]]:
        """Who brought whom, in the order of arrival."""
        return read_rows(self._store, self._entry, "referrals", REFERRALS)
