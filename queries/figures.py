"""Answers as pictures: `answer.figure()`.

The questions know nothing of how they are shown. Who draws says so as an entry point of the group
`journeygraph.figures`; this project's own is in `api`, and is there wherever it is installed.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from journeygraph.errors import JourneyGraphError

__all__ = ["GROUP", "NoFiguresError", "Pictured"]

GROUP = "journeygraph.figures"
"""The group of entry points; the one named `draw` is called with an answer and a figure's name."""


class NoFiguresError(JourneyGraphError):
    """Nothing is installed that draws answers."""

    code = "NO_FIGURES"

    def __init__(self) -> None:
        super().__init__(
            "Nothing that draws answers is installed here.",
            "Install customer-journeygraph as a whole, or the project anew: pip install -e .",
        )


class Pictured:
    """An answer that can be looked at."""

    __slots__ = ()

    def figure(self, name: str | None = None) -> Any:
        """The picture of this answer: shown in a notebook, saved as HTML with `save`.

        Parameters
        ----------
        name
            Which one, where there are several of an answer: "loyalty-lift". An unknown name is
            answered with those there are.

        Raises
        ------
        NoFiguresError
            Where nothing that draws is installed.
        UnknownFigureError, ExplorerNotBuiltError
            Where there is no such picture of this answer, or the pictures were never built.
        """
        return _drawer()(self, name)


def _drawer() -> Callable[[Any, str | None], Any]:
    found = entry_points(group=GROUP, name="draw")
    if not found:
        raise NoFiguresError
    drawer: Callable[[Any, str | None], Any] = next(iter(found)).load()
    return drawer
