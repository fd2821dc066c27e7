"""Answers as tables that people read: figures to the right, units in the heads, never cut off."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from queries.intervals import Estimate

__all__ = [
    "WIDEST",
    "console",
    "count",
    "interval",
    "p_value",
    "print_table",
    "say",
    "seconds",
    "share",
    "warn",
]

WIDEST = 200
"""How wide a table may get where the output is no terminal."""


def console() -> Console:
    """Where tables go: as wide as the terminal, or as they need in a pipe."""
    return Console(width=None if sys.stdout.isatty() else WIDEST, highlight=False)


def say(line: str = "") -> None:
    """Print one line as it is."""
    sys.stdout.write(line + "\n")


def warn(line: str) -> None:
    """Print one line on standard error."""
    sys.stderr.write(line + "\n")


def print_table(
    title: str, heads: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1
) -> None:
    """Print a table.

    Parameters
    ----------
    title
        What it shows, with its denominator.
    heads, rows
        As many cells as heads in every row. Names are printed as they are: no markup is read.
    texts
        How many columns at the left hold text; all others hold figures.
    """
    table = Table(box=None, pad_edge=False)
    for place, head in enumerate(heads):
        table.add_column(
            Text(head),
            justify="left" if place < texts else "right",
            overflow="fold",
            no_wrap=place >= texts,
        )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    out = console()
    out.print(Text(title, style="bold"), soft_wrap=True)
    out.print(table)
    out.print()


def p_value(number: float | None) -> str:
    """A p or q value to three places."""
    if number is None:
        return "–"
    return "< 0.001" if number < 0.001 else f"{number:.3f}"


def count(number: int | None) -> str:
    """A count with its thousands set apart."""
    return "–" if number is None else f"{number:,}"


def share(number: float | None) -> str:
    """A share as a percentage."""
    return "–" if number is None else f"{100 * number:.1f} %"


def interval(estimate: Estimate, percent: bool = True) -> str:
    """A value and its interval."""
    if estimate.value is None:
        return "–"
    low, high = estimate.low, estimate.high
    if percent:
        ends = f" [{_percent(low)}, {_percent(high)}]"
        return f"{100 * estimate.value:.1f} %{ends}"
    return f"{estimate.value:.2f} [{_plain(low)}, {_plain(high)}]"


def _percent(number: float | None) -> str:
    return "–" if number is None else f"{100 * number:.1f}"


def _plain(number: float | None) -> str:
    return "–" if number is None else f"{number:.2f}"


def seconds(length: float | None) -> str:
    """A length of time in its two largest units."""
    if length is None:
        return "–"
    if length < 1:
        return f"{1000 * length:.0f} ms" if length else "0 s"
    rest = round(length)
    parts: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        number, rest = divmod(rest, size)
        if number or parts:
            parts.append(f"{number} {unit}")
        if len(parts) == 2:
            break
    return " ".join(part for part in parts if not part.startswith("0 "))
