"""Whether what happened before a moment is still the same, without comparing it.

A number about a closed month depends on what is before the month's end, and on nothing later. The
digest of all rows before a moment says whether any of them was added, taken out or changed, by
whatever means: a load, a load taken out, mended rows, another dictionary. It is of the content
and not of the history of the store, so nothing has to be known of how stores change.

A row's digest is a mixed 64-bit number, made of its customer, its place in the customer's order
and what it says; a set's digest is their sum, so that it can be made in parts and added up from
moment to moment. Names come in by their text and not by their code. Two different histories have
the same digest once in 2^64.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.graph import NUMBERS, WORDS, JourneyGraph
from journeygraph.threads import on_threads
from journeygraph.vocabulary import STAGES

__all__ = ["PastDigests"]

UInt64Array = npt.NDArray[np.uint64]
Int64Array = npt.NDArray[np.int64]

_CHUNK_ROWS = 1 << 18
_SEED = np.uint64(0x9E3779B97F4A7C15)
_ORDER_BITS = np.uint64(24)
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


class PastDigests:
    """Digests of what a graph holds before each of some moments.

    Parameters
    ----------
    graph
        Of what.
    moments
        Microseconds. Every digest is of the rows before one of these, or of all (None).
    """

    def __init__(self, graph: JourneyGraph, moments: Sequence[int]) -> None:
        self._graph = graph
        self._moments = np.unique(np.array(list(moments), np.int64))
        self._known: dict[tuple[str, str], list[str]] = {}

    def rows(self, before_us: int | None) -> str:
        """Of customers, their order, times, touchpoints, channels, stages and values."""
        return self._at(("rows", ""), before_us, self._of_rows)

    def column(self, name: str, before_us: int | None) -> str:
        """Of one further column of the interactions.

        Raises
        ------
        UnknownColumnError
            Where there is no such column.
        """
        return self._at(("column", name), before_us, lambda: self._of_column(name))

    def attribute(self, name: str, before_us: int | None) -> str:
        """Of one attribute of the customers who have an interaction before the moment."""
        return self._at(("attribute", name), before_us, lambda: self._of_attribute(name))

    def _at(
        self, what: tuple[str, str], before_us: int | None, make: Callable[[], UInt64Array]
    ) -> str:
        if what not in self._known:
            self._known[what] = [f"{digest:016x}" for digest in np.cumsum(make())]
        known = self._known[what]
        return known[-1 if before_us is None else int(np.searchsorted(self._moments, before_us))]

    def _of_rows(self) -> UInt64Array:
        graph = self._graph
        touchpoints = _name_digests("touchpoint", graph.touchpoints)
        channels = _name_digests("channel", graph.channels)
        stages = _name_digests("stage", range(len(STAGES) + 1))

        def facts(rows: slice) -> list[UInt64Array]:
            said = touchpoints[graph.touchpoint_codes[rows]]
            said ^= channels[graph.channel_codes[rows]]
            said ^= stages[graph.stage_codes[rows]]
            return [
                graph.at_us[rows].view(np.uint64),
                said,
                graph.value_minor[rows].view(np.uint64),
            ]

        return self._summed(facts)

    def _of_column(self, name: str) -> UInt64Array:
        graph = self._graph
        if name in WORDS or name in NUMBERS:
            numbers = np.asarray(graph.column(name)).astype(np.int64)
            return self._summed(lambda rows: [numbers[rows].view(np.uint64)])
        coded = graph.coded(name)
        names = np.append(_name_digests(name, coded.names), np.uint64(0))  # the last for code -1
        return self._summed(lambda rows: [names[coded.codes[rows]]])

    def _of_attribute(self, name: str) -> UInt64Array:
        graph = self._graph
        codes, values = graph.attribute_codes(name)
        names = np.append(_name_digests(name, [repr(value) for value in values]), np.uint64(0))
        starts = graph.customer_starts
        who = np.flatnonzero(starts[1:] > starts[:-1])
        first_us = graph.at_us[starts[who]]
        facts = [who.astype(np.uint64), names[codes[who]]]
        return _sums(self._places(first_us), facts, len(self._moments) + 1)

    def _summed(self, facts: Callable[[slice], list[UInt64Array]]) -> UInt64Array:
        graph, n_places = self._graph, len(self._moments) + 1
        customers = graph.interaction_customers

        def of(start: int) -> UInt64Array:
            rows = slice(start, min(start + _CHUNK_ROWS, graph.n_interactions))
            who = customers[rows]
            order = np.arange(rows.start, rows.stop) - graph.customer_starts[who]
            # both in 64 bits: 2^24 interactions of each of 2^40 customers are told apart
            place = (who.view(np.uint64) << _ORDER_BITS) + order.view(np.uint64)
            return _sums(self._places(graph.at_us[rows]), [place, *facts(rows)], n_places)

        parts = on_threads(of, list(range(0, graph.n_interactions, _CHUNK_ROWS)))
        total: UInt64Array = np.sum([np.zeros(n_places, np.uint64), *parts], 0, dtype=np.uint64)
        return total

    def _places(self, at_us: Int64Array) -> Int64Array:
        """Of each time, the first moment that it is before."""
        return np.searchsorted(self._moments, at_us, side="right").astype(np.int64)


def _name_digests(kind: str, names: Iterable[Any]) -> UInt64Array:
    texts = (f"{kind}\0{name}".encode() for name in names)
    digests = [hashlib.blake2b(text, digest_size=8).digest() for text in texts]
    return np.array([int.from_bytes(digest, "little") for digest in digests], np.uint64)


def _sums(places: Int64Array, facts: Sequence[UInt64Array], n_places: int) -> UInt64Array:
    """By place, the sum of the rows' digests, modulo 2^64."""
    mixed = np.full(len(places), _SEED)
    for fact in facts:
        mixed ^= fact
        _mix(mixed)
    # halves of at most 2^32 times at most 2^18 rows are exact as floats
    low = np.bincount(places, mixed & _LOW, n_places).astype(np.uint64)
    high = np.bincount(places, mixed >> _HALF, n_places).astype(np.uint64)
    sums: UInt64Array = (high << _HALF) + low
    return sums


def _mix(numbers: UInt64Array) -> None:
    """Mix 64 bits in place, one to one: variant 13 of Stafford's for MurmurHash3's finaliser."""
    numbers += _SEED
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        numbers ^= numbers >> np.uint64(shift)
        numbers *= np.uint64(factor)
    numbers ^= numbers >> np.uint64(31)
