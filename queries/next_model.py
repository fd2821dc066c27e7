"""What is known of next contacts: occasions by prefix, and the decision at each prefix, once made.

A decision is made at the longest prefix at which there is enough to go by: so many units with a
contact, and so many without one. Where the last item alone is not enough, there is none. It hangs
on the prefix only, so that a million customers who stand at a thousand prefixes cost a thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.followed import Contacts, contacts_of, follow
from journeygraph.statistics.occasions import Occasions, occasions_of
from journeygraph.statistics.prefixes import UNKNOWN_PREFIX, Prefixes
from queries.clustered import clustered_share
from queries.intervals import Estimate
from queries.next_gains import Comparison, Gain, Objective, compare, first_known, gains_of

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["Decision", "ModelOptions", "NextModel", "model_of"]

Int64Array = npt.NDArray[np.int64]
IntArray = npt.NDArray[Any]

_MOST_KEPT = 8  # models of one view


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOptions:
    """What a model hangs on, read; see `queries.next_best.NextBest`."""

    objective: Objective
    within_us: int
    horizon_us: int
    length: int
    at_least: int
    contacts: tuple[int, ...] | None
    never: tuple[int, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Decision:
    """What may come next at a prefix.

    Attributes
    ----------
    length
        Of the prefix.
    at_prefix
        Its occasions, ascending.
    gains
        The contacts that there is enough to say of, the best first.
    """

    length: int
    at_prefix: IntArray
    comparison: Comparison
    gains: tuple[Gain, ...]


@dataclass(frozen=True, eq=False)
class NextModel:
    """The occasions of a view, by prefix; made by `model_of`."""

    journeys: Journeys
    options: ModelOptions
    _made: dict[tuple[int, int], Decision | None] = field(default_factory=dict)
    _shares: dict[tuple[int, int, int], Estimate] = field(default_factory=dict)

    @cached_property
    def contacts(self) -> Contacts:
        """Which interactions are a contact."""
        return contacts_of(self.journeys, self.options.contacts)

    @cached_property
    def occasions(self) -> Occasions:
        """Every occasion."""
        return occasions_of(self.journeys, self.options.within_us)

    @cached_property
    def prefixes(self) -> Prefixes:
        """Its prefixes."""
        return Prefixes(self.occasions, self.options.length)

    @cached_property
    def candidates(self) -> tuple[int, ...]:
        """Codes of the items that are a contact anywhere, but for those never to be recommended."""
        journeys, never = self.journeys, set(self.options.never)
        codes = journeys.item_codes[self.contacts.are]
        met = np.flatnonzero(np.bincount(codes, minlength=journeys.n_items)[: journeys.n_items])
        return tuple(item for item in met.tolist() if item not in never)

    def decide(self, codes: Sequence[int]) -> Decision | None:
        """The decision after these items, the latest last; None where nothing can be said."""
        for length in range(min(len(codes), self.options.length), 0, -1):
            prefix = self.prefixes.find(codes[len(codes) - length :])
            decision = self.decision(length, prefix)
            if decision is not None:
                return decision
        return None

    def decision(self, length: int, prefix: int) -> Decision | None:
        """The decision at a prefix of this length alone; None where there is too little."""
        if prefix == UNKNOWN_PREFIX:
            return None
        key = (length, prefix)
        if key not in self._made:
            self._made[key] = self._decide(length, prefix)
        return self._made[key]

    def _decide(self, length: int, prefix: int) -> Decision | None:
        options = self.options
        at_prefix = self.prefixes.level(length).occasions(prefix)
        if len(at_prefix) < 2 * options.at_least:
            return None
        chosen = first_known(self.occasions, at_prefix, options.horizon_us)
        followed = follow(self.occasions, chosen, self.contacts, options.horizon_us)
        comparison = compare(followed, options.objective)
        gains = gains_of(comparison, self.candidates, options.at_least)
        return Decision(length, at_prefix, comparison, tuple(gains)) if gains else None

    def probability(self, decision: Decision, item: int) -> Estimate:
        """How often an item was directly the next one at a prefix; `n_items` for none in time."""
        key = (decision.length, int(decision.at_prefix[0]), item)
        if key not in self._shares:
            occasions = self.occasions
            at_prefix = decision.at_prefix
            known = at_prefix[occasions.are_known(at_prefix, occasions.within_us)]
            is_it = occasions.next_items[known] == item
            confidence = self.journeys.confidence
            self._shares[key] = clustered_share(is_it, occasions.units[known], confidence)
        return self._shares[key]

    def prefix_of(self, decision: Decision) -> tuple[str, ...]:
        """The items of a decision's prefix."""
        last = int(decision.at_prefix[0])
        codes = self.occasions.items[last - decision.length + 1 : last + 1]
        return tuple(self.journeys.items[code] for code in codes.tolist())

    @cached_property
    def contact_rows(self) -> Int64Array:
        """Rows of the graph that are a contact before the end of the data, ascending."""
        rows = np.flatnonzero(self.contacts.are)
        return rows[self.journeys.graph.at_us[rows] <= self.occasions.known_until_us]

    @cached_property
    def standings(self) -> tuple[Int64Array, Int64Array]:
        """The customers of the view, ascending, and the latest occasion of each.

        Of journeys that end at the same moment it is the one whose rows stand last.
        """
        occasions, journeys = self.occasions, self.journeys
        last = np.zeros(journeys.n_units, np.int64)
        is_last = np.append(occasions.units[1:] != occasions.units[:-1], True)
        is_last = is_last[: len(occasions.units)]
        last[occasions.units[is_last]] = np.flatnonzero(is_last)
        order = np.lexsort((last, occasions.at_us(last), journeys.unit_customers))
        customers, last = journeys.unit_customers[order].astype(np.int64), last[order]
        is_latest = np.diff(customers, append=-1) != 0
        return customers[is_latest], last[is_latest]


_LOCK = Lock()


def _alike(journeys: Journeys) -> Journeys:
    """The same view, which knows of no model: a circle would keep both until somebody looks."""
    alike = copy(journeys)
    vars(alike).pop("_next_models")
    return alike


def model_of(journeys: Journeys, options: ModelOptions) -> NextModel:
    """The model of a view: one for the same options, kept with the view and as long as it."""
    with _LOCK:
        kept: dict[ModelOptions, NextModel] = vars(journeys).setdefault("_next_models", {})
        found = kept.pop(options, None) or NextModel(_alike(journeys), options)
        kept[options] = found
        while len(kept) > _MOST_KEPT:
            del kept[next(iter(kept))]
    return found
