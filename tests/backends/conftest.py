"""One session of Spark for all tests of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """Two workers, few partitions, and no more noise than errors."""
    from journeygraph.backends.spark_session import session_of

    session = session_of(
        "local[2]", spark__sql__shuffle__partitions="3", spark__log__level="ERROR",
        spark__sql__adaptive__enabled="true", spark__driver__memory="1g",
    )  # fmt: skip
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
