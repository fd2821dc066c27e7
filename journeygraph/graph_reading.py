"""The arrays of a graph, read from the tables of a store: from scratch, in little memory.

First the customers alone are read: they say where every row belongs. All other columns then go
straight from the batches of the files to their places, so that no column is ever held in the
order of arrival, and building takes little beyond what the graph itself takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InconsistentGraphError
from journeygraph.graph import MISSING, IntArray, code_type
from journeygraph.graph_cache import Arrays
from journeygraph.graph_layout import (
    Arranged,
    check_codes,
    filled,
    graph_channels,
    let_dictionary_speak,
    place_by_customer,
    put_at,
    row_type,
    sort_customers,
)
from journeygraph.lake.versions import StoreVersion
from journeygraph.merged_keys import MergedKeys, merged_keys
from journeygraph.store_rows import Tables, Take, Wanted, names_by_code, read_rows, scan_rows
from journeygraph.threads import on_threads
from journeygraph.vocabulary import STAGES

__all__ = ["REFERRALS", "ChannelCodes", "CustomerKeys", "core_arrays", "read_core"]

Int64Array = npt.NDArray[np.int64]

_CHUNK = 1 << 16

REFERRALS = {
    "referrer": Wanted(np.int64, -1),
    "referred": Wanted(np.int64),
    "at": Wanted(np.int64, MISSING),
    "medium": Wanted(np.int32, -1),
}
"""The columns of referrals that a graph has."""


def read_core(tables: Tables, entry: StoreVersion) -> Arrays:
    """The arrays of the graph of a version that every question reads.

    Raises
    ------
    InconsistentGraphError
        Where a code names nothing, or rows are missing.
    """
    referrals = read_rows(tables, entry, "referrals", REFERRALS)
    known = read_rows(tables, entry, "customers", {"customer": Wanted(np.int64)})["customer"]
    keys = CustomerKeys(entry.counts.get("identities", 0), merged_keys(tables, entry))
    for column in (known, referrals["referrer"], referrals["referred"]):
        keys.note(column)
    rows = _Rows(tables, entry, keys)
    touchpoints = names_by_code(tables, entry, "touchpoints")
    channels = ChannelCodes(tables, entry, touchpoints)
    arranged, as_of_us, has_sequence = rows.arranged(touchpoints, channels)
    let_dictionary_speak(arranged, touchpoints, channels.names, entry.dictionary)
    return core_arrays(
        arranged,
        keys.used,
        {
            "referrers": keys.indexes(referrals["referrer"]),
            "referred": keys.indexes(referrals["referred"]),
            "referral_at_us": referrals["at"],
            "medium_codes": channels.of(referrals["medium"]),
        },
        {
            "as_of_us": as_of_us,
            "has_sequence": has_sequence,
            "touchpoints": touchpoints,
            "channels": list(channels.names),
        },
    )


def core_arrays(
    arranged: Arranged,
    customer_keys: Int64Array,
    referrals: Mapping[str, npt.NDArray[Any]],
    facts: Mapping[str, Any],
) -> Arrays:
    """What a graph is kept as."""
    columns = {name: getattr(arranged, name) for name in arranged.__dataclass_fields__}
    return Arrays({**columns, "customer_keys": customer_keys, **referrals}, facts)


class CustomerKeys:
    """Surrogate keys of a store to customer indexes of a graph.

    Keys are given once for all versions; a graph has only those that its rows name. Where that
    is all of them, the index is the key. Keys that were merged have the index of the one under
    which they stand.

    Parameters
    ----------
    n_keys
        How many keys have been given.
    merged
        Which of them are one customer.
    """

    def __init__(self, n_keys: int, merged: MergedKeys) -> None:
        self._there = np.zeros(n_keys, np.bool_)
        self._index: IntArray | None = None
        self._merged = merged
        if len(merged) and int(max(merged.keys.max(), merged.standing.max())) >= n_keys:
            raise InconsistentGraphError("merged ids", "have keys that nobody was given")

    def note(self, keys: IntArray) -> None:
        """Take keys as used, -1 as nobody's; threads may do so at once."""
        n_keys = len(self._there)
        if len(keys) and (int(keys.max()) >= n_keys or int(keys.min()) < -1):
            raise InconsistentGraphError("customers", "have keys that nobody was given")
        self._there[keys if not len(keys) or keys.min() >= 0 else keys[keys >= 0]] = True

    @property
    def used(self) -> Int64Array:
        """The keys of all customers, by index; no more are noted after this."""
        self._move_merged()
        return np.flatnonzero(self._there)

    def indexes(self, keys: IntArray) -> IntArray:
        """Customer index of each key, in place; -1 stays -1."""
        if self._index is None:
            self._move_merged()
            is_all = bool(self._there.all())
            self._index = np.zeros(0, np.int64) if is_all else self._indexes()
        if len(self._index):
            for begin in range(0, len(keys), _CHUNK):
                keys[begin : begin + _CHUNK] = self._index[keys[begin : begin + _CHUNK]]
        return keys

    def _indexes(self) -> Int64Array:
        indexes = np.append(np.cumsum(self._there, dtype=np.int64) - 1, -1)
        indexes[self._merged.keys] = indexes[self._merged.standing]
        return indexes

    def _move_merged(self) -> None:
        """Have customers stand under one of their keys if any is used; once is as good as twice."""
        is_used = self._there[self._merged.keys]
        self._there[self._merged.standing[is_used]] = True
        self._there[self._merged.keys] = False


