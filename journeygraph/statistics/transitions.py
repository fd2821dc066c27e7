"""Transitions from one item directly to the next: units, occurrences, and times. Mergeable.

A transition is a run of two items. Sums of times, hence means, are found for all of them in one
pass. Quantiles need a histogram for each of what may be millions of pairs; they are counted for
those that somebody asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels import transitions as kernels
from journeygraph.statistics import ngrams
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.block_rows import rows_of
from journeygraph.statistics.quantiles import N_BUCKETS, bucket_edges, by_group, quantiles_us
from journeygraph.statistics.refresh import Refresh
from journeygraph.statistics.sequences import SequenceCounts
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = [
    "TRANSITIONS",
    "TRANSITION_SUMS",
    "TRANSITION_TIMES",
    "TransitionSums",
    "TransitionTimes",
    "count_pairs",
    "count_transitions",
    "finish_times",
    "measure_times",
    "sum_transitions",
]

Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Edges = npt.NDArray[np.integer[Any]]
"""(n_edges, 2) codes of source and target, distinct."""

_Numbers = tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32], npt.NDArray[np.int32]]

_NO_TIMES: Int64Array = np.zeros(0, np.int64)
_NO_TIMES.flags.writeable = False

_MOST_PAIRS = 1 << 22
_FEWEST_PAIRS = 1 << 12
_SECOND = 1_000_000
_SUMS = -1
"""In place of a bucket: the sums of an edge's times."""


def count_transitions(journeys: Journeys) -> SequenceCounts:
    """Every pair of items that follow each other directly, its units and its occurrences."""
    return ngrams.count_ngrams(journeys, 2)


def count_pairs(journeys: Journeys) -> tuple[Int64Array, Int64Array, Int64Array]:
    """Sources, targets and occurrences of every transition: nobody asks for units or times."""
    n_items = max(journeys.n_items, 1)
    if _few_pairs(journeys):
        parts = on_threads(
            lambda block: kernels.count_all_pairs(*rows_of(block), _NO_TIMES, 0)[0],
            blocks_or_nothing(journeys),
        )
        every: Int64Array = np.sum(parts, axis=0, dtype=np.int64)
        pairs = np.flatnonzero(every)
        return pairs // n_items, pairs % n_items, every[pairs]
    found = ngrams.count_occurrences(journeys, (2,))[2]
    codes = found.lists(slice(None)).items.reshape(-1, 2).astype(np.int64)
    order = np.lexsort(codes.T[::-1])
    return codes[order, 0], codes[order, 1], found.counts[order]


def partial(block: Block) -> pa.Table:
    """The transitions of one block by the codes of source and target."""
    runs = ngrams.partial(block, 2)
    pairs = _codes(runs)
    return pa.table(
        {"source": pairs[:, 0].copy(), "target": pairs[:, 1].copy(),
         "units": runs["units"], "count": runs["count"]}
    )  # fmt: skip


def _codes(runs: pa.Table) -> npt.NDArray[np.uint32]:
    codes: npt.NDArray[np.uint32] = runs["path"].combine_chunks().values.to_numpy()
    return codes.reshape(-1, 2)


TRANSITIONS = MergeableStatistic(
    name="transitions",
    keys=("source", "target"),
    measures={"units": "sum", "count": "sum"},
    partial=partial,
    refresh=Refresh(item_keys=("source", "target")),
)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class TransitionSums:
    """Every transition that occurs, by source and target: how often, and the sum of its times.

    Attributes
    ----------
    sources, targets
        Codes, ascending.
    seconds, further_us
        The sum of the times from start to start: whole seconds and the microseconds beyond.
    """

    sources: Int64Array
    targets: Int64Array
    counts: Int64Array
    seconds: Int64Array
    further_us: Int64Array

    @property
    def mean_us(self) -> FloatArray:
        """The mean time of each."""
        return _means(self.seconds, self.further_us, self.counts)


