"""What customers felt, expected and found, and where feelings turn, as commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.population import AfterOption, over_journeys
from api.cli.showing import JsonOption, print_json
from api.cli.tables import count, interval, p_value, print_table, share, warn

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.experience import ExperienceAnswer
    from queries.feelings import ExperienceGroup, FeltNumbers
    from queries.means import Mean, MeanDifference
    from queries.peak_end import PeakEnd
    from queries.turns import TurnsAnswer

__all__ = ["add_to", "mean"]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("experience")(over_journeys(experience))
    app.command("turns")(over_journeys(turns))


def experience(
    journeys: Journeys,
    group_by: Annotated[
        str,
        typer.Option(
            "--group-by",
            help="stage, touchpoint, channel, environment, level, initiator or team.",
        ),
    ] = "touchpoint",
    over: Annotated[
        str | None,
        typer.Option("--over", help="Over time as well: day, week, month, or a length as 14d."),
    ] = None,
    at_least: Annotated[int, typer.Option("--at-least", help="List no group of fewer units.")] = 1,
    first: Annotated[int, typer.Option("--first", help="How many groups.")] = 30,
    after: AfterOption = None,
    as_json: JsonOption = False,
) -> None:
    """Experience: what customers felt, expected and found, where, and over time."""
    from queries.experience import Experience
    from queries.experience import experience as ask

    question = Experience(by=group_by, over=over, first=first, after=after, at_least=at_least)
    answer = ask(question, journeys)
    if as_json:
        print_json(answer, journeys)
    else:
        print_experience(answer, journeys)


def turns(
    journeys: Journeys,
    permutations: Annotated[
        int, typer.Option(help="How often emotions are shuffled within their journeys.")
    ] = 199,
    seed: Annotated[int, typer.Option(help="Of the shuffles.")] = 0,
    first: Annotated[int, typer.Option("--first", help="How many items.")] = 30,
    after: AfterOption = None,
    as_json: JsonOption = False,
) -> None:
    """Turns: at which items feelings turn for better or worse."""
    from queries.turns import Turns
    from queries.turns import turns as ask

    question = Turns(permutations=permutations, seed=seed, first=first, after=after)
    answer = ask(question, journeys)
    if as_json:
        print_json(answer, journeys)
    else:
        print_turns(answer)


def print_experience(answer: ExperienceAnswer, journeys: Journeys) -> None:
    """Print groups, the curve, the phases, and peaks and ends."""
    unit, word = f"{journeys.unit}s", answer.by.value
    columns = [unit, "share", "times", "emotion", "expected", "found", "gap", "met"]
    print_table(
        f"Experience – {count(answer.units)} {unit}, {count(answer.count)} interactions, "
        f"{share(answer.overall.emotion.missing_share)} of them without an emotion; "
        f"{count(answer.groups)} groups",
        [word, *columns],
        [[group.group, *_numbers(group)] for group in (answer.overall, *answer.nodes)],
    )
    for title, groups in (("Emotion curve", answer.curve), ("The purchase", answer.phases)):
        rows = [[group.group, *_numbers(group)] for group in groups]
        print_table(title, ["stage" if groups is answer.curve else "phase", *columns], rows)
    _print_periods(word, (answer.overall, *answer.nodes), columns)
    _print_peak_end(answer.peak_end)
    for warning in answer.warnings:
        warn(f"Note: {warning}")


def _print_periods(word: str, groups: Sequence[ExperienceGroup], columns: Sequence[str]) -> None:
    rows = [
        [group.group, period.period, *_numbers(period)]
        for group in groups
        for period in group.periods
    ]
    if rows:
        print_table("Over time", [word, "period", *columns], rows, texts=2)


def _print_peak_end(moments: Sequence[PeakEnd]) -> None:
    print_table(
        "Peaks and ends of journeys, and how they go with the outcome",
        ["", "mean", "with outcome", "without", "difference", "p"],
        [
            [
                moment.moment.name.lower(), mean(moment.emotion), mean(moment.with_outcome),
                mean(moment.without_outcome), _difference(moment.difference),
                p_value(moment.difference.p_value),
            ]
            for moment in moments
        ],
    )  # fmt: skip


def print_turns(answer: TurnsAnswer) -> None:
    """Print the items at which feelings turn."""
    print_table(
        f"Turns – {count(answer.turned)} of {count(answer.journeys)} journeys turn "
        f"({count(answer.rated)} have three emotions or more); {count(answer.sure)} are sure, "
        f"{_plain(answer.sure_by_chance)} would be by chance",
        ["item", "journeys", "share", "better", "worse", "change", "by chance", "p", "q", "sure"],
        [
            [
                node.item, count(node.journeys), share(node.share), count(node.improved),
                count(node.worsened), mean(node.change), _plain(node.by_chance),
                p_value(node.p_value), p_value(node.q_value), count(node.sure),
            ]
            for node in answer.nodes
        ],
    )  # fmt: skip
    for warning in answer.warnings:
        warn(f"Note: {warning}")


def _numbers(numbers: FeltNumbers) -> list[str]:
    return [
        count(numbers.units) + (" (few)" if numbers.small else ""), share(numbers.share),
        count(numbers.count), mean(numbers.emotion), mean(numbers.expectation),
        mean(numbers.experience), mean(numbers.gap), interval(numbers.met),
    ]  # fmt: skip


def mean(one: Mean) -> str:
    """A mean with its interval and what it is of."""
    if one.value is None:
        return "–"
    if one.low is None or one.high is None:
        return f"{one.value:.2f} of {count(one.ratings)}"
    return f"{one.value:.2f} [{one.low:.2f}, {one.high:.2f}] of {count(one.ratings)}"


def _difference(one: MeanDifference) -> str:
    if one.value is None or one.low is None or one.high is None:
        return "–"
    return f"{one.value:.2f} [{one.low:.2f}, {one.high:.2f}]"


def _plain(number: float | None) -> str:
    return "–" if number is None else f"{number:,.1f}"
