"""How many units meet a sequence of steps, step by step, and how long they take. Mergeable.

One table holds it all: by step and measure the units, and where the measure is a time, by its
bucket as well. A unit that stops before a step is open there or has dropped; both are counted at
the step that it did not meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels import funnel as kernels
from journeygraph.kernels.funnel import MAX_STEPS, NO_WINDOW
from journeygraph.kernels.funnel_steps import step_slots
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.conversion_times import first_behind
from journeygraph.statistics.finders import Finder
from journeygraph.statistics.quantiles import N_BUCKETS, bucket_edges, quantile_us
from journeygraph.statistics.refresh import Refresh
from journeygraph.statistics.view_changes import Limit
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = [
    "FUNNEL",
    "MAX_STEPS",
    "Measure",
    "NOBODY",
    "UNITS_STILL_OPEN",
    "UNITS_THAT_DROP",
    "UNITS_THAT_REACH",
    "Steps",
    "funnel_entries",
    "funnel_times",
    "time_histograms",
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
    """How some units go through the steps; see `kernels.funnel.follow_steps`."""

    unit_lo: int
    depths: npt.NDArray[np.int8]
    could_go_on: BoolArray
    met_at_us: Int64Array

    def elapsed_us(self, step: int, measure: Measure) -> Int64Array:
        since = 1 if measure is Measure.SINCE_FIRST else step - 1
        return kernels.measure_steps(self.depths, self.met_at_us, step, since)


def _walks(block: Block, steps: Steps) -> Iterator[_Walks]:
    """Of the units of a block, a few thousand at a time, that what is found stays at hand."""
    journeys = block.journeys
    slot_steps, next_slots = step_slots(steps.codes, journeys.n_items)
    window_us = NO_WINDOW if steps.window_us is None else steps.window_us
    is_open = journeys.unit_is_open() if steps.window_us is None else None
    for part in block.parts():
        depths, latest_us, met_at_us = kernels.follow_steps(
            journeys.item_codes, journeys.graph.at_us, journeys.n_items, journeys.journey_starts,
            journeys.journey_ends, journeys.journey_units, part.journey_lo, part.journey_hi,
            part.unit_lo, part.unit_hi, slot_steps, next_slots, len(steps), window_us,
            steps.strict,
        )  # fmt: skip
        if is_open is None:
            could_go_on = latest_us > journeys.as_of_us - window_us
        else:
            could_go_on = is_open[part.unit_lo : part.unit_hi]
        yield _Walks(part.unit_lo, depths, could_go_on, met_at_us)


def partial(block: Block, steps: Steps) -> pa.Table:
    """What the units of one block do at each step."""
    stopped, still = np.zeros((2, len(steps) + 1), np.int64)
    histograms = np.zeros((len(_SINCE), len(steps), N_BUCKETS), np.int64)
    for walks in _walks(block, steps):
        kernels.count_walks(
            walks.depths, walks.could_go_on, walks.met_at_us, bucket_edges(), stopped, still,
            histograms,
        )  # fmt: skip
    histograms[1, 1:2] = histograms[0, 1:2]
    reached = np.cumsum(stopped[::-1])[::-1]
    every = np.arange(1, len(steps) + 1)
    nothing = np.zeros_like(every)
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


def time_histograms(table: pa.Table, n_steps: int) -> tuple[Int64Array, Int64Array]:
    """(n_steps, N_BUCKETS) units by the time since the step before, and since the first."""
    counts = np.zeros((n_steps + 1, len(Measure), N_BUCKETS), np.int64)
    keys = (table[name].to_numpy() for name in ("step", "measure", "bucket"))
    counts[tuple(keys)] = table["units"].to_numpy()
    return counts[1:, Measure.SINCE_PREVIOUS], counts[1:, Measure.SINCE_FIRST]


def _open_limit(journeys: Journeys, steps: Steps) -> Limit:
    if steps.window_us is None:
        return Limit(journeys.inactivity_us, since_last_seen=True)
    return Limit(steps.window_us)


FUNNEL = MergeableStatistic(
    name="funnel",
    keys=("step", "measure", "bucket"),
    measures={"units": "sum"},
    partial=partial,
    finish=finish,
    refresh=Refresh(options_name_items=True, limit=_open_limit),
)


def funnel_times(journeys: Journeys, steps: Steps) -> Iterator[tuple[Int64Array, Int64Array]]:
    """Of each step every time since the step before and since the first, µs; none at the first."""
    walks = _all_walks(journeys, steps)
    nothing = np.zeros(0, np.int64)
    yield nothing, nothing
    for step in range(2, len(steps) + 1):
        previous, first = (
            np.concatenate([nothing, *(part.elapsed_us(step, measure) for part in walks)])
            for measure in _SINCE
        )
        yield previous, first


class FunnelEntries(NamedTuple):
    """Units that meet the first step, ascending.

    Attributes
    ----------
    units
        Which.
    at_us
        When the choice that counts met it.
    is_through
        Whether they meet all steps.
    is_open
        Whether the window of that choice, or of a later one of units that are not through, goes
        on behind the end of the data.
    """

    units: Int64Array
    at_us: Int64Array
    is_through: BoolArray
    is_open: BoolArray


def funnel_entries(journeys: Journeys, steps: Steps) -> FunnelEntries:
    """When each unit enters a funnel that has a window, and whether it comes through."""
    assert steps.window_us is not None
    window_us = steps.window_us

    def find(block: Block) -> list[FunnelEntries]:
        first_rows = first_behind(block, steps.codes[0], np.full(_n_units(block), -1))
        return [
            _entries(walks, first_rows[walks.unit_lo - block.unit_lo :], journeys, window_us, steps)
            for walks in _walks(block, steps)
        ]

    nothing = FunnelEntries(*np.zeros((2, 0), np.int64), *np.zeros((2, 0), np.bool_))
    parts = on_threads(find, blocks_or_nothing(journeys))
    columns = zip(nothing, *(entries for part in parts for entries in part), strict=True)
    return FunnelEntries(*(np.concatenate(column) for column in columns))


def _n_units(block: Block) -> int:
    return block.unit_hi - block.unit_lo


def _entries(
    walks: _Walks, first_rows: Int64Array, journeys: Journeys, window_us: int, steps: Steps
) -> FunnelEntries:
    entered = np.flatnonzero(walks.depths >= 1)
    at_us = journeys.graph.at_us[first_rows[entered]]
    depths = walks.depths[entered]
    at_us[depths >= 2] = walks.met_at_us[:, 0]
    is_through = depths == len(steps)
    over = np.where(is_through, at_us > journeys.as_of_us - window_us, walks.could_go_on[entered])
    return FunnelEntries(entered + walks.unit_lo, at_us, is_through, over)


def _all_walks(journeys: Journeys, steps: Steps) -> list[_Walks]:
    found = on_threads(lambda block: list(_walks(block, steps)), blocks_or_nothing(journeys))
    return [walks for part in found for walks in part]


def _units(
    journeys: Journeys, steps: Steps, are_meant: Callable[[_Walks], BoolArray]
) -> Int64Array:
    found = [
        np.flatnonzero(are_meant(walks)) + walks.unit_lo for walks in _all_walks(journeys, steps)
    ]
    return np.concatenate([np.zeros(0, np.int64), *found])


def units_that_reach(journeys: Journeys, steps: Steps, step: int) -> Int64Array:
    """Which units meet a step, counted from 1."""
    return _units(journeys, steps, lambda walks: walks.depths >= step)


def units_still_open(journeys: Journeys, steps: Steps, step: int) -> Int64Array:
    """Which units meet the step before, not this one, and still could."""
    if step == 1:
        return np.zeros(0, np.int64)
    return _units(journeys, steps, lambda walks: (walks.depths == step - 1) & walks.could_go_on)


def units_that_drop(journeys: Journeys, steps: Steps, step: int) -> Int64Array:
    """Which units meet the step before, not this one, and could not any more."""
    if step == 1:
        return np.zeros(0, np.int64)
    return _units(journeys, steps, lambda walks: (walks.depths == step - 1) & ~walks.could_go_on)


def _no_units(_journeys: Journeys) -> Int64Array:
    """No unit at all."""
    return np.zeros(0, np.int64)


UNITS_THAT_REACH = Finder(name="units that reach a step", units=units_that_reach)
UNITS_STILL_OPEN = Finder(name="units still open at a step", units=units_still_open)
UNITS_THAT_DROP = Finder(name="units that drop at a step", units=units_that_drop)
NOBODY = Finder(name="nobody", units=_no_units)
