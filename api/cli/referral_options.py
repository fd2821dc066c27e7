"""Which referrals count, as options: the same for every command about referrals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from queries.referral_credit import Referrals

__all__ = [
    "AnyCredit",
    "Credit",
    "Medium",
    "Window",
    "WindowTo",
    "recipe_of",
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
