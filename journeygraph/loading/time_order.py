"""Times of one row that cannot be: something that ended before it began."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journeygraph.loading.flaws import Flaws
from journeygraph.schema import Table

__all__ = ["OUT_OF_ORDER", "order_flaws"]

OUT_OF_ORDER = "TIMES_OUT_OF_ORDER"


def order_flaws(
    table: Table, sources: Mapping[str, str], values: Mapping[str, pa.Array]
) -> Iterator[tuple[str, Flaws]]:
    """The rows whose times are not in the order of their table.

    Parameters
    ----------
    sources
        Their column by ours.
    values
        What was read, by column of ours.

    Yields
    ------
    source, flaws
        Of the column whose time is before that of another one.
    """
    for earlier, later in table.in_order:
        if earlier not in sources or later not in sources:
            continue
        is_before = pc.fill_null(pc.less(values[later], values[earlier]), False)
        if is_before.true_count:
            yield sources[later], _flaws(is_before, values[later], values[earlier], earlier)


def _flaws(is_before: pa.BooleanArray, later: pa.Array, earlier: pa.Array, name: str) -> Flaws:
    rows = np.flatnonzero(is_before.to_numpy(zero_copy_only=False))
    taken = pa.array(rows)
    reasons = pc.binary_join_element_wise(
        _shown(later.take(taken)), _shown(earlier.take(taken)), f" is before {name}, "
    )
    codes = pa.array([OUT_OF_ORDER] * len(rows), pa.string())
    return Flaws(rows=rows, codes=codes, reasons=reasons)


def _shown(times: pa.Array) -> pa.StringArray:
    return times.cast(pa.string())
