"""What feedback is called: its own id, or without one its place in the store.

A place is "#load.file.row", where it came from, which nothing changes.
"""

from __future__ import annotations

import pyarrow as pa

__all__ = ["feedback_names", "place_name"]


def place_name(load: int, file: int, row: int) -> str:
    """The name of feedback without an id."""
    return f"#{load}.{file}.{row}"


def feedback_names(rows: pa.Table) -> pa.ChunkedArray:
    """The names of rows of the table `feedback`, of which `id`, load, file and row are read."""
    import pyarrow.compute as pc

    parts = [rows[name].cast(pa.string()) for name in ("load", "file", "row")]
    places = pc.binary_join_element_wise(
        pc.binary_join_element_wise(pa.scalar("#"), parts[0], ""), *parts[1:], "."
    )
    return pc.coalesce(rows["id"], places)
