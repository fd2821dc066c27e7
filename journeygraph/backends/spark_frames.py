"""Frames of Spark as a graph: any table with the columns of `schema`, under their own names.

What people keep (ids, names, timestamps, amounts) becomes what the tables of a store hold, by
expressions that Spark runs whenever it reads the rows. Customers get keys in the order of their
ids: the distinct ids are sorted over all machines, and numbered where they are; only how many
there are in each part comes to the driver. Names are few and are collected.

All rows are looked at once when a source is made, so that nothing wrong in them changes an
answer or is left out of one: what cannot be taken is an error then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.backends.spark_failures import telling
from journeygraph.backends.spark_frame_columns import (
    ARRIVAL_COLUMN,
    ReadColumn,
    check_columns,
    properties_of,
    read_column,
)
from journeygraph.backends.spark_frame_errors import RefusedTableError, TiedRowsError
from journeygraph.backends.spark_frame_names import (
    channel_codes_of,
    coded,
    codes_of_names,
    texts_of,
    word_code,
)
from journeygraph.backends.spark_source import SparkSource
from journeygraph.backends.spark_tables import (
    ARRIVAL,
    SPARK_TYPES,
    empty_frame,
    keys_frame,
    let_go_with,
)
from journeygraph.graph import MISSING, WORDS, code_type
from journeygraph.graph_layout import graph_channels
from journeygraph.loading.dictionary import GivenDictionary, applied_to, given_dictionary
from journeygraph.loading.options import DEFAULT_EXPONENT, LoadOptions
from journeygraph.schema import CUSTOMERS, INTERACTIONS, REFERRALS, Column, Kind, Table

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

__all__ = ["FramesSource"]

Int64Array = npt.NDArray[np.int64]

_ARRIVED = Column(name=ARRIVAL_COLUMN, kind=Kind.WHOLE, meaning="The order in which rows came.")
_ID = "customer_text"  # beside `id`, which is a column of its own


class FramesSource(SparkSource):
    """The tables of some frames.

    Parameters
    ----------
    interactions, customers, referrals
        Of one session; see `SparkEngine.of_frames`.
    dictionary
        What is known of each touchpoint where rows say nothing: a mapping, or a YAML file.
    currency, exponent
        Of amounts: three letters, and how many decimals they have.

    Raises
    ------
    UnusableTableError
        Where a column is missing or of another type.
    RefusedTableError, TiedRowsError, TooManyNamesError
        Where rows cannot be taken, or their order is not told.
    InvalidOptionError
        Where an option cannot be used.
    """

    version = None

    def __init__(
        self,
        interactions: DataFrame,
        customers: DataFrame | None = None,
        referrals: DataFrame | None = None,
        *,
        dictionary: GivenDictionary | None = None,
        currency: str | None = None,
        exponent: int = DEFAULT_EXPONENT,
    ) -> None:
        LoadOptions(currency=currency, exponent=exponent)  # refuses what is none
        words = given_dictionary(dictionary or {})
        self.session = interactions.sparkSession
        self.currency, self.exponent = currency, exponent
        self._interactions = _Given(interactions, INTERACTIONS, exponent)
        self._customers = None if customers is None else _Given(customers, CUSTOMERS, exponent)
        self._referrals = None if referrals is None else _Given(referrals, REFERRALS, exponent)
        self._texts = self._interactions.texts("touchpoint", "channel", "team", *WORDS)
        self._counts = self._interactions.checked(self._texts.refused_words())
        media = {} if self._referrals is None else self._referrals.texts("medium").of("medium")
        said, self._channel_of = channel_codes_of(self._texts.of("channel"), media)
        self._touchpoint_of = codes_of_names(self._texts.of("touchpoint"))
        self._team_of = codes_of_names(self._texts.of("team"))
        self.touchpoints = tuple(self._touchpoint_of)
        self.dictionary = applied_to(words, self.touchpoints)
        self.channels = graph_channels(said, self.dictionary, self.touchpoints)
        place = {name: code for code, name in enumerate(self.channels)}
        codes = [*(place[name] for name in said), 0]
        self.channel_codes = np.array(codes, code_type(len(self.channels)))
        self._check_order()
        self._identities, self._n_keys = self._numbered()

    def _check_order(self) -> None:
        self._interactions.check_order("customer", "at", "sequence")
        if self._customers is not None:
            self._customers.checked([])
            self._customers.check_order("customer")
        if self._referrals is not None:
            self._referrals.checked([])
            self._referrals.check_order("referred", "at")

    @property
    def n_interactions(self) -> int:
        """How many interactions."""
        return self._counts[0]

    @property
    def n_keys(self) -> int:
        """How many customers."""
        return self._n_keys

    @property
    def as_of_us(self) -> int:
        """The latest interaction; 0 where there is none."""
        return self._counts[1]

    @property
    def teams(self) -> tuple[str, ...]:
        """By code."""
        return tuple(self._team_of)

    @property
    def property_names(self) -> tuple[str, ...]:
        """The columns beyond the known ones, by name."""
        return tuple(sorted(self._interactions.further))

    @property
    def keys_in_use(self) -> None:
        """None: nobody has a key who is in no row."""
        return

    def table(self, name: str) -> DataFrame:
        """A table as a store has it."""
        return {
            "interactions": lambda: self._stored_interactions,
            "customers": lambda: self._stored_customers,
            "identities": lambda: self._identities,
        }[name]()

    def _numbered(self) -> tuple[DataFrame, int]:
        """Every id with its place in the order of ids, and how many there are."""
        from pyspark.sql import functions as f

        ids = self._interactions.ids("customer")
        if self._customers is not None:
            ids = ids.union(self._customers.ids("customer"))
        if self._referrals is not None:
            ids = ids.union(self._referrals.ids("referrer")).union(self._referrals.ids("referred"))
        ordered = ids.where("id is not null").distinct().orderBy("id").select(
            "id", f.spark_partition_id().alias("part"),
            f.monotonically_increasing_id().alias("place"),
        )  # fmt: skip
        kept = ordered.persist()
        let_go_with(self, kept)
        firsts = f.min("place").alias("first")
        parts = sorted(_told(kept.groupBy("part").agg(firsts, f.count("*").alias("n")).collect))
        before, shifts = 0, []
        for _part, first, n_ids in parts:
            shifts.append(before - first)
            before += n_ids
        shift = keys_frame(self.session, {"part": [row[0] for row in parts], "shift": shifts})
        numbered = kept.join(f.broadcast(shift), "part")
        return numbered.select((f.col("place") + f.col("shift")).alias("customer"), "id"), before

    def _with_keys(self, frame: DataFrame, text: str, key: str) -> DataFrame:
        """A frame with the keys of customers in the place of their ids."""
        known = self._identities.withColumnsRenamed({"id": f"{key}_id", "customer": f"{key}_key"})
        joined = frame.join(known, frame[text] == known[f"{key}_id"], "left").drop(text)
        return joined.withColumnRenamed(f"{key}_key", key).drop(f"{key}_id")

    @cached_property
    def _stored_interactions(self) -> DataFrame:
        from pyspark.sql import functions as f

        given = self._interactions
        columns = {**given.values(), _ID: given.value("customer"), "properties": given.properties}
        for name in WORDS:
            columns[name] = word_code(columns[name], name, list(self._texts.of(name)))
        del columns["customer"]
        rows = given.frame.select(*(column.alias(name) for name, column in columns.items()))
        for name, codes in (
            ("touchpoint", self._touchpoint_of),
            ("channel", self._channel_of),
            ("team", self._team_of),
        ):
            rows = coded(rows, name, codes)
        return self._with_keys(rows, _ID, "customer").select(
            *(f.lit(0).cast("bigint").alias(name) for name in ("load", "file")),
            f.col(ARRIVAL[1]).alias("row"),
            *(f.col(one.name).cast(SPARK_TYPES[str(one.arrow_type)]) for one in _NO_TIMES),
            "at", "properties", *ARRIVAL,
        )  # fmt: skip

    @cached_property
    def _stored_customers(self) -> DataFrame:
        given = self._customers
        if given is None:
            return empty_frame(self.session, "customers")
        columns = {_ID: given.value("customer"), "properties": given.properties, **given.arrival}
        rows = given.frame.select(*(column.alias(name) for name, column in columns.items()))
        return self._with_keys(rows, _ID, "customer")

    def referrals(self) -> Mapping[str, npt.NDArray[Any]]:
        """Who brought whom, by arrival; where that is not told by time, then by id."""
        given = self._referrals
        if given is None:
            return {
                name: np.zeros(0, np.int64) for name in ("referrer", "referred", "at", "medium")
            }
        columns = {
            "by": given.value("referrer"), "whom": given.value("referred"),
            "at": given.value("at").cast("bigint"), "medium": given.value("medium"),
            **given.arrival,
        }  # fmt: skip
        rows = given.frame.select(*(column.alias(name) for name, column in columns.items()))
        rows = self._with_keys(coded(rows, "medium", self._channel_of), "by", "referrer")
        rows = self._with_keys(rows, "whom", "referred").orderBy(*ARRIVAL, "at", "referred")
        table = _told(rows.select("referrer", "referred", "at", "medium").toArrow)
        none = {"referrer": -1, "referred": -1, "at": MISSING, "medium": -1}
        return {
            name: table[name].fill_null(value).to_numpy().astype(np.int64)
            for name, value in none.items()
        }


_NO_TIMES = [column for column in INTERACTIONS.columns if column.kind is not Kind.TIME]


def _told(work: Callable[[], Any]) -> Any:
    return telling("spark", work)


class _Given:
    """A frame that somebody gave, and its columns as a store has them."""

    def __init__(self, frame: DataFrame, table: Table, exponent: int) -> None:
        check_columns(frame, table)
        self.frame = frame
        self._table = table
        columns = [*table.columns, _ARRIVED]
        self._read: dict[str, ReadColumn] = {
            column.name: read_column(frame, table, column, exponent) for column in columns
        }
        self.further = [name for name in frame.columns if name not in self._read]

    def value(self, name: str) -> Expression:
        """A column as a store has it, names and words as texts."""
        return self._read[name].value

    def values(self) -> dict[str, Expression]:
        """All of them, and the order of arrival."""
        columns = {column.name: self.value(column.name) for column in self._table.columns}
        return {**columns, **self.arrival}

    @property
    def arrival(self) -> dict[str, Expression]:
        """The order of arrival; all alike where nothing tells it."""
        from pyspark.sql import functions as f

        place = f.coalesce(self.value(ARRIVAL_COLUMN), f.lit(0)).cast("bigint")
        return dict(zip(ARRIVAL, (f.lit(0).cast("bigint"), place), strict=True))

    @property
    def properties(self) -> Expression:
        """What further columns say, as one object."""
        return properties_of(self.frame, self.further)

    def ids(self, name: str) -> DataFrame:
        """The ids in a column."""
        return self.frame.select(self.value(name).cast("string").alias("id"))

    def texts(self, *names: str) -> Any:
        """The different texts of those columns that the frame has."""
        there = {name: self.value(name) for name in names if name in self.frame.columns}
        return texts_of(self.frame, there)

    def checked(self, refused: list[str]) -> tuple[int, int]:
        """How many rows there are, and the latest moment in `at`.

        Raises
        ------
        RefusedTableError
            Where there are rows that cannot be taken, those of `refused` among them.
        """
        from pyspark.sql import functions as f

        flaws = [
            (name, reason, is_flawed)
            for name, read in self._read.items()
            for reason, is_flawed in read.flaws.items()
        ]
        latest = f.max(self.value("at")) if "at" in self._read else f.lit(None)
        counts = [f.count_if(is_flawed) for _name, _reason, is_flawed in flaws]
        [[n_rows, last, *found]] = _told(self.frame.agg(f.count("*"), latest, *counts).collect)
        reasons = [
            f"column {name!r} {reason}, in {n_flawed:,} of them"
            for (name, reason, _), n_flawed in zip(flaws, found, strict=True)
            if n_flawed
        ]
        if reasons or refused:
            raise RefusedTableError(self._table.name, n_rows, [*reasons, *refused])
        return n_rows, int(last or 0)

    def check_order(self, *keys: str) -> None:
        """Refuse rows that are alike in these columns and in their arrival.

        Raises
        ------
        TiedRowsError
        """
        from pyspark.sql import functions as f

        names = [name for name in (*keys, ARRIVAL_COLUMN) if name in self.frame.columns]
        columns = [self._compared(name).alias(name) for name in names]
        counted = self.frame.select(*columns).groupBy(*names).count().where("count > 1")
        [[tied]] = _told(counted.agg(f.sum("count")).collect)
        if tied:
            raise TiedRowsError(self._table.name, tied, names)

    def _compared(self, name: str) -> Expression:
        from pyspark.sql import functions as f

        whole = name in {"sequence", ARRIVAL_COLUMN}
        return f.coalesce(self.value(name), f.lit(0)) if whole else self.value(name)
