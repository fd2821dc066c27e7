"""The journey map, as a command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.planned_map import print_planned
from api.cli.population import over_journeys
from api.cli.showing import JsonOption, print_json
from api.cli.tables import count, interval, print_table, say, share, warn

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.journey_map import JourneyMapAnswer, MapStage
    from queries.means import Mean

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("map")(over_journeys(journey_map))


def journey_map(
    journeys: Journeys,
    at_least: Annotated[
        int, typer.Option("--at-least", help="List no item in a stage of fewer units.")
    ] = 1,
    first: Annotated[int, typer.Option("--first", help="How many items in stages.")] = 30,
    planned: Annotated[
        Path | None,
        typer.Option(
            "--planned", help="A YAML file with a planned journey to hold the actual ones against."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Journey map: what customers meet in which stage, where they leave, and how they feel."""
    from queries.journey_map import JourneyMap
    from queries.journey_map import journey_map as ask
    from queries.planned_journey_file import read_planned_journey

    plan = None if planned is None else read_planned_journey(planned)
    answer = ask(JourneyMap(first=first, at_least=at_least, planned=plan), journeys)
    if as_json:
        print_json(answer, journeys)
    else:
        print_map(answer, journeys)


def print_map(answer: JourneyMapAnswer, journeys: Journeys) -> None:
    """Print a map as two tables: the stages, and the items in them."""
    unit = f"{journeys.unit}s"
    columns = [unit, "share", "times", "exits", "open", "drop-off", "emotion", "gap"]
    print_table(
        f"Stages – {count(answer.units)} {unit}, {count(answer.exits)} of them left without the "
        f"outcome, {count(answer.open)} are still open",
        ["stage", *columns],
        [[_stage(node), *_numbers(node)] for node in answer.stages],
    )
    say("")
    print_table(
        f"Items in stages – {count(answer.cells)}, of which {count(len(answer.nodes))} are listed",
        ["stage", "item", *columns],
        [[_stage(node), node.item, *_numbers(node)] for node in answer.nodes],
        texts=2,
    )
    if answer.planned is not None:
        print_planned(answer.planned, unit)
    for warning in answer.warnings:
        warn(f"Note: {warning}")


def _stage(node: MapStage) -> str:
    return node.stage or "(not said)"


def _numbers(node: MapStage) -> list[str]:
    return [
        count(node.units), share(node.share), count(node.count), count(node.exits),
        count(node.open), interval(node.rate) + (" (few)" if node.small else ""),
        _mean(node.emotion), _mean(node.gap),
    ]  # fmt: skip


def _mean(mean: Mean) -> str:
    if mean.value is None:
        return "–"
    if mean.low is None or mean.high is None:
        return f"{mean.value:.2f} of {count(mean.ratings)}"
    return f"{mean.value:.2f} [{mean.low:.2f}, {mean.high:.2f}] of {count(mean.ratings)}"
