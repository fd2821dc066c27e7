"""The forest of referrals, read off DEFINITIONS.md: dictionaries, and walks up to the root.

Quadratic and worse: for small data only.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "Edge",
    "NaiveForest",
    "counted",
    "decayed",
    "grow",
    "mean_distance",
    "shares",
    "values_since",
]


@dataclass(frozen=True)
class Edge:
    """A referral; `arrival` is its number in the order of arrival."""

    referrer: str | None
    referred: str
    at: int | None
    arrival: int

    @property
    def key(self) -> tuple[bool, int, int]:
        """By (at, arrival); those without a time last."""
        return (self.at is None, self.at or 0, self.arrival)


@dataclass(frozen=True)
class NaiveForest:
    edges: dict[str, Edge]  # by who was brought
    self_referrals: list[Edge]
    cycles: list[Edge]
    further: list[Edge]
    unattributed: list[Edge]

    def parent(self, customer: str) -> str | None:
        edge = self.edges.get(customer)
        return edge.referrer if edge else None

    def upline(self, customer: str) -> list[str]:
        parent = self.parent(customer)
        return [] if parent is None else [parent, *self.upline(parent)]

    def depth(self, customer: str) -> int:
        return len(self.upline(customer))

    def root(self, customer: str) -> str:
        return [customer, *self.upline(customer)][-1]

    def children(self, customer: str) -> set[str]:
        return {referred for referred, edge in self.edges.items() if edge.referrer == customer}

    def descendants(self, customer: str) -> set[str]:
        return {referred for referred in self.edges if customer in self.upline(referred)}


def grow(
    rows: list[tuple[str | None, str, int | None]],
    credit: str = "first",
    keep: list[bool] | None = None,
) -> NaiveForest:
    """`keep` says which rows count at all; they keep their arrival."""
    edges = [
        Edge(*row[:3], arrival) for arrival, row in enumerate(rows) if keep is None or keep[arrival]
    ]
    valid = [edge for edge in edges if edge.referrer not in {None, edge.referred}]
    parents: dict[str, Edge] = {}
    by_time = sorted(valid, key=lambda edge: edge.key)
    if credit == "last":  # with a time before without; then the latest first
        timed = [edge for edge in by_time if edge.at is not None]
        by_time = timed[::-1] + [edge for edge in by_time if edge.at is None][::-1]
    for edge in by_time:
        parents.setdefault(edge.referred, edge)
    further = [edge for edge in valid if parents[edge.referred] is not edge]
    cut = []
    while cycle := find_cycle(parents):
        latest = max(cycle, key=lambda edge: edge.key)
        del parents[latest.referred]
        cut.append(latest)
    return NaiveForest(
        edges=parents,
        self_referrals=[edge for edge in edges if edge.referrer == edge.referred],
        cycles=cut,
        further=further,
        unattributed=[edge for edge in edges if edge.referrer is None],
    )


def find_cycle(parents: dict[str, Edge]) -> list[Edge]:
    for start in parents:
        walked = [parents[start]]
        while walked[-1].referrer in parents and len(walked) <= len(parents):
            walked.append(parents[str(walked[-1].referrer)])
            if walked[-1].referred == start:
                return walked[:-1]
    return []


def values_since(rows: list[tuple[str, int, int | None]], customer: str, at: int | None) -> int:
    """What a customer brought in at or after a moment; rows are (customer, at, value)."""
    return sum(
        value or 0 for who, when, value in rows if who == customer and (at is None or when >= at)
    )


def counted(
    rows: list[tuple[str | None, str, int | None, str | None]],
    first_at: dict[str, int],
    window: int | None,
    media: set[str] | None,
) -> list[bool]:
    """Which referrals count: by one of the media, and so long before the first of something."""

    def in_time(referred: str, at: int | None) -> bool:
        if window is None:
            return True
        return at is not None and referred in first_at and 0 <= first_at[referred] - at <= window

    return [
        (media is None or (row[3] or "unknown") in media) and in_time(row[1], row[2])
        for row in rows
    ]


def shares(rows: list[tuple[str | None, str, int | None]], keep: list[bool]) -> dict[str, set[str]]:
    """By customer referred, all who referred them."""
    found: dict[str, set[str]] = {}
    for row, counts in zip(rows, keep, strict=True):
        if counts and row[0] is not None and row[0] != row[1]:
            found.setdefault(row[1], set()).add(row[0])
    return found


def mean_distance(forest: NaiveForest, members: set[str]) -> float:
    """The mean number of referrals between two members, over all pairs."""
    ways = [_steps(forest, one, other) for one in members for other in members if one < other]
    return sum(ways) / len(ways)


def _steps(forest: NaiveForest, one: str, other: str) -> int:
    up, down = [one, *forest.upline(one)], [other, *forest.upline(other)]
    meeting = next(above for above in up if above in down)
    return up.index(meeting) + down.index(meeting)


def decayed(forest: NaiveForest, customer: str, values: dict[str, int], factor: float) -> float:
    """Values of all descendants, times the factor for each step beyond the first."""
    return sum(
        values[one] + factor * decayed(forest, one, values, factor)
        for one in forest.children(customer)
    )