def sum_transitions(journeys: Journeys) -> TransitionSums:
    """Count every transition and sum its times: a table of all pairs where they are few."""
    n_items = journeys.n_items
    if _few_pairs(journeys):
        parts = on_threads(
            lambda block: _all_pairs(block, kernels.MOST), blocks_or_nothing(journeys)
        )
        counts: Int64Array = np.sum([part[0] for part in parts], axis=0, dtype=np.int64)
        pairs = np.flatnonzero(counts)
        seconds, further_us = np.zeros(len(pairs), np.int64), np.zeros(len(pairs), np.int64)
        for _, *sums in parts:
            in_us, in_seconds, more_us = (column[pairs] for column in sums)
            seconds += in_seconds + in_us // _SECOND
            further_us += more_us + in_us % _SECOND
        counts = counts[pairs]
    else:
        known = count_transitions(journeys).lists().items.reshape(-1, 2)
        pairs, counts, seconds, further_us = _known_pairs(
            journeys, blocks_or_nothing(journeys), known
        )
    sources, targets = np.divmod(pairs, max(n_items, 1))
    return TransitionSums(
        sources=sources,
        targets=targets,
        counts=counts,
        seconds=seconds + further_us // _SECOND,
        further_us=further_us % _SECOND,
    )


def partial_sums(block: Block) -> pa.Table:
    """The transitions of one block: how often, and their times, each divided by itself."""
    if _few_pairs(block.journeys):
        counts, _, seconds, further_us = _all_pairs(block, 0)
        pairs = np.flatnonzero(counts)
        measures = [column[pairs].astype(np.int64) for column in (counts, seconds, further_us)]
    else:
        known = _codes(ngrams.partial(block, 2))
        pairs, *measures = _known_pairs(block.journeys, [block], known)
    sources, targets = np.divmod(pairs, max(block.journeys.n_items, 1))
    return pa.table([sources, targets, *measures], names=TRANSITION_SUMS.columns)


def finish_sums(table: pa.Table) -> pa.Table:
    """One row for each transition: source, target, count and mean_us."""
    columns = (table[name].to_numpy() for name in ("elapsed_seconds", "further_us", "count"))
    return table.select(["source", "target", "count"]).append_column("mean_us", [_means(*columns)])


TRANSITION_SUMS = MergeableStatistic(
    name="transition_sums",
    keys=("source", "target"),
    measures={"count": "sum", "elapsed_seconds": "sum", "further_us": "sum"},
    partial=partial_sums,
    finish=finish_sums,
    refresh=Refresh(item_keys=("source", "target")),
)


def _few_pairs(journeys: Journeys) -> bool:
    n_rows = int(np.sum(journeys.journey_ends - journeys.journey_starts))
    return journeys.n_items**2 <= min(_MOST_PAIRS, max(_FEWEST_PAIRS, n_rows))


def _all_pairs(block: Block, most: int) -> tuple[npt.NDArray[Any], ...]:
    counted: tuple[npt.NDArray[Any], ...] = kernels.count_all_pairs(
        *rows_of(block), block.journeys.graph.at_us, most
    )
    return counted


def _known_pairs(
    journeys: Journeys, blocks: list[Block], known: npt.NDArray[np.uint32]
) -> tuple[Int64Array, ...]:
    codes = known.astype(np.int64)
    pairs = np.sort(codes[:, 0] * journeys.n_items + codes[:, 1])
    starts = np.searchsorted(pairs, np.arange(journeys.n_items + 1) * journeys.n_items)
    targets = pairs % max(journeys.n_items, 1)
    parts = on_threads(
        lambda block: kernels.count_known_pairs(
            *rows_of(block), journeys.graph.at_us, starts, targets
        ),
        blocks,
    )
    sums = (np.sum(columns, axis=0) for columns in zip(*parts, strict=True))
    return (pairs, *sums)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class TransitionTimes:
    """The times of some edges, in their order, µs.

    Attributes
    ----------
    mean_us, median_us, p95_us
        NaN where an edge never occurs; the mean is exact, the quantiles are those of buckets.
    samples
        Every time of each edge; nothing unless they were asked for.
    """

    mean_us: FloatArray
    median_us: FloatArray
    p95_us: FloatArray
    samples: tuple[Int64Array, ...] = ()


def measure_times(
    journeys: Journeys, edges: Edges, n_transitions: int | None = None
) -> TransitionTimes:
    """How long some edges take.

    Parameters
    ----------
    n_transitions
        How many they are in all, or more, where every time is wanted.
    """
    numbers = _numbered(edges, journeys.n_items)
    parts = on_threads(
        lambda block: _measured(block, numbers, len(edges), n_transitions or 0),
        blocks_or_nothing(journeys),
    )
    samples: list[Int64Array] = []
    if n_transitions is not None:
        which, elapsed_us = (
            np.concatenate([part[2 + place] for part in parts]) for place in (0, 1)
        )
        samples = by_group(which, elapsed_us, len(edges))
    histograms, sums = (np.sum([part[place] for part in parts], axis=0) for place in (0, 1))
    return _finished(histograms, sums, samples)


