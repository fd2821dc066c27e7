"""How long each unit was followed from its start, and what ended that: exact, one row a unit.

The clock of a unit starts at an interaction, and stops at the first of: the conversion, an event
that competes with it, the end (it left), or the end of the data, where nobody knows yet. That
somebody left is known only when the inactivity limit has passed since their last interaction, and
that is when the end is dated. Dated back to the last interaction, ends would be seen of those
alone who were watched longer than they stayed, and others would count as watched while nobody
could have seen them leave.

Times are kept to the microsecond, one for each unit, which takes 9 bytes a unit and is exact;
nothing is put into buckets. Units are whole in a block, so that blocks are put side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.kernels.conversion_times import find_first_behind
from journeygraph.statistics.base import blocks_or_nothing
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = ["Clock", "Fate", "Followed", "conversions_behind", "first_behind", "follow"]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class Fate(IntEnum):
    """What stopped the clock."""

    OPEN = 0
    CONVERTED = 1
    COMPETED = 2
    ENDED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """When clocks start and what stops them; items by their codes.

    Attributes
    ----------
    starts
        The first of these items starts the clock, and only what comes later can stop it. None: the
        unit's first item does, and it may be the conversion itself.
    goals
        Any of these is the conversion; None for the outcome of the journeys.
    rivals
        Any of these competes with it.
    sees_ends
        Whether a closed unit without either has ended, once the inactivity limit is over.
    horizon_us
        What is later is not looked at.
    """

    starts: tuple[int, ...] | None = None
    goals: tuple[int, ...] | None = None
    rivals: tuple[int, ...] = ()
    sees_ends: bool = False
    horizon_us: int | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Followed:
    """Units whose clock started.

    Attributes
    ----------
    units
        Which, ascending.
    elapsed_us
        How long each was followed.
    fates
        What stopped it, a `Fate`.
    """

    units: Int64Array
    elapsed_us: Int64Array
    fates: npt.NDArray[np.int8]

    def among(self, is_meant: BoolArray) -> Followed:
        """Those units for which this, by unit of the view, holds."""
        chosen = is_meant[self.units]
        return Followed(
            units=self.units[chosen],
            elapsed_us=self.elapsed_us[chosen],
            fates=self.fates[chosen],
        )

    def with_fate(self, fate: Fate, until_us: int | None = None) -> Int64Array:
        """Units whose clock was stopped by this, at the latest after so long."""
        stopped = self.fates == fate
        if until_us is not None:
            stopped &= self.elapsed_us <= until_us
        return self.units[stopped]

    @cached_property
    def counts(self) -> dict[Fate, int]:
        """How many units of each fate."""
        counted = np.bincount(self.fates, minlength=len(Fate))
        return {fate: int(counted[fate]) for fate in Fate}


def follow(journeys: Journeys, clock: Clock, at_most: int | None = None) -> Followed:
    """Follow every unit from its start.

    Parameters
    ----------
    at_most
        How many blocks; by default one for each thread.
    """
    blocks = blocks_or_nothing(journeys, at_most)
    parts = on_threads(lambda block: _follow(block, clock), blocks)
    units, elapsed_us, fates = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Followed(units=units, elapsed_us=elapsed_us, fates=fates)


def first_behind(block: Block, items: Sequence[int] | None, behind: Int64Array) -> Int64Array:
    """By unit of a block the first row behind a given one with any of these items, or with any."""
    journeys = block.journeys
    is_wanted = np.full(journeys.n_items, items is None)
    if items is not None:
        is_wanted[list(items)] = True
    rows: Int64Array = find_first_behind(
        journeys.item_codes, is_wanted, journeys.journey_starts, journeys.journey_ends,
        journeys.journey_units, block.journey_lo, block.journey_hi, block.unit_lo, block.unit_hi,
        behind,
    )  # fmt: skip
    return rows


def _follow(block: Block, clock: Clock) -> tuple[Int64Array, Int64Array, npt.NDArray[np.int8]]:
    journeys, at_us = block.journeys, block.journeys.graph.at_us
    starts = first_behind(block, clock.starts, np.full(block.unit_hi - block.unit_lo, -1))
    behind = starts - 1 if clock.starts is None else starts
    behind = np.where(starts < 0, np.iinfo(np.int64).max - 1, behind)
    goals = conversions_behind(block, clock.goals, behind)
    rivals = first_behind(block, clock.rivals, behind) if clock.rivals else np.full_like(goals, -1)
    started = np.flatnonzero(starts >= 0)
    starts, goals, rivals = starts[started], goals[started], rivals[started]
    is_rival = (rivals >= 0) & ((goals < 0) | (rivals < goals))
    fates = np.where(goals >= 0, Fate.CONVERTED, Fate.OPEN)
    fates = np.where(is_rival, Fate.COMPETED, fates).astype(np.int8)
    stops = np.where(is_rival, rivals, goals)
    stopped_us = np.full(len(started), journeys.as_of_us)
    stopped_us[stops >= 0] = at_us[stops[stops >= 0]]
    if clock.sees_ends:
        ends_us = journeys.unit_last_at_us[block.unit_lo + started] + journeys.inactivity_us
        has_ended = (fates == Fate.OPEN) & (ends_us <= journeys.as_of_us)
        fates[has_ended] = Fate.ENDED
        stopped_us[has_ended] = ends_us[has_ended]
    elapsed_us = stopped_us - at_us[starts]
    if clock.horizon_us is not None:
        fates[elapsed_us > clock.horizon_us] = Fate.OPEN
        elapsed_us = np.minimum(elapsed_us, clock.horizon_us)
    return block.unit_lo + started, elapsed_us, fates


def conversions_behind(block: Block, goals: Sequence[int] | None, behind: Int64Array) -> Int64Array:
    """By unit of a block its first conversion behind a row: an item, or without any the outcome."""
    if goals is not None:
        return first_behind(block, goals, behind)
    journeys = block.journeys
    outcomes = journeys.outcome_rows
    if not len(outcomes):
        return np.full(len(behind), -1, np.int64)
    places = np.searchsorted(outcomes, behind, side="right")
    rows = outcomes[places.clip(0, len(outcomes) - 1)]
    ends = journeys.unit_ends[block.unit_lo : block.unit_hi]
    return np.where((rows > behind) & (rows < ends), rows, -1)
