"""Finding texts among millions that lie in a file, without reading the file.

The file is an array of words: a hash table, and behind it, where texts are to be found exactly,
records as `text_keys` writes them. It is memory-mapped; a search touches a few words. Whatever
can be made again is written without flushing, and disks err, so every page of 512 words has a
sum, which is compared when a search first meets the page: what is damaged is seen, and nobody
reads the whole.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.text_keys import RECORD_HEAD, hash_bytes, is_text
from journeygraph.kernels.tiny import read_only

__all__ = [
    "PAGE_WORDS",
    "are_sound",
    "fill_rows",
    "find_keys",
    "find_rows",
    "hash_each",
    "sum_pages",
    "warm",
]

PAGE_WORDS = 512
"""How many words share a sum."""

_NO_ROW = -1
_TAG_SHIFT = np.uint64(40)
_POSITION_MASK = np.uint64((1 << 40) - 1)
_HALF = np.uint64(32)
_ROW_MASK = np.uint64((1 << 32) - 1)
_MIXER = np.uint64(0x9E3779B97F4A7C15)
_U0, _U1, _U2, _U3, _U4 = np.arange(5, dtype=np.uint64)
_U7, _U8 = np.uint64(7), np.uint64(8)
_AHEAD = 256


@numba.njit(nogil=True, cache=True, inline="always")
def _summed(state, word):
    state = (state ^ word) * _MIXER
    return state ^ (state >> _HALF)


@numba.njit(nogil=True, cache=True)
def page_sum(words, page):
    """A sum that any change of one word changes.

    Four sums side by side, each of every fourth word: a processor adds to all of them at once.
    """
    begin, end = page * PAGE_WORDS, min((page + 1) * PAGE_WORDS, len(words))
    of_page = words[begin:end]
    one = two = three = four = np.uint64(page) ^ _MIXER
    whole = np.uint64((end - begin) // 4 * 4)
    for place in range(_U0, whole, _U4):
        one = _summed(one, of_page[place])
        two = _summed(two, of_page[place + _U1])
        three = _summed(three, of_page[place + _U2])
        four = _summed(four, of_page[place + _U3])
    for place in range(whole, np.uint64(end - begin)):
        one = _summed(one, of_page[place])
    return _summed(_summed(_summed(one, two), three), four)


@numba.njit(nogil=True, cache=True)
def sum_pages(words, sums):
    """Write the sum of every page; `sums` has one for each 512 words begun."""
    for page in range(len(sums)):
        sums[page] = page_sum(words, page)


@numba.njit(nogil=True, cache=True)
def is_sound(words, sums, seen, first, last):
    """Whether the pages of the words from `first` to `last` are what was written."""
    if last < first or last >= len(words):
        return False
    for page in range(first // PAGE_WORDS, last // PAGE_WORDS + 1):
        if not seen[page]:
            if page_sum(words, page) != sums[page]:
                return False
            seen[page] = True
    return True


@numba.njit(nogil=True, cache=True)
def are_sound(words, sums, seen, first_page, last_page):
    """Whether the pages from the first to before the last are what was written; as `find_keys`."""
    for page in range(first_page, last_page):
        if not seen[page] and page_sum(words, page) != sums[page]:
            return False
        seen[page] = True
    return True


@numba.njit(nogil=True, cache=True)
def hash_each(starts, data, seed, hashes):
    """Write the hash of each text; `starts` and `data` as Arrow keeps large strings."""
    for row in range(len(hashes)):
        start = np.uint64(starts[row])
        hashes[row] = hash_bytes(data, start, np.uint64(starts[row + 1]) - start, seed)


@numba.njit(nogil=True, cache=True)
def fill_rows(hashes, is_there, first_row, slots):
    """Enter rows by the hashes of their texts.

    Parameters
    ----------
    hashes
        (n,) uint64.
    is_there
        (n,) bool: which rows have a text.
    first_row
        The number of the first of them.
    slots
        (a power of two,) uint64, with room: half of the hash above the number of the row + 1;
        0 is free.
    """
    mask = np.uint64(slots.size - 1)
    for place in range(len(hashes)):
        if is_there[place]:
            slot = hashes[place] & mask
            while slots[slot]:
                slot = (slot + _U1) & mask
            slots[slot] = (hashes[place] >> _HALF) << _HALF | np.uint64(first_row + place + 1)


@numba.njit(nogil=True, cache=True)
def find_rows(hashes, words, sums, seen, slots, rows):
    """Find the next row that each text may be in: its hash is the same there.

    Parameters
    ----------
    hashes
        (n,) uint64.
    words, sums
        What `fill_rows` made, and its sums.
    seen
        (pages,) bool: the pages whose sum was compared; written.
    slots
        (n,) int64: where the last row was found, -1 to begin with; written.
    rows
        (n,) int64 written: the row, -1 where there is none.

    Returns
    -------
    bool
        False where a page is not what was written.
    """
    mask = np.int64(len(words) - 1)
    for place in range(len(hashes)):
        slot = np.int64(hashes[place] & np.uint64(mask)) if slots[place] < 0 else slots[place] + 1
        rows[place] = _NO_ROW
        while True:
            slot &= mask
            if not is_sound(words, sums, seen, slot, slot):
                return False
            content = words[slot]
            if content == _U0:
                break
            if content >> _HALF == hashes[place] >> _HALF:
                rows[place] = np.int64(content & _ROW_MASK) - 1
                break
            slot += 1
        slots[place] = slot
    return True


@numba.njit(nogil=True, cache=True)
def find_keys(starts, data, seed, words, n_slots, sums, seen, keys):
    """Find the keys of texts.

    Parameters
    ----------
    starts, data
        (n + 1,) int64 and uint8: the texts.
    seed
        The seed of the hash.
    words, n_slots, sums
        Slots and records as `text_keys.assign_keys` leaves them, one behind the other, how many
        slots there are, and the sums of the pages.
    seen
        (pages,) bool: the pages whose sum was compared; written.
    keys
        (n,) int64 written: the key, -1 where the text is not there.

    Returns
    -------
    is_sound, touched
        False where a page is not what was written; and a number of no meaning, made from what
        was looked at ahead.

    Notes
    -----
    A processor waits for each word that is far from the last one, unless it is shown some at
    once: so the slots of some texts are looked at, and then their records, before any is searched.
    """
    mask = np.int64(n_slots - 1)
    arena = words[n_slots:]
    last_record = np.uint64(max(len(arena), 1) - 1)
    hashes = np.empty(_AHEAD, np.uint64)
    slots = np.empty(_AHEAD, np.uint64)
    touched = _U0
    for ahead in range(0, len(keys), _AHEAD):
        stop = min(ahead + _AHEAD, len(keys))
        hash_each(starts[ahead : stop + 1], data, seed, hashes[: stop - ahead])
        for place in range(np.uint64(stop - ahead)):
            slots[place] = words[hashes[place] & np.uint64(mask)]
        for place in range(np.uint64(stop - ahead if len(arena) else 0)):
            record = (slots[place] & _POSITION_MASK) - _U1
            is_candidate = slots[place] >> _TAG_SHIFT == hashes[place] >> _TAG_SHIFT
            touched ^= arena[record if is_candidate and record < last_record else _U0]
        for row in range(ahead, stop):
            hashed = hashes[row - ahead]
            if not _find_key(starts, data, row, hashed, words, n_slots, sums, seen, keys):
                return False, touched
    return True, touched


@numba.njit(nogil=True, cache=True)
def _find_key(starts, data, row, hashed, words, n_slots, sums, seen, keys):
    """Find the key of one text."""
    mask = np.int64(n_slots - 1)
    arena = words[n_slots:]
    start = np.uint64(starts[row])
    length = np.uint64(starts[row + 1]) - start
    slot = np.int64(hashed & np.uint64(mask))
    keys[row] = _NO_ROW
    n_words = np.int64((length + _U7) // _U8) + RECORD_HEAD
    while True:
        if not is_sound(words, sums, seen, slot, slot):
            return False
        content = words[slot]
        if content == _U0:
            return True
        if content >> _TAG_SHIFT == hashed >> _TAG_SHIFT:
            record = np.int64(content & _POSITION_MASK) - 1
            behind = n_slots + record + n_words
            # a longer text than the record's may reach behind the last one
            last = min(behind, len(words)) - 1
            if not is_sound(words, sums, seen, n_slots + record, last):
                return False
            if is_text(data, start, length, arena, np.uint64(record)):
                keys[row] = np.int64(arena[record])
                return True
        slot = (slot + 1) & mask


def warm() -> None:
    """Compile for the types met: what is mapped is read-only."""
    starts, data, seed = read_only([0, 1]), read_only([97], np.uint8), np.uint64(1)
    hashes, seen, found = np.zeros(1, np.uint64), np.zeros(1, np.bool_), np.zeros(1, np.int64)
    hash_each(starts, data, seed, hashes)
    slots = np.zeros(4, np.uint64)
    fill_rows(hashes, np.ones(1, np.bool_), 0, slots)
    words, sums = read_only(slots, np.uint64), np.zeros(1, np.uint64)
    sum_pages(words, sums)
    find_rows(hashes, words, read_only(sums, np.uint64), seen, np.zeros(1, np.int64), found)
    empty = read_only(np.zeros(4), np.uint64)
    find_keys(starts, data, seed, empty, 4, read_only(sums, np.uint64), seen, found)
    are_sound(empty, read_only(sums, np.uint64), seen, 0, 1)
