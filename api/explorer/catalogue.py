"""What was built of figures and views, as Python reads it: names, selections, questions.

Nothing of it is written twice: the build takes it from the sources of the pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from api.explorer import BUILT, ExplorerNotBuiltError
from journeygraph.errors import JourneyGraphError, near_misses

__all__ = ["Catalogue", "FigureEntry", "UnknownFigureError", "UnknownViewError", "ViewEntry"]

CATALOGUE = "catalogue.json"
TEMPLATE = "report.html"
WIDGET = "widget.js"


def _known(word: str, known: list[str]) -> str:
    near = near_misses(word, known)
    meant = f"Did you mean {near[0]!r}? " if near else ""
    return f"{meant}There are {', '.join(map(repr, known))}."


class UnknownFigureError(JourneyGraphError):
    """There is no such picture of an answer."""

    code = "UNKNOWN_FIGURE"

    def __init__(self, name: str | None, answer: str, known: list[str]) -> None:
        if not known:
            super().__init__(f"No picture of a {answer} is known.", "Look at it as a table.")
        else:
            super().__init__(f"{name!r} is no picture of a {answer}.", _known(str(name), known))


class UnknownViewError(JourneyGraphError):
    """The explorer has no such view, or none that can be asked for without clicking."""

    code = "UNKNOWN_VIEW"

    def __init__(self, name: str, known: list[str]) -> None:
        remedy = f"{_known(name, known)} Others are saved from the explorer's page."
        super().__init__(f"{name!r} is not a view of which a report can be made here.", remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureEntry:
    """A figure: its name, and what it reads of an answer, in GraphQL."""

    name: str
    title: str
    selection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewEntry:
    """A view: its question with what is asked by default, and its pictures.

    Attributes
    ----------
    journeys, root
        Fields that are asked of the population, and of the store.
    variables
        Type and value of each variable.
    required
        Variables that have no default.
    pictures
        Figures, and where in the data the answer of each stands.
    """

    name: str
    title: str
    explain: str
    journeys: str | None
    root: str | None
    variables: dict[str, dict[str, Any]]
    required: tuple[str, ...]
    pictures: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Catalogue:
    """All figures and views.

    Attributes
    ----------
    population
        The GraphQL types of what `journeys` takes.
    """

    folder: Path
    population: dict[str, str]
    figures: tuple[FigureEntry, ...]
    views: tuple[ViewEntry, ...]

    def view(self, name: str) -> ViewEntry:
        """A view by its name in addresses; UnknownViewError where there is none."""
        known = {view.name: view for view in self.views}
        if name not in known:
            raise UnknownViewError(name, list(known))
        return known[name]

    @property
    def template(self) -> str:
        """The file of a report, without its content."""
        return (self.folder / TEMPLATE).read_text(encoding="utf-8")

    @property
    def widget(self) -> str:
        """The script of a notebook's figure."""
        return (self.folder / WIDGET).read_text(encoding="utf-8")


@lru_cache(maxsize=4)
def catalogue(folder: Path = BUILT) -> Catalogue:
    """What was built in a folder; ExplorerNotBuiltError where nothing was."""
    file = folder / CATALOGUE
    if not file.is_file():
        raise ExplorerNotBuiltError
    read = orjson.loads(file.read_bytes())
    return Catalogue(
        folder=folder,
        population=read["population"],
        figures=tuple(FigureEntry(**entry) for entry in read["figures"]),
        views=tuple(
            ViewEntry(
                **{
                    **entry,
                    "required": tuple(entry["required"]),
                    "pictures": tuple(entry["pictures"]),
                }
            )
            for entry in read["views"]
        ),
    )
