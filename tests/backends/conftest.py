"""One session of Spark for all tests of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """One worker, which loads kernels once; few partitions, and no more noise than errors."""
    from journeygraph.backends.spark_session import session_of

    session = session_of(
        "local[1]", spark__sql__shuffle__partitions="2", spark__driver__memory="1g",
        spark__sql__codegen__wholeStage="false",  # compiling costs more than these few rows
        spark__driver__extraJavaOptions="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    )  # fmt: skip
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
