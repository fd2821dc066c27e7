"""What follows a step, by whether customers convert later, as a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.population import AfterOption, over_journeys
from api.cli.showing import JsonOption, print_json
from api.cli.tables import count, interval, p_value, print_table, seconds, share, warn

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.after_drop import AfterDropAnswer

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("after-drop")(over_journeys(after_drop))


def after_drop(
    journeys: Journeys,
    step: Annotated[
        list[str], typer.Option(help="A step, in order; 'a|b' is any of the two; repeatable.")
    ],
    to: Annotated[
        list[str] | None,
        typer.Option(help="Any of these is the conversion (else the outcome); repeatable."),
    ] = None,
    items: Annotated[
        int | None, typer.Option(help="Look at so many next items of everybody; 5 by default.")
    ] = None,
    within: Annotated[
        str | None, typer.Option(help="Instead: look so long behind the last step, as 7d.")
    ] = None,
    at_least: Annotated[int, typer.Option(help="No item that fewer units met.")] = 1,
    first: Annotated[int, typer.Option("--first", help="How many rows.")] = 20,
    after: AfterOption = None,
    as_json: JsonOption = False,
) -> None:
    """After a step: what those who drop do next, and those who convert."""
    from queries.after_drop import AfterDrop
    from queries.after_drop import after_drop as ask

    question = AfterDrop(
        steps=step,
        to=to or None,
        items=items,
        within=within,
        at_least=at_least,
        first=first,
        after=after,
    )
    answer = ask(question, journeys)
    if as_json:
        print_json(answer, journeys)
    else:
        print_after_drop(answer, journeys)


def print_after_drop(answer: AfterDropAnswer, journeys: Journeys) -> None:
    """Print both groups as a table."""
    far = f"{answer.items} items" if answer.items else f"within {seconds(answer.within_seconds)}"
    print_table(
        f"After the last step, next {far} – of {count(answer.reached)} {journeys.unit}s "
        f"{count(answer.droppers)} dropped ({count(answer.silent_droppers)} did nothing more), "
        f"{count(answer.converters)} converted, {count(answer.undecided)} may still, "
        f"{count(answer.unobserved)} are not followed for long enough",
        ["item", "of droppers", "of converters", "difference", "p", "q"],
        [
            [
                node.item, share(node.dropper_share.value), share(node.converter_share.value),
                interval(node.difference) + (" (few)" if node.small else ""),
                p_value(node.p_value), p_value(node.q_value),
            ]
            for node in answer.nodes
        ],
    )  # fmt: skip
    for warning in answer.warnings:
        warn(f"Note: {warning}")
