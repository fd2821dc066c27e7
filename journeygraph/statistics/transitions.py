"""Transitions from one item directly to the next: units, occurrences, and times. Mergeable.

A transition is a run of two items. The times of all transitions would be a histogram for each of
what may be millions of pairs; they are counted for those that somebody asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels import transitions as kernels
from journeygraph.statistics import ngrams
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.quantiles import N_BUCKETS, bucket_edges, by_group, quantile_us
from journeygraph.statistics.sequences import SequenceCounts
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = ["TRANSITIONS", "TRANSITION_TIMES", "count_transitions", "finish_times", "times"]

Int64Array = npt.NDArray[np.int64]
Edges = npt.NDArray[np.integer[Any]]
"""(n_edges, 2) codes of source and target, distinct."""


def count_transitions(journeys: Journeys) -> SequenceCounts:
    """Every pair of items that follow each other directly, its units and its occurrences."""
    return ngrams.count_ngrams(journeys, 2)


def partial(block: Block) -> pa.Table:
    """The transitions of one block by the codes of source and target."""
    runs = ngrams.partial(block, 2)
    pairs = runs["path"].combine_chunks().values.to_numpy().reshape(-1, 2)
    return pa.table(
        {"source": pairs[:, 0].copy(), "target": pairs[:, 1].copy(),
         "units": runs["units"], "count": runs["count"]}
    )  # fmt: skip


TRANSITIONS = MergeableStatistic(
    name="transitions",
    keys=("source", "target"),
    measures={"units": "sum", "count": "sum"},
    partial=partial,
)


def partial_times(block: Block, edges: Edges) -> pa.Table:
    """How often each edge took how long, by the number of the edge and the bucket of the time."""
    journeys = block.journeys
    measures = kernels.count_transition_times(
        journeys.item_codes, journeys.n_items, journeys.graph.at_us, journeys.journey_starts,
        journeys.journey_ends, block.journey_lo, block.journey_hi,
        *_numbered(edges, journeys.n_items), len(edges), bucket_edges(),
    )  # fmt: skip
    edge, bucket = np.nonzero(measures[:, :, 0])
    rows = measures[edge, bucket]
    return pa.table(
        {"edge": edge, "bucket": bucket, "count": rows[:, 0].copy(),
         "elapsed_seconds": rows[:, 1].copy(), "further_us": rows[:, 2].copy()}
    )  # fmt: skip


def finish_times(table: pa.Table, n_edges: int) -> pa.Table:
    """One row for each edge: mean_us, and the quantiles median_us and p95_us."""
    edge, bucket = table["edge"].to_numpy(), table["bucket"].to_numpy()
    histograms = np.zeros((n_edges, N_BUCKETS), np.int64)
    histograms[edge, bucket] = table["count"].to_numpy()
    seconds, further_us = np.zeros(n_edges, np.int64), np.zeros(n_edges, np.int64)
    np.add.at(seconds, edge, table["elapsed_seconds"].to_numpy())
    np.add.at(further_us, edge, table["further_us"].to_numpy())
    counts = histograms.sum(axis=1)
    means = [
        (int(whole) * 1_000_000 + int(rest)) / int(count) if count else None
        for whole, rest, count in zip(seconds, further_us, counts, strict=True)
    ]
    medians = [quantile_us(row, 50) for row in histograms]
    p95s = [quantile_us(row, 95) for row in histograms]
    columns = {"mean_us": means, "median_us": medians, "p95_us": p95s}
    return pa.table({name: pa.array(values, pa.float64()) for name, values in columns.items()})


TRANSITION_TIMES = MergeableStatistic(
    name="transition_times",
    keys=("edge", "bucket"),
    measures={"count": "sum", "elapsed_seconds": "sum", "further_us": "sum"},
    partial=partial_times,
    finish=finish_times,
)


def times(journeys: Journeys, edges: Edges, n_transitions: int) -> list[Int64Array]:
    """Every time that each edge took, µs.

    Parameters
    ----------
    n_transitions
        How many there are in all, or more.
    """

    def collect(block: Block) -> tuple[Int64Array, Int64Array]:
        return kernels.collect_transition_times(
            journeys.item_codes, journeys.n_items, journeys.graph.at_us, journeys.journey_starts,
            journeys.journey_ends, block.journey_lo, block.journey_hi,
            *_numbered(edges, journeys.n_items), n_transitions,
        )  # fmt: skip

    parts = on_threads(collect, blocks_or_nothing(journeys))
    numbers = np.concatenate([part[0] for part in parts])
    elapsed_us = np.concatenate([part[1] for part in parts])
    return by_group(numbers, elapsed_us, len(edges))


def _numbered(edges: Edges, n_items: int) -> tuple[Int64Array, Int64Array, npt.NDArray[np.int32]]:
    """Rows of sources, columns of targets, and the number of each edge in that small table."""
    sources, row = np.unique(edges[:, 0], return_inverse=True)
    targets, column = np.unique(edges[:, 1], return_inverse=True)
    places = np.full((2, n_items), -1, np.int64)
    places[0, sources], places[1, targets] = np.arange(len(sources)), np.arange(len(targets))
    numbers = np.full((len(sources), len(targets)), -1, np.int32)
    numbers[row, column] = np.arange(len(edges))
    return places[0].copy(), places[1].copy(), numbers
