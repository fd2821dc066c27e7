"""The model of the graph in Neo4j: labels, constraints, and the names of properties.

docs/neo4j.md has it as a table. Community has uniqueness constraints only, which serve as
indexes too.
"""

from __future__ import annotations

__all__ = [
    "CONSTRAINTS",
    "LABELS",
    "META",
    "OWN_PROPERTIES",
    "arrival_key",
    "attribute_of",
    "attribute_property",
    "constraint_statements",
]

META = "journeygraph"
"""The name of the one node of label JourneyGraph."""

CONSTRAINTS = (
    ("JourneyGraph", "name"),
    ("Touchpoint", "code"), ("Touchpoint", "name"),
    ("Channel", "code"), ("Channel", "name"),
    ("Stage", "code"), ("Stage", "name"),
    ("Customer", "key"), ("Customer", "id"),
    ("UnknownReferrer", "name"),
    ("Interaction", "key"),
    ("Feedback", "key"),
)  # fmt: skip

LABELS = tuple(dict.fromkeys(label for label, _ in CONSTRAINTS))

OWN_PROPERTIES = ("key", "id", "digest")
"""What a customer has beside attributes."""

_ATTRIBUTE = "attribute_"


def constraint_statements() -> dict[str, str]:
    """By the name of each constraint the statement that makes it."""
    names = {f"journeygraph_{label.lower()}_{name}": (label, name) for label, name in CONSTRAINTS}
    return {
        constraint: f"CREATE CONSTRAINT {constraint} IF NOT EXISTS "
        f"FOR (node:{label}) REQUIRE node.{name} IS UNIQUE"
        for constraint, (label, name) in names.items()
    }


def arrival_key(load: int, file: int, row: int) -> str:
    """The identity of a row of a store, a text that sorts in the order of arrival."""
    return f"{load:06d}.{file:06d}.{row:012d}"


def attribute_property(attribute: str) -> str:
    """The property of a customer that holds an attribute."""
    is_taken = attribute in OWN_PROPERTIES or attribute == "" or attribute.startswith(_ATTRIBUTE)
    return _ATTRIBUTE + attribute if is_taken else attribute


def attribute_of(name: str) -> str:
    """The attribute that a property holds."""
    return name.removeprefix(_ATTRIBUTE)
