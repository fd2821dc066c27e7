"""A funnel with conditions, in codes and microseconds: what may follow what, and what may not.

Everything here is plain data, so that what was counted is known by what was asked. The step that
may follow another is not only the next one: steps that are optional may be passed over. Each such
passage carries its own limits, so that the kernel never asks what a step is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.cohorts import Where
from journeygraph.kernels.funnel import NO_WINDOW

__all__ = ["FunnelPlan", "Passages", "PlannedExclusion", "PlannedStep", "previous_required"]

Passages = tuple[npt.NDArray[Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """One step.

    Attributes
    ----------
    codes
        Of its items.
    where
        What the interaction must meet beside.
    pairs
        Where items are sets and there is a `where`: by what names, see `set_members.pairs_meant`.
    is_next
        Whether it must be the item directly after the step met before.
    within_us
        At most so long after the step met before, inclusive; None for no limit.
    is_optional
        Whether it may be passed over.
    """

    codes: tuple[int, ...]
    where: Where | None = None
    pairs: tuple[int, ...] | None = None
    is_next: bool = False
    within_us: int | None = None
    is_optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedExclusion:
    """What must not lie between two steps, counted from 0, neither of them optional.

    Attributes
    ----------
    where, pairs
        As of a step.
    leaves
        Whether a unit that meets it there, and never goes on without, counts nowhere.
    """

    codes: tuple[int, ...]
    after: int
    before: int
    where: Where | None = None
    pairs: tuple[int, ...] | None = None
    leaves: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelPlan:
    """A funnel.

    Attributes
    ----------
    steps
        1 to MAX_STEPS; the first and the last are not optional.
    window_us
        From the first step to the last, inclusive; None for no limit.
    is_any
        Whether the order does not matter; steps have no conditions between them then.
    entry
        `kernels.funnel_walks.BEST`, FIRST or EVERY.
    session_column, session_gap_us
        All steps within one value of a column, or without a gap of this length; None for neither.
    held
        Columns of which all steps have the same value.
    """

    steps: tuple[PlannedStep, ...]
    window_us: int | None = None
    is_any: bool = False
    entry: int = 0
    exclusions: tuple[PlannedExclusion, ...] = ()
    session_column: str | None = None
    session_gap_us: int | None = None
    held: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def limit_us(self) -> int:
        """The window, NO_WINDOW for none."""
        return NO_WINDOW if self.window_us is None else self.window_us

    @property
    def every_exclusion(self) -> int:
        """Bits of all exclusions."""
        return (1 << len(self.exclusions)) - 1

    def leaving(self) -> npt.NDArray[np.int64]:
        """By exclusion the steps between which it makes a unit leave, -1 where it does not."""
        between = [(one.after, one.before) if one.leaves else (-1, -1) for one in self.exclusions]
        return np.array(between, np.int64).reshape(-1, 2)

    def passages(self) -> Passages:
        """What may follow what; see `kernels.funnel_walks.follow_walks`."""
        pairs = [
            (source, target)
            for target in range(1, len(self))
            for source in self._sources(target)
            if not self.is_any
        ]
        sources = np.array([source for source, _ in pairs], np.int64)
        targets = np.array([target for _, target in pairs], np.int64)
        within_us = np.array([_limit(self.steps[target]) for _, target in pairs], np.int64)
        is_next = np.array([self.steps[target].is_next for _, target in pairs], np.bool_)
        excluded = np.array([self._excluded(*pair) for pair in pairs], np.int64)
        outgoing = np.argsort(sources, kind="stable")
        numbers = range(len(self))
        out_us = [max(within_us[sources == step], default=NO_WINDOW) for step in numbers]
        only_next = [
            bool(is_next[sources == step].all() and (sources == step).any()) for step in numbers
        ]
        return (
            _bounds(targets, len(self)), sources, targets, within_us, is_next, excluded,
            _bounds(sources, len(self)), outgoing, np.array(out_us, np.int64),
            np.array(only_next, np.bool_),
        )  # fmt: skip

    def _sources(self, target: int) -> range:
        return range(previous_required(self.steps, target), target)

    def _excluded(self, source: int, target: int) -> int:
        return sum(
            1 << number
            for number, one in enumerate(self.exclusions)
            if one.after <= source and target <= one.before
        )


def previous_required(steps: tuple[PlannedStep, ...], step: int) -> int:
    """The last step before this one that is not optional; 0 for the first one itself."""
    before = max(step - 1, 0)
    while steps[before].is_optional:
        before -= 1
    return before


def _limit(step: PlannedStep) -> int:
    return NO_WINDOW if step.within_us is None else step.within_us


def _bounds(ascending_steps: npt.NDArray[np.int64], n_steps: int) -> npt.NDArray[np.int64]:
    counts = np.bincount(ascending_steps, minlength=n_steps)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
