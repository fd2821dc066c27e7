"""A pattern as an automaton: its items are the states, and time is measured on the way.

Glushkov's construction: every item that the pattern writes is a place (repetitions written out),
and an edge leads from each place to those that may come directly after it. There are no empty
steps, so the state of a match is a set of places, one bit each, and reading an item costs one
step. The beginning and the end of a journey are read like items, before the first and after the
last; nothing but `path_start` and `path_end` matches them.

Time limits do not overlap, by the grammar's own rules: what a limit spans holds no other limit.
So a place belongs to at most one limit, and a match at a place needs to remember one moment at
most: when that limit began. Of all partial matches at the same place of one limit only one has to
be kept. What may still come depends on the place alone, but for the one comparison that ends the
limit, `now - began <= most` (or `>= least`). Whatever a partial match with an earlier beginning
can still become under an upper limit, the one with the latest can become as well, as its
difference is smaller at every later moment; under a lower limit the same holds of the earliest.
So the latest, or the earliest, beginning is exact, and time stays linear.

A limit with both ends needs more than one beginning: the latest may be too late still, and an
earlier one too early by then. Over one gap, `x*`, they wait in a queue: all of them go on together
while there is an x, and are gone together when there is none. Of those that are at least `least`
ago the latest is enough, so that from the front of the queue whatever a later one is as good as
falls. Over longer gaps beginnings would part, and such a limit is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Many
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from journeygraph.errors import TooLargePatternError, UnreadablePatternError
from journeygraph.item_names import ItemNames
from journeygraph.pattern_items import PatternItems
from journeygraph.pattern_language import (
    MOST_ITEMS,
    Boundary,
    Choice,
    Class,
    Limit,
    Node,
    Repeat,
    Sequence,
    Within,
    parse_pattern,
)
from journeygraph.pattern_limits import EVER, Measure, Span, Update, is_simple, on_the_way

__all__ = ["Automaton", "Edge", "Measure", "Update", "bits_of", "compile_pattern"]


class Edge(NamedTuple):
    """From a place to the next, if the time measured is at least and at most so much."""

    source: int
    target: int
    measure: int = Measure.NOTHING
    least_us: int = 0
    most_us: int = EVER
    update: int = Update.CARRY


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Automaton:
    """Places of a pattern and the ways between them; sets of places are bits of an integer.

    Attributes
    ----------
    item_places
        (n_items,) uint64: the places that an item may be at.
    start_places, end_places
        Those of `path_start` and `path_end`.
    first, last
        Where a match may begin and end.
    edges
        Each once, ascending.
    clocked, clocked_least
        Places within a limit, that have to remember when it began; those of them where the
        earliest beginning is kept and not the latest.
    queued
        Those of them where all beginnings are kept, in a queue.
    windows
        Places within a group with a time of its own, which begins when a match enters it.
    """

    item_places: npt.NDArray[np.uint64]
    start_places: int
    end_places: int
    first: int
    last: int
    edges: tuple[Edge, ...]
    clocked: int
    clocked_least: int
    queued: int
    windows: int

    @property
    def is_timed(self) -> bool:
        """Whether any limit of time is in it."""
        return any(edge.measure != Measure.NOTHING for edge in self.edges)

    def follow(self) -> list[int]:
        """By place the places that may come next, time left aside."""
        nexts = [0] * MOST_ITEMS
        for edge in self.edges:
            nexts[edge.source] |= 1 << edge.target
        return nexts


def bits_of(places: int) -> Iterator[int]:
    """The places of a set, ascending."""
    while places:
        lowest = places & -places
        yield lowest.bit_length() - 1
        places ^= lowest


def compile_pattern(pattern: str, argument: str, names: ItemNames) -> Automaton:
    """Read a pattern and look up its names.

    Parameters
    ----------
    argument
        The name that errors give to it.
    names
        The items by name.

    Raises
    ------
    UnreadablePatternError
        Where it cannot be read, could match nothing at all, or would match everything.
    UnknownItemError, PatternMatchesNothingError
        Where a name is no item, or one with wildcards fits none.
    TooLargePatternError
        Where it is made of too many items.
    """
    root = parse_pattern(pattern, argument)
    n_items = _size(root)
    if n_items > MOST_ITEMS:
        raise TooLargePatternError(argument, n_items, MOST_ITEMS)
    builder = _Builder(pattern, argument)
    whole = builder.build(root)
    if whole.may_be_empty:
        builder.fail(0, "it may match nothing, and so is in every journey; write '+' for '*'")
    found = PatternItems(argument, names).places(builder.members)
    automaton = builder.finished(whole, found)
    if not _can_match(automaton):
        builder.fail(0, "no journey can match it, whatever a customer did")
    return automaton


def _size(node: Node) -> int:
    """How many places it has, repetitions written out."""
    if isinstance(node, Sequence):
        return sum(_size(part) for part in node.parts)
    if isinstance(node, Choice):
        return sum(_size(option) for option in node.options)
    if isinstance(node, Repeat):
        return _size(node.node) * (max(node.least, 1) if node.most is None else node.most)
    return _size(node.node) if isinstance(node, Within) else 1


class _Part(NamedTuple):
    """A part of a pattern that is built: where it may begin and end."""

    may_be_empty: bool
    first: int
    last: int
    all_places: int
    timed_at: int | None  # where a limit within it stands


@dataclass(slots=True)
class _Builder:
    """Makes places and edges of a tree, from the leaves up."""

    pattern: str
    argument: str
    members: list[Class | Boundary] = field(default_factory=list)
    edges: dict[Edge, None] = field(default_factory=dict)
    clocked: int = 0
    clocked_least: int = 0
    queued: int = 0
    windows: int = 0

    def fail(self, place: int, problem: str) -> NoReturn:
        raise UnreadablePatternError(self.argument, self.pattern, place, problem)

    def build(self, node: Node) -> _Part:
        if isinstance(node, Sequence):
            return self._sequence(node)
        if isinstance(node, Choice):
            return self._choice(node)
        if isinstance(node, Repeat):
            return self._repeat(node)
        if isinstance(node, Within):
            return self._within(node)
        place = 1 << len(self.members)
        self.members.append(node)
        return _Part(False, place, place, place, None)

    def _choice(self, node: Choice) -> _Part:
        options = [self.build(option) for option in node.options]
        return _Part(
            any(option.may_be_empty for option in options),
            _union(option.first for option in options),
            _union(option.last for option in options),
            _union(option.all_places for option in options),
            _first_timed(options),
        )

    def _repeat(self, node: Repeat) -> _Part:
        n_copies = max(node.least, 1) if node.most is None else node.most
        copies = [self.build(node.node) for _ in range(n_copies)]
        copies = [
            copy._replace(may_be_empty=True) if number >= node.least else copy
            for number, copy in enumerate(copies)
        ]
        if node.most is None:
            self._connect(copies[-1], copies[-1])
        return self._joined(copies, {})

    def _within(self, node: Within) -> _Part:
        n_before = len(self.edges)
        part = self.build(node.node)
        if part.timed_at is not None:
            self.fail(part.timed_at, "a limit of time stands within another one")
        inner = list(self.edges)[n_before:]
        for edge in inner:
            del self.edges[edge]
            self._add(edge._replace(measure=Measure.SINCE_BEGAN, most_us=node.us))
        self.clocked |= part.all_places
        self.windows |= part.all_places
        return part._replace(timed_at=node.place)

    def _sequence(self, node: Sequence) -> _Part:
        parts = [self.build(part) for part in node.parts]
        spans = self._spans(parts, node.limits)
        for (first, last), span in spans.items():
            gaps = node.parts[first + 1 : last]
            if span.has_both_ends and not (len(gaps) < 2 and all(map(is_simple, gaps))):
                self.fail(span.place, "a limit with both ends spans one gap, as '.*' or '[^a]*'")
            for gap in parts[first + 1 : last]:
                if gap.timed_at is not None:
                    self.fail(gap.timed_at, "a limit of time stands within another one")
                self.clocked |= gap.all_places
                self.clocked_least |= gap.all_places if span.least_us else 0
                self.queued |= gap.all_places if span.has_both_ends else 0
        joined = self._joined(parts, spans)
        return joined._replace(timed_at=node.limits[0].place) if node.limits else joined

    def _spans(self, parts: list[_Part], limits: Many[Limit]) -> dict[tuple[int, int], Span]:
        """By the parts that limits lie between, both of which must be there, the limits."""
        there = [number for number, part in enumerate(parts) if not part.may_be_empty]
        spans: dict[tuple[int, int], Span] = {}
        for limit in limits:
            left = [number for number in there if number < limit.before]
            right = [number for number in there if number >= limit.before]
            if not left or not right:
                self.fail(limit.place, "a limit of time needs an item on either side of it that "
                          "must be there")  # fmt: skip
            between = left[-1], right[0]
            span = spans.get(between, Span(limit.place)).limited(limit)
            if span is None:
                self.fail(limit.place, "the time between these two is limited already")
            if span.least_us > span.most_us:
                self.fail(limit.place, "no time is at least the one and at most the other")
            spans[between] = span
        return spans

    def _joined(self, parts: list[_Part], spans: dict[tuple[int, int], Span]) -> _Part:
        """Parts one after the other."""
        first = last = 0
        for here, part in enumerate(parts):
            for before in range(here - 1, -1, -1):
                self._connect(parts[before], part, *on_the_way(spans, before, here))
                if not parts[before].may_be_empty:
                    break
        for part in parts:
            first |= part.first
            if not part.may_be_empty:
                break
        for part in reversed(parts):
            last |= part.last
            if not part.may_be_empty:
                break
        return _Part(
            all(part.may_be_empty for part in parts),
            first,
            last,
            _union(part.all_places for part in parts),
            _first_timed(parts),
        )

    def _connect(
        self, source: _Part, target: _Part, measure: int = 0, span: Span | None = None,
        update: int = Update.CARRY,
    ) -> None:  # fmt: skip
        least = span.least_us if span is not None and measure else 0
        most = span.most_us if span is not None and measure else EVER
        for one in bits_of(source.last):
            for other in bits_of(target.first):
                entered = Update.NOW if self.windows >> other & 1 else update
                self._add(Edge(one, other, measure, least, most, entered))

    def _add(self, edge: Edge) -> None:
        self.edges[edge] = None

    def finished(self, whole: _Part, item_places: npt.NDArray[np.uint64]) -> Automaton:
        """The automaton; places that no limit spans remember nothing."""
        edges = {
            edge if self.clocked >> edge.target & 1 else edge._replace(update=Update.FORGET)
            for edge in self.edges
        }
        starts, ends = (
            _union(
                1 << place for place, member in enumerate(self.members)
                if isinstance(member, Boundary) and member.is_start == is_start
            )
            for is_start in (True, False)
        )  # fmt: skip
        return Automaton(
            item_places=item_places,
            start_places=starts,
            end_places=ends,
            first=whole.first,
            last=whole.last,
            edges=tuple(sorted(edges)),
            clocked=self.clocked,
            clocked_least=self.clocked_least,
            queued=self.queued,
            windows=self.windows,
        )


def _union(places: Iterable[int]) -> int:
    union = 0
    for some in places:
        union |= some
    return union


def _first_timed(parts: Iterable[_Part]) -> int | None:
    return next((part.timed_at for part in parts if part.timed_at is not None), None)


def _can_match(automaton: Automaton) -> bool:
    """Whether some journey could match, whatever items there are, time left aside."""
    reached = automaton.first
    follow, todo = automaton.follow(), list(bits_of(reached))
    later = ~automaton.start_places  # nothing comes before the beginning
    while todo:
        place = todo.pop()
        if automaton.end_places >> place & 1:
            continue  # nor after the end
        fresh = follow[place] & later & ~reached
        reached |= fresh
        todo += bits_of(fresh)
    return bool(reached & automaton.last)
