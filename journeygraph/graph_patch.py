"""What came after a base: the rows of small loads, beside the arrays of the version before them.

To write all arrays of a version anew takes long where few of its rows are new. So what is kept of
it is a patch: its new rows, in their order, and before which row of the base each of them belongs.
Every array of the version can be put together of these two, and is when it is first looked at;
the rows of some customers are taken without that. A patch is always to a base that was written
whole, never to another patch, so that what a version needs is at most two folders. When patches
have grown to `SHARE` of their base, a version is written whole, and is the base from then on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InconsistentGraphError
from journeygraph.graph import IntArray
from journeygraph.graph_cache import Arrays
from journeygraph.graph_layout import check_codes, inserted, rows_of_customers
from journeygraph.late_columns import LateColumn, LateRows, MadeOnce
from journeygraph.vocabulary import STAGES

__all__ = ["ROWS", "SHARE", "columns_of", "empty_patch", "is_small", "patched", "recoded", "whole"]

Int64Array = npt.NDArray[np.int64]

SHARE = 10
"""A patch is kept where it takes at most one byte for so many bytes of its base."""

ROWS = ("order", "at_us", "touchpoint_codes", "channel_codes", "stage_codes", "value_minor")
"""The columns of interactions that a graph is kept as."""

_REFERRALS = ("referrers", "referred", "referral_at_us", "medium_codes")
_CHANNELS = ("channel_codes", "medium_codes")
_NOTHING = np.zeros(0, np.int64)


def empty_patch(base: Arrays) -> Arrays:
    """The patch that adds nothing.

    A patch holds `ROWS` of the new rows, `owners` (the customer of each, ascending), `before`
    (before which row of the base it belongs, ascending), `turns` (the sequence of each, or
    nothing where all are 0), the keys of new customers and new referrals. Its facts are those of
    the version, and its codes too.
    """
    arrays = {name: base[name][:0] for name in (*ROWS, *_REFERRALS, "customer_keys")}
    nothing = {"owners": _NOTHING, "before": _NOTHING, "turns": _NOTHING}
    return Arrays({**arrays, **nothing}, base.facts)


def is_small(patch: Arrays, base: Arrays) -> bool:
    """Whether a patch is worth keeping instead of the whole."""
    size, of_base = (sum(one.nbytes for one in kept.arrays.values()) for kept in (patch, base))
    return SHARE * size <= of_base


def patched(base: Arrays, patch: Arrays) -> Arrays:
    """The arrays of a version, each put together when it is first looked at.

    Raises
    ------
    InconsistentGraphError
        Where the two do not fit each other, or a code names nothing.
    """
    return Arrays(_Patched(base, patch), patch.facts)


def whole(core: Arrays) -> Arrays:
    """The same with all arrays put together."""
    return Arrays(dict(core.arrays), core.facts)


def columns_of(core: Arrays) -> dict[str, Any]:
    """The columns of interactions for a graph, late ones where they are not put together."""
    names = [name for name in ROWS if name != "order"]
    rows = core.arrays
    if isinstance(rows, _Patched):
        return {name: LateColumn(rows, name, rows.n_rows) for name in names}
    return {name: core[name] for name in names}


def recoded(codes: IntArray, known: Sequence[str], names: Sequence[str]) -> IntArray:
    """Codes of some names as those of other names, in which all of these are."""
    if list(known) == list(names[: len(known)]):
        return codes
    check_codes("channels", codes, len(known))
    places = {name: code for code, name in enumerate(names)}
    return np.take(np.array([places[name] for name in known], codes.dtype), codes)


class _Patched(Mapping[str, npt.NDArray[Any]]):
    """Arrays by name, and the rows of a graph (`LateRows`); threads may ask at once."""

    def __init__(self, base: Arrays, patch: Arrays) -> None:
        _check(base, patch)
        self._base = base
        self._patch = patch
        self._owners = np.asarray(patch["owners"], np.int64)
        self._before = np.asarray(patch["before"], np.int64)
        self._n_customers = len(base["customer_keys"]) + len(patch["customer_keys"])
        self.n_rows = len(base["order"]) + len(patch["order"])
        self._arrays = MadeOnce(self._make)

    def __iter__(self) -> Iterator[str]:
        return iter(self._base.arrays)

    def __len__(self) -> int:
        return len(self._base.arrays)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return self._arrays[name]

    def whole(self, name: str) -> npt.NDArray[Any]:
        """An array of all rows."""
        return self[name]

    def of_customers(self, customers: Int64Array) -> LateRows:
        """The rows of some customers."""
        return _PatchedRows(self, customers)

    def _make(self, name: str) -> npt.NDArray[Any]:
        if name == "customer_starts":
            return _starts(self._base[name], self._owners, self._n_customers)
        old, new = self._of_base(name), self._patch[name]
        if name in ROWS:
            return inserted(old, new, self._before)
        return np.concatenate([old, new]) if len(new) else old

    def _of_base(self, name: str) -> npt.NDArray[Any]:
        """An array of the base in the codes of the version."""
        if name not in _CHANNELS:
            return self._base[name]
        names = (kept.facts["channels"] for kept in (self._base, self._patch))
        return recoded(self._base[name].astype(self._patch[name].dtype, copy=False), *names)


class _PatchedRows:
    """The rows of some customers (`LateRows`), each column taken from the two parts."""

    def __init__(self, patched: _Patched, customers: Int64Array) -> None:
        starts = patched._base["customer_starts"]
        n_known = int(np.searchsorted(customers, len(starts) - 1))
        begins = starts[np.minimum(customers, len(starts) - 1)]
        own_starts = np.zeros(len(customers) + 1, np.int64)
        ends = starts[customers[:n_known] + 1]
        np.cumsum(ends - begins[:n_known], out=own_starts[1 : n_known + 1])
        own_starts[n_known + 1 :] = own_starts[n_known]
        rows, of_customer = _rows_of_owners(patched._owners, customers)
        self._patched = patched
        self._customers = customers
        self._begins, self._own_starts = begins, own_starts
        self._rows = rows
        self._before = patched._before[rows] + (own_starts[:-1] - begins)[of_customer]
        self._columns = MadeOnce(self._make)

    def whole(self, name: str) -> npt.NDArray[Any]:
        """A column of all of them."""
        return self._columns[name]

    def of_customers(self, customers: Int64Array) -> LateRows:
        """The rows of some of the customers, by their index among these."""
        return self._patched.of_customers(self._customers[customers])

    def _make(self, name: str) -> npt.NDArray[Any]:
        column, new = self._patched._of_base(name), self._patched._patch[name][self._rows]
        old = rows_of_customers(self._begins, self._own_starts, column)
        return inserted(old, new, self._before)


def _rows_of_owners(owners: Int64Array, customers: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Rows of a patch that are of some customers, and of which of them each is."""
    first, last = (np.searchsorted(owners, customers, side) for side in ("left", "right"))
    of_customer = np.repeat(np.arange(len(customers)), last - first)
    skipped = first - np.append(0, np.cumsum(last - first)[:-1])[: len(first)]
    return np.arange(len(of_customer)) + skipped[of_customer], of_customer


