"""Journeys laid out for pattern mining: the items that may be in a pattern, and nothing else.

Mining goes over the same rows thousands of times, so one copy of what can matter pays: rows of
items that too few units have are left out, codes are few and dense, and a place in this layout
is 32 bits. Each journey ends with a code of its own, the stop, so that no search runs over.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import USUAL_CODE_TYPES, read_only

__all__ = [
    "last_rows_of_runs",
    "lay_out",
    "mark_following",
    "mark_reach",
    "survey_items",
    "warm",
    "with_room",
    "with_rows",
]

_NONE = np.uint32(0xFFFFFFFF)


@numba.njit(nogil=True, cache=True)
def with_room(array, n_needed):
    """The array, or a copy with more room."""
    if n_needed <= len(array):
        return array
    larger = np.empty(max(n_needed, 2 * len(array)), array.dtype)
    for place in range(len(array)):  # a slice takes ten times as long to compile
        larger[place] = array[place]
    return larger


@numba.njit(nogil=True, cache=True)
def with_rows(array, n_needed):
    """The array of rows, or a copy with room for more."""
    if n_needed <= len(array):
        return array
    larger = np.empty((max(n_needed, 2 * len(array)), array.shape[1]), array.dtype)
    for row in range(array.shape[0]):
        for column in range(array.shape[1]):
            larger[row, column] = array[row, column]
    return larger


@numba.njit(nogil=True, cache=True)
def survey_items(
    item_codes, n_items, journey_starts, journey_ends, journey_units, journey_lo, journey_hi
):
    """Count how many units, journeys and rows of a block have each item.

    Parameters
    ----------
    item_codes
        (n_interactions,) item of each interaction; n_items and above are no items.
    journey_starts, journey_ends, journey_units
        (n_journeys,) int64 rows where each journey begins and ends, and whose it is.
    journey_lo, journey_hi
        The journeys of this block.

    Returns
    -------
    counts
        (3, n_items) int64: units, journeys, rows.
    """
    counts = np.zeros((3, n_items), np.int64)
    last_units = np.full(n_items, -1, np.int64)
    last_journeys = np.full(n_items, -1, np.int64)
    for journey in range(journey_lo, journey_hi):
        unit = journey_units[journey]
        for row in range(journey_starts[journey], journey_ends[journey]):
            item = np.int64(item_codes[row])
            if item < n_items:
                counts[0, item] += last_units[item] != unit
                counts[1, item] += last_journeys[item] != journey
                counts[2, item] += 1
                last_units[item] = unit
                last_journeys[item] = journey
    return counts


@numba.njit(nogil=True, cache=True)
def lay_out(
    item_codes,
    n_items,
    journey_starts,
    journey_ends,
    journey_lo,
    journey_hi,
    labels,
    stop,
    first_only,
    place,
    cursors,
    codes,
    rows,
    journeys,
    ordinals,
    entries,
):
    """Write the journeys of a block into the layout.

    Parameters
    ----------
    item_codes, n_items, journey_starts, journey_ends, journey_lo, journey_hi
        As of `survey_items`.
    labels
        (n_items,) uint32 code of each item in the layout; `stop` for those left out.
    stop
        The code behind the end of each journey.
    first_only
        Whether `entries` has only the first place of an item in each journey.
    place
        Where in the layout this block begins.
    cursors
        (stop,) int64, changed: where in `entries` the block's places of each item begin.
    codes, rows, journeys
        uint32, written: code, row of the graph and journey of each place.
    ordinals
        uint32, written: how many items stand before it in its journey, those left out too.
    entries
        uint32, written: places of each item, ascending.
    """
    seen = np.full(stop, _NONE, np.uint32)
    for journey in range(journey_lo, journey_hi):
        ordinal = 0
        for row in range(journey_starts[journey], journey_ends[journey]):
            item = np.int64(item_codes[row])
            if item >= n_items:
                continue
            code = np.int64(labels[item])
            if code < stop:
                codes[place] = code
                rows[place] = row
                journeys[place] = journey
                ordinals[place] = ordinal
                if not first_only or seen[code] != journey:
                    entries[cursors[code]] = place
                    cursors[code] += 1
                    seen[code] = journey
                place += 1
            ordinal += 1
        codes[place] = stop
        journeys[place] = journey
        place += 1


@numba.njit(nogil=True, cache=True)
def mark_following(codes, stop, place_lo, place_hi, masks):
    """Write which items stand behind each place within its journey, as bits.

    Parameters
    ----------
    codes
        uint8 codes of places below `stop`, which is 63 at most and ends a journey.
    place_lo, place_hi
        Whole journeys.
    masks
        int64, written: bit i is set where item i follows.
    """
    mask = np.int64(0)
    for place in range(place_hi - 1, place_lo - 1, -1):
        code = np.int64(codes[place])
        if code == stop:
            mask = np.int64(0)
        masks[place] = mask
        if code != stop:
            mask |= np.int64(1) << code


@numba.njit(nogil=True, cache=True)
def mark_reach(codes, stop, place_lo, place_hi, ordinals, at_us, limits, reach):
    """Write how far one can go from each place within its journey.

    Parameters
    ----------
    codes, ordinals
        By place, as `lay_out` wrote them.
    place_lo, place_hi
        Whole journeys.
    at_us
        int64 microseconds by place; empty where no limit is of time.
    limits
        (3,) int64: most items from one element to the next (1 is the very next), most
        microseconds from one to the next, most microseconds from the first to the last.
    reach
        (2, n_places) uint32, written: the last place that an element may have whose
        predecessor stands here, and the last of a pattern that begins here.
    """
    next_end, last_end = place_lo, place_lo
    for place in range(place_lo, place_hi):
        next_end, last_end = max(next_end, place), max(last_end, place)
        while codes[place] != stop and codes[next_end + 1] != stop:
            if np.int64(ordinals[next_end + 1]) - np.int64(ordinals[place]) > limits[0]:
                break
            if len(at_us) and at_us[next_end + 1] - at_us[place] > limits[1]:
                break
            next_end += 1
        while codes[place] != stop and codes[last_end + 1] != stop:
            if len(at_us) and at_us[last_end + 1] - at_us[place] > limits[2]:
                break
            last_end += 1
        reach[0, place] = next_end
        reach[1, place] = last_end


@numba.njit(nogil=True, cache=True)
def last_rows_of_runs(item_codes, n_items, repeated_code, row_ends, rows):
    """Find the last row of the collapsed run that begins in each row.

    Parameters
    ----------
    repeated_code
        Extends the item before it; other codes from n_items on are passed over.
    row_ends, rows
        (n,) int64 where the journey of a row ends, and the row.
    """
    last_rows = np.empty(len(rows), np.int64)
    for number in range(len(rows)):
        last = rows[number]
        row = last + 1
        while row < row_ends[number] and item_codes[row] >= n_items:
            if item_codes[row] == repeated_code:
                last = row
            row += 1
        last_rows[number] = last
    return last_rows


def warm() -> None:
    """Compile for the types that views have."""
    starts, ends, units = read_only([0]), read_only([2]), read_only([0], np.int32)
    labels = np.array([0, 1], np.uint32)
    for item_type in USUAL_CODE_TYPES:
        item_codes = read_only([0, 1], item_type)
        survey_items(item_codes, 2, starts, ends, units, 0, 1)
        lay_out(
            item_codes, 2, starts, ends, 0, 1, labels, 2, True, 0, np.array([0, 1]),
            *(np.empty(3, np.uint32) for _ in range(5)),
        )  # fmt: skip
        last_rows_of_runs(item_codes, 2, 255, np.array([2]), np.array([0]))
    places = np.zeros(3, np.uint32)
    mark_reach(
        places + np.uint32(2),
        2,
        0,
        3,
        places,
        np.zeros(0, np.int64),
        np.ones(3, np.int64),
        np.zeros((2, 3), np.uint32),
    )
    mark_following(np.array([0, 1, 2], np.uint8), 2, 0, 3, np.empty(3, np.int64))