class ChannelCodes:
    """Channel codes of a store to those of a graph, in which 0 is "not said"."""

    def __init__(self, tables: Tables, entry: StoreVersion, touchpoints: Sequence[str]) -> None:
        said = names_by_code(tables, entry, "channels")
        self.names = graph_channels(said, entry.dictionary, touchpoints)
        self._of_name: Mapping[str, int] = {name: code for code, name in enumerate(self.names)}
        self._codes = np.array([*self.of_names(said), 0], self.kind)

    @property
    def kind(self) -> type[np.integer[Any]]:
        """The type of the codes."""
        return code_type(len(self.names))

    def of(self, codes: IntArray) -> IntArray:
        """The codes of a graph; -1 becomes 0."""
        n_said = len(self._codes) - 1
        if len(codes) and (int(codes.max()) >= n_said or int(codes.min()) < -1):
            raise InconsistentGraphError("channels", f"name more than the {n_said} that there are")
        return np.asarray(self._codes[codes])

    def of_names(self, names: Sequence[str]) -> list[int]:
        """The codes of a graph of channels that are said."""
        return [self._of_name[name] for name in names]


@dataclass(frozen=True, eq=False, slots=True)
class _Column:
    """Where a column goes, and what is done to its numbers on the way."""

    target: npt.NDArray[Any]
    none: int | None
    code: Callable[[npt.NDArray[Any]], npt.NDArray[Any]] = lambda numbers: numbers


class _Rows:
    """The interactions of a version, each of them at its place from the moment it is read."""

    def __init__(self, tables: Tables, entry: StoreVersion, keys: CustomerKeys) -> None:
        self._tables = tables
        self._entry = entry
        self._n = entry.counts.get("interactions", 0)
        customers = np.zeros(self._n, row_type(self._n))

        def take(row: int, numbers: npt.NDArray[Any]) -> None:
            keys.note(numbers)
            if numbers.min() < 0:
                raise InconsistentGraphError("customers", "have keys that nobody was given")
            customers[row : row + len(numbers)] = numbers

        self._scan({"customer": (None, take)})
        self._places = keys.indexes(customers)
        self._starts = place_by_customer(self._places, len(keys.used))

    def arranged(
        self, touchpoints: Sequence[str], channels: ChannelCodes
    ) -> tuple[Arranged, int, bool]:
        """The interactions in their order, the latest moment, and whether a sequence was said."""
        at_us, as_of_us = self._at_us()
        order = np.empty(self._n, self._places.dtype)
        self._invert(self._places, order)
        sequence = self._sequence()
        if sort_customers(self._starts, at_us, order, sequence):
            self._invert(order, self._places)
        columns = {
            "touchpoint": self._codes("touchpoints", len(touchpoints)),
            "channel": _Column(np.zeros(self._n, channels.kind), -1, channels.of),
            "stage": self._codes("stages", len(STAGES) + 1, none=0),
            "value": _Column(filled(self._n, MISSING), MISSING),
        }
        self._scan({name: (column.none, self._putter(column)) for name, column in columns.items()})
        arranged = Arranged(
            customer_starts=self._starts,
            order=order,
            at_us=at_us,
            touchpoint_codes=columns["touchpoint"].target,
            channel_codes=columns["channel"].target,
            stage_codes=columns["stage"].target,
            value_minor=columns["value"].target,
        )
        return arranged, as_of_us, len(sequence) > 0

    def _at_us(self) -> tuple[Int64Array, int]:
        latest: list[int] = []

        def latest_of(numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
            latest.append(int(numbers.max()))
            return numbers

        column = _Column(np.empty(self._n, np.int64), None, latest_of)
        self._scan({"at": (None, self._putter(column))})
        return column.target, max(latest, default=0)

    def _sequence(self) -> Int64Array:
        """The sequence by arrival; empty where it is 0 everywhere."""
        sequence = np.zeros(self._n, np.int64)  # takes no memory before it is written to
        said: list[int] = []

        def take(row: int, numbers: npt.NDArray[Any]) -> None:
            if numbers.any():
                said.append(row)
                sequence[row : row + len(numbers)] = numbers

        self._scan({"sequence": (0, take)})
        return sequence if said else sequence[:0]

    def _codes(self, name: str, n_names: int, none: int | None = None) -> _Column:
        kind = code_type(n_names) if none is None else np.uint8

        def code(numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
            check_codes(name, numbers, n_names)
            return numbers.astype(kind)

        return _Column(np.zeros(self._n, kind), none, code)

    def _putter(self, column: _Column) -> Take:
        def put(row: int, numbers: npt.NDArray[Any]) -> None:
            places = self._places[row : row + len(numbers)]
            if column.none is not None:  # which already stands everywhere
                is_said = numbers != column.none
                if 2 * np.count_nonzero(is_said) < len(numbers):
                    places, numbers = places[is_said], numbers[is_said]
            put_at(column.target, places, column.code(numbers))

        return put

    def _scan(self, columns: Mapping[str, tuple[int | None, Take]]) -> None:
        scan_rows(self._tables, self._entry, "interactions", columns)

    def _invert(self, numbers: IntArray, inverse: IntArray) -> None:
        """Where each number stands."""

        def put(begin: int) -> None:
            part = numbers[begin : begin + _CHUNK]
            put_at(inverse, part, np.arange(begin, begin + len(part)))

        on_threads(put, range(0, self._n, _CHUNK))
