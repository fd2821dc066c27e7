"""What goes with given paths or n-grams: outcome, value and duration, by unit. Mergeable.

Counting looks at every sequence, this at the few that somebody asks for. A unit counts once for
each: by its first occurrence, which says how long it took, and after whose end the outcome must
come; for a whole path the outcome may be anywhere in one of the journeys that took it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels import occurrences as kernels
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.finders import Finder
from journeygraph.statistics.quantiles import (
    N_BUCKETS,
    bucket_edges,
    by_group,
    exact_quantile_us,
    quantiles_us,
)
from journeygraph.statistics.refresh import Refresh
from journeygraph.statistics.sequences import Lists
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = [
    "OCCURRENCES",
    "UNITS_WITH",
    "UNITS_WITHOUT",
    "durations",
    "exact_quantiles",
    "finish",
    "units_with",
]

Int64Array = npt.NDArray[np.int64]

_ANY = -1
"""In place of the number of a list: units with any of them."""


def partial(block: Block, lists: Lists, length: int | None) -> pa.Table:
    """Units, units with the outcome, and value, by list and bucket of the duration.

    Parameters
    ----------
    lists
        Distinct; `listed` is the number of one of them, or -1 for the units that have any (with
        bucket -1, and nothing but units).
    length
        Of n-grams; None where the lists are whole paths.
    """
    found = _locate(block, lists, length)
    journeys = block.journeys
    measures, n_covered = kernels.describe_occurrences(
        found.listed, found.units, found.elapsed_us, _has_outcome(journeys, found, length),
        journeys.unit_value_minor, len(lists), bucket_edges(),
    )  # fmt: skip
    listed, bucket = np.nonzero(measures[:, :, 0])
    rows = measures[listed, bucket]
    return pa.table(
        {
            "listed": np.append(listed, _ANY),
            "bucket": np.append(bucket, _ANY),
            "units": np.append(rows[:, 0], n_covered),
            "outcome_units": np.append(rows[:, 1], 0),
            "value_minor": np.append(rows[:, 2], 0),
        }
    )


def finish(table: pa.Table, n_lists: int) -> tuple[pa.Table, int]:
    """One row for each list, and how many units have any of them.

    The columns are units, outcome_units, value_minor, and the quantiles median_us and p95_us.
    """
    listed = table["listed"].to_numpy()
    is_any = listed == _ANY
    n_covered = int(table["units"].to_numpy()[is_any].sum())
    histograms = np.zeros((n_lists, N_BUCKETS), np.int64)
    bucket, units = table["bucket"].to_numpy(), table["units"].to_numpy()
    histograms[listed[~is_any], bucket[~is_any]] = units[~is_any]
    sums = {"units": histograms.sum(axis=1)}
    for name in ("outcome_units", "value_minor"):
        sums[name] = np.zeros(n_lists, np.int64)
        np.add.at(sums[name], listed[~is_any], table[name].to_numpy()[~is_any])
    quantiles = {
        name: pa.array(quantiles_us(histograms, percent), from_pandas=True)  # NaN: no unit
        for name, percent in (("median_us", 50), ("p95_us", 95))
    }
    return pa.table({**sums, **quantiles}), n_covered


OCCURRENCES = MergeableStatistic(
    name="occurrences",
    keys=("listed", "bucket"),
    measures={"units": "sum", "outcome_units": "sum", "value_minor": "sum"},
    partial=partial,
    refresh=Refresh(options_name_items=True),
)


def durations(journeys: Journeys, lists: Lists, length: int | None) -> list[Int64Array]:
    """How long the first occurrence of each list took in each of its units, µs."""
    blocks = blocks_or_nothing(journeys)
    found = on_threads(lambda block: _locate(block, lists, length), blocks)
    listed = np.concatenate([part.listed for part in found])
    units = by_group(listed, np.concatenate([part.units for part in found]), len(lists))
    elapsed_us = by_group(listed, np.concatenate([part.elapsed_us for part in found]), len(lists))
    return [
        of_list[np.diff(of_units, prepend=-1) > 0]  # units ascend, their first occurrence first
        for of_list, of_units in zip(elapsed_us, units, strict=True)
    ]


def exact_quantiles(samples: Sequence[Int64Array], percent: int) -> list[float | None]:
    """A percentile of each list's values."""
    return [exact_quantile_us(values, percent) for values in samples]


def units_with(journeys: Journeys, lists: Lists, length: int | None) -> Int64Array:
    """The units that have any of the lists, ascending."""
    blocks = blocks_or_nothing(journeys)
    parts = on_threads(lambda block: _locate(block, lists, length).units, blocks)
    return np.unique(np.concatenate(parts))


def _units_without(journeys: Journeys, lists: Lists, length: int | None) -> Int64Array:
    """The units that have none of them."""
    some = units_with(journeys, lists, length)
    return np.setdiff1d(np.arange(journeys.n_units), some, assume_unique=True)


UNITS_WITH = Finder(name="units with a sequence", units=units_with)
UNITS_WITHOUT = Finder(name="units without a sequence", units=_units_without)


@dataclass(frozen=True, eq=False, slots=True)
class _Occurrences:
    listed: Int64Array
    journeys: Int64Array
    units: Int64Array
    last_rows: Int64Array
    elapsed_us: Int64Array


def _locate(block: Block, lists: Lists, length: int | None) -> _Occurrences:
    journeys = block.journeys
    view = journeys.item_codes, journeys.n_items, journeys.repeated_code
    extents = journeys.journey_starts, journeys.journey_ends
    of_block = block.journey_lo, block.journey_hi
    with np.errstate(over="ignore"):  # hashes wrap around
        if length is None:
            found = kernels.locate_paths(*view, *extents, *of_block, lists.starts, lists.items)
        else:
            found = kernels.locate_ngrams(
                *view, length, *extents, journeys.journey_units, *of_block, lists.starts,
                lists.items,
            )  # fmt: skip
    listed, of_journey, first_rows, last_rows = (column.copy() for column in found.T)
    return _Occurrences(
        listed=listed,
        journeys=of_journey,
        units=journeys.journey_units[of_journey].astype(np.int64),
        last_rows=last_rows,
        elapsed_us=journeys.graph.at_us[last_rows] - journeys.graph.at_us[first_rows],
    )


def _has_outcome(
    journeys: Journeys, found: _Occurrences, length: int | None
) -> npt.NDArray[np.bool_]:
    if length is None:
        return journeys.journey_has_outcome[found.journeys]
    return np.asarray(journeys.unit_last_outcome[found.units] > found.last_rows)
