"""Strata: like compared with like, and the comparisons pooled.

Whoever was around for longer met more, whatever it did to them. Within a stratum everybody was
around for about as long (or came by the same channel, or lives in the same town); Mantel and
Haenszel's estimates (1959) pool what each stratum says about a touchpoint, by how much it can
say. The odds ratio carries the interval of Robins, Breslow and Greenland (1986,
doi:10.2307/2531052), the risk difference that of Sato, Greenland and Robins (Sato 1989,
doi:10.2307/2531684), both good for many small strata and for few large ones; the test is that of
Cochran, Mantel and Haenszel without correction; Breslow and Day's (1980) says whether the strata
disagree about the odds ratio.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InvalidOptionError, UnknownColumnError
from journeygraph.statistics.exposures import Exposures
from queries.intervals import Estimate, benjamini_hochberg, normal_quantile

__all__ = [
    "MOST_STRATA",
    "Pooled",
    "PooledTables",
    "Strata",
    "StratumTable",
    "no_strata",
    "pool",
    "pool_tables",
    "strata_of",
]

Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

MOST_STRATA = 10_000
"""With more, hardly two units would be left to compare."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Strata:
    """Which stratum each unit is in, and by what.

    Attributes
    ----------
    codes
        By unit, in [0, n); of judged units every code is somebody's.
    names
        What is held equal, in words.
    """

    codes: Int64Array
    n: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """One touchpoint and loyalty, compared within strata and pooled (Mantel–Haenszel).

    Attributes
    ----------
    odds_ratio, risk_difference
        Pooled; no value where no stratum has anything to compare.
    p_value, q_value
        Of Cochran, Mantel and Haenszel's test; the rate of false discoveries over all touchpoints.
    heterogeneity_p
        Of Breslow and Day's test that the odds ratio is the same in all strata; None with fewer
        than two strata that say something.
    strata, empty_strata
        Strata with judged units, and those of them that say nothing: everybody or nobody met it,
        or everybody or nobody is loyal.
    """

    odds_ratio: Estimate
    risk_difference: Estimate
    p_value: float | None
    q_value: float | None
    heterogeneity_p: float | None
    strata: int
    empty_strata: int


def no_strata(n_units: int) -> Strata:
    """Everybody in one stratum."""
    return Strata(codes=np.zeros(n_units, np.int64), n=1, names=())


def strata_of(names: Sequence[str], n_bins: int, exposures: Exposures) -> Strata:
    """The strata that names mean: each combination of what they say that a judged unit has.

    Raises
    ------
    InvalidOptionError
        Where a name comes twice, there are fewer than 2 bins, or more than 10,000 strata.
    UnknownColumnError
        Where a name is neither a known one nor a column.
    """
    if not 2 <= n_bins <= 100:
        raise InvalidOptionError("strata_bins", n_bins, "a whole number from 2 to 100")
    if len(set(names)) < len(names):
        raise InvalidOptionError("strata", ", ".join(names), "each name once")
    judged = exposures.judged
    codes = np.zeros(judged.journeys.n_units, np.int64)
    words = []
    for name in names:
        more, word = _codes_of(name, n_bins, exposures)
        codes = codes * (int(more.max(initial=0)) + 1) + more
        codes = np.unique(codes, return_inverse=True)[1].astype(np.int64)
        words.append(word)
    kept = np.unique(codes[exposures.are_judged])
    if len(kept) > MOST_STRATA:
        expected = f"columns of few values: these make {len(kept)} strata, {MOST_STRATA} at most"
        raise InvalidOptionError("strata", ", ".join(names), expected)
    others = np.unique(codes[~np.isin(codes, kept)])  # strata without a judged unit come last
    place_of = np.argsort(np.concatenate([kept, others]))
    codes = place_of[codes] if len(place_of) else codes
    return Strata(codes=codes, n=len(kept), names=tuple(words))


def _codes_of(name: str, n_bins: int, exposures: Exposures) -> tuple[Int64Array, str]:
    journeys = exposures.judged.journeys
    if name == "tenure":
        return _binned(exposures.judged.tenure_us, n_bins, exposures), f"tenure ({n_bins} bins)"
    if name == "exposure":
        met = np.bincount(exposures.units, exposures.times, journeys.n_units).astype(np.int64)
        return _binned(met, n_bins, exposures), f"exposure ({n_bins} bins)"
    graph = journeys.graph
    if name != "channel" and name in graph.attributes.columns:
        codes = graph.attribute_codes(name)[0][journeys.unit_customers]
        return np.asarray(codes, np.int64) + 1, name
    known = ["tenure", "exposure", *map(str, graph.attributes.columns), *graph.column_names]
    if name not in known:
        raise UnknownColumnError("strata", name, sorted(set(known)))
    rows = journeys.unit_starts
    return np.asarray(graph.coded(name).codes[rows], np.int64) + 1, f"first {name}"


