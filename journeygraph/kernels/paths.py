"""Which whole paths occur, in how many journeys, of how many units.

A path is a number in a base above the number of items. As long as it fits into 64 bits it *is*
the path, and most paths do; longer ones wrap around, and equal numbers are verified by comparing
the items. Paths go into buckets by their numbers, so that the table of a bucket fits into the
caches, and every bucket belongs to one thread: nothing has to be merged.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.chunks import CHUNK, JOURNEY, LEAD, empty_chunk, first_state, read_chunk
from journeygraph.kernels.sequences import MULTIPLIER, same_items
from journeygraph.kernels.tiny import read_only

__all__ = ["bucket_paths", "collect_paths", "number_paths", "warm"]

_LEAD = np.uint64(LEAD)
_ONE = np.uint64(1)
_BITS = np.uint64(64)
_TABLE_BITS = np.uint64(20)  # below those that say which bucket


@numba.njit(nogil=True, cache=True)
def number_paths(
    code_bytes,
    width,
    n_items,
    journey_starts,
    journey_ends,
    journey_lo,
    journey_hi,
    base,
    most,
    bucket_bits,
    numbers,
    is_long,
):
    """Number the path of each journey.

    Parameters
    ----------
    code_bytes, width
        Codes of the items of each interaction as bytes, and how many make a code: 1, 2 or 4;
        n_items and above are no items.
    journey_starts, journey_ends
        (n_journeys,) rows where each journey begins and ends.
    journey_lo, journey_hi
        The journeys of this block.
    base
        uint64, odd and above n_items; another only to make numbers collide.
    most
        How many items have a number of their own: base ** most <= 2 ** 64.
    bucket_bits
        So many upper bits of a number, mixed, are its bucket.
    numbers, is_long
        (n_journeys,) uint64 and bool, written for the journeys of this block: the number, mixed,
        and whether the path has more items than `most`.

    Returns
    -------
    sizes
        (2 ** bucket_bits,) int64 journeys of each bucket.
    """
    sizes = np.zeros(1 << bucket_bits, np.int64)
    shift = _BITS - np.uint64(bucket_bits)
    begun = np.zeros(CHUNK, np.bool_)
    paths, lengths = np.zeros(CHUNK + 1, np.uint64), np.zeros(CHUNK + 1, np.uint32)
    items, rows, begins = empty_chunk()
    state = first_state(journey_starts, journey_lo, journey_hi)
    journeys = journey_starts, journey_ends, journey_lo, journey_hi
    path, length = np.uint64(0), np.uint32(0)
    n_kept = 0
    while n_kept >= 0:
        n_kept, n_begins = read_chunk(
            code_bytes, width, n_items, *journeys, state, items, rows, begins
        )
        paths[0], lengths[0] = path, length
        for begin in begins[:n_begins]:
            begun[begin] = True
        for place in range(np.uint64(max(n_kept, 0))):
            is_first = begun[place]
            path = np.uint64(0) if is_first else path
            length = np.uint32(0) if is_first else length
            path = path * base + (np.uint64(items[place + _LEAD]) + _ONE)
            length += np.uint32(1)
            paths[place + _ONE] = path
            lengths[place + _ONE] = length
            begun[place] = False
        for number in range(n_begins):
            ended = state[JOURNEY] + number - 1
            if ended >= journey_lo:
                mixed = paths[begins[number]] * MULTIPLIER
                numbers[ended] = mixed
                is_long[ended] = lengths[begins[number]] > most
                sizes[mixed >> shift] += 1
    if journey_lo < journey_hi:
        mixed = path * MULTIPLIER
        numbers[journey_hi - 1] = mixed
        is_long[journey_hi - 1] = length > most
        sizes[mixed >> shift] += 1
    return sizes


@numba.njit(nogil=True, cache=True)
def bucket_paths(numbers, is_long, journey_lo, journey_hi, bucket_bits, places, bucketed, members):
    """Put the journeys of a block into their buckets.

    Parameters
    ----------
    numbers, is_long, bucket_bits
        As of `number_paths`.
    places
        (2 ** bucket_bits,) int64 where the next journey of each bucket goes; moved on.
    bucketed, members
        (n_journeys,) uint64 and int64, written: the number, and the journey, or its complement
        where its path is long.
    """
    shift = _BITS - np.uint64(bucket_bits)
    for journey in range(journey_lo, journey_hi):
        number = numbers[journey]
        place = places[number >> shift]
        places[number >> shift] = place + 1
        bucketed[place] = number
        members[place] = ~journey if is_long[journey] else journey


@numba.njit(nogil=True, cache=True)
def _same_path(code_bytes, width, n_items, journey_starts, journey_ends, one, other):
    """Whether two journeys have the same items."""
    rows = journey_starts[one], journey_ends[one], journey_starts[other], journey_ends[other]
    if width == 1:
        return same_items(code_bytes, n_items, *rows)
    if width == 2:
        return same_items(code_bytes.view(np.uint16), n_items, *rows)
    return same_items(code_bytes.view(np.uint32), n_items, *rows)


@numba.njit(nogil=True, cache=True)
def _find_slot(slots, last, numbers, firsts, number, is_long, slot):
    """The next slot from here on of a path with this number, or the free one where it goes."""
    while slots[slot]:
        known = slots[slot] - 1
        if numbers[known] == number and (firsts[known] < 0) == is_long:
            break
        slot = (slot + _ONE) & last
    return slot


@numba.njit(nogil=True, cache=True)
def collect_paths(
    code_bytes,
    width,
    n_items,
    journey_starts,
    journey_ends,
    journey_units,
    bucketed,
    members,
    bucket_ends,
    bucket_lo,
    bucket_hi,
):
    """Count the journeys and the units of each path in some buckets.

    Parameters
    ----------
    journey_units
        (n_journeys,) ascending; or empty, where every journey is a unit of its own.
    bucketed, members
        As `bucket_paths` writes them.
    bucket_ends
        (n_buckets,) int64 where each ends, and the next begins.
    bucket_lo, bucket_hi
        The buckets of this thread. For the others see above.

    Returns
    -------
    firsts, counts, units, numbers, is_long
        (n_paths,) int64 the first journey of each path, its journeys, and its units, which is
        nothing where every journey is a unit; uint64 its number, and bool whether it is long.

    Notes
    -----
    O(journeys), as long as numbers do not collide.
    """
    begin = bucket_ends[bucket_lo - 1] if bucket_lo else 0
    n_members = (bucket_ends[bucket_hi - 1] if bucket_hi else 0) - begin
    numbers = np.empty(n_members, np.uint64)
    firsts, counts = np.empty(n_members, np.int64), np.zeros(n_members, np.int64)
    units = np.zeros(n_members if len(journey_units) else 0, np.int64)
    last_units = np.full(len(units), -1, np.int64)
    n_paths = 0
    stop = begin
    for bucket in range(bucket_lo, bucket_hi):
        start, stop = stop, bucket_ends[bucket]
        slots = _slots(stop - start)
        last = np.uint64(len(slots) - 1)
        for place in range(start, stop):
            number, member = bucketed[place], members[place]
            slot = (number >> _TABLE_BITS) & last
            slot = _find_slot(slots, last, numbers, firsts, number, member < 0, slot)
            while member < 0 and slots[slot] and not _same_path(
                code_bytes, width, n_items, journey_starts, journey_ends,
                ~firsts[slots[slot] - 1], ~member,
            ):  # fmt: skip
                slot = (slot + _ONE) & last
                slot = _find_slot(slots, last, numbers, firsts, number, True, slot)
            path = slots[slot] - 1
            if path < 0:
                path = n_paths
                n_paths += 1
                slots[slot] = n_paths
                numbers[path], firsts[path] = number, member
            counts[path] += 1
            if len(units):
                unit = np.int64(journey_units[max(member, ~member)])
                units[path] += last_units[path] != unit
                last_units[path] = unit
    is_long = np.empty(n_paths, np.bool_)
    for path in range(n_paths):
        is_long[path] = firsts[path] < 0
        firsts[path] = max(firsts[path], ~firsts[path])
    found = firsts[:n_paths].copy(), counts[:n_paths].copy(), units[:n_paths].copy()
    return *found, numbers[:n_paths].copy(), is_long


@numba.njit(nogil=True, cache=True)
def _slots(n_members):
    size = 1 << 8
    while size < 2 * n_members:
        size *= 2
    return np.zeros(size, np.int64)


def warm() -> None:
    """Compile for the types met."""
    view = read_only([0, 1], np.uint8), 1, 2, read_only([0]), read_only([2])
    numbers, is_long = np.zeros(1, np.uint64), np.zeros(1, np.bool_)
    ends = np.cumsum(number_paths(*view, 0, 1, np.uint64(3), 40, 1, numbers, is_long))
    members = np.zeros(1, np.int64)
    bucket_paths(numbers, is_long, 0, 1, 1, np.zeros(2, np.int64), numbers.copy(), members)
    collect_paths(*view, read_only([0], np.int32), numbers, members, ends, 0, 2)
