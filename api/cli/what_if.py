"""What if an item were removed, fixed or sped up, as a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.population import over_journeys, pair
from api.cli.showing import JsonOption, print_json
from api.cli.tables import count, print_table, say, share, warn

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.what_if import Expected, WhatIfAnswer

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("what-if")(over_journeys(what_if))


def what_if(
    journeys: Journeys,
    remove: Annotated[
        list[str] | None, typer.Option(help="Nobody meets this item any more; repeatable.")
    ] = None,
    fix: Annotated[
        list[str] | None,
        typer.Option(help="At most so many leave at an item, item=share as cart=0.1; repeatable."),
    ] = None,
    speed_up: Annotated[
        list[str] | None,
        typer.Option(
            help="What follows an item comes in this part of the time, item=factor as cart=0.5; "
            "repeatable."
        ),
    ] = None,
    order: Annotated[int, typer.Option(help="Items that a state remembers.")] = 1,
    replicates: Annotated[
        int, typer.Option(help="Draws of customers for intervals; 0 for none.")
    ] = 200,
    seed: Annotated[int, typer.Option(help="Of all that is drawn.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """What if an item were removed, fixed or sped up: expected outcomes, by an absorbing chain."""
    from queries.what_if import WhatIf
    from queries.what_if import what_if as ask

    question = WhatIf(
        remove=remove,
        fix=[_numbered("--fix", text, "drop_off") for text in fix or ()],
        speed_up=[_numbered("--speed-up", text, "factor") for text in speed_up or ()],
        order=order,
        replicates=replicates,
        seed=seed,
    )
    answer = ask(question, journeys)
    if as_json:
        print_json(answer, journeys)
    else:
        _print(answer)


def _numbered(option: str, text: str, name: str) -> dict[str, Any]:
    from journeygraph.errors import InvalidOptionError

    item, number = pair(option, text)
    try:
        return {"item": item, name: float(number)}
    except ValueError:
        expected = "an item, a sign and a number from 0 to 1, as cart=0.1"
        raise InvalidOptionError(option, text, expected) from None


def _print(answer: WhatIfAnswer) -> None:
    print_table(
        f"What if – {count(answer.paths)} paths, {count(answer.null_paths)} closed journeys "
        f"without an outcome; a chain of order {answer.order}",
        ["", "as it is", "as it would be", "difference", "change"],
        [
            ["outcomes", *_row(answer.outcomes)],
            ["outcome rate", *_row(answer.outcome_rate, 4)],
            ["value", *_row(answer.value, 2)],
        ],
    )
    print_table(
        "Changes",
        ["item", "what", "times", "drop-off", "drop-off then"],
        [
            [
                change.item, change.kind.value.replace("_", " "), count(change.times),
                share(change.drop_off), share(change.drop_off_then),
            ]
            for change in answer.changes
        ],
        texts=2,
    )  # fmt: skip
    for assumption in answer.assumptions:
        say(f"Assumed: {assumption}")
    for warning in answer.warnings:
        warn(f"Note: {warning}")


def _row(number: Expected, places: int = 1) -> list[str]:
    def shown(value: float | None, low: float | None = None, high: float | None = None) -> str:
        if value is None:
            return "–"
        ends = "" if low is None else f" [{low:,.{places}f}, {high:,.{places}f}]"
        return f"{value:,.{places}f}{ends}"

    change = share(number.change)
    if number.change_low is not None:
        change += f" [{share(number.change_low)}, {share(number.change_high)}]"
    return [
        shown(number.actual),
        shown(number.expected, number.low, number.high),
        shown(number.difference, number.difference_low, number.difference_high),
        change,
    ]