def _binned(values: Int64Array, n_bins: int, exposures: Exposures) -> Int64Array:
    """Bins of about equally many judged units; equal values are in one bin."""
    judged = values[exposures.are_judged]
    if not len(judged):
        return np.zeros(len(values), np.int64)
    shares = np.arange(1, n_bins) / n_bins
    edges = np.unique(np.quantile(judged, shares, method="inverted_cdf"))
    return np.searchsorted(edges, values, side="left").astype(np.int64)


@dataclass(frozen=True, eq=False, kw_only=True)
class PooledTables:
    """By item, what the strata say together; sums of Mantel and Haenszel's terms.

    Attributes
    ----------
    met_loyal, expected, variances
        Of loyal units that met it: seen, expected without association, and their variance.
    """

    strata: int
    empty: Int64Array
    met: Int64Array
    met_loyal: FloatArray
    expected: FloatArray
    variances: FloatArray
    ratio_terms: FloatArray  # R, S, PR, PS + QR, QS by item
    difference_terms: FloatArray  # sum of ad/n - bc/n as rates, weights, and Sato's two sums
    heterogeneity: FloatArray
    p_values: FloatArray
    q_values: FloatArray

    @property
    def z_values(self) -> FloatArray:
        """Of Cochran, Mantel and Haenszel's test; NaN where there is nothing to compare."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return (self.met_loyal - self.expected) / np.sqrt(self.variances)

    def pooled(self, item: int, confidence: float) -> Pooled:
        """What the strata say of an item."""
        p_value = float(self.p_values[item])
        heterogeneity = float(self.heterogeneity[item])
        return Pooled(
            odds_ratio=self._odds_ratio(item, confidence),
            risk_difference=self._risk_difference(item, confidence),
            p_value=None if np.isnan(p_value) else p_value,
            q_value=None if np.isnan(p_value) else float(self.q_values[item]),
            heterogeneity_p=None if np.isnan(heterogeneity) else heterogeneity,
            strata=self.strata,
            empty_strata=int(self.empty[item]),
        )

    def _odds_ratio(self, item: int, confidence: float) -> Estimate:
        r, s, pr, mixed, qs = self.ratio_terms[:, item].tolist()
        value = low = high = None
        if r > 0 and s > 0:
            value = r / s
            deviation = np.sqrt(pr / (2 * r * r) + mixed / (2 * r * s) + qs / (2 * s * s))
            widening = float(np.exp(normal_quantile(confidence) * deviation))
            low, high = value / widening, value * widening
        return self._estimate(item, value, low, high)

    def _risk_difference(self, item: int, confidence: float) -> Estimate:
        above, weight, by_value, by_itself = self.difference_terms[:, item].tolist()
        value = low = high = None
        if weight > 0:
            value = above / weight
            variance = max(0.0, value * by_value + by_itself) / weight**2
            half = normal_quantile(confidence) * float(np.sqrt(variance))
            low, high = max(-1.0, value - half), min(1.0, value + half)
        return self._estimate(item, value, low, high)

    def _estimate(
        self, item: int, value: float | None, low: float | None, high: float | None
    ) -> Estimate:
        hits, of = int(self.met_loyal[item]), int(self.met[item])
        return Estimate(value=value, low=low, high=high, successes=hits, of=of)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class StratumTable:
    """One stratum: by item the loyal who met it, who did not; n, and how many of each."""

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray
    met: FloatArray
    loyal: float
    n: float

    @property
    def says_something(self) -> npt.NDArray[np.bool_]:
        """By item, whether there is anything to compare."""
        has_both = 0 < self.loyal < self.n
        return (self.met > 0) & (self.met < self.n) & has_both


def pool(exposures: Exposures, strata: Strata) -> PooledTables:
    """Pool the strata's tables of every item; `exposures` of judged units alone."""
    cuts = _cut(exposures, strata)
    return pool_tables(lambda: _tables(exposures, cuts), exposures.n_items)


def pool_tables(tables: Callable[[], Iterable[StratumTable]], n_items: int) -> PooledTables:
    """Pool tables of strata.

    Parameters
    ----------
    tables
        Gives them one at a time, and again when it is called again.
    n_items
        Of how many items each is.
    """
    empty, strata = np.zeros(n_items, np.int64), 0
    sums = np.zeros((4, n_items))
    ratio, difference = np.zeros((5, n_items)), np.zeros((4, n_items))
    for table in tables():
        strata += 1
        empty += ~table.says_something
        sums += _test_terms(table)
        ratio += _ratio_terms(table)
        difference += _difference_terms(table)
    met, met_loyal, expected, variances = sums
    p_values = _tail((met_loyal - expected) ** 2, variances, np.ones(n_items))
    degrees = (strata - 1.0) - empty
    return PooledTables(
        strata=strata, empty=empty, met=met.astype(np.int64), met_loyal=met_loyal,
        expected=expected, variances=variances, ratio_terms=ratio, difference_terms=difference,
        heterogeneity=_heterogeneity(tables(), ratio, degrees),
        p_values=p_values, q_values=benjamini_hochberg(p_values),
    )  # fmt: skip


