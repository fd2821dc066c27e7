"""What customers met before a moment of their own, counted by strata of like customers.

Strata are gone through one after the other, and only what somebody in a stratum met is folded into
the sums: a touchpoint that nobody there met says nothing about it. So sixty thousand touchpoints
and a thousand strata cost what was met, and not their product.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import USUAL_CODE_TYPES, read_only

__all__ = ["compare_strata", "find_exposed", "rows_before", "warm"]


@numba.njit(nogil=True, cache=True)
def rows_before(customer_starts, at_us, moments_us):
    """First row of each customer at or after a moment of their own.

    Parameters
    ----------
    customer_starts
        (n_customers + 1,) int64.
    at_us
        (n_interactions,) int64, ascending within a customer.
    moments_us
        (n_customers,) int64.

    Returns
    -------
    (n_customers,) int64.
    """
    rows = np.empty(len(moments_us), np.int64)
    for customer in range(len(moments_us)):
        low, high = customer_starts[customer], customer_starts[customer + 1]
        while low < high:
            middle = (low + high) >> 1
            if at_us[middle] < moments_us[customer]:
                low = middle + 1
            else:
                high = middle
        rows[customer] = low
    return rows


@numba.njit(nogil=True, cache=True)
def compare_strata(codes, n_codes, first_rows, end_rows, are_cases, stratum_starts):
    """Count who met what, cases against controls, within strata (Mantel and Haenszel 1959).

    Parameters
    ----------
    codes
        (n_interactions,) what was met; n_codes or more is nothing.
    n_codes
        How many there are.
    first_rows, end_rows
        (n_matched,) int64 the rows that count of each matched customer, stratum by stratum.
    are_cases
        (n_matched,) bool.
    stratum_starts
        (n_strata + 1,) int64 where each stratum begins; each has a case and a control.

    Returns
    -------
    counts
        (n_codes, 2) int64 cases and controls that met it.
    sums
        (n_codes, 7) float64 over strata of n customers: R and S of the odds ratio R / S; PR,
        PS + QR and QS of its variance (Robins, Breslow and Greenland 1986,
        doi:10.2307/2531052); cases that met it beyond the expected, and the variance of these.
    """
    counts = np.zeros((n_codes, 2), np.int64)
    sums = np.zeros((n_codes, 7), np.float64)
    met = np.zeros((n_codes, 2), np.int64)  # in this stratum
    seen_by = np.full(n_codes, -1, np.int64)
    touched = np.empty(n_codes, np.int64)
    for stratum in range(len(stratum_starts) - 1):
        n_touched = 0
        n_cases = 0
        start, end = stratum_starts[stratum], stratum_starts[stratum + 1]
        for place in range(start, end):
            group = 0 if are_cases[place] else 1
            n_cases += 1 - group
            for row in range(first_rows[place], end_rows[place]):
                code = np.int64(codes[row])
                if code >= n_codes or seen_by[code] == place:
                    continue
                seen_by[code] = place
                if met[code, 0] + met[code, 1] == 0:
                    touched[n_touched] = code
                    n_touched += 1
                met[code, group] += 1
        for code in touched[:n_touched]:
            _fold(met[code, 0], met[code, 1], n_cases, end - start - n_cases, sums[code])
            counts[code, 0] += met[code, 0]
            counts[code, 1] += met[code, 1]
            met[code, 0] = 0
            met[code, 1] = 0
    return counts, sums


@numba.njit(nogil=True, cache=True)
def _fold(cases_met, controls_met, n_cases, n_controls, sums):
    n = float(n_cases + n_controls)
    a, b = float(cases_met), float(n_cases - cases_met)
    c, d = float(controls_met), float(n_controls - controls_met)
    r, s, p, q = a * d / n, b * c / n, (a + d) / n, (b + c) / n
    sums[0] += r
    sums[1] += s
    sums[2] += p * r
    sums[3] += p * s + q * r
    sums[4] += q * s
    sums[5] += a - n_cases * (a + c) / n
    if n > 1:
        sums[6] += n_cases * (a + c) / n * n_controls / n * (b + d) / (n - 1)


@numba.njit(nogil=True, cache=True)
def find_exposed(codes, code, first_rows, end_rows):
    """Which customers have a code in their rows; the arguments are those of `compare_strata`."""
    exposed = np.zeros(len(first_rows), np.bool_)
    for place in range(len(first_rows)):
        for row in range(first_rows[place], end_rows[place]):
            if codes[row] == code:
                exposed[place] = True
                break
    return exposed


def warm() -> None:
    """Compile for the types that a view has."""
    starts, at_us = read_only([0, 1, 2]), read_only([0, 0])
    rows = rows_before(starts, at_us, np.zeros(2, np.int64))
    are_cases = np.array([True, False])
    for dtype in USUAL_CODE_TYPES:
        codes = read_only([0, 0], dtype)
        compare_strata(codes, 1, rows, rows, are_cases, np.array([0, 2]))
        find_exposed(codes, 0, rows, rows)
