"""From an interaction to its item: what a path is made of, cleaned, and what is left out.

Where nothing is filtered or renamed the graph's own codes are the items' codes, and no array is
made at all. Otherwise one array of codes is, of the smallest type that holds them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journeygraph.conditions import BoolArray, Conditions, in_pieces
from journeygraph.given import Names
from journeygraph.graph import IntArray, JourneyGraph, code_type
from journeygraph.kernels.select import label_rows, mark_codes
from journeygraph.options import Word
from journeygraph.rules import Rules, compile_rules
from journeygraph.vocabulary import STAGES, UNKNOWN, code_of, normalise_channel

__all__ = ["By", "Labels", "label", "repeated_code", "same_item", "skipped_code"]

_LabelPiece = Callable[[slice, IntArray], None]
_Writer = Callable[[IntArray], _LabelPiece]

_MOST_PAIRS = 1 << 24
"""Pairs of names that a table may have a place for, in or out of use."""


class By(Word, argument="by"):
    """What a path is made of."""

    TOUCHPOINT = "touchpoint"
    CHANNEL = "channel"
    STAGE = "stage"
    TOUCHPOINT_AT_CHANNEL = "touchpoint_at_channel"


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
    writer: _Writer


def _column(graph: JourneyGraph, by: By) -> _Source:
    names_by: dict[By, Names] = {
        By.TOUCHPOINT: graph.touchpoints,
        By.CHANNEL: graph.channels,
        By.STAGE: (UNKNOWN, *STAGES),
    }
    names, codes = names_by[by], graph.column(by)

    def writer(item_of: IntArray) -> _LabelPiece:
        return lambda piece, item_codes: label_rows(codes[piece], item_of, item_codes)

    return _Source(names=names, codes=codes, writer=writer)


def _pairs(graph: JourneyGraph) -> _Source:
    """Touchpoint@channel, of the pairs that occur."""
    n_channels = len(graph.channels)
    n_pairs = len(graph.touchpoints) * n_channels
    kind = graph.pair_codes

    def pairs_of(piece: slice) -> IntArray:
        pairs = graph.touchpoint_codes[piece].astype(kind)
        pairs *= n_channels
        pairs += graph.channel_codes[piece]
        pairs.flags.writeable = False
        return pairs

    if graph.pairs is not None:
        found, writer = _looked_up(graph.pairs, pairs_of)
    elif n_pairs <= _MOST_PAIRS:
        found, writer = _in_a_table(graph, n_pairs, pairs_of)
    else:
        found, writer = _in_a_list(graph, pairs_of)
    names = tuple(
        f"{graph.touchpoints[pair // n_channels]}@{graph.channels[pair % n_channels]}"
        for pair in found.tolist()
    )
    return _Source(names=names, codes=None, writer=writer)


def _in_a_table(
    graph: JourneyGraph, n_pairs: int, pairs_of: Callable[[slice], IntArray]
) -> tuple[IntArray, _Writer]:
    """The pairs that occur, and what writes their items: by a table of all that could."""
    seen = np.zeros(n_pairs, np.bool_)  # threads write the same to the same places
    in_pieces(lambda piece: mark_codes(pairs_of(piece), seen), graph.n_interactions)
    found = np.flatnonzero(seen)

    def writer(item_of: IntArray) -> _LabelPiece:
        item_of_pair = np.zeros(n_pairs, item_of.dtype)
        item_of_pair[found] = item_of
        item_of_pair.flags.writeable = False
        return lambda piece, item_codes: label_rows(pairs_of(piece), item_of_pair, item_codes)

    return found, writer


def _in_a_list(
    graph: JourneyGraph, pairs_of: Callable[[slice], IntArray]
) -> tuple[IntArray, _Writer]:
    """As `_in_a_table`, where the table would be huge: pairs are looked up among those found."""
    parts = in_pieces(
        lambda piece: np.unique(pairs_of(piece)).astype(np.int64), graph.n_interactions
    )
    return _looked_up(np.unique(np.concatenate([np.zeros(0, np.int64), *parts])), pairs_of)


def _looked_up(found: IntArray, pairs_of: Callable[[slice], IntArray]) -> tuple[IntArray, _Writer]:
    """Pairs that are known, and what writes their items."""

    def writer(item_of: IntArray) -> _LabelPiece:
        def write(piece: slice, item_codes: IntArray) -> None:
            item_codes[:] = item_of[np.searchsorted(found, pairs_of(piece))]

        return write

    return found, writer