_Cut = tuple[Int64Array, int, int]  # the pairs of a stratum, its judged units, and its loyal ones


def _cut(exposures: Exposures, strata: Strata) -> list[_Cut]:
    of_pairs = strata.codes[exposures.units]
    order = np.argsort(of_pairs, kind="stable")
    pairs = np.split(order, np.searchsorted(of_pairs[order], np.arange(1, strata.n)))
    sizes = np.bincount(strata.codes[exposures.are_judged], minlength=strata.n).tolist()
    hits = np.bincount(strata.codes[exposures.are_loyal], minlength=strata.n).tolist()
    cuts = zip(pairs, sizes, hits, strict=False)
    return [(pair, size, hit) for pair, size, hit in cuts if size]


def _tables(exposures: Exposures, cuts: list[_Cut]) -> Iterator[StratumTable]:
    """One at a time: those of many strata and many items would not fit."""
    return (_table(exposures, pairs, float(n), float(loyal)) for pairs, n, loyal in cuts)


def _table(exposures: Exposures, pairs: Int64Array, n: float, loyal: float) -> StratumTable:
    items = exposures.items[pairs]
    met = np.bincount(items, minlength=exposures.n_items).astype(np.float64)
    are_loyal = exposures.are_loyal[exposures.units[pairs]]
    a = np.bincount(items[are_loyal], minlength=exposures.n_items).astype(np.float64)
    return StratumTable(
        a=a, b=met - a, c=loyal - a, d=n - met - loyal + a, met=met, loyal=loyal, n=n
    )


def _test_terms(table: StratumTable) -> FloatArray:
    met, loyal, n = table.met, table.loyal, table.n
    expected = met * loyal / n
    spread = met * (n - met) * loyal * (n - loyal)
    variances = spread / (n * n * (n - 1)) if n > 1 else np.zeros(len(met))
    return np.stack([met, table.a, expected, variances])


def _ratio_terms(table: StratumTable) -> FloatArray:
    n = table.n
    p, q = (table.a + table.d) / n, (table.b + table.c) / n
    r, s = table.a * table.d / n, table.b * table.c / n
    return np.stack([r, s, p * r, p * s + q * r, q * s])


def _difference_terms(table: StratumTable) -> FloatArray:
    n, met, others = table.n, table.met, table.n - table.met
    above = (table.a * others - table.c * met) / n
    weight = met * others / n
    by_value = (met**2 * table.c - others**2 * table.a + met * others * (others - met) / 2) / n**2
    by_itself = (table.a * (others - table.c) + table.c * (met - table.a)) / (2 * n)
    return np.stack([above, weight, by_value, by_itself])


def _heterogeneity(
    tables: Iterable[StratumTable], ratio: FloatArray, degrees: npt.NDArray[np.floating]
) -> FloatArray:
    """Breslow and Day's p by item: NaN where fewer than two strata say something."""
    with np.errstate(invalid="ignore", divide="ignore"):
        odds = ratio[0] / ratio[1]
    usable = np.isfinite(odds) & (odds > 0) & (degrees >= 1)
    odds = np.where(usable, odds, 1.0)
    statistic = np.zeros(len(odds))
    for table in tables:
        fitted = _fitted(table, odds)
        cells = (fitted, table.loyal - fitted, table.met - fitted,
                 table.n - table.met - table.loyal + fitted)  # fmt: skip
        with np.errstate(invalid="ignore", divide="ignore"):
            term = (table.a - fitted) ** 2 * sum(1 / cell for cell in cells)
        statistic += np.where(table.says_something, term, 0.0)
    p_values = _tail(statistic, np.ones(len(odds)), degrees)
    return np.where(usable, p_values, np.nan)


def _fitted(table: StratumTable, odds: FloatArray) -> FloatArray:
    """Loyal units that met it, expected where the odds ratio is this and the margins are these."""
    b = odds * (table.met + table.loyal) + table.n - table.met - table.loyal
    product = odds * table.met * table.loyal
    root = np.sqrt(np.maximum(b * b - 4 * (odds - 1) * product, 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return 2 * product / (b + root)


def _tail(
    squares: FloatArray, variances: FloatArray, degrees: npt.NDArray[np.floating]
) -> FloatArray:
    """Chance of a chi-square at least so large; NaN without variance or degrees of freedom."""
    from scipy.special import chdtrc

    usable = (variances > 0) & (degrees >= 1)
    statistic = np.divide(squares, variances, out=np.zeros(len(squares)), where=usable)
    tail = chdtrc(np.where(usable, degrees, 1.0), statistic)
    return np.where(usable, tail, np.nan)
