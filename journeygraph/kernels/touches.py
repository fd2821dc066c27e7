"""Credit by the place of an item on its path: first, last, any, by its age, and met at all.

What each item gets of a path depends on how many items the path has, so items are counted by
path length, in whole numbers; who divides by the length does it once, at the end. Only the age
of an item gives credit that is no fraction of whole numbers: it is rounded on the path itself,
to parts that add up to the whole.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.attribution import EMPTY, slot_of
from journeygraph.kernels.tiny import read_only

__all__ = ["CREDIT_PARTS", "VALUE_PARTS", "count_met", "count_touches", "spread_decayed", "warm"]

CREDIT_PARTS = 1 << 30
"""Parts that a decayed credit is counted in; a path's parts add up to it."""

VALUE_PARTS = 1 << 10
"""Parts of a minor unit that a decayed value is counted in."""

_FIRST, _LAST, _ANY, _FIRST_VALUE, _LAST_VALUE, _ANY_VALUE = range(6)
_DENSE_CELLS = 1 << 16


@numba.njit(nogil=True, cache=True)
def _put(keys, sums, place, key, of_key):
    """Write down a key and its sums."""
    keys[place] = key
    for measure in range(len(of_key)):  # copying a row as a whole takes long to compile
        sums[place, measure] = of_key[measure]


@numba.njit(nogil=True, cache=True)
def _grown(keys, sums):
    """The same table with twice the room."""
    new_keys = np.full(2 * len(keys), EMPTY, np.int64)
    new_sums = np.zeros((2 * len(keys), sums.shape[1]), np.int64)
    for slot in range(len(keys)):
        if keys[slot] != EMPTY:
            _put(new_keys, new_sums, slot_of(new_keys, keys[slot]), keys[slot], sums[slot])
    return new_keys, new_sums


@numba.njit(nogil=True, cache=True)
def _is_something(of_key):
    any_of = np.int64(0)
    for measure in range(len(of_key)):
        any_of |= of_key[measure]
    return any_of != 0


@numba.njit(nogil=True, cache=True)
def _compact(dense, keys, sums):
    """What is in the dense table or in the other, as keys and sums."""
    n_found = 0
    for key in range(len(dense)):
        n_found += _is_something(dense[key])
    for slot in range(len(keys)):
        n_found += keys[slot] != EMPTY
    found, of_found = np.empty(n_found, np.int64), np.empty((n_found, dense.shape[1]), np.int64)
    place = 0
    for key in range(len(dense)):
        if _is_something(dense[key]):
            _put(found, of_found, place, key, dense[key])
            place += 1
    for slot in range(len(keys)):
        if keys[slot] != EMPTY:
            _put(found, of_found, place, keys[slot], sums[slot])
            place += 1
    return found, of_found


@numba.njit(nogil=True, cache=True)
def _number(numbers, path, default):
    """The number of a path, the default where there are none."""
    return numbers[path] if len(numbers) else default


@numba.njit(nogil=True, cache=True)
def _collect(item_codes, n_items, start, end, items):
    """Write the items of a path side by side; give how many there are."""
    length = np.uint64(0)
    for row in range(np.uint64(start), np.uint64(end)):
        if item_codes[row] < n_items:
            items[length] = item_codes[row]
            length += np.uint64(1)
    return np.int64(length)


@numba.njit(nogil=True, cache=True)
def _longest(starts, ends):
    longest = 0
    for path in range(len(starts)):
        longest = max(longest, ends[path] - starts[path])
    return longest


@numba.njit(nogil=True, cache=True)
def _last_other(item_codes, n_items, start, end, is_direct, length):
    """The place of the last item that is not direct; of the last where there is none."""
    place = length
    for row in range(end - 1, start - 1, -1):
        if item_codes[row] < n_items:
            place -= 1
            if not is_direct[row]:
                return place
    return length - 1


@numba.njit(nogil=True, cache=True)
def _with_room(keys, sums, n_keys, n_more):
    """The same table, or a larger one where more keys would fill more than half of it."""
    while 2 * (n_keys + n_more) > len(keys):
        keys, sums = _grown(keys, sums)
    return keys, sums


