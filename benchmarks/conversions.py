"""What peers without attribution of their own share: from counts to removal effects and credits.

A path of a customer goes through the channels up to and with the first interaction that is the
outcome; where there is none, through all of them, into nothing. The counting is each peer's own;
these lines are the same for all of them, and cost as little as they do for us.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from benchmarks.make_journeys import CHANNELS
from benchmarks.workloads import OUTCOME

if TYPE_CHECKING:
    import polars as pl

    from benchmarks.files import Files

__all__ = ["Credits", "credits_of", "prepared_paths", "removal_effects"]

Counts = npt.NDArray[np.int64]
Credits = tuple[list[tuple[str, float]], list[tuple[str, float]]]

_START = len(CHANNELS)
_CONVERTED, _NOTHING = _START + 1, _START + 2
_N_STATES = _START + 3


def credits_of(
    pairs: Iterable[tuple[int, int, int]], journeys: Iterable[tuple[int, int, bool, int, int]]
) -> Credits:
    """Removal effects and Shapley credits.

    Parameters
    ----------
    pairs
        Codes of two channels that follow each other in a path, and how often.
    journeys
        First channel, last channel, whether there is an outcome, the channels as bits, and how
        many customers have all of these in common.
    """
    moves = np.zeros((_N_STATES, _N_STATES), np.int64)
    credited = np.zeros(len(CHANNELS))
    for source, target, n in pairs:
        moves[source, target] += n
    for first, last, converts, channels, n in journeys:
        moves[_START, first] += n
        moves[last, _CONVERTED if converts else _NOTHING] += n
        if converts:
            met = [code for code in range(len(CHANNELS)) if channels >> code & 1]
            credited[met] += n / len(met)
    return removal_effects(moves), _named(credited)


def removal_effects(moves: Counts) -> list[tuple[str, float]]:
    """How much of the chance of the outcome goes where a channel leads to nothing."""
    sums = moves.sum(axis=1, keepdims=True)
    chances = np.divide(moves, sums, out=np.zeros(moves.shape), where=sums > 0)
    whole = _chance(chances, None)
    return _named([1 - _chance(chances, code) / whole for code in range(len(CHANNELS))])


def _chance(chances: npt.NDArray[np.float64], removed: int | None) -> float:
    kept = [state for state in range(_START + 1) if state != removed]
    among = np.eye(len(kept)) - chances[np.ix_(kept, kept)]
    return float(np.linalg.solve(among, chances[kept, _CONVERTED])[-1])


def _named(numbers: Iterable[Any]) -> list[tuple[str, float]]:
    return [(name, float(number)) for name, number in zip(CHANNELS, numbers, strict=True) if number]


def prepared_paths(files: Files) -> pl.LazyFrame:
    """The path of each customer as users of such packages have it: "ch_1 > ch_4", `converts`."""
    import polars as pl

    converts = pl.col("touchpoint") == OUTCOME
    before = converts.cast(pl.Int32).cum_sum() - converts.cast(pl.Int32)
    return (
        pl.scan_parquet(files.interactions)
        .sort("customer_id", "at")
        .group_by("customer_id", maintain_order=True)
        .agg(path=pl.col("channel").filter(before == 0), converts=converts.any())
        .with_columns(pl.col("path").list.join(" > "))
    )
