"""What a version of a store holds: how much, and the names that a population can be said in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journeygraph.cohorts import attribute_text
from journeygraph.vocabulary import STAGES

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph

__all__ = ["AttributeCount", "StoreAttribute", "StoreFacts"]


@dataclass(frozen=True, slots=True)
class AttributeCount:
    """A value of an attribute, as conditions take it, and how many customers have it."""

    value: str
    customers: int


@dataclass(frozen=True, slots=True)
class StoreAttribute:
    """A column of the customers table; its values are those of most customers first."""

    name: str
    counts: tuple[AttributeCount, ...]

    @property
    def distinct(self) -> int:
        """How many different values there are."""
        return len(self.counts)

    @property
    def customers(self) -> int:
        """How many customers have a value."""
        return sum(count.customers for count in self.counts)

    def values(self, first: int) -> tuple[AttributeCount, ...]:
        """The first values."""
        return self.counts[:first]


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What a version of a store holds."""

    graph: JourneyGraph
    loaded_at_us: int | None
    """When the version was made; None where there is no store."""

    @property
    def version(self) -> int | None:
        """The number of the version; None where there is none."""
        return self.graph.version

    @property
    def interactions(self) -> int:
        """How many interactions there are."""
        return self.graph.n_interactions

    @property
    def customers(self) -> int:
        """How many customers there are, those without an interaction included."""
        return self.graph.n_customers

    @property
    def as_of_us(self) -> int | None:
        """The latest interaction; None where there is none."""
        return self.graph.as_of_us if self.graph.n_interactions else None

    @property
    def currency(self) -> str | None:
        """Of all amounts; None where nobody said."""
        return self.graph.currency

    @property
    def touchpoints(self) -> list[str]:
        """All touchpoints, by name."""
        return sorted(self.graph.touchpoints)

    @property
    def channels(self) -> list[str]:
        """All channels, by name."""
        return sorted(self.graph.channels[1:])

    @property
    def stages(self) -> list[str]:
        """The stages that an interaction is of, in the order of a journey."""
        counts = np.bincount(self.graph.stage_codes, minlength=len(STAGES) + 1)
        return [stage for stage, n in zip(STAGES, counts[1:], strict=True) if n]

    @property
    def attributes(self) -> list[StoreAttribute]:
        """The columns of the customers table, in its order."""
        return [_attribute(self.graph, str(name)) for name in self.graph.attributes.columns]


def _attribute(graph: JourneyGraph, name: str) -> StoreAttribute:
    codes, values = graph.attribute_codes(name)
    counted: Counter[str] = Counter()
    of_value = np.bincount(codes[codes >= 0], minlength=len(values))
    for value, customers in zip(values, of_value.tolist(), strict=True):
        counted[attribute_text(value)] += customers
    counts = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return StoreAttribute(name, tuple(AttributeCount(*pair) for pair in counts))
