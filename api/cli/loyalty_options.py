"""What loyal means, as options: the same for every command that asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from queries.loyalty import Loyalty

__all__ = [
    "ActiveAt",
    "ChurnWithin",
    "Column",
    "Equals",
    "LoyalAtLeast",
    "NoChurn",
    "Promoter",
    "RepeatPurchaseWithin",
    "ValueWithin",
    "loyalty_given",
]

RepeatPurchaseWithin = Annotated[
    str | None, typer.Option(help="Loyal: bought again within this of the first purchase.")
]
ActiveAt = Annotated[
    str | None, typer.Option(help="Loyal: still active this long after the first purchase.")
]
NoChurn = Annotated[
    str | None, typer.Option(help="Loyal: no gap over the inactivity limit within this.")
]
ChurnWithin = Annotated[
    str | None, typer.Option(help="The other side of --no-churn: those who left are counted.")
]
ValueWithin = Annotated[
    str | None,
    typer.Option(help="Loyal: worth --loyal-at-least within this of the first purchase."),
]
Promoter = Annotated[
    str | None, typer.Option(help="Loyal: this score is --loyal-at-least, 9 if not given.")
]
LoyalAtLeast = Annotated[
    float | None, typer.Option(help="Of --value-within (major units) and --promoter.")
]
Column = Annotated[
    str | None, typer.Option(help="Loyal: what this attribute of the customer says.")
]
Equals = Annotated[str | None, typer.Option(help="The value of --column that is loyal.")]


def loyalty_given(**given: str | float | None) -> Loyalty | None:
    """The definition that the options give; None where none is given."""
    from queries.loyalty import Loyalty

    if all(value is None for value in given.values()):
        return None
    if not any(given[name] for name in given if name not in ("at_least", "equals")):
        given["repeat_purchase_within"] = "90d"
    return Loyalty(**given)  # type: ignore[arg-type]
