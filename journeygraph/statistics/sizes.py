"""How much a view holds, and which touchpoints and channels are in it. Mergeable.

Counted is what is left after filters and rules: interactions that are an item, those that a
collapsed run took in included. Outcomes are those of the whole histories, as always.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from journeygraph.conditions import ranks
from journeygraph.kernels.units import mark_kept, survey_rows
from journeygraph.statistics.base import MergeableStatistic, total

if TYPE_CHECKING:
    from journeygraph.graph import IntArray
    from journeygraph.journeys import Block, Journeys

__all__ = ["NAMES_SEEN", "SIZES", "Seen", "Sizes", "names_seen", "sizes_of"]


class Seen(IntEnum):
    """Of what a name is."""

    TOUCHPOINT = 0
    CHANNEL = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What `SIZES` counts of a whole view; times are None where no interaction is kept."""

    customers: int
    units: int
    journeys: int
    interactions: int
    outcomes: int
    from_us: int | None
    until_us: int | None


def sizes_of(journeys: Journeys) -> Sizes:
    """How much there is."""
    [row] = total(SIZES, journeys).to_pylist()
    del row["whole"]
    if not row["interactions"]:
        row |= {"from_us": None, "until_us": None}
    return Sizes(**row)


def names_seen(journeys: Journeys) -> dict[Seen, int]:
    """How many different touchpoints and channels the interactions kept are at."""
    kinds = total(NAMES_SEEN, journeys)["kind"].to_pylist()
    return {kind: kinds.count(kind) for kind in Seen}


def _sizes(block: Block) -> pa.Table:
    journeys, units = block.journeys, slice(block.unit_lo, block.unit_hi)
    kept, first_us, last_us = survey_rows(*_kept(block), journeys.graph.at_us)
    starts, ends = journeys.unit_starts[units], journeys.unit_ends[units]
    of_rows = journeys.outcome_rows
    customers = journeys.unit_customers[units]
    counted = {
        "whole": 0,
        "customers": np.count_nonzero(np.diff(customers, prepend=-1)),
        "units": len(starts),
        "journeys": block.journey_hi - block.journey_lo,
        "interactions": kept,
        "outcomes": np.sum(ranks(of_rows, ends) - ranks(of_rows, starts)),
        "from_us": first_us,
        "until_us": last_us,
    }
    return pa.table({name: np.array([number], np.int64) for name, number in counted.items()})


SIZES = MergeableStatistic(
    name="sizes",
    keys=("whole",),
    measures={
        "customers": "sum",
        "units": "sum",
        "journeys": "sum",
        "interactions": "sum",
        "outcomes": "sum",
        "from_us": "min",
        "until_us": "max",
    },
    partial=_sizes,
)
"""One row; times are the largest and the smallest int64 where no interaction is kept."""


def _names(block: Block) -> pa.Table:
    graph = block.journeys.graph
    touchpoints = _marked(block, graph.touchpoint_codes, len(graph.touchpoints))
    channels = _marked(block, graph.channel_codes, len(graph.channels))
    channels = channels[channels > 0]  # 0 is "not said"
    kinds = np.repeat([Seen.TOUCHPOINT, Seen.CHANNEL], [len(touchpoints), len(channels)])
    codes = np.concatenate([touchpoints, channels])
    return pa.table({"kind": kinds.astype(np.int64), "code": codes, "seen": np.ones_like(codes)})


NAMES_SEEN = MergeableStatistic(
    name="names_seen",
    keys=("kind", "code"),
    measures={"seen": "max"},
    partial=_names,
)
"""Of which touchpoints and channels an interaction is kept; `seen` is 1."""


def _marked(block: Block, codes: IntArray, n_codes: int) -> Any:
    seen = np.zeros(n_codes, np.bool_)
    mark_kept(*_kept(block), codes, seen)
    return np.flatnonzero(seen)


def _kept(block: Block) -> tuple[IntArray, IntArray, IntArray, int, int]:
    journeys, part = block.journeys, slice(block.journey_lo, block.journey_hi)
    ranges = journeys.journey_starts[part], journeys.journey_ends[part]
    return *ranges, journeys.item_codes, journeys.n_items, journeys.repeated_code
