"""Several ids, one customer: which keys of a store are one in the graph of a version.

Rows keep the key of the id that they came with; what is merged is said by a table of its own, and
is taken back by taking it out of there. A customer of several keys stands in the graph under the
smallest of them, which is where they would stand if the rows had had one id from the beginning,
and is called by the id that the key table names.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InconsistentGraphError, UnsupportedByEngineError
from journeygraph.graph import IntArray
from journeygraph.lake.versions import StoreVersion
from journeygraph.store_rows import Tables, Wanted, read_rows

__all__ = ["MergedKeys", "merged_keys", "refuse_merged"]

Int64Array = npt.NDArray[np.int64]

_COLUMNS = {"customer": Wanted(np.int64), "into": Wanted(np.int64)}


@dataclass(frozen=True, eq=False, slots=True)
class MergedKeys:
    """Keys that are the customer of another key; arrays by place.

    Attributes
    ----------
    keys, standing
        Keys without a customer of their own, ascending, and the key under which each stands.
    named, naming
        Keys of the graph that are called by the id of another, ascending, and whose id that is.
    others
        Every key that was merged, ascending, but that which gives its id.
    others_of
        The key of the graph under which each of `others` stands.
    """

    keys: Int64Array
    standing: Int64Array
    named: Int64Array
    naming: Int64Array
    others: Int64Array
    others_of: Int64Array

    def __len__(self) -> int:
        return len(self.others)

    def resolve(self, keys: IntArray) -> IntArray:
        """The keys under which customers stand; -1 stays."""
        return _replaced(keys, self.keys, self.standing)

    def by_name(self, keys: IntArray) -> IntArray:
        """The keys whose ids customers of the graph are called by."""
        return _replaced(keys, self.named, self.naming)


def merged_keys(tables: Tables, entry: StoreVersion) -> MergedKeys:
    """What was merged in a version.

    Raises
    ------
    InconsistentGraphError
        Where a key is merged twice, or into one that is merged itself.
    """
    rows = read_rows(tables, entry, "merges", _COLUMNS)
    order = np.argsort(rows["customer"])
    others, into = rows["customer"][order], rows["into"][order]
    if len(np.unique(others)) != len(others) or np.isin(into, others).any():
        raise InconsistentGraphError("merged ids", "say of a key that it is of two customers")
    names, groups = np.unique(into, return_inverse=True)
    smallest = names.copy()
    np.minimum.at(smallest, groups, others)
    of_others = smallest[groups]
    keys = np.concatenate([others, names])
    standing = np.concatenate([of_others, smallest])
    moves = np.flatnonzero(keys != standing)
    moves = moves[np.argsort(keys[moves])]
    renamed = np.flatnonzero(smallest != names)
    renamed = renamed[np.argsort(smallest[renamed])]
    return MergedKeys(
        keys=keys[moves],
        standing=standing[moves],
        named=smallest[renamed],
        naming=names[renamed],
        others=others,
        others_of=of_others,
    )


def refuse_merged(entry: StoreVersion, engine: str) -> None:
    """Refuse a version with merged ids, for what reads its rows by the ids that they came with.

    Raises
    ------
    UnsupportedByEngineError
        Naming the engine.
    """
    if entry.counts.get("merges", 0):
        raise UnsupportedByEngineError(
            engine,
            f"customers whose ids were merged, as version {entry.number} has them",
            "Ask the engine 'local'; or take the merges back (journeygraph identities unmerge "
            "--all), or name a version before them.",
        )


def _replaced(keys: IntArray, old: Int64Array, new: Int64Array) -> IntArray:
    if not len(old) or not len(keys):
        return keys
    places = np.searchsorted(old, keys).clip(0, len(old) - 1)
    return np.where(old[places] == keys, new[places], keys).astype(keys.dtype)
