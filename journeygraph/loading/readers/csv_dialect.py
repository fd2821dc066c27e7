"""What a CSV file does not say about itself: its delimiter, and whether it has a header.

The delimiter is the one that cuts the first records into the same number of fields, most fields
first. A first line that holds a time or a number where names should stand is data.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from journeygraph.errors import InvalidOptionError
from journeygraph.loading.errors import DuplicateColumnsError, NoHeaderError, WrongFormatError
from journeygraph.loading.formats import Source

__all__ = ["Dialect", "check_header", "find_dialect", "is_data", "split_record"]

DELIMITERS = ",;\t|"
_N_RECORDS = 50
_EXCEL_HINT = re.compile(r"sep=(.)\r?\n?$", re.IGNORECASE)
_NUMBER_OR_TIME = re.compile(
    r"[-+]?\d+([.,]\d+)?|\d{4}[-/]\d\d[-/]\d\d([T ].*)?|\d\d?[./]\d\d?[./]\d{2,4}.*"
)
_LONGEST_NAME = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a file is cut. `n_skipped` are bytes of a line in front of the header."""

    delimiter: str
    n_skipped: int = 0


def find_dialect(head: str, delimiter: str | None) -> Dialect:
    """How the file that begins with `head` is cut; `delimiter` is what the user says."""
    first = head.split("\n", 1)[0]
    hint = _EXCEL_HINT.fullmatch(first)
    n_skipped = len(first.encode()) + 1 if hint else 0
    if delimiter is None:
        delimiter = hint[1] if hint else _sniff(head)
    if len(delimiter.encode()) != 1 or delimiter in '"\r\n':
        raise InvalidOptionError("delimiter", delimiter, "one character: , ; | or a tab")
    return Dialect(delimiter=delimiter, n_skipped=n_skipped)


def _sniff(head: str) -> str:
    def evidence(delimiter: str) -> tuple[float, int]:
        reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
        try:
            sizes = [len(record) for record in islice(reader, _N_RECORDS) if record]
        except csv.Error:
            return 0.0, 0
        if not sizes or sizes[0] < 2:
            return 0.0, 0
        # The last record may be cut.
        whole = sizes[:-1] or sizes
        return Counter(whole)[sizes[0]] / len(whole), sizes[0]

    return max(DELIMITERS, key=evidence)


def split_record(text: str, delimiter: str) -> list[str]:
    """The fields of one record; the whole of it where they cannot be told apart."""
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return [text]


def is_data(cell: str) -> bool:
    """Whether a cell holds what no column is called: a number or a time."""
    return _NUMBER_OR_TIME.fullmatch(cell.strip()) is not None


def check_header(source: Source, cells: list[str], given: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the columns.

    Parameters
    ----------
    cells
        The first record.
    given
        The names that the user gives to a file without a header.

    Raises
    ------
    NoHeaderError, DuplicateColumnsError, WrongFormatError, InvalidOptionError
    """
    if given:
        if len(given) != len(cells):
            expected = f"{len(cells)} names: the first line has that many values"
            raise InvalidOptionError("columns", ",".join(given), expected)
        names = [name.strip() for name in given]
    else:
        names = [cell.strip() for cell in cells]
        _refuse_data(source, names)
        names = [name or f"column {place}" for place, name in enumerate(names, 1)]
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise DuplicateColumnsError(source.path, repeated)
    return tuple(names)


def _refuse_data(source: Source, names: list[str]) -> None:
    if not any(names):
        raise NoHeaderError(source.path, names, "it is blank.")
    telling = next((name for name in names if is_data(name)), None)
    if telling is not None:
        raise NoHeaderError(source.path, names, f"{telling!r} is a value.")
    if any(len(name) > _LONGEST_NAME for name in names):
        raise WrongFormatError(source.path, "The first line is no list of column names.", line=1)
