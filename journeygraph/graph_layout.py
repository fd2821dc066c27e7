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
from journeygraph.threads import on_threads
from journeygraph.vocabulary import STAGES, UNKNOWN, code_of, normalise_channel

__all__ = [
    "Arranged",
    "Arrivals",
    "Dictionary",
    "arrange",
    "fill_not_said",
    "graph_channels",
    "words_of_touchpoints",
]

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
    _check_codes("customers", arrivals.customers, n_customers)
    _check_codes("touchpoints", arrivals.touchpoints, len(touchpoints))
    _check_codes("channels", arrivals.channels, len(channels))
    _check_codes("stages", arrivals.stages, len(STAGES) + 1)
    starts, order, at_us = _lay_out(arrivals, n_customers)
    codes, channel_codes, stage_codes, value_minor = _take(
        order,
        (arrivals.touchpoints, code_type(len(touchpoints))),
        (arrivals.channels, code_type(len(channels))),
        (arrivals.stages, np.uint8),
        (arrivals.value_minor, np.int64),
    )
    names = {name: code for code, name in enumerate(channels)}
    by_channel = words_of_touchpoints(
        touchpoints, dictionary, "channel", lambda text: names[normalise_channel(text)]
    )
    by_stage = words_of_touchpoints(touchpoints, dictionary, "stage")
    return Arranged(
        customer_starts=starts,
        order=order,
        at_us=at_us,
        touchpoint_codes=codes,
        channel_codes=fill_not_said(channel_codes, codes, by_channel),
        stage_codes=fill_not_said(stage_codes, codes, by_stage),
        value_minor=value_minor,
    )


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


def _check_codes(name: str, codes: IntArray, n_names: int) -> None:
    if len(codes) and (int(codes.min()) < 0 or int(codes.max()) >= n_names):
        raise InconsistentGraphError(name, f"name something beyond the {n_names} that there are")


def _lay_out(arrivals: Arrivals, n_customers: int) -> tuple[Int64Array, IntArray, Int64Array]:
    """Where each customer begins, and of each interaction the arrival row and the time."""
    from journeygraph.kernels.layout import group_by_customer, is_in_order, sort_within_customers

    # One type for each kernel, whoever made the arrays: every further one is compiled anew.
    customers, arrived_us = _plain(arrivals.customers), _plain(arrivals.at_us)
    sequence = _plain([] if arrivals.sequence is None else arrivals.sequence)
    n = len(customers)
    at_us = np.empty(n, np.int64)
    order: IntArray = np.empty(n, "u4" if n < 2**32 else "i8")
    starts = group_by_customer(customers, arrived_us, n_customers, order, at_us)
    if not is_in_order(customers, arrived_us, sequence):
        on_threads(
            lambda part: sort_within_customers(starts, at_us, sequence, order, *part),
            list(pairwise(_even_cuts(starts))),
        )
    return starts, order, at_us


def _plain(column: npt.ArrayLike) -> Int64Array:
    """A column as int64 that cannot be written to; the same memory where it is int64."""
    plain = np.asarray(column, np.int64).view()
    plain.flags.writeable = False
    return plain


def _even_cuts(starts: Int64Array, parts: int = 8) -> list[int]:
    """Customers at which to cut, so that each part holds about as many interactions."""
    n = int(starts[-1])
    inner = np.searchsorted(starts, [n * part // parts for part in range(1, parts)])
    return [0, *np.minimum(inner, len(starts) - 1).tolist(), len(starts) - 1]


def _take(order: IntArray, *columns: tuple[IntArray, type]) -> list[npt.NDArray[Any]]:
    """Columns in the order of the graph, each in its type; NumPy lets threads run beside."""
    return on_threads(lambda pair: pair[0].astype(pair[1], copy=False)[order], columns)
