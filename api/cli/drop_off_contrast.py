"""Drop-off of two populations, as a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.population import AfterOption, AgainstWhere, json_object, over_journeys, pair
from api.cli.showing import JsonOption, print_json
from api.cli.tables import count, interval, p_value, print_table, say

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.drop_off import ItemDropOff
    from queries.drop_off_contrast import DropOffContrastAnswer

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("drop-off-contrast")(over_journeys(drop_off_contrast))


def drop_off_contrast(
    journeys: Journeys,
    against: Annotated[
        list[str] | None,
        typer.Option(help="The second population: customers with name=value; repeatable."),
    ] = None,
    against_touched: Annotated[
        list[str] | None, typer.Option(help="… who met this touchpoint; repeatable.")
    ] = None,
    against_where: AgainstWhere = None,
    first: Annotated[int, typer.Option("--first", help="How many rows.")] = 20,
    after: AfterOption = None,
    as_json: JsonOption = False,
) -> None:
    """Drop-off of two populations: where one leaves more than the other."""
    from journeygraph.errors import InvalidOptionError
    from queries.drop_off_contrast import DropOffContrast
    from queries.drop_off_contrast import drop_off_contrast as ask

    wanted: dict[str, list[str]] = {}
    for text in against or ():
        name, value = pair("--against", text)
        wanted.setdefault(name, []).append(value)
    where = json_object("--against-where", against_where)
    condition = {"attributes": wanted or None, "touched": against_touched or None}
    is_given = bool(wanted or against_touched)
    if not is_given and where is None:
        expected = "--against, --against-touched or --against-where"
        raise InvalidOptionError("--against", None, expected)
    question = DropOffContrast(
        against=condition if is_given else None, against_where=where, first=first, after=after
    )
    answer = ask(question, journeys)
    if as_json:
        print_json(answer, journeys)
    else:
        print_contrast(answer, journeys)


def print_contrast(answer: DropOffContrastAnswer, journeys: Journeys) -> None:
    """Print both populations as a table."""
    print_table(
        f"Drop-off of {count(answer.units)} {journeys.unit}s against "
        f"{count(answer.against_units)} – {count(answer.tested)} items tested",
        ["item", "exit rate", "against", "difference", "p", "q"],
        [
            [
                node.item, _rate(node.population), _rate(node.against),
                interval(node.difference) + (" (few)" if node.small else ""),
                p_value(node.p_value), p_value(node.q_value),
            ]
            for node in answer.nodes
        ],
    )  # fmt: skip
    for warning in answer.warnings:
        say(f"Note: {warning}")


def _rate(node: ItemDropOff | None) -> str:
    return "–" if node is None else interval(node.rate)
