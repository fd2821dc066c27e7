"""Time to convert as a command: a curve as a table, `--json` for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.population import AgainstWhere, json_object, over_journeys, pair
from api.cli.showing import JsonOption, print_json
from api.cli.tables import count, print_table, say, seconds, share, warn

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.conversion_curves import ConversionTimes, Probability
    from queries.time_to_convert import TimeToConvertAnswer

__all__ = ["add_to"]

_Texts = list[str] | None


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("time-to-convert")(over_journeys(time_to_convert))


def time_to_convert(
    journeys: Journeys,
    from_item: Annotated[
        _Texts, typer.Option(help="The first of these items starts the clock; repeatable.")
    ] = None,
    to_item: Annotated[
        _Texts, typer.Option(help="Any of these is the conversion (else the outcome); repeatable.")
    ] = None,
    competing: Annotated[
        _Texts, typer.Option(help="Any of these items ends the wait if first; repeatable.")
    ] = None,
    ends: Annotated[bool, typer.Option("--ends", help="Leaving ends the wait, too.")] = False,
    horizon: Annotated[
        str | None, typer.Option(help="Nobody is followed for longer, as 90d.")
    ] = None,
    at: Annotated[_Texts, typer.Option(help="A time to say shares for, as 7d; repeatable.")] = None,
    percents: Annotated[
        list[int] | None, typer.Option(help="When so many percent have converted; repeatable.")
    ] = None,
    against: Annotated[
        _Texts, typer.Option(help="Compare with the customers with name=value; repeatable.")
    ] = None,
    against_touched: Annotated[
        _Texts, typer.Option(help="Compare with those who met this touchpoint; repeatable.")
    ] = None,
    against_where: AgainstWhere = None,
    as_json: JsonOption = False,
) -> None:
    """Time to convert: how long it takes, with those who have not yet counted as that."""
    from queries.time_to_convert import TimeToConvert
    from queries.time_to_convert import time_to_convert as ask

    question = TimeToConvert(
        from_=from_item or None, to=to_item or None, competing=competing or None, ends=ends,
        horizon=horizon, at=at or None, percents=percents or None,
        against=_against(against, against_touched),
        against_where=json_object("--against-where", against_where),
    )  # fmt: skip
    answer = ask(question, journeys)
    if as_json:
        print_json(answer, journeys)
    else:
        print_times(answer, journeys)


def _against(attributes: _Texts, touched: _Texts) -> Any:
    """The condition on the second population, None where none was given."""
    wanted: dict[str, list[str]] = {}
    for text in attributes or ():
        name, value = pair("--against", text)
        wanted.setdefault(name, []).append(value)
    given = {"attributes": wanted or None, "touched": touched or None}
    return {name: value for name, value in given.items() if value is not None} or None


def print_times(answer: TimeToConvertAnswer, journeys: Journeys) -> None:
    """Print curves and quantiles as tables."""
    _print_curve("Time to convert", answer.times, journeys)
    if answer.against is not None:
        _print_curve("Time to convert, second population", answer.against, journeys)
    test = answer.log_rank
    if test is not None and test.p_value is not None:
        p_value = "< 0.001" if test.p_value < 0.001 else f"{test.p_value:.3f}"
        say(
            f"Log-rank: {count(test.observed)} conversions in the first population, "
            f"{test.expected:,.1f} expected if both were alike, p {p_value}"
        )
    for warning in answer.warnings:
        warn(f"Note: {warning}")


def _print_curve(title: str, times: ConversionTimes, journeys: Journeys) -> None:
    print_table(
        f"{title} – of {count(times.started)} {journeys.unit}s that started "
        f"{count(times.converted)} converted, {count(times.competed)} did something else first, "
        f"{count(times.ended)} left, {count(times.open)} are still open",
        ["after", "converted", "something else", "left", "nothing yet", "still followed"],
        [
            [
                seconds(node.seconds), _share(node.converted), share(node.competed.value),
                share(node.ended.value), share(node.waiting.value), count(node.at_risk),
            ]
            for node in times.nodes
        ],
    )  # fmt: skip
    print_table(
        "Converted by",
        ["percent", "after", "at the earliest", "at the latest"],
        [
            [
                f"{one.percent} %", seconds(one.seconds), seconds(one.low_seconds),
                seconds(one.high_seconds),
            ]
            for one in times.quantiles
        ],
    )  # fmt: skip


def _share(found: Probability) -> str:
    if found.low is None or found.high is None:
        return share(found.value)
    return f"{share(found.value)} [{100 * found.low:.1f}, {100 * found.high:.1f}]"
