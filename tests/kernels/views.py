"""Arrays as kernels take them, made from units, journeys and items written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.naive.funnel import Unit

__all__ = ["View", "view_of"]

Moment = tuple[int, str | None]
"""When, and which item; None is an interaction that is no item."""


@dataclass(frozen=True)
class View:
    """`rows` and `block()` are the leading arguments of most kernels; `units` is for the twin."""

    units: list[Unit]
    item_codes: npt.NDArray[Any]
    at_us: npt.NDArray[np.int64]
    n_items: int
    journey_starts: npt.NDArray[np.int64]
    journey_ends: npt.NDArray[np.int64]
    journey_units: npt.NDArray[np.int64]

    @property
    def n_units(self) -> int:
        return len(self.units)

    @property
    def rows(self) -> tuple[Any, ...]:
        return self.item_codes, self.at_us, self.n_items, *self.ranges

    @property
    def ranges(self) -> tuple[Any, ...]:
        return self.journey_starts, self.journey_ends, self.journey_units

    def block(self, units: tuple[int, int] | None = None) -> tuple[int, int, int, int]:
        """journey_lo, journey_hi, unit_lo, unit_hi of these units, or of all."""
        lo, hi = units or (0, self.n_units)
        journeys = np.searchsorted(self.journey_units, [lo, hi])
        return int(journeys[0]), int(journeys[1]), lo, hi


def view_of(
    units: Sequence[Sequence[Sequence[Moment]]], items: str, dtype: npt.DTypeLike = np.uint8
) -> View:
    """One row for each interaction, unit after unit; what is no item alternates its code."""
    no_item = [np.iinfo(dtype).max, np.iinfo(dtype).max - 1]
    rows = [moment for unit in units for journey in unit for moment in journey]
    codes = [
        no_item[number % 2] if name is None else items.index(name)
        for number, (_at, name) in enumerate(rows)
    ]
    lengths = np.array([len(journey) for unit in units for journey in unit], np.int64)
    return View(
        units=[Unit([_items_of(journey) for journey in unit]) for unit in units],
        item_codes=np.array(codes, dtype),
        at_us=np.array([at for at, _name in rows], np.int64),
        n_items=len(items),
        journey_starts=np.cumsum(lengths) - lengths,
        journey_ends=np.cumsum(lengths),
        journey_units=np.repeat(np.arange(len(units)), [len(unit) for unit in units]),
    )


def _items_of(journey: Sequence[Moment]) -> list[tuple[int, str]]:
    return [(at, name) for at, name in journey if name is not None]
