"""Why `deltalake` is pinned: later releases let overlapping maintenance double rows.

1.6.4 answers both of these with doubled or kept rows (80 instead of 40, 43 instead of 3). Who
raises the pin sees it here. Our own writers never overlap, but other tools may write beside them.
"""

from __future__ import annotations

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError


@pytest.fixture
def two_views(tmp_path):
    """Forty rows in four files, seen by two writers at the same version."""
    path = str(tmp_path)
    for start in range(0, 40, 10):
        write_deltalake(path, pa.table({"x": range(start, start + 10)}), mode="append")
    return DeltaTable(path), DeltaTable(path)


def rows_in(table):
    return sum(pa.table(DeltaTable(table.table_uri).get_add_actions())["num_records"].to_pylist())


def test_the_second_of_two_overlapping_compactions_is_refused(two_views):
    first, second = two_views
    first.optimize.compact()
    with pytest.raises(CommitFailedError):
        second.optimize.compact()
    assert rows_in(first) == 40


def test_an_overwrite_beside_a_compaction_is_refused(two_views):
    first, second = two_views
    first.optimize.compact()
    with pytest.raises(CommitFailedError):
        write_deltalake(second, pa.table({"x": range(3)}), mode="overwrite")
    assert rows_in(first) == 40


def test_a_compaction_beside_an_overwrite_is_refused(two_views):
    first, second = two_views
    write_deltalake(first, pa.table({"x": range(3)}), mode="overwrite")
    with pytest.raises(CommitFailedError):
        second.optimize.compact()
    assert rows_in(first) == 3
