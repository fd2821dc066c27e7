"""Which whole paths occur, in how many journeys, of how many units."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.sequences import (
    MULTIPLIER,
    add_sequence,
    count_again,
    empty_entries,
    empty_slots,
    find_sequence,
    in_part,
    longer_entries,
    refilled_slots,
)
from journeygraph.kernels.tiny import CODE_TYPES, read_only

__all__ = ["collect_paths", "hash_paths", "warm"]


@numba.njit(nogil=True, cache=True)
def hash_paths(
    item_codes, n_items, journey_starts, journey_ends, journey_lo, journey_hi, multiplier, hashes
):
    """Hash the items of each journey.

    Parameters
    ----------
    item_codes
        (n_interactions,) item of each interaction; n_items and above are no items.
    journey_starts, journey_ends
        (n_journeys,) rows where each journey begins and ends.
    journey_lo, journey_hi
        The journeys of this block.
    multiplier
        `sequences.MULTIPLIER`; another only to make hashes collide.
    hashes
        (n_journeys,) uint64, written for the journeys of this block.
    """
    for journey in range(journey_lo, journey_hi):
        hashed = np.uint64(0)
        for row in range(journey_starts[journey], journey_ends[journey]):
            item = item_codes[row]
            if item < n_items:
                hashed = (hashed ^ (np.uint64(item) + np.uint64(1))) * multiplier
                hashed ^= hashed >> np.uint64(32)
        hashes[journey] = hashed


@numba.njit(nogil=True, cache=True)
def collect_paths(
    item_codes,
    n_items,
    journey_starts,
    journey_ends,
    journey_units,
    journey_lo,
    journey_hi,
    hashes,
    part,
    n_parts,
):
    """Count the journeys and the units of each path whose hash is in this part of all hashes.

    Parameters
    ----------
    journey_units
        (n_journeys,) ascending; the units of a block are whole.
    hashes
        (n_journeys,) as `hash_paths` writes them; for the others see there.
    part, n_parts
        Which part, and of how many.

    Returns
    -------
    entries
        (n_paths, 6) as `sequences` says; the rows are those of the first journey of the path.

    Notes
    -----
    O(interactions), as long as hashes do not collide.
    """
    room = (journey_hi - journey_lo) // n_parts
    slots = empty_slots(room)
    entries = empty_entries(room)
    n_entries = 0
    for journey in range(journey_lo, journey_hi):
        hashed = hashes[journey]
        if not in_part(hashed, part, n_parts):
            continue
        row = journey_starts[journey]
        end = journey_ends[journey]
        unit = np.int64(journey_units[journey])
        entry, slot = find_sequence(slots, entries, hashed, item_codes, n_items, row, end)
        if entry >= 0:
            count_again(entries, entry, unit)
            continue
        add_sequence(slots, entries, n_entries, slot, hashed, row, end, unit)
        n_entries += 1
        if n_entries == len(entries):
            entries = longer_entries(entries)
            slots = refilled_slots(entries, n_entries)
    return entries[:n_entries].copy()


def warm() -> None:
    """Compile for the types met."""
    starts, ends, units = read_only([0]), read_only([2]), read_only([0])
    for codes in (read_only([0, 1], dtype) for dtype in CODE_TYPES):
        hashes = np.zeros(1, np.uint64)
        hash_paths(codes, 2, starts, ends, 0, 1, MULTIPLIER, hashes)
        collect_paths(codes, 2, starts, ends, units, 0, 1, hashes, 0, 1)
