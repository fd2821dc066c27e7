"""The forest of referrals, read off DEFINITIONS.md: dictionaries, and walks up to the root.

Quadratic and worse: for small data only.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Edge", "NaiveForest", "grow", "values_since"]


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


def grow(rows: list[tuple[str | None, str, int | None]]) -> NaiveForest:
    edges = [Edge(*row[:3], arrival) for arrival, row in enumerate(rows)]
    valid = [edge for edge in edges if edge.referrer not in {None, edge.referred}]
    parents: dict[str, Edge] = {}
    for edge in sorted(valid, key=lambda edge: edge.key):
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
