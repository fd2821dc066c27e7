"""Which runs of `length` items occur, where their codes do not fit into 64 bits."""

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
from journeygraph.kernels.tiny import read_only

__all__ = ["collect_ngrams", "next_item", "power", "rolled", "warm"]


@numba.njit(nogil=True, cache=True)
def power(base, exponent):
    """An unsigned whole number to a power, modulo 2 ** 64."""
    result = np.uint64(1)
    for _ in range(exponent):
        result *= base
    return result


@numba.njit(nogil=True, cache=True)
def rolled(polynomial, base, top, outgoing, incoming):
    """The polynomial of a window that moves on by one item: one goes, one comes, -1 is none.

    Parameters
    ----------
    polynomial
        uint64: the sum of (item + 1) * base ** (places behind it), modulo 2 ** 64.
    top
        base ** (length - 1).
    """
    gone = np.uint64(np.int64(outgoing) + 1)
    come = np.uint64(np.int64(incoming) + 1)
    return (polynomial - gone * top) * base + come


@numba.njit(nogil=True, cache=True)
def next_item(item_codes, n_items, row):
    """The first row from here on that is an item; there must be one."""
    while item_codes[row] >= n_items:
        row += 1
    return row


@numba.njit(nogil=True, cache=True)
def collect_ngrams(
    item_codes,
    n_items,
    length,
    journey_starts,
    journey_ends,
    journey_units,
    journey_lo,
    journey_hi,
    base,
    part,
    n_parts,
):
    """Count the occurrences and the units of each run whose hash is in this part of all hashes.

    Parameters
    ----------
    item_codes
        (n_interactions,) uint32 item of each interaction; n_items and above are no items.
    journey_starts, journey_ends, journey_units
        (n_journeys,) rows where each journey begins and ends, and its unit, ascending.
    journey_lo, journey_hi
        The journeys of this block; the units of a block are whole.
    base
        `sequences.MULTIPLIER`; another only to make hashes collide.
    part, n_parts
        Which part, and of how many.

    Returns
    -------
    entries
        (n_ngrams, 6) as `sequences` says.

    Notes
    -----
    O(interactions), as long as hashes do not collide; comparing costs `length` for each.
    """
    entries = empty_entries(1 << 12)
    slots = empty_slots(len(entries))
    n_entries = 0
    top = power(base, length - 1)
    for journey in range(journey_lo, journey_hi):
        unit = np.int64(journey_units[journey])
        polynomial = np.uint64(0)
        first = journey_starts[journey]
        outgoing = -1
        seen = 0
        for row in range(journey_starts[journey], journey_ends[journey]):
            if item_codes[row] >= n_items:
                continue
            polynomial = rolled(polynomial, base, top, outgoing, item_codes[row])
            outgoing = -1
            seen += 1
            if seen < length:
                continue
            begin = next_item(item_codes, n_items, first)
            outgoing = np.int64(item_codes[begin])
            first = begin + 1
            hashed = (polynomial ^ (polynomial >> np.uint64(32))) * MULTIPLIER
            hashed ^= hashed >> np.uint64(32)
            if not in_part(hashed, part, n_parts):
                continue
            entry, slot = find_sequence(slots, entries, hashed, item_codes, n_items, begin, row + 1)
            if entry >= 0:
                count_again(entries, entry, unit)
                continue
            add_sequence(slots, entries, n_entries, slot, hashed, begin, row + 1, unit)
            n_entries += 1
            if n_entries == len(entries):
                entries = longer_entries(entries)
                slots = refilled_slots(entries, n_entries)
    return entries[:n_entries].copy()


def warm() -> None:
    """Compile for the types met."""
    starts, ends, units = read_only([0]), read_only([2]), read_only([0], np.int32)
    codes = read_only([0, 1], np.uint32)  # who has narrower ones widens them
    collect_ngrams(codes, 2, 2, starts, ends, units, 0, 1, MULTIPLIER, 0, 1)
