"""Where given paths and n-grams occur, and what becomes of the units in which they do.

Counting looks at everything and keeps little; what costs more (times, outcomes, lists of
customers) is looked up in a second pass for the few sequences that somebody asks for. These are
*listed*: lists of item codes, one after the other. They are found by hash and then compared.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.buckets import bucket_of
from journeygraph.kernels.long_ngrams import next_item, power, rolled
from journeygraph.kernels.sequences import MULTIPLIER
from journeygraph.kernels.tiny import USUAL_CODE_TYPES, read_only

__all__ = ["describe_occurrences", "locate_ngrams", "locate_paths", "warm"]

_BASE = MULTIPLIER


@numba.njit(nogil=True, cache=True)
def _list_slots(list_starts, items):
    """Slots, a power of two of them, with the number of each list + 1, by its polynomial."""
    size = 16
    while size < 4 * len(list_starts):
        size *= 2
    slots = np.zeros(size, np.int32)
    polynomials = np.zeros(len(list_starts) - 1, np.uint64)
    for listed in range(len(list_starts) - 1):
        polynomial = np.uint64(0)
        for place in range(list_starts[listed], list_starts[listed + 1]):
            polynomial = rolled(polynomial, _BASE, np.uint64(0), -1, items[place])
        polynomials[listed] = polynomial
        slot = _slot_of(polynomial, size)
        while slots[slot]:
            slot = (slot + 1) & (size - 1)
        slots[slot] = listed + 1
    return slots, polynomials


@numba.njit(nogil=True, cache=True)
def _slot_of(polynomial, size):
    mixed = (polynomial ^ (polynomial >> np.uint64(32))) * MULTIPLIER
    return np.int64((mixed >> np.uint64(32)) & np.uint64(size - 1))


@numba.njit(nogil=True, cache=True)
def _find_listed(slots, polynomials, polynomial, list_starts, items, item_codes, n_items, row, end):
    """The number of the list whose items stand in these rows, -1 if none."""
    slot = _slot_of(polynomial, len(slots))
    while slots[slot]:
        listed = slots[slot] - 1
        if polynomials[listed] == polynomial and _holds(
            item_codes, n_items, row, end, items, list_starts[listed], list_starts[listed + 1]
        ):
            return listed
        slot = (slot + 1) & (len(slots) - 1)
    return -1


@numba.njit(nogil=True, cache=True)
def _holds(item_codes, n_items, row, end, items, place, last_place):
    """Whether these rows hold just these items."""
    for position in range(row, end):
        if item_codes[position] < n_items:
            if place == last_place or item_codes[position] != items[place]:
                return False
            place += 1
    return place == last_place


@numba.njit(nogil=True, cache=True)
def _run_end(item_codes, n_items, repeated_code, row, journey_end):
    """The last row of the collapsed run that begins in a row."""
    last = row
    row += 1
    while row < journey_end and item_codes[row] >= n_items:
        if item_codes[row] == repeated_code:
            last = row
        row += 1
    return last


@numba.njit(nogil=True, cache=True)
def locate_paths(
    item_codes,
    n_items,
    repeated_code,
    journey_starts,
    journey_ends,
    journey_lo,
    journey_hi,
    list_starts,
    items,
):
    """Find the journeys that are one of the listed paths.

    Parameters
    ----------
    item_codes
        (n_interactions,) item of each interaction; n_items and above are no items.
    repeated_code
        What of these extends the item before it.
    journey_starts, journey_ends
        (n_journeys,) rows where each journey begins and ends.
    journey_lo, journey_hi
        The journeys of this block.
    list_starts, items
        (n_listed + 1,) int64 where each list begins, and the uint32 codes of all; distinct.

    Returns
    -------
    listed, journeys, first_rows, last_rows
        By occurrence: which list, in which journey, and from where to where, int64; a collapsed
        run at the end belongs to it.
    """
    slots, polynomials = _list_slots(list_starts, items)
    found = np.empty((journey_hi - journey_lo, 4), np.int64)
    n_found = 0
    for journey in range(journey_lo, journey_hi):
        polynomial = np.uint64(0)
        last = first = np.int64(-1)
        for row in range(journey_starts[journey], journey_ends[journey]):
            if item_codes[row] < n_items:
                polynomial = rolled(polynomial, _BASE, np.uint64(0), -1, item_codes[row])
                last = row
                if first < 0:
                    first = row
        if first < 0:
            continue
        listed = _find_listed(
            slots, polynomials, polynomial, list_starts, items, item_codes, n_items, first, last + 1
        )
        if listed >= 0:
            found[n_found, 0] = listed
            found[n_found, 1] = journey
            found[n_found, 2] = first
            found[n_found, 3] = _run_end(
                item_codes, n_items, repeated_code, last, journey_ends[journey]
            )
            n_found += 1
    return found[:n_found].copy()


@numba.njit(nogil=True, cache=True)
def locate_ngrams(
    item_codes,
    n_items,
    repeated_code,
    length,
    journey_starts,
    journey_ends,
    journey_units,
    journey_lo,
    journey_hi,
    list_starts,
    items,
):
    """Find the first occurrence of each listed n-gram in each unit; for the others see above.

    Parameters
    ----------
    length
        Of all lists alike.
    journey_units
        (n_journeys,) ascending; the units of a block are whole.

    Returns
    -------
    found
        (n_found, 4) as `locate_paths` returns it.
    """
    slots, polynomials = _list_slots(list_starts, items)
    last_units = np.full(len(polynomials), -1, np.int64)
    room = 0
    for journey in range(journey_lo, journey_hi):
        room += journey_ends[journey] - journey_starts[journey]
    found = np.empty((room, 4), np.int64)
    n_found = 0
    top = power(_BASE, length - 1)
    for journey in range(journey_lo, journey_hi):
        unit = np.int64(journey_units[journey])
        polynomial = np.uint64(0)
        first = journey_starts[journey]
        outgoing = -1
        seen = 0
        for row in range(journey_starts[journey], journey_ends[journey]):
            if item_codes[row] >= n_items:
                continue
            polynomial = rolled(polynomial, _BASE, top, outgoing, item_codes[row])
            outgoing = -1
            seen += 1
            if seen < length:
                continue
            begin = next_item(item_codes, n_items, first)
            outgoing = np.int64(item_codes[begin])
            first = begin + 1
            listed = _find_listed(
                slots, polynomials, polynomial, list_starts, items, item_codes, n_items,
                begin, row + 1,
            )  # fmt: skip
            if listed >= 0 and last_units[listed] != unit:
                last_units[listed] = unit
                found[n_found, 0] = listed
                found[n_found, 1] = journey
                found[n_found, 2] = begin
                found[n_found, 3] = _run_end(
                    item_codes, n_items, repeated_code, row, journey_ends[journey]
                )
                n_found += 1
    return found[:n_found].copy()


@numba.njit(nogil=True, cache=True)
def describe_occurrences(
    listed, units, elapsed_us, has_outcome, unit_value_minor, n_listed, bucket_edges
):
    """Count units, those with the outcome, and their value, by list and duration.

    Parameters
    ----------
    listed, units
        (n_found,) which list occurs in which unit; units ascend. Of several occurrences in one
        unit the first says how long it took, and the outcome may follow any.
    elapsed_us, has_outcome
        (n_found,) how long each took, and whether the outcome goes with it.
    unit_value_minor
        (n_units,) what each unit brought.
    bucket_edges
        (n_buckets,) of durations.

    Returns
    -------
    measures, n_covered
        (n_listed, n_buckets, 3) int64: units, units with the outcome, value; and the number of
        units with any of the lists.
    """
    measures = np.zeros((n_listed, len(bucket_edges), 3), np.int64)
    last_units = np.full(n_listed, -1, np.int64)
    last_buckets = np.zeros(n_listed, np.int64)
    is_counted = np.zeros(n_listed, np.bool_)
    last_unit = np.int64(-1)
    n_covered = 0
    for number in range(len(listed)):
        which = listed[number]
        unit = units[number]
        n_covered += unit != last_unit
        last_unit = unit
        if last_units[which] != unit:
            last_units[which] = unit
            last_buckets[which] = bucket_of(elapsed_us[number], bucket_edges)
            is_counted[which] = False
            measures[which, last_buckets[which], 0] += 1
            measures[which, last_buckets[which], 2] += unit_value_minor[unit]
        if has_outcome[number] and not is_counted[which]:
            is_counted[which] = True
            measures[which, last_buckets[which], 1] += 1
    return measures, n_covered


def warm() -> None:
    """Compile for the types met."""
    starts, ends, units = read_only([0]), read_only([2]), read_only([0], np.int32)
    lists = np.array([0, 2]), np.array([0, 1], np.uint32)
    for codes in (read_only([0, 1], dtype) for dtype in USUAL_CODE_TYPES):
        locate_paths(codes, 2, 255, starts, ends, 0, 1, *lists)
        locate_ngrams(codes, 2, 255, 2, starts, ends, units, 0, 1, *lists)
    one = np.array([0])
    describe_occurrences(one, one, one, one > 0, one, 1, read_only([0, 1]))
