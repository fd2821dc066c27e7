"""An answer as a table for people, or as JSON for programs: the same in every command."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.tables import say

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["JsonOption", "print_json", "print_plain_json", "show_answer"]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def print_json(answer: object, journeys: Journeys) -> None:
    """Print an answer about journeys as JSON, money with their decimals."""
    from api.answers import to_json

    say(to_json(answer, journeys.graph.exponent))


def print_plain_json(content: object) -> None:
    """Print what is about no journeys as JSON."""
    import orjson

    say(orjson.dumps(content, option=orjson.OPT_INDENT_2).decode())


def show_answer(
    answer: object, journeys: Journeys, as_json: bool, show: Callable[[Any, Journeys], None]
) -> None:
    """Print an answer as JSON, or as `show` does."""
    if as_json:
        print_json(answer, journeys)
    else:
        show(answer, journeys)
