"""Keys of customers and codes of names, against a list that is searched."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.lake.errors import UnfitRowsError
from journeygraph.lake.known_customers import KnownCustomers
from journeygraph.lake.names import CustomerKeys, Names, TextKeys
from journeygraph.lake.tables import STORED_TABLES
from tests.lake.rows import identities, names
from tests.naive import lake as naive

ids = st.one_of(
    st.sampled_from(["NA", "null", "007", "7", "0007", "nan", "", " ", "a", "A", "a ", "None"]),
    st.text(max_size=20),
)
columns = st.lists(st.one_of(st.none(), ids), max_size=30)


def test_near_misses_are_different_customers():
    texts = [
        "NA",
        "null",
        "007",
        "7",
        "0007",
        "",
        " ",
        "a",
        "A",
        "a ",
        "\u00e4",
        "a\u0308",
        None,
        "7",
    ]
    keys = CustomerKeys().encode(pa.array(texts))
    assert keys.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -1, 3]
    assert keys.dtype == np.int64


@given(parts=st.lists(columns, max_size=4), slices=st.integers(0, 5))
def test_keys_are_positions_in_order_of_first_appearance(parts, slices):
    keys, known = CustomerKeys(), []
    for texts in parts:
        array = pa.array([*texts, "x"] * 2, pa.string())[slices:]
        expected = naive.encode(known, array.to_pylist())
        assert keys.encode(array).tolist() == expected
        assert keys.encode(pa.chunked_array([array, array])).tolist() == expected * 2
    assert keys.new().to_pydict() == {"customer": list(range(len(known))), "id": known}
    assert len(keys) == len(known)


@given(texts=columns)
def test_every_kind_of_text_gives_the_same(texts):
    expected = naive.encode([], texts)
    plain = pa.array(texts, pa.string())
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        assert CustomerKeys().encode(plain.cast(kind)).tolist() == expected
    assert CustomerKeys().encode(plain.dictionary_encode()).tolist() == expected


NUMBERS = st.lists(st.none() | st.integers(-3, 9) | st.integers(-(2**63), 2**63 - 1), max_size=20)


@given(
    before=st.lists(ids, unique=True, max_size=5),
    parts=st.lists(st.tuples(st.sampled_from(["texts", "numbers", "small"]), NUMBERS), max_size=5),
    seed=st.sampled_from([None, 7]),
)
def test_a_number_is_the_customer_of_its_digits(before, parts, seed):
    keys, known = CustomerKeys(identities(0, before), seed), list(before)
    for form, numbers in parts:
        numbers = [n for n in numbers if form != "small" or n is None or -128 <= n < 128]
        texts = [None if number is None else str(number) for number in numbers]
        array = pa.array(texts, pa.string())
        if form != "texts":
            array = pa.array([*numbers, 1], pa.int8() if form == "small" else pa.int64())[:-1]
        assert keys.encode(array).tolist() == naive.encode(known, texts)
        assert len(keys) == len(known)
    assert keys.new()["id"].to_pylist() == known[len(before) :]
    for form, numbers in parts:
        if form != "small":
            expected = naive.encode(known, [None if n is None else str(n) for n in numbers])
            assert keys.encode(pa.array(numbers, pa.int64())).tolist() == expected
    assert keys.encode(pa.array(known, pa.string())).tolist() == list(range(len(known)))


@given(parts=st.lists(NUMBERS, max_size=3))
def test_texts_are_made_whenever_somebody_asks(parts):
    keys, known = CustomerKeys(seed=7), []
    for numbers in parts:
        mark, before = keys.mark(), len(known)
        texts = [None if number is None else str(number) for number in numbers]
        assert keys.encode(pa.array(numbers, pa.int64())).tolist() == naive.encode(known, texts)
        assert keys.texts_behind(mark).to_pylist() == known[before:]
    words, n_slots = keys.words()
    assert np.count_nonzero(words[:n_slots]) == len(known)


@given(before=st.lists(ids, unique=True, max_size=20), texts=columns)
def test_known_customers_keep_their_keys(before, texts):
    keys, known = CustomerKeys(identities(0, before)), list(before)
    assert keys.encode(pa.array(texts, pa.string())).tolist() == naive.encode(known, texts)
    assert keys.new()["id"].to_pylist() == known[len(before) :]
    assert keys.new()["customer"].to_pylist() == list(range(len(before), len(known)))
    assert keys.new().schema == STORED_TABLES["identities"].columns


@given(texts=columns)
def test_names_do_the_same_with_narrower_codes(texts):
    codes, known = Names(names(0, ["a", "b"])), ["a", "b"]
    encoded = codes.encode(pa.array(texts, pa.string()))
    assert encoded.tolist() == naive.encode(known, texts)
    assert encoded.dtype == np.int32
    assert codes.new()["name"].to_pylist() == known[2:]
    assert codes.new().schema == STORED_TABLES["channels"].columns


def test_unused_words_of_a_dictionary_get_no_key():
    words = pa.DictionaryArray.from_arrays(pa.array([2, None, 0, 2]), pa.array(["a", "b", "c"]))
    keys = CustomerKeys()
    assert keys.encode(words).tolist() == [0, -1, 1, 0]
    assert keys.new()["id"].to_pylist() == ["c", "a"]


def test_no_rows():
    keys = CustomerKeys()
    assert keys.encode(pa.array([], pa.string())).tolist() == []
    assert keys.encode(pa.chunked_array([], pa.string())).tolist() == []
    assert keys.encode(pa.nulls(2, pa.string())).tolist() == [-1, -1]
    assert keys.new().num_rows == 0


def test_a_million_ids_while_everything_grows():
    """pandas factorises in order of first appearance too."""
    chance = np.random.default_rng(5)
    texts = pa.array(chance.integers(0, 300_000, 1_000_000)).cast(pa.string())
    codes, uniques = pd.factorize(texts.to_numpy(zero_copy_only=False))
    keys = CustomerKeys()
    encoded = np.concatenate([keys.encode(texts[:10]), keys.encode(texts[10:])])
    assert np.array_equal(encoded, codes)
    assert keys.new()["id"].to_pylist() == uniques.tolist()
    again = CustomerKeys(keys.new())
    assert np.array_equal(again.encode(texts), codes)
    assert again.new().num_rows == 0


def test_long_texts_of_which_one_byte_differs():
    texts = ["x" * place + "y" + "x" * (n - place - 1) for n in range(1, 30) for place in range(n)]
    assert CustomerKeys().encode(pa.array(texts)).tolist() == list(range(len(texts)))
    long = ["z" * 1_000_000, "z" * 1_000_001]
    assert CustomerKeys().encode(pa.array(long * 2)).tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize(
    "existing",
    [
        identities(1, ["a", "b"]),
        identities(0, ["a", "a"]),
        identities(0, ["a", "b"]).take([1, 0]),
        pa.table({"customer": [0, 1], "id": ["a", None]}),
    ],
)
def test_keys_that_are_not_dense_are_refused(existing):
    with pytest.raises(UnfitRowsError, match="not 0, 1, 2"):
        CustomerKeys(existing)


def test_a_first_load_makes_no_texts_of_numbers_before_it_ends(monkeypatch):
    customers, made = KnownCustomers(None, None), []
    make = TextKeys.texts_behind
    monkeypatch.setattr(TextKeys, "texts_behind", lambda *args: made.append(1) or make(*args))
    monkeypatch.setattr(CustomerKeys, "mark", lambda _: pytest.fail("it makes texts"))
    parts = [[5, 7, 5], [7, None, -2], [5, 9]]
    keys = [customers.encode(pa.array(part, pa.int64())).tolist() for part in parts]
    assert keys == [[0, 1, 0], [1, -1, 2], [0, 3]]
    expected = {"customer": [0, 1, 2, 3], "id": ["5", "7", "-2", "9"]}
    assert customers.new().to_pydict() == expected
    assert not made
    assert customers.encode(pa.array([9, 8, 5], pa.int64())).tolist() == [3, 4, 0]
    assert customers.new()["id"].to_pylist() == [*expected["id"], "8"]
