"""What those who met a touchpoint bring on average, less what the others bring.

Amounts differ more within one group than within the other, so the difference carries Welch's
interval and test (1947, doi:10.1093/biomet/34.1-2.28), which do not take their variances to be
equal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.exposures import Exposures
from queries.intervals import benjamini_hochberg, student_quantile

__all__ = ["ValueContrast", "ValueContrasts", "value_contrasts"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueContrast:
    """Means of what units brought within the horizon, in major units of money.

    Attributes
    ----------
    exposed_mean, unexposed_mean
        None where nobody met the touchpoint, or everybody.
    difference, low, high
        The one less the other, with Welch's interval; no interval where a group has fewer than
        two units or nobody differs.
    p_value, q_value
        Of Welch's test, over all touchpoints.
    """

    exposed_mean: float | None
    unexposed_mean: float | None
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    q_value: float | None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ValueContrasts:
    """By item; NaN where there is nothing to say."""

    means: tuple[FloatArray, FloatArray]
    errors: FloatArray
    degrees: FloatArray
    p_values: FloatArray
    q_values: FloatArray

    def contrast(self, item: int, confidence: float) -> ValueContrast:
        """Of one item."""
        one, other = (float(means[item]) for means in self.means)
        half = student_quantile(self.degrees[item], confidence) * float(self.errors[item])
        return ValueContrast(
            exposed_mean=_said(one),
            unexposed_mean=_said(other),
            difference=_said(one - other),
            low=_said(one - other - half),
            high=_said(one - other + half),
            p_value=_said(float(self.p_values[item])),
            q_value=_said(float(self.q_values[item])),
        )


def _said(number: float) -> float | None:
    return None if np.isnan(number) else number


def value_contrasts(exposures: Exposures) -> ValueContrasts:
    """Compare means of all items; `exposures` of judged units alone."""
    from scipy.special import stdtr

    judged = exposures.judged
    scale = 10.0**judged.journeys.graph.exponent
    values = judged.values_minor / scale
    middle = float(values[exposures.are_judged].mean()) if exposures.are_judged.any() else 0.0
    around = np.where(exposures.are_judged, values - middle, 0.0)  # so that squares lose no digits
    n = float(np.count_nonzero(exposures.are_judged))
    sizes, sums, squares = (
        np.bincount(exposures.items, weights, exposures.n_items).astype(np.float64)
        for weights in (None, around[exposures.units], around[exposures.units] ** 2)
    )
    groups = (
        _moments(sizes, sums, squares),
        _moments(n - sizes, around.sum() - sums, (around**2).sum() - squares),
    )
    parts = [variance / size for size, _, variance in groups]
    with np.errstate(invalid="ignore", divide="ignore"):
        squared = parts[0] + parts[1]
        spread = sum(part**2 / (size - 1) for part, (size, _, _) in zip(parts, groups, strict=True))
        degrees = squared**2 / spread
        t_values = (groups[0][1] - groups[1][1]) / np.sqrt(squared)
        p_values = np.where(squared > 0, 2 * stdtr(degrees, -np.abs(t_values)), np.nan)
    return ValueContrasts(
        means=(groups[0][1] + middle, groups[1][1] + middle),
        errors=np.where(squared > 0, np.sqrt(squared), np.nan),
        degrees=degrees,
        p_values=p_values,
        q_values=benjamini_hochberg(p_values),
    )


def _moments(
    sizes: FloatArray, sums: FloatArray, squares: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sizes, means and variances; NaN where there are too few."""
    sizes = np.where(sizes > 0, sizes, np.nan)
    means = sums / sizes
    rest = np.where(sizes > 1, sizes - 1, np.nan)
    return sizes, means, np.maximum(squares - sizes * means**2, 0.0) / rest
