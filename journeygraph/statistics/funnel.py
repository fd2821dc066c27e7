"""How many units meet a sequence of steps, step by step, and how long they take. Mergeable.

One table holds it all: by step and measure the units, and where the measure is a time, by its
bucket as well. A unit that stops before a step is open there or has dropped; both are counted at
the step that it did not meet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels import funnel as kernels
from journeygraph.kernels.funnel import MAX_STEPS, NO_WINDOW
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.quantiles import N_BUCKETS, bucket_edges, quantile_us
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = [
    "FUNNEL",
    "MAX_STEPS",
    "Measure",
    "Steps",
    "funnel_times",
    "units_still_open",
    "units_that_drop",
    "units_that_reach",
]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class Measure(IntEnum):
    """What a row of the table counts, at a step that is counted from 1."""

    UNITS = 0  # units that meet the step
    OPEN = 1  # units that meet the step before, not this one, and could still
    SINCE_PREVIOUS = 2  # units that meet the step, by the time since the step before
    SINCE_FIRST = 3  # units that meet the step, by the time since the first one


_SINCE = (Measure.SINCE_PREVIOUS, Measure.SINCE_FIRST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """A funnel in codes.

    Attributes
    ----------
    codes
        For each step, of 1 to MAX_STEPS, the codes of its items.
    window_us
        From the first step to the last, inclusive; None for no limit.
    strict
        Whether each next step must be the directly next item.
    """

    codes: tuple[tuple[int, ...], ...]
    window_us: int | None
    strict: bool

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, eq=False, slots=True)
class _Walks:
    """How the units of one block go through the steps; see `kernels.funnel.follow_steps`."""

    depths: npt.NDArray[np.int8]
    could_go_on: BoolArray
    met_at_us: Int64Array

    def elapsed_us(self, step: int, measure: Measure) -> Int64Array:
        since = 1 if measure is Measure.SINCE_FIRST else step - 1
        return kernels.measure_steps(self.depths, self.met_at_us, step, since)


def _walks(block: Block, steps: Steps) -> _Walks:
    journeys = block.journeys
    slot_steps, next_slots = kernels.step_slots(steps.codes, journeys.n_items)
    depths, latest_us, met_at_us = kernels.follow_steps(
        journeys.item_codes, journeys.graph.at_us, journeys.n_items, journeys.journey_starts,
        journeys.journey_ends, journeys.journey_units, block.journey_lo, block.journey_hi,
        block.unit_lo, block.unit_hi, slot_steps, next_slots, len(steps),
        NO_WINDOW if steps.window_us is None else steps.window_us, steps.strict,
    )  # fmt: skip
    if steps.window_us is None:
        could_go_on = journeys.unit_is_open()[block.unit_lo : block.unit_hi]
    else:
        could_go_on = latest_us > journeys.as_of_us - steps.window_us
    return _Walks(depths, could_go_on, met_at_us)


def partial(block: Block, steps: Steps) -> pa.Table:
    """What the units of one block do at each step."""
    walks = _walks(block, steps)
    stopped = np.bincount(walks.depths, minlength=len(steps) + 1)
    still = np.bincount(walks.depths[walks.could_go_on], minlength=len(steps) + 1)
    reached = np.cumsum(stopped[::-1])[::-1]
    every = np.arange(1, len(steps) + 1)
    nothing = np.zeros_like(every)
    histograms = kernels.count_step_times(walks.depths, walks.met_at_us, bucket_edges())
    parts = [
        _rows(every, Measure.UNITS, nothing, reached[1:]),
        _rows(every[1:], Measure.OPEN, nothing[1:], still[1:-1]),
        *(_times(*measured) for measured in zip(_SINCE, histograms, strict=True)),
    ]
    return pa.concat_tables(parts)


def _times(measure: Measure, histograms: Int64Array) -> pa.Table:
    step, bucket = np.nonzero(histograms)
    return _rows(step + 1, measure, bucket, histograms[step, bucket])


def _rows(steps: Int64Array, measure: Measure, buckets: Int64Array, units: Int64Array) -> pa.Table:
    columns = {
        "step": steps, "measure": np.full_like(steps, measure), "bucket": buckets, "units": units
    }  # fmt: skip
    return pa.table({name: np.ascontiguousarray(column) for name, column in columns.items()})


def finish(table: pa.Table, n_steps: int) -> pa.Table:
    """One row for each step: units, dropped, open, and the medians in µs, null where none."""
    counts = np.zeros((n_steps + 1, len(Measure), N_BUCKETS), np.int64)
    keys = (table[name].to_numpy() for name in ("step", "measure", "bucket"))
    counts[tuple(keys)] = table["units"].to_numpy()
    units, still = counts[1:, Measure.UNITS, 0], counts[1:, Measure.OPEN, 0]
    lost = -np.diff(units, prepend=units[:1])
    medians = {
        name: pa.array([quantile_us(row, 50) for row in counts[1:, measure]], pa.float64())
        for name, measure in zip(("median_us", "median_from_first_us"), _SINCE, strict=True)
    }
    return pa.table(
        {"units": units.copy(), "dropped": lost - still, "open": still.copy(), **medians}
    )


FUNNEL = MergeableStatistic(
    name="funnel",
    keys=("step", "measure", "bucket"),
    measures={"units": "sum"},
    partial=partial,
    finish=finish,
)


def funnel_times(journeys: Journeys, steps: Steps) -> Iterator[tuple[Int64Array, Int64Array]]:
    """Of each step every time since the step before and since the first, µs; none at the first."""
    walks = on_threads(lambda block: _walks(block, steps), blocks_or_nothing(journeys))
    nothing = np.zeros(0, np.int64)
    yield nothing, nothing
    for step in range(2, len(steps) + 1):
        previous, first = (
            np.concatenate([part.elapsed_us(step, measure) for part in walks]) for measure in _SINCE
        )
        yield previous, first


def units_that_reach(journeys: Journeys, steps: Steps, step: int) -> Int64Array:
    """Which units meet a step, counted from 1."""

    def find(block: Block) -> Int64Array:
        return np.flatnonzero(_walks(block, steps).depths >= step) + block.unit_lo

    return np.concatenate(on_threads(find, blocks_or_nothing(journeys)))


def units_still_open(journeys: Journeys, steps: Steps, step: int) -> Int64Array:
    """Which units meet the step before, not this one, and still could."""

    def find(block: Block) -> Int64Array:
        walks = _walks(block, steps)
        is_open = (walks.depths == step - 1) & (step > 1) & walks.could_go_on
        return np.flatnonzero(is_open) + block.unit_lo

    return np.concatenate(on_threads(find, blocks_or_nothing(journeys)))


def units_that_drop(journeys: Journeys, steps: Steps, step: int) -> Int64Array:
    """Which units meet the step before, not this one, and could not any more."""

    def find(block: Block) -> Int64Array:
        walks = _walks(block, steps)
        dropped = (walks.depths == step - 1) & (step > 1) & ~walks.could_go_on
        return np.flatnonzero(dropped) + block.unit_lo

    return np.concatenate(on_threads(find, blocks_or_nothing(journeys)))
