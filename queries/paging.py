"""Lists in pieces: `first` and `after` in, nodes and an opaque cursor out.

Every list of an answer is bounded. A cursor is what the reader hands back, not what they read:
it says up to where the last page went. A list of one store version does not change, so that
going through all pages gives every node once.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from journeygraph.errors import InvalidOptionError

__all__ = [
    "MAX_FIRST",
    "Page",
    "PageInfo",
    "cursor_of",
    "page",
    "page_bounds",
    "page_info",
    "position_of",
    "validate_first",
]

MAX_FIRST = 1000
"""The most nodes that one page holds."""

_MARK = "after:"
_Node = TypeVar("_Node")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageInfo:
    """Whether more follow, and what to hand as `after` to have them."""

    has_next_page: bool
    end_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[_Node]):
    """One piece of a list."""

    nodes: tuple[_Node, ...]
    page_info: PageInfo


def cursor_of(position: int) -> str:
    """Write a cursor that stands behind `position`, a number that the list understands."""
    return base64.urlsafe_b64encode(f"{_MARK}{position}".encode()).decode()


def position_of(cursor: str) -> int:
    """Read a cursor.

    Raises
    ------
    InvalidOptionError
        Where it is not one that a list has given.
    """
    try:
        text = base64.urlsafe_b64decode(cursor.encode()).decode()
        mark, position = text[: len(_MARK)], int(text[len(_MARK) :])
    except (binascii.Error, ValueError) as error:
        raise _not_a_cursor(cursor) from error
    if mark != _MARK or not 0 <= position < 1 << 63:
        raise _not_a_cursor(cursor)
    return position


def _not_a_cursor(cursor: str) -> InvalidOptionError:
    return InvalidOptionError("after", cursor, "the endCursor of an earlier page")


def validate_first(first: int) -> None:
    """Refuse a page that is negative or too long, with `InvalidOptionError`."""
    if not 0 <= first <= MAX_FIRST:
        raise InvalidOptionError("first", first, f"a whole number from 0 to {MAX_FIRST}")


def page_bounds(n_nodes: int, first: int, after: str | None) -> tuple[int, int]:
    """Where in a list of `n_nodes` the page begins and ends."""
    validate_first(first)
    start = 0 if after is None else min(position_of(after), n_nodes)
    return start, min(start + first, n_nodes)


def page_info(n_nodes: int, start: int, end: int) -> PageInfo:
    """What to say of the page from `start` to `end` of a list of `n_nodes`."""
    return PageInfo(has_next_page=end < n_nodes, end_cursor=cursor_of(end) if end > start else None)


def page(sequence: Sequence[_Node], first: int, after: str | None = None) -> Page[_Node]:
    """One page of a list that is there as a whole."""
    start, end = page_bounds(len(sequence), first, after)
    return Page(nodes=tuple(sequence[start:end]), page_info=page_info(len(sequence), start, end))
