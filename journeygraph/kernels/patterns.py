"""Sequential patterns of up to 63 items, whatever stands between: PrefixSpan over bit masks.

Without limits of gap or span a pattern is in a journey where it is found greedily from the left,
so one place for each journey says all of a prefix: where its leftmost embedding ends. What can
follow is the mask of that place. Many masks are counted by adding their bits in carry-save
form, eight masks at a time, and all continuations of a prefix are looked for in one walk, which
ends when the last item that is known to follow has been seen.

PrefixSpan: Pei et al. (2001), doi:10.1109/ICDE.2001.914830; the last positions of items as a
bound: Yang and Kitsuregawa (2005), LAPIN-SPAM; carry-save counting: Harley and Seal, in
Muła, Kurz and Lemire (2018), doi:10.1093/comjnl/bxx046.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.pattern_rows import with_room, with_rows

__all__ = ["COLUMNS", "MOST_ITEMS", "mine_masks", "warm"]

MOST_ITEMS = 63
"""The sign of a mask stays clear."""

COLUMNS = ("parent", "item", "units", "journeys", "second")
"""Of what miners find: the pattern without its last item, this item, and counts."""

_LANE = np.int64(0x0101010101010101)
_GROUPS_PER_FLUSH = 127


@numba.njit(nogil=True, cache=True)
def _add(one, two, three):
    """Sum and carry of three bits, in each of 64 lanes."""
    half = one ^ two
    return half ^ three, (one & two) | (half & three)


@numba.njit(nogil=True, cache=True)
def _add_plane(plane, weight, counts):
    """Count the bits of a mask, each as `weight`."""
    while plane:
        item = 0
        rest = plane & -plane
        plane ^= rest
        while rest > 1:
            rest >>= 1
            item += 1
        counts[item] += weight


@numba.njit(nogil=True, cache=True)
def _flush(lanes, counts):
    """Add counters of eight masks each, a byte of `lanes`, to the counts of items."""
    for shift in range(8):
        lane = lanes[shift]
        for byte in range(8):
            item = 8 * byte + shift
            if item < MOST_ITEMS:
                counts[item] += 8 * ((lane >> (8 * byte)) & 255)
        lanes[shift] = 0


@numba.njit(nogil=True, cache=True)
def _count_bits(masks, places, lo, hi, counts):
    """Add to `counts` (64,) in how many of masks[places[lo:hi]] each bit is set."""
    ones, twos, fours = np.int64(0), np.int64(0), np.int64(0)
    lanes = np.zeros(8, np.int64)
    n_groups = 0
    last = lo + (hi - lo) // 8 * 8
    for entry in range(lo, last, 8):
        ones, a = _add(ones, masks[places[entry]], masks[places[entry + 1]])
        ones, b = _add(ones, masks[places[entry + 2]], masks[places[entry + 3]])
        twos, c = _add(twos, a, b)
        ones, a = _add(ones, masks[places[entry + 4]], masks[places[entry + 5]])
        ones, b = _add(ones, masks[places[entry + 6]], masks[places[entry + 7]])
        twos, d = _add(twos, a, b)
        fours, eights = _add(fours, c, d)
        for shift in range(8):
            lanes[shift] += (eights >> shift) & _LANE
        n_groups += 1
        if n_groups == _GROUPS_PER_FLUSH:
            _flush(lanes, counts)
            n_groups = 0
    _flush(lanes, counts)
    _add_plane(ones, 1, counts)
    _add_plane(twos, 2, counts)
    _add_plane(fours, 4, counts)
    for entry in range(last, hi):
        _add_plane(masks[places[entry]], 1, counts)


@numba.njit(nogil=True, cache=True)
def _masks_of_units(masks, place_units, places, lo, hi, joined):
    """Write one mask for each unit, of all its journeys; how many units there are."""
    n_units = 0
    last_unit = np.int64(-1)
    for entry in range(lo, hi):
        unit = np.int64(place_units[places[entry]])
        if unit != last_unit:
            joined[n_units] = 0
            n_units += 1
            last_unit = unit
        joined[n_units - 1] |= masks[places[entry]]
    return n_units


@numba.njit(nogil=True, cache=True)
def _count_following(masks, second_masks, place_units, places, lo, hi, scratch, counts):
    """Count units, journeys, and units of the second population by the item that follows.

    `counts` is (3, 64); `scratch` has masks and numbers for as many units as there may be.
    """
    joined, numbers = scratch
    for item in range(MOST_ITEMS + 1):
        counts[0, item] = counts[1, item] = counts[2, item] = 0
    for kind in range(3):  # one call of _count_bits, which takes long to compile
        of_kind = second_masks if kind == 2 else masks
        if kind == 2 and not len(second_masks):
            continue
        if not len(place_units):
            if kind == 1:
                for item in range(MOST_ITEMS):
                    counts[1, item] = counts[0, item]
                continue
            counted, among, first, last = of_kind, places, lo, hi
        elif kind == 1:
            counted, among, first, last = of_kind, places, lo, hi
        else:
            n_units = _masks_of_units(of_kind, place_units, places, lo, hi, joined)
            counted, among, first, last = joined, numbers, 0, n_units
        _count_bits(counted, among, first, last, counts[kind])


@numba.njit(nogil=True, cache=True)
def _walk(codes, masks, places, lo, hi, wanted, cursors):
    """Write for each wanted item where it first follows each of places[lo:hi].

    A place is written before it is known to be wanted: each list has room for one more.
    """
    for entry in range(lo, hi):
        place = np.int64(places[entry])
        want = masks[place] & wanted
        while want:
            place += 1
            item = np.int64(codes[place])
            is_wanted = (want >> item) & 1
            places[cursors[item]] = place
            cursors[item] += is_wanted
            want &= ~(np.int64(1) << item)


@numba.njit(nogil=True, cache=True)
def _record(found, n_found, parent, counts, allowed, least, ids):
    """Write the frequent continuations of a pattern; which they are, and how many patterns now."""
    frequent = np.int64(0)
    for item in range(MOST_ITEMS):
        if (allowed >> item) & 1 and counts[0, item] >= least:
            frequent |= np.int64(1) << item
            found[n_found, 0] = parent
            found[n_found, 1] = item
            found[n_found, 2] = counts[0, item]
            found[n_found, 3] = counts[1, item]
            found[n_found, 4] = counts[2, item]
            ids[item] = n_found
            n_found += 1
    return frequent, n_found


@numba.njit(nogil=True, cache=True)
def _lists_for(frequent, counts, top, starts, cursors):
    """Give each frequent item a list with room for one more; where the lists end."""
    for item in range(MOST_ITEMS):
        starts[item] = top
        if (frequent >> item) & 1:
            cursors[item] = top
            top += counts[1, item] + 1
    for item in range(MOST_ITEMS + 1):  # what is not frequent writes where nobody reads
        if item == MOST_ITEMS or not (frequent >> item) & 1:
            cursors[item] = top
    return top + 1


@numba.njit(nogil=True, cache=True)
def mine_masks(
    codes, masks, second_masks, place_units, root, entries, allowed, least, max_length, max_patterns
):
    """Find the patterns that continue one item.

    Parameters
    ----------
    codes, masks
        uint8 code and int64 mask of what follows, by place (`pattern_rows`).
    second_masks
        The same masks, 0 where the unit is not of the second population; empty if there is none.
    place_units
        int64 unit of each place; empty where each unit has one journey.
    root, entries
        The item, and the uint32 first place of it in each journey that has it.
    allowed
        int64 bits of the items that may continue.
    least, max_length, max_patterns
        Fewest units of a pattern, its most items (2 or more), and how many to find at most.

    Returns
    -------
    found
        (n, 5) int64 as `COLUMNS` says; a parent is the row of another pattern, which stands
        before its continuations, or -1 - item. More than max_patterns rows say that there are
        more.

    Notes
    -----
    For each pattern O(journeys that have it) to count, and the walk to its continuations.
    """
    found = np.empty((256, len(COLUMNS)), np.int64)
    places = np.empty(2 * len(entries) + 256, np.uint32)
    for entry in range(len(entries)):
        places[entry] = entries[entry]
    n_joined = len(entries) if len(place_units) else 0
    scratch = (np.empty(n_joined, np.int64), np.arange(n_joined).astype(np.uint32))
    starts = np.zeros((max_length + 1, MOST_ITEMS + 1), np.int64)
    ends = np.zeros((max_length + 1, MOST_ITEMS + 1), np.int64)
    ids = np.zeros((max_length + 1, MOST_ITEMS + 1), np.int64)
    counts = np.zeros((3, MOST_ITEMS + 1), np.int64)
    todo = np.zeros(max_length + 1, np.int64)
    frequent = np.full(max_length + 1, allowed, np.int64)
    tops = np.full(max_length + 2, len(entries), np.int64)
    depth, parent, lo, hi, n_found = 1, -1 - root, 0, len(entries), 0
    while depth > 0 and n_found <= max_patterns:
        found = with_rows(found, n_found + MOST_ITEMS)
        _count_following(masks, second_masks, place_units, places, lo, hi, scratch, counts)
        frequent[depth], n_found = _record(
            found, n_found, parent, counts, frequent[depth - 1], least, ids[depth]
        )
        if depth + 1 < max_length and frequent[depth]:
            top = _lists_for(frequent[depth], counts, tops[depth], starts[depth], ends[depth])
            places = with_room(places, top)
            _walk(codes, masks, places, lo, hi, frequent[depth], ends[depth])
            tops[depth + 1] = top
            todo[depth] = frequent[depth]
        while depth > 0 and not todo[depth]:
            depth -= 1
        if depth > 0:
            item = _lowest(todo[depth])
            todo[depth] &= todo[depth] - 1
            parent, lo, hi = ids[depth, item], starts[depth, item], ends[depth, item]
            depth += 1
    return found[:n_found]


@numba.njit(nogil=True, cache=True)
def _lowest(mask):
    item = 0
    while not (mask >> item) & 1:
        item += 1
    return item


def warm() -> None:
    """Compile for the types met."""
    codes = np.array([0, 0, 1], np.uint8)
    masks, nothing = np.array([1, 0, 0]), np.empty(0, np.int64)
    entries = np.array([0], np.uint32)
    mine_masks(codes, masks, nothing, nothing, 0, entries, 1, 1, 3, 10)