def partial_times(block: Block, edges: Edges) -> pa.Table:
    """How often each edge took how long, by the number of the edge and the bucket of the time.

    The sums of the times of an edge stand in a row of their own, with bucket -1, so that a row is
    never 0 throughout.
    """
    numbers = _numbered(edges, block.journeys.n_items)
    histograms, sums, *_ = _measured(block, numbers, len(edges), 0)
    edge, bucket = np.nonzero(histograms)
    met = np.flatnonzero(histograms.any(axis=1))
    nothing = np.zeros(len(edge), np.int64)
    return pa.table(
        {
            "edge": np.append(edge, met),
            "bucket": np.append(bucket, np.full(len(met), _SUMS)),
            "count": np.append(histograms[edge, bucket], histograms[met].sum(axis=1)),
            "elapsed_seconds": np.append(nothing, sums[met, 0]),
            "further_us": np.append(nothing, sums[met, 1]),
        }
    )


def finish_times(table: pa.Table, n_edges: int) -> TransitionTimes:
    """From merged partials to what `measure_times` gives."""
    columns = {name: table[name].to_numpy() for name in table.column_names}
    histograms, sums = np.zeros((n_edges, N_BUCKETS), np.int64), np.zeros((n_edges, 2), np.int64)
    is_sum = columns["bucket"] == _SUMS
    of_buckets = columns["edge"][~is_sum], columns["bucket"][~is_sum]
    histograms[of_buckets] = columns["count"][~is_sum]
    for place, name in enumerate(("elapsed_seconds", "further_us")):
        sums[columns["edge"][is_sum], place] = columns[name][is_sum]
    return _finished(histograms, sums, [])


TRANSITION_TIMES = MergeableStatistic(
    name="transition_times",
    keys=("edge", "bucket"),
    measures={"count": "sum", "elapsed_seconds": "sum", "further_us": "sum"},
    partial=partial_times,
    refresh=Refresh(options_name_items=True),
)


def _finished(
    histograms: Int64Array, sums: Int64Array, samples: list[Int64Array]
) -> TransitionTimes:
    return TransitionTimes(
        mean_us=_means(sums[:, 0], sums[:, 1], histograms.sum(axis=1)),
        median_us=quantiles_us(histograms, 50),
        p95_us=quantiles_us(histograms, 95),
        samples=tuple(samples),
    )


def _means(seconds: Int64Array, further_us: Int64Array, counts: Int64Array) -> FloatArray:
    """Correctly rounded quotients of what may exceed 64 bits; NaN where nothing is counted."""
    totals = seconds * float(_SECOND) + further_us
    means = np.divide(totals, counts, out=np.full(len(counts), np.nan), where=counts > 0)
    for place in np.flatnonzero((totals >= 2**53) & (counts > 0)):
        total = int(seconds[place]) * _SECOND + int(further_us[place])
        means[place] = total / int(counts[place])
    return means


def _measured(block: Block, numbers: _Numbers, n_edges: int, room: int) -> tuple[Int64Array, ...]:
    measured: tuple[Int64Array, ...] = kernels.measure_edges(
        *rows_of(block), block.journeys.graph.at_us, *numbers, n_edges, bucket_edges(), room
    )
    return measured


def _numbered(edges: Edges, n_items: int) -> _Numbers:
    """Rows of sources, columns of targets, and the number of each edge in that small table.

    What is no source or no target of them has the last row or column, where there is no edge.
    """
    sources, row = np.unique(edges[:, 0], return_inverse=True)
    targets, column = np.unique(edges[:, 1], return_inverse=True)
    source_places = np.full(n_items, len(sources), np.uint32)
    target_places = np.full(n_items, len(targets), np.uint32)
    source_places[sources], target_places[targets] = (
        np.arange(len(sources)),
        np.arange(len(targets)),
    )
    numbers = np.full((len(sources) + 1, len(targets) + 1), -1, np.int32)
    numbers[row, column] = np.arange(len(edges))
    return source_places, target_places, numbers
