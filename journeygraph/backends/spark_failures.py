"""What went wrong in a worker, told as if it had gone wrong here."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
import pyarrow as pa

from journeygraph.errors import JourneyGraphError

__all__ = ["EngineFailedError", "Reporting", "telling"]

_Result = TypeVar("_Result")
_MARK = re.compile(r"journeygraph-error:([A-Za-z0-9+/=]+);")


class EngineFailedError(JourneyGraphError):
    """An engine that gave up."""

    code = "ENGINE_FAILED"

    def __init__(self, engine: str, reason: str) -> None:
        super().__init__(
            f"The engine {engine!r} gave up: {reason}",
            "Its own log says more; asking again does no harm.",
        )


class _ToldError(Exception):
    """Carries an error of ours through Spark, which hands on nothing but text."""


@dataclass(frozen=True, slots=True)
class Reporting:
    """A task whose errors `telling` understands."""

    task: Callable[[Any], Iterator[pa.RecordBatch]]

    def __call__(self, batches: Any) -> Iterator[pa.RecordBatch]:
        """What the task gives."""
        try:
            yield from self.task(batches)
        except JourneyGraphError as error:
            told = orjson.dumps([error.code, error.problem, error.remedy])
            text = base64.b64encode(told).decode()
            raise _ToldError(f"journeygraph-error:{text};") from None


def telling(engine: str, work: Callable[[], _Result]) -> _Result:
    """What `work` gives.

    Raises
    ------
    JourneyGraphError
        That a worker met; EngineFailedError where Spark itself gave up.
    """
    from pyspark.errors import PySparkException

    try:
        return work()
    except PySparkException as error:
        mark = _MARK.search(str(error))
        if mark is None:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise EngineFailedError(engine, lines[0]) from error
        code, problem, remedy = orjson.loads(base64.b64decode(mark[1]))
        told = JourneyGraphError(problem, remedy)
        told.code = code
        raise told from error
