"""A session of Spark, set up so that its Python workers are this Python.

Workers run one kernel at a time, each on one core, and Spark runs as many workers as there are
cores. With a local master everything stays on the loopback interface.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from journeygraph.errors import JourneyGraphError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["SparkMissingError", "SparkNotStartedError", "session_of"]


class SparkMissingError(JourneyGraphError):
    """The engine Spark was asked for, and Spark is not installed."""

    code = "SPARK_MISSING"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} is not installed, which the engine 'spark' needs.",
            "Install customer-journeygraph[spark] and a Java runtime, version 17 or later.",
        )


class SparkNotStartedError(JourneyGraphError):
    """Spark did not start."""

    code = "SPARK_NOT_STARTED"

    def __init__(self, master: str, reason: str) -> None:
        super().__init__(
            f"Spark did not start with the master {master!r}: {reason}",
            "Check the address of the master, and that Java 17 or later is installed.",
        )


def session_of(master: str = "local[*]", **settings: str) -> SparkSession:
    """The session of this process, started if there is none.

    Parameters
    ----------
    master
        As Spark takes it: `local[4]`, `spark://host:7077`, `yarn`, `k8s://…`.
    settings
        Further settings, dots written as double underscores: `spark__executor__memory="4g"`.

    Raises
    ------
    SparkMissingError
        Where Spark or Java is not installed.
    SparkNotStartedError
        Where it does not start.
    """
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise SparkMissingError("The package pyspark") from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("journeygraph").master(master)
    for name, value in {**_usual(master), **_dotted(settings)}.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except (PySparkException, OSError, RuntimeError) as error:
        raise SparkNotStartedError(master, _first_line(error)) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "py4j":
            raise
        raise SparkNotStartedError(master, _first_line(error)) from error


def _usual(master: str) -> dict[str, str]:
    settings = {
        "spark.executorEnv.JOURNEYGRAPH_THREADS": "1",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.optimizer.canChangeCachedPlanOutputPartitioning": "true",  # few parts of little
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if master.startswith("local"):
        loopback = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
        settings |= loopback
    return settings


def _dotted(settings: dict[str, str]) -> dict[str, str]:
    return {name.replace("__", "."): value for name, value in settings.items()}


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
