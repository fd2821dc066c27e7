"""The hash table of texts, also where hashes collide; `tests/lake/test_names.py` has the rest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels import text_keys
from journeygraph.kernels.text_keys import assign_keys, fill_slots, unpack_texts
from journeygraph.kernels.tiny import read_only
from tests.naive.lake import encode

# NumPy's own integers say when they wrap around, compiled ones do not.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered")

SEED = np.uint64(7)
texts = st.lists(st.binary(max_size=20), max_size=20)


def buffers(words):
    starts = np.cumsum([0, *(len(word) for word in words)])
    return read_only(starts), read_only(np.frombuffer(b"".join(words), np.uint8), np.uint8)


def assign(words, slots, arena, is_valid=(), used=0, n_keys=0):
    keys = np.full(len(words), 99, np.int64)
    is_valid = read_only(is_valid, np.bool_)
    ended = assign_keys(*buffers(words), is_valid, SEED, slots, arena, used, n_keys, keys, 0)
    return keys.tolist(), *map(int, ended)


def unpacked(arena, n_texts):
    starts = np.zeros(n_texts + 1, np.int64)
    unpack_texts(arena, 0, starts, np.empty(0, np.uint8))
    data = np.zeros(starts[-1], np.uint8)
    unpack_texts(arena, 0, starts, data)
    return [data[start:end].tobytes() for start, end in zip(starts, starts[1:], strict=False)]


@given(words=texts)
def test_keys_and_texts(words):
    known = []
    expected = encode(known, words)
    slots, arena = np.zeros(64, np.uint64), np.zeros(400, np.uint64)
    keys, row, used, n_keys = assign(words, slots, arena)
    assert (keys, row, n_keys) == (expected, len(words), len(known))
    assert unpacked(arena, n_keys) == known
    larger = np.zeros(128, np.uint64)
    fill_slots(arena, used, SEED, larger)
    assert assign(words, larger, arena, used=used, n_keys=n_keys)[0] == expected


@pytest.mark.usefixtures("one_hash_for_all")
@given(words=texts)
def test_every_text_has_the_same_hash(words):
    slots, arena = np.zeros(64, np.uint64), np.zeros(400, np.uint64)
    assert assign(words, slots, arena)[0] == encode([], words)


@pytest.fixture(scope="class")
def one_hash_for_all():
    """All texts in one chain, told apart by comparing alone; compiled kernels keep their hash."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_keys, "hash_bytes", lambda *_: np.uint64(3))
        yield


def test_texts_whose_hashes_collide():
    """Found by search: same slot in a table of 64, same tag of 24 bits."""
    seen, pairs = {}, []
    for number in range(60_000):
        word = b"%d" % number
        _, data = buffers([word])
        hashed = int(text_keys.hash_bytes(data, np.uint64(0), np.uint64(len(word)), SEED))
        place = hashed % 64, hashed >> 40
        if place in seen:
            pairs.append([seen[place], word])
        seen[place] = word
    assert pairs
    for pair in pairs:
        slots, arena = np.zeros(64, np.uint64), np.zeros(40, np.uint64)
        assert assign(pair * 2, slots, arena)[0] == [0, 1, 0, 1]


def test_rows_without_text():
    slots, arena = np.zeros(64, np.uint64), np.zeros(400, np.uint64)
    assert assign([b"a", b"", b"a"], slots, arena, [True, False, True])[0] == [0, -1, 0]


def test_it_stops_where_the_table_is_full_and_where_the_arena_is():
    words = [b"a", b"b", b"a", b"c"]
    keys, row, _, n_keys = assign(words, np.zeros(4, np.uint64), np.zeros(40, np.uint64))
    assert (keys, row, n_keys) == ([0, 1, 0, 99], 3, 2)
    keys, row, used, n_keys = assign(words, np.zeros(64, np.uint64), np.zeros(7, np.uint64))
    assert (keys, row, used, n_keys) == ([0, 1, 0, 99], 3, 6, 2)


def test_many_batches():
    words = [b"%d" % (number * number % 1000) for number in range(3000)]
    slots, arena = np.zeros(4096, np.uint64), np.zeros(4000, np.uint64)
    assert assign(words, slots, arena)[0] == encode([], words)
