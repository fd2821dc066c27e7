"""How referrals spread: the shape of every cascade, and how cascades are distributed.

A cascade is a tree of referrals, listed where its root is selected, with all its members. One that
a single customer spreads and one that goes from hand to hand may have the same size: breadth and
structural virality tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.graph import MISSING
from journeygraph.options import Word
from journeygraph.statistics.cascades import median_of
from journeygraph.statistics.referrals import ReferralForest
from queries.customer_lists import CustomerList
from queries.figures import Pictured
from queries.intervals import Estimate, wilson
from queries.paging import PageInfo, page_bounds, page_info
from queries.question import Question, take_mappings
from queries.rankings import ranked
from queries.referral_credit import Referrals, forest_for, is_root, selected_customers

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "Cascade",
    "CascadeCount",
    "CascadeOrder",
    "Cascades",
    "CascadesAnswer",
    "Generation",
    "cascades",
]

Int64Array = npt.NDArray[np.int64]


class CascadeOrder(Word, argument="order"):
    """By what cascades are listed, largest first, equals by the root's id."""

    SIZE = "size"
    DEPTH = "depth"
    BREADTH = "breadth"
    VIRALITY = "virality"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cascades(Question):
    """How referrals spread.

    Attributes
    ----------
    referrals
        Which referrals count; cascades that brought fewer than its `at_least` are left out.
    order, first, after
        What comes first, how many cascades, and behind which cursor.
    """

    referrals: Referrals = Referrals()
    order: CascadeOrder = CascadeOrder.SIZE
    first: int = 10
    after: str | None = None

    def __post_init__(self) -> None:
        Question.__post_init__(self)
        take_mappings(self, referrals=Referrals)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Cascade:
    """One tree of referrals.

    Attributes
    ----------
    root
        Id of the customer who was brought by nobody.
    size, depth
        Customers, the root included; steps from the root to the farthest.
    breadth
        Customers of the largest generation.
    generations
        Customers of each generation, the root first: they add up to `size`.
    virality
        Structural virality: the mean distance of two members along the referrals.
    pair_distances
        The sum of these distances over all pairs (Wiener's index), exact.
    timed, median_generation_seconds
        Referrals in it of which it is known when both customers came, and the median time
        between; None without any.
    customers
        All members.
    """

    root: str
    size: int
    depth: int
    breadth: int
    generations: tuple[int, ...]
    virality: float
    pair_distances: int
    timed: int
    median_generation_seconds: float | None
    customers: CustomerList


@dataclass(frozen=True, slots=True, kw_only=True)
class CascadeCount:
    """How many cascades have a size, a depth or a breadth."""

    of: int
    cascades: int


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Generation:
    """All customers so many steps below the roots, and how long after those above they came.

    Attributes
    ----------
    depth
        Steps below the root: 1 for those whom roots brought.
    size
        Customers of this generation.
    timed, median_seconds
        Of how many it is known when they and who brought them came; the median time between.
    """

    depth: int
    size: int
    timed: int
    median_seconds: float | None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class CascadesAnswer(Pictured):
    """How referrals spread.

    Attributes
    ----------
    cascades, size
        Cascades whose roots are selected, and the customers in them.
    customers
        Customers selected.
    organic, organic_share
        Of these, who came by nobody's word: neither brought nor unattributed.
    mean_virality, median_virality, max_virality
        Of the cascades; None without any.
    timed, median_generation_seconds
        Referrals of which it is known when both customers came, and the median time between.
    sizes, depths, breadths
        How many cascades have which.
    generations
        All cascades together, generation by generation, without the roots.
    """

    cascades: int
    size: int
    customers: int
    organic: int
    organic_share: Estimate
    mean_virality: float | None
    median_virality: float | None
    max_virality: float | None
    timed: int
    median_generation_seconds: float | None
    sizes: tuple[CascadeCount, ...]
    depths: tuple[CascadeCount, ...]
    breadths: tuple[CascadeCount, ...]
    generations: tuple[Generation, ...]
    nodes: tuple[Cascade, ...]
    page_info: PageInfo
    all_customers: CustomerList = field(repr=False)
    organic_customers: CustomerList = field(repr=False)
    cascade_customers: CustomerList = field(repr=False)


