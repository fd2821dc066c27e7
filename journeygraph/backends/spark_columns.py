"""Which columns a statistic looks at: found by asking it about no rows at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from journeygraph.graph import CodedColumn, FurtherColumns, IntArray
from journeygraph.graph_columns import MemoryColumns

if TYPE_CHECKING:
    import pandas as pd

    from journeygraph.backends.spark import SparkEngine
    from journeygraph.feedback import Feedback
    from journeygraph.texts import Texts

__all__ = ["AskedColumns"]


class AskedColumns:
    """Further columns without rows, which remember what they were asked for."""

    def __init__(self, engine: SparkEngine, nothing: FurtherColumns) -> None:
        self._engine = engine
        self._nothing = nothing
        self._names: set[str] = set()

    def taken(self) -> frozenset[str]:
        """What was asked for since this was last asked."""
        names, self._names = frozenset(self._names), set()
        return names

    @property
    def customer_ids(self) -> Texts:
        """None."""
        return self._nothing.customer_ids

    @property
    def merged_ids(self) -> Mapping[str, int]:
        """None."""
        return {}

    def number(self, name: str) -> IntArray:
        """Of no rows."""
        self._names.add(name)
        return self._nothing.number(name)

    def text(self, name: str) -> CodedColumn:
        """Of no rows."""
        self._names.add(name)
        return self._nothing.text(name)

    def property_names(self) -> Sequence[str]:
        """Those of the store: the one thing that is looked for."""
        return self._engine.source.property_names

    def property(self, name: str) -> CodedColumn:
        """Of no rows."""
        self._names.add(name)
        return MemoryColumns.text(self._nothing, name)  # type: ignore[arg-type]

    def attributes(self) -> pd.DataFrame:
        """None."""
        return self._nothing.attributes()

    def feedback(self) -> Feedback:
        """None."""
        return self._nothing.feedback()
