"""The pictures of answers for notebooks and files: what `answer.figure()` gives.

A figure reads the JSON that GraphQL gives. So an answer is asked for what the figure selects, by
the very resolvers of the schema: there is one spelling of answers, and one code that draws them.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from graphql import GraphQLObjectType, GraphQLSchema, execute_sync, parse, validate

from api.explorer.catalogue import FigureEntry, UnknownFigureError, catalogue
from api.explorer.reports import filled
from api.graphql.customer import CustomerReference
from api.graphql.schema import schema
from queries.customer import CustomerProfile
from queries.customer_lists import CustomerList

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph

__all__ = ["AnswerFigure", "figure_of"]

_TYPES = {"CustomerProfile": "Customer"}
_FRAME_HEIGHT = 640


@dataclass(frozen=True)
class _Context:
    """What resolvers ask beside the answer."""

    of: JourneyGraph | None

    @property
    def exponent(self) -> int:
        return 2 if self.of is None else self.of.exponent

    def graph(self, _version: int | None = None) -> JourneyGraph | None:
        return self.of


@dataclass(frozen=True, eq=False, kw_only=True)
class AnswerFigure:
    """A picture of an answer.

    Attributes
    ----------
    name, title
        Which picture.
    answer
        What it shows, as GraphQL gives it.
    currency
        Of amounts; None where it is not known.
    """

    name: str
    title: str
    answer: Any = dataclasses.field(repr=False)
    currency: str | None = None
    _store: dict[str, Any] = dataclasses.field(repr=False)
    _selection: str = dataclasses.field(repr=False)

    def html(self) -> str:
        """A whole page that needs nothing beside it: picture, summary, numbers and selection."""
        part: dict[str, Any] = {
            "population": "As asked in Python", "size": "", "outcome": None, "warnings": [],
            "query": self._selection, "variables": {},
            "pictures": [{"figure": self.name, "answer": self.answer}],
        }  # fmt: skip
        content = {
            "title": self.title, "explain": "", "locale": "en", "currency": self.currency,
            "store": self._store, "parts": [part],
        }  # fmt: skip
        return filled(catalogue().template, content)

    def save(self, path: str | Path) -> Path:
        """Write the page to a file, and say where."""
        file = Path(path)
        file.write_text(self.html(), encoding="utf-8")
        return file

    def widget(self) -> Any:
        """The picture as a widget, which follows its width and the notebook's colours.

        Raises
        ------
        ImportError
            Where anywidget is not installed: the extra `notebook` brings it.
        """
        import anywidget
        import traitlets

        # one class for all would have to be made where anywidget may be missing
        kind = type(
            "AnswerWidget",
            (anywidget.AnyWidget,),
            {
                "_esm": catalogue().widget,
                "figure": traitlets.Unicode(self.name).tag(sync=True),
                "answer": traitlets.Any(self.answer).tag(sync=True),
                "currency": traitlets.Unicode(self.currency, allow_none=True).tag(sync=True),
            },
        )
        return kind()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """How a notebook shows it: as a widget, or in a frame of its own."""
        try:
            widget = self.widget()
        except ImportError:
            return {"text/html": self._frame(), "text/plain": repr(self)}
        return widget._repr_mimebundle_(**options)

    def _frame(self) -> str:
        """The page in a frame without rights: it can run its script, and reach nothing."""
        return (
            f'<iframe title="{escape(self.title)}" sandbox="allow-scripts" '
            f'style="width: 100%; height: {_FRAME_HEIGHT}px; border: 0" '
            f'srcdoc="{escape(self.html())}"></iframe>'
        )


def figure_of(answer: Any, name: str | None = None) -> AnswerFigure:
    """The picture of an answer: that of this name, or the first there is.

    Raises
    ------
    UnknownFigureError, ExplorerNotBuiltError
        Where there is none.
    """
    kind = type(answer).__name__
    known = {figure.name: figure for figure in _figures(_TYPES.get(kind, kind))}
    usual = "flow" if str(getattr(answer, "form", "")) == "step_grid" else next(iter(known), None)
    figure = known.get(name or usual or "")
    if figure is None:
        raise UnknownFigureError(name, kind, list(known))
    graph = _graph_of(answer)
    shown = _selected(answer, _TYPES.get(kind, kind), figure.selection, graph)
    return AnswerFigure(
        name=figure.name,
        title=figure.title,
        answer=_sided(answer, shown) if figure.name == "flow" else shown,
        currency=None if graph is None else graph.currency,
        _store=_store(graph),
        _selection=figure.selection,
    )


def _sided(answer: Any, grid: Any) -> dict[str, Any]:
    """A grid of steps as the flow takes it: what leads up to it, or what comes after."""
    backwards = bool(getattr(answer, "backwards", False))
    return {"before": grid if backwards else None, "after": None if backwards else grid}


@lru_cache(maxsize=64)
def _schema_of(kind: str) -> GraphQLSchema | None:
    """The schema as seen from one type; None where there is no such type."""
    found = schema().graphql_schema.type_map.get(kind)
    return GraphQLSchema(query=found) if isinstance(found, GraphQLObjectType) else None


def _figures(kind: str) -> list[FigureEntry]:
    """The figures that read what this type has."""
    seen_from = _schema_of(kind)
    if seen_from is None:
        return []
    return [one for one in catalogue().figures if not validate(seen_from, parse(one.selection))]


def _selected(answer: Any, kind: str, selection: str, graph: JourneyGraph | None) -> Any:
    seen_from = _schema_of(kind)
    assert seen_from is not None, "a figure of it was found"
    root = CustomerReference.of(answer) if isinstance(answer, CustomerProfile) else answer
    result = execute_sync(seen_from, parse(selection), root, _Context(graph))
    if result.errors:
        raise result.errors[0].original_error or result.errors[0]
    return orjson.loads(orjson.dumps(result.data))


def _graph_of(answer: Any, depth: int = 4) -> JourneyGraph | None:
    """The graph that an answer is about, found by the lists that it holds."""
    journeys = getattr(answer, "journeys", None)
    graph = getattr(journeys, "graph", None) or getattr(answer, "graph", None)
    if graph is not None or depth == 0:
        return graph
    if isinstance(answer, (list, tuple)):
        return next(filter(None, (_graph_of(part, depth - 1) for part in answer[:1])), None)
    if not dataclasses.is_dataclass(answer):
        return None
    parts = [getattr(answer, part.name) for part in dataclasses.fields(answer)]
    parts.sort(key=lambda part: not isinstance(part, CustomerList))
    return next(filter(None, (_graph_of(part, depth - 1) for part in parts)), None)


def _store(graph: JourneyGraph | None) -> dict[str, Any]:
    from api.answers import moment

    if graph is None:
        return {"version": None, "asOf": None, "interactions": None, "customers": None}
    return {
        "version": graph.version,
        "asOf": moment(graph.as_of_us),
        "interactions": graph.n_interactions,
        "customers": graph.n_customers,
    }
