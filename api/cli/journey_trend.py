"""A measure over calendar time or by cohort, as a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.population import AfterOption, AgainstWhere, json_object, over_journeys
from api.cli.showing import JsonOption, show_answer
from api.cli.tables import count, p_value, print_table, seconds, warn

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.differences import Difference
    from queries.journey_trend import JourneyTrendAnswer
    from queries.trend_points import JourneyTrendPoint, JourneyTrendSide

__all__ = ["add_to", "print_trend"]


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("journey-trend")(over_journeys(journey_trend))


def journey_trend(
    journeys: Journeys,
    of: Annotated[
        str, typer.Option(help="Which measure, as value, outcome_rate, emotion or complaints.")
    ],
    every: Annotated[
        str, typer.Option(help="How long a point is: day, week, month, quarter or year.")
    ] = "month",
    item: Annotated[
        str | None, typer.Option(help="Item of item_share and item_reach, and of exit_rate.")
    ] = None,
    step: Annotated[
        list[str] | None,
        typer.Option(help="Step of funnel_conversion, as 'search|advert'; repeatable, in order."),
    ] = None,
    within: Annotated[
        str | None, typer.Option(help="How long units are followed, as 30d; of cohorts, customers.")
    ] = None,
    cohorts: Annotated[
        bool, typer.Option("--cohorts", help="Count by their customers' first interaction.")
    ] = False,
    against_where: AgainstWhere = None,
    permutations: Annotated[
        int, typer.Option(help="How often periods are shuffled to tell changes from chance.")
    ] = 999,
    seed: Annotated[int, typer.Option(help="Of the shuffles.")] = 0,
    first: Annotated[int, typer.Option("--first", help="How many points.")] = 100,
    after: AfterOption = None,
    as_json: JsonOption = False,
) -> None:
    """Trend: a measure over calendar time or by cohort, and where its level changes.

    What a batch job stored is followed by the command trend.
    """
    from queries.journey_trend import JourneyTrend
    from queries.journey_trend import journey_trend as ask

    question = JourneyTrend(
        of=of, every=every, item=item, steps=step or None, within=within, cohorts=cohorts,
        against_where=json_object("--against-where", against_where), permutations=permutations,
        seed=seed, first=first, after=after,
    )  # fmt: skip
    show_answer(ask(question, journeys), journeys, as_json, print_trend)


def print_trend(answer: JourneyTrendAnswer, journeys: Journeys) -> None:
    """Print the points, and the changes of level."""
    is_share = answer.kind.value == "share"
    followed = "" if answer.within_seconds is None else f", within {seconds(answer.within_seconds)}"
    title = f"{answer.of.value.replace('_', ' ').capitalize()} by {answer.every.value}"
    cohorts = " of the customer's first interaction" if answer.cohorts else ""
    heads = ["period", "", "interval", "n", "of", "open"]
    second = ["against", "interval", "of", "difference", "p", "q"]
    print_table(
        f"{title}{cohorts} – {answer.meaning}{followed}; {count(answer.units)} {journeys.unit}s",
        heads if answer.against_units is None else [*heads, *second],
        [_row(point, is_share) for point in answer.nodes],
    )
    if answer.changes:
        print_table(
            "Changes of level",
            ["from", "found between", "before", "after", "p", "q"],
            [
                [
                    one.period, f"{one.from_period} – {one.to_period}",
                    _plain(one.before, is_share), _plain(one.after, is_share),
                    p_value(one.p_value), p_value(one.q_value),
                ]
                for one in answer.changes
            ],
            texts=2,
        )  # fmt: skip
    for warning in answer.warnings:
        warn(f"Note: {warning}")


def _row(point: JourneyTrendPoint, is_share: bool) -> list[str]:
    told = [
        point.period + ("" if point.whole else " (partial)") + (" (few)" if point.small else ""),
        _plain(point.value, is_share), _ends(point, is_share), count(point.n), count(point.of),
        count(point.open),
    ]  # fmt: skip
    if point.against is None or point.difference is None:
        return told
    against, difference = point.against, point.difference
    return [
        *told, _plain(against.value, is_share), _ends(against, is_share), count(against.of),
        _plain(difference.value, is_share), p_value(difference.p_value),
        p_value(difference.q_value),
    ]  # fmt: skip


def _ends(one: JourneyTrendSide | Difference, is_share: bool) -> str:
    if one.low is None or one.high is None:
        return "–"
    return f"{_plain(one.low, is_share)} to {_plain(one.high, is_share)}"


def _plain(number: float | None, is_share: bool) -> str:
    if number is None:
        return "–"
    if is_share:
        return f"{100 * number:.1f} %"
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.2f}"
