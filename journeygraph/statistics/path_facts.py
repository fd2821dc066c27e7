"""What goes with groups of paths that lie in memory: units, outcome, value, and times, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.kernels.path_steps import count_groups
from journeygraph.statistics.quantiles import by_group, exact_quantile_us

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["Facts", "facts_of"]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Of one group; times are of each unit's first path in it."""

    units: int
    count: int
    outcome_units: int
    value_minor: int
    median_us: float | None
    p95_us: float | None


def facts_of(
    journeys: Journeys,
    groups: Int64Array,
    n_groups: int,
    units: Int64Array,
    elapsed_us: Int64Array,
    has_outcome: BoolArray,
    *,
    by_any: bool = False,
) -> list[Facts]:
    """The facts of each group of paths.

    Parameters
    ----------
    groups, units
        By path: its group, -1 for none, and its unit, ascending.
    has_outcome
        By path.
    by_any
        Whether a unit has the outcome with any of its paths of a group, not only with the first.
    """
    counts, n_units, is_first = count_groups(groups, units, n_groups)
    successful = np.where(has_outcome & (is_first | by_any), groups, -1)
    _, outcome_units, _ = count_groups(successful, units, n_groups)
    places = np.flatnonzero(is_first)
    values = np.zeros(n_groups, np.int64)
    np.add.at(values, groups[places], journeys.unit_value_minor[units[places]])
    samples = by_group(groups[places], elapsed_us[places], n_groups)
    return [
        Facts(
            units=int(n_units[group]),
            count=int(counts[group]),
            outcome_units=int(outcome_units[group]),
            value_minor=int(values[group]),
            median_us=exact_quantile_us(samples[group], 50),
            p95_us=exact_quantile_us(samples[group], 95),
        )
        for group in range(n_groups)
    ]
