"""Limits of time between two items of a pattern: what is measured on the way, and remembered."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from journeygraph.pattern_language import Class, Limit, Node, Repeat

__all__ = ["EVER", "Measure", "Span", "Update", "is_simple", "on_the_way"]


class Measure:
    """What a limit at an edge is compared with."""

    NOTHING, SINCE_LAST, SINCE_BEGAN, SINCE_QUEUED = 0, 1, 2, 3


class Update:
    """What becomes of the moment that a place remembers."""

    FORGET, CARRY, LAST, NOW, QUEUE = 0, 1, 2, 3, 4


EVER = int(np.iinfo(np.int64).max)
"""The most of a limit that has none."""


class Span(NamedTuple):
    """The limits between two parts: at least and at most so long; `place` is the first one's."""

    place: int
    least_us: int = 0
    most_us: int = EVER

    @property
    def has_both_ends(self) -> bool:
        """Whether it is at least and at most so long."""
        return bool(self.least_us) and self.most_us < EVER

    def limited(self, limit: Limit) -> Span | None:
        """With one more limit; None where there is such a one."""
        if limit.is_least:
            return None if self.least_us else self._replace(least_us=limit.us)
        return None if self.most_us < EVER else self._replace(most_us=limit.us)


def is_simple(gap: Node) -> bool:
    """Whether it is one item any number of times."""
    return (
        isinstance(gap, Repeat)
        and (gap.least, gap.most) == (0, None)
        and isinstance(gap.node, Class)
    )


def on_the_way(
    spans: dict[tuple[int, int], Span], before: int, here: int
) -> tuple[int, Span | None, int]:
    """What is measured and remembered between two parts of a sequence."""
    for (left, right), span in spans.items():
        if left <= before and here <= right:
            measure, update = Measure.SINCE_BEGAN, Update.LAST
            if span.has_both_ends:
                measure, update = Measure.SINCE_QUEUED, Update.QUEUE
            if left == before:
                if right == here:
                    return Measure.SINCE_LAST, span, Update.CARRY
                return Measure.NOTHING, None, update
            return (measure if right == here else 0), span, Update.CARRY
    return Measure.NOTHING, None, Update.CARRY
