"""From interactions in the order of arrival to the customer-major layout of a graph.

One way for all sources: the cache of a store, pandas frames and the rows of a test come here as
the same columns in the order of arrival. Codes are checked here, before any kernel sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InconsistentGraphError
from journeygraph.graph import WORDS, IntArray, code_type
from journeygraph.threads import goals, how_many, n_threads, on_threads
from journeygraph.vocabulary import STAGES, UNKNOWN, code_of, normalise_channel

__all__ = [
    "Arranged",
    "Arrivals",
    "Dictionary",
    "arrange",
    "check_codes",
    "fill_not_said",
    "filled",
    "graph_channels",
    "inserted",
    "let_dictionary_speak",
    "place_by_customer",
    "plain",
    "put_at",
    "row_type",
    "rows_of_customers",
    "sort_customers",
    "words_of_touchpoints",
]

_CHUNK = 1 << 16
_MOST_PARTS = 4  # each needs a count for every customer

Int64Array = npt.NDArray[np.int64]
Dictionary = Mapping[str, Mapping[str, str]]
"""touchpoint -> {"stage": …, "channel": …, "initiator": …, "environment": …, "level": …}"""


@dataclass(frozen=True, eq=False, kw_only=True)
class Arrivals:
    """Interactions in the order of arrival, their names already codes."""

    customers: IntArray  # customer index
    at_us: Int64Array
    touchpoints: IntArray
    channels: IntArray  # 0 = not said
    stages: IntArray  # 0 = not said
    value_minor: Int64Array  # MISSING where there is none
    sequence: Int64Array | None = None  # None where all are alike


@dataclass(frozen=True, eq=False, kw_only=True)
class Arranged:
    """The same interactions in the order of a graph; `order` holds their arrival rows."""

    customer_starts: Int64Array
    order: IntArray
    at_us: Int64Array
    touchpoint_codes: IntArray
    channel_codes: IntArray
    stage_codes: IntArray
    value_minor: Int64Array


def arrange(
    arrivals: Arrivals,
    *,
    n_customers: int,
    touchpoints: Sequence[str],
    channels: Sequence[str],
    dictionary: Dictionary,
) -> Arranged:
    """Sort by (customer, at, sequence, arrival) and let the dictionary fill what is not said.

    Raises
    ------
    InconsistentGraphError
        Where a code names no customer, touchpoint, channel or stage.
    """
    check_codes("customers", arrivals.customers, n_customers)
    check_codes("touchpoints", arrivals.touchpoints, len(touchpoints))
    check_codes("channels", arrivals.channels, len(channels))
    check_codes("stages", arrivals.stages, len(STAGES) + 1)
    starts, order, at_us = _lay_out(arrivals, n_customers)
    arranged = Arranged(
        customer_starts=starts,
        order=order,
        at_us=at_us,
        touchpoint_codes=arrivals.touchpoints[order].astype(code_type(len(touchpoints))),
        channel_codes=arrivals.channels[order].astype(code_type(len(channels))),
        stage_codes=arrivals.stages[order].astype(np.uint8),
        value_minor=arrivals.value_minor[order],
    )
    let_dictionary_speak(arranged, touchpoints, channels, dictionary)
    return arranged


def let_dictionary_speak(
    arranged: Arranged, touchpoints: Sequence[str], channels: Sequence[str], dictionary: Dictionary
) -> None:
    """Fill the channels and stages that nobody said, in place."""
    names = {name: code for code, name in enumerate(channels)}
    by_channel = words_of_touchpoints(
        touchpoints, dictionary, "channel", lambda text: names[normalise_channel(text)]
    )
    by_stage = words_of_touchpoints(touchpoints, dictionary, "stage")
    for codes, words in ((arranged.channel_codes, by_channel), (arranged.stage_codes, by_stage)):
        if words.any():
            for begin in range(0, len(codes), _CHUNK):
                part = slice(begin, begin + _CHUNK)
                codes[part] = fill_not_said(codes[part], arranged.touchpoint_codes[part], words)


def row_type(n_rows: int) -> str:
    """The type for numbers of that many rows."""
    return "u4" if n_rows < 2**32 else "i8"


def place_by_customer(customers: IntArray, n_customers: int) -> Int64Array:
    """Where each customer begins when rows stand by customer.

    Parameters
    ----------
    customers
        Customer indexes of rows, checked, of `row_type`. Replaced by the places that the rows
        get: each customer's rows stay in their order.
    """
    from journeygraph.kernels.layout import count_rows, place_rows

    n_parts = min(n_threads(), _MOST_PARTS, len(customers) // _CHUNK + 1)
    cuts = [len(customers) * part // n_parts for part in range(n_parts + 1)]
    parts = [customers[begin:end] for begin, end in pairwise(cuts)]
    free = np.zeros((n_parts, n_customers), customers.dtype)
    on_threads(lambda part: count_rows(*part), list(zip(parts, free, strict=True)))
    starts = np.zeros(n_customers + 1, np.int64)
    np.cumsum(free.sum(axis=0, dtype=np.int64), out=starts[1:])
    begins = starts[:-1].astype(customers.dtype)
    for counts in free:
        counts[:], begins = begins, begins + counts
    on_threads(lambda part: place_rows(*part), list(zip(parts, free, strict=True)))
    return starts


def put_at(column: IntArray, places: IntArray, values: IntArray) -> None:
    """Put values at their places, each of which is a row of the column."""
    from journeygraph.kernels.layout import put_rows

    put_rows(column, _read_only(places), _read_only(values.astype(column.dtype, copy=False)))


def arranged(arrived: npt.NDArray[Any], order: IntArray) -> npt.NDArray[Any]:
    """A column as it arrived in another order; where it is one number all over, the same column.

    Parameters
    ----------
    order
        (n,) rows of `arrived`. They are read from anywhere in memory, which is waited for: so on
        all threads.
    """
    if len(arrived) == len(order) and (not len(order) or np.all(arrived == arrived[0])):
        return arrived
    column = np.empty(len(order), arrived.dtype)

    def take(rows: tuple[int, int]) -> None:
        part = slice(*rows)
        np.take(arrived, order[part], out=column[part], mode="clip")  # else it is copied first

    on_threads(take, _even_parts(len(order)))
    return column


def sort_customers(
    starts: Int64Array, at_us: Int64Array, order: IntArray, sequence: Int64Array
) -> bool:
    """Sort each customer's rows by (at, sequence, arrival), in place; whether any were not.

    Parameters
    ----------
    starts, at_us, order
        Rows by customer, each one's in the order of arrival.
    sequence
        By arrival; empty where all are alike.
    """
    from journeygraph.kernels.layout import sort_within_customers

    n_sorted = on_threads(
        lambda part: sort_within_customers(starts, at_us, plain(sequence), order, *part),
        list(pairwise(_even_cuts(starts))),
    )
    return sum(n_sorted) > 0


def filled(n_rows: int, number: int) -> Int64Array:
    """A column of one number; on all threads, because to get memory takes longer than to write."""
    column = np.empty(n_rows, np.int64)
    on_threads(lambda part: column[slice(*part)].fill(number), _even_parts(n_rows))
    return column


def inserted(old: IntArray, new: IntArray, before: Int64Array) -> npt.NDArray[Any]:
    """A column with new rows before those that they belong before, in the type of the new ones."""
    from journeygraph.kernels.layout import insert_rows

    merged = np.empty(len(old) + len(new), new.dtype)
    width, whole = new.itemsize, merged.view(np.uint8)
    old_bytes, new_bytes = (_bytes(part.astype(new.dtype, copy=False)) for part in (old, new))

    def put(part: tuple[int, int]) -> None:
        rows = slice(*part)
        first, last = _among(before, rows, len(old))
        insert_rows(
            old_bytes[rows.start * width : rows.stop * width],
            new_bytes[first * width : last * width],
            plain(before[first:last] - rows.start),
            width,
            whole[(rows.start + first) * width : (rows.stop + last) * width],
        )

    on_threads(put, _even_parts(len(old)))
    return merged


def _even_parts(n_rows: int) -> list[tuple[int, int]]:
    """Where to begin and to end, for each thread."""
    return list(pairwise([0, *goals(n_rows, how_many(n_rows)).tolist(), n_rows]))


def _among(before: Int64Array, rows: slice, n_rows: int) -> tuple[int, int]:
    """Which new rows belong among these: before one of them, or behind the last one of all."""
    first = 0 if not rows.start else int(np.searchsorted(before, rows.start, "right"))
    at_end = rows.stop == n_rows
    return first, len(before) if at_end else int(np.searchsorted(before, rows.stop, "right"))


def rows_of_customers(
    begins: Int64Array, own_starts: Int64Array, column: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    """What a column says of some customers.

    Parameters
    ----------
    begins
        (k,) the row where each of them begins.
    own_starts
        (k + 1,) where each begins among the rows of these alone.
    """
    from journeygraph.kernels.layout import take_customers

    n_rows = int(own_starts[-1])
    taken = np.empty(n_rows, column.dtype)
    source, target, width = _bytes(column), taken.view(np.uint8), column.itemsize

    def take(part: tuple[int, int]) -> None:
        first, last = part
        starts = plain(own_starts[first : last + 1])
        rows = target[starts[0] * width : starts[-1] * width]
        take_customers(plain(begins[first:last]), starts, source, width, rows)

    inner = np.searchsorted(own_starts, goals(n_rows, how_many(n_rows))).tolist()
    on_threads(take, list(pairwise([0, *inner, len(begins)])))
    return taken


def plain(column: npt.ArrayLike) -> Int64Array:
    """A column as int64 that cannot be written to; the same memory where it is int64.

    One type for each kernel, whoever made the arrays: every further one is compiled anew.
    """
    return _read_only(np.asarray(column, np.int64))


def graph_channels(
    said: Sequence[str], dictionary: Dictionary, touchpoints: Sequence[str]
) -> tuple[str, ...]:
    """The channels of a graph by code: "unknown", those that the data says, then the dictionary's.

    A channel that the data calls "unknown" is not said either.
    """
    channels = dict.fromkeys((UNKNOWN, *said))
    for touchpoint in touchpoints:
        text = normalise_channel(dictionary.get(touchpoint, {}).get("channel") or "")
        if text:
            channels.setdefault(text)
    return tuple(channels)


def words_of_touchpoints(
    touchpoints: Sequence[str],
    dictionary: Dictionary,
    key: str,
    code: Callable[[str], int | None] | None = None,
) -> IntArray:
    """What the dictionary says of each touchpoint, as codes; 0 where it says nothing."""
    find = code or (lambda text: code_of(text, WORDS[key]))
    words = np.zeros(len(touchpoints), np.int64)
    for touchpoint, name in enumerate(touchpoints):
        text = dictionary.get(name, {}).get(key)
        if text:
            words[touchpoint] = find(text) or 0
    return words


def fill_not_said(codes: IntArray, touchpoint_codes: IntArray, words: IntArray) -> IntArray:
    """`codes` with each 0 replaced by the word of its touchpoint."""
    if not words.any():
        return codes
    return np.where(codes == 0, words.astype(codes.dtype)[touchpoint_codes], codes)


def check_codes(name: str, codes: IntArray, n_names: int) -> None:
    """Refuse codes beyond the names that there are: a kernel would write past an end."""
    may_be_negative = codes.dtype.kind == "i"
    if len(codes) and (int(codes.max()) >= n_names or (may_be_negative and codes.min() < 0)):
        raise InconsistentGraphError(name, f"name something beyond the {n_names} that there are")


def _lay_out(arrivals: Arrivals, n_customers: int) -> tuple[Int64Array, IntArray, Int64Array]:
    """Where each customer begins, and of each interaction the arrival row and the time."""
    n = len(arrivals.customers)
    places = arrivals.customers.astype(row_type(n))
    starts = place_by_customer(places, n_customers)
    order, at_us = np.empty(n, places.dtype), np.empty(n, np.int64)
    put_at(order, places, np.arange(n))
    put_at(at_us, places, arrivals.at_us)
    sequence = np.zeros(0, np.int64) if arrivals.sequence is None else arrivals.sequence
    sort_customers(starts, at_us, order, sequence)
    return starts, order, at_us


def _bytes(column: IntArray) -> npt.NDArray[np.uint8]:
    return _read_only(np.ascontiguousarray(column).view(np.uint8))


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view


def _even_cuts(starts: Int64Array, parts: int = 8) -> list[int]:
    """Customers at which to cut, so that each part holds about as many interactions."""
    n = int(starts[-1])
    inner = np.searchsorted(starts, [n * part // parts for part in range(1, parts)])
    return [0, *np.minimum(inner, len(starts) - 1).tolist(), len(starts) - 1]
