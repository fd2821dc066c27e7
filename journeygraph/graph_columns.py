"""The ids and further columns of a graph that lives in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from journeygraph.feedback import Feedback, no_feedback
from journeygraph.graph import (
    MISSING,
    MISSING_SCALE,
    NUMBERS,
    WORDS,
    CodedColumn,
    IntArray,
)
from journeygraph.texts import Texts

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MemoryColumns", "attributes_frame", "empty_number", "number_type"]

_SCALES = ("emotion", "expectation", "experience")


def number_type(name: str) -> type[np.integer[Any]]:
    """The type of a column of numbers or of words."""
    if name in WORDS:
        return np.uint8
    return np.int16 if name in _SCALES else np.int64


def empty_number(name: str, size: int) -> IntArray:
    """A column of numbers or of words that nobody filled."""
    missing = {"cost": MISSING, **dict.fromkeys(_SCALES, MISSING_SCALE)}.get(name, 0)
    return np.full(size, missing, number_type(name))


def attributes_frame(n_customers: int, columns: Mapping[str, CodedColumn]) -> pd.DataFrame:
    """Attributes as a frame: categories of texts, indexed by customer."""
    import pandas as pd

    return pd.DataFrame(
        {
            name: pd.Categorical.from_codes(column.codes, pd.Index(list(column.names), dtype="str"))
            for name, column in columns.items()
        },
        index=pd.RangeIndex(n_customers, name="customer"),
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class MemoryColumns:
    """Further columns that are all there already, in the order of the graph.

    `numbers`, `texts` and `properties` need only hold what somebody gave.
    """

    customer_ids: Texts
    n_interactions: int
    numbers: Mapping[str, IntArray] = field(default_factory=dict)
    texts: Mapping[str, CodedColumn] = field(default_factory=dict)
    properties: Mapping[str, CodedColumn] = field(default_factory=dict)
    customer_attributes: Mapping[str, CodedColumn] = field(default_factory=dict)
    given_feedback: Feedback | None = None

    @property
    def merged_ids(self) -> Mapping[str, int]:
        """None: ids are merged in stores."""
        return {}

    def number(self, name: str) -> IntArray:
        """One of `NUMBERS`, or the codes of one of `WORDS`."""
        if name not in NUMBERS and name not in WORDS:
            raise KeyError(name)
        given = self.numbers.get(name)
        return empty_number(name, self.n_interactions) if given is None else given

    def text(self, name: str) -> CodedColumn:
        """One of `TEXTS`."""
        given = self.texts.get(name)
        return self._nothing() if given is None else given

    def property_names(self) -> Sequence[str]:
        """What somebody gave beyond the known columns."""
        return tuple(self.properties)

    def property(self, name: str) -> CodedColumn:
        """One of `property_names`."""
        return self.properties[name]

    def attributes(self) -> pd.DataFrame:
        """The customers' attributes, one row for each customer index."""
        return attributes_frame(len(self.customer_ids), self.customer_attributes)

    def feedback(self) -> Feedback:
        """What somebody gave, or none."""
        return no_feedback() if self.given_feedback is None else self.given_feedback

    def _nothing(self) -> CodedColumn:
        return CodedColumn(np.full(self.n_interactions, -1, np.int32), ())