def _starts(old: Int64Array, owners: Int64Array, n_customers: int) -> Int64Array:
    starts = np.zeros(n_customers + 1, np.int64)
    np.cumsum(np.bincount(owners, minlength=n_customers), out=starts[1:])
    starts[: len(old)] += old
    starts[len(old) :] += old[-1]
    return starts


def _check(base: Arrays, patch: Arrays) -> None:
    """Refuse what would send a kernel past an end."""
    n_base, n_new = len(base["order"]), len(patch["order"])
    for kept, n_rows in ((base, n_base), (patch, n_new)):
        for name in ROWS:
            if len(kept[name]) != n_rows:
                raise InconsistentGraphError(name, f"are not {n_rows}, one for each interaction")
        check_codes("touchpoint_codes", kept["touchpoint_codes"], len(kept.facts["touchpoints"]))
        check_codes("channel_codes", kept["channel_codes"], len(kept.facts["channels"]))
        check_codes("medium_codes", kept["medium_codes"], len(kept.facts["channels"]))
        check_codes("stage_codes", kept["stage_codes"], len(STAGES) + 1)
    n_customers = len(base["customer_keys"]) + len(patch["customer_keys"])
    ranges: Mapping[str, int] = {"before": n_base + 1, "owners": n_customers}
    for name, end in ranges.items():
        numbers = patch[name]
        check_codes(name, numbers, end)
        if len(numbers) != n_new or np.any(numbers[1:] < numbers[:-1]):
            raise InconsistentGraphError(name, f"do not ascend, or are not {n_new}")
