"""The tables of a store as Spark's frames: exactly the files of one version, in stated order.

Which files those are says our own reading of the log, so that no reader of Delta Lake has to be
installed on the cluster and a version is whole or refused. Names of files are never taken for
patterns. The order of arrival is the order of the files and of the rows in each.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from journeygraph.lake.store import Store, StoreVersion
from journeygraph.lake.tables import STORED_TABLES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = [
    "ARRIVAL",
    "SPARK_TYPES",
    "empty_frame",
    "keys_frame",
    "let_go_with",
    "table_frame",
    "unfolded",
]

ARRIVAL = ("arrival_file", "arrival_row")
"""Columns beside a table's own, which order its rows as they arrived."""

SPARK_TYPES = {
    "int8": "tinyint",
    "int16": "smallint",
    "int32": "int",
    "int64": "bigint",
    "string": "string",
    "timestamp[us, tz=UTC]": "timestamp",
}
"""Of Arrow's types, as `str` writes them."""

_PATTERN_SIGNS = re.compile(r"([\\\[\]{}*?,^])")


def table_frame(spark: SparkSession, store: Store, version: StoreVersion, table: str) -> DataFrame:
    """A table of a version; times are microseconds.

    Raises
    ------
    DamagedStoreError
        Where the files are not those that the version names.
    """
    from pyspark.sql import functions as f

    schema = STORED_TABLES[table].arrow_schema
    files = store.files(table, version)
    if not files:
        return empty_frame(spark, table)
    folder = store.table_folder(table).absolute()
    paths = [_plainly(f"file://{folder}/{file.name}") for file in files]
    reader = spark.read.schema(_ddl(schema)).option("datetimeRebaseMode", "CORRECTED")
    number = f.regexp_extract(f.col("_metadata.file_name"), r"^(\d+)-", 1).cast("bigint")
    places = (number, f.col("_metadata.row_index"))
    frame = reader.parquet(*paths).select(
        *schema.names,
        *(place.alias(name) for place, name in zip(places, ARRIVAL, strict=True)),
    )
    return unfolded(frame, schema)


def empty_frame(spark: SparkSession, table: str) -> DataFrame:
    """A table without rows."""
    from pyspark.sql import functions as f

    schema = STORED_TABLES[table].arrow_schema
    empty: DataFrame = spark.createDataFrame([], schema=_ddl(schema))
    frame = empty.select("*", *(f.lit(0).cast("bigint").alias(name) for name in ARRIVAL))
    return unfolded(frame, schema)


def _ddl(schema: pa.Schema) -> str:
    return ", ".join(f"`{column.name}` {SPARK_TYPES[str(column.type)]}" for column in schema)


def unfolded(frame: DataFrame, schema: pa.Schema) -> DataFrame:
    """The same with times as microseconds."""
    from pyspark.sql import functions as f

    times = [column.name for column in schema if pa.types.is_timestamp(column.type)]
    return frame.withColumns({name: f.unix_micros(name) for name in times}) if times else frame


def _plainly(path: str) -> str:
    """A path in which no sign means a pattern."""
    return _PATTERN_SIGNS.sub(r"\\\1", path)


def keys_frame(spark: SparkSession, columns: Mapping[str, Iterable[Any]]) -> DataFrame:
    """Columns of whole numbers as a frame, sent as Arrow."""
    table = pa.table({name: pa.array(values, pa.int64()) for name, values in columns.items()})
    return spark.createDataFrame(table)


def let_go_with(owner: object, frame: DataFrame) -> None:
    """Let Spark drop what it keeps of a frame when somebody is gone."""
    weakref.finalize(owner, _let_go, frame).atexit = False


def _let_go(frame: DataFrame) -> None:
    if frame.sparkSession._jsparkSession.sparkContext().isStopped():
        return
    frame.unpersist()
