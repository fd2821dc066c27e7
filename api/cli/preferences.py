"""What customers value, as a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.experience import mean
from api.cli.population import AfterOption, over_journeys
from api.cli.showing import JsonOption, print_json
from api.cli.tables import count, interval, p_value, print_table, share, warn

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.preferences import ItemPreference, PreferencesAnswer
    from queries.rank_correlation import Correlation

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("preferences")(over_journeys(preferences))


def preferences(
    journeys: Journeys,
    rating: Annotated[
        str | None,
        typer.Option(help="experience or emotion; experience where anybody says one."),
    ] = None,
    stated: Annotated[
        str | None, typer.Option(help="Item whose rating is overall satisfaction.")
    ] = None,
    overall: Annotated[
        str | None,
        typer.Option(help="Instead of --stated: mean of all other ratings, or last rating."),
    ] = None,
    at_least: Annotated[int, typer.Option("--at-least", help="List no item of fewer units.")] = 1,
    first: Annotated[int, typer.Option("--first", help="How many items.")] = 30,
    after: AfterOption = None,
    as_json: JsonOption = False,
) -> None:
    """Preferences: what customers choose, come back to, rate up, and leave."""
    from queries.preferences import Preferences
    from queries.preferences import preferences as ask

    question = Preferences(
        rating=rating, stated=stated, overall=overall, first=first, after=after, at_least=at_least
    )
    answer = ask(question, journeys)
    if as_json:
        print_json(answer, journeys)
    else:
        print_preferences(answer, journeys)


def print_preferences(answer: PreferencesAnswer, journeys: Journeys) -> None:
    """Print what customers do, and the grid of what matters."""
    unit = f"{journeys.unit}s"
    print_table(
        f"Preferences – {count(answer.units)} {unit}, {count(answer.items)} items",
        ["item", unit, "share", "began it", "chose it", "even", "came back", "left"],
        [
            [
                node.item, count(node.units), share(node.share), interval(node.initiated),
                interval(node.chosen), share(node.even_share), interval(node.returned),
                interval(node.left),
            ]
            for node in answer.nodes
        ],
    )  # fmt: skip
    print_table(
        f"Importance against performance, by {answer.rating.value}; overall satisfaction: "
        f"{answer.stated or answer.overall.value}",
        ["item", "grid", "importance", "q", "performance"],
        [_in_grid(node) for node in answer.nodes],
        texts=2,
    )
    for warning in answer.warnings:
        warn(f"Note: {warning}")


def _in_grid(node: ItemPreference) -> list[str]:
    quadrant = "–" if node.quadrant is None else node.quadrant.value
    few = " (few)" if node.small and node.importance.value is not None else ""
    return [
        node.item, quadrant, _importance(node.importance) + few, p_value(node.q_value),
        mean(node.performance),
    ]  # fmt: skip


def _importance(one: Correlation) -> str:
    if one.value is None:
        return "–"
    if one.low is None or one.high is None:
        return f"{one.value:.2f} of {count(one.units)}"
    return f"{one.value:.2f} [{one.low:.2f}, {one.high:.2f}] of {count(one.units)}"
