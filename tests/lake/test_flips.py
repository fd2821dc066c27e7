"""One flipped bit in a data file: the rows that were written, or an error; no other rows, no fewer.

The headers of pages have no checksum. Before rows were counted, flips in them lost rows silently.
"""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journeygraph.lake.errors import DamagedStoreError
from journeygraph.lake.parquet import DataFile, SegmentWriter, iterate_file, read_file
from journeygraph.lake.tables import STORED_TABLES
from tests.lake.rows import interactions, names


def customers(n_rows: int) -> pa.Table:
    """Customers of one load with a property that repeats."""
    numbers = pa.array(range(n_rows), pa.int64())
    columns = {
        "load": pa.array([1] * n_rows, pa.int32()),
        "file": pa.array([0] * n_rows, pa.int32()),
        "row": numbers,
        "customer": numbers,
        "properties": pa.array([f'{{"plan": "p{number % 3}"}}' for number in range(n_rows)]),
    }
    return pa.table(columns, schema=STORED_TABLES["customers"].arrow_schema)


def of_load(rows: pa.Table) -> pa.Table:
    columns = {name: rows[name] for name in rows.column_names}
    columns["load"] = pa.array([1] * rows.num_rows, pa.int32())
    return pa.table(columns, schema=STORED_TABLES["interactions"].arrow_schema)


def touchpoints() -> pa.Table:
    return names(0, ["ad", "shop", "call"]).cast(STORED_TABLES["touchpoints"].arrow_schema)


def written(folder: Path, table: str, rows: pa.Table) -> DataFile:
    writer = SegmentWriter(folder, STORED_TABLES[table], 1)
    writer.append(rows)
    (file,) = writer.finish()
    return file


def streamed(path: Path, rows: pa.Table) -> pa.Table:
    return pa.Table.from_batches(iterate_file(path, rows.column_names, 1 << 14), rows.schema)


def outcomes_of_flips(path: Path, rows: pa.Table, bits) -> dict[str, int]:
    """How many flips were read rightly and how many refused; any other outcome fails."""
    content = path.read_bytes()
    outcomes = {"right": 0, "refused": 0}
    for bit in bits:
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        for read in (lambda: read_file(path, rows.column_names), lambda: streamed(path, rows)):
            try:
                found = read()
            except DamagedStoreError as error:
                found = error.file
            outcomes["refused" if found == str(path) else "right"] += 1
            assert found == str(path) or found.equals(rows), f"bit {bit}"
    path.write_bytes(content)
    return outcomes


@pytest.mark.parametrize(
    ("table", "rows", "every"),
    [
        ("customers", customers(200), 1),
        ("touchpoints", touchpoints(), 1),
        ("interactions", of_load(interactions(range(150))), 13),
    ],
)
def test_a_flipped_bit_is_an_error_or_changes_nothing(tmp_path, table, rows, every):
    path = tmp_path / written(tmp_path, table, rows).name
    assert streamed(path, rows).equals(rows)
    assert read_file(path).equals(rows)
    bits = range(0, path.stat().st_size * 8, every)
    outcomes = outcomes_of_flips(path, rows, bits)
    assert outcomes["refused"] > len(bits)
    assert outcomes["right"] > 0


def test_a_flip_in_the_first_of_several_pages_does_not_move_the_rows_of_the_next(tmp_path):
    """Padding taken for values shifted what followed; the number of rows was the right one."""
    rows = of_load(interactions(range(60_000)))
    chance = random.Random(7)
    some = pa.array([chance.choice([None, 1, 2]) for _ in range(60_000)], pa.int32())
    place = rows.schema.get_field_index("channel")
    rows = rows.set_column(place, rows.schema.field("channel"), some)
    path = tmp_path / written(tmp_path, "interactions", rows).name
    begin = pq.ParquetFile(path).metadata.row_group(0).column(place).data_page_offset
    bits = range(begin * 8, (begin + 48) * 8)
    outcomes = outcomes_of_flips(path, rows.select(["channel"]), bits)
    assert outcomes["refused"] > len(bits)


def test_a_file_with_another_number_of_rows_than_the_log_says(tmp_path):
    rows = touchpoints()
    path = tmp_path / written(tmp_path, "touchpoints", rows).name
    assert read_file(path, n_rows=3).equals(rows)
    for read in (
        lambda: read_file(path, n_rows=4),
        lambda: list(iterate_file(path, None, 64, n_rows=4)),
    ):
        with pytest.raises(DamagedStoreError, match="3 of the 4 rows of this data file") as caught:
            read()
        assert caught.value.file == str(path)
