"""What of a store's graph is pushed: rows for some customers, as Neo4j's properties.

Columns are gathered for the rows that are asked for and turned into Python values together; what
is not said is None. A column in which nobody says anything is left out of all rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.backends.neo4j_model import arrival_key, attribute_property
from journeygraph.graph import MISSING, MISSING_SCALE, TEXTS, CodedColumn, IntArray, JourneyGraph
from journeygraph.graph_store import open_graph
from journeygraph.lake.store import Store
from journeygraph.lake.versions import StoreVersion
from journeygraph.merged_keys import refuse_merged
from journeygraph.store_columns import StoreColumns
from journeygraph.vocabulary import ENVIRONMENTS, INITIATORS, LEVELS

__all__ = ["Column", "Int64Array", "PushedGraph", "Referral", "rows_of"]

Int64Array = npt.NDArray[np.int64]

_WORDS = {"initiator": INITIATORS, "environment": ENVIRONMENTS, "level": LEVELS}


@dataclass(frozen=True, eq=False, slots=True)
class Column:
    """A column of interactions: numbers, or codes of names; `none` stands for not said."""

    numbers: IntArray
    none: int | None
    names: CodedColumn | None = None

    def values(self, rows: Int64Array) -> list[Any]:
        """The values of some rows, None where nothing is said."""
        numbers = self.numbers[rows]
        if self.names is not None:
            return _names(CodedColumn(numbers, self.names.names))
        values: list[Any] = numbers.tolist()
        if self.none is None:
            return values
        return [None if value == self.none else value for value in values]


@dataclass(frozen=True, slots=True)
class Referral:
    """One referral: who brought (None: nobody knows), who was brought, and what is said of it."""

    arrival: str
    referrer: int | None
    referred: int
    at_us: int | None
    medium: int | None

    def row(self) -> list[Any]:
        """As a parameter of a query."""
        return [self.arrival, self.referrer, self.referred, self.at_us, self.medium]


class PushedGraph:
    """One version of a store, as it is pushed.

    Parameters
    ----------
    store, version
        A store, and which of its versions; the last by default.
    """

    def __init__(self, store: Store, version: int | None = None) -> None:
        self.store = store
        self.graph: JourneyGraph = open_graph(store.path, version)
        self.entry: StoreVersion = store.version(self.graph.version)
        refuse_merged(self.entry, "neo4j")
        further = self.graph.further
        assert isinstance(further, StoreColumns)
        self.customer_keys: Int64Array = further.core["customer_keys"]

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """The columns in which something is said, but for the key, the customer and the place."""
        graph = self.graph
        found = {
            "at_us": Column(graph.at_us, None),
            "sequence": Column(graph.column("sequence"), 0),
            "touchpoint": Column(graph.touchpoint_codes, None),
            "channel": Column(graph.channel_codes, 0),
            "stage": Column(graph.stage_codes, 0),
            "value_minor": Column(graph.value_minor, MISSING),
            "cost_minor": Column(graph.column("cost"), MISSING),
        }
        for name in ("emotion", "expectation", "experience"):
            found[name] = Column(graph.column(name), MISSING_SCALE)
        coded = {name: graph.coded(name) for name in (*_WORDS, *TEXTS)}
        found |= {name: Column(column.codes, -1, column) for name, column in coded.items()}
        return {name: column for name, column in found.items() if _is_said(column)}

    @cached_property
    def properties(self) -> Mapping[str, CodedColumn]:
        """Columns without a meaning of their own, by the name of their property."""
        names = self.graph.further.property_names()
        return {f"property_{name}": self.graph.property(name) for name in names}

    @cached_property
    def attributes(self) -> Mapping[str, CodedColumn]:
        """The customers' attributes, by the name of their property."""
        frame = self.graph.attributes
        return {
            attribute_property(str(name)): CodedColumn(
                frame[name].cat.codes.to_numpy(np.int32), [*map(str, frame[name].cat.categories)]
            )
            for name in frame.columns
        }

    @cached_property
    def arrivals(self) -> tuple[IntArray, IntArray, IntArray]:
        """Load, file and row of every interaction."""
        load, file, row = (self.graph.column(name) for name in ("load", "file", "row"))
        return load, file, row

    @cached_property
    def referral_arrivals(self) -> tuple[Int64Array, Int64Array, Int64Array]:
        """Load, file and row of every referral."""
        if not self.store.has_rows("referrals", self.entry):
            nothing = np.zeros(0, np.int64)
            return nothing, nothing, nothing
        table = self.store.read("referrals", self.entry, ["file", "row"])
        load, file, row = (table[name].to_numpy() for name in ("load", "file", "row"))
        return load.astype(np.int64), file.astype(np.int64), row

    @property
    def row_names(self) -> tuple[str, ...]:
        """What the values of an interaction's row are, but for the map at its end."""
        return ("key", "customer", "place", *self.columns)

    def n_rows_of(self, customers: Int64Array) -> int:
        """How many interactions some customers have."""
        starts = self.graph.customer_starts
        return int((starts[customers + 1] - starts[customers]).sum())

    def interaction_rows(self, customers: Int64Array) -> list[list[list[Any]]]:
        """For each customer the interactions in order: key, customer, place, columns, properties.

        The columns are those of `columns`, in their order; at the end stands a map of the
        properties, empty where there are none.
        """
        starts = self.graph.customer_starts
        rows = rows_of(starts, customers)
        sizes = starts[customers + 1] - starts[customers]
        place = rows - np.repeat(starts[customers], sizes)
        arrivals = (numbers[rows].tolist() for numbers in self.arrivals)
        listed = [
            list(row)
            for row in zip(
                map(arrival_key, *arrivals),
                np.repeat(self.customer_keys[customers], sizes).tolist(),
                place.tolist(),
                *(column.values(rows) for column in self.columns.values()),
                _maps(self.properties, rows),
                strict=True,
            )
        ]
        ends = np.cumsum(sizes).tolist()
        return [listed[end - size : end] for end, size in zip(ends, sizes.tolist(), strict=True)]

    def customer_rows(self, customers: Int64Array) -> list[dict[str, Any]]:
        """The properties of customers, but for the digest."""
        keys, ids = self.customer_keys[customers].tolist(), self.graph.customer_id(customers)
        maps = _maps(self.attributes, customers)
        return [
            {**known, "key": key, "id": name}
            for known, key, name in zip(maps, keys, ids, strict=True)
        ]

    def referrals_to(self, customers: Int64Array) -> list[Referral]:
        """The referrals by which these customers were brought."""
        stored, keys = self.graph.referrals, self.customer_keys
        found = np.flatnonzero(np.isin(stored.referred, customers))
        arrivals = (numbers[found].tolist() for numbers in self.referral_arrivals)
        return [
            Referral(
                arrival_key(*arrival),
                None if referrer < 0 else int(keys[referrer]),
                int(keys[referred]),
                None if at_us == MISSING else at_us,
                medium or None,
            )
            for arrival, referrer, referred, at_us, medium in zip(
                zip(*arrivals, strict=True),
                stored.referrers[found].tolist(),
                stored.referred[found].tolist(),
                stored.at_us[found].tolist(),
                stored.medium_codes[found].tolist(),
                strict=True,
            )
        ]


def rows_of(starts: Int64Array, customers: Int64Array) -> Int64Array:
    """The rows of some customers, in their order."""
    begins = starts[customers]
    sizes = starts[customers + 1] - begins
    offsets = np.cumsum(sizes) - sizes
    return np.arange(int(sizes.sum())) + np.repeat(begins - offsets, sizes)


def _is_said(column: Column) -> bool:
    return column.none is None or bool((column.numbers != column.none).any())


def _names(coded: CodedColumn) -> list[str | None]:
    """The names behind codes; each different one is made once."""
    used, places = np.unique(coded.codes, return_inverse=True)
    texts = [None if code < 0 else coded.names[code] for code in used.tolist()]
    return [texts[place] for place in places.tolist()]


def _maps(columns: Mapping[str, CodedColumn], rows: Int64Array) -> list[dict[str, Any]]:
    """A map for each row of what the columns say."""
    maps: list[dict[str, Any]] = [{} for _ in range(len(rows))]
    for name, column in columns.items():
        codes = column.codes[rows]
        said = np.flatnonzero(codes >= 0)
        texts = _names(CodedColumn(codes[said], column.names))
        for place, text in zip(said.tolist(), texts, strict=True):
            maps[place][name] = text
    return maps
