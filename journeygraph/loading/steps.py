"""Steps of feedback that cannot be: of feedback that nobody knows, or before it was given."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journeygraph.feedback_names import feedback_names
from journeygraph.loading.flaws import Flaws
from journeygraph.loading.known import Known
from journeygraph.loading.time_order import OUT_OF_ORDER
from journeygraph.schema import Table

__all__ = ["unfit_steps"]

_UNKNOWN = "UNKNOWN_FEEDBACK"


def unfit_steps(known: Known, table: Table, values: Mapping[str, pa.Array]) -> Flaws:
    """The rows that no feedback of the store can have; none of another table than its steps.

    Parameters
    ----------
    values
        What was read, by column of ours, without flaws of its own.
    """
    if table.name != "feedback_steps" or not len(values["feedback"]):
        return Flaws.none()
    there = known.read("feedback", ["file", "row", "opened_at", "id"])
    names = feedback_names(there).combine_chunks()
    at = pc.index_in(values["feedback"].cast(pa.string()), value_set=names)
    unknown = Flaws.of_rows(
        at.is_null().to_numpy(zero_copy_only=False),
        _UNKNOWN,
        "is no feedback of this store; load the table feedback first",
        values["feedback"].cast(pa.string()),
    )
    opened = there["opened_at"].combine_chunks().take(at)
    is_before = pc.fill_null(pc.less(values["at"], opened), False)
    rows = np.flatnonzero(is_before.to_numpy(zero_copy_only=False))
    taken = pa.array(rows)
    early = Flaws(
        rows=rows,
        codes=pa.array([OUT_OF_ORDER] * len(rows), pa.string()),
        reasons=pc.binary_join_element_wise(
            values["at"].take(taken).cast(pa.string()), opened.take(taken).cast(pa.string()),
            " is before its feedback was opened, ",
        ),
    )  # fmt: skip
    return Flaws.joined([unknown, early])
