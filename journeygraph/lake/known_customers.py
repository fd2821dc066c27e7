"""Keys of customers for a load into a store that has many: only those that it meets are held.

A load gives the texts that it meets keys of its own, asks the store once for each, and numbers
those that the store does not know behind the others, in order of first appearance.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels.text_keys import NO_KEY
from journeygraph.lake.names import CustomerKeys
from journeygraph.lake.store import Store
from journeygraph.lake.tables import STORED_TABLES
from journeygraph.lake.text_indexes import CustomerIndex, new_customer_keys
from journeygraph.lake.versions import StoreVersion

__all__ = ["KnownCustomers"]


class KnownCustomers:
    """The surrogate key of every customer, as `CustomerKeys` over a whole store gives it.

    Parameters
    ----------
    store, version
        What is there; None where there is nothing.
    """

    def __init__(self, store: Store | None, version: StoreVersion | None) -> None:
        self._met = CustomerKeys() if store is None else new_customer_keys(store)
        self._index: CustomerIndex | None = None
        if store is not None and version is not None and store.has_rows("identities", version):
            self._index = CustomerIndex(store, version)
        self._n_known = 0 if self._index is None else self._index.n_customers
        self._n_new = 0
        self._keys = np.empty(1024, np.int64)  # of those met, and behind them NO_KEY

    def encode(self, ids: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
        """The keys of ids, new customers the next ones; -1 where there is no id."""
        if self._index is None:
            return self._met.encode(ids)  # a mark would make texts of numbers
        are_numbers = self._met.are_numbers and pa.types.is_integer(ids.type)
        before = None if are_numbers else self._met.mark()
        n_before = len(self._met)
        met = self._met.encode(ids)
        n_met = len(self._met)
        if n_met > n_before:
            self._make_room(n_met)
            texts = (
                self._met.texts_of_last(n_met - n_before)
                if before is None
                else self._met.texts_behind(before)
            )
            self._ask(self._keys[n_before:n_met], texts)
        self._keys[n_met] = NO_KEY  # where the key of no text, -1, leads when it is 0
        return self._keys[np.where(met == NO_KEY, n_met, met)]

    @property
    def all_keys(self) -> CustomerKeys | None:
        """The keys of everybody; None where the store knows others."""
        return self._met if self._index is None else None

    def new(self) -> pa.Table:
        """The customers that the store does not know, in the order of their keys."""
        if self._index is None:
            return self._met.new()
        is_new = self._keys[: len(self._met)] >= self._n_known
        keys = pa.array(np.arange(self._n_known, self._n_known + self._n_new))
        ids = self._met.new()["id"].filter(pa.array(is_new))
        return pa.table([keys, ids], schema=STORED_TABLES["identities"].columns)

    def _ask(self, keys: npt.NDArray[np.int64], ids: pa.Array) -> None:
        assert self._index is not None
        keys[:] = self._index.find(ids)
        is_new = keys == NO_KEY
        n_new = int(np.count_nonzero(is_new))
        begin = self._n_known + self._n_new
        keys[is_new] = np.arange(begin, begin + n_new)
        self._n_new += n_new

    def _make_room(self, n_met: int) -> None:
        if n_met >= len(self._keys):
            grown = np.empty(2 * n_met + 1, np.int64)
            grown[: len(self._keys)] = self._keys
            self._keys = grown
