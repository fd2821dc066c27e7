"""From an interaction to its item: what a path is made of, cleaned, and what is left out.

Where nothing is filtered or renamed the graph's own codes are the items' codes, and no array is
made at all. Otherwise one array of codes is, of the smallest type that holds them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from journeygraph.conditions import BoolArray, Conditions, in_pieces
from journeygraph.errors import InvalidOptionError
from journeygraph.given import Names
from journeygraph.graph import IntArray, JourneyGraph, code_type
from journeygraph.kernels.select import collect_keys, label_keys, label_rows, place_keys
from journeygraph.rules import Rules, compile_rules
from journeygraph.vocabulary import STAGES, UNKNOWN, code_of, normalise_channel

__all__ = ["By", "Labels", "label", "repeated_code", "same_item", "skipped_code"]

Int64Array = npt.NDArray[np.int64]
_LabelPiece = Callable[[slice, IntArray], None]


class By(StrEnum):
    """What a path is made of."""

    TOUCHPOINT = "touchpoint"
    CHANNEL = "channel"
    STAGE = "stage"
    TOUCHPOINT_AT_CHANNEL = "touchpoint_at_channel"

    @classmethod
    def _missing_(cls, value: object) -> By:
        for word in cls:
            if isinstance(value, str) and value.lower() == word.value:
                return word
        raise InvalidOptionError("by", value, "one of " + ", ".join(word.name for word in cls))


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Labels:
    """The items and the item of each interaction; see `Journeys.item_codes`.

    `own` says that the codes are the graph's, every one of them an item, and not to be written to.
    """

    items: Names
    codes: IntArray
    own: bool


def repeated_code(codes: npt.DTypeLike) -> int:
    """The code of an interaction that repeats the item before it: the largest of the type."""
    return int(np.iinfo(codes).max)


def skipped_code(codes: npt.DTypeLike) -> int:
    """The code of an interaction that was filtered out or excluded: the largest but one."""
    return int(np.iinfo(codes).max) - 1


def same_item(by: By) -> Callable[[str], str]:
    """The normal form of an item's name: channels and stages have several spellings."""
    return {By.CHANNEL: normalise_channel, By.STAGE: _same_stage}.get(by, str)


def _same_stage(name: str) -> str:
    code = code_of(name, STAGES)
    return STAGES[code - 1] if code else name


def label(
    graph: JourneyGraph, by: By, rules: Rules, conditions: Conditions, kept: BoolArray | None
) -> Labels:
    """Name the item of every interaction.

    Parameters
    ----------
    kept
        By customer index who is meant; None for everybody. Others need not be looked at.
    """
    source = _pairs(graph) if by is By.TOUCHPOINT_AT_CHANNEL else _column(graph, by)
    table = compile_rules(rules, source.names, same_item(by))
    plain = table.changes_nothing and conditions.ask_nothing and not rules.collapse
    if plain and source.codes is not None:
        return Labels(items=table.items, codes=source.codes, own=True)
    kind = code_type(len(table.items))
    skipped = skipped_code(kind)
    write = source.writer(_read_only(np.where(table.item_of < 0, skipped, table.item_of), kind))
    codes = np.zeros(graph.n_interactions, kind)  # pages nobody writes to take no memory

    def of(piece: slice) -> None:
        if kept is None or _any_kept(graph, kept, piece):
            write(piece, codes[piece])
            conditions.skip(piece, codes[piece], skipped)

    in_pieces(of, graph.n_interactions)
    return Labels(items=table.items, codes=codes, own=False)


def _any_kept(graph: JourneyGraph, kept: BoolArray, piece: slice) -> bool:
    first = np.searchsorted(graph.customer_starts, piece.start, side="right") - 1
    last = np.searchsorted(graph.customer_starts, piece.stop)
    return bool(kept[first:last].any())


def _read_only(values: IntArray, kind: npt.DTypeLike) -> IntArray:
    array = values.astype(kind)
    array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Source:
    """Names before the rules, the codes that say them, and what writes items for codes.

    `codes` is None where no column of the graph has them. `writer(item_of)` gives the function
    that writes the items of a piece of the rows.
    """

    names: Names
    codes: IntArray | None
    writer: Callable[[IntArray], Callable[[slice, IntArray], None]]


def _column(graph: JourneyGraph, by: By) -> _Source:
    columns: dict[By, tuple[Names, IntArray]] = {
        By.TOUCHPOINT: (graph.touchpoints, graph.touchpoint_codes),
        By.CHANNEL: (graph.channels, graph.channel_codes),
        By.STAGE: ((UNKNOWN, *STAGES), graph.stage_codes),
    }
    names, codes = columns[by]

    def writer(item_of: IntArray) -> Callable[[slice, IntArray], None]:
        return lambda piece, item_codes: label_rows(codes[piece], item_of, item_codes)

    return _Source(names=names, codes=codes, writer=writer)


def _pairs(graph: JourneyGraph) -> _Source:
    """Touchpoint@channel, of the pairs that occur: a table of all that could would be huge."""
    n_channels = len(graph.channels)

    def keys_of(piece: slice) -> Int64Array:
        keys = graph.touchpoint_codes[piece].astype(np.int64) * n_channels
        keys += graph.channel_codes[piece]
        return keys

    found = in_pieces(lambda piece: _distinct(keys_of(piece)), graph.n_interactions)
    keys = np.sort(_distinct(np.concatenate([np.zeros(0, np.int64), *found])))
    names = tuple(
        f"{graph.touchpoints[key // n_channels]}@{graph.channels[key % n_channels]}"
        for key in keys.tolist()
    )
    table = np.full(_table_size(len(keys)), -1, np.int64)
    slots = place_keys(keys, table)

    def writer(item_of: IntArray) -> Callable[[slice, IntArray], None]:
        item_at = np.zeros(len(table), item_of.dtype)
        item_at[slots] = item_of
        item_at.flags.writeable = False
        return lambda piece, item_codes: label_keys(keys_of(piece), table, item_at, item_codes)

    return _Source(names=names, codes=None, writer=writer)


def _distinct(keys: Int64Array) -> Int64Array:
    table = np.full(_table_size(len(keys)), -1, np.int64)
    collect_keys(keys, table)
    return table[table >= 0]


def _table_size(n_keys: int) -> int:
    return 2 << max(n_keys, 1).bit_length()
