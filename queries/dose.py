"""Whether more of it goes with more loyalty: shares by how often, and by how soon.

A touchpoint that does something should do more when it is met more often: shares by dose carry
Wilson's intervals, and Cochran and Armitage's test (1954, 1955) asks for a trend over the doses
in their order, 0, 1, 2, … whatever they stand for. The other curve counts as exposure only what
was met in the first days of a customer: the same for everybody, however long they stayed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InvalidOptionError
from journeygraph.statistics.exposures import Exposures
from queries.fourfold import FourfoldTables, fourfold_tables
from queries.intervals import benjamini_hochberg

__all__ = ["DOSES", "DoseTables", "dose_tables", "first_days_tables", "validate_doses"]

Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

DOSES = (1, 2, 3, 6)
"""Never, once, twice, three to five times, six times or more."""

_DAY_US = 86_400_000_000
_MOST = 100


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class DoseTables:
    """By item and dose: units, and the loyal among them.

    Attributes
    ----------
    least
        The least number of times of each dose; the first is 0.
    units, loyal
        (n_items, n_doses).
    z_values, p_values, q_values
        By item, of the trend; NaN where there is none to see.
    """

    least: tuple[int, ...]
    units: Int64Array
    loyal: Int64Array
    z_values: FloatArray
    p_values: FloatArray
    q_values: FloatArray

    def label(self, dose: int) -> str:
        """A dose in words: "0", "3-5", "6+"."""
        start = self.least[dose]
        if dose + 1 == len(self.least):
            return f"{start}+"
        end = self.least[dose + 1] - 1
        return str(start) if start == end else f"{start}-{end}"


def validate_doses(least: Sequence[int], option: str) -> tuple[int, ...]:
    """Numbers above 0 that rise.

    Raises
    ------
    InvalidOptionError
        Where they are none, too many, or do not rise.
    """
    given = tuple(least)
    if not given or len(given) > _MOST or given[0] < 1 or any(a >= b for a, b in pairwise(given)):
        expected = f"1 to {_MOST} whole numbers above 0, each larger than the one before"
        raise InvalidOptionError(option, ", ".join(map(str, given)) or "nothing", expected)
    return given


def dose_tables(exposures: Exposures, least: Sequence[int]) -> DoseTables:
    """Count units by how often they met each item; `exposures` of judged units alone."""
    doses = (0, *validate_doses(least, "dose"))
    n_doses, n_items = len(doses), exposures.n_items
    levels = np.searchsorted(doses, exposures.times, side="right") - 1
    cells = exposures.items.astype(np.int64) * n_doses + levels
    are_loyal = exposures.are_loyal[exposures.units]
    units = np.bincount(cells, minlength=n_items * n_doses).reshape(n_items, n_doses)
    loyal = np.bincount(cells[are_loyal], minlength=n_items * n_doses).reshape(n_items, n_doses)
    units[:, 0] = np.count_nonzero(exposures.are_judged) - units.sum(axis=1)
    loyal[:, 0] = np.count_nonzero(exposures.are_loyal) - loyal.sum(axis=1)
    z_values, p_values = _trend(units, loyal)
    return DoseTables(
        least=doses, units=units, loyal=loyal, z_values=z_values, p_values=p_values,
        q_values=benjamini_hochberg(p_values),
    )  # fmt: skip


def _trend(units: Int64Array, loyal: Int64Array) -> tuple[FloatArray, FloatArray]:
    from scipy.special import ndtr

    scores = np.arange(units.shape[1], dtype=np.float64)
    n, hits = units.sum(axis=1).astype(np.float64), loyal.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share, mean = hits / n, units @ scores / n
        spread = units @ scores**2 - n * mean**2
        variances = share * (1 - share) * spread
        z_values = (loyal @ scores - hits * mean) / np.sqrt(variances)
    z_values = np.where(variances > 0, z_values, np.nan)
    return z_values, 2 * ndtr(-np.abs(z_values))


def first_days_tables(
    exposures: Exposures, first_days: Sequence[int]
) -> list[tuple[int, FourfoldTables]]:
    """For each number of days, all touchpoints by what was met in so many first days."""
    units = int(np.count_nonzero(exposures.are_judged))
    hits = int(np.count_nonzero(exposures.are_loyal))
    return [
        (days, fourfold_tables(units, hits, *early(exposures, days).count()))
        for days in validate_doses(first_days, "firstDays")
    ]


def early(exposures: Exposures, days: int) -> Exposures:
    """What was met less than so many days after the customer's first interaction."""
    return exposures.only(exposures.after_us < days * _DAY_US)
