"""A planned journey in the codes of the journeys that are held against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["MOST_STEPS", "PlanCodes", "limits_of", "symbols_of"]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

MOST_STEPS = 100
"""A plan has at most so many steps: the kernel numbers them in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCodes:
    """A planned journey in codes: tuples by step, but for `stage_within_us`, which is by stage.

    Attributes
    ----------
    items
        The item that each step is; -1 where there is none of that name.
    channels
        The channel that it has to be by; -1 where there is none of that name, None for any.
    optional, repeats
        Whether a step may be left out, and whether it may be taken several times.
    within_us
        At most so long behind the last item of the step before that was met; None for any time.
    stages
        The stage of each step, ascending from 0.
    stage_within_us
        At most so long from the first to the last item of a stage; None for any time.
    """

    items: tuple[int, ...]
    channels: tuple[int | None, ...]
    optional: tuple[bool, ...]
    repeats: tuple[bool, ...]
    within_us: tuple[int | None, ...]
    stages: tuple[int, ...]
    stage_within_us: tuple[int | None, ...]


def symbols_of(
    plan: PlanCodes, items: Int64Array, channels: npt.NDArray[np.integer[Any]]
) -> tuple[Int64Array, BoolArray]:
    """What each item is to a plan, and which steps each of these could be; -1 is to none."""
    known_items = np.unique([code for code in plan.items if code >= 0]).astype(np.int64)
    known_channels = np.unique([code for code in plan.channels if code is not None])
    n_channels = len(known_channels) + 1  # the last is any other
    matches = np.zeros((len(known_items) * n_channels, len(plan.items)), np.bool_)
    for step, (item, channel) in enumerate(zip(plan.items, plan.channels, strict=True)):
        first = int(np.searchsorted(known_items, item)) * n_channels
        if item < 0:
            continue
        if channel is None:
            matches[first : first + n_channels, step] = True
        else:
            matches[first + int(np.searchsorted(known_channels, channel)), step] = True
    places, are_known = _places(items, known_items)
    of_channels, are_planned = _places(channels, known_channels)
    symbols = places * n_channels + np.where(are_planned, of_channels, n_channels - 1)
    return np.where(are_known, symbols, -1), matches


def _places(
    codes: npt.NDArray[np.integer[Any]], known: npt.NDArray[np.integer[Any]]
) -> tuple[Int64Array, BoolArray]:
    """Where codes stand among known ones, ascending, and whether they do."""
    if not len(known):
        return np.zeros(len(codes), np.int64), np.zeros(len(codes), np.bool_)
    places = np.searchsorted(known, codes).clip(0, len(known) - 1).astype(np.int64, copy=False)
    return places, known[places] == codes


def limits_of(within_us: tuple[int | None, ...]) -> Int64Array:
    """Times by place, -1 where any will do."""
    return np.array([-1 if limit is None else limit for limit in within_us], np.int64)
