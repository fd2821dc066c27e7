"""The feedback of a store version, read from its tables into arrays that a cache can keep."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.errors import InconsistentGraphError
from journeygraph.feedback import NEVER, Feedback, Step
from journeygraph.feedback_names import feedback_names
from journeygraph.graph import IntArray
from journeygraph.graph_cache import Arrays
from journeygraph.lake.versions import StoreVersion
from journeygraph.merged_keys import merged_keys
from journeygraph.store_rows import Tables, Wanted, names_by_code, numbers_of, read_rows
from journeygraph.texts import Texts

__all__ = ["feedback_of", "feedback_tables", "read_feedback"]

Int64Array = npt.NDArray[np.int64]

_NUMBERS = {
    "customer": Wanted(np.int64),
    "kind": Wanted(np.int8),
    "opened_at": Wanted(np.int64),
    "acknowledged_at": Wanted(np.int64, NEVER),
    "acted_at": Wanted(np.int64, NEVER),
    "closed_at": Wanted(np.int64, NEVER),
    "due_at": Wanted(np.int64, NEVER),
    "touchpoint": Wanted(np.int32, -1),
    "team": Wanted(np.int32, -1),
}
_OWN_STEPS = {
    "acknowledged_at": Step.ACKNOWLEDGED,
    "acted_at": Step.ACTED,
    "closed_at": Step.CLOSED,
}
_OF_STEPS = {"step": Wanted(np.int8), "at": Wanted(np.int64)}
_ARRAYS = (
    "customers", "kinds", "opened_us", "due_us", "touchpoint_codes", "team_codes",
    "step_feedback", "steps", "step_at_us",
)  # fmt: skip


def feedback_tables(entry: StoreVersion) -> dict[str, Any]:
    """What the feedback of a version depends on, beside the customers of its graph."""
    return {name: entry.revisions.get(name) for name in ("feedback", "feedback_steps")}


def read_feedback(tables: Tables, entry: StoreVersion, customer_keys: Int64Array) -> Arrays:
    """The feedback of a version as arrays.

    Parameters
    ----------
    customer_keys
        The keys of the customers of the graph, by index, ascending.
    """
    rows = read_rows(tables, entry, "feedback", _NUMBERS)
    teams = names_by_code(tables, entry, "teams")
    _check("teams", rows["team"], len(teams))
    _check("touchpoints", rows["touchpoint"], entry.counts.get("touchpoints", 0))
    named, texts = _texts(tables, entry)
    steps = _steps(tables, entry, rows, named)
    is_stray = steps["at"] < rows["opened_at"][steps["feedback"]]
    steps = {name: column[~is_stray] for name, column in steps.items()}
    names, words = Texts.from_arrow(*named.chunks), Texts.from_arrow(*texts.chunks)
    return Arrays(
        {
            "customers": _indexes(
                merged_keys(tables, entry).resolve(rows["customer"]), customer_keys
            ),
            "kinds": rows["kind"],
            "opened_us": rows["opened_at"],
            "due_us": rows["due_at"],
            "touchpoint_codes": rows["touchpoint"],
            "team_codes": rows["team"],
            "step_feedback": steps["feedback"],
            "steps": steps["step"],
            "step_at_us": steps["at"],
            "name_offsets": names.offsets,
            "name_data": names.data,
            "text_offsets": words.offsets,
            "text_data": words.data,
        },
        {
            "teams": teams,
            "stray_steps": _n_steps(entry, rows) - len(steps["at"]),
        },
    )


def feedback_of(arrays: Arrays) -> Feedback:
    """The feedback that `read_feedback` has read."""
    columns: dict[str, Any] = {name: arrays[name] for name in _ARRAYS}
    return Feedback(
        **columns,
        teams=tuple(arrays.facts["teams"]),
        names=Texts(arrays["name_offsets"], arrays["name_data"]),
        texts=Texts(arrays["text_offsets"], arrays["text_data"]),
        stray_steps=arrays.facts["stray_steps"],
    )


def _texts(tables: Tables, entry: StoreVersion) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """What each is called, and its words."""
    if "feedback" not in entry.tables:
        nothing = pa.chunked_array([], pa.string())
        return nothing, nothing
    import pyarrow.compute as pc

    rows = tables.read("feedback", entry, ["file", "row", "text", "id"])
    return feedback_names(rows), pc.fill_null(rows["text"], "")


def _steps(
    tables: Tables, entry: StoreVersion, rows: dict[str, npt.NDArray[Any]], names: pa.ChunkedArray
) -> dict[str, npt.NDArray[Any]]:
    """All steps, by feedback and then in order; those of feedback that is not there left out."""
    feedback, kinds, at_us = [], [], []
    for name, kind in _OWN_STEPS.items():
        there = np.flatnonzero(rows[name] != NEVER)
        feedback.append(there)
        kinds.append(np.full(len(there), kind, np.int8))
        at_us.append(rows[name][there])
    if "feedback_steps" in entry.tables:
        import pyarrow.compute as pc

        said = read_rows(tables, entry, "feedback_steps", _OF_STEPS)
        of = tables.read("feedback_steps", entry, ["feedback"])["feedback"]
        found = pc.index_in(of, value_set=names.combine_chunks()).combine_chunks()
        places = numbers_of(found, -1).astype(np.int64)
        known = np.flatnonzero(places >= 0)
        feedback.append(places[known])
        kinds.append(said["step"][known])
        at_us.append(said["at"][known])
    all_of: list[npt.NDArray[Any]] = [np.concatenate(one) for one in (feedback, kinds, at_us)]
    order = np.lexsort((all_of[2], all_of[0]))  # stable: equal times stay as they arrived
    columns = zip(("feedback", "step", "at"), all_of, strict=True)
    return {name: column[order] for name, column in columns}


def _n_steps(entry: StoreVersion, rows: dict[str, npt.NDArray[Any]]) -> int:
    own = sum(int(np.count_nonzero(rows[name] != NEVER)) for name in _OWN_STEPS)
    return own + entry.counts.get("feedback_steps", 0)


def _check(what: str, codes: npt.NDArray[Any], n_names: int) -> None:
    if len(codes) and int(codes.max()) >= n_names:
        raise InconsistentGraphError(what, f"name more than the {n_names} that there are")


def _indexes(keys: IntArray, customer_keys: Int64Array) -> Int64Array:
    """Customer index of each key; -1 for customers that the graph does not have."""
    places = np.searchsorted(customer_keys, keys)
    inside = np.minimum(places, max(len(customer_keys) - 1, 0))
    if not len(customer_keys):
        return np.full(len(keys), -1, np.int64)
    return np.where(customer_keys[inside] == keys, inside, -1).astype(np.int64)
