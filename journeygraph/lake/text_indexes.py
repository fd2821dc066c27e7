"""Which customers and ids a store has, asked without reading them.

Every data file of some size has an index beside the store, in `cache/keys`, named like it. Data
files never change, so an index never gets old: a load makes those of the large files that it
writes, and a search costs what is searched for. Small files are read.

Hashes only find candidates. Customers are compared byte by byte with the texts in the index;
whoever asks for ids compares them with the rows.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels.text_index import (
    are_sound,
    fill_rows,
    find_keys,
    find_rows,
    hash_each,
)
from journeygraph.lake.errors import UnfitRowsError
from journeygraph.lake.kept_words import KeptWords, Made, Words
from journeygraph.lake.names import CustomerKeys, text_buffers
from journeygraph.lake.parquet import DataFile, iterate_file
from journeygraph.lake.store import Store
from journeygraph.lake.versions import StoreVersion
from journeygraph.threads import goals, n_threads, on_threads

__all__ = [
    "CustomerIndex",
    "IdIndex",
    "index_folder",
    "make_indexes",
    "new_customer_keys",
    "prepare_index",
]

_FEWEST_ROWS = 1 << 12
"""Files of fewer rows have no index: they are read."""
_MADE_AT_ONCE = 1 << 18
"""Files of fewer rows get theirs from the first load that searches them, which takes little."""
_BATCH_ROWS = 1 << 17
_AT_ONCE = 1 << 12
"""Of so many pages or texts a thread has its own."""
_MEETS_MOST = 2
"""A text meets so many pages: where that would be all of them, all are compared first."""
_UNKNOWN = -1
_ENDING = ".words"

Ints = npt.NDArray[np.int64]


class CustomerIndex:
    """The customers of a version.

    Parameters
    ----------
    store, version
        Which.
    """

    def __init__(self, store: Store, version: StoreVersion) -> None:
        self._parts: list[tuple[int, KeptWords]] = []
        self.n_customers = 0
        seed = _seed(store)
        for file in store.files("identities", version):
            self._parts.append(
                (self.n_customers, _customers_of(store, file, seed, self.n_customers))
            )
            self.n_customers += file.rows

    def find(self, ids: pa.Array) -> Ints:
        """The keys of ids, -1 where they are not known."""
        keys = np.full(len(ids), _UNKNOWN, np.int64)
        left = np.arange(len(ids))
        for first_key, words in sorted(self._parts, key=lambda part: -part[0]):
            if len(left):
                found = _keys_in(words, ids if len(left) == len(ids) else ids.take(pa.array(left)))
                keys[left[found >= 0]] = found[found >= 0] + first_key
                left = left[found < 0]
        return keys


class IdIndex:
    """The rows of a table by their ids.

    Parameters
    ----------
    store, version, table
        Which.
    """

    def __init__(self, store: Store, version: StoreVersion, table: str) -> None:
        seed = _seed(store)
        self._seed = np.uint64(seed)
        self._parts = [
            (file, _ids_of(store, table, file, seed)) for file in store.files(table, version)
        ]

    def candidates(self, ids: pa.Array) -> Iterator[tuple[DataFile, Ints, Ints]]:
        """Files, places among the ids, and the rows that may have them; some come twice."""
        starts, data, _ = text_buffers(ids)
        hashes = np.empty(len(ids), np.uint64)
        hash_each(starts, data, self._seed, hashes)
        for file, words in self._parts:
            places = np.arange(len(ids))
            slots = np.full(len(ids), -1, np.int64)
            while len(places):
                rows = np.empty(len(places), np.int64)
                words.ask(partial(_find_rows, hashes[places], slots, rows))
                is_there = rows >= 0
                places, slots, rows = places[is_there], slots[is_there], rows[is_there]
                if len(places):
                    yield file, places, rows


def make_indexes(
    store: Store,
    version: StoreVersion,
    tables: Collection[str],
    with_ids: Collection[str],
    customers: CustomerKeys | None = None,
) -> None:
    """Make the indexes of a version's large files, and drop those of files that are gone.

    Parameters
    ----------
    store, version
        Which.
    tables
        The tables that have changed.
    with_ids
        Tables whose rows have ids.
    customers
        The keys of all customers of the version, where they are at hand: what
        `new_customer_keys` gave before its first load.
    """
    seed = _seed(store)
    for table in tables:
        if table != "identities" and table not in with_ids:
            continue
        files = store.files(table, version)
        first_key = 0
        for file in files:
            if file.rows >= _MADE_AT_ONCE and not _path(store, table, file).exists():
                if table == "identities":
                    _customers_of(store, file, seed, first_key, customers)
                else:
                    _ids_of(store, table, file, seed)
            first_key += file.rows
        _drop_others(store, table, {_path(store, table, file).name for file in files})


def prepare_index(customers: CustomerKeys) -> None:
    """Do ahead what `make_indexes` begins with where there are many customers."""
    if len(customers) >= _MADE_AT_ONCE:
        customers.make_texts()


def new_customer_keys(store: Store) -> CustomerKeys:
    """Keys for the customers of a store that has none yet, in a form that can be its index."""
    return CustomerKeys(seed=_seed(store))


def index_folder(store: Store) -> Path:
    """Where the indexes of a store are; it may be deleted."""
    return store.path / "cache" / "keys"


def _drop_others(store: Store, table: str, names: set[str]) -> None:
    with contextlib.suppress(OSError):
        for path in (index_folder(store) / table).iterdir():
            if path.name not in names:
                path.unlink()


def _path(store: Store, table: str, file: DataFile) -> Path:
    return index_folder(store) / table / f"{file.name}{_ENDING}"


def _seed(store: Store) -> int:
    """The seed of all hashes of a store; nobody else knows it, so nobody makes them collide."""
    path = index_folder(store) / "seed"
    try:
        return int(path.read_text(), 16)
    except (OSError, ValueError):
        seed = secrets.randbits(64)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{seed:016x}")
    return seed


def _kept_at(store: Store, table: str, file: DataFile) -> Path | None:
    return _path(store, table, file) if file.rows >= _FEWEST_ROWS else None


def _customers_of(
    store: Store, file: DataFile, seed: int, first_key: int, at_hand: CustomerKeys | None = None
) -> KeptWords:
    make = partial(_make_customers, store, file, seed, first_key)
    facts = {"seed": seed, "first_key": first_key}
    if at_hand is not None and at_hand.is_seeded(seed) and len(at_hand) == file.rows:
        make = partial(_made_of, at_hand, facts)
    return KeptWords(_kept_at(store, "identities", file), make, facts)


def _ids_of(store: Store, table: str, file: DataFile, seed: int) -> KeptWords:
    make = partial(_make_ids, store, table, file, seed)
    return KeptWords(_kept_at(store, table, file), make, {"seed": seed})


def _make_customers(store: Store, file: DataFile, seed: int, first_key: int) -> Made:
    keys, n_rows = CustomerKeys(seed=seed), 0
    path = store.table_folder("identities") / file.name
    for batch in iterate_file(path, ["customer", "id"], _BATCH_ROWS, file.rows):
        begin, n_rows = first_key + n_rows, n_rows + len(batch)
        is_dense = np.array_equal(batch["customer"], np.arange(begin, begin + len(batch)))
        keys.encode(batch["id"])
        if not is_dense or len(keys) != n_rows:
            raise UnfitRowsError("identities", "its keys are not 0, 1, 2, … of different texts")
    return _made_of(keys, {"seed": seed, "first_key": first_key})


def _made_of(keys: CustomerKeys, facts: Mapping[str, int]) -> Made:
    words, n_slots = keys.words()
    return Made(words, {**facts, "n_slots": n_slots})


def _make_ids(store: Store, table: str, file: DataFile, seed: int) -> Made:
    slots = np.zeros(1 << (3 * file.rows // 2).bit_length(), np.uint64)
    row = 0
    path = store.table_folder(table) / file.name
    for batch in iterate_file(path, ["id"], _BATCH_ROWS, file.rows):
        starts, data, _ = text_buffers(batch["id"])
        hashes = np.empty(len(batch), np.uint64)
        hash_each(starts, data, np.uint64(seed), hashes)
        fill_rows(hashes, np.diff(starts) > 0, row, slots)
        row += len(batch)
    return Made(slots, {"seed": seed})


def _keys_in(kept: KeptWords, ids: pa.Array) -> Ints:
    starts, data, _ = text_buffers(ids)
    keys = np.empty(len(ids), np.int64)

    def search(words: Words) -> bool:
        pages = words.words, words.sums, words.seen

        def sound(part: slice) -> bool:
            return bool(are_sound(*pages, part.start, part.stop))

        def found(part: slice) -> bool:
            seed, n_slots = np.uint64(words.facts["seed"]), words.facts["n_slots"]
            texts = starts[part.start : part.stop + 1], data
            is_sound, _ = find_keys(*texts, seed, words.words, n_slots, *pages[1:], keys[part])
            return bool(is_sound)

        # one page behind the other is faster than here and there
        meets_most = _MEETS_MOST * len(ids) > len(words.sums)
        if meets_most and not all(on_threads(sound, _in_parts(len(words.sums)))):
            return False
        return all(on_threads(found, _in_parts(len(ids))))

    kept.ask(search)
    return keys


def _in_parts(size: int) -> list[slice]:
    """Parts of so many things, one for each thread where they are many."""
    inner = goals(size, min(n_threads(), size // _AT_ONCE + 1)).tolist()
    return [slice(*part) for part in pairwise([0, *inner, size])]


def _find_rows(hashes: npt.NDArray[np.uint64], slots: Ints, rows: Ints, words: Words) -> bool:
    before = slots.copy()
    is_sound: bool = find_rows(hashes, words.words, words.sums, words.seen, slots, rows)
    if not is_sound:
        slots[:] = before
    return is_sound
