"""A key table: which ids are the same customer, as a file says it, with the line of every word.

Every listed id belongs to the customer named beside it, who is an id as well. An id belongs to one
customer, and a customer to nobody: what says otherwise is refused whole, with all its lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from journeygraph.errors import UnknownColumnError
from journeygraph.loading.arrow_text import as_texts
from journeygraph.loading.formats import identify
from journeygraph.loading.readers import RawBatch, open_reader
from journeygraph.recording.errors import BadKeyTableError

__all__ = ["KeyTable", "read_key_table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTable:
    """What a key table says, without contradiction.

    Attributes
    ----------
    file
        Where it was read.
    customer_of
        By id; who is named as their own customer is not among them, but in `own`.
    lines
        Where each id is listed first.
    """

    file: Path
    customer_of: Mapping[str, str]
    lines: Mapping[str, int]
    own: frozenset[str]

    def beyond(self, known: Mapping[str, str]) -> dict[str, str]:
        """What it says that is not known yet.

        Raises
        ------
        BadKeyTableError
            Where it does not go together with what is known.
        """
        problems = list(self._against(known))
        if problems:
            raise BadKeyTableError(self.file, sorted(problems))
        return {name: of for name, of in self.customer_of.items() if name not in known}

    def _against(self, known: Mapping[str, str]) -> Iterator[tuple[int, str]]:
        named = set(known.values())
        for name, customer in self.customer_of.items():
            line, of = self.lines[name], known.get(name)
            if of is not None and of != customer:
                yield line, f"{name!r} belongs to {customer!r} here, and in the store to {of!r}"
            elif of is None and name in named:
                yield line, f"{name!r} belongs to {customer!r}, but ids of the store belong to it"
            if customer in known:
                yield line, f"{customer!r} belongs to {known[customer]!r} in the store: name that"
        for name in sorted(self.own & known.keys()):
            yield self.lines[name], f"{name!r} is its own here, and in the store {known[name]!r}'s"


def read_key_table(path: Path, columns: tuple[str, str], encoding: str | None = None) -> KeyTable:
    """Read a key table.

    Parameters
    ----------
    path
        CSV, Parquet or JSON Lines.
    columns
        The column of ids, and that of the customers whom they belong to.
    encoding
        Of text; UTF-8 by default.

    Raises
    ------
    UnknownColumnError
        Where the file does not have one of the columns.
    BadKeyTableError
        With all lines that cannot be.
    """
    customer_of: dict[str, str] = {}
    lines: dict[str, int] = {}
    problems: list[tuple[int, str]] = []
    with closing(open_reader(identify(path, encoding))) as reader:
        for argument, name in zip(("id", "customer"), columns, strict=True):
            if name not in reader.columns:
                raise UnknownColumnError(argument, name, reader.columns)
        for batch in reader.batches():
            problems += [(row.line, row.reason.rstrip(".")) for row in batch.broken]
            for line, name, customer in _rows(batch, columns):
                if not (name and customer):
                    problems.append((line, "an id or its customer is missing"))
                elif customer_of.setdefault(name, customer) != customer:
                    other = f"{customer_of[name]!r} on line {lines[name]}"
                    problems.append(
                        (line, f"{name!r} belongs to {customer!r} here, and to {other}")
                    )
                lines.setdefault(name, line)
    problems += _chains(customer_of, lines)
    if problems:
        raise BadKeyTableError(path, sorted(problems))
    merged = {name: customer for name, customer in customer_of.items() if name != customer}
    own = frozenset(customer_of.keys() - merged.keys())
    return KeyTable(file=path, customer_of=merged, lines=lines, own=own)


def _rows(batch: RawBatch, columns: tuple[str, str]) -> Iterator[tuple[int, str, str]]:
    texts = [as_texts(batch.table[name]).to_pylist() for name in columns]
    for line, name, customer in zip(batch.lines.tolist(), *texts, strict=True):
        yield line, _said(name), _said(customer)


def _said(text: str | None) -> str:
    """The text, "" where it is only blanks; ids are compared as they are."""
    return text if text is not None and text.strip() else ""


def _chains(customer_of: Mapping[str, str], lines: Mapping[str, int]) -> Iterator[tuple[int, str]]:
    """Customers who belong to another one."""
    for name, customer in customer_of.items():
        of = customer_of.get(customer, customer)
        if name != customer and of != customer:
            way = "that goes in a circle" if _returns(name, customer_of) else "name that one"
            yield (
                lines[name],
                f"{name!r} belongs to {customer!r}, who belongs to {of!r} on line "
                f"{lines[customer]}: {way}",
            )


def _returns(name: str, customer_of: Mapping[str, str]) -> bool:
    """Whether going on from an id leads to what was passed."""
    passed: set[str] = set()
    while name not in passed:
        passed.add(name)
        following = customer_of.get(name, name)
        if following == name:
            return False
        name = following
    return True
