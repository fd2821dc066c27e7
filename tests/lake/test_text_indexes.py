"""Customers and ids are found without reading them, whatever became of what was kept."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.lake import kept_words, text_indexes
from journeygraph.lake.errors import UnfitRowsError
from journeygraph.lake.known_customers import KnownCustomers
from journeygraph.lake.names import CustomerKeys
from journeygraph.lake.store import Store
from journeygraph.lake.text_indexes import CustomerIndex, IdIndex, index_folder
from tests.lake.rows import identities, interactions, load

IDS = st.lists(st.text(st.sampled_from("abc"), min_size=1, max_size=4), max_size=30)


@pytest.fixture(autouse=True)
def _every_file_has_an_index(monkeypatch):
    monkeypatch.setattr(text_indexes, "_FEWEST_ROWS", 1)
    monkeypatch.setattr(text_indexes, "_MADE_AT_ONCE", 1)


@pytest.fixture
def store(tmp_path):
    store = Store.create_or_open(tmp_path / "store")
    load(store, [1], ["ada", "bob"])
    load(store, [2], ["eve"])
    return store


def kept(store):
    return sorted(index_folder(store).glob("*/*"))


@given(st.lists(IDS, min_size=1, max_size=4))
def test_keys_are_those_of_a_dictionary(tmp_path_factory, loads):
    store, known = Store.create_or_open(tmp_path_factory.mktemp("store") / "store"), {}
    for ids in loads:
        customers = KnownCustomers(store, store.latest())
        before = len(known)
        half = len(ids) // 2
        for part in (ids[:half], ids[half:]):
            expected = [known.setdefault(text, len(known)) for text in part]
            assert customers.encode(pa.array([*part, None], pa.string())).tolist() == [
                *expected, -1,
            ]  # fmt: skip
        new = customers.new()
        assert new.to_pylist() == identities(before, list(known)[before:]).to_pylist()
        load(store, [1], new["id"].to_pylist())


NUMBERS = st.lists(st.integers(0, 30), max_size=12)
AS_THEY_COME = st.tuples(NUMBERS, st.sampled_from([pa.int64(), pa.int16(), pa.string()]))


@settings(max_examples=15)
@given(st.lists(st.lists(AS_THEY_COME, max_size=4), min_size=1, max_size=3))
def test_a_number_is_the_customer_of_its_digits(tmp_path_factory, loads):
    """Numbers first, texts first, or one after the other: the keys are those of the texts."""
    store, known = (
        Store.create_or_open(tmp_path_factory.mktemp("store") / "store"),
        {"7": 0, "x": 1},
    )
    load(store, [1], list(known))
    for batches in loads:
        customers, before = KnownCustomers(store, store.latest()), len(known)
        for numbers, kind in batches:
            expected = [known.setdefault(str(number), len(known)) for number in numbers]
            halves = [pa.array(half, pa.int64()) for half in (numbers[:3], numbers[3:])]
            ids = pa.chunked_array([half.cast(kind) for half in halves], kind)
            assert customers.encode(ids).tolist() == expected
        new = customers.new()
        assert new.to_pylist() == identities(before, list(known)[before:]).to_pylist()
        load(store, [1], new["id"].to_pylist())


def test_a_load_makes_the_indexes_of_its_files(store):
    assert len(kept(store)) == 2
    found = CustomerIndex(store, store.version()).find(pa.array(["eve", "zoe", "ada"]))
    assert found.tolist() == [2, -1, 0]


@pytest.mark.parametrize("threads", ["1", "3"])
def test_many_are_searched_in_parts(tmp_path, monkeypatch, threads):
    """Of all sizes of the blocks that are looked at ahead, known and unknown."""
    monkeypatch.setattr(text_indexes, "_AT_ONCE", 1)
    monkeypatch.setenv("JOURNEYGRAPH_THREADS", threads)
    store = Store.create_or_open(tmp_path / "store")
    load(store, [1], [f"customer {number}" for number in range(500)])
    index = CustomerIndex(store, store.version())
    for n_wanted in (0, 1, 2, 63, 64, 65, 200):
        wanted = [number * 7919 % 700 for number in range(n_wanted)]
        found = index.find(pa.array([f"customer {number}" for number in wanted], pa.string()))
        assert found.tolist() == [number if number < 500 else -1 for number in wanted]


def test_an_index_of_an_earlier_layout_is_made_again(store, monkeypatch, caplog):
    monkeypatch.setattr(kept_words, "_LAYOUT", 1000)
    for _ in range(2):
        found = CustomerIndex(store, store.version()).find(pa.array(["eve", "zoe"]))
        assert found.tolist() == [2, -1]
    assert not caplog.records  # nothing is damaged


def test_nothing_is_read_where_there_are_indexes(store, monkeypatch):
    def refuse(*_arguments, **_options):
        raise AssertionError("a data file was read")

    monkeypatch.setattr(text_indexes, "iterate_file", refuse)
    assert CustomerIndex(store, store.version()).find(pa.array(["bob"])).tolist() == [1]


@pytest.mark.parametrize("place", [0, 10, 100, 4090, 4096, 4100, 4200, -9, -1])
def test_a_flipped_byte_is_made_good(store, place):
    for path in kept(store):
        content = bytearray(path.read_bytes())
        content[place] ^= 1
        path.write_bytes(content)
    ids = pa.array(["ada", "bob", "eve", "zoe"])
    for _ in range(2):
        assert CustomerIndex(store, store.version()).find(ids).tolist() == [0, 1, 2, -1]


@pytest.mark.parametrize("size", [0, 10, 4096, 5000])
def test_a_file_cut_short_is_made_again(store, size):
    for path in kept(store):
        with path.open("r+b") as file:
            file.truncate(size)
    assert CustomerIndex(store, store.version()).find(pa.array(["eve"])).tolist() == [2]


def test_another_seed_makes_all_anew(store):
    (index_folder(store) / "seed").unlink()
    assert CustomerIndex(store, store.version()).find(pa.array(["eve"])).tolist() == [2]


def test_a_folder_that_cannot_be_made_costs_time_only(tmp_path):
    store = Store.create_or_open(tmp_path / "store")
    (store.path / "cache").write_text("in the way")
    load(store, [1], ["ada"])
    assert CustomerIndex(store, store.version()).find(pa.array(["ada"])).tolist() == [0]


def test_indexes_of_files_that_are_gone_go(store):
    with store.writer() as writer:
        writer.compact()
    load(store, [3], ["zoe"])
    assert len(kept(store)) == 2
    ids = pa.array(["ada", "bob", "eve", "zoe"])
    assert CustomerIndex(store, store.version()).find(ids).tolist() == [0, 1, 2, 3]


def test_keys_that_are_not_dense_are_refused(tmp_path):
    store = Store.create_or_open(tmp_path / "store")
    with store.writer() as writer:
        writer.append("identities", identities(5, ["ada"]))
        with pytest.raises(UnfitRowsError, match="its keys are not"):
            writer.commit(kind="load")


def test_rows_are_found_by_their_ids(store):
    rows = interactions([1, 2, 3])
    ids = pa.array(["x", None, "y"], pa.string())
    with store.writer() as writer:
        named = rows.set_column(rows.schema.get_field_index("id"), "id", ids)
        writer.append("interactions", named, load=3)
        writer.commit(kind="load", load=3)
    assert len(kept(store)) == 2 + 3
    index = IdIndex(store, store.version(), "interactions")
    found = [
        (places.tolist(), rows.tolist())
        for _, places, rows in index.candidates(pa.array(["y", "z", "x"]))
    ]
    assert found == [([0, 2], [2, 0])]


def test_the_first_search_makes_what_a_load_has_not(tmp_path, monkeypatch):
    monkeypatch.setattr(text_indexes, "_MADE_AT_ONCE", 1 << 18)
    store = Store.create_or_open(tmp_path / "store")
    load(store, [1], ["ada"])
    assert kept(store) == []
    assert CustomerIndex(store, store.version()).find(pa.array(["ada"])).tolist() == [0]
    assert len(kept(store)) == 1


@pytest.mark.parametrize("kind", [pa.string(), pa.int64()])
def test_the_index_of_a_first_load_is_the_one_that_reading_its_customers_makes(tmp_path, kind):
    store = Store.create_or_open(tmp_path / "store")
    customers = KnownCustomers(store, None)
    for part in ([7, 3, 7], [1, 3], [10**15, -4]):
        customers.encode(pa.array(part).cast(kind))
    with store.writer() as writer:
        writer.append("identities", customers.new())
        writer.commit(kind="load", load=1, customers=customers.all_keys)
    ids = pa.array(["7", "3", "1", "1000000000000000", "-4", "07"])
    (path,) = kept(store)
    for _ in ("as the load made it", "made anew"):
        found = CustomerIndex(store, store.version()).find(ids)
        assert found.tolist() == [0, 1, 2, 3, 4, -1]
        path.unlink(missing_ok=True)
    assert KnownCustomers(store, store.version()).all_keys is None


def test_keys_with_another_seed_are_no_index(tmp_path):
    store = Store.create_or_open(tmp_path / "store")
    keys = CustomerKeys(seed=1)
    keys.encode(pa.array(["ada", "bob"]))
    with store.writer() as writer:
        writer.append("identities", keys.new())
        writer.commit(kind="load", load=1, customers=keys)
    assert CustomerIndex(store, store.version()).find(pa.array(["bob"])).tolist() == [1]