def cascades(question: Cascades, journeys: Journeys) -> CascadesAnswer:
    """Answer the question about the cascades whose roots are selected.

    Raises
    ------
    ConflictingOptionsError
        With credit SPLIT.
    InvalidOptionError, InvalidDurationError, UnknownChannelError
        Where an option cannot be used.
    """
    forest = forest_for(question.referrals, journeys, "cascades")
    selected = selected_customers(journeys)
    large = forest.downstream >= question.referrals.at_least
    is_listed = selected & is_root(forest) & large
    trees = np.flatnonzero(is_listed[forest.chains])
    organic = selected & (forest.parents < 0) & ~forest.has_unattributed
    n_selected, n_organic = int(np.count_nonzero(selected)), int(np.count_nonzero(organic))
    nodes, info = _page(question, journeys, forest, trees)
    shapes, virality = forest.shapes, forest.shapes.virality[trees]
    generations = _generations(forest, is_listed)
    lags = _lags(forest, _brought_in(forest, is_listed))
    some = len(trees) > 0
    return CascadesAnswer(
        cascades=len(trees),
        size=int(shapes.sizes[trees].sum()),
        customers=n_selected,
        organic=n_organic,
        organic_share=wilson(n_organic, n_selected, journeys.confidence),
        mean_virality=float(virality.mean()) if some else None,
        median_virality=_middle(virality),
        max_virality=float(virality.max()) if some else None,
        timed=len(lags),
        median_generation_seconds=median_of(lags),
        sizes=_counted(shapes.sizes[trees]),
        depths=_counted(forest.heights[forest.chains[trees]]),
        breadths=_counted(shapes.breadths[trees]),
        generations=generations,
        nodes=nodes,
        page_info=info,
        all_customers=CustomerList(journeys, lambda: np.flatnonzero(selected)),
        organic_customers=CustomerList(journeys, lambda: np.flatnonzero(organic)),
        cascade_customers=CustomerList(
            journeys, lambda: np.flatnonzero(is_listed[forest.placement.roots])
        ),
    )


def _page(
    question: Cascades, journeys: Journeys, forest: ReferralForest, trees: Int64Array
) -> tuple[tuple[Cascade, ...], PageInfo]:
    start, end = page_bounds(len(trees), question.first, question.after)
    numbers = np.zeros(journeys.graph.n_customers, np.int64)
    numbers[forest.chains] = _merits(forest, question.order)
    found = ranked(journeys.graph, forest.chains[trees], numbers, start, end)
    nodes = tuple(_cascade(journeys, forest, index, root) for index, root in found)
    return nodes, page_info(len(trees), start, end)


def _merits(forest: ReferralForest, order: CascadeOrder) -> npt.NDArray[np.integer[Any]]:
    """What cascades are ranked by, in the order of `chains`."""
    word = CascadeOrder(order)
    if word is CascadeOrder.VIRALITY:
        return np.unique(forest.shapes.virality, return_inverse=True)[1]
    if word is CascadeOrder.BREADTH:
        return forest.shapes.breadths
    return (forest.heights if word is CascadeOrder.DEPTH else forest.downstream)[forest.chains]


def _cascade(journeys: Journeys, forest: ReferralForest, index: int, root: str) -> Cascade:
    tree = int(np.searchsorted(forest.chains, index))
    members = forest.members(index)
    lags = _lags(forest, members[members != index])
    return Cascade(
        root=root,
        size=len(members),
        depth=int(forest.heights[index]),
        breadth=int(forest.shapes.breadths[tree]),
        generations=tuple(forest.shapes.generations(tree)),
        virality=float(forest.shapes.virality[tree]),
        pair_distances=forest.shapes.pair_distances(tree),
        timed=len(lags),
        median_generation_seconds=median_of(lags),
        customers=CustomerList(journeys, partial(forest.members, index)),
    )


def _brought_in(forest: ReferralForest, is_listed: npt.NDArray[np.bool_]) -> Int64Array:
    """Everybody but the root in the cascades of these roots."""
    brought = np.flatnonzero(forest.parents >= 0)
    return brought[is_listed[forest.placement.roots[brought]]]


def _lags(forest: ReferralForest, brought: Int64Array) -> Int64Array:
    """How long after who brought them these came, where both times are known."""
    came, above = forest.came_at_us[brought], forest.came_at_us[forest.parents[brought]]
    known = (came != MISSING) & (above != MISSING)
    return np.asarray(came[known] - above[known])


def _generations(
    forest: ReferralForest, is_listed: npt.NDArray[np.bool_]
) -> tuple[Generation, ...]:
    brought = _brought_in(forest, is_listed)
    depths = forest.depths[brought]
    brought = brought[np.argsort(depths, kind="stable")]
    bounds = np.cumsum(np.bincount(depths, minlength=1))
    found = []
    for depth, (start, end) in enumerate(zip(bounds[:-1], bounds[1:], strict=True), start=1):
        lags = _lags(forest, brought[start:end])
        found.append(
            Generation(
                depth=depth,
                size=int(end - start),
                timed=len(lags),
                median_seconds=median_of(lags),
            )
        )
    return tuple(found)


def _counted(numbers: npt.NDArray[np.integer[Any]]) -> tuple[CascadeCount, ...]:
    of, counts = np.unique(numbers, return_counts=True)
    pairs = zip(of.tolist(), counts.tolist(), strict=True)
    return tuple(CascadeCount(of=number, cascades=count) for number, count in pairs)


def _middle(numbers: npt.NDArray[np.float64]) -> float | None:
    if not len(numbers):
        return None
    middle = (len(numbers) - 1) // 2
    return float(np.partition(numbers, middle)[middle])
