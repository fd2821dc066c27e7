"""Which referrals count, as options: the same for every command about referrals."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.tables import say

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.referral_credit import Referrals

__all__ = [
    "AnyCredit",
    "Credit",
    "Json",
    "Medium",
    "Window",
    "WindowTo",
    "recipe_of",
    "show_answer",
]

Credit = Annotated[str, typer.Option(help="Which referral of a customer counts: first or last.")]
AnyCredit = Annotated[
    str, typer.Option(help="Which referral of a customer counts: first, last or split.")
]
Window = Annotated[
    str | None, typer.Option(help="Only referrals at most so long before --window-to.")
]
WindowTo = Annotated[
    str, typer.Option(help="The referred customer's first interaction or outcome.")
]
Medium = Annotated[
    list[str] | None, typer.Option(help="Only referrals by this medium; repeatable.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def recipe_of(
    credit: str, window: str | None, window_to: str, medium: list[str] | None, at_least: int = 1
) -> Referrals:
    """Which referrals count."""
    from queries.referral_credit import CreditRule, Referrals, WindowEnd

    return Referrals(
        at_least=at_least,
        credit=CreditRule(credit),
        window=window,
        window_to=WindowEnd(window_to),
        media=medium or None,
    )


def show_answer(
    answer: object, journeys: Journeys, as_json: bool, show: Callable[[Any, Journeys], None]
) -> None:
    """Print an answer as JSON, or as `show` does."""
    if as_json:
        from api.answers import to_json

        say(to_json(answer, journeys.graph.exponent))
    else:
        show(answer, journeys)
