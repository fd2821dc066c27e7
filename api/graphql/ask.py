"""One query from a file, answered without a server: what `journeygraph ask` does."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

from api.errors import QueryFileError, VariablesFileError
from api.graphql.execution import Executor
from api.graphql.limits import Limits
from api.logs import log_to_stderr
from api.snapshots import Snapshots
from journeygraph.backends.opening import EngineOptions

__all__ = ["answer_file"]

_STANDARD_INPUT = "-"


def answer_file(
    query: str,
    store: Path | None,
    version: int | None = None,
    variables: Path | None = None,
    operation: str | None = None,
    engine: EngineOptions | None = None,
    *,
    allow_recording: bool = False,
) -> tuple[str, bool]:
    """Answer the query in a file.

    Parameters
    ----------
    query
        Path of the file, or "-" for standard input.
    store, version
        What it is about; the latest version by default. No store where the engine needs none.
    variables
        A JSON file.
    operation
        Which one, where the file holds several.
    engine
        Who counts; this process by default.
    allow_recording
        Whether mutations may write to the store.

    Returns
    -------
    response, has_errors
        The response as indented JSON, errors of the query included.

    Raises
    ------
    QueryFileError, VariablesFileError
        Where a file cannot be read as what it should be.
    StoreNotFoundError, NotAStoreError, EmptyStoreError, UnknownVersionError, DamagedStoreError
        Where there is nothing to ask.
    """
    log_to_stderr()
    text = _read_query(query)
    given = {} if variables is None else _read_variables(variables)
    opened = Snapshots(store, engine=engine, allow_recording=allow_recording)
    with closing(opened) as snapshots:
        request = snapshots.request(version)
        request.settle()
        response = Executor(Limits.of_own_machine()).answer(text, request, given, operation)
    return response.to_bytes(indented=True).decode(), response.has_errors


def _read_query(path: str) -> str:
    name = "<standard input>" if path == _STANDARD_INPUT else path
    try:
        content = sys.stdin.buffer.read() if path == _STANDARD_INPUT else Path(path).read_bytes()
    except OSError as error:
        raise QueryFileError(name, _reason(error)) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise QueryFileError(name, "it is not text in UTF-8", line) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise QueryFileError(name, "it is a binary file", line)
    if not text.strip():
        raise QueryFileError(name, "there is nothing in it")
    return text


def _read_variables(path: Path) -> dict[str, Any]:
    try:
        variables = orjson.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except OSError as error:
        raise VariablesFileError(path, _reason(error)) from error
    except orjson.JSONDecodeError as error:
        raise VariablesFileError(path, f"column {error.colno}: {error.msg}", error.lineno) from None
    if not isinstance(variables, dict):
        raise VariablesFileError(path, "the JSON in it is not an object")
    return variables


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
