"""What the engine Spark knows of a graph without its rows, and the frames that hold them.

A store is one source (`spark_store`), frames that somebody has are another (`spark_frames`).
Behind this all is alike: rows have customers' keys and codes of names as the tables of a store
have them, so that what runs in the workers cannot tell the one from the other.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.graph_layout import check_codes

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from journeygraph.graph import IntArray
    from journeygraph.graph_layout import Dictionary

__all__ = ["SparkSource"]

Int64Array = npt.NDArray[np.int64]


class SparkSource(ABC):
    """The tables of one graph, none of which changes.

    Attributes
    ----------
    session
        That reads them.
    version
        Of the store; None where there is no store.
    currency, exponent
        Of all amounts.
    dictionary
        What is known of each touchpoint where rows say nothing.
    touchpoints
        By code.
    channels
        Of the graph, by code; the first is "unknown".
    channel_codes
        From the channel codes of the tables to those of the graph, the last where none is said.
    """

    session: SparkSession
    version: int | None
    currency: str | None
    exponent: int
    dictionary: Dictionary
    touchpoints: tuple[str, ...]
    channels: tuple[str, ...]
    channel_codes: IntArray

    def channels_of(self, codes: IntArray) -> IntArray:
        """The channel codes of the graph for those of the tables; -1 becomes 0.

        Raises
        ------
        InconsistentGraphError
            Where a code names nothing.
        """
        check_codes("channels", codes + 1, len(self.channel_codes))
        return np.asarray(self.channel_codes[codes])

    @property
    @abstractmethod
    def n_interactions(self) -> int:
        """How many interactions."""

    @property
    @abstractmethod
    def n_keys(self) -> int:
        """How many keys customers have been given: from 0 on, without gaps."""

    @property
    @abstractmethod
    def as_of_us(self) -> int:
        """The latest interaction; 0 where there is none."""

    @property
    @abstractmethod
    def teams(self) -> tuple[str, ...]:
        """By code."""

    @property
    @abstractmethod
    def property_names(self) -> tuple[str, ...]:
        """The columns of interactions beyond the known ones, by name."""

    @property
    @abstractmethod
    def keys_in_use(self) -> Int64Array | None:
        """The keys that any row names, ascending; None where all are."""

    @abstractmethod
    def table(self, name: str) -> DataFrame:
        """A table, with the columns that a store has and those of `spark_tables.ARRIVAL`."""

    @abstractmethod
    def referrals(self) -> Mapping[str, npt.NDArray[Any]]:
        """Who brought whom, in the order of arrival: `graph_reading.REFERRALS`, by key."""
