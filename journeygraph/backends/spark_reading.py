"""Tables at a path: Parquet as Spark reads it, and what the log of a Delta Lake table names.

A folder of Delta Lake also holds files that are no longer part of the table, so its log is read
here, by the library that a store is kept with, and no jar has to be added to Spark. What files
alone do not tell (deleted rows, renamed columns) is refused rather than read wrongly.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from journeygraph.backends.spark_frame_errors import TableNotReadableError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["read_table"]

_LOG = "_delta_log"
_INFERENCE = "spark.sql.sources.partitionColumnTypeInference.enabled"
_HARMLESS = frozenset({"timestampNtz", "v2Checkpoint", "vacuumProtocolCheck"})
_OWN_READER = (
    "Read it by Delta Lake's own reader, and give the frame to SparkEngine.of_frames, in Python."
)


def read_table(session: SparkSession, path: str) -> DataFrame:
    """The table at a path: a folder or a pattern of Parquet files, or a Delta Lake table.

    Columns that folders are named by (`country=DE`) are texts.

    Raises
    ------
    TableNotReadableError
        Where there is no table, or one that is not to be read like this.
    """
    if _has_log(session, path.rstrip("/").rpartition("/")[0] or "."):
        raise TableNotReadableError(
            path, "it is a part of a Delta Lake table", "Name the folder of the whole table."
        )
    if not _has_log(session, path):
        return _parquet(session, path, [path])
    if not Path(path, _LOG).is_dir():
        raise TableNotReadableError(path, "its Delta log is not on this machine", _OWN_READER)
    return _delta(session, path)


def _has_log(session: SparkSession, folder: str) -> bool:
    java: Any = session._jvm
    log = java.org.apache.hadoop.fs.Path(f"{folder.rstrip('/') or '/'}/{_LOG}")
    system = log.getFileSystem(session._jsparkSession.sessionState().newHadoopConf())
    found = system.globStatus(log)
    return found is not None and len(found) > 0


def _delta(session: SparkSession, path: str) -> DataFrame:
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError
    from pyspark.sql.types import StructType

    try:
        table = DeltaTable(path)
        files, protocol, metadata = table.file_uris(), table.protocol(), table.metadata()
        schema = StructType.fromJson(json.loads(table.schema().to_json()))
    except (DeltaError, OSError, ValueError) as error:
        raise TableNotReadableError(path, f"its Delta log is damaged ({_line(error)})") from error
    mapped = metadata.configuration.get("delta.columnMapping.mode", "none") != "none"
    special = sorted({*(protocol.reader_features or ())} - _HARMLESS)
    if mapped or special:
        what = "columns that are mapped" if mapped else ", ".join(special)
        raise TableNotReadableError(path, f"it uses {what} of Delta Lake", _OWN_READER)
    if not files:
        return session.createDataFrame([], schema=schema)
    return _parquet(session, path, files, schema)


def _parquet(session: SparkSession, path: str, files: list[str], schema: Any = None) -> DataFrame:
    from pyspark.errors import PySparkException

    reader = session.read if schema is None else session.read.schema(schema)
    if schema is not None:
        reader = reader.option("basePath", path)
    try:
        with _texts_of_folders(session):
            return reader.parquet(*files)
    except PySparkException as error:
        raise TableNotReadableError(path, _line(error)) from error


@contextmanager
def _texts_of_folders(session: SparkSession) -> Iterator[None]:
    before = session.conf.get(_INFERENCE)
    session.conf.set(_INFERENCE, "false")
    try:
        yield
    finally:
        session.conf.set(_INFERENCE, str(before))


def _line(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")
