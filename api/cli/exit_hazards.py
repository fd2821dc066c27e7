"""When customers leave, as a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.population import AfterOption, over_journeys
from api.cli.showing import JsonOption, print_json
from api.cli.tables import count, interval, print_table, seconds, share, warn

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.exit_hazards import ExitHazard, ExitHazardsAnswer

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("exit-hazards")(over_journeys(exit_hazards))


def exit_hazards(
    journeys: Journeys,
    item: Annotated[str | None, typer.Option(help="Only leaving from this item.")] = None,
    every: Annotated[
        str | None,
        typer.Option(help="By stretches of so much time since the start, as 1d; else by position."),
    ] = None,
    first: Annotated[int, typer.Option("--first", help="How many rows.")] = 20,
    after: AfterOption = None,
    as_json: JsonOption = False,
) -> None:
    """Exit hazards: after how many items, or how long after the start, customers leave."""
    from queries.exit_hazards import ExitHazards
    from queries.exit_hazards import exit_hazards as ask

    answer = ask(ExitHazards(item=item, every=every, first=first, after=after), journeys)
    if as_json:
        print_json(answer, journeys)
    else:
        print_hazards(answer, journeys)


def print_hazards(answer: ExitHazardsAnswer, journeys: Journeys) -> None:
    """Print hazards as a table."""
    of = "" if answer.item is None else f" from {answer.item}"
    print_table(
        f"Exits{of} – of {count(answer.units)} {journeys.unit}s {count(answer.exits)} left "
        f"without the outcome, {count(answer.open)} are still open, "
        f"{count(answer.with_outcome)} had the outcome",
        [
            "item number" if answer.every_seconds is None else "after", "at risk", "exits", "open",
            "hazard", "not gone",
        ],
        [
            [
                _place(node), count(node.at_risk), count(node.exits), count(node.open),
                interval(node.hazard) + (" (few)" if node.small else ""), share(node.remaining),
            ]
            for node in answer.nodes
        ],
    )  # fmt: skip
    for warning in answer.warnings:
        warn(f"Note: {warning}")


def _place(node: ExitHazard) -> str:
    return seconds(node.from_seconds) if node.position is None else count(node.position)
