"""Searching texts in words, held to a dictionary; damage of any word is seen."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels.text_index import (
    PAGE_WORDS,
    fill_rows,
    find_keys,
    find_rows,
    hash_each,
    sum_pages,
)
from journeygraph.lake.names import CustomerKeys, text_buffers

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered")

SEED = np.uint64(7)
TEXTS = st.lists(st.text(st.sampled_from("ab€"), min_size=1, max_size=20), unique=True, max_size=40)


def read_only(values, dtype):
    array = np.array(values, dtype)
    array.flags.writeable = False
    return array


def buffers(texts):
    starts, data, _ = text_buffers(pa.array(texts, pa.string()))
    return starts, data


def sums_of(words):
    sums = np.zeros(-(-len(words) // PAGE_WORDS), np.uint64)
    sum_pages(words, sums)
    return read_only(sums, np.uint64)


def keys_of(known, wanted, damage=None):
    """Keys as the kernel finds them; None where it saw damage."""
    keys = CustomerKeys(seed=int(SEED))
    keys.encode(pa.array(known, pa.string()))
    words, n_slots = keys.words()
    sums = sums_of(read_only(words, np.uint64))
    if damage is not None:
        words[damage] ^= np.uint64(1) << np.uint64(damage % 64)
    found = np.zeros(len(wanted), np.int64)
    seen = np.zeros(len(sums), np.bool_)
    is_sound, _ = find_keys(
        *buffers(wanted), SEED, read_only(words, np.uint64), n_slots, sums, seen, found
    )
    return found.tolist() if is_sound else None


def rows_of(known, wanted, n_slots):
    hashes = np.zeros(len(known), np.uint64)
    hash_each(*buffers(known), SEED, hashes)
    slots = np.zeros(n_slots, np.uint64)
    fill_rows(hashes, np.array([text != "" for text in known], np.bool_), 0, slots)
    words = read_only(slots, np.uint64)
    asked = np.zeros(len(wanted), np.uint64)
    hash_each(*buffers(wanted), SEED, asked)
    found = [[] for _ in wanted]
    sums, seen = sums_of(words), np.zeros(1, np.bool_)
    which, places = np.arange(len(wanted)), np.full(len(wanted), -1, np.int64)
    while len(which):
        rows = np.zeros(len(which), np.int64)
        assert find_rows(asked[which], words, sums, seen, places, rows)
        which, places, rows = (array[rows >= 0] for array in (which, places, rows))
        for text, row in zip(which.tolist(), rows.tolist(), strict=True):
            found[text].append(row)
    return found


@given(TEXTS, TEXTS)
def test_keys_are_those_of_a_dictionary(known, wanted):
    keys = {text: key for key, text in enumerate(known)}
    assert keys_of(known, wanted) == [keys.get(text, -1) for text in wanted]


@given(st.lists(st.sampled_from(["", "a", "b", "long text"]), max_size=12))
def test_every_row_of_a_text_is_a_candidate(known):
    wanted = ["a", "b", "c", "long text"]
    expected = [[row for row, text in enumerate(known) if text == want] for want in wanted]
    assert rows_of(known, wanted, 32) == expected


def test_damage_is_seen_or_was_not_met():
    known = [f"customer {number}" for number in range(300)]
    n_words = len(known) * 4 + 1024
    seen = [keys_of(known, known, damage) for damage in range(0, n_words, 37)]
    assert None in seen
    assert all(keys in (None, list(range(300))) for keys in seen)
