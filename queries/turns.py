"""Where feelings turn: at which items the emotions of journeys change for better or worse.

Of each journey with three rated emotions or more: the earliest item that minimises the squared
error within the emotions before it and those from it on. Every journey whose emotions differ turns
somewhere, by chance if nothing else. So the emotions are shuffled within each journey: the share
of shuffles that can be cut as well is the journey's own p, and how many journeys turn at an item
when all are shuffled at once is what chance does there, which the item's p and q are about. One is
added above and below, so that no p is 0 (Phipson and Smyth 2010, doi:10.2202/1544-6115.1585).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InvalidOptionError
from journeygraph.statistics.base import total
from journeygraph.statistics.turns import TURNS, UNITS_THAT_TURN
from queries.customer_lists import CustomerList
from queries.figures import Pictured
from queries.intervals import SMALL_GROUP, benjamini_hochberg
from queries.means import Mean, mean_of
from queries.paging import PageInfo, page_bounds, page_info
from queries.question import Question

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["MOST_SHUFFLES", "ItemTurn", "Turns", "TurnsAnswer", "turns"]

Int64Array = npt.NDArray[np.int64]

MOST_SHUFFLES = 10_000
_ALL = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns(Question):
    """At which items feelings turn.

    Attributes
    ----------
    permutations, seed
        How often emotions are shuffled within their journeys, and what the shuffles hang on;
        without any there are no p values.
    first, after
        How many items, and behind which cursor.
    """

    permutations: int = 199
    seed: int = 0
    first: int = 50
    after: str | None = None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ItemTurn:
    """An item at which feelings turn.

    Attributes
    ----------
    journeys, share
        Journeys that turn here, and their share of all that turn.
    improved, worsened
        Those whose emotions are better from here on than before, and those that are worse.
    change
        The mean of the emotions from here on less that of those before, over these journeys.
    by_chance
        Journeys that turn here when their emotions are shuffled, on average.
    p_value, q_value
        The share of shuffles in which as many journeys turn here, and the false discovery rate
        over all items; None without shuffles.
    sure
        Journeys that turn here whose own p is at most 1 less the confidence.
    small
        Of fewer than 30 journeys.
    customers
        Whose journeys they are.
    """

    item: str
    journeys: int
    share: float
    improved: int
    worsened: int
    change: Mean
    by_chance: float | None
    p_value: float | None
    q_value: float | None
    sure: int
    small: bool
    customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class TurnsAnswer(Pictured):
    """Where feelings turn, and how many journeys tell.

    Attributes
    ----------
    journeys, rated, turned
        All journeys; those with three rated emotions or more; and those of them whose emotions
        differ, each of which turns at one item.
    sure, sure_by_chance
        Journeys whose own p is at most 1 less the confidence, and how many would be were there
        chance alone, at most.
    items
        Items at which a journey turns.
    nodes
        Items, most journeys first, then by name.
    other_items, other_journeys
        Items that this page does not list, and the journeys that turn there.
    """

    journeys: int
    rated: int
    turned: int
    sure: int
    sure_by_chance: float | None
    permutations: int
    items: int
    nodes: tuple[ItemTurn, ...]
    page_info: PageInfo
    other_items: int
    other_journeys: int
    warnings: tuple[str, ...]


def turns(question: Turns, journeys: Journeys) -> TurnsAnswer:
    """Answer the question, most journeys first.

    Raises
    ------
    InvalidOptionError
        Where the permutations are too many or negative, the seed is negative, or `first` or
        `after` do not name a page.
    """
    if not 0 <= question.permutations <= MOST_SHUFFLES:
        expected = f"a whole number from 0 to {MOST_SHUFFLES}"
        raise InvalidOptionError("permutations", question.permutations, expected)
    if not 0 <= question.seed < 1 << 63:
        raise InvalidOptionError("seed", question.seed, "a whole number, 0 or more")
    found = _Found.of(question, journeys)
    names = journeys.items
    ranked = sorted(found.sums, key=lambda item: (-found.sums[item]["journeys"], names[item]))
    start, end = page_bounds(len(ranked), question.first, question.after)
    nodes = tuple(found.node(item) for item in ranked[start:end])
    turned = found.turned
    return TurnsAnswer(
        journeys=journeys.n_journeys,
        rated=found.rated,
        turned=turned,
        sure=sum(row["sure"] for row in found.sums.values()),
        sure_by_chance=found.sure_by_chance,
        permutations=question.permutations,
        items=len(ranked),
        nodes=nodes,
        page_info=page_info(len(ranked), start, end),
        other_items=len(ranked) - len(nodes),
        other_journeys=turned - sum(node.journeys for node in nodes),
        warnings=() if found.rated else ("No journey has three rated emotions, so none can turn.",),
    )


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Found:
    """Of each item that journeys turn at: the sums, and by permutation how many would by chance."""

    question: Turns
    journeys: Journeys
    rated: int
    turned: int
    at_most: int
    sums: Mapping[int, Mapping[str, int]]
    by_chance: Mapping[int, Int64Array]
    q_values: Mapping[int, float]

    @classmethod
    def of(cls, question: Turns, journeys: Journeys) -> _Found:
        permutations = question.permutations
        _ = journeys.item_codes  # rows must be here: shuffles hang on where customers stand
        # p = (1 + as large) / (1 + permutations); rounding must not tell equals apart
        at_most = math.floor((1 - journeys.confidence) * (1 + permutations) + 1e-9) - 1
        table = total(
            TURNS, journeys, permutations=permutations, seed=question.seed, as_large_at_most=at_most
        )
        rows = table.filter(_column(table, "permutation") == _ALL).to_pylist()
        sums = {row["item"]: row for row in rows}
        everything = sums.pop(_ALL)
        by_chance = {item: np.zeros(permutations, np.int64) for item in sums}
        keys = (_column(table, name).tolist() for name in ("item", "permutation", "journeys"))
        for item, permutation, n in zip(*keys, strict=True):
            if permutation != _ALL and item in by_chance:
                by_chance[item][permutation] = n
        p_values = [_p_value(by_chance[item], row["journeys"]) for item, row in sums.items()]
        q_values = benjamini_hochberg(p_values)
        return cls(
            question=question,
            journeys=journeys,
            rated=everything["journeys"],
            turned=everything["ratings"],
            at_most=at_most,
            sums=sums,
            by_chance=by_chance,
            q_values=dict(zip(sums, q_values.tolist(), strict=True)),
        )

    @property
    def sure_by_chance(self) -> float | None:
        permutations = self.question.permutations
        if not permutations:
            return None
        return max(0, self.at_most + 1) / (1 + permutations) * self.turned

    def node(self, item: int) -> ItemTurn:
        row, chance = self.sums[item], self.by_chance[item]
        n, is_tested = row["journeys"], len(chance) > 0
        return ItemTurn(
            item=self.journeys.items[item],
            journeys=n,
            share=n / self.turned,
            improved=row["improved"],
            worsened=n - row["improved"],
            change=mean_of({**row, "interactions": n}, self.journeys.confidence),
            by_chance=float(chance.mean()) if is_tested else None,
            p_value=_p_value(chance, n) if is_tested else None,
            q_value=self.q_values[item] if is_tested else None,
            sure=row["sure"],
            small=n < SMALL_GROUP,
            customers=CustomerList.of(self.journeys, UNITS_THAT_TURN, item=item),
        )


def _column(table: object, name: str) -> Int64Array:
    column: Int64Array = table[name].to_numpy()  # type: ignore[index]
    return column


def _p_value(by_chance: Int64Array, n: int) -> float:
    return float((1 + np.count_nonzero(by_chance >= n)) / (1 + len(by_chance)))
