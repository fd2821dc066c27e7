"""A digest of each customer: of all that is pushed of one, so that what is there need not be read.

Each value is mixed with the name of its column, each interaction with its place, and all of them
are added up per customer: 64 bits that change with any value, whatever columns others have. What
is not said adds nothing. The arithmetic is written out, since a digest is compared with one that
another release, on another machine, has left in the database.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from journeygraph.backends.neo4j_rows import PushedGraph
from journeygraph.graph import MISSING, IntArray
from journeygraph.texts import Texts, hash_text

__all__ = ["customer_digests"]

Hashes = npt.NDArray[np.uint64]

_FORMAT = 1
"""Changes with the model, so that all customers are pushed anew."""
_BLOCK = 1 << 18


def customer_digests(pushed: PushedGraph) -> npt.NDArray[np.int64]:
    """One digest for each customer index; never 0."""
    graph = pushed.graph
    starts, n = graph.customer_starts, graph.n_customers
    sums = _of_customers(pushed) + _of_referrals(pushed)
    columns = {
        **{name: (c.numbers, c.none) for name, c in pushed.columns.items() if c.names is None},
        **dict(zip(("load", "file", "row"), ((a, None) for a in pushed.arrivals), strict=True)),
    }
    coded = {name: c.names for name, c in pushed.columns.items() if c.names is not None}
    coded |= pushed.properties
    words = {name: _hashes_of(column.names) for name, column in coded.items()}
    first = 0
    while first < n:
        end = max(first + 1, int(np.searchsorted(starts, starts[first] + _BLOCK, "right")) - 1)
        end = min(end, n)
        rows = slice(int(starts[first]), int(starts[end]))
        found = np.zeros(rows.stop - rows.start, np.uint64)
        for name, (numbers, none) in columns.items():
            _add(found, name, numbers[rows], none)
        for name, column in coded.items():
            _add_words(found, name, column.codes[rows], words[name])
        owners = np.repeat(np.arange(first, end), np.diff(starts[first : end + 1]))
        places = np.arange(rows.start, rows.stop) - starts[owners]
        np.add.at(sums, owners, _mix(found + _mix(places.astype(np.uint64))))
        first = end
    digests = _mix(sums).view(np.int64)
    digests[digests == 0] = 1
    return digests


def _of_customers(pushed: PushedGraph) -> Hashes:
    sums = np.full(pushed.graph.n_customers, _FORMAT, np.uint64)
    _add(sums, "key", pushed.customer_keys, None)
    ids = pushed.graph.further.customer_ids
    _add_words(sums, "id", np.arange(len(ids)), _hashes_of(ids))
    for name, column in pushed.attributes.items():
        _add_words(sums, name, column.codes, _hashes_of(column.names))
    return sums


def _of_referrals(pushed: PushedGraph) -> Hashes:
    stored = pushed.graph.referrals
    sums = np.zeros(pushed.graph.n_customers, np.uint64)
    found = np.zeros(len(stored), np.uint64)
    for name, numbers in zip(("load", "file", "row"), pushed.referral_arrivals, strict=True):
        _add(found, name, numbers, None)
    keys = np.append(pushed.customer_keys, -1)
    _add(found, "referrer", keys[stored.referrers], -1)
    _add(found, "at_us", stored.at_us, MISSING)
    _add(found, "medium", stored.medium_codes, 0)
    np.add.at(sums, stored.referred, _mix(found + np.uint64(1)))
    return sums


def _add(sums: Hashes, name: str, numbers: IntArray, none: int | None) -> None:
    """Add a column of numbers, where it says something."""
    hashes = _mix(_mix(numbers.astype(np.int64).view(np.uint64)) ^ _salt(name))
    sums += hashes if none is None else np.where(numbers == none, np.uint64(0), hashes)


def _add_words(sums: Hashes, name: str, codes: IntArray, words: Hashes) -> None:
    """Add a column of codes by the texts behind them; -1 says nothing."""
    of_code = np.append(_mix(words ^ _salt(name)), np.uint64(0))
    sums += of_code[codes]


def _salt(name: str) -> np.uint64:
    return np.uint64(hash_text(name.encode("utf-8", "surrogatepass")))


def _hashes_of(names: Sequence[str]) -> Hashes:
    from journeygraph.kernels.text_hashes import hash_texts

    texts = names if isinstance(names, Texts) else Texts.of(names)
    return hash_texts(_read_only(texts.offsets), _read_only(texts.data))


def _read_only(array: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    view = array.view()
    view.flags.writeable = False
    return view


def _mix(numbers: Hashes) -> Hashes:
    """Every bit of the result depends on every bit: the finaliser of SplitMix64."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