@numba.njit(nogil=True, cache=True)
def _add(cell, weight, value, is_first, is_last):
    """One touch: its weight as first, last and any, and the value of each."""
    cell[_ANY] += weight
    cell[_ANY_VALUE] += value
    if is_first:
        cell[_FIRST] += weight
        cell[_FIRST_VALUE] += value
    if is_last:
        cell[_LAST] += weight
        cell[_LAST_VALUE] += value


@numba.njit(nogil=True, cache=True)
def count_touches(item_codes, n_items, starts, ends, weights, values, is_direct):
    """Count for items and path lengths how often an item is first, last, and there at all.

    Parameters
    ----------
    item_codes
        (n_interactions,) item of each interaction; n_items and above are no items.
    starts, ends
        (n_paths,) rows of each path.
    weights, values
        (n_paths,) int64, how often each path counts and what it brought; empty: once, nothing.
    is_direct
        (n_interactions,) bool: not last where another item is; empty where none is.

    Returns
    -------
    keys, sums
        (n,) int64 (length - 1) * n_items + item; (n, 6) int64 first, last, any, and the value of
        each.

    Notes
    -----
    O(interactions). Short paths count in a table, long ones in a hash table.
    """
    longest = _longest(starts, ends)
    n_short = min(_DENSE_CELLS // max(n_items, 1), longest)
    dense = np.zeros((n_short * n_items, 6), np.int64)
    keys, sums = np.full(64, EMPTY, np.int64), np.zeros((64, 6), np.int64)
    n_keys = 0
    items = np.empty(longest, np.int64)
    for path in range(len(starts)):
        start, end = starts[path], ends[path]
        weight, value = _number(weights, path, 1), _number(values, path, 0)
        length = _collect(item_codes, n_items, start, end, items)
        last = length - 1
        if len(is_direct):
            last = _last_other(item_codes, n_items, start, end, is_direct, length)
        base = (length - 1) * n_items
        if length <= n_short:
            for place in range(length):
                _add(dense[base + items[place]], weight, value, place == 0, place == last)
            continue
        keys, sums = _with_room(keys, sums, n_keys, min(length, n_items))
        for place in range(length):
            slot = slot_of(keys, base + items[place])
            n_keys += keys[slot] == EMPTY
            keys[slot] = base + items[place]
            _add(sums[slot], weight, value, place == 0, place == last)
    return _compact(dense, keys, sums)


@numba.njit(nogil=True, cache=True)
def _collect_distinct(item_codes, n_items, start, end, path, last_paths, items):
    """Write the different items of a path; give how many there are."""
    n_met = np.uint64(0)
    for row in range(np.uint64(start), np.uint64(end)):
        item = np.uint64(item_codes[row])
        if item < np.uint64(n_items) and last_paths[item] != path:
            last_paths[item] = path
            items[n_met] = item
            n_met += np.uint64(1)
    return np.int64(n_met)


@numba.njit(nogil=True, cache=True)
def _meet(cell, weight, value, converts, is_new):
    """One item of a path: an outcome with its value and perhaps a new unit, or a null path."""
    cell[0] += weight if converts else 0
    cell[1] += 0 if converts else weight
    cell[2] += value
    cell[3] += is_new


@numba.njit(nogil=True, cache=True)
def count_met(item_codes, n_items, starts, ends, converts, weights, values, units):
    """Count for items and numbers of different items on a path the paths that meet the item.

    Parameters
    ----------
    converts
        (n_paths,) whether a path ends in an outcome; what does not brings nothing.
    units
        (n_paths,) int64 ascending, of the view; for the others see `count_touches`.

    Returns
    -------
    keys, sums
        (n,) int64 (different items - 1) * n_items + item; (n, 4) int64 outcomes, null paths,
        value, and units: each unit once for an item, with its first path to an outcome.
    """
    n_small = min(_DENSE_CELLS // max(n_items, 1), n_items)
    dense = np.zeros((n_small * n_items, 4), np.int64)
    keys, sums = np.full(64, EMPTY, np.int64), np.zeros((64, 4), np.int64)
    n_keys = 0
    last_paths, last_units = np.full(n_items, -1, np.int64), np.full(n_items, -1, np.int64)
    items = np.empty(n_items, np.int64)
    for path in range(len(starts)):
        weight, value = _number(weights, path, 1), _number(values, path, 0)
        does = converts[path]
        n_met = _collect_distinct(
            item_codes, n_items, starts[path], ends[path], path, last_paths, items
        )
        base = (n_met - 1) * n_items
        keys, sums = _with_room(keys, sums, n_keys, n_met if n_met > n_small else 0)
        for place in range(n_met):
            item = items[place]
            is_new = does and last_units[item] != units[path]
            last_units[item] = units[path] if does else last_units[item]
            if n_met <= n_small:
                _meet(dense[base + item], weight, value, does, is_new)
            else:
                slot = slot_of(keys, base + item)
                n_keys += keys[slot] == EMPTY
                keys[slot] = base + item
                _meet(sums[slot], weight, value, does, is_new)
    return _compact(dense, keys, sums)


@numba.njit(nogil=True, cache=True)
def _last_item(item_codes, n_items, start, end):
    """The row of a path's last item, -1 where it has none."""
    for row in range(end - 1, start - 1, -1):
        if item_codes[row] < n_items:
            return row
    return -1


@numba.njit(nogil=True, cache=True)
def _decayed(at_us, row, last, half_life_us):
    return 2.0 ** (-float(at_us[last] - at_us[row]) / half_life_us)


@numba.njit(nogil=True, cache=True)
def spread_decayed(item_codes, n_items, starts, ends, weights, values, at_us, half_life_us):
    """Divide each path among its items, half as much for each half-life before the last of them.

    Parameters
    ----------
    at_us
        (n_interactions,) microseconds since the epoch; for the others see `count_touches`.

    Returns
    -------
    parts
        (n_items, 2) int64: credit in CREDIT_PARTS, value in VALUE_PARTS of a minor unit.

    Notes
    -----
    The shares of a path are rounded so that they add up to it: what an item gets is what is given
    up to it less what was given before it. Only ratios count, so that ages are taken from the
    last item: from the outcome, old paths would come to nothing.
    """
    parts = np.zeros((n_items, 2), np.int64)
    for path in range(len(starts)):
        weight, value = _number(weights, path, 1), _number(values, path, 0) * VALUE_PARTS
        last = _last_item(item_codes, n_items, starts[path], ends[path])
        whole = 0.0
        for row in range(starts[path], last + 1):
            if item_codes[row] < n_items:
                whole += _decayed(at_us, row, last, half_life_us)
        given = 0.0
        credit_given, value_given = np.int64(0), np.int64(0)
        for row in range(starts[path], last + 1):
            item = item_codes[row]
            if item >= n_items:
                continue
            given += _decayed(at_us, row, last, half_life_us)
            share = given / whole if row < last else 1.0
            credit_now = np.int64(np.floor(share * CREDIT_PARTS + 0.5))
            value_now = np.int64(np.floor(share * value + 0.5)) if row < last else np.int64(value)
            parts[item, 0] += weight * (credit_now - credit_given)
            parts[item, 1] += value_now - value_given
            credit_given, value_given = credit_now, value_now
    return parts


def warm() -> None:
    """Compile for the types that views have."""
    none, nobody = np.zeros(0, np.int64), np.zeros(0, np.bool_)
    starts, ends, converts = np.zeros(1, np.int64), np.ones(1, np.int64), np.ones(1, np.bool_)
    for item_type in (np.uint8, np.uint32):  # who has codes of 16 bits widens them
        codes = read_only([0], item_type)
        count_touches(codes, 1, starts, ends, none, none, nobody)
        count_met(codes, 1, starts, ends, converts, none, none, starts)
        spread_decayed(codes, 1, starts, ends, none, none, read_only([0]), 1)
